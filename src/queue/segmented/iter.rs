//! Iterators that own the queue, or have it to themselves; and one that pops among others.

use super::{Queue, segment::Segment};
use crate::{
    facade::atomic::Ordering,
    reclaim::{Guard, Identified, Shared, unprotected},
};
use core::{fmt, iter::FusedIterator, marker::PhantomData};

/// Takes all values; made by [`Queue::drain`].
pub struct QueueDrain<'q, T> {
    queue: &'q mut Queue<T>,
}

impl<'q, T> QueueDrain<'q, T> {
    pub(super) fn new(queue: &'q mut Queue<T>) -> Self {
        QueueDrain { queue }
    }
}

impl<T> Iterator for QueueDrain<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.queue.pop_mut()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        exactly(self.queue)
    }
}

impl<T> ExactSizeIterator for QueueDrain<'_, T> {}
impl<T> FusedIterator for QueueDrain<'_, T> {}

impl<T> Drop for QueueDrain<'_, T> {
    fn drop(&mut self) {
        /// Goes on with the rest when the destructor of one value panics.
        struct Rest<'a, 'q, T>(&'a mut QueueDrain<'q, T>);
        impl<T> Drop for Rest<'_, '_, T> {
            fn drop(&mut self) {
                self.0.by_ref().for_each(drop);
            }
        }
        Rest(self).0.by_ref().for_each(drop);
    }
}

impl<T> fmt::Debug for QueueDrain<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueueDrain").finish_non_exhaustive()
    }
}

/// Owns a queue and yields its values.
pub struct QueueIntoIter<T> {
    queue: Queue<T>,
}

impl<T> Iterator for QueueIntoIter<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.queue.pop_mut()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        exactly(&self.queue)
    }
}

impl<T> ExactSizeIterator for QueueIntoIter<T> {}
impl<T> FusedIterator for QueueIntoIter<T> {}

impl<T> fmt::Debug for QueueIntoIter<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueueIntoIter").finish_non_exhaustive()
    }
}

impl<T> IntoIterator for Queue<T> {
    type Item = T;
    type IntoIter = QueueIntoIter<T>;

    fn into_iter(self) -> QueueIntoIter<T> {
        QueueIntoIter { queue: self }
    }
}

/// How many values there are in a queue that the iterator has to itself.
fn exactly<T>(queue: &Queue<T>) -> (usize, Option<usize>) {
    // SAFETY: the iterator owns the queue, or borrows it exclusively: no other thread is there.
    let len = queue.len(unsafe { unprotected() });
    (len, Some(len))
}

/// Pops a value at each step, until there is none; made by [`Queue::try_iter`].
pub struct QueueTryIter<'q, T> {
    queue: &'q Queue<T>,
    guard: &'q Guard<'q>,
}

/// Not fused: a value may come after a `None`.
impl<T> Iterator for QueueTryIter<'_, T> {
    type Item = T;

    #[inline]
    fn next(&mut self) -> Option<T> {
        self.queue.pop(self.guard)
    }
}

impl<T> fmt::Debug for QueueTryIter<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueueTryIter").finish_non_exhaustive()
    }
}

impl<T> Queue<T> {
    /// Pops a value at each step, until the queue is empty. What is not asked for stays. Each step is
    /// lock-free.
    ///
    /// # Panics
    /// When the guard belongs to another collector.
    #[track_caller]
    pub fn try_iter<'q>(&'q self, guard: &'q Guard<'_>) -> QueueTryIter<'q, T> {
        guard.assert_from(self.collector.id());
        QueueTryIter { queue: self, guard }
    }
}

/// The values from front to end, to be changed; made by [`Queue::iter_mut`].
pub struct QueueIterMut<'q, T> {
    /// The segment of the value that is yielded next, and where that may be.
    segment: Shared<'q, Segment<T>>,
    next: Option<usize>,
    _queue: PhantomData<&'q mut Queue<T>>,
}

// SAFETY: it is a `&mut Queue<T>` that yields `&mut T`.
unsafe impl<T: Send> Send for QueueIterMut<'_, T> {}
// SAFETY: shared, it gives nothing.
unsafe impl<T: Send> Sync for QueueIterMut<'_, T> {}

impl<'q, T> QueueIterMut<'q, T> {
    pub(super) fn new(queue: &'q mut Queue<T>) -> Self {
        QueueIterMut { segment: queue.head.load_mut(), next: None, _queue: PhantomData }
    }
}

impl<'q, T> Iterator for QueueIterMut<'q, T> {
    type Item = &'q mut T;

    fn next(&mut self) -> Option<&'q mut T> {
        loop {
            // SAFETY: the queue is borrowed exclusively: its segments live. They are reached by shared
            // references only, so that the values already yielded, which lie in cells, stay exclusive.
            let segment = unsafe { self.segment.as_ref() }?;
            // Pops have claimed what is before.
            let next = self.next.or_else(|| segment.front()).unwrap_or(segment.len());
            self.next = Some(next + 1);
            if next < segment.len() {
                // SAFETY: as above, and each slot is asked once.
                if let Some(value) = unsafe { segment.value_mut(next) } {
                    return Some(value);
                }
            } else {
                // SAFETY: the queue is borrowed exclusively: no other thread is there.
                let guard = unsafe { unprotected() };
                // Relaxed: the exclusive borrow orders everything.
                self.segment = segment.next.load(Ordering::Relaxed, guard);
                self.next = None;
            }
        }
    }
}

impl<T> FusedIterator for QueueIterMut<'_, T> {}

impl<T> fmt::Debug for QueueIterMut<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueueIterMut").finish_non_exhaustive()
    }
}

impl<'q, T> IntoIterator for &'q mut Queue<T> {
    type Item = &'q mut T;
    type IntoIter = QueueIterMut<'q, T>;

    fn into_iter(self) -> QueueIterMut<'q, T> {
        self.iter_mut()
    }
}
