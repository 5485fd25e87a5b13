//! Iterators that take values out.

use super::ArrayQueue;
use core::{fmt, iter::FusedIterator};

/// Takes all values; made by [`ArrayQueue::drain`].
pub struct ArrayDrain<'q, T> {
    queue: &'q mut ArrayQueue<T>,
}

impl<T> Iterator for ArrayDrain<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.queue.pop() // Nobody else is there to wait for.
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.queue.len(), Some(self.queue.len()))
    }
}

impl<T> ExactSizeIterator for ArrayDrain<'_, T> {}
impl<T> FusedIterator for ArrayDrain<'_, T> {}

impl<T> Drop for ArrayDrain<'_, T> {
    fn drop(&mut self) {
        /// Goes on with the rest when the destructor of one value panics.
        struct Others<'a, 'q, T>(&'a mut ArrayDrain<'q, T>);
        impl<T> Drop for Others<'_, '_, T> {
            fn drop(&mut self) {
                self.0.by_ref().for_each(drop);
            }
        }
        Others(self).0.by_ref().for_each(drop);
    }
}

impl<T> fmt::Debug for ArrayDrain<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ArrayDrain").finish_non_exhaustive()
    }
}

/// Owns a queue and yields its values.
pub struct ArrayIntoIter<T> {
    queue: ArrayQueue<T>,
}

impl<T> Iterator for ArrayIntoIter<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.queue.pop() // Nobody else is there to wait for.
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.queue.len(), Some(self.queue.len()))
    }
}

impl<T> ExactSizeIterator for ArrayIntoIter<T> {}
impl<T> FusedIterator for ArrayIntoIter<T> {}

impl<T> fmt::Debug for ArrayIntoIter<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ArrayIntoIter").finish_non_exhaustive()
    }
}

impl<T> IntoIterator for ArrayQueue<T> {
    type Item = T;
    type IntoIter = ArrayIntoIter<T>;

    fn into_iter(self) -> ArrayIntoIter<T> {
        ArrayIntoIter { queue: self }
    }
}

/// Pops a value at each step, until there is none; made by [`ArrayQueue::try_iter`].
pub struct ArrayTryIter<'q, T> {
    queue: &'q ArrayQueue<T>,
}

/// Not fused: a value may come after a `None`.
impl<T> Iterator for ArrayTryIter<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.queue.pop()
    }
}

impl<T> fmt::Debug for ArrayTryIter<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ArrayTryIter").finish_non_exhaustive()
    }
}

impl<T> ArrayQueue<T> {
    /// Takes all values, from front to end. What the iterator does not yield it drops.
    pub fn drain(&mut self) -> ArrayDrain<'_, T> {
        ArrayDrain { queue: self }
    }

    /// Pops a value at each step, until the queue is empty. What is not asked for stays. A step waits where
    /// [`pop`](Self::pop) does.
    pub fn try_iter(&self) -> ArrayTryIter<'_, T> {
        ArrayTryIter { queue: self }
    }
}
