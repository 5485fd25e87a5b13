//! The pinned view: the queue's methods without their guards.

use super::MsQueue;
use crate::reclaim::{GarbageFull, Guard};
use core::fmt;

/// A queue and a guard of its domain; made by [`MsQueue::pin`].
///
/// While it lives, no node that anybody pops from now on is freed: keep it for a batch of
/// operations, not for ever, or [`repin`](Self::repin) it now and then.
///
/// ```
/// use counterpoint::queue::MsQueue;
/// let queue = MsQueue::new();
/// let mut view = queue.pin();
/// for batch in [[1, 2], [3, 4]] {
///     batch.map(|value| view.push(value));
///     view.repin();
/// }
/// assert_eq!(view.pop(), Some(1));
/// ```
pub struct MsQueueRef<'q, T> {
    queue: &'q MsQueue<T>,
    guard: Guard<'q>,
}

impl<'q, T> MsQueueRef<'q, T> {
    /// The guard is of the queue's domain.
    #[inline(always)]
    pub(super) fn new(queue: &'q MsQueue<T>, guard: Guard<'q>) -> Self {
        MsQueueRef { queue, guard }
    }

    /// The queue.
    pub fn queue(&self) -> &'q MsQueue<T> {
        self.queue
    }

    /// The guard.
    pub fn guard(&self) -> &Guard<'q> {
        &self.guard
    }

    /// Lets go of what was popped so far; see [`Guard::repin`].
    pub fn repin(&mut self) {
        self.guard.repin();
    }

    /// Adds `value` at the end. Lock-free.
    #[inline]
    pub fn push(&self, value: T) {
        self.queue.push(value, &self.guard);
    }

    /// Adds `value` at the end, unless the garbage has reached its cap; see [`MsQueue::push_within`].
    ///
    /// # Errors
    /// With the value, when the garbage is full.
    #[inline]
    pub fn push_within(&self, value: T) -> Result<(), GarbageFull<T>> {
        self.queue.push_within(value, &self.guard)
    }

    /// Takes the value at the front. Lock-free.
    #[inline]
    pub fn pop(&self) -> Option<T> {
        self.queue.pop(&self.guard)
    }

    /// Whether the queue had no value at some moment of the call. Wait-free.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.queue.is_empty(&self.guard)
    }
}

impl<T> Extend<T> for MsQueueRef<'_, T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, values: I) {
        values.into_iter().for_each(|value| self.push(value));
    }
}

impl<T> fmt::Debug for MsQueueRef<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MsQueueRef").field("queue", self.queue).finish()
    }
}
