//! Many values in one call, as the map's.

use super::SplitOrderedSet;
use crate::{
    map::GetKeyValueMany,
    reclaim::{Guard, Reclaims},
};
use core::{
    borrow::Borrow,
    fmt,
    hash::{BuildHasher, Hash},
    iter::FusedIterator,
};

impl<T, S, D> SplitOrderedSet<T, S, D>
where
    T: Hash + Eq,
    S: BuildHasher,
    D: Reclaims<(T, ())>,
{
    /// The stored values that equal `values`, one answer for each, in their order; see
    /// [`SplitOrderedMap::get_many`](crate::map::SplitOrderedMap::get_many). Lock-free.
    ///
    /// ```
    /// # #[cfg(feature = "std")] {
    /// use counterpoint::map::SplitOrderedSet;
    /// let set = SplitOrderedSet::from(["a", "b"]);
    /// assert!(set.pin().get_many(&["b", "c"]).eq([Some(&"b"), None]));
    /// # }
    /// ```
    ///
    /// # Panics
    /// When the guard belongs to another collector.
    pub fn get_many<'g, 'q, Q, I>(
        &'g self,
        values: I,
        guard: &'g Guard<'_>,
    ) -> SetGetMany<'g, 'q, T, S, D, Q, I::IntoIter>
    where
        T: Borrow<Q>,
        Q: Hash + Eq + ?Sized + 'q,
        I: IntoIterator<Item = &'q Q>,
    {
        SetGetMany { entries: self.map.get_key_value_many(values, guard) }
    }
}

/// Looks up many values; made by [`SplitOrderedSet::get_many`].
pub struct SetGetMany<'g, 'q, T, S, D, Q: ?Sized, I> {
    entries: GetKeyValueMany<'g, 'q, T, (), S, D, Q, I>,
}

impl<'g, 'q, T, S, D, Q, I> Iterator for SetGetMany<'g, 'q, T, S, D, Q, I>
where
    T: Borrow<Q> + Hash + Eq,
    Q: Hash + Eq + ?Sized + 'q,
    S: BuildHasher,
    I: Iterator<Item = &'q Q>,
{
    type Item = Option<&'g T>;

    #[inline]
    fn next(&mut self) -> Option<Option<&'g T>> {
        self.entries.next().map(|found| found.map(|(value, ())| value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.entries.size_hint()
    }
}

impl<T, S, D, Q: ?Sized, I: ExactSizeIterator> ExactSizeIterator
    for SetGetMany<'_, '_, T, S, D, Q, I>
where
    Self: Iterator,
{
}
impl<T, S, D, Q: ?Sized, I: Iterator> FusedIterator for SetGetMany<'_, '_, T, S, D, Q, I> where
    Self: Iterator
{
}

impl<T, S, D, Q: ?Sized, I> fmt::Debug for SetGetMany<'_, '_, T, S, D, Q, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SetGetMany").finish_non_exhaustive()
    }
}
