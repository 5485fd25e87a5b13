//! What a map of a million entries takes: resident memory, and the longest insertion on the way there.
//!
//! Each figure comes from a process of its own, which fills one map from one thread and ends; what the
//! keys take is there before. The resident memory is the system's count, before and after.

use std::fs;
use std::time::{Duration, Instant};

use super::dashmap::DashMap;
use super::locked::LockedMap;
use super::ours::SplitOrderedMap;
use super::papaya::Papaya;
use super::scc_index::SccIndex;
use super::scc_map::SccMap;
use super::{LARGE, Map};
use crate::stream::keys;
use crate::workload::PER_64;

/// What one process found.
#[derive(Clone, Copy, Debug)]
pub struct Footprint {
    /// Bytes of resident memory that the map has taken.
    pub resident: u64,
    /// The longest insertion.
    pub longest: Duration,
}

/// How a map is filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filled {
    /// From empty, growing.
    Grown,
    /// With the capacity for all.
    Promised,
}

/// The maps, ours first.
pub const MAPS: &[(&str, fn(Filled) -> Footprint)] = &[
    (SplitOrderedMap::NAME, measure::<SplitOrderedMap>),
    (Papaya::NAME, measure::<Papaya>),
    (DashMap::NAME, measure::<DashMap>),
    (SccMap::NAME, measure::<SccMap>),
    (SccIndex::NAME, measure::<SccIndex>),
    (LockedMap::NAME, measure::<LockedMap>),
];

fn measure<M: Map>(filled: Filled) -> Footprint {
    let keys = keys(6, LARGE);
    let before = resident();
    let map = M::with_capacity(if filled == Filled::Promised { LARGE } else { 0 });
    let mut longest = Duration::ZERO;
    for some in keys.chunks(PER_64) {
        let session = map.session();
        for &key in some {
            let begin = Instant::now();
            M::insert(&session, key, !key);
            longest = longest.max(begin.elapsed());
        }
    }
    // Every bucket is met once, as in any map that is used.
    let session = map.session();
    assert_eq!(M::get_all(&session, &keys), LARGE, "{} lost a key", M::NAME);
    Footprint { resident: resident().saturating_sub(before), longest }
}

/// The bytes of this process that are in memory.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("a Linux with /proc");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.expect("the resident memory in kilobytes") * 1024
}
