//! Iterators: the map's over keys, without the values that are not there.

use crate::map::{Drain, IntoKeys, Keys};
use core::{fmt, iter::FusedIterator};

/// The values of a set; made by [`iter`](super::SplitOrderedSet::iter).
pub struct SetIter<'g, T> {
    keys: Keys<'g, T, ()>,
}

impl<'g, T> SetIter<'g, T> {
    pub(super) fn new(keys: Keys<'g, T, ()>) -> Self {
        SetIter { keys }
    }
}

impl<'g, T> Iterator for SetIter<'g, T> {
    type Item = &'g T;

    #[inline]
    fn next(&mut self) -> Option<&'g T> {
        self.keys.next()
    }
}

impl<T> FusedIterator for SetIter<'_, T> {}

impl<T> Clone for SetIter<'_, T> {
    fn clone(&self) -> Self {
        SetIter { keys: self.keys.clone() }
    }
}

impl<T: fmt::Debug> fmt::Debug for SetIter<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.keys.fmt(f)
    }
}

/// Takes all values; made by [`drain`](super::SplitOrderedSet::drain).
pub struct SetDrain<'s, T> {
    entries: Drain<'s, T, ()>,
}

impl<'s, T> SetDrain<'s, T> {
    pub(super) fn new(entries: Drain<'s, T, ()>) -> Self {
        SetDrain { entries }
    }
}

impl<T> Iterator for SetDrain<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.entries.next().map(|(value, ())| value)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.entries.size_hint()
    }
}

impl<T> ExactSizeIterator for SetDrain<'_, T> {}
impl<T> FusedIterator for SetDrain<'_, T> {}

impl<T> fmt::Debug for SetDrain<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SetDrain").finish_non_exhaustive()
    }
}

/// Owns a set's values.
pub struct SetIntoIter<T> {
    keys: IntoKeys<T, ()>,
}

impl<T> SetIntoIter<T> {
    pub(super) fn new(keys: IntoKeys<T, ()>) -> Self {
        SetIntoIter { keys }
    }
}

impl<T> Iterator for SetIntoIter<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.keys.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.keys.size_hint()
    }
}

impl<T> ExactSizeIterator for SetIntoIter<T> {}
impl<T> FusedIterator for SetIntoIter<T> {}

impl<T> fmt::Debug for SetIntoIter<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SetIntoIter").finish_non_exhaustive()
    }
}
