//! Acquiring by shared owners: permits and futures that keep the semaphore alive.

use super::{
    AcquireError, Semaphore, SemaphorePermit, TimedAcquireError, TryAcquireError, check,
    permit::sum,
};
use crate::{
    sync::{Barging, Fairness},
    wait::{self, Clock, Joins, Membership, Policy, Wait},
};
use alloc::sync::Arc;
use core::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

/// Acquiring, by shared owners.
impl<P: Policy, F: Fairness> Semaphore<P, F> {
    /// As [`try_acquire`](Semaphore::try_acquire).
    ///
    /// # Errors
    /// As there.
    pub fn try_acquire_owned(
        self: &Arc<Self>,
    ) -> Result<OwnedSemaphorePermit<P, F>, TryAcquireError> {
        self.try_acquire_many_owned(1)
    }

    /// As [`try_acquire_many`](Semaphore::try_acquire_many).
    ///
    /// # Errors
    /// As there.
    ///
    /// # Panics
    /// As there.
    pub fn try_acquire_many_owned(
        self: &Arc<Self>,
        permits: usize,
    ) -> Result<OwnedSemaphorePermit<P, F>, TryAcquireError> {
        self.try_acquire_many(permits).map(|permit| self.own(permit))
    }

    /// As [`acquire_blocking`](Semaphore::acquire_blocking).
    ///
    /// # Errors
    /// As there.
    pub fn acquire_owned_blocking(
        self: &Arc<Self>,
    ) -> Result<OwnedSemaphorePermit<P, F>, AcquireError> {
        self.acquire_many_owned_blocking(1)
    }

    /// As [`acquire_many_blocking`](Semaphore::acquire_many_blocking).
    ///
    /// # Errors
    /// As there.
    ///
    /// # Panics
    /// As there.
    pub fn acquire_many_owned_blocking(
        self: &Arc<Self>,
        permits: usize,
    ) -> Result<OwnedSemaphorePermit<P, F>, AcquireError> {
        self.acquire_many_blocking(permits).map(|permit| self.own(permit))
    }

    /// As [`acquire`](Semaphore::acquire), also for tasks that must be `'static`.
    pub fn acquire_owned(self: &Arc<Self>) -> AcquirePermitsOwned<P, F> {
        self.acquire_many_owned(1)
    }

    /// As [`acquire_many`](Semaphore::acquire_many), also for tasks that must be `'static`.
    ///
    /// # Panics
    /// As there.
    pub fn acquire_many_owned(self: &Arc<Self>, permits: usize) -> AcquirePermitsOwned<P, F> {
        check(permits);
        AcquirePermitsOwned { wait: Wait::new(self.clone(), permits), permits }
    }

    /// The same permits, with an owner.
    fn own(self: &Arc<Self>, permit: SemaphorePermit<'_, P, F>) -> OwnedSemaphorePermit<P, F> {
        let permits = permit.num_permits();
        permit.forget();
        OwnedSemaphorePermit { semaphore: self.clone(), permits }
    }
}

/// Acquiring for some time, by shared owners.
impl<P: Policy + Clock, F: Fairness> Semaphore<P, F> {
    /// As [`acquire_many_timeout`](Semaphore::acquire_many_timeout).
    ///
    /// # Errors
    /// As there.
    ///
    /// # Panics
    /// As there.
    pub fn acquire_many_owned_timeout(
        self: &Arc<Self>,
        permits: usize,
        timeout: Duration,
    ) -> Result<OwnedSemaphorePermit<P, F>, TimedAcquireError> {
        self.acquire_many_timeout(permits, timeout).map(|permit| self.own(permit))
    }

    /// As [`acquire_many_deadline`](Semaphore::acquire_many_deadline).
    ///
    /// # Errors
    /// As there.
    ///
    /// # Panics
    /// As there.
    pub fn acquire_many_owned_deadline(
        self: &Arc<Self>,
        permits: usize,
        deadline: P::Instant,
    ) -> Result<OwnedSemaphorePermit<P, F>, TimedAcquireError> {
        self.acquire_many_deadline(permits, deadline).map(|permit| self.own(permit))
    }
}

/// As [`SemaphorePermit`], with an `Arc` of the semaphore.
#[must_use = "permits that are dropped at once are given back at once"]
pub struct OwnedSemaphorePermit<P: Policy = wait::DefaultPolicy, F: Fairness = Barging> {
    /// Dropped after they were given back.
    semaphore: Arc<Semaphore<P, F>>,
    permits: usize,
}

impl<P: Policy, F: Fairness> OwnedSemaphorePermit<P, F> {
    /// How many they are.
    pub fn num_permits(&self) -> usize {
        self.permits
    }

    /// Takes so many of them apart; `None`: they are fewer.
    pub fn split(&mut self, permits: usize) -> Option<Self> {
        self.permits = self.permits.checked_sub(permits)?;
        Some(OwnedSemaphorePermit { semaphore: self.semaphore.clone(), permits })
    }

    /// Adds others of the same semaphore.
    ///
    /// # Panics
    /// When they are another semaphore's, or more than [`MAX_PERMITS`](Semaphore::MAX_PERMITS).
    pub fn merge(&mut self, mut other: Self) {
        assert!(
            Arc::ptr_eq(&self.semaphore, &other.semaphore),
            "permits of two semaphores cannot be merged"
        );
        self.permits = sum(self.permits, other.permits);
        other.permits = 0;
    }

    /// Never gives them back: the semaphore has so many fewer.
    pub fn forget(mut self) {
        self.permits = 0;
    }

    /// The semaphore.
    pub fn semaphore(&self) -> &Arc<Semaphore<P, F>> {
        &self.semaphore
    }
}

impl<P: Policy, F: Fairness> Drop for OwnedSemaphorePermit<P, F> {
    fn drop(&mut self) {
        self.semaphore.release(self.permits);
    }
}

impl<P: Policy, F: Fairness> fmt::Debug for OwnedSemaphorePermit<P, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnedSemaphorePermit")
            .field("permits", &self.permits)
            .finish_non_exhaustive()
    }
}

/// A future that acquires permits and keeps the semaphore alive; see [`Semaphore::acquire_owned`].
#[must_use = "futures do nothing unless they are awaited"]
pub struct AcquirePermitsOwned<P: Policy = wait::DefaultPolicy, F: Fairness = Barging> {
    wait: Wait<Arc<Semaphore<P, F>>>,
    permits: usize,
}

impl<P: Policy, F: Fairness> Future for AcquirePermitsOwned<P, F> {
    /// # Errors
    /// The semaphore is closed.
    type Output = Result<OwnedSemaphorePermit<P, F>, AcquireError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        // SAFETY: `wait` is pinned with the future, and nothing is moved.
        let (mut wait, permits) = unsafe {
            let this = self.get_unchecked_mut();
            (Pin::new_unchecked(&mut this.wait), this.permits)
        };
        wait.as_mut().poll(context).map(|waited| {
            let semaphore = wait.source();
            semaphore.acquired(permits, waited).map(|permit| semaphore.own(permit))
        })
    }
}

impl<P: Policy, F: Fairness> Joins for AcquirePermitsOwned<P, F> {
    fn join(self: Pin<&mut Self>, Membership(member): Membership) {
        // SAFETY: `wait` is pinned with the future, and goes with it; a member's group outlives that.
        unsafe { self.map_unchecked_mut(|this| &mut this.wait).join(member) };
    }
}

impl<P: Policy, F: Fairness> fmt::Debug for AcquirePermitsOwned<P, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AcquirePermitsOwned")
            .field("permits", &self.permits)
            .finish_non_exhaustive()
    }
}
