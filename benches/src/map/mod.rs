//! Maps: `SplitOrderedMap` beside papaya, dashmap, scc (HashMap and HashIndex) and a locked
//! HashMap.
//!
//! Keys and values are `u64`; every map hashes with the same foldhash. [`lookup`]: hits and misses
//! in a map that does not change. [`mixed`]: reads, inserts, removes and updates on a key space of
//! which half is present. [`growth`]: all keys into an empty map that was promised nothing.

pub mod footprint;
mod growth;
mod lookup;
mod mixed;

mod dashmap;
mod locked;
mod ours;
mod papaya;
mod scc_index;
mod scc_map;

use std::hint::black_box;

use crate::map::lookup::{HIT, MISS};
use crate::workload::{Contestant, Figure, KEPT, PER_CALL, Workload};

/// The hasher of every map: the same seed, so that the runs repeat.
pub type Hasher = foldhash::fast::FixedState;

/// What a map must offer to be measured.
pub trait Map: Send + Sync + 'static {
    /// Its name in the report.
    const NAME: &'static str;
    /// What a caller holds across operations: a guard, or just the map.
    type Session<'m>;
    /// A map that expects `capacity` entries; 0 promises nothing.
    fn with_capacity(capacity: usize) -> Self;
    /// Begins a session.
    fn session(&self) -> Self::Session<'_>;
    /// The value at `key`.
    fn get(session: &Self::Session<'_>, key: u64) -> Option<u64>;
    /// How many of `keys` are present, all looked up.
    #[inline]
    fn get_all(session: &Self::Session<'_>, keys: &[u64]) -> usize {
        keys.iter().filter(|key| black_box(Self::get(session, **key)).is_some()).count()
    }
    /// Inserts a key that is absent, unless another call inserts it first.
    fn insert(session: &Self::Session<'_>, key: u64, value: u64);
    /// Inserts if the key is absent; true if it was.
    fn try_insert(session: &Self::Session<'_>, key: u64, value: u64) -> bool;
    /// Removes the key; true if it was present.
    fn remove(session: &Self::Session<'_>, key: u64) -> bool;
    /// Adds 1 to the value, if the key is present; true if it was.
    fn update(session: &Self::Session<'_>, key: u64) -> bool;
}

const EVERY_COUNT: &[usize] = &[1, 2, 4, 8];
const SMALL: usize = 10_000;
const LARGE: usize = 1_000_000;

/// The workloads of this subject.
pub const WORKLOADS: &[Workload] = &[
    get("hit-10k-kept", "Hits, 10 thousand keys, guard kept", |threads| {
        lookup::field::<KEPT, HIT>(SMALL, threads)
    }),
    get("hit-10k-pin", "Hits, 10 thousand keys, pin per call", |threads| {
        lookup::field::<PER_CALL, HIT>(SMALL, threads)
    }),
    get("hit-1m-kept", "Hits, 1 million keys, guard kept", |threads| {
        lookup::field::<KEPT, HIT>(LARGE, threads)
    }),
    get("hit-1m-pin", "Hits, 1 million keys, pin per call", |threads| {
        lookup::field::<PER_CALL, HIT>(LARGE, threads)
    }),
    get("miss-10k-kept", "Misses, 10 thousand keys, guard kept", |threads| {
        lookup::field::<KEPT, MISS>(SMALL, threads)
    }),
    get("miss-10k-pin", "Misses, 10 thousand keys, pin per call", |threads| {
        lookup::field::<PER_CALL, MISS>(SMALL, threads)
    }),
    get("miss-1m-kept", "Misses, 1 million keys, guard kept", |threads| {
        lookup::field::<KEPT, MISS>(LARGE, threads)
    }),
    get("miss-1m-pin", "Misses, 1 million keys, pin per call", |threads| {
        lookup::field::<PER_CALL, MISS>(LARGE, threads)
    }),
    get("hit-10k-many", "Hits, 10 thousand keys, 64 together", |threads| {
        lookup::together(SMALL, threads)
    }),
    get("hit-1m-many", "Hits, 1 million keys, 64 together", |threads| {
        lookup::together(LARGE, threads)
    }),
    mix("mix-10k", "98 % get, 1 % insert, 1 % remove, 10 thousand keys", |threads| {
        mixed::read_mostly(SMALL, threads)
    }),
    mix("mix-1m", "98 % get, 1 % insert, 1 % remove, 1 million keys", |threads| {
        mixed::read_mostly(LARGE, threads)
    }),
    mix(
        "exchange-10k",
        "10 % get, 40 % insert, 40 % remove, 10 % update, 10 thousand keys",
        |threads| mixed::exchange(SMALL, threads),
    ),
    mix(
        "exchange-1m",
        "10 % get, 40 % insert, 40 % remove, 10 % update, 1 million keys",
        |threads| mixed::exchange(LARGE, threads),
    ),
    Workload {
        subject: "map",
        name: "growth-10k",
        title: "Growth from empty to 10 thousand keys",
        figure: Figure::Time("insert, guard per 64"),
        threads: &[1],
        field: |threads| growth::field(SMALL, threads),
    },
    Workload {
        subject: "map",
        name: "growth-1m",
        title: "Growth from empty to 1 million keys",
        figure: Figure::Time("insert, guard per 64"),
        threads: EVERY_COUNT,
        field: |threads| growth::field(LARGE, threads),
    },
];

const fn get(
    name: &'static str,
    title: &'static str,
    field: fn(usize) -> Vec<Contestant>,
) -> Workload {
    Workload {
        subject: "map",
        name,
        title,
        figure: Figure::Time("get"),
        threads: EVERY_COUNT,
        field,
    }
}

const fn mix(
    name: &'static str,
    title: &'static str,
    field: fn(usize) -> Vec<Contestant>,
) -> Workload {
    let figure = Figure::Time("operation, guard per 64");
    Workload { subject: "map", name, title, figure, threads: EVERY_COUNT, field }
}

/// Fills a map with `keys`, in their order.
fn fill<M: Map>(map: &M, keys: impl IntoIterator<Item = u64>) {
    let session = map.session();
    for key in keys {
        M::insert(&session, key, !key);
    }
}
