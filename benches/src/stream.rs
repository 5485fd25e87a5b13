//! Seeded data, and the way workers walk it.
//!
//! All contestants of a cell share one sequence of items; each worker begins at its own place,
//! resumes where it stopped in the round before, and wraps around. The same seeds every time.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crossbeam_utils::CachePadded;
use fastrand::Rng;

/// A sequence shared by the contestants, with a place in it for each worker of one contestant.
pub struct Stream<T> {
    items: Arc<[T]>,
    places: Box<[CachePadded<AtomicUsize>]>,
}

impl<T> Stream<T> {
    /// Spreads the first places of `workers` workers evenly over `items`.
    pub fn new(items: Arc<[T]>, workers: usize) -> Stream<T> {
        let place = |worker| CachePadded::new(AtomicUsize::new(items.len() / workers * worker));
        let places = (0..workers).map(place).collect();
        Stream { items, places }
    }

    /// Visits the next `ops` items of `worker`, in spans of at most `SPAN` items: the operations
    /// that one guard covers.
    #[inline]
    pub fn visit<const SPAN: usize>(&self, worker: usize, ops: usize, mut f: impl FnMut(&[T])) {
        // Relaxed, here and below: only this worker uses its place.
        let mut place = self.places[worker].load(Ordering::Relaxed);
        let mut left = ops;
        while left > 0 {
            let end = self.items.len().min(place + left);
            self.items[place..end].chunks(SPAN).for_each(&mut f);
            left -= end - place;
            place = if end == self.items.len() { 0 } else { end };
        }
        self.places[worker].store(place, Ordering::Relaxed);
    }
}

/// `count` distinct random keys. Different seeds give disjoint sets: the seed is the top byte of
/// every key.
pub fn keys(seed: u8, count: usize) -> Arc<[u64]> {
    let mut rng = Rng::with_seed(u64::from(seed));
    let mut key = || rng.u64(..) >> 8 | u64::from(seed) << 56;
    let keys: Arc<[u64]> = (0..count).map(|_| key()).collect();
    let distinct: HashSet<_> = keys.iter().collect();
    assert_eq!(distinct.len(), count, "seed {seed} repeats a key");
    keys
}

/// The same keys in another random order: the order of lookups is not that of insertion.
pub fn reordered(keys: &[u64]) -> Arc<[u64]> {
    let mut keys = keys.to_vec();
    Rng::with_seed(keys.len() as u64).shuffle(&mut keys);
    keys.into()
}
