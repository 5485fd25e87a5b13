//! The pinned view: the map's methods without their guards, under std's names.

use super::DefaultHashBuilder;
use super::{
    Compute, GetKeyValueMany, GetMany, Iter, Keys, OccupiedError, Operation, SplitOrderedMap,
    Values,
    node::{Item, Pinned},
};
use crate::reclaim::{Collector, Guard, Reclaims};
use core::{
    borrow::Borrow,
    fmt,
    hash::{BuildHasher, Hash},
};

/// A map and a guard of its domain; made by [`SplitOrderedMap::pin`].
///
/// What it returns borrows the view. While it lives, nothing that anybody removes from now on is
/// freed: keep it for a batch of operations, not for ever, or [`repin`](Self::repin) it now and
/// then.
///
/// ```
/// # #[cfg(feature = "std")] {
/// use counterpoint::map::SplitOrderedMap;
/// let map = SplitOrderedMap::new();
/// let map = map.pin();
/// map.insert("a", 1);
/// assert_eq!(map.update("a", |value| value + 1), Some(&2));
/// assert_eq!(map.remove("a"), Some(&2));
/// # }
/// ```
pub struct SplitOrderedMapRef<'m, K, V, S = DefaultHashBuilder, D = Collector> {
    map: &'m SplitOrderedMap<K, V, S, D>,
    guard: Guard<'m>,
}

impl<'m, K, V, S, D> SplitOrderedMapRef<'m, K, V, S, D> {
    /// # Safety
    /// The guard is of the map's domain: the view does not ask again.
    #[inline(always)]
    pub(super) unsafe fn new(map: &'m SplitOrderedMap<K, V, S, D>, guard: Guard<'m>) -> Self {
        SplitOrderedMapRef { map, guard }
    }

    /// The map.
    pub fn map(&self) -> &'m SplitOrderedMap<K, V, S, D> {
        self.map
    }

    /// The guard.
    pub fn guard(&self) -> &Guard<'m> {
        &self.guard
    }

    /// Lets go of what was reached so far; see [`Guard::repin`].
    pub fn repin(&mut self) {
        self.guard.repin();
    }

    /// See [`SplitOrderedMap::len`].
    pub fn len(&self) -> usize {
        self.map.len()
    }

    /// See [`SplitOrderedMap::is_empty`].
    pub fn is_empty(&self) -> bool {
        self.map.is_empty()
    }
}

impl<K, V, S, D> SplitOrderedMapRef<'_, K, V, S, D>
where
    K: Hash + Eq,
    S: BuildHasher,
    D: Reclaims<(K, V)>,
{
    #[inline(always)]
    fn pinned(&self) -> Pinned<'_, K, V> {
        // SAFETY: the guard is of the map's domain by `new`, and that may drop `(K, V)`.
        unsafe { Pinned::new(&self.guard) }
    }

    /// See [`SplitOrderedMap::get`].
    #[inline]
    pub fn get<Q>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.map.find(key, self.pinned()).map(|item| &item.value)
    }

    /// See [`SplitOrderedMap::get_key_value`].
    #[inline]
    pub fn get_key_value<Q>(&self, key: &Q) -> Option<(&K, &V)>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.map.find(key, self.pinned()).map(Item::entry)
    }

    /// See [`SplitOrderedMap::contains_key`].
    #[inline]
    pub fn contains_key<Q>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.map.find(key, self.pinned()).is_some()
    }

    /// See [`SplitOrderedMap::get_many`].
    pub fn get_many<'g, 'k, Q, I>(&'g self, keys: I) -> GetMany<'g, 'k, K, V, S, D, Q, I::IntoIter>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized + 'k,
        I: IntoIterator<Item = &'k Q>,
    {
        self.map.get_many(keys, &self.guard)
    }

    /// See [`SplitOrderedMap::get_key_value_many`].
    pub fn get_key_value_many<'g, 'k, Q, I>(
        &'g self,
        keys: I,
    ) -> GetKeyValueMany<'g, 'k, K, V, S, D, Q, I::IntoIter>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized + 'k,
        I: IntoIterator<Item = &'k Q>,
    {
        self.map.get_key_value_many(keys, &self.guard)
    }

    /// See [`SplitOrderedMap::insert_many`].
    pub fn insert_many(&self, entries: impl IntoIterator<Item = (K, V)>) -> usize {
        self.map.insert_many(entries, &self.guard)
    }

    /// See [`SplitOrderedMap::insert`].
    #[inline]
    pub fn insert(&self, key: K, value: V) -> Option<&V> {
        self.map.insert(key, value, &self.guard)
    }

    /// See [`SplitOrderedMap::try_insert`].
    ///
    /// # Errors
    /// [`OccupiedError`], with what was not inserted, when the key is there.
    #[inline]
    pub fn try_insert(&self, key: K, value: V) -> Result<&V, OccupiedError<'_, K, V>> {
        self.map.try_insert(key, value, &self.guard)
    }

    /// See [`SplitOrderedMap::get_or_insert`].
    #[inline]
    pub fn get_or_insert(&self, key: K, value: V) -> &V {
        self.map.get_or_insert(key, value, &self.guard)
    }

    /// See [`SplitOrderedMap::get_or_insert_with`].
    #[inline]
    pub fn get_or_insert_with(&self, key: K, make: impl FnOnce() -> V) -> &V {
        self.map.get_or_insert_with(key, make, &self.guard)
    }

    /// See [`SplitOrderedMap::replace`].
    #[inline]
    pub fn replace(&self, key: K, value: V) -> Option<&V> {
        self.map.replace(key, value, &self.guard)
    }

    /// See [`SplitOrderedMap::update`].
    #[inline]
    pub fn update(&self, key: K, change: impl FnMut(&V) -> V) -> Option<&V> {
        self.map.update(key, change, &self.guard)
    }

    /// See [`SplitOrderedMap::update_or_insert_with`].
    #[inline]
    pub fn update_or_insert_with(
        &self,
        key: K,
        change: impl FnMut(&V) -> V,
        make: impl FnMut() -> V,
    ) -> &V {
        self.map.update_or_insert_with(key, change, make, &self.guard)
    }

    /// See [`SplitOrderedMap::compute`].
    #[inline]
    pub fn compute<T>(
        &self,
        key: K,
        decide: impl FnMut(Option<(&K, &V)>) -> Operation<V, T>,
    ) -> Compute<'_, K, V, T> {
        self.map.compute(key, decide, &self.guard)
    }

    /// See [`SplitOrderedMap::remove`].
    #[inline]
    pub fn remove<Q>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.map.remove(key, &self.guard)
    }

    /// See [`SplitOrderedMap::remove_entry`].
    #[inline]
    pub fn remove_entry<Q>(&self, key: &Q) -> Option<(&K, &V)>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.map.remove_entry(key, &self.guard)
    }

    /// See [`SplitOrderedMap::remove_if`].
    ///
    /// # Errors
    /// The entry for which the condition did not hold.
    #[inline]
    #[allow(clippy::type_complexity, reason = "the field's signature")]
    pub fn remove_if<Q>(
        &self,
        key: &Q,
        condition: impl FnMut(&K, &V) -> bool,
    ) -> Result<Option<(&K, &V)>, (&K, &V)>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.map.remove_if(key, condition, &self.guard)
    }
}

impl<K, V, S, D: Reclaims<(K, V)>> SplitOrderedMapRef<'_, K, V, S, D> {
    /// See [`SplitOrderedMap::iter`].
    pub fn iter(&self) -> Iter<'_, K, V> {
        self.map.iter(&self.guard)
    }

    /// See [`SplitOrderedMap::keys`].
    pub fn keys(&self) -> Keys<'_, K, V> {
        self.map.keys(&self.guard)
    }

    /// See [`SplitOrderedMap::values`].
    pub fn values(&self) -> Values<'_, K, V> {
        self.map.values(&self.guard)
    }

    /// See [`SplitOrderedMap::retain`].
    pub fn retain(&self, keep: impl FnMut(&K, &V) -> bool) {
        self.map.retain(keep, &self.guard);
    }

    /// See [`SplitOrderedMap::clear`].
    pub fn clear(&self) {
        self.map.clear(&self.guard);
    }
}

impl<'v, K, V, S, D: Reclaims<(K, V)>> IntoIterator for &'v SplitOrderedMapRef<'_, K, V, S, D> {
    type Item = (&'v K, &'v V);
    type IntoIter = Iter<'v, K, V>;

    fn into_iter(self) -> Iter<'v, K, V> {
        self.iter()
    }
}

impl<K, V, S, D> Extend<(K, V)> for SplitOrderedMapRef<'_, K, V, S, D>
where
    K: Hash + Eq,
    S: BuildHasher,
    D: Reclaims<(K, V)>,
{
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, entries: I) {
        self.insert_many(entries);
    }
}

impl<K, V, S, D> fmt::Debug for SplitOrderedMapRef<'_, K, V, S, D>
where
    K: fmt::Debug,
    V: fmt::Debug,
    D: Reclaims<(K, V)>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self).finish()
    }
}
