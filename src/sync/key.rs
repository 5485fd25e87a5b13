//! What every guard is made of: a lock that is held, and how it is given back.
//!
//! A guard is a [`Key`] and a place: the value, or a part of it. The key gives the lock back when it is
//! dropped, once; guards have no destructor of their own, and are taken apart and put together again as
//! the right goes on in another form (a part, a reader instead of a writer).

use core::{mem::ManuallyDrop, ops::Deref, ptr};

/// A lock that can be given back by who holds it in the way of `M`.
///
/// # Safety of its methods
/// The caller holds it so. It holds it no more afterwards, also if a waker panics; but after `bump`,
/// which locks again or aborts.
pub(super) trait Unlocks<M> {
    /// # Safety
    /// See the trait.
    unsafe fn release(&self, held: M);

    /// As `release`; who waits goes before whoever comes.
    ///
    /// # Safety
    /// See the trait.
    unsafe fn release_fair(&self, held: M);

    /// If somebody waits: `release_fair`, and locks again. How it is held then.
    ///
    /// # Safety
    /// See the trait.
    unsafe fn bump(&self, held: M) -> M;
}

/// How a mutex is held: whether nobody waited when it was locked. That is a guess of how it is when it is
/// unlocked, by which the instruction for that is chosen; either loses no wake-up.
#[derive(Clone, Copy)]
pub(super) enum Locked {
    /// Nobody was seen to wait.
    Alone,
    /// Somebody was, or nobody looked.
    Among,
}

/// The ways in which a read-write lock is held.
#[derive(Clone, Copy)]
pub(super) struct Reader;
#[derive(Clone, Copy)]
pub(super) struct Writer;
#[derive(Clone, Copy)]
pub(super) struct UpgradableReader;

/// A lock, reached by a reference or a shared owner, that is held in the way of `M` until this is dropped.
pub(super) struct Key<L: Deref<Target: Unlocks<M>>, M: Copy> {
    /// Dropped after it was given back.
    lock: L,
    held: M,
}

impl<L: Deref<Target: Unlocks<M>>, M: Copy> Key<L, M> {
    /// # Safety
    /// The lock is held so, and nobody else gives it back. The reference leads to the same lock for as
    /// long as it lives, wherever it is moved.
    #[inline]
    pub(super) unsafe fn new(lock: L, held: M) -> Self {
        Key { lock, held }
    }

    #[inline]
    pub(super) fn lock(&self) -> &L {
        &self.lock
    }

    /// The lock, which stays held.
    #[inline]
    pub(super) fn into_lock(self) -> L {
        let key = ManuallyDrop::new(self);
        // SAFETY: it is read once, and not dropped.
        unsafe { ptr::read(&key.lock) }
    }

    /// The key of what the lock is a part of, or of a part of the lock: one that gives back the same.
    ///
    /// # Safety
    /// As for `new`.
    #[inline]
    pub(super) unsafe fn map_lock<N: Deref<Target: Unlocks<M>>>(
        self,
        lock: impl FnOnce(L) -> N,
    ) -> Key<N, M> {
        let held = self.held;
        Key { lock: lock(self.into_lock()), held }
    }

    /// Gives it back; who waits goes before whoever comes.
    pub(super) fn release_fair(self) {
        let held = self.held;
        let lock = self.into_lock();
        // SAFETY: it was held by the key, which is gone.
        unsafe { lock.release_fair(held) };
    }

    /// Lets who waits go first, and locks again.
    pub(super) fn bump(&mut self) {
        // SAFETY: it is held by the key; nobody borrows what it guards, as the guard is borrowed
        // exclusively.
        self.held = unsafe { self.lock.bump(self.held) };
    }
}

impl<L: Deref<Target: Unlocks<M>>, M: Copy> Drop for Key<L, M> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: it is held by the key.
        unsafe { self.lock.release(self.held) };
    }
}

/// What a guard lends: its place, to read. A guard shows the value.
macro_rules! lends {
    ($([$($generics:tt)*] $guard:ty => $value:ty;)+) => {$(
        impl<$($generics)*> ::core::ops::Deref for $guard {
            type Target = $value;

            #[inline]
            fn deref(&self) -> &$value {
                // SAFETY: the guard holds the lock, against writers at least.
                unsafe { &*self.place() }
            }
        }

        impl<$($generics)*> ::core::fmt::Debug for $guard
        where
            $value: ::core::fmt::Debug,
        {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                (**self).fmt(f)
            }
        }

        impl<$($generics)*> ::core::fmt::Display for $guard
        where
            $value: ::core::fmt::Display,
        {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                (**self).fmt(f)
            }
        }
    )+};
}
pub(super) use lends;

/// As [`lends`], to write too.
macro_rules! lends_mut {
    ($([$($generics:tt)*] $guard:ty => $value:ty;)+) => {$(
        $crate::sync::key::lends!([$($generics)*] $guard => $value;);

        impl<$($generics)*> ::core::ops::DerefMut for $guard {
            #[inline]
            fn deref_mut(&mut self) -> &mut $value {
                // SAFETY: the guard holds the lock against all others, and is borrowed exclusively.
                unsafe { &mut *self.place() }
            }
        }
    )+};
}
pub(super) use lends_mut;
