//! Guards: the right to the value, and the duty to unlock.

use super::{Mutex, raw::RawMutex};
use crate::{
    sync::{Barging, Fairness},
    wait::{self, Policy},
};
use core::{
    fmt,
    marker::PhantomData,
    mem,
    ops::{Deref, DerefMut},
};

/// The right to the value of a locked [`Mutex`], which its drop unlocks.
///
/// It may be sent to another thread, and unlocked there. One that is forgotten leaves the mutex
/// locked for ever.
///
/// A guard does not outlive its mutex:
/// ```compile_fail,E0597
/// use counterpoint::sync::{Mutex, MutexGuard};
/// let guard: MutexGuard<'_, i32> = { let mutex = Mutex::new(1); mutex.lock_blocking() };
/// ```
/// and is not shared between threads if the value may not be:
/// ```compile_fail,E0277
/// use counterpoint::sync::MutexGuard;
/// fn sync<T: Sync>() {}
/// sync::<MutexGuard<'_, std::cell::Cell<i32>>>();
/// ```
#[must_use = "a guard that is dropped at once unlocks at once"]
pub struct MutexGuard<'a, T: ?Sized, P: Policy = wait::DefaultPolicy, F: Fairness = Barging> {
    mutex: &'a Mutex<T, P, F>,
    /// Sent as the value, shared as the value.
    _value: PhantomData<&'a mut T>,
}

impl<'a, T: ?Sized, P: Policy, F: Fairness> MutexGuard<'a, T, P, F> {
    /// # Safety
    /// The mutex is locked, and nobody else unlocks it.
    #[inline]
    pub(super) unsafe fn new(mutex: &'a Mutex<T, P, F>) -> Self {
        MutexGuard { mutex, _value: PhantomData }
    }

    /// A guard of a part of the value.
    pub fn map<U: ?Sized>(
        mut guard: Self,
        part: impl FnOnce(&mut T) -> &mut U,
    ) -> MappedMutexGuard<'a, U, P, F> {
        let part: *mut U = part(&mut guard);
        let raw = &guard.mutex.raw;
        mem::forget(guard);
        MappedMutexGuard { raw, part, _value: PhantomData }
    }

    /// A guard of a part of the value, if it is there.
    ///
    /// # Errors
    /// The guard, if it is not.
    pub fn try_map<U: ?Sized>(
        mut guard: Self,
        part: impl FnOnce(&mut T) -> Option<&mut U>,
    ) -> Result<MappedMutexGuard<'a, U, P, F>, Self> {
        let part: *mut U = match part(&mut guard) {
            Some(part) => part,
            None => return Err(guard),
        };
        let raw = &guard.mutex.raw;
        mem::forget(guard);
        Ok(MappedMutexGuard { raw, part, _value: PhantomData })
    }

    /// The mutex.
    pub fn mutex(guard: &Self) -> &'a Mutex<T, P, F> {
        guard.mutex
    }
}

impl<T: ?Sized, P: Policy, F: Fairness> Deref for MutexGuard<'_, T, P, F> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the guard has the lock.
        unsafe { &*self.mutex.value.get() }
    }
}

impl<T: ?Sized, P: Policy, F: Fairness> DerefMut for MutexGuard<'_, T, P, F> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the guard has the lock, and is borrowed exclusively.
        unsafe { &mut *self.mutex.value.get() }
    }
}

impl<T: ?Sized, P: Policy, F: Fairness> Drop for MutexGuard<'_, T, P, F> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: the guard has the lock.
        unsafe { self.mutex.raw.unlock() };
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

/// The right to a part of the value of a locked [`Mutex`].
#[must_use = "a guard that is dropped at once unlocks at once"]
pub struct MappedMutexGuard<'a, U: ?Sized, P: Policy = wait::DefaultPolicy, F: Fairness = Barging> {
    raw: &'a RawMutex<P, F>,
    part: *mut U,
    /// Invariant in U.
    _value: PhantomData<&'a mut U>,
}

// SAFETY: it is an exclusive reference to U, and a lock that any thread may unlock.
unsafe impl<U: ?Sized + Send, P: Policy, F: Fairness> Send for MappedMutexGuard<'_, U, P, F> {}
// SAFETY: shared, it gives `&U`.
unsafe impl<U: ?Sized + Sync, P: Policy, F: Fairness> Sync for MappedMutexGuard<'_, U, P, F> {}

impl<'a, U: ?Sized, P: Policy, F: Fairness> MappedMutexGuard<'a, U, P, F> {
    /// A guard of a part of the part.
    pub fn map<V: ?Sized>(
        mut guard: Self,
        part: impl FnOnce(&mut U) -> &mut V,
    ) -> MappedMutexGuard<'a, V, P, F> {
        let part: *mut V = part(&mut guard);
        let raw = guard.raw;
        mem::forget(guard);
        MappedMutexGuard { raw, part, _value: PhantomData }
    }
}

impl<U: ?Sized, P: Policy, F: Fairness> Deref for MappedMutexGuard<'_, U, P, F> {
    type Target = U;

    fn deref(&self) -> &U {
        // SAFETY: a part of the value, whose lock the guard has.
        unsafe { &*self.part }
    }
}

impl<U: ?Sized, P: Policy, F: Fairness> DerefMut for MappedMutexGuard<'_, U, P, F> {
    fn deref_mut(&mut self) -> &mut U {
        // SAFETY: as above, and the guard is borrowed exclusively.
        unsafe { &mut *self.part }
    }
}

impl<U: ?Sized, P: Policy, F: Fairness> Drop for MappedMutexGuard<'_, U, P, F> {
    fn drop(&mut self) {
        // SAFETY: the guard has the lock.
        unsafe { self.raw.unlock() };
    }
}

impl<U: ?Sized + fmt::Debug, P: Policy, F: Fairness> fmt::Debug for MappedMutexGuard<'_, U, P, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
