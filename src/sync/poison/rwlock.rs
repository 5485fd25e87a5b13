//! The read-write lock that a writer's panic poisons.

use super::{LockResult, Poison, TryLockResult, Watch};
use crate::{
    sync::{self, PhaseFair, Preference},
    wait::{self, Clock, Policy},
};
use core::{
    fmt,
    ops::{Deref, DerefMut},
    panic::{RefUnwindSafe, UnwindSafe},
    time::Duration,
};

/// An [`RwLock`](sync::RwLock) that is poisoned when its writer panics; see the [module](super).
///
/// It has no upgradable readers, no owned guards, and none of parts.
pub struct RwLock<T: ?Sized, P: Policy = wait::DefaultPolicy, R: Preference = PhaseFair> {
    poison: Poison,
    lock: sync::generic::RwLock<T, P, R>,
}

/// The right to read: a plain guard, as readers poison nothing.
pub type RwLockReadGuard<'a, T, P = wait::DefaultPolicy, R = PhaseFair> =
    sync::RwLockReadGuard<'a, T, P, R>;

/// As of std's: who sees what a panic left behind is told.
impl<T: ?Sized, P: Policy, R: Preference> UnwindSafe for RwLock<T, P, R> {}
impl<T: ?Sized, P: Policy, R: Preference> RefUnwindSafe for RwLock<T, P, R> {}

impl<T> RwLock<T> {
    /// A lock that nobody has.
    pub const fn new(value: T) -> Self {
        RwLock::with_policy(value)
    }
}

impl<T, P: Policy, R: Preference> RwLock<T, P, R> {
    /// As [`new`](RwLock::new), for whichever policy and preference.
    pub const fn with_policy(value: T) -> Self {
        RwLock { poison: Poison::new(), lock: sync::generic::RwLock::new(value) }
    }

    /// The value.
    ///
    /// # Errors
    /// The value, if it is poisoned.
    pub fn into_inner(self) -> LockResult<T> {
        self.poison.check(self.lock.into_inner())
    }
}

impl<T: ?Sized, P: Policy, R: Preference> RwLock<T, P, R> {
    fn writer<'a>(
        &'a self,
        guard: sync::RwLockWriteGuard<'a, T, P, R>,
    ) -> RwLockWriteGuard<'a, T, P, R> {
        RwLockWriteGuard { watch: self.poison.watch(), guard }
    }

    /// Reads.
    ///
    /// # Errors
    /// The guard, if it is poisoned.
    pub async fn read(&self) -> LockResult<RwLockReadGuard<'_, T, P, R>> {
        let guard = self.lock.read().await;
        self.poison.check(guard)
    }

    /// Blocks the thread until it may read.
    ///
    /// # Errors
    /// The guard, if it is poisoned.
    pub fn read_blocking(&self) -> LockResult<RwLockReadGuard<'_, T, P, R>> {
        self.poison.check(self.lock.read_blocking())
    }

    /// Reads, if no writer has the lock, or waits for it.
    ///
    /// # Errors
    /// The guard, if it is poisoned; none, if it may not.
    pub fn try_read(&self) -> TryLockResult<RwLockReadGuard<'_, T, P, R>> {
        self.poison.check_try(self.lock.try_read())
    }

    /// Writes.
    ///
    /// # Errors
    /// The guard, if it is poisoned.
    pub async fn write(&self) -> LockResult<RwLockWriteGuard<'_, T, P, R>> {
        let guard = self.lock.write().await;
        self.poison.check(self.writer(guard))
    }

    /// Blocks the thread until it may write.
    ///
    /// # Errors
    /// The guard, if it is poisoned.
    pub fn write_blocking(&self) -> LockResult<RwLockWriteGuard<'_, T, P, R>> {
        self.poison.check(self.writer(self.lock.write_blocking()))
    }

    /// Writes, if nobody has the lock.
    ///
    /// # Errors
    /// The guard, if it is poisoned; none, if it may not.
    pub fn try_write(&self) -> TryLockResult<RwLockWriteGuard<'_, T, P, R>> {
        self.poison.check_try(self.lock.try_write().map(|guard| self.writer(guard)))
    }

    /// The value: who has the lock for itself needs not lock it.
    ///
    /// # Errors
    /// The value, if it is poisoned.
    pub fn get_mut(&mut self) -> LockResult<&mut T> {
        self.poison.check(self.lock.get_mut())
    }

    /// Whether it is poisoned, at this moment.
    pub fn is_poisoned(&self) -> bool {
        self.poison.is_set()
    }

    /// The value is whole again. (Said by who writes, or nobody can know.)
    pub fn clear_poison(&self) {
        self.poison.clear();
    }
}

/// For some time.
impl<T: ?Sized, P: Policy + Clock, R: Preference> RwLock<T, P, R> {
    /// Blocks the thread until it may read, or for so long.
    ///
    /// # Errors
    /// The guard, if it is poisoned; none, if it might not in time.
    pub fn read_timeout(&self, timeout: Duration) -> TryLockResult<RwLockReadGuard<'_, T, P, R>> {
        self.poison.check_try(self.lock.read_timeout(timeout))
    }

    /// Blocks the thread until it may read, or until then.
    ///
    /// # Errors
    /// As [`read_timeout`](RwLock::read_timeout).
    pub fn read_deadline(
        &self,
        deadline: P::Instant,
    ) -> TryLockResult<RwLockReadGuard<'_, T, P, R>> {
        self.poison.check_try(self.lock.read_deadline(deadline))
    }

    /// Blocks the thread until it may write, or for so long.
    ///
    /// # Errors
    /// The guard, if it is poisoned; none, if it might not in time.
    pub fn write_timeout(&self, timeout: Duration) -> TryLockResult<RwLockWriteGuard<'_, T, P, R>> {
        self.poison.check_try(self.lock.write_timeout(timeout).map(|guard| self.writer(guard)))
    }

    /// Blocks the thread until it may write, or until then.
    ///
    /// # Errors
    /// As [`write_timeout`](RwLock::write_timeout).
    pub fn write_deadline(
        &self,
        deadline: P::Instant,
    ) -> TryLockResult<RwLockWriteGuard<'_, T, P, R>> {
        self.poison.check_try(self.lock.write_deadline(deadline).map(|guard| self.writer(guard)))
    }
}

impl<T: Default, P: Policy, R: Preference> Default for RwLock<T, P, R> {
    fn default() -> Self {
        RwLock::with_policy(T::default())
    }
}

impl<T: ?Sized + fmt::Debug, P: Policy, R: Preference> fmt::Debug for RwLock<T, P, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("RwLock");
        match self.lock.try_read() {
            Some(guard) => shown.field("value", &&*guard),
            None => shown.field("value", &format_args!("<locked>")),
        };
        shown.field("is_poisoned", &self.is_poisoned()).finish()
    }
}

/// The right to write the value of an [`RwLock`]: its drop unlocks, and poisons if the thread panics.
#[must_use = "a guard that is dropped at once unlocks at once"]
pub struct RwLockWriteGuard<
    'a,
    T: ?Sized,
    P: Policy = wait::DefaultPolicy,
    R: Preference = PhaseFair,
> {
    /// Dropped first.
    #[allow(dead_code, reason = "its drop looks")]
    watch: Watch<'a>,
    guard: sync::RwLockWriteGuard<'a, T, P, R>,
}

impl<'a, T: ?Sized, P: Policy, R: Preference> RwLockWriteGuard<'a, T, P, R> {
    /// Goes on as a reader: nobody writes in between.
    pub fn downgrade(guard: Self) -> RwLockReadGuard<'a, T, P, R> {
        let RwLockWriteGuard { watch, guard } = guard;
        // Before others may read.
        drop(watch);
        sync::RwLockWriteGuard::downgrade(guard)
    }
}

impl<T: ?Sized, P: Policy, R: Preference> Deref for RwLockWriteGuard<'_, T, P, R> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.guard
    }
}

impl<T: ?Sized, P: Policy, R: Preference> DerefMut for RwLockWriteGuard<'_, T, P, R> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.guard
    }
}

impl<T: ?Sized + fmt::Debug, P: Policy, R: Preference> fmt::Debug
    for RwLockWriteGuard<'_, T, P, R>
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized + fmt::Display, P: Policy, R: Preference> fmt::Display
    for RwLockWriteGuard<'_, T, P, R>
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
