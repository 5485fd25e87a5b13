//! Maps under Criterion: `cargo bench --bench map`.

mod charted;

use counterpoint_benches::map::WORKLOADS;

fn main() {
    charted::bench(WORKLOADS);
}
