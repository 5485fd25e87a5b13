//! The pinned view: the set's methods without their guards, under std's names, and relations
//! between two sets.

use super::{SetGetMany, SetIter, SplitOrderedSet};
use crate::{
    map::{DefaultHashBuilder, SplitOrderedMapRef},
    reclaim::{Collector, Guard, Reclaims},
};
use core::{
    borrow::Borrow,
    fmt,
    hash::{BuildHasher, Hash},
};

/// A set and a guard of its domain; made by [`SplitOrderedSet::pin`].
///
/// What it returns borrows the view. While it lives, nothing that anybody removes from now on is
/// freed: keep it for a batch of operations, not for ever, or [`repin`](Self::repin) it now and
/// then.
///
/// ```
/// # #[cfg(feature = "std")] {
/// use counterpoint::map::SplitOrderedSet;
/// let set = SplitOrderedSet::new();
/// let set = set.pin();
/// assert!(set.insert("a"));
/// assert!(!set.insert("a"));
/// assert_eq!(set.take("a"), Some(&"a"));
/// assert!(set.is_empty());
/// # }
/// ```
pub struct SplitOrderedSetRef<'s, T, S = DefaultHashBuilder, D = Collector> {
    set: &'s SplitOrderedSet<T, S, D>,
    map: SplitOrderedMapRef<'s, T, (), S, D>,
}

impl<'s, T, S, D> SplitOrderedSetRef<'s, T, S, D> {
    /// The map is the set's.
    #[inline(always)]
    pub(super) fn new(
        set: &'s SplitOrderedSet<T, S, D>,
        map: SplitOrderedMapRef<'s, T, (), S, D>,
    ) -> Self {
        SplitOrderedSetRef { set, map }
    }

    /// The set.
    pub fn set(&self) -> &'s SplitOrderedSet<T, S, D> {
        self.set
    }

    /// The guard.
    #[inline(always)]
    pub fn guard(&self) -> &Guard<'s> {
        self.map.guard()
    }

    /// Lets go of what was reached so far; see [`Guard::repin`].
    pub fn repin(&mut self) {
        self.map.repin();
    }

    /// See [`SplitOrderedSet::len`].
    pub fn len(&self) -> usize {
        self.set.len()
    }

    /// See [`SplitOrderedSet::is_empty`].
    pub fn is_empty(&self) -> bool {
        self.set.is_empty()
    }
}

impl<T, S, D> SplitOrderedSetRef<'_, T, S, D>
where
    T: Hash + Eq,
    S: BuildHasher,
    D: Reclaims<(T, ())>,
{
    /// See [`SplitOrderedSet::contains`].
    #[inline]
    pub fn contains<Q>(&self, value: &Q) -> bool
    where
        T: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.set.contains(value, self.guard())
    }

    /// See [`SplitOrderedSet::get`].
    #[inline]
    pub fn get<Q>(&self, value: &Q) -> Option<&T>
    where
        T: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.set.get(value, self.guard())
    }

    /// See [`SplitOrderedSet::get_many`].
    pub fn get_many<'g, 'q, Q, I>(
        &'g self,
        values: I,
    ) -> SetGetMany<'g, 'q, T, S, D, Q, I::IntoIter>
    where
        T: Borrow<Q>,
        Q: Hash + Eq + ?Sized + 'q,
        I: IntoIterator<Item = &'q Q>,
    {
        self.set.get_many(values, self.guard())
    }

    /// See [`SplitOrderedSet::insert`].
    #[inline]
    pub fn insert(&self, value: T) -> bool {
        self.set.insert(value, self.guard())
    }

    /// See [`SplitOrderedSet::replace`].
    #[inline]
    pub fn replace(&self, value: T) -> Option<&T> {
        self.set.replace(value, self.guard())
    }

    /// See [`SplitOrderedSet::remove`].
    #[inline]
    pub fn remove<Q>(&self, value: &Q) -> bool
    where
        T: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.set.remove(value, self.guard())
    }

    /// See [`SplitOrderedSet::take`].
    #[inline]
    pub fn take<Q>(&self, value: &Q) -> Option<&T>
    where
        T: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.set.take(value, self.guard())
    }
}

/// Relations, each asked value by value: an answer about sets that change meanwhile may hold at no
/// single moment.
impl<T, S, D> SplitOrderedSetRef<'_, T, S, D>
where
    T: Hash + Eq,
    S: BuildHasher,
    D: Reclaims<(T, ())>,
{
    /// Whether each of this set's values is in the other.
    ///
    /// ```
    /// # #[cfg(feature = "std")] {
    /// use counterpoint::map::SplitOrderedSet;
    /// let (some, all) = (SplitOrderedSet::from([1, 2]), SplitOrderedSet::from([1, 2, 3]));
    /// assert!(some.pin().is_subset(&all.pin()));
    /// assert!(all.pin().is_superset(&some.pin()));
    /// assert!(!all.pin().is_disjoint(&some.pin()));
    /// # }
    /// ```
    pub fn is_subset<Z, E>(&self, other: &SplitOrderedSetRef<'_, T, Z, E>) -> bool
    where
        Z: BuildHasher,
        E: Reclaims<(T, ())>,
    {
        self.iter().all(|value| other.contains(value))
    }

    /// Whether each of the other set's values is in this one.
    pub fn is_superset<Z, E>(&self, other: &SplitOrderedSetRef<'_, T, Z, E>) -> bool
    where
        Z: BuildHasher,
        E: Reclaims<(T, ())>,
    {
        other.is_subset(self)
    }

    /// Whether none of this set's values is in the other.
    pub fn is_disjoint<Z, E>(&self, other: &SplitOrderedSetRef<'_, T, Z, E>) -> bool
    where
        Z: BuildHasher,
        E: Reclaims<(T, ())>,
    {
        !self.iter().any(|value| other.contains(value))
    }
}

impl<T, S, D: Reclaims<(T, ())>> SplitOrderedSetRef<'_, T, S, D> {
    /// See [`SplitOrderedSet::iter`].
    pub fn iter(&self) -> SetIter<'_, T> {
        self.set.iter(self.guard())
    }

    /// See [`SplitOrderedSet::retain`].
    pub fn retain(&self, keep: impl FnMut(&T) -> bool) {
        self.set.retain(keep, self.guard());
    }

    /// See [`SplitOrderedSet::clear`].
    pub fn clear(&self) {
        self.set.clear(self.guard());
    }
}

impl<'v, T, S, D: Reclaims<(T, ())>> IntoIterator for &'v SplitOrderedSetRef<'_, T, S, D> {
    type Item = &'v T;
    type IntoIter = SetIter<'v, T>;

    fn into_iter(self) -> SetIter<'v, T> {
        self.iter()
    }
}

impl<T, S, D> Extend<T> for SplitOrderedSetRef<'_, T, S, D>
where
    T: Hash + Eq,
    S: BuildHasher,
    D: Reclaims<(T, ())>,
{
    fn extend<I: IntoIterator<Item = T>>(&mut self, values: I) {
        for value in values {
            self.insert(value);
        }
    }
}

impl<T, S, D> fmt::Debug for SplitOrderedSetRef<'_, T, S, D>
where
    T: fmt::Debug,
    D: Reclaims<(T, ())>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self).finish()
    }
}
