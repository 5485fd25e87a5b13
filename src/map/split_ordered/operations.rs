//! The guard-taking core: each operation is a search and at most one compare-exchange that counts.

use super::{
    Compute, Iter, Keys, OccupiedError, Operation, SplitOrderedMap, Values,
    node::{Item, Pinned},
};
use crate::reclaim::{Guard, Owned, Reclaims};
use core::{
    borrow::Borrow,
    hash::{BuildHasher, Hash},
};

/// The item that has the key, and the one that was not linked for it.
type Present<'g, K, V> = (&'g Item<K, V>, Owned<Item<K, V>>);

/// Lookups.
impl<K, V, S, D> SplitOrderedMap<K, V, S, D>
where
    K: Hash + Eq,
    S: BuildHasher,
    D: Reclaims<(K, V)>,
{
    /// The value of `key`. Lock-free.
    ///
    /// # Panics
    /// When the guard belongs to another collector.
    #[inline]
    #[track_caller]
    pub fn get<'g, Q>(&'g self, key: &Q, guard: &'g Guard<'_>) -> Option<&'g V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.find(key, self.admit(guard)).map(|item| &item.value)
    }

    /// The stored key and the value of `key`. Lock-free.
    ///
    /// # Panics
    /// When the guard belongs to another collector.
    #[inline]
    #[track_caller]
    pub fn get_key_value<'g, Q>(&'g self, key: &Q, guard: &'g Guard<'_>) -> Option<(&'g K, &'g V)>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.find(key, self.admit(guard)).map(Item::entry)
    }

    /// Whether `key` is there. Lock-free.
    ///
    /// # Panics
    /// When the guard belongs to another collector.
    #[inline]
    #[track_caller]
    pub fn contains_key<Q>(&self, key: &Q, guard: &Guard<'_>) -> bool
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.find(key, self.admit(guard)).is_some()
    }

    #[inline(always)]
    #[track_caller]
    pub(super) fn find<'g, Q>(&'g self, key: &Q, pinned: Pinned<'g, K, V>) -> Option<&'g Item<K, V>>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.table.find(self.order_of(key), |stored| stored.borrow() == key, pinned)
    }
}

/// Insertion and replacement.
impl<K, V, S, D> SplitOrderedMap<K, V, S, D>
where
    K: Hash + Eq,
    S: BuildHasher,
    D: Reclaims<(K, V)>,
{
    /// Sets the value of `key`; returns the value it had. Lock-free.
    ///
    /// The stored key becomes the new one too. Readers see the old entry or the new one, never
    /// neither.
    ///
    /// # Panics
    /// When the guard belongs to another collector.
    #[inline]
    #[track_caller]
    pub fn insert<'g>(&'g self, key: K, value: V, guard: &'g Guard<'_>) -> Option<&'g V> {
        let pinned = self.admit(guard);
        let order = self.order_of(&key);
        self.table.prefetch(order);
        self.insert_item(Item::new(order, key, value), pinned)
    }

    /// Links an item, or puts it in the place of the one of its key; that one's value.
    #[inline]
    #[track_caller]
    pub(super) fn insert_item<'g>(
        &'g self,
        mut item: Owned<Item<K, V>>,
        pinned: Pinned<'g, K, V>,
    ) -> Option<&'g V> {
        let order = item.order;
        loop {
            let position = self.table.search(order, |stored| *stored == item.key, pinned);
            let lost = match position.item(pinned) {
                None => match self.table.insert(&position, item, pinned) {
                    Ok(_) => return None,
                    Err(lost) => lost,
                },
                Some(old) => match self.table.replace(&position, item, pinned) {
                    Ok(_) => return Some(&old.value),
                    Err(lost) => lost,
                },
            };
            item = lost;
        }
    }

    /// Sets the value of `key` if the key is absent; returns the value in the map. Lock-free.
    ///
    /// # Errors
    /// [`OccupiedError`], with what was not inserted, when the key is there.
    ///
    /// # Panics
    /// When the guard belongs to another collector.
    #[inline]
    #[track_caller]
    pub fn try_insert<'g>(
        &'g self,
        key: K,
        value: V,
        guard: &'g Guard<'_>,
    ) -> Result<&'g V, OccupiedError<'g, K, V>> {
        let pinned = self.admit(guard);
        let order = self.order_of(&key);
        self.table.prefetch(order);
        let item = Item::new(order, key, value);
        self.link_absent(order, item, pinned).map_err(|(current, item)| {
            let Item { key, value, .. } = *item.into_box();
            OccupiedError { current: &current.value, key, value }
        })
    }

    /// The value of `key`, which is set to `value` if the key is absent. Lock-free.
    ///
    /// # Panics
    /// When the guard belongs to another collector.
    #[inline]
    #[track_caller]
    pub fn get_or_insert<'g>(&'g self, key: K, value: V, guard: &'g Guard<'_>) -> &'g V {
        self.get_or_insert_with(key, || value, guard)
    }

    /// The value of `key`, which is set to what `make` returns if the key is absent. Lock-free.
    ///
    /// `make` runs at most once; what it made is dropped if another thread was faster.
    ///
    /// # Panics
    /// When the guard belongs to another collector.
    #[inline]
    #[track_caller]
    pub fn get_or_insert_with<'g>(
        &'g self,
        key: K,
        make: impl FnOnce() -> V,
        guard: &'g Guard<'_>,
    ) -> &'g V {
        let pinned = self.admit(guard);
        let order = self.order_of(&key);
        if let Some(item) = self.table.find(order, |stored| *stored == key, pinned) {
            return &item.value;
        }
        let item = Item::new(order, key, make());
        self.link_absent(order, item, pinned).unwrap_or_else(|(current, _)| &current.value)
    }

    /// Replaces the value of `key` if the key is there; returns the value it had. Lock-free.
    ///
    /// The stored key becomes the new one too.
    ///
    /// # Panics
    /// When the guard belongs to another collector.
    #[inline]
    #[track_caller]
    pub fn replace<'g>(&'g self, key: K, value: V, guard: &'g Guard<'_>) -> Option<&'g V> {
        let pinned = self.admit(guard);
        let order = self.order_of(&key);
        self.table.prefetch(order);
        let mut item = Item::new(order, key, value);
        loop {
            let position = self.table.search(order, |stored| *stored == item.key, pinned);
            let old = position.item(pinned)?;
            match self.table.replace(&position, item, pinned) {
                Ok(_) => return Some(&old.value),
                Err(lost) => item = lost,
            }
        }
    }

    /// Links an item whose key is absent.
    ///
    /// # Errors
    /// The item that has the key, and the one that was not linked.
    #[inline]
    fn link_absent<'g>(
        &'g self,
        order: u64,
        mut item: Owned<Item<K, V>>,
        pinned: Pinned<'g, K, V>,
    ) -> Result<&'g V, Present<'g, K, V>> {
        loop {
            let position = self.table.search(order, |stored| *stored == item.key, pinned);
            if let Some(current) = position.item(pinned) {
                return Err((current, item));
            }
            match self.table.insert(&position, item, pinned) {
                Ok(linked) => return Ok(&linked.value),
                Err(lost) => item = lost,
            }
        }
    }
}

/// Read-modify-write of one entry.
impl<K, V, S, D> SplitOrderedMap<K, V, S, D>
where
    K: Hash + Eq,
    S: BuildHasher,
    D: Reclaims<(K, V)>,
{
    /// Replaces the value of `key` by what `change` makes of it, if the key is there; returns the
    /// new value. Lock-free, `change` apart.
    ///
    /// `change` runs again when the entry changed meanwhile; one that changes this very entry each
    /// time runs for ever. The stored key becomes the new one.
    ///
    /// # Panics
    /// When the guard belongs to another collector.
    #[inline]
    #[track_caller]
    pub fn update<'g>(
        &'g self,
        key: K,
        mut change: impl FnMut(&V) -> V,
        guard: &'g Guard<'_>,
    ) -> Option<&'g V> {
        let changed = self.compute(
            key,
            |entry| match entry {
                Some((_, value)) => Operation::Insert(change(value)),
                None => Operation::Abort(()),
            },
            guard,
        );
        match changed {
            Compute::Updated { new: (_, value), .. } => Some(value),
            _ => None,
        }
    }

    /// As [`update`](Self::update), or sets the value to what `make` returns if the key is absent;
    /// returns the value in the map. Both closures may run again; one that changes this very entry
    /// each time runs for ever.
    ///
    /// # Panics
    /// When the guard belongs to another collector.
    #[inline]
    #[track_caller]
    pub fn update_or_insert_with<'g>(
        &'g self,
        key: K,
        mut change: impl FnMut(&V) -> V,
        mut make: impl FnMut() -> V,
        guard: &'g Guard<'_>,
    ) -> &'g V {
        let computed = self.compute(
            key,
            |entry| match entry {
                Some((_, value)) => Operation::<V, ()>::Insert(change(value)),
                None => Operation::Insert(make()),
            },
            guard,
        );
        match computed {
            Compute::Inserted(_, value) | Compute::Updated { new: (_, value), .. } => value,
            _ => unreachable!("the closure only inserts"),
        }
    }

    /// Decides on the entry of `key` by `decide`, and does it if the entry is still the one that
    /// `decide` saw; else `decide` runs again (for ever, if it changes this very entry each time).
    /// Lock-free, `decide` apart.
    ///
    /// Inserting over an entry makes the stored key the new one.
    ///
    /// ```
    /// # #[cfg(feature = "std")] {
    /// use counterpoint::map::{Compute, Operation, SplitOrderedMap};
    /// let stock = SplitOrderedMap::from([("apple", 1)]);
    /// let stock = stock.pin();
    /// let mut take = || stock.compute("apple", |entry| match entry {
    ///     None => Operation::Abort("sold out"),
    ///     Some((_, 1)) => Operation::Remove,
    ///     Some((_, more)) => Operation::Insert(more - 1),
    /// });
    /// assert_eq!(take(), Compute::Removed(&"apple", &1));
    /// assert_eq!(take(), Compute::Aborted("sold out"));
    /// # }
    /// ```
    ///
    /// # Panics
    /// When the guard belongs to another collector.
    #[inline]
    #[track_caller]
    pub fn compute<'g, T>(
        &'g self,
        key: K,
        mut decide: impl FnMut(Option<(&K, &V)>) -> Operation<V, T>,
        guard: &'g Guard<'_>,
    ) -> Compute<'g, K, V, T> {
        let pinned = self.admit(guard);
        let order = self.order_of(&key);
        let mut key = key;
        loop {
            let position = self.table.search(order, |stored| *stored == key, pinned);
            let old = position.item(pinned);
            let lost = match (decide(old.map(Item::entry)), old) {
                (Operation::Abort(reason), _) => return Compute::Aborted(reason),
                (Operation::Remove, None) => return Compute::Absent,
                (Operation::Remove, Some(old)) => {
                    if self.table.remove(&position, pinned) {
                        return Compute::Removed(&old.key, &old.value);
                    }
                    continue;
                }
                (Operation::Insert(value), None) => {
                    match self.table.insert(&position, Item::new(order, key, value), pinned) {
                        Ok(new) => return Compute::Inserted(&new.key, &new.value),
                        Err(lost) => lost,
                    }
                }
                (Operation::Insert(value), Some(old)) => {
                    match self.table.replace(&position, Item::new(order, key, value), pinned) {
                        Ok(new) => {
                            return Compute::Updated { old: old.entry(), new: new.entry() };
                        }
                        Err(lost) => lost,
                    }
                }
            };
            key = lost.into_box().key;
        }
    }
}

/// Removal.
impl<K, V, S, D> SplitOrderedMap<K, V, S, D>
where
    K: Hash + Eq,
    S: BuildHasher,
    D: Reclaims<(K, V)>,
{
    /// Removes `key`; returns the value it had. Lock-free.
    ///
    /// # Panics
    /// When the guard belongs to another collector.
    #[inline]
    #[track_caller]
    pub fn remove<'g, Q>(&'g self, key: &Q, guard: &'g Guard<'_>) -> Option<&'g V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.remove_entry(key, guard).map(|(_, value)| value)
    }

    /// Removes `key`; returns the stored key and the value. Lock-free.
    ///
    /// # Panics
    /// When the guard belongs to another collector.
    #[inline]
    #[track_caller]
    pub fn remove_entry<'g, Q>(&'g self, key: &Q, guard: &'g Guard<'_>) -> Option<(&'g K, &'g V)>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.remove_if(key, |_, _| true, guard).ok().flatten()
    }

    /// Removes `key` if `condition` holds for its entry; returns the entry removed, if any.
    /// Lock-free, `condition` apart, which may run again (for ever, if it changes this very entry
    /// each time).
    ///
    /// # Errors
    /// The entry for which the condition did not hold.
    ///
    /// # Panics
    /// When the guard belongs to another collector.
    #[inline]
    #[track_caller]
    #[allow(clippy::type_complexity, reason = "the field's signature")]
    pub fn remove_if<'g, Q>(
        &'g self,
        key: &Q,
        mut condition: impl FnMut(&K, &V) -> bool,
        guard: &'g Guard<'_>,
    ) -> Result<Option<(&'g K, &'g V)>, (&'g K, &'g V)>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let pinned = self.admit(guard);
        let order = self.order_of(key);
        loop {
            let position = self.table.search(order, |stored| stored.borrow() == key, pinned);
            let Some(item) = position.item(pinned) else { return Ok(None) };
            if !condition(&item.key, &item.value) {
                return Err(item.entry());
            }
            if self.table.remove(&position, pinned) {
                return Ok(Some(item.entry()));
            }
        }
    }
}

/// The whole map.
impl<K, V, S, D: Reclaims<(K, V)>> SplitOrderedMap<K, V, S, D> {
    /// The entries, in no order; see the map's consistency. Lock-free.
    ///
    /// # Panics
    /// When the guard belongs to another collector.
    #[track_caller]
    pub fn iter<'g>(&'g self, guard: &'g Guard<'_>) -> Iter<'g, K, V> {
        Iter::new(&self.table, self.admit(guard))
    }

    /// The keys, in no order; see the map's consistency. Lock-free.
    ///
    /// # Panics
    /// When the guard belongs to another collector.
    #[track_caller]
    pub fn keys<'g>(&'g self, guard: &'g Guard<'_>) -> Keys<'g, K, V> {
        Keys::new(self.iter(guard))
    }

    /// The values, in no order; see the map's consistency. Lock-free.
    ///
    /// # Panics
    /// When the guard belongs to another collector.
    #[track_caller]
    pub fn values<'g>(&'g self, guard: &'g Guard<'_>) -> Values<'g, K, V> {
        Values::new(self.iter(guard))
    }

    /// Removes the entries for which `keep` does not hold, each as by itself: one that is replaced
    /// meanwhile may stay. Lock-free, `keep` apart.
    ///
    /// # Panics
    /// When the guard belongs to another collector.
    #[track_caller]
    pub fn retain(&self, mut keep: impl FnMut(&K, &V) -> bool, guard: &Guard<'_>) {
        let pinned = self.admit(guard);
        for item in Iter::new(&self.table, pinned).items() {
            if !keep(&item.key, &item.value) {
                self.table.remove_item(item, pinned);
            }
        }
    }

    /// Removes the entries, each as by itself: what is inserted meanwhile may stay. Lock-free.
    ///
    /// # Panics
    /// When the guard belongs to another collector.
    #[track_caller]
    pub fn clear(&self, guard: &Guard<'_>) {
        self.retain(|_, _| false, guard);
    }
}
