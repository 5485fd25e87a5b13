//! Futures that lock.

use super::{Mutex, MutexGuard};
use crate::{
    sync::{Barging, Fairness, key::Locked},
    wait::{self, Joins, Membership, Policy, Waiting},
};
use core::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

/// A future that locks a mutex; see [`Mutex::lock`].
#[must_use = "futures do nothing unless they are awaited"]
pub struct Lock<'a, T: ?Sized, P: Policy = wait::DefaultPolicy, F: Fairness = Barging> {
    mutex: &'a Mutex<T, P, F>,
    waiting: Waiting<P>,
}

impl<'a, T: ?Sized, P: Policy, F: Fairness> Lock<'a, T, P, F> {
    #[inline]
    pub(super) fn new(mutex: &'a Mutex<T, P, F>) -> Self {
        Lock { mutex, waiting: Waiting::new(0) }
    }
}

impl<'a, T: ?Sized, P: Policy, F: Fairness> Future for Lock<'a, T, P, F> {
    type Output = MutexGuard<'a, T, P, F>;

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mutex = self.mutex;
        // SAFETY: `waiting` is pinned with the future.
        let mut waiting = unsafe { self.map_unchecked_mut(|this| &mut this.waiting) };
        if let Some(held) = waiting.as_mut().take_at_once(|| mutex.raw.try_lock_at_once()) {
            // SAFETY: locked.
            return Poll::Ready(unsafe { MutexGuard::new(mutex, held) });
        }
        // SAFETY: locked.
        waiting.poll(&mutex.raw, context).map(|_| unsafe { MutexGuard::new(mutex, Locked::Among) })
    }
}

impl<T: ?Sized, P: Policy, F: Fairness> Joins for Lock<'_, T, P, F> {
    fn join(self: Pin<&mut Self>, Membership(member): Membership) {
        // SAFETY: `waiting` is pinned with the future, and leaves before it goes; a member's group outlives
        // that.
        unsafe { self.map_unchecked_mut(|this| &mut this.waiting).join(member) };
    }
}

impl<T: ?Sized, P: Policy, F: Fairness> Drop for Lock<'_, T, P, F> {
    #[inline]
    fn drop(&mut self) {
        self.waiting.leave(&self.mutex.raw);
    }
}

impl<T: ?Sized, P: Policy, F: Fairness> fmt::Debug for Lock<'_, T, P, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lock").finish_non_exhaustive()
    }
}
