//! Iterators that own the queue, or have it to themselves.

use super::{MsQueue, Node};
use crate::{
    facade::atomic::Ordering,
    reclaim::{Shared, unprotected},
};
use core::{fmt, iter::FusedIterator, marker::PhantomData};

/// Takes all values; made by [`MsQueue::drain`].
pub struct MsDrain<'q, T> {
    queue: &'q mut MsQueue<T>,
}

impl<'q, T> MsDrain<'q, T> {
    pub(super) fn new(queue: &'q mut MsQueue<T>) -> Self {
        MsDrain { queue }
    }
}

impl<T> Iterator for MsDrain<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        // SAFETY: `&mut` keeps every other thread away, so a node may be freed at once.
        self.queue.pop(unsafe { unprotected() })
    }
}

impl<T> FusedIterator for MsDrain<'_, T> {}

impl<T> Drop for MsDrain<'_, T> {
    fn drop(&mut self) {
        /// Goes on with the rest when the destructor of one value panics.
        struct Rest<'a, 'q, T>(&'a mut MsDrain<'q, T>);
        impl<T> Drop for Rest<'_, '_, T> {
            fn drop(&mut self) {
                self.0.by_ref().for_each(drop);
            }
        }
        Rest(self).0.by_ref().for_each(drop);
    }
}

impl<T> fmt::Debug for MsDrain<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MsDrain").finish_non_exhaustive()
    }
}

/// Owns a queue and yields its values.
pub struct MsIntoIter<T> {
    queue: MsQueue<T>,
}

impl<T> Iterator for MsIntoIter<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        // SAFETY: the queue is owned, so a node may be freed at once.
        self.queue.pop(unsafe { unprotected() })
    }
}

impl<T> FusedIterator for MsIntoIter<T> {}

impl<T> fmt::Debug for MsIntoIter<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MsIntoIter").finish_non_exhaustive()
    }
}

impl<T> IntoIterator for MsQueue<T> {
    type Item = T;
    type IntoIter = MsIntoIter<T>;

    fn into_iter(self) -> MsIntoIter<T> {
        MsIntoIter { queue: self }
    }
}

/// The values from front to end, to be changed; made by [`MsQueue::iter_mut`].
pub struct MsIterMut<'q, T> {
    /// The node whose successor is yielded next.
    before: Shared<'q, Node<T>>,
    _queue: PhantomData<&'q mut MsQueue<T>>,
}

// SAFETY: it is a `&mut MsQueue<T>` that yields `&mut T`.
unsafe impl<T: Send> Send for MsIterMut<'_, T> {}
// SAFETY: shared, it gives nothing.
unsafe impl<T: Send> Sync for MsIterMut<'_, T> {}

impl<'q, T> MsIterMut<'q, T> {
    pub(super) fn new(queue: &'q mut MsQueue<T>) -> Self {
        let before = queue.head.load_mut();
        MsIterMut { before, _queue: PhantomData }
    }
}

impl<'q, T> Iterator for MsIterMut<'q, T> {
    type Item = &'q mut T;

    fn next(&mut self) -> Option<&'q mut T> {
        // SAFETY: the queue is borrowed exclusively: its nodes live, and no other thread is there.
        let guard = unsafe { unprotected() };
        // SAFETY: as above. Nodes are reached by shared references only, so that the values
        // already yielded, which lie in cells, stay exclusive.
        let before = unsafe { self.before.as_ref() }?;
        // Relaxed: the exclusive borrow orders everything.
        let next = before.next.load(Ordering::Relaxed, guard);
        // SAFETY: as above.
        let node = unsafe { next.as_ref() }?;
        self.before = next;
        // SAFETY: a node after the sentinel holds a value [I4], and each is yielded once.
        Some(node.value.with_mut(|value| unsafe { (*value).assume_init_mut() }))
    }
}

impl<T> FusedIterator for MsIterMut<'_, T> {}

impl<T> fmt::Debug for MsIterMut<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MsIterMut").finish_non_exhaustive()
    }
}

impl<'q, T> IntoIterator for &'q mut MsQueue<T> {
    type Item = &'q mut T;
    type IntoIter = MsIterMut<'q, T>;

    fn into_iter(self) -> MsIterMut<'q, T> {
        self.iter_mut()
    }
}
