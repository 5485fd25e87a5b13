//! How far searches walk. Time would tell it only under load, and `Eq` is not asked on the way: it
//! takes a look inside.

use super::*;
use crate::map::SplitOrderedMap;
use core::hash::{BuildHasherDefault, Hasher};

/// An integer is its own hash.
#[derive(Default)]
struct Identity(u64);

impl Hasher for Identity {
    fn write(&mut self, _: &[u8]) {
        unreachable!("keys are integers");
    }
    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
    fn finish(&self) -> u64 {
        self.0
    }
}

/// The most nodes that the search for one of the keys passes, and the sum over all.
fn walks(keys: impl Iterator<Item = u64> + Clone) -> (usize, usize) {
    let map = SplitOrderedMap::with_hasher(BuildHasherDefault::<Identity>::default());
    for key in keys.clone() {
        map.pin().insert(key, ());
    }
    let view = map.pin();
    // SAFETY: the map is of this thread alone, and the global domain may drop `(u64, ())`.
    let pinned = unsafe { Pinned::new(view.guard()) };
    let walked = |key| {
        let position = map.table.search(map.order_of(&key), |stored| *stored == key, pinned);
        assert!(position.found);
        position.walked
    };
    keys.map(walked).fold((0, 0), |(most, sum), walked| (most.max(walked), sum + walked))
}

#[test]
fn regular_integers_through_an_identity_hasher_are_found_within_few_nodes() {
    const COUNT: u64 = 4_000;
    let strides = [1, 2, 3, 8, 1000, 4096, 1 << 20, 1 << 32, (1 << 32) + 1, 1 << 48];
    for stride in strides {
        let keys = (0..COUNT).map(|number| number * stride);
        for (most, sum) in [walks(keys.clone()), walks(keys.rev())] {
            assert!(most <= 8, "a search passes {most} nodes, with stride {stride}");
            assert!(sum <= 3 * COUNT as usize, "{sum} in all, with stride {stride}");
        }
    }
}
