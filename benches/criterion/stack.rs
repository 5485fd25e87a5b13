//! Stacks under Criterion: `cargo bench --bench stack`.

mod charted;

use counterpoint_benches::stack::WORKLOADS;

fn main() {
    charted::bench(WORKLOADS);
}
