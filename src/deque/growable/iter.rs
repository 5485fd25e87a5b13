//! Iterators of an owner that take values out.

use super::Worker;
use core::{fmt, iter::FusedIterator};

/// Pops all values, the newest first; made by [`Worker::drain`].
pub struct Drain<'w, T> {
    worker: &'w mut Worker<T>,
}

impl<'w, T> Drain<'w, T> {
    pub(super) fn new(worker: &'w mut Worker<T>) -> Self {
        Drain { worker }
    }
}

impl<T> Iterator for Drain<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.worker.pop()
    }

    /// Others may steal.
    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, Some(self.worker.len()))
    }
}

/// Nobody pushes meanwhile.
impl<T> FusedIterator for Drain<'_, T> {}

impl<T> Drop for Drain<'_, T> {
    fn drop(&mut self) {
        /// Goes on with the rest when the destructor of one value panics.
        struct Others<'a, 'w, T>(&'a mut Drain<'w, T>);
        impl<T> Drop for Others<'_, '_, T> {
            fn drop(&mut self) {
                self.0.by_ref().for_each(drop);
            }
        }
        Others(self).0.by_ref().for_each(drop);
    }
}

impl<T> fmt::Debug for Drain<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Drain").finish_non_exhaustive()
    }
}

/// Owns an owner and pops, the newest first. What it does not yield stays, for stealers.
pub struct IntoIter<T> {
    worker: Worker<T>,
}

impl<T> Iterator for IntoIter<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.worker.pop()
    }

    /// Others may steal.
    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, Some(self.worker.len()))
    }
}

/// Nobody pushes any more.
impl<T> FusedIterator for IntoIter<T> {}

impl<T> fmt::Debug for IntoIter<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IntoIter").finish_non_exhaustive()
    }
}

impl<T> IntoIterator for Worker<T> {
    type Item = T;
    type IntoIter = IntoIter<T>;

    fn into_iter(self) -> IntoIter<T> {
        IntoIter { worker: self }
    }
}
