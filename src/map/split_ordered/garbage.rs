//! The garbage of the map's domain: how much there is, and insertion that holds its cap.

use super::{SplitOrderedMap, SplitOrderedMapRef};
use crate::reclaim::{Domain, GarbageFull, Guard, Metrics, Reclaims};
use core::hash::{BuildHasher, Hash};

impl<K, V, S, D: Domain> SplitOrderedMap<K, V, S, D> {
    /// How much garbage there is in the map's domain: of this map alone, if the domain is private.
    pub fn metrics(&self) -> Metrics {
        self.domain.metrics()
    }
}

impl<K, V, S, D> SplitOrderedMap<K, V, S, D>
where
    K: Hash + Eq,
    S: BuildHasher,
    D: Reclaims<(K, V)>,
{
    /// As [`insert`](Self::insert), unless the domain's garbage has reached its cap; see
    /// [`Builder::garbage_cap`](crate::reclaim::Builder::garbage_cap). Lock-free; may free garbage.
    ///
    /// Participants that set or read values of keys that are there have less waiting than
    /// `cap + (bag + 1) × participants` entries: one may unlink what another one has replaced.
    ///
    /// # Errors
    /// With key and value, when the garbage is full.
    ///
    /// # Panics
    /// When the guard belongs to another collector.
    #[inline]
    #[track_caller]
    pub fn insert_within<'g>(
        &'g self,
        key: K,
        value: V,
        guard: &'g Guard<'_>,
    ) -> Result<Option<&'g V>, GarbageFull<(K, V)>> {
        if !self.has_room(guard) {
            return Err(GarbageFull((key, value)));
        }
        Ok(self.insert(key, value, guard))
    }

    /// Whether the domain's garbage is below its cap.
    #[inline]
    #[track_caller]
    pub(in crate::map) fn has_room(&self, guard: &Guard<'_>) -> bool {
        self.admit(guard);
        guard.has_room()
    }
}

impl<K, V, S, D> SplitOrderedMapRef<'_, K, V, S, D>
where
    K: Hash + Eq,
    S: BuildHasher,
    D: Reclaims<(K, V)>,
{
    /// See [`SplitOrderedMap::insert_within`].
    ///
    /// # Errors
    /// With key and value, when the garbage is full.
    #[inline]
    pub fn insert_within(&self, key: K, value: V) -> Result<Option<&V>, GarbageFull<(K, V)>> {
        self.map().insert_within(key, value, self.guard())
    }
}
