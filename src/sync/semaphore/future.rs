//! Futures that acquire.

use super::{AcquireError, Semaphore, SemaphorePermit};
use crate::{
    sync::{Barging, Fairness},
    wait::{self, Joins, Membership, Policy, Wait},
};
use core::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

/// A future that acquires permits; see [`Semaphore::acquire`].
#[must_use = "futures do nothing unless they are awaited"]
pub struct AcquirePermits<'a, P: Policy = wait::DefaultPolicy, F: Fairness = Barging> {
    wait: Wait<&'a Semaphore<P, F>>,
    permits: usize,
}

impl<'a, P: Policy, F: Fairness> AcquirePermits<'a, P, F> {
    #[inline]
    pub(super) fn new(semaphore: &'a Semaphore<P, F>, permits: usize) -> Self {
        AcquirePermits { wait: Wait::new(semaphore, permits), permits }
    }
}

impl<'a, P: Policy, F: Fairness> Future for AcquirePermits<'a, P, F> {
    /// # Errors
    /// The semaphore is closed.
    type Output = Result<SemaphorePermit<'a, P, F>, AcquireError>;

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let (semaphore, permits) = (*self.wait.source(), self.permits);
        // SAFETY: `wait` is pinned with the future.
        let wait = unsafe { self.map_unchecked_mut(|this| &mut this.wait) };
        wait.poll(context).map(|waited| semaphore.acquired(permits, waited))
    }
}

impl<P: Policy, F: Fairness> Joins for AcquirePermits<'_, P, F> {
    fn join(self: Pin<&mut Self>, Membership(member): Membership) {
        // SAFETY: `wait` is pinned with the future, and goes with it; a member's group outlives that.
        unsafe { self.map_unchecked_mut(|this| &mut this.wait).join(member) };
    }
}

impl<P: Policy, F: Fairness> fmt::Debug for AcquirePermits<'_, P, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AcquirePermits").field("permits", &self.permits).finish_non_exhaustive()
    }
}
