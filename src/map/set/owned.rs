//! What an exclusive reference to the set, or the set itself, allows; and traits that fill or
//! compare sets. No guard is needed.

use super::{SetDrain, SetIntoIter, SplitOrderedSet};
use crate::reclaim::Reclaims;
use core::hash::{BuildHasher, Hash};

impl<T, S, D> SplitOrderedSet<T, S, D> {
    /// Takes all values; the buckets stay. What the iterator does not yield it drops.
    pub fn drain(&mut self) -> SetDrain<'_, T> {
        SetDrain::new(self.map.drain())
    }
}

impl<T, S, D> IntoIterator for SplitOrderedSet<T, S, D> {
    type Item = T;
    type IntoIter = SetIntoIter<T>;

    fn into_iter(self) -> SetIntoIter<T> {
        SetIntoIter::new(self.map.into_keys())
    }
}

impl<T: Hash + Eq, S: BuildHasher, D> Extend<T> for SplitOrderedSet<T, S, D> {
    /// Adds those that are not there.
    fn extend<I: IntoIterator<Item = T>>(&mut self, values: I) {
        for value in values {
            if self.map.get_mut(&value).is_none() {
                self.map.insert_mut(value, ());
            }
        }
    }
}

impl<T, S, D> FromIterator<T> for SplitOrderedSet<T, S, D>
where
    T: Hash + Eq,
    S: BuildHasher + Default,
    D: Default,
{
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let values = values.into_iter();
        let mut set =
            Self::with_capacity_and_hasher_in(values.size_hint().0, S::default(), D::default());
        set.extend(values);
        set
    }
}

#[cfg(feature = "std")]
impl<T: Hash + Eq, const N: usize> From<[T; N]> for SplitOrderedSet<T> {
    fn from(values: [T; N]) -> Self {
        values.into_iter().collect()
    }
}

impl<T, S, D> Clone for SplitOrderedSet<T, S, D>
where
    T: Clone + Hash + Eq,
    S: BuildHasher + Clone,
    D: Reclaims<(T, ())> + Clone,
{
    /// A set of the same domain with the values that an iterator finds.
    fn clone(&self) -> Self {
        SplitOrderedSet { map: self.map.clone() }
    }
}

impl<T, S, D> PartialEq for SplitOrderedSet<T, S, D>
where
    T: Hash + Eq,
    S: BuildHasher,
    D: Reclaims<(T, ())>,
{
    /// Whether both have the same values; meaningful when nobody changes them.
    fn eq(&self, other: &Self) -> bool {
        self.map == other.map
    }
}

impl<T, S, D> Eq for SplitOrderedSet<T, S, D>
where
    T: Hash + Eq,
    S: BuildHasher,
    D: Reclaims<(T, ())>,
{
}
