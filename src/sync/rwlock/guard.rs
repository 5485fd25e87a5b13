//! Guards of readers and of writers: the right to the value, and the duty to unlock.

use super::{
    PhaseFair, Preference, RwLock, RwLockUpgradableReadGuard,
    raw::RawRwLock,
    word::{READER, UPGRADABLE, WRITER},
};
use crate::wait::{self, Policy};
use core::{
    fmt,
    marker::PhantomData,
    mem,
    ops::{Deref, DerefMut},
};

/// The right to read the value of an [`RwLock`], which its drop gives back.
///
/// It may be sent to another thread, and dropped there. One that is forgotten keeps writers out for
/// ever.
///
/// A guard does not outlive its lock:
/// ```compile_fail,E0597
/// use counterpoint::sync::{RwLock, RwLockReadGuard};
/// let guard: RwLockReadGuard<'_, i32> = { let lock = RwLock::new(1); lock.read_blocking() };
/// ```
/// does not write:
/// ```compile_fail,E0594
/// let lock = counterpoint::sync::RwLock::<i32>::new(1);
/// *lock.read_blocking() = 2;
/// ```
/// and is neither shared between threads nor sent if the value may not be shared:
/// ```compile_fail,E0277
/// use counterpoint::sync::RwLockReadGuard;
/// fn sync<T: Sync>() {}
/// sync::<RwLockReadGuard<'_, std::cell::Cell<i32>>>();
/// ```
/// ```compile_fail,E0277
/// use counterpoint::sync::RwLockReadGuard;
/// fn send<T: Send>() {}
/// send::<RwLockReadGuard<'_, std::cell::Cell<i32>>>();
/// ```
///
/// ```
/// use counterpoint::sync::{RwLock, RwLockReadGuard};
///
/// let lock: RwLock<(u32, String)> = RwLock::new((1, "one".to_owned()));
/// let name = RwLockReadGuard::map(lock.read_blocking(), |pair| pair.1.as_str());
/// assert_eq!(&*name, "one");
/// assert!(lock.try_write().is_none());
/// ```
#[must_use = "a guard that is dropped at once unlocks at once"]
pub struct RwLockReadGuard<
    'a,
    T: ?Sized,
    P: Policy = wait::DefaultPolicy,
    R: Preference = PhaseFair,
> {
    lock: &'a RwLock<T, P, R>,
}

impl<'a, T: ?Sized, P: Policy, R: Preference> RwLockReadGuard<'a, T, P, R> {
    /// # Safety
    /// A reader was counted, and nobody else unlocks it.
    #[inline]
    pub(super) unsafe fn new(lock: &'a RwLock<T, P, R>) -> Self {
        RwLockReadGuard { lock }
    }

    /// A guard of a part of the value.
    pub fn map<U: ?Sized>(
        guard: Self,
        part: impl FnOnce(&T) -> &U,
    ) -> MappedRwLockReadGuard<'a, U, P, R> {
        let part: *const U = part(&guard);
        let raw = &guard.lock.raw;
        mem::forget(guard);
        MappedRwLockReadGuard { raw, part, _value: PhantomData }
    }

    /// A guard of a part of the value, if it is there.
    ///
    /// # Errors
    /// The guard, if it is not.
    pub fn try_map<U: ?Sized>(
        guard: Self,
        part: impl FnOnce(&T) -> Option<&U>,
    ) -> Result<MappedRwLockReadGuard<'a, U, P, R>, Self> {
        let part: *const U = match part(&guard) {
            Some(part) => part,
            None => return Err(guard),
        };
        let raw = &guard.lock.raw;
        mem::forget(guard);
        Ok(MappedRwLockReadGuard { raw, part, _value: PhantomData })
    }

    /// The lock.
    pub fn rwlock(guard: &Self) -> &'a RwLock<T, P, R> {
        guard.lock
    }
}

impl<T: ?Sized, P: Policy, R: Preference> Deref for RwLockReadGuard<'_, T, P, R> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the guard is a reader.
        unsafe { &*self.lock.value.get() }
    }
}

impl<T: ?Sized, P: Policy, R: Preference> Drop for RwLockReadGuard<'_, T, P, R> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: the guard is a reader.
        unsafe { self.lock.raw.unlock_read() };
    }
}

/// The right to write the value of an [`RwLock`], which its drop gives back.
///
/// It may be sent to another thread, and dropped there. One that is forgotten leaves the lock locked
/// for ever.
///
/// A guard does not outlive its lock:
/// ```compile_fail,E0597
/// use counterpoint::sync::{RwLock, RwLockWriteGuard};
/// let guard: RwLockWriteGuard<'_, i32> = { let lock = RwLock::new(1); lock.write_blocking() };
/// ```
/// and is not shared between threads if the value may not be:
/// ```compile_fail,E0277
/// use counterpoint::sync::RwLockWriteGuard;
/// fn sync<T: Sync>() {}
/// sync::<RwLockWriteGuard<'_, std::cell::Cell<i32>>>();
/// ```
///
/// ```
/// use counterpoint::sync::{RwLock, RwLockWriteGuard};
///
/// let lock: RwLock<u32> = RwLock::new(1);
/// let mut writer = lock.write_blocking();
/// *writer += 1;
/// // Nobody writes in between.
/// let reader = RwLockWriteGuard::downgrade(writer);
/// assert_eq!((*reader, *lock.read_blocking()), (2, 2));
/// ```
#[must_use = "a guard that is dropped at once unlocks at once"]
pub struct RwLockWriteGuard<
    'a,
    T: ?Sized,
    P: Policy = wait::DefaultPolicy,
    R: Preference = PhaseFair,
> {
    lock: &'a RwLock<T, P, R>,
    /// Sent as the value, shared as the value.
    _value: PhantomData<&'a mut T>,
}

impl<'a, T: ?Sized, P: Policy, R: Preference> RwLockWriteGuard<'a, T, P, R> {
    /// # Safety
    /// A writer has the lock, and nobody else unlocks it.
    #[inline]
    pub(super) unsafe fn new(lock: &'a RwLock<T, P, R>) -> Self {
        RwLockWriteGuard { lock, _value: PhantomData }
    }

    /// Goes on as a reader: nobody writes in between. Readers that wait are let in, as when a
    /// writer leaves.
    pub fn downgrade(guard: Self) -> RwLockReadGuard<'a, T, P, R> {
        let lock = guard.lock;
        mem::forget(guard);
        // SAFETY: the guard was the writer, and was forgotten; one reader more is counted. Made before
        // others are told, so that it is dropped if a waker panics.
        unsafe {
            let reader = RwLockReadGuard::new(lock);
            lock.raw.trade(WRITER, READER);
            reader
        }
    }

    /// Goes on as the reader who may become the writer again: nobody writes in between.
    pub fn downgrade_to_upgradable(guard: Self) -> RwLockUpgradableReadGuard<'a, T, P, R> {
        let lock = guard.lock;
        mem::forget(guard);
        // SAFETY: as above, with the upgradable reader.
        unsafe {
            let reader = RwLockUpgradableReadGuard::new(lock);
            lock.raw.trade(WRITER, UPGRADABLE);
            reader
        }
    }

    /// A guard of a part of the value.
    pub fn map<U: ?Sized>(
        mut guard: Self,
        part: impl FnOnce(&mut T) -> &mut U,
    ) -> MappedRwLockWriteGuard<'a, U, P, R> {
        let part: *mut U = part(&mut guard);
        let raw = &guard.lock.raw;
        mem::forget(guard);
        MappedRwLockWriteGuard { raw, part, _value: PhantomData }
    }

    /// A guard of a part of the value, if it is there.
    ///
    /// # Errors
    /// The guard, if it is not.
    pub fn try_map<U: ?Sized>(
        mut guard: Self,
        part: impl FnOnce(&mut T) -> Option<&mut U>,
    ) -> Result<MappedRwLockWriteGuard<'a, U, P, R>, Self> {
        let part: *mut U = match part(&mut guard) {
            Some(part) => part,
            None => return Err(guard),
        };
        let raw = &guard.lock.raw;
        mem::forget(guard);
        Ok(MappedRwLockWriteGuard { raw, part, _value: PhantomData })
    }

    /// The lock.
    pub fn rwlock(guard: &Self) -> &'a RwLock<T, P, R> {
        guard.lock
    }
}

impl<T: ?Sized, P: Policy, R: Preference> Deref for RwLockWriteGuard<'_, T, P, R> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the guard is the writer.
        unsafe { &*self.lock.value.get() }
    }
}

impl<T: ?Sized, P: Policy, R: Preference> DerefMut for RwLockWriteGuard<'_, T, P, R> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the guard is the writer, and is borrowed exclusively.
        unsafe { &mut *self.lock.value.get() }
    }
}

impl<T: ?Sized, P: Policy, R: Preference> Drop for RwLockWriteGuard<'_, T, P, R> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: the guard is the writer.
        unsafe { self.lock.raw.unlock_write() };
    }
}

/// The right to read a part of the value of an [`RwLock`]; made by [`RwLockReadGuard::map`].
#[must_use = "a guard that is dropped at once unlocks at once"]
pub struct MappedRwLockReadGuard<
    'a,
    U: ?Sized,
    P: Policy = wait::DefaultPolicy,
    R: Preference = PhaseFair,
> {
    raw: &'a RawRwLock<P, R>,
    part: *const U,
    /// Invariant in U.
    _value: PhantomData<&'a mut U>,
}

// SAFETY: it is a shared reference to U, and a reader that any thread may count off.
unsafe impl<U: ?Sized + Sync, P: Policy, R: Preference> Send
    for MappedRwLockReadGuard<'_, U, P, R>
{
}
// SAFETY: shared, it gives `&U`.
unsafe impl<U: ?Sized + Sync, P: Policy, R: Preference> Sync
    for MappedRwLockReadGuard<'_, U, P, R>
{
}

impl<'a, U: ?Sized, P: Policy, R: Preference> MappedRwLockReadGuard<'a, U, P, R> {
    /// A guard of a part of the part.
    pub fn map<V: ?Sized>(
        guard: Self,
        part: impl FnOnce(&U) -> &V,
    ) -> MappedRwLockReadGuard<'a, V, P, R> {
        let part: *const V = part(&guard);
        let raw = guard.raw;
        mem::forget(guard);
        MappedRwLockReadGuard { raw, part, _value: PhantomData }
    }
}

impl<U: ?Sized, P: Policy, R: Preference> Deref for MappedRwLockReadGuard<'_, U, P, R> {
    type Target = U;

    fn deref(&self) -> &U {
        // SAFETY: a part of the value, of which the guard is a reader.
        unsafe { &*self.part }
    }
}

impl<U: ?Sized, P: Policy, R: Preference> Drop for MappedRwLockReadGuard<'_, U, P, R> {
    fn drop(&mut self) {
        // SAFETY: the guard is a reader.
        unsafe { self.raw.unlock_read() };
    }
}

/// The right to write a part of the value of an [`RwLock`]; made by [`RwLockWriteGuard::map`].
///
/// It cannot be downgraded: others would read the whole value while the part is lent out for writing.
/// ```compile_fail,E0308
/// use counterpoint::sync::{RwLock, RwLockWriteGuard};
/// let lock: RwLock<(i32, i32)> = RwLock::new((1, 2));
/// let part = RwLockWriteGuard::map(lock.write_blocking(), |pair| &mut pair.0);
/// let reader = RwLockWriteGuard::downgrade(part);
/// ```
#[must_use = "a guard that is dropped at once unlocks at once"]
pub struct MappedRwLockWriteGuard<
    'a,
    U: ?Sized,
    P: Policy = wait::DefaultPolicy,
    R: Preference = PhaseFair,
> {
    raw: &'a RawRwLock<P, R>,
    part: *mut U,
    /// Invariant in U.
    _value: PhantomData<&'a mut U>,
}

// SAFETY: it is an exclusive reference to U, and a lock that any thread may unlock.
unsafe impl<U: ?Sized + Send, P: Policy, R: Preference> Send
    for MappedRwLockWriteGuard<'_, U, P, R>
{
}
// SAFETY: shared, it gives `&U`.
unsafe impl<U: ?Sized + Sync, P: Policy, R: Preference> Sync
    for MappedRwLockWriteGuard<'_, U, P, R>
{
}

impl<'a, U: ?Sized, P: Policy, R: Preference> MappedRwLockWriteGuard<'a, U, P, R> {
    /// A guard of a part of the part.
    pub fn map<V: ?Sized>(
        mut guard: Self,
        part: impl FnOnce(&mut U) -> &mut V,
    ) -> MappedRwLockWriteGuard<'a, V, P, R> {
        let part: *mut V = part(&mut guard);
        let raw = guard.raw;
        mem::forget(guard);
        MappedRwLockWriteGuard { raw, part, _value: PhantomData }
    }
}

impl<U: ?Sized, P: Policy, R: Preference> Deref for MappedRwLockWriteGuard<'_, U, P, R> {
    type Target = U;

    fn deref(&self) -> &U {
        // SAFETY: a part of the value, whose writer the guard is.
        unsafe { &*self.part }
    }
}

impl<U: ?Sized, P: Policy, R: Preference> DerefMut for MappedRwLockWriteGuard<'_, U, P, R> {
    fn deref_mut(&mut self) -> &mut U {
        // SAFETY: as above, and the guard is borrowed exclusively.
        unsafe { &mut *self.part }
    }
}

impl<U: ?Sized, P: Policy, R: Preference> Drop for MappedRwLockWriteGuard<'_, U, P, R> {
    fn drop(&mut self) {
        // SAFETY: the guard is the writer.
        unsafe { self.raw.unlock_write() };
    }
}

/// A guard shows the value.
macro_rules! shown {
    ($($guard:ident),+) => {$(
        impl<T: ?Sized + fmt::Debug, P: Policy, R: Preference> fmt::Debug for $guard<'_, T, P, R> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                (**self).fmt(f)
            }
        }

        impl<T: ?Sized + fmt::Display, P: Policy, R: Preference> fmt::Display for $guard<'_, T, P, R> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                (**self).fmt(f)
            }
        }
    )+};
}

shown!(
    RwLockReadGuard,
    RwLockWriteGuard,
    RwLockUpgradableReadGuard,
    MappedRwLockReadGuard,
    MappedRwLockWriteGuard
);
