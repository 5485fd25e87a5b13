//! The reader who may become the writer.

use super::{
    PhaseFair, Preference, RwLock, RwLockReadGuard, RwLockWriteGuard, raw::RawRwLock, word::UPGRADE,
};
use crate::{
    sync::key::{Key, UpgradableReader, lends},
    wait::{self, Clock, Policy, Waiting, block_until},
};
use core::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

/// The right to read the value of an [`RwLock`], and to become its writer without anybody writing in
/// between. There is one at a time, beside other readers.
///
/// While it waits for them to leave, new readers wait too. It must not wait for a reader that is
/// its own.
///
/// ```
/// use counterpoint::sync::{RwLock, RwLockUpgradableReadGuard};
///
/// let cache: RwLock<Option<u32>> = RwLock::new(None);
/// let reader = cache.upgradable_read_blocking();
/// if reader.is_none() {
///     // Others read until here; nobody else has filled it meanwhile.
///     *RwLockUpgradableReadGuard::upgrade_blocking(reader) = Some(7);
/// }
/// assert_eq!(*cache.read_blocking(), Some(7));
/// ```
///
/// It does not outlive its lock:
/// ```compile_fail,E0597
/// use counterpoint::sync::{RwLock, RwLockUpgradableReadGuard};
/// let guard: RwLockUpgradableReadGuard<'_, i32> =
///     { let lock = RwLock::new(1); lock.upgradable_read_blocking() };
/// ```
#[must_use = "a guard that is dropped at once unlocks at once"]
pub struct RwLockUpgradableReadGuard<
    'a,
    T: ?Sized,
    P: Policy = wait::DefaultPolicy,
    R: Preference = PhaseFair,
> {
    key: Key<&'a RwLock<T, P, R>, UpgradableReader>,
}

impl<'a, T: ?Sized, P: Policy, R: Preference> RwLockUpgradableReadGuard<'a, T, P, R> {
    /// # Safety
    /// An upgradable reader has the lock, and nobody else unlocks it.
    pub(super) unsafe fn new(lock: &'a RwLock<T, P, R>) -> Self {
        // SAFETY: as the caller promises.
        RwLockUpgradableReadGuard { key: unsafe { Key::new(lock, UpgradableReader) } }
    }

    #[inline]
    fn place(&self) -> *mut T {
        self.key.lock().value.get()
    }

    fn raw(&self) -> &'a RawRwLock<P, R> {
        &self.key.lock().raw
    }

    /// Becomes the writer, if there are no other readers. (It may find one more while those that
    /// waited are let in.)
    ///
    /// # Errors
    /// The guard, if there are.
    pub fn try_upgrade(guard: Self) -> Result<RwLockWriteGuard<'a, T, P, R>, Self> {
        if !guard.raw().try_lock(UPGRADE) {
            return Err(guard);
        }
        // SAFETY: it is the writer now.
        Ok(unsafe { guard.into_writer() })
    }

    /// Blocks the thread until the other readers have left, and becomes the writer.
    pub fn upgrade_blocking(guard: Self) -> RwLockWriteGuard<'a, T, P, R> {
        if !guard.raw().try_lock(UPGRADE) {
            guard.raw().lock_contended(UPGRADE);
        }
        // SAFETY: it is the writer now.
        unsafe { guard.into_writer() }
    }

    /// A future that becomes the writer when the other readers have left.
    ///
    /// Dropped before it is ready it drops the guard: the lock is released.
    pub fn upgrade(guard: Self) -> Upgrade<'a, T, P, R> {
        Upgrade { waiting: Waiting::new(UPGRADE), guard: Some(guard) }
    }

    /// Goes on as any other reader.
    ///
    /// # Panics
    /// If no more readers can be counted.
    pub fn downgrade(guard: Self) -> RwLockReadGuard<'a, T, P, R> {
        let lock: &'a RwLock<T, P, R> = guard.key.lock();
        assert!(lock.raw.add_reader(), "a read-write lock has too many readers");
        // SAFETY: one reader more was counted, besides the guard.
        let reader = unsafe { RwLockReadGuard::new(lock) };
        drop(guard);
        reader
    }

    /// Unlocks. If the first that waits to read in this way, or to write, is a blocked thread, and can go
    /// on now, the lock is that one's. (For the others see [`RwLockReadGuard::unlock_fair`].)
    pub fn unlock_fair(guard: Self) {
        guard.key.release_fair();
    }

    /// If somebody waits: unlocks as [`unlock_fair`](RwLockUpgradableReadGuard::unlock_fair) does, and
    /// blocks the thread until it may read so again. The value may have changed then. (The program aborts
    /// if a waker or a policy of one's own panics meanwhile.)
    pub fn bump(guard: &mut Self) {
        guard.key.bump();
    }

    /// The lock.
    pub fn rwlock(guard: &Self) -> &'a RwLock<T, P, R> {
        guard.key.lock()
    }

    /// # Safety
    /// It was upgraded.
    unsafe fn into_writer(self) -> RwLockWriteGuard<'a, T, P, R> {
        // SAFETY: as the caller says; the other guard is gone.
        unsafe { RwLockWriteGuard::new(self.key.into_lock()) }
    }
}

/// For some time.
impl<'a, T: ?Sized, P: Policy + Clock, R: Preference> RwLockUpgradableReadGuard<'a, T, P, R> {
    /// Blocks the thread until the other readers have left, or for so long, and becomes the writer.
    ///
    /// # Errors
    /// The guard, if they have not left.
    pub fn upgrade_timeout(
        guard: Self,
        timeout: Duration,
    ) -> Result<RwLockWriteGuard<'a, T, P, R>, Self> {
        match P::after(P::now(), timeout) {
            Some(deadline) => Self::upgrade_deadline(guard, deadline),
            None => Ok(Self::upgrade_blocking(guard)),
        }
    }

    /// Blocks the thread until the other readers have left, or until then, and becomes the writer.
    ///
    /// # Errors
    /// The guard, if they have not left.
    pub fn upgrade_deadline(
        guard: Self,
        deadline: P::Instant,
    ) -> Result<RwLockWriteGuard<'a, T, P, R>, Self> {
        let raw = guard.raw();
        if !raw.spin(UPGRADE) && block_until(raw, UPGRADE, deadline).is_none() {
            return Err(guard);
        }
        // SAFETY: it is the writer now.
        Ok(unsafe { guard.into_writer() })
    }
}

lends! {
    ['a, T: ?Sized, P: Policy, R: Preference] RwLockUpgradableReadGuard<'a, T, P, R> => T;
}

/// A future that makes a reader the writer; see [`RwLockUpgradableReadGuard::upgrade`].
#[must_use = "futures do nothing unless they are awaited"]
pub struct Upgrade<'a, T: ?Sized, P: Policy = wait::DefaultPolicy, R: Preference = PhaseFair> {
    waiting: Waiting<P>,
    /// Until it is ready. Dropped after `waiting` has left.
    guard: Option<RwLockUpgradableReadGuard<'a, T, P, R>>,
}

impl<'a, T: ?Sized, P: Policy, R: Preference> Future for Upgrade<'a, T, P, R> {
    type Output = RwLockWriteGuard<'a, T, P, R>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        // SAFETY: `waiting` is pinned with the future; the guard need not be.
        let (waiting, guard) = unsafe {
            let this = self.get_unchecked_mut();
            (Pin::new_unchecked(&mut this.waiting), &mut this.guard)
        };
        let raw = guard.as_ref().expect("a future was polled after it was ready").raw();
        waiting.poll(raw, context).map(|_| {
            let guard = guard.take().expect("it was there above");
            // SAFETY: it is the writer now.
            unsafe { guard.into_writer() }
        })
    }
}

impl<T: ?Sized, P: Policy, R: Preference> Drop for Upgrade<'_, T, P, R> {
    fn drop(&mut self) {
        if let Some(guard) = &self.guard {
            self.waiting.leave(guard.raw());
        }
    }
}

impl<T: ?Sized, P: Policy, R: Preference> fmt::Debug for Upgrade<'_, T, P, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upgrade").finish_non_exhaustive()
    }
}
