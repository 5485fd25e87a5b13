//! Reclamation under Criterion: `cargo bench --bench reclaim`.

mod charted;

use counterpoint_benches::reclaim::WORKLOADS;

fn main() {
    charted::bench(WORKLOADS);
}
