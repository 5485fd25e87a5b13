//! Whom to wake once a queue is free again.
//!
//! A waker that panics keeps nobody from being woken: the rest are woken while the panic unwinds.

use super::{node::Waiter, policy::Park};

/// At most so many are taken out of a queue at a time.
pub(super) const BATCH: usize = 16;

/// Waiters to be woken, in order.
pub(crate) struct Wakes<P: Park> {
    waiters: [Option<Waiter<P>>; BATCH],
    from: usize,
    to: usize,
}

impl<P: Park> Wakes<P> {
    pub(crate) fn new() -> Self {
        Wakes { waiters: [const { None }; BATCH], from: 0, to: 0 }
    }

    pub(crate) fn is_full(&self) -> bool {
        self.to == BATCH
    }

    /// # Panics
    /// When it is full.
    pub(crate) fn push(&mut self, waiter: Waiter<P>) {
        self.waiters[self.to] = Some(waiter);
        self.to += 1;
    }

    /// Wakes all of them.
    pub(crate) fn wake(mut self) {
        self.wake_rest();
    }

    fn wake_rest(&mut self) {
        while self.from < self.to {
            let waiter = self.waiters[self.from].take();
            self.from += 1;
            if let Some(waiter) = waiter {
                waiter.wake();
            }
        }
    }
}

impl<P: Park> Drop for Wakes<P> {
    fn drop(&mut self) {
        self.wake_rest();
    }
}
