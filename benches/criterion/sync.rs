//! Locks under Criterion: `cargo bench --bench sync`.

mod charted;

use counterpoint_benches::sync::WORKLOADS;

fn main() {
    charted::bench(WORKLOADS);
}
