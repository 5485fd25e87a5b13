//! Guards of readers and of writers: the right to the value, and the duty to unlock.

use super::{
    PhaseFair, Preference, RwLock, RwLockUpgradableReadGuard,
    raw::RawRwLock,
    word::{READER, UPGRADABLE, WRITER},
};
use crate::{
    sync::key::{Key, Reader, Writer, lends, lends_mut},
    wait::{self, Policy},
};
use core::marker::PhantomData;

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
    key: Key<&'a RwLock<T, P, R>, Reader>,
}

impl<'a, T: ?Sized, P: Policy, R: Preference> RwLockReadGuard<'a, T, P, R> {
    /// # Safety
    /// A reader was counted, and nobody else unlocks it.
    #[inline]
    pub(super) unsafe fn new(lock: &'a RwLock<T, P, R>) -> Self {
        // SAFETY: as the caller promises.
        RwLockReadGuard { key: unsafe { Key::new(lock, Reader) } }
    }

    #[inline]
    fn place(&self) -> *mut T {
        self.key.lock().value.get()
    }

    fn part<U: ?Sized>(self, part: *const U) -> MappedRwLockReadGuard<'a, U, P, R> {
        // SAFETY: it is the lock of the same.
        let key = unsafe { self.key.map_lock(|lock| &lock.raw) };
        MappedRwLockReadGuard { key, part, _value: PhantomData }
    }

    /// A guard of a part of the value.
    pub fn map<U: ?Sized>(
        guard: Self,
        part: impl FnOnce(&T) -> &U,
    ) -> MappedRwLockReadGuard<'a, U, P, R> {
        let part: *const U = part(&guard);
        guard.part(part)
    }

    /// A guard of a part of the value, if it is there.
    ///
    /// # Errors
    /// The guard, if it is not.
    pub fn try_map<U: ?Sized>(
        guard: Self,
        part: impl FnOnce(&T) -> Option<&U>,
    ) -> Result<MappedRwLockReadGuard<'a, U, P, R>, Self> {
        match part(&guard).map(|part| part as *const U) {
            Some(part) => Ok(guard.part(part)),
            None => Err(guard),
        }
    }

    /// Unlocks. If it was the last reader, and the first that waits to write (or to read as the one who
    /// may become the writer) is a blocked thread, the lock is that one's: readers that come meanwhile
    /// are later. A task has the lock only when it is polled: for that it is an ordinary release.
    pub fn unlock_fair(guard: Self) {
        guard.key.release_fair();
    }

    /// If somebody waits: unlocks as [`unlock_fair`](RwLockReadGuard::unlock_fair) does, and blocks the
    /// thread until it may read again. The value may have changed then. (The program aborts if there are
    /// too many readers, or a waker or a policy of one's own panics meanwhile.)
    pub fn bump(guard: &mut Self) {
        guard.key.bump();
    }

    /// The lock.
    pub fn rwlock(guard: &Self) -> &'a RwLock<T, P, R> {
        guard.key.lock()
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
    key: Key<&'a RwLock<T, P, R>, Writer>,
    /// Sent as the value, shared as the value.
    _value: PhantomData<&'a mut T>,
}

impl<'a, T: ?Sized, P: Policy, R: Preference> RwLockWriteGuard<'a, T, P, R> {
    /// # Safety
    /// A writer has the lock, and nobody else unlocks it.
    #[inline]
    pub(super) unsafe fn new(lock: &'a RwLock<T, P, R>) -> Self {
        // SAFETY: as the caller promises.
        RwLockWriteGuard { key: unsafe { Key::new(lock, Writer) }, _value: PhantomData }
    }

    #[inline]
    fn place(&self) -> *mut T {
        self.key.lock().value.get()
    }

    fn part<U: ?Sized>(self, part: *mut U) -> MappedRwLockWriteGuard<'a, U, P, R> {
        // SAFETY: it is the lock of the same.
        let key = unsafe { self.key.map_lock(|lock| &lock.raw) };
        MappedRwLockWriteGuard { key, part, _value: PhantomData }
    }

    /// Goes on as a reader: nobody writes in between. Readers that wait are let in, as when a
    /// writer leaves.
    pub fn downgrade(guard: Self) -> RwLockReadGuard<'a, T, P, R> {
        let lock = guard.key.into_lock();
        // SAFETY: the guard was the writer, and is gone; one reader more is counted. Made before
        // others are told, so that it is dropped if a waker panics.
        unsafe {
            let reader = RwLockReadGuard::new(lock);
            lock.raw.trade(WRITER, READER);
            reader
        }
    }

    /// Goes on as the reader who may become the writer again: nobody writes in between.
    pub fn downgrade_to_upgradable(guard: Self) -> RwLockUpgradableReadGuard<'a, T, P, R> {
        let lock = guard.key.into_lock();
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
        guard.part(part)
    }

    /// A guard of a part of the value, if it is there.
    ///
    /// # Errors
    /// The guard, if it is not.
    pub fn try_map<U: ?Sized>(
        mut guard: Self,
        part: impl FnOnce(&mut T) -> Option<&mut U>,
    ) -> Result<MappedRwLockWriteGuard<'a, U, P, R>, Self> {
        match part(&mut guard).map(|part| part as *mut U) {
            Some(part) => Ok(guard.part(part)),
            None => Err(guard),
        }
    }

    /// Unlocks. Readers that wait are let in, as by an ordinary release; otherwise, if the first that
    /// waits to write (or to read as the one who may become the writer) is a blocked thread, the lock is
    /// that one's: whoever comes meanwhile is later. A task has the lock only when it is polled: for that
    /// it is an ordinary release.
    pub fn unlock_fair(guard: Self) {
        guard.key.release_fair();
    }

    /// If somebody waits: unlocks as [`unlock_fair`](RwLockWriteGuard::unlock_fair) does, and blocks the
    /// thread until it may write again. The value may have changed then. (The program aborts if a waker
    /// or a policy of one's own panics meanwhile.)
    pub fn bump(guard: &mut Self) {
        guard.key.bump();
    }

    /// The lock.
    pub fn rwlock(guard: &Self) -> &'a RwLock<T, P, R> {
        guard.key.lock()
    }
}

/// The right to read a part of the value of an [`RwLock`]; made by [`RwLockReadGuard::map`].
///
/// It does not outlive the lock:
/// ```compile_fail,E0597
/// use counterpoint::sync::{MappedRwLockReadGuard, RwLock, RwLockReadGuard};
/// let part: MappedRwLockReadGuard<'_, i32> = {
///     let lock: RwLock<(i32, i32)> = RwLock::new((1, 2));
///     RwLockReadGuard::map(lock.read_blocking(), |pair| &pair.0)
/// };
/// ```
/// and is sent only if the part may be shared:
/// ```compile_fail,E0277
/// use counterpoint::sync::MappedRwLockReadGuard;
/// fn send<T: Send>() {}
/// send::<MappedRwLockReadGuard<'_, std::cell::Cell<i32>>>();
/// ```
#[must_use = "a guard that is dropped at once unlocks at once"]
pub struct MappedRwLockReadGuard<
    'a,
    U: ?Sized,
    P: Policy = wait::DefaultPolicy,
    R: Preference = PhaseFair,
> {
    key: Key<&'a RawRwLock<P, R>, Reader>,
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
    #[inline]
    fn place(&self) -> *const U {
        self.part
    }

    /// A guard of a part of the part.
    pub fn map<V: ?Sized>(
        guard: Self,
        part: impl FnOnce(&U) -> &V,
    ) -> MappedRwLockReadGuard<'a, V, P, R> {
        let part: *const V = part(&guard);
        MappedRwLockReadGuard { key: guard.key, part, _value: PhantomData }
    }

    /// A guard of a part of the part, if it is there.
    ///
    /// # Errors
    /// The guard, if it is not.
    pub fn try_map<V: ?Sized>(
        guard: Self,
        part: impl FnOnce(&U) -> Option<&V>,
    ) -> Result<MappedRwLockReadGuard<'a, V, P, R>, Self> {
        match part(&guard).map(|part| part as *const V) {
            Some(part) => Ok(MappedRwLockReadGuard { key: guard.key, part, _value: PhantomData }),
            None => Err(guard),
        }
    }

    /// As [`RwLockReadGuard::unlock_fair`].
    pub fn unlock_fair(guard: Self) {
        guard.key.release_fair();
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
/// and does not outlive the lock:
/// ```compile_fail,E0597
/// use counterpoint::sync::{MappedRwLockWriteGuard, RwLock, RwLockWriteGuard};
/// let part: MappedRwLockWriteGuard<'_, i32> = {
///     let lock: RwLock<(i32, i32)> = RwLock::new((1, 2));
///     RwLockWriteGuard::map(lock.write_blocking(), |pair| &mut pair.0)
/// };
/// ```
#[must_use = "a guard that is dropped at once unlocks at once"]
pub struct MappedRwLockWriteGuard<
    'a,
    U: ?Sized,
    P: Policy = wait::DefaultPolicy,
    R: Preference = PhaseFair,
> {
    key: Key<&'a RawRwLock<P, R>, Writer>,
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
    #[inline]
    fn place(&self) -> *mut U {
        self.part
    }

    /// A guard of a part of the part.
    pub fn map<V: ?Sized>(
        mut guard: Self,
        part: impl FnOnce(&mut U) -> &mut V,
    ) -> MappedRwLockWriteGuard<'a, V, P, R> {
        let part: *mut V = part(&mut guard);
        MappedRwLockWriteGuard { key: guard.key, part, _value: PhantomData }
    }

    /// A guard of a part of the part, if it is there.
    ///
    /// # Errors
    /// The guard, if it is not.
    pub fn try_map<V: ?Sized>(
        mut guard: Self,
        part: impl FnOnce(&mut U) -> Option<&mut V>,
    ) -> Result<MappedRwLockWriteGuard<'a, V, P, R>, Self> {
        match part(&mut guard).map(|part| part as *mut V) {
            Some(part) => Ok(MappedRwLockWriteGuard { key: guard.key, part, _value: PhantomData }),
            None => Err(guard),
        }
    }

    /// As [`RwLockWriteGuard::unlock_fair`].
    pub fn unlock_fair(guard: Self) {
        guard.key.release_fair();
    }
}

lends! {
    ['a, T: ?Sized, P: Policy, R: Preference] RwLockReadGuard<'a, T, P, R> => T;
    ['a, U: ?Sized, P: Policy, R: Preference] MappedRwLockReadGuard<'a, U, P, R> => U;
}

lends_mut! {
    ['a, T: ?Sized, P: Policy, R: Preference] RwLockWriteGuard<'a, T, P, R> => T;
    ['a, U: ?Sized, P: Policy, R: Preference] MappedRwLockWriteGuard<'a, U, P, R> => U;
}
