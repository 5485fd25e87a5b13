//! Permits, and the duty to give them back.

use super::{MAX_PERMITS, Semaphore};
use crate::{
    sync::{Barging, Fairness},
    wait::{self, Policy},
};
use core::{fmt, mem, ptr};

/// Permits of a [`Semaphore`], which their drop gives back.
///
/// They may be sent to another thread, and given back there.
///
/// Permits do not outlive their semaphore:
/// ```compile_fail,E0597
/// use counterpoint::sync::{Semaphore, SemaphorePermit};
/// let permit: SemaphorePermit<'_> = { let one = Semaphore::new(1); one.try_acquire().unwrap() };
/// ```
#[must_use = "permits that are dropped at once are given back at once"]
pub struct SemaphorePermit<'a, P: Policy = wait::DefaultPolicy, F: Fairness = Barging> {
    semaphore: &'a Semaphore<P, F>,
    permits: usize,
}

impl<'a, P: Policy, F: Fairness> SemaphorePermit<'a, P, F> {
    #[inline]
    pub(super) fn new(semaphore: &'a Semaphore<P, F>, permits: usize) -> Self {
        SemaphorePermit { semaphore, permits }
    }

    /// How many they are.
    pub fn num_permits(&self) -> usize {
        self.permits
    }

    /// Takes so many of them apart; `None`: they are fewer.
    pub fn split(&mut self, permits: usize) -> Option<Self> {
        self.permits = self.permits.checked_sub(permits)?;
        Some(SemaphorePermit { semaphore: self.semaphore, permits })
    }

    /// Adds others of the same semaphore.
    ///
    /// # Panics
    /// When they are another semaphore's, or more than [`MAX_PERMITS`](Semaphore::MAX_PERMITS).
    pub fn merge(&mut self, other: Self) {
        assert!(
            ptr::eq(self.semaphore, other.semaphore),
            "permits of two semaphores cannot be merged"
        );
        self.permits = sum(self.permits, other.permits);
        other.forget();
    }

    /// Never gives them back: the semaphore has so many fewer.
    pub fn forget(self) {
        mem::forget(self);
    }

    /// The semaphore.
    pub fn semaphore(&self) -> &'a Semaphore<P, F> {
        self.semaphore
    }
}

/// How many there are when permits are merged.
pub(super) fn sum(some: usize, more: usize) -> usize {
    let sum = some.checked_add(more).filter(|sum| *sum <= MAX_PERMITS);
    sum.expect("at most MAX_PERMITS permits are merged")
}

impl<P: Policy, F: Fairness> Drop for SemaphorePermit<'_, P, F> {
    #[inline]
    fn drop(&mut self) {
        self.semaphore.release(self.permits);
    }
}

impl<P: Policy, F: Fairness> fmt::Debug for SemaphorePermit<'_, P, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SemaphorePermit").field("permits", &self.permits).finish_non_exhaustive()
    }
}
