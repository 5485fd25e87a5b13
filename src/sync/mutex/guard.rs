//! Guards: the right to the value, and the duty to unlock.

use super::{Mutex, raw::RawMutex};
use crate::wait::{self, Policy};
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
pub struct MutexGuard<'a, T: ?Sized, P: Policy = wait::Default> {
    mutex: &'a Mutex<T, P>,
    /// Sent as the value, shared as the value.
    _value: PhantomData<&'a mut T>,
}

impl<'a, T: ?Sized, P: Policy> MutexGuard<'a, T, P> {
    /// # Safety
    /// The mutex is locked, and nobody else unlocks it.
    #[inline]
    pub(super) unsafe fn new(mutex: &'a Mutex<T, P>) -> Self {
        MutexGuard { mutex, _value: PhantomData }
    }

    /// A guard of a part of the value.
    pub fn map<U: ?Sized>(
        mut guard: Self,
        part: impl FnOnce(&mut T) -> &mut U,
    ) -> MappedMutexGuard<'a, U, P> {
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
    ) -> Result<MappedMutexGuard<'a, U, P>, Self> {
        let part: *mut U = match part(&mut guard) {
            Some(part) => part,
            None => return Err(guard),
        };
        let raw = &guard.mutex.raw;
        mem::forget(guard);
        Ok(MappedMutexGuard { raw, part, _value: PhantomData })
    }

    /// The mutex.
    pub fn mutex(guard: &Self) -> &'a Mutex<T, P> {
        guard.mutex
    }
}

impl<T: ?Sized, P: Policy> Deref for MutexGuard<'_, T, P> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the guard has the lock.
        unsafe { &*self.mutex.value.get() }
    }
}

impl<T: ?Sized, P: Policy> DerefMut for MutexGuard<'_, T, P> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the guard has the lock, and is borrowed exclusively.
        unsafe { &mut *self.mutex.value.get() }
    }
}

impl<T: ?Sized, P: Policy> Drop for MutexGuard<'_, T, P> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: the guard has the lock.
        unsafe { self.mutex.raw.unlock() };
    }
}

impl<T: ?Sized + fmt::Debug, P: Policy> fmt::Debug for MutexGuard<'_, T, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized + fmt::Display, P: Policy> fmt::Display for MutexGuard<'_, T, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

/// The right to a part of the value of a locked [`Mutex`].
#[must_use = "a guard that is dropped at once unlocks at once"]
pub struct MappedMutexGuard<'a, U: ?Sized, P: Policy = wait::Default> {
    raw: &'a RawMutex<P>,
    part: *mut U,
    /// Invariant in U.
    _value: PhantomData<&'a mut U>,
}

// SAFETY: it is an exclusive reference to U, and a lock that any thread may unlock.
unsafe impl<U: ?Sized + Send, P: Policy> Send for MappedMutexGuard<'_, U, P> {}
// SAFETY: shared, it gives `&U`.
unsafe impl<U: ?Sized + Sync, P: Policy> Sync for MappedMutexGuard<'_, U, P> {}

impl<'a, U: ?Sized, P: Policy> MappedMutexGuard<'a, U, P> {
    /// A guard of a part of the part.
    pub fn map<V: ?Sized>(
        mut guard: Self,
        part: impl FnOnce(&mut U) -> &mut V,
    ) -> MappedMutexGuard<'a, V, P> {
        let part: *mut V = part(&mut guard);
        let raw = guard.raw;
        mem::forget(guard);
        MappedMutexGuard { raw, part, _value: PhantomData }
    }
}

impl<U: ?Sized, P: Policy> Deref for MappedMutexGuard<'_, U, P> {
    type Target = U;

    fn deref(&self) -> &U {
        // SAFETY: a part of the value, whose lock the guard has.
        unsafe { &*self.part }
    }
}

impl<U: ?Sized, P: Policy> DerefMut for MappedMutexGuard<'_, U, P> {
    fn deref_mut(&mut self) -> &mut U {
        // SAFETY: as above, and the guard is borrowed exclusively.
        unsafe { &mut *self.part }
    }
}

impl<U: ?Sized, P: Policy> Drop for MappedMutexGuard<'_, U, P> {
    fn drop(&mut self) {
        // SAFETY: the guard has the lock.
        unsafe { self.raw.unlock() };
    }
}

impl<U: ?Sized + fmt::Debug, P: Policy> fmt::Debug for MappedMutexGuard<'_, U, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
