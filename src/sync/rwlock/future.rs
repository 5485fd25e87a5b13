//! Futures that lock.

use super::{
    PhaseFair, Preference, RwLock, RwLockReadGuard, RwLockUpgradableReadGuard, RwLockWriteGuard,
    raw::RawRwLock,
    word::{READ, UPGRADABLE_READ, WRITE},
};
use crate::wait::{self, Policy, Waited, Waiting};
use core::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

/// A waiter that gives way once to a task that was told to write.
pub(super) struct Locking<P: Policy> {
    waiting: Waiting<P>,
    /// Whether it may yet give way.
    is_new: bool,
}

impl<P: Policy> Locking<P> {
    pub(super) const fn new(want: usize) -> Self {
        Locking { waiting: Waiting::new(want), is_new: want == READ }
    }

    /// # Panics
    /// As [`Waiting::poll`]; and if no more readers can be counted.
    #[inline]
    pub(super) fn poll<R: Preference>(
        self: Pin<&mut Self>,
        raw: &RawRwLock<P, R>,
        context: &mut Context<'_>,
    ) -> Poll<Waited> {
        // SAFETY: `waiting` is pinned with it.
        let this = unsafe { self.get_unchecked_mut() };
        if this.is_new {
            raw.assert_room();
            this.is_new = false;
            if raw.is_for_a_task() {
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
        }
        // SAFETY: as above.
        unsafe { Pin::new_unchecked(&mut this.waiting) }.poll(raw, context)
    }

    #[inline]
    pub(super) fn leave<R: Preference>(&mut self, raw: &RawRwLock<P, R>) {
        self.waiting.leave(raw);
    }
}

/// A future, its guard, and what it wants.
macro_rules! futures {
    ($($(#[$doc:meta])+ $future:ident => $guard:ident, $want:ident;)+) => {$(
        $(#[$doc])+
        #[must_use = "futures do nothing unless they are awaited"]
        pub struct $future<
            'a,
            T: ?Sized,
            P: Policy = wait::DefaultPolicy,
            R: Preference = PhaseFair,
        > {
            lock: &'a RwLock<T, P, R>,
            locking: Locking<P>,
        }

        impl<'a, T: ?Sized, P: Policy, R: Preference> $future<'a, T, P, R> {
            #[inline]
            pub(super) fn new(lock: &'a RwLock<T, P, R>) -> Self {
                $future { lock, locking: Locking::new($want) }
            }
        }

        impl<'a, T: ?Sized, P: Policy, R: Preference> Future for $future<'a, T, P, R> {
            type Output = $guard<'a, T, P, R>;

            #[inline]
            fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
                let lock = self.lock;
                // SAFETY: `locking` is pinned with the future.
                let locking = unsafe { self.map_unchecked_mut(|this| &mut this.locking) };
                // SAFETY: locked.
                locking.poll(&lock.raw, context).map(|_| unsafe { $guard::new(lock) })
            }
        }

        impl<T: ?Sized, P: Policy, R: Preference> Drop for $future<'_, T, P, R> {
            #[inline]
            fn drop(&mut self) {
                self.locking.leave(&self.lock.raw);
            }
        }

        impl<T: ?Sized, P: Policy, R: Preference> fmt::Debug for $future<'_, T, P, R> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($future)).finish_non_exhaustive()
            }
        }
    )+};
}

futures! {
    /// A future that reads; see [`RwLock::read`].
    ReadLock => RwLockReadGuard, READ;
    /// A future that writes; see [`RwLock::write`].
    WriteLock => RwLockWriteGuard, WRITE;
    /// A future that reads, and may become the writer; see [`RwLock::upgradable_read`].
    UpgradableReadLock => RwLockUpgradableReadGuard, UPGRADABLE_READ;
}
