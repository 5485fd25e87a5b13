//! Many keys in one call. A search in a large map waits for memory at every step; those of a group take
//! their steps in turn, so that one wait serves them all.

use super::{
    SplitOrderedMap,
    list::GROUP,
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
    /// Keys are taken sixteen at a time, and each is looked up at some moment between then and its
    /// answer. Where the map does not fit into the processor's caches that takes about half of the time of
    /// [`get`](Self::get).
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
    ) -> GetMany<'g, K, V, S, D, I::IntoIter>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized + 'k,
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
    ) -> GetKeyValueMany<'g, K, V, S, D, I::IntoIter>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized + 'k,
        I: IntoIterator<Item = &'k Q>,
    {
        let (pinned, keys) = (self.admit(guard), keys.into_iter());
        GetKeyValueMany { map: self, pinned, keys, found: [None; GROUP], next: 0, len: 0 }
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
pub struct GetKeyValueMany<'g, K, V, S, D, I> {
    map: &'g SplitOrderedMap<K, V, S, D>,
    pinned: Pinned<'g, K, V>,
    keys: I,
    /// What was found of the group that was taken last: `next..len` is not yet yielded.
    found: [Option<&'g Item<K, V>>; GROUP],
    next: usize,
    len: usize,
}

/// Looks up the values of many keys; made by [`SplitOrderedMap::get_many`].
pub struct GetMany<'g, K, V, S, D, I> {
    entries: GetKeyValueMany<'g, K, V, S, D, I>,
}

impl<'g, 'k, K, V, S, D, Q, I> GetKeyValueMany<'g, K, V, S, D, I>
where
    K: Borrow<Q> + Hash + Eq,
    Q: Hash + Eq + ?Sized + 'k,
    S: BuildHasher,
    I: Iterator<Item = &'k Q>,
{
    /// Takes the next group of keys, and looks them up.
    fn refill(&mut self) {
        let (map, mut keys, mut orders) = (self.map, [None; GROUP], [0; GROUP]);
        (self.next, self.len) = (0, 0);
        let mut len = 0;
        for key in self.keys.by_ref().take(GROUP) {
            (keys[len], orders[len]) = (Some(key), map.order_of(key));
            map.table.prefetch_bucket(orders[len]);
            len += 1;
        }
        let same = |lane: usize, stored: &K| keys[lane].is_some_and(|key| stored.borrow() == key);
        map.table.find_many(&orders[..len], same, &mut self.found[..len], self.pinned);
        self.len = len;
    }
}

impl<'g, 'k, K, V, S, D, Q, I> Iterator for GetKeyValueMany<'g, K, V, S, D, I>
where
    K: Borrow<Q> + Hash + Eq,
    Q: Hash + Eq + ?Sized + 'k,
    S: BuildHasher,
    I: Iterator<Item = &'k Q>,
{
    type Item = Option<(&'g K, &'g V)>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.next == self.len {
            self.refill();
            if self.len == 0 {
                return None;
            }
        }
        let found = self.found[self.next];
        self.next += 1;
        Some(found.map(Item::entry))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let (lower, upper) = self.keys.size_hint();
        let held = self.len - self.next;
        (lower.saturating_add(held), upper.and_then(|upper| upper.checked_add(held)))
    }
}

impl<'g, 'k, K, V, S, D, Q, I> Iterator for GetMany<'g, K, V, S, D, I>
where
    K: Borrow<Q> + Hash + Eq,
    Q: Hash + Eq + ?Sized + 'k,
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

impl<K, V, S, D, I: ExactSizeIterator> ExactSizeIterator for GetKeyValueMany<'_, K, V, S, D, I> where
    Self: Iterator
{
}
impl<K, V, S, D, I: FusedIterator> FusedIterator for GetKeyValueMany<'_, K, V, S, D, I> where
    Self: Iterator
{
}
impl<K, V, S, D, I: ExactSizeIterator> ExactSizeIterator for GetMany<'_, K, V, S, D, I> where
    Self: Iterator
{
}
impl<K, V, S, D, I: FusedIterator> FusedIterator for GetMany<'_, K, V, S, D, I> where Self: Iterator {}

impl<K, V, S, D, I> fmt::Debug for GetKeyValueMany<'_, K, V, S, D, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GetKeyValueMany").finish_non_exhaustive()
    }
}

impl<K, V, S, D, I> fmt::Debug for GetMany<'_, K, V, S, D, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GetMany").finish_non_exhaustive()
    }
}
