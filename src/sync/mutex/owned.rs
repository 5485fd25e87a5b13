//! Guards that keep the mutex alive.

use super::{Barging, Fairness, Mutex};
use crate::wait::{self, Policy};
use alloc::sync::Arc;
use core::{
    fmt,
    marker::PhantomData,
    ops::{Deref, DerefMut},
};

/// As [`MutexGuard`](super::MutexGuard), with an `Arc` of the mutex.
#[must_use = "a guard that is dropped at once unlocks at once"]
pub struct OwnedMutexGuard<T: ?Sized, P: Policy = wait::DefaultPolicy, F: Fairness = Barging> {
    /// Dropped after it was unlocked.
    mutex: Arc<Mutex<T, P, F>>,
    /// Shared as the value: not by who may only send it.
    _value: PhantomData<*mut T>,
}

// SAFETY: the value goes with it, and the mutex, which is Send and Sync if the value is Send.
unsafe impl<T: ?Sized + Send, P: Policy, F: Fairness> Send for OwnedMutexGuard<T, P, F> {}
// SAFETY: shared, it gives `&T`, and the mutex, which may be cloned and sent since `T: Send`.
unsafe impl<T: ?Sized + Send + Sync, P: Policy, F: Fairness> Sync for OwnedMutexGuard<T, P, F> {}

impl<T: ?Sized, P: Policy, F: Fairness> OwnedMutexGuard<T, P, F> {
    /// # Safety
    /// The mutex is locked, and nobody else unlocks it.
    pub(super) unsafe fn new(mutex: Arc<Mutex<T, P, F>>) -> Self {
        OwnedMutexGuard { mutex, _value: PhantomData }
    }

    /// The mutex.
    pub fn mutex(guard: &Self) -> &Arc<Mutex<T, P, F>> {
        &guard.mutex
    }
}

impl<T: ?Sized, P: Policy, F: Fairness> Deref for OwnedMutexGuard<T, P, F> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: the guard has the lock.
        unsafe { &*self.mutex.value.get() }
    }
}

impl<T: ?Sized, P: Policy, F: Fairness> DerefMut for OwnedMutexGuard<T, P, F> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the guard has the lock, and is borrowed exclusively.
        unsafe { &mut *self.mutex.value.get() }
    }
}

impl<T: ?Sized, P: Policy, F: Fairness> Drop for OwnedMutexGuard<T, P, F> {
    fn drop(&mut self) {
        // SAFETY: the guard has the lock.
        unsafe { self.mutex.raw.unlock() };
    }
}

impl<T: ?Sized + fmt::Debug, P: Policy, F: Fairness> fmt::Debug for OwnedMutexGuard<T, P, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
