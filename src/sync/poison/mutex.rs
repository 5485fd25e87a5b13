//! The mutex that a panic poisons.

use super::{LockResult, Poison, TryLockResult, Watch};
use crate::{
    sync::{self, Barging, CondvarGuard, Fairness, condvar::sealed::Sealed, key::Locked},
    wait::{self, Clock, Policy},
};
use core::{
    fmt,
    ops::{Deref, DerefMut},
    panic::{RefUnwindSafe, UnwindSafe},
    time::Duration,
};

/// A [`Mutex`](sync::Mutex) that is poisoned when who has locked it panics; see the [module](super).
///
/// It has no owned guards, and none of parts.
pub struct Mutex<T: ?Sized, P: Policy = wait::DefaultPolicy, F: Fairness = Barging> {
    poison: Poison,
    mutex: sync::generic::Mutex<T, P, F>,
}

/// As of std's: who sees what a panic left behind is told.
impl<T: ?Sized, P: Policy, F: Fairness> UnwindSafe for Mutex<T, P, F> {}
impl<T: ?Sized, P: Policy, F: Fairness> RefUnwindSafe for Mutex<T, P, F> {}

impl<T> Mutex<T> {
    /// A mutex that nobody has locked.
    pub const fn new(value: T) -> Self {
        Mutex::with_policy(value)
    }
}

impl<T, P: Policy, F: Fairness> Mutex<T, P, F> {
    /// As [`new`](Mutex::new), for whichever policy and fairness.
    pub const fn with_policy(value: T) -> Self {
        Mutex { poison: Poison::new(), mutex: sync::generic::Mutex::new(value) }
    }

    /// The value.
    ///
    /// # Errors
    /// The value, if it is poisoned.
    pub fn into_inner(self) -> LockResult<T> {
        self.poison.check(self.mutex.into_inner())
    }
}

impl<T: ?Sized, P: Policy, F: Fairness> Mutex<T, P, F> {
    fn guard<'a>(&'a self, guard: sync::MutexGuard<'a, T, P, F>) -> MutexGuard<'a, T, P, F> {
        MutexGuard { watch: self.poison.watch(), mutex: self, guard }
    }

    /// Locks it.
    ///
    /// # Errors
    /// The guard, if it is poisoned.
    pub async fn lock(&self) -> LockResult<MutexGuard<'_, T, P, F>> {
        let guard = self.mutex.lock().await;
        self.poison.check(self.guard(guard))
    }

    /// Blocks the thread until it has locked it.
    ///
    /// # Errors
    /// The guard, if it is poisoned.
    pub fn lock_blocking(&self) -> LockResult<MutexGuard<'_, T, P, F>> {
        self.poison.check(self.guard(self.mutex.lock_blocking()))
    }

    /// Locks it if it is free.
    ///
    /// # Errors
    /// The guard, if it is poisoned; none, if it is not free.
    pub fn try_lock(&self) -> TryLockResult<MutexGuard<'_, T, P, F>> {
        self.poison.check_try(self.mutex.try_lock().map(|guard| self.guard(guard)))
    }

    /// The value: who has the mutex for itself needs no lock.
    ///
    /// # Errors
    /// The value, if it is poisoned.
    pub fn get_mut(&mut self) -> LockResult<&mut T> {
        self.poison.check(self.mutex.get_mut())
    }

    /// Whether it is poisoned, at this moment.
    pub fn is_poisoned(&self) -> bool {
        self.poison.is_set()
    }

    /// The value is whole again. (Said by who has locked it, or nobody can know.)
    pub fn clear_poison(&self) {
        self.poison.clear();
    }
}

/// For some time.
impl<T: ?Sized, P: Policy + Clock, F: Fairness> Mutex<T, P, F> {
    /// Blocks the thread until it has locked it, or for so long.
    ///
    /// # Errors
    /// The guard, if it is poisoned; none, if it was not free in time.
    pub fn lock_timeout(&self, timeout: Duration) -> TryLockResult<MutexGuard<'_, T, P, F>> {
        self.poison.check_try(self.mutex.lock_timeout(timeout).map(|guard| self.guard(guard)))
    }

    /// Blocks the thread until it has locked it, or until then.
    ///
    /// # Errors
    /// As [`lock_timeout`](Mutex::lock_timeout).
    pub fn lock_deadline(&self, deadline: P::Instant) -> TryLockResult<MutexGuard<'_, T, P, F>> {
        self.poison.check_try(self.mutex.lock_deadline(deadline).map(|guard| self.guard(guard)))
    }
}

impl<T: Default, P: Policy, F: Fairness> Default for Mutex<T, P, F> {
    fn default() -> Self {
        Mutex::with_policy(T::default())
    }
}

impl<T: ?Sized + fmt::Debug, P: Policy, F: Fairness> fmt::Debug for Mutex<T, P, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Mutex");
        match self.mutex.try_lock() {
            Some(guard) => shown.field("value", &&*guard),
            None => shown.field("value", &format_args!("<locked>")),
        };
        shown.field("is_poisoned", &self.is_poisoned()).finish()
    }
}

/// The right to the value of a locked [`Mutex`]: its drop unlocks, and poisons if the thread panics.
///
/// A [`Condvar`](sync::Condvar) waits with it, and gives a [`LockResult`].
#[must_use = "a guard that is dropped at once unlocks at once"]
pub struct MutexGuard<'a, T: ?Sized, P: Policy = wait::DefaultPolicy, F: Fairness = Barging> {
    /// Dropped first.
    #[allow(dead_code, reason = "its drop looks")]
    watch: Watch<'a>,
    mutex: &'a Mutex<T, P, F>,
    guard: sync::MutexGuard<'a, T, P, F>,
}

impl<T: ?Sized, P: Policy, F: Fairness> Deref for MutexGuard<'_, T, P, F> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.guard
    }
}

impl<T: ?Sized, P: Policy, F: Fairness> DerefMut for MutexGuard<'_, T, P, F> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.guard
    }
}

impl<T: ?Sized + fmt::Debug, P: Policy, F: Fairness> fmt::Debug for MutexGuard<'_, T, P, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized + fmt::Display, P: Policy, F: Fairness> fmt::Display for MutexGuard<'_, T, P, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

/// How a condition reaches the mutex.
#[doc(hidden)]
#[derive(Debug)]
pub struct Reached<'a, T: ?Sized, P: Policy, F: Fairness>(&'a Mutex<T, P, F>);

impl<T: ?Sized, P: Policy, F: Fairness> Clone for Reached<'_, T, P, F> {
    fn clone(&self) -> Self {
        Reached(self.0)
    }
}

impl<T: ?Sized, P: Policy, F: Fairness> Deref for Reached<'_, T, P, F> {
    type Target = sync::generic::Mutex<T, P, F>;

    fn deref(&self) -> &Self::Target {
        &self.0.mutex
    }
}

impl<T: ?Sized, P: Policy, F: Fairness> Sealed for MutexGuard<'_, T, P, F> {}

impl<'a, T: ?Sized, P: Policy, F: Fairness> CondvarGuard for MutexGuard<'a, T, P, F> {
    type Policy = P;
    type Output = LockResult<Self>;
    type Fairness = F;
    type Mutex = Reached<'a, T, P, F>;

    fn mutex_of(guard: &Self) -> Self::Mutex {
        Reached(guard.mutex)
    }

    unsafe fn locked(Reached(mutex): Self::Mutex) -> Self {
        // SAFETY: as the caller promises.
        mutex.guard(unsafe { sync::MutexGuard::new(&mutex.mutex, Locked::Among) })
    }

    fn into_output(guard: Self) -> Self::Output {
        guard.mutex.poison.check(guard)
    }

    fn from_output(output: Self::Output) -> Result<Self, Self::Output> {
        output.map_err(Err)
    }
}
