//! Bags under Criterion: `cargo bench --bench bag`.

mod charted;

use counterpoint_benches::bag::WORKLOADS;

fn main() {
    charted::bench(WORKLOADS);
}
