//! Growth: all keys are inserted into an empty map that was promised nothing, each worker its own
//! share. An operation is one insert; every run begins with a new map, whose making and dropping
//! is not measured.

use std::sync::Arc;

use super::Map;
use super::dashmap::DashMap;
use super::locked::LockedMap;
use super::ours::SplitOrderedMap;
use super::papaya::Papaya;
use super::scc_index::SccIndex;
use super::scc_map::SccMap;
use crate::crew::Task;
use crate::stream::{Stream, keys};
use crate::workload::{Contestant, PER_64};

/// Every map, grown to `size` keys by `threads` workers.
pub(super) fn field(size: usize, threads: usize) -> Vec<Contestant> {
    let keys = keys(5, size);
    vec![
        Growth::<SplitOrderedMap>::contestant(&keys, threads),
        Growth::<Papaya>::contestant(&keys, threads),
        Growth::<DashMap>::contestant(&keys, threads),
        Growth::<SccMap>::contestant(&keys, threads),
        Growth::<SccIndex>::contestant(&keys, threads),
        Growth::<LockedMap>::contestant(&keys, threads),
    ]
}

struct Growth<M> {
    map: M,
    keys: Stream<u64>,
}

impl<M: Map> Growth<M> {
    fn contestant(keys: &Arc<[u64]>, threads: usize) -> Contestant {
        let (size, keys) = (keys.len(), keys.clone());
        Contestant::fresh(M::NAME, size, move || Self {
            map: M::with_capacity(0),
            keys: Stream::new(keys.clone(), threads),
        })
    }
}

impl<M: Map> Task for Growth<M> {
    fn run(&self, worker: usize, ops: usize) {
        self.keys.visit::<PER_64>(worker, ops, |span| {
            let session = self.map.session();
            for &key in span {
                M::insert(&session, key, !key);
            }
        });
    }
}
