//! Counterpoint measured beside its peers.
//!
//! Two ways to run it, both over the same workloads:
//!
//! - `cargo run --release` (the binary `dashboard`): the *paired* runner. Contestants alternate in
//!   rounds, and a ratio is the median of per-round ratios, so that drift of the machine cancels.
//!   Writes `target/dashboard/{index.html,summary.txt,summary.json}` at the root of the repository.
//! - `cargo bench`: Criterion, one subject a file, with its own charts in `target/criterion`.
//!
//! What must stay true, or the figures mean nothing: every contestant of a cell does the same
//! operations on the same seeded data, from the same persistent threads, with the same allocator,
//! the same compiler settings and (maps) the same hasher; threads are never started inside a
//! measurement; a peer is used the way its own documentation advises.
//!
//! | module | what it is |
//! |--------|------------|
//! | [`queue`], [`deque`], [`stack`], [`bag`], [`map`], [`reclaim`], [`sync`] | one subject each: a trait, an adapter a contestant, the workloads |
//! | [`workload`] | what a workload and a contestant are |
//! | [`stream`] | seeded keys, and how workers walk them |
//! | [`crew`] | persistent threads and the clock |
//! | [`pairing`] | rounds, calibration, ratios |
//! | [`report`] | the page, the table, the JSON |

pub mod bag;
pub mod crew;
pub mod deque;
pub mod map;
pub mod pairing;
pub mod queue;
pub mod reclaim;
pub mod report;
pub mod stack;
pub mod stream;
pub mod sync;
pub mod workload;

use workload::Workload;

/// Every workload of every subject, in the order of the report.
pub fn workloads() -> Vec<Workload> {
    [
        queue::WORKLOADS,
        deque::WORKLOADS,
        stack::WORKLOADS,
        bag::WORKLOADS,
        map::WORKLOADS,
        reclaim::WORKLOADS,
        sync::WORKLOADS,
    ]
    .concat()
}
