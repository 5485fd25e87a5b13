//! The pinned view: the queue's methods without their guards.

use super::{Queue, QueueTryIter, Unpushed};
use crate::{queue::Closed, reclaim::Guard};
use alloc::vec::Vec;
use core::fmt;

/// A queue and a guard of its domain; made by [`Queue::pin`].
///
/// While it lives, no segment that anybody uses up from now on is freed: keep it for a batch of
/// operations, not for ever, or [`repin`](Self::repin) it now and then.
pub struct QueueRef<'q, T> {
    queue: &'q Queue<T>,
    guard: Guard<'q>,
}

impl<'q, T> QueueRef<'q, T> {
    /// The guard is of the queue's domain.
    #[inline(always)]
    pub(super) fn new(queue: &'q Queue<T>, guard: Guard<'q>) -> Self {
        QueueRef { queue, guard }
    }

    /// The queue.
    pub fn queue(&self) -> &'q Queue<T> {
        self.queue
    }

    /// The guard.
    pub fn guard(&self) -> &Guard<'q> {
        &self.guard
    }

    /// Lets go of what was used up so far; see [`Guard::repin`].
    pub fn repin(&mut self) {
        self.guard.repin();
    }

    /// Adds `value` at the end. Lock-free.
    ///
    /// # Errors
    /// With the value, if the queue is closed.
    #[inline]
    pub fn push(&self, value: T) -> Result<(), Closed<T>> {
        self.queue.push(value, &self.guard)
    }

    /// Adds values at the end; see [`Queue::push_many`].
    ///
    /// # Errors
    /// With what was not pushed, if the queue is closed.
    pub fn push_many<I: IntoIterator<Item = T>>(
        &self,
        values: I,
    ) -> Result<usize, Closed<Unpushed<I::IntoIter>>> {
        self.queue.push_many(values, &self.guard)
    }

    /// Takes the value at the front; `None` if the queue was empty at some moment of the call. Lock-free.
    #[inline]
    pub fn pop(&self) -> Option<T> {
        self.queue.pop(&self.guard)
    }

    /// Pops up to `max` values onto the end of `into`; see [`Queue::pop_many`].
    pub fn pop_many(&self, into: &mut Vec<T>, max: usize) -> usize {
        self.queue.pop_many(into, max, &self.guard)
    }

    /// Pops a value at each step, until the queue is empty; see [`Queue::try_iter`].
    pub fn try_iter(&self) -> QueueTryIter<'_, T> {
        self.queue.try_iter(&self.guard)
    }

    /// Whether the queue had no value at some moment of the call. Lock-free.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.queue.is_empty(&self.guard)
    }

    /// How many values there are; see [`Queue::len`].
    pub fn len(&self) -> usize {
        self.queue.len(&self.guard)
    }

    /// Ends all pushes; see [`Queue::close`].
    pub fn close(&self) -> bool {
        self.queue.close(&self.guard)
    }

    /// Whether the queue is closed.
    pub fn is_closed(&self) -> bool {
        self.queue.is_closed(&self.guard)
    }
}

impl<T> fmt::Debug for QueueRef<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueueRef").field("queue", self.queue).finish()
    }
}
