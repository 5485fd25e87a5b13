//! The pinned view of a stealer: its operations without their guards.

use super::{Stealer, Worker};
use crate::{deque::Steal, reclaim::Guard};
use core::fmt;

/// A stealer and a guard of its deque's domain; made by [`Stealer::pin`].
///
/// While it lives, no ring that the owner replaces from now on is freed: keep it for a batch of
/// operations, not for ever, or [`repin`](Self::repin) it now and then.
pub struct StealerRef<'s, T> {
    stealer: &'s Stealer<T>,
    guard: Guard<'s>,
}

impl<'s, T> StealerRef<'s, T> {
    /// The guard is of the deque's domain.
    #[inline(always)]
    pub(super) fn new(stealer: &'s Stealer<T>, guard: Guard<'s>) -> Self {
        StealerRef { stealer, guard }
    }

    /// The stealer.
    pub fn stealer(&self) -> &'s Stealer<T> {
        self.stealer
    }

    /// The guard.
    pub fn guard(&self) -> &Guard<'s> {
        &self.guard
    }

    /// Lets go of the rings that were replaced so far; see [`Guard::repin`].
    pub fn repin(&mut self) {
        self.guard.repin();
    }

    /// See [`Stealer::steal`].
    #[inline]
    pub fn steal(&self) -> Steal<T> {
        self.stealer.steal(&self.guard)
    }

    /// See [`Stealer::steal_batch`].
    pub fn steal_batch(&self, worker: &Worker<T>) -> Steal<usize> {
        self.stealer.steal_batch(worker, &self.guard)
    }

    /// See [`Stealer::steal_batch_with_limit`].
    pub fn steal_batch_with_limit(&self, worker: &Worker<T>, limit: usize) -> Steal<usize> {
        self.stealer.steal_batch_with_limit(worker, limit, &self.guard)
    }

    /// See [`Stealer::steal_batch_and_pop`].
    pub fn steal_batch_and_pop(&self, worker: &Worker<T>) -> Steal<T> {
        self.stealer.steal_batch_and_pop(worker, &self.guard)
    }

    /// See [`Stealer::steal_batch_with_limit_and_pop`].
    pub fn steal_batch_with_limit_and_pop(&self, worker: &Worker<T>, limit: usize) -> Steal<T> {
        self.stealer.steal_batch_with_limit_and_pop(worker, limit, &self.guard)
    }

    /// See [`Stealer::len`].
    #[inline]
    pub fn len(&self) -> usize {
        self.stealer.len()
    }

    /// See [`Stealer::is_empty`].
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.stealer.is_empty()
    }
}

impl<T> fmt::Debug for StealerRef<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StealerRef").field("stealer", self.stealer).finish()
    }
}
