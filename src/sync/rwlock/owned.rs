//! Locking by shared owners: guards and futures that keep the lock alive.

use super::{
    PhaseFair, Preference, RwLock,
    future::Locking,
    word::{READ, READER, UPGRADABLE, UPGRADABLE_READ, UPGRADE, WRITE, WRITER},
};
use crate::{
    sync::key::{Key, Reader, UpgradableReader, Writer, lends, lends_mut},
    wait::{self, Policy, Waiting},
};
use alloc::sync::Arc;
use core::{
    fmt,
    future::Future,
    marker::PhantomData,
    mem,
    pin::Pin,
    task::{Context, Poll},
};

/// By shared owners.
impl<T: ?Sized, P: Policy, R: Preference> RwLock<T, P, R> {
    /// As [`try_read`](RwLock::try_read).
    pub fn try_read_owned(self: &Arc<Self>) -> Option<OwnedRwLockReadGuard<T, P, R>> {
        self.try_read().map(|guard| {
            mem::forget(guard);
            // SAFETY: locked, and its guard was forgotten.
            unsafe { OwnedRwLockReadGuard::new(self.clone()) }
        })
    }

    /// As [`read_blocking`](RwLock::read_blocking).
    pub fn read_owned_blocking(self: &Arc<Self>) -> OwnedRwLockReadGuard<T, P, R> {
        mem::forget(self.read_blocking());
        // SAFETY: locked, and its guard was forgotten.
        unsafe { OwnedRwLockReadGuard::new(self.clone()) }
    }

    /// As [`read`](RwLock::read), also for tasks that must be `'static`.
    pub fn read_owned(self: &Arc<Self>) -> ReadLockOwned<T, P, R> {
        ReadLockOwned::new(self.clone())
    }

    /// As [`try_write`](RwLock::try_write).
    pub fn try_write_owned(self: &Arc<Self>) -> Option<OwnedRwLockWriteGuard<T, P, R>> {
        self.try_write().map(|guard| {
            mem::forget(guard);
            // SAFETY: locked, and its guard was forgotten.
            unsafe { OwnedRwLockWriteGuard::new(self.clone()) }
        })
    }

    /// As [`write_blocking`](RwLock::write_blocking).
    pub fn write_owned_blocking(self: &Arc<Self>) -> OwnedRwLockWriteGuard<T, P, R> {
        mem::forget(self.write_blocking());
        // SAFETY: locked, and its guard was forgotten.
        unsafe { OwnedRwLockWriteGuard::new(self.clone()) }
    }

    /// As [`write`](RwLock::write), also for tasks that must be `'static`.
    pub fn write_owned(self: &Arc<Self>) -> WriteLockOwned<T, P, R> {
        WriteLockOwned::new(self.clone())
    }

    /// As [`try_upgradable_read`](RwLock::try_upgradable_read).
    pub fn try_upgradable_read_owned(
        self: &Arc<Self>,
    ) -> Option<OwnedRwLockUpgradableReadGuard<T, P, R>> {
        self.try_upgradable_read().map(|guard| {
            mem::forget(guard);
            // SAFETY: locked, and its guard was forgotten.
            unsafe { OwnedRwLockUpgradableReadGuard::new(self.clone()) }
        })
    }

    /// As [`upgradable_read_blocking`](RwLock::upgradable_read_blocking).
    pub fn upgradable_read_owned_blocking(
        self: &Arc<Self>,
    ) -> OwnedRwLockUpgradableReadGuard<T, P, R> {
        mem::forget(self.upgradable_read_blocking());
        // SAFETY: locked, and its guard was forgotten.
        unsafe { OwnedRwLockUpgradableReadGuard::new(self.clone()) }
    }

    /// As [`upgradable_read`](RwLock::upgradable_read), also for tasks that must be `'static`.
    pub fn upgradable_read_owned(self: &Arc<Self>) -> UpgradableReadLockOwned<T, P, R> {
        UpgradableReadLockOwned::new(self.clone())
    }
}

/// A guard, how it holds the lock, what it lends, its future, and what that wants. They are sent and
/// shared as the `Arc` is.
macro_rules! owned {
    ($($(#[$doc:meta])+ $guard:ident, $side:ident, $lends:ident; $(#[$about:meta])+ $future:ident, $want:ident;)+) => {$(
        $(#[$doc])+
        #[must_use = "a guard that is dropped at once unlocks at once"]
        pub struct $guard<T: ?Sized, P: Policy = wait::DefaultPolicy, R: Preference = PhaseFair> {
            key: Key<Arc<RwLock<T, P, R>>, $side>,
            /// Sent as the value, shared as the value.
            _value: PhantomData<*mut T>,
        }

        // SAFETY: the value is reached by it and by other owners of the lock, wherever they are.
        unsafe impl<T: ?Sized + Send + Sync, P: Policy, R: Preference> Send for $guard<T, P, R> {}
        // SAFETY: as above.
        unsafe impl<T: ?Sized + Send + Sync, P: Policy, R: Preference> Sync for $guard<T, P, R> {}

        impl<T: ?Sized, P: Policy, R: Preference> $guard<T, P, R> {
            /// # Safety
            /// The lock is locked so, and nobody else unlocks it.
            unsafe fn new(lock: Arc<RwLock<T, P, R>>) -> Self {
                // SAFETY: as the caller promises.
                $guard { key: unsafe { Key::new(lock, $side) }, _value: PhantomData }
            }

            /// How it holds the lock.
            pub(super) fn into_key(self) -> Key<Arc<RwLock<T, P, R>>, $side> {
                self.key
            }

            #[inline]
            fn place(&self) -> *mut T {
                self.key.lock().value.get()
            }

            /// As the borrowing guard's: who waits goes before whoever comes.
            pub fn unlock_fair(guard: Self) {
                guard.key.release_fair();
            }

            /// As the borrowing guard's: if somebody waits, `unlock_fair`, and blocks the thread until it
            /// is locked so again.
            pub fn bump(guard: &mut Self) {
                guard.key.bump();
            }

            /// The lock.
            pub fn rwlock(guard: &Self) -> &Arc<RwLock<T, P, R>> {
                guard.key.lock()
            }
        }

        $lends! {
            [T: ?Sized, P: Policy, R: Preference] $guard<T, P, R> => T;
        }

        $(#[$about])+
        #[must_use = "futures do nothing unless they are awaited"]
        pub struct $future<T: ?Sized, P: Policy = wait::DefaultPolicy, R: Preference = PhaseFair> {
            lock: Arc<RwLock<T, P, R>>,
            locking: Locking<P>,
        }

        impl<T: ?Sized, P: Policy, R: Preference> $future<T, P, R> {
            fn new(lock: Arc<RwLock<T, P, R>>) -> Self {
                $future { lock, locking: Locking::new($want) }
            }
        }

        impl<T: ?Sized, P: Policy, R: Preference> Future for $future<T, P, R> {
            type Output = $guard<T, P, R>;

            fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
                // SAFETY: `locking` is pinned with the future; the `Arc` is not moved.
                let (lock, locking) = unsafe {
                    let this = self.get_unchecked_mut();
                    (&this.lock, Pin::new_unchecked(&mut this.locking))
                };
                // SAFETY: locked.
                locking.poll(&lock.raw, context).map(|_| unsafe { $guard::new(lock.clone()) })
            }
        }

        impl<T: ?Sized, P: Policy, R: Preference> Drop for $future<T, P, R> {
            fn drop(&mut self) {
                self.locking.leave(&self.lock.raw);
            }
        }

        impl<T: ?Sized, P: Policy, R: Preference> fmt::Debug for $future<T, P, R> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($future)).finish_non_exhaustive()
            }
        }
    )+};
}

owned! {
    /// As [`RwLockReadGuard`](super::RwLockReadGuard), with an `Arc` of the lock.
    ///
    /// ```
    /// use counterpoint::sync::RwLock;
    /// use std::sync::Arc;
    ///
    /// let lock: Arc<RwLock<u32>> = Arc::new(RwLock::new(7));
    /// let reader = lock.read_owned_blocking();
    /// assert_eq!(std::thread::spawn(move || *reader).join().unwrap(), 7);
    /// ```
    OwnedRwLockReadGuard, Reader, lends;
    /// A future that reads and keeps the lock alive; see [`RwLock::read_owned`].
    ReadLockOwned, READ;

    /// As [`RwLockWriteGuard`](super::RwLockWriteGuard), with an `Arc` of the lock.
    OwnedRwLockWriteGuard, Writer, lends_mut;
    /// A future that writes and keeps the lock alive; see [`RwLock::write_owned`].
    WriteLockOwned, WRITE;

    /// As [`RwLockUpgradableReadGuard`](super::RwLockUpgradableReadGuard), with an `Arc` of the lock.
    OwnedRwLockUpgradableReadGuard, UpgradableReader, lends;
    /// A future that reads, may become the writer, and keeps the lock alive; see
    /// [`RwLock::upgradable_read_owned`].
    UpgradableReadLockOwned, UPGRADABLE_READ;
}

impl<T: ?Sized, P: Policy, R: Preference> OwnedRwLockWriteGuard<T, P, R> {
    /// As [`RwLockWriteGuard::downgrade`](super::RwLockWriteGuard::downgrade).
    pub fn downgrade(guard: Self) -> OwnedRwLockReadGuard<T, P, R> {
        // SAFETY: the guard was the writer; one reader more is counted. Made before others are told, so
        // that it is dropped if a waker panics.
        unsafe {
            let reader = OwnedRwLockReadGuard::new(guard.into_key().into_lock());
            reader.key.lock().raw.trade(WRITER, READER);
            reader
        }
    }

    /// As [`RwLockWriteGuard::downgrade_to_upgradable`](super::RwLockWriteGuard::downgrade_to_upgradable).
    pub fn downgrade_to_upgradable(guard: Self) -> OwnedRwLockUpgradableReadGuard<T, P, R> {
        // SAFETY: as above, with the upgradable reader.
        unsafe {
            let reader = OwnedRwLockUpgradableReadGuard::new(guard.into_key().into_lock());
            reader.key.lock().raw.trade(WRITER, UPGRADABLE);
            reader
        }
    }
}

/// As the methods of [`RwLockUpgradableReadGuard`](super::RwLockUpgradableReadGuard).
impl<T: ?Sized, P: Policy, R: Preference> OwnedRwLockUpgradableReadGuard<T, P, R> {
    /// Becomes the writer, if there are no other readers.
    ///
    /// # Errors
    /// The guard, if there are.
    pub fn try_upgrade(guard: Self) -> Result<OwnedRwLockWriteGuard<T, P, R>, Self> {
        if !guard.key.lock().raw.try_lock(UPGRADE) {
            return Err(guard);
        }
        // SAFETY: it is the writer now.
        Ok(unsafe { OwnedRwLockWriteGuard::new(guard.into_key().into_lock()) })
    }

    /// Blocks the thread until the other readers have left, and becomes the writer.
    pub fn upgrade_blocking(guard: Self) -> OwnedRwLockWriteGuard<T, P, R> {
        if !guard.key.lock().raw.try_lock(UPGRADE) {
            guard.key.lock().raw.lock_contended(UPGRADE);
        }
        // SAFETY: it is the writer now.
        unsafe { OwnedRwLockWriteGuard::new(guard.into_key().into_lock()) }
    }

    /// A future that becomes the writer when the other readers have left. Dropped before it is ready
    /// it drops the guard: the lock is released.
    pub fn upgrade(guard: Self) -> UpgradeOwned<T, P, R> {
        UpgradeOwned { waiting: Waiting::new(UPGRADE), guard: Some(guard) }
    }

    /// Goes on as any other reader.
    ///
    /// # Panics
    /// If no more readers can be counted.
    pub fn downgrade(guard: Self) -> OwnedRwLockReadGuard<T, P, R> {
        assert!(guard.key.lock().raw.add_reader(), "a read-write lock has too many readers");
        // SAFETY: one reader more was counted, besides the guard.
        let reader = unsafe { OwnedRwLockReadGuard::new(guard.key.lock().clone()) };
        drop(guard);
        reader
    }
}

/// A future that makes a reader the writer; see [`OwnedRwLockUpgradableReadGuard::upgrade`].
#[must_use = "futures do nothing unless they are awaited"]
pub struct UpgradeOwned<T: ?Sized, P: Policy = wait::DefaultPolicy, R: Preference = PhaseFair> {
    waiting: Waiting<P>,
    /// Until it is ready. Dropped after `waiting` has left.
    guard: Option<OwnedRwLockUpgradableReadGuard<T, P, R>>,
}

impl<T: ?Sized, P: Policy, R: Preference> Future for UpgradeOwned<T, P, R> {
    type Output = OwnedRwLockWriteGuard<T, P, R>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        // SAFETY: `waiting` is pinned with the future; the guard need not be.
        let (waiting, guard) = unsafe {
            let this = self.get_unchecked_mut();
            (Pin::new_unchecked(&mut this.waiting), &mut this.guard)
        };
        let raw = &guard.as_ref().expect("a future was polled after it was ready").key.lock().raw;
        waiting.poll(raw, context).map(|_| {
            let guard = guard.take().expect("it was there above");
            // SAFETY: it is the writer now.
            unsafe { OwnedRwLockWriteGuard::new(guard.into_key().into_lock()) }
        })
    }
}

impl<T: ?Sized, P: Policy, R: Preference> Drop for UpgradeOwned<T, P, R> {
    fn drop(&mut self) {
        if let Some(guard) = &self.guard {
            self.waiting.leave(&guard.key.lock().raw);
        }
    }
}

impl<T: ?Sized, P: Policy, R: Preference> fmt::Debug for UpgradeOwned<T, P, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UpgradeOwned").finish_non_exhaustive()
    }
}
