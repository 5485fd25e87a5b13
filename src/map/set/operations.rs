//! The guard-taking core: each operation is one of the map's.

use super::{SetIter, SplitOrderedSet};
use crate::{
    map::{Compute, Operation},
    reclaim::{Guard, Reclaims},
};
use core::{
    borrow::Borrow,
    hash::{BuildHasher, Hash},
};

impl<T, S, D> SplitOrderedSet<T, S, D>
where
    T: Hash + Eq,
    S: BuildHasher,
    D: Reclaims<(T, ())>,
{
    /// Whether `value` is there. Lock-free.
    ///
    /// # Panics
    /// When the guard belongs to another collector.
    #[inline]
    pub fn contains<Q>(&self, value: &Q, guard: &Guard<'_>) -> bool
    where
        T: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.map.contains_key(value, guard)
    }

    /// The stored value that equals `value`. Lock-free.
    ///
    /// # Panics
    /// When the guard belongs to another collector.
    #[inline]
    pub fn get<'g, Q>(&'g self, value: &Q, guard: &'g Guard<'_>) -> Option<&'g T>
    where
        T: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.map.get_key_value(value, guard).map(|(stored, ())| stored)
    }

    /// Adds `value` unless an equal one is there; whether it did. Lock-free.
    ///
    /// Of threads that insert equal values at once exactly one gets `true`.
    ///
    /// # Panics
    /// When the guard belongs to another collector.
    #[inline]
    pub fn insert(&self, value: T, guard: &Guard<'_>) -> bool {
        self.map.try_insert(value, (), guard).is_ok()
    }

    /// Adds `value`, in the place of the equal one if there is one, which it returns. Lock-free.
    ///
    /// Readers see the old value or the new one, never neither.
    ///
    /// # Panics
    /// When the guard belongs to another collector.
    #[inline]
    pub fn replace<'g>(&'g self, value: T, guard: &'g Guard<'_>) -> Option<&'g T> {
        match self.map.compute(value, |_| Operation::<(), ()>::Insert(()), guard) {
            Compute::Updated { old: (old, ()), .. } => Some(old),
            _ => None,
        }
    }

    /// Removes `value`; whether it was there. Lock-free.
    ///
    /// # Panics
    /// When the guard belongs to another collector.
    #[inline]
    pub fn remove<Q>(&self, value: &Q, guard: &Guard<'_>) -> bool
    where
        T: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.take(value, guard).is_some()
    }

    /// Removes `value`; returns the stored one. Lock-free.
    ///
    /// Other threads may be reading what is removed, so the caller gets a reference, which is valid
    /// until the guard ends, and the set's domain drops the value after that.
    ///
    /// # Panics
    /// When the guard belongs to another collector.
    #[inline]
    pub fn take<'g, Q>(&'g self, value: &Q, guard: &'g Guard<'_>) -> Option<&'g T>
    where
        T: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.map.remove_entry(value, guard).map(|(stored, ())| stored)
    }
}

impl<T, S, D: Reclaims<(T, ())>> SplitOrderedSet<T, S, D> {
    /// The values, in no order; see the map's consistency. Lock-free.
    ///
    /// # Panics
    /// When the guard belongs to another collector.
    pub fn iter<'g>(&'g self, guard: &'g Guard<'_>) -> SetIter<'g, T> {
        SetIter::new(self.map.keys(guard))
    }

    /// Removes the values for which `keep` does not hold, each as by itself: one that is replaced
    /// meanwhile may stay. Lock-free, `keep` apart.
    ///
    /// # Panics
    /// When the guard belongs to another collector.
    pub fn retain(&self, mut keep: impl FnMut(&T) -> bool, guard: &Guard<'_>) {
        self.map.retain(|value, ()| keep(value), guard);
    }

    /// Removes the values, each as by itself: what is inserted meanwhile may stay. Lock-free.
    ///
    /// # Panics
    /// When the guard belongs to another collector.
    pub fn clear(&self, guard: &Guard<'_>) {
        self.map.clear(guard);
    }
}
