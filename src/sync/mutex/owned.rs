//! Locking by shared owners: guards and futures that keep the mutex alive.

use super::Mutex;
use crate::{
    sync::{Barging, Fairness},
    wait::{self, Joins, Membership, Policy, Source, Waiting},
};
use alloc::sync::Arc;
use core::{
    fmt,
    future::Future,
    marker::PhantomData,
    ops::{Deref, DerefMut},
    pin::Pin,
    task::{Context, Poll},
};

/// Locking, by shared owners.
impl<T: ?Sized, P: Policy, F: Fairness> Mutex<T, P, F> {
    /// As [`try_lock`](Mutex::try_lock).
    pub fn try_lock_owned(self: &Arc<Self>) -> Option<OwnedMutexGuard<T, P, F>> {
        // SAFETY: locked.
        self.raw.try_lock().then(|| unsafe { OwnedMutexGuard::new(self.clone()) })
    }

    /// As [`lock_blocking`](Mutex::lock_blocking).
    pub fn lock_owned_blocking(self: &Arc<Self>) -> OwnedMutexGuard<T, P, F> {
        core::mem::forget(self.lock_blocking());
        // SAFETY: locked, and its guard was forgotten.
        unsafe { OwnedMutexGuard::new(self.clone()) }
    }

    /// As [`lock`](Mutex::lock), also for tasks that must be `'static`.
    pub fn lock_owned(self: &Arc<Self>) -> LockOwned<T, P, F> {
        LockOwned::new(self.clone())
    }
}

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

/// A future that locks a mutex and keeps it alive; see [`Mutex::lock_owned`].
#[must_use = "futures do nothing unless they are awaited"]
pub struct LockOwned<T: ?Sized, P: Policy = wait::DefaultPolicy, F: Fairness = Barging> {
    mutex: Arc<Mutex<T, P, F>>,
    waiting: Waiting<P>,
}

impl<T: ?Sized, P: Policy, F: Fairness> LockOwned<T, P, F> {
    pub(super) fn new(mutex: Arc<Mutex<T, P, F>>) -> Self {
        LockOwned { mutex, waiting: Waiting::new(0) }
    }
}

impl<T: ?Sized, P: Policy, F: Fairness> Future for LockOwned<T, P, F> {
    type Output = OwnedMutexGuard<T, P, F>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        // SAFETY: `waiting` is pinned with the future; the `Arc` is not moved.
        let this = unsafe { self.get_unchecked_mut() };
        // SAFETY: as above.
        let waiting = unsafe { Pin::new_unchecked(&mut this.waiting) };
        let mutex = &this.mutex;
        // SAFETY: locked.
        let guard = |_| unsafe { OwnedMutexGuard::new(mutex.clone()) };
        waiting.poll(&mutex.raw, context).map(guard)
    }
}

impl<T: ?Sized, P: Policy, F: Fairness> Joins for LockOwned<T, P, F> {
    fn join(self: Pin<&mut Self>, Membership(member): Membership) {
        // SAFETY: `waiting` is pinned with the future, and leaves before it goes; a member's group outlives
        // that.
        unsafe { self.map_unchecked_mut(|this| &mut this.waiting).join(member) };
    }

    fn serve(&self) {
        self.mutex.raw.serve();
    }
}

impl<T: ?Sized, P: Policy, F: Fairness> Drop for LockOwned<T, P, F> {
    fn drop(&mut self) {
        self.waiting.leave(&self.mutex.raw);
    }
}

impl<T: ?Sized, P: Policy, F: Fairness> fmt::Debug for LockOwned<T, P, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LockOwned").finish_non_exhaustive()
    }
}
