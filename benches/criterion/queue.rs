//! Queues under Criterion: `cargo bench --bench queue`.

mod charted;

use counterpoint_benches::queue::WORKLOADS;

fn main() {
    charted::bench(WORKLOADS);
}
