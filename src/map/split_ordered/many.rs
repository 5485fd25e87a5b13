//! Many keys in one call. A search in a large map waits for memory at every step; those of a group take
//! their steps in turn, so that one wait serves them all.

use super::{
    SplitOrderedMap,
    list::{GROUP, Lanes},
    node::{Item, Pinned},
};
use crate::reclaim::{Guard, Owned, Reclaims};
use core::{
    borrow::Borrow,
    fmt,
    hash::{BuildHasher, Hash},
    iter::FusedIterator,
};

/// Lookups and insertions of many.
impl<K, V, S, D> SplitOrderedMap<K, V, S, D>
where
    K: Hash + Eq,
    S: BuildHasher,
    D: Reclaims<(K, V)>,
{
    /// The values of `keys`, one answer for each, in their order. Lock-free.
    ///
    /// Keys are taken sixteen at a time, up to thirty-two ahead, and each is looked up at some moment between
    /// then and its answer. Where the map does not fit into the processor's caches that takes less time
    /// than [`get`](Self::get). After a key has panicked there are no more answers.
    ///
    /// ```
    /// # #[cfg(feature = "std")] {
    /// use counterpoint::map::SplitOrderedMap;
    /// let map = SplitOrderedMap::from([("a", 1), ("b", 2)]);
    /// let map = map.pin();
    /// assert!(map.get_many(&["b", "c", "a"]).eq([Some(&2), None, Some(&1)]));
    /// # }
    /// ```
    ///
    /// # Panics
    /// When the guard belongs to another collector.
    #[track_caller]
    pub fn get_many<'g, 'k, Q, I>(
        &'g self,
        keys: I,
        guard: &'g Guard<'_>,
    ) -> GetMany<'g, 'k, K, V, S, D, Q, I::IntoIter>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
        I: IntoIterator<Item = &'k Q>,
    {
        GetMany { entries: self.get_key_value_many(keys, guard) }
    }

    /// As [`get_many`](Self::get_many), with the stored keys.
    ///
    /// # Panics
    /// When the guard belongs to another collector.
    #[track_caller]
    pub fn get_key_value_many<'g, 'k, Q, I>(
        &'g self,
        keys: I,
        guard: &'g Guard<'_>,
    ) -> GetKeyValueMany<'g, 'k, K, V, S, D, Q, I::IntoIter>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
        I: IntoIterator<Item = &'k Q>,
    {
        let (pinned, keys) = (self.admit(guard), keys.into_iter());
        let stages = [(); 3].map(|()| Lanes::new());
        let (exhausted, broken) = (false, false);
        GetKeyValueMany {
            map: self,
            pinned,
            keys,
            stages,
            done: 0,
            next: 0,
            ready: 0,
            exhausted,
            broken,
        }
    }

    /// Sets the values of many keys, one after the other; returns how many of them were absent. Lock-free.
    ///
    /// Entries are taken sixteen at a time, before the first of them is inserted.
    ///
    /// ```
    /// # #[cfg(feature = "std")] {
    /// use counterpoint::map::SplitOrderedMap;
    /// let map = SplitOrderedMap::from([(1, "old")]);
    /// assert_eq!(map.pin().insert_many([(1, "new"), (2, "new"), (3, "new")]), 2);
    /// assert_eq!(map.pin().get(&1), Some(&"new"));
    /// # }
    /// ```
    ///
    /// # Panics
    /// When the guard belongs to another collector. When the iterator panics, or a key, what was taken
    /// and is not inserted is dropped.
    #[track_caller]
    pub fn insert_many(
        &self,
        entries: impl IntoIterator<Item = (K, V)>,
        guard: &Guard<'_>,
    ) -> usize {
        let pinned = self.admit(guard);
        let mut entries = entries.into_iter();
        let mut absent = 0;
        loop {
            let mut items: [Option<Owned<Item<K, V>>>; GROUP] = [const { None }; GROUP];
            let mut taken = 0;
            for (place, (key, value)) in items.iter_mut().zip(entries.by_ref()) {
                let order = self.order_of(&key);
                self.table.prefetch(order);
                *place = Some(Item::new(order, key, value));
                taken += 1;
            }
            for item in items.iter().flatten() {
                self.table.prefetch_first(item.order, pinned);
            }
            for item in items.into_iter().flatten() {
                absent += usize::from(self.insert_item(item, pinned).is_none());
            }
            if taken < GROUP {
                return absent;
            }
        }
    }
}

/// Looks up many keys; made by [`SplitOrderedMap::get_key_value_many`].
///
/// # Stages
/// Three groups are under way: of one the buckets were asked for, of the next the first nodes, and the
/// last one's searches are done. While one is searched, the memory for the others comes.
pub struct GetKeyValueMany<'g, 'k, K, V, S, D, Q: ?Sized, I> {
    map: &'g SplitOrderedMap<K, V, S, D>,
    pinned: Pinned<'g, K, V>,
    keys: I,
    /// From `done` on, around: the group whose searches are done, the one before it, and the one taken last.
    stages: [Lanes<'g, 'k, K, V, Q>; 3],
    done: usize,
    /// How many answers of the group that is done have been yielded, ...
    next: usize,
    /// ... and how many there are.
    ready: usize,
    /// Whether there are no more keys.
    exhausted: bool,
    /// Whether a key has panicked, and so answers are missing.
    broken: bool,
}

/// Looks up the values of many keys; made by [`SplitOrderedMap::get_many`].
pub struct GetMany<'g, 'k, K, V, S, D, Q: ?Sized, I> {
    entries: GetKeyValueMany<'g, 'k, K, V, S, D, Q, I>,
}

impl<'g, 'k, K, V, S, D, Q, I> GetKeyValueMany<'g, 'k, K, V, S, D, Q, I>
where
    K: Borrow<Q> + Hash + Eq,
    Q: Hash + Eq + ?Sized,
    S: BuildHasher,
    I: Iterator<Item = &'k Q>,
{
    /// How many keys were taken that are not searched yet.
    fn under_way(&self) -> usize {
        self.stages[(self.done + 1) % 3].len + self.stages[(self.done + 2) % 3].len
    }

    /// Takes the next group of keys, and moves those before it on by one stage.
    fn advance(&mut self) {
        let [first, second, third] = [0, 1, 2].map(|stage| (self.done + stage) % 3);
        (self.next, self.ready, self.broken) = (0, 0, true);
        self.take(first);
        let (table, pinned) = (&self.map.table, self.pinned);
        table.begin_many(&mut self.stages[third], pinned);
        table.end_many(&mut self.stages[second], |stored, key| stored.borrow() == key, pinned);
        (self.done, self.ready, self.broken) = (second, self.stages[second].len, false);
    }

    /// Takes a group of keys, and asks for their buckets.
    fn take(&mut self, stage: usize) {
        let lanes = &mut self.stages[stage];
        lanes.len = 0;
        if self.exhausted {
            return;
        }
        for (lane, key) in lanes.lanes.iter_mut().zip(self.keys.by_ref()) {
            (lane.key, lane.order) = (Some(key), self.map.order_of(key));
            self.map.table.prefetch_bucket(lane.order);
            lanes.len += 1;
        }
        self.exhausted = lanes.len < GROUP;
    }
}

impl<'g, 'k, K, V, S, D, Q, I> Iterator for GetKeyValueMany<'g, 'k, K, V, S, D, Q, I>
where
    K: Borrow<Q> + Hash + Eq,
    Q: Hash + Eq + ?Sized,
    S: BuildHasher,
    I: Iterator<Item = &'k Q>,
{
    type Item = Option<(&'g K, &'g V)>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        while self.next == self.ready {
            if self.broken || self.exhausted && self.under_way() == 0 {
                return None;
            }
            self.advance();
        }
        let found = self.stages[self.done].lanes[self.next].found;
        self.next += 1;
        Some(found.map(Item::entry))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        if self.broken {
            return (0, Some(0));
        }
        let (lower, upper) = if self.exhausted { (0, Some(0)) } else { self.keys.size_hint() };
        let held = self.ready - self.next + self.under_way();
        (lower.saturating_add(held), upper.and_then(|upper| upper.checked_add(held)))
    }
}

impl<'g, 'k, K, V, S, D, Q, I> Iterator for GetMany<'g, 'k, K, V, S, D, Q, I>
where
    K: Borrow<Q> + Hash + Eq,
    Q: Hash + Eq + ?Sized,
    S: BuildHasher,
    I: Iterator<Item = &'k Q>,
{
    type Item = Option<&'g V>;

    #[inline]
    fn next(&mut self) -> Option<Option<&'g V>> {
        self.entries.next().map(|found| found.map(|(_, value)| value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.entries.size_hint()
    }
}

impl<K, V, S, D, Q: ?Sized, I: ExactSizeIterator> ExactSizeIterator
    for GetKeyValueMany<'_, '_, K, V, S, D, Q, I>
where
    Self: Iterator,
{
}
impl<K, V, S, D, Q: ?Sized, I: Iterator> FusedIterator for GetKeyValueMany<'_, '_, K, V, S, D, Q, I> where
    Self: Iterator
{
}
impl<K, V, S, D, Q: ?Sized, I: ExactSizeIterator> ExactSizeIterator
    for GetMany<'_, '_, K, V, S, D, Q, I>
where
    Self: Iterator,
{
}
impl<K, V, S, D, Q: ?Sized, I: Iterator> FusedIterator for GetMany<'_, '_, K, V, S, D, Q, I> where
    Self: Iterator
{
}

impl<K, V, S, D, Q: ?Sized, I> fmt::Debug for GetKeyValueMany<'_, '_, K, V, S, D, Q, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GetKeyValueMany").finish_non_exhaustive()
    }
}

impl<K, V, S, D, Q: ?Sized, I> fmt::Debug for GetMany<'_, '_, K, V, S, D, Q, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GetMany").finish_non_exhaustive()
    }
}
