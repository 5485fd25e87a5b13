//! Those who are woken when the queue's lock is free.

use super::{node::Waiter, policy::Park};
use crate::facade::tuning::WAKES;
use core::slice;

/// Some waiters that have been told, and have yet to be woken: as many as one hold of a queue's lock
/// may tell.
///
/// Its drop wakes them, which is code of users: not under the lock. If one panics the others are
/// woken all the same (and a second panic aborts the program, as it does in any destructor).
pub(crate) struct Wakes<P: Park> {
    waiters: [Option<Waiter<P>>; WAKES],
    len: usize,
}

impl<P: Park> Wakes<P> {
    pub(super) const fn new() -> Self {
        Wakes { waiters: [const { None }; WAKES], len: 0 }
    }

    pub(crate) fn is_full(&self) -> bool {
        self.len == WAKES
    }

    /// # Panics
    /// When it is full.
    pub(crate) fn push(&mut self, waiter: Waiter<P>) {
        self.waiters[self.len] = Some(waiter);
        self.len += 1;
    }
}

impl<P: Park> Drop for Wakes<P> {
    fn drop(&mut self) {
        WakeEach(self.waiters[..self.len].iter_mut()).run();
    }
}

struct WakeEach<'a, P: Park>(slice::IterMut<'a, Option<Waiter<P>>>);

impl<P: Park> WakeEach<'_, P> {
    fn run(&mut self) {
        for place in self.0.by_ref() {
            if let Some(waiter) = place.take() {
                waiter.wake();
            }
        }
    }
}

impl<P: Park> Drop for WakeEach<'_, P> {
    fn drop(&mut self) {
        self.run();
    }
}
