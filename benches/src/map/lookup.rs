//! Hits and misses in a map that was filled before and does not change: an operation is one get of
//! a random key, all present or all absent. Every key was looked up once before, so that what a map
//! puts off until a bucket is first met is behind it.

use std::hint::black_box;
use std::sync::Arc;

use super::dashmap::DashMap;
use super::locked::LockedMap;
use super::ours::{Many, SplitOrderedMap};
use super::papaya::Papaya;
use super::scc_index::SccIndex;
use super::scc_map::SccMap;
use super::{Map, fill};
use crate::crew::Task;
use crate::stream::{Stream, keys, reordered};
use crate::workload::{Contestant, PER_64};

/// All keys that are looked up are present.
pub(super) const HIT: bool = true;
/// All keys that are looked up are absent.
pub(super) const MISS: bool = false;

/// Every map with `size` keys, looked up by `threads` workers.
pub(super) fn field<const SPAN: usize, const PRESENT: bool>(
    size: usize,
    threads: usize,
) -> Vec<Contestant> {
    let present = keys(1, size);
    let wanted = if PRESENT { reordered(&present) } else { keys(2, size) };
    let data = Data { present, wanted };
    vec![
        Lookup::<SplitOrderedMap, SPAN, PRESENT>::contestant(&data, threads),
        Lookup::<Papaya, SPAN, PRESENT>::contestant(&data, threads),
        Lookup::<DashMap, SPAN, PRESENT>::contestant(&data, threads),
        Lookup::<SccMap, SPAN, PRESENT>::contestant(&data, threads),
        Lookup::<SccIndex, SPAN, PRESENT>::contestant(&data, threads),
        Lookup::<LockedMap, SPAN, PRESENT>::contestant(&data, threads),
    ]
}

/// Every map with `size` keys, all present, looked up 64 at a time.
pub(super) fn together(size: usize, threads: usize) -> Vec<Contestant> {
    let present = keys(1, size);
    let data = Data { wanted: reordered(&present), present };
    vec![
        Together::<Many>::contestant(&data, threads),
        Together::<SplitOrderedMap>::contestant(&data, threads),
        Together::<Papaya>::contestant(&data, threads),
        Together::<DashMap>::contestant(&data, threads),
        Together::<SccMap>::contestant(&data, threads),
        Together::<SccIndex>::contestant(&data, threads),
    ]
}

struct Data {
    present: Arc<[u64]>,
    wanted: Arc<[u64]>,
}

struct Lookup<M, const SPAN: usize, const PRESENT: bool> {
    map: M,
    wanted: Stream<u64>,
}

impl<M: Map, const SPAN: usize, const PRESENT: bool> Lookup<M, SPAN, PRESENT> {
    fn contestant(data: &Data, threads: usize) -> Contestant {
        let map = M::with_capacity(data.present.len());
        fill(&map, data.present.iter().copied());
        let wanted = Stream::new(data.wanted.clone(), threads);
        let lookup = Self { map, wanted };
        lookup.run(0, data.wanted.len());
        Contestant::steady(M::NAME, lookup)
    }
}

impl<M: Map, const SPAN: usize, const PRESENT: bool> Task for Lookup<M, SPAN, PRESENT> {
    fn run(&self, worker: usize, ops: usize) {
        let mut found = 0;
        self.wanted.visit::<SPAN>(worker, ops, |span| {
            let session = self.map.session();
            for &key in span {
                found += usize::from(black_box(M::get(&session, key)).is_some());
            }
        });
        assert_eq!(found, if PRESENT { ops } else { 0 }, "{} lost or invented a key", M::NAME);
    }
}

struct Together<M> {
    map: M,
    wanted: Stream<u64>,
}

impl<M: Map> Together<M> {
    fn contestant(data: &Data, threads: usize) -> Contestant {
        let map = M::with_capacity(data.present.len());
        fill(&map, data.present.iter().copied());
        let wanted = Stream::new(data.wanted.clone(), threads);
        let together = Self { map, wanted };
        together.run(0, data.wanted.len());
        Contestant::steady(M::NAME, together)
    }
}

impl<M: Map> Task for Together<M> {
    fn run(&self, worker: usize, ops: usize) {
        let mut found = 0;
        self.wanted.visit::<PER_64>(worker, ops, |span| {
            found += M::get_all(&self.map.session(), span);
        });
        assert_eq!(found, ops, "{} lost a key", M::NAME);
    }
}
