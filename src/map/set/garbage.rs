//! The garbage of the set's domain: how much there is, and insertion that holds its cap.

use super::{SplitOrderedSet, SplitOrderedSetRef};
use crate::reclaim::{Domain, GarbageFull, Guard, Metrics, Reclaims};
use core::hash::{BuildHasher, Hash};

impl<T, S, D: Domain> SplitOrderedSet<T, S, D> {
    /// How much garbage there is in the set's domain: of this set alone, if the domain is private.
    pub fn metrics(&self) -> Metrics {
        self.map.metrics()
    }
}

impl<T, S, D> SplitOrderedSet<T, S, D>
where
    T: Hash + Eq,
    S: BuildHasher,
    D: Reclaims<(T, ())>,
{
    /// As [`insert`](Self::insert), unless the domain's garbage has reached its cap; see
    /// [`Builder::garbage_cap`](crate::reclaim::Builder::garbage_cap). Lock-free; may free garbage.
    ///
    /// # Errors
    /// With the value, when the garbage is full, whether an equal one is there or not.
    ///
    /// # Panics
    /// When the guard belongs to another collector.
    #[inline]
    #[track_caller]
    pub fn insert_within(&self, value: T, guard: &Guard<'_>) -> Result<bool, GarbageFull<T>> {
        if !self.map.has_room(guard) {
            return Err(GarbageFull(value));
        }
        Ok(self.insert(value, guard))
    }
}

impl<T, S, D> SplitOrderedSetRef<'_, T, S, D>
where
    T: Hash + Eq,
    S: BuildHasher,
    D: Reclaims<(T, ())>,
{
    /// See [`SplitOrderedSet::insert_within`].
    ///
    /// # Errors
    /// With the value, when the garbage is full.
    #[inline]
    pub fn insert_within(&self, value: T) -> Result<bool, GarbageFull<T>> {
        self.set().insert_within(value, self.guard())
    }
}
