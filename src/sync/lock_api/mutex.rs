//! The mutex without a value.

use super::{whole, within};
use crate::{
    sync::{Barging, Fairness, key::Locked, mutex},
    wait::{self, Clock, Policy},
};
use core::{fmt, time::Duration};

/// A [`Mutex`](crate::sync::Mutex) without its value, for lock_api (features `lock_api`, `lock_api-0_5`):
/// threads alone wait for it.
///
/// It has every trait that lock_api has for a mutex; the timed ones if the policy has a
/// [`Clock`]. A guard may be sent to another thread, and unlocked there.
///
/// ```
/// # #[cfg(feature = "lock_api")] {
/// use counterpoint::sync::RawMutex;
///
/// static TOTAL: lock_api::Mutex<RawMutex, u64> = lock_api::Mutex::new(0);
/// std::thread::scope(|scope| {
///     for _ in 0..4 {
///         scope.spawn(|| *TOTAL.lock() += 1);
///     }
/// });
/// assert_eq!(*TOTAL.lock(), 4);
/// # }
/// ```
///
/// # Panics
/// A policy that panics while a thread blocks or is woken ends the program.
pub struct RawMutex<P: Policy = wait::DefaultPolicy, F: Fairness = Barging> {
    raw: mutex::RawMutex<P, F>,
}

impl<P: Policy, F: Fairness> RawMutex<P, F> {
    /// A mutex that nobody has locked.
    pub const fn new() -> Self {
        RawMutex { raw: mutex::RawMutex::new() }
    }

    pub(super) fn is_taken(&self) -> bool {
        self.raw.is_locked()
    }

    #[inline]
    pub(super) fn try_take(&self) -> bool {
        self.raw.try_lock().is_some()
    }

    #[inline]
    pub(super) fn take(&self) {
        if self.raw.try_lock().is_none() {
            whole(|| {
                self.raw.lock_contended();
            });
        }
    }

    /// # Safety
    /// The caller has the lock.
    #[inline]
    pub(super) unsafe fn give_back(&self) {
        // SAFETY: as the caller promises.
        whole(|| unsafe { self.raw.unlock(Locked::Among) });
    }

    /// # Safety
    /// The caller has the lock.
    pub(super) unsafe fn give_back_fair(&self) {
        // SAFETY: as the caller promises.
        whole(|| unsafe { self.raw.unlock_fair(Locked::Among) });
    }

    /// # Safety
    /// The caller has the lock.
    pub(super) unsafe fn let_others_go_first(&self) {
        // SAFETY: as the caller promises.
        whole(|| unsafe { self.raw.bump(Locked::Among) });
    }
}

impl<P: Policy + Clock, F: Fairness> RawMutex<P, F> {
    pub(super) fn take_until(&self, deadline: P::Instant) -> bool {
        whole(|| self.raw.lock_until(deadline).is_some())
    }

    pub(super) fn take_within(&self, timeout: Duration) -> bool {
        self.try_take()
            || within::<P>(timeout, |deadline| self.take_until(deadline), || self.take())
    }
}

impl<P: Policy, F: Fairness> Default for RawMutex<P, F> {
    fn default() -> Self {
        RawMutex::new()
    }
}

impl<P: Policy, F: Fairness> fmt::Debug for RawMutex<P, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawMutex").field("is_locked", &self.is_taken()).finish()
    }
}
