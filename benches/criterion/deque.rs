//! Deques under Criterion: `cargo bench --bench deque`.

mod charted;

use counterpoint_benches::deque::WORKLOADS;

fn main() {
    charted::bench(WORKLOADS);
}
