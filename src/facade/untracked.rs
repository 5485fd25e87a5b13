//! Words that engines do not see, because no algorithm under test depends on them: statistics,
//! reference counts, and a static that is made on first use.

use super::backing::{AtomicPtr, AtomicUsize};
use alloc::boxed::Box;
use core::{ptr, sync::atomic::Ordering};

/// A statistic: it publishes nothing, and nobody decides more than a heuristic on it.
pub(crate) struct Tally(AtomicUsize);

impl Tally {
    pub(crate) const fn new(value: usize) -> Self {
        Tally(AtomicUsize::new(value))
    }

    /// Adds, wrapping; returns the previous value.
    #[inline(always)]
    pub(crate) fn add(&self, value: usize) -> usize {
        // Relaxed: a statistic publishes nothing.
        self.0.fetch_add(value, Ordering::Relaxed)
    }

    /// Subtracts, wrapping.
    #[inline(always)]
    pub(crate) fn sub(&self, value: usize) {
        // Relaxed: a statistic publishes nothing.
        self.0.fetch_sub(value, Ordering::Relaxed);
    }

    #[inline(always)]
    pub(crate) fn get(&self) -> usize {
        // Relaxed: a statistic publishes nothing.
        self.0.load(Ordering::Relaxed)
    }
}

/// The count of owners of a shared allocation.
pub(crate) struct RefCount(AtomicUsize);

impl RefCount {
    /// One owner.
    pub(crate) const fn one() -> Self {
        RefCount(AtomicUsize::new(1))
    }

    /// One owner more. The caller is an owner.
    pub(crate) fn acquire(&self) {
        // Relaxed: the caller's own count keeps the allocation alive.
        let owners = self.0.fetch_add(1, Ordering::Relaxed);
        assert!(owners < isize::MAX as usize, "too many owners of one collector");
    }

    /// One owner less; true for the last one, who then sees all that the others did.
    #[must_use]
    pub(crate) fn release(&self) -> bool {
        // AcqRel: Release hands over what this owner did, Acquire takes it, for the last one.
        self.0.fetch_sub(1, Ordering::AcqRel) == 1
    }
}

/// A value of a static, made on first use and never dropped. Nobody waits: threads that race each
/// make one, and one of them wins.
pub(crate) struct OnFirstUse<T>(AtomicPtr<T>);

impl<T: Send + Sync> OnFirstUse<T> {
    pub(crate) const fn new() -> Self {
        OnFirstUse(AtomicPtr::new(ptr::null_mut()))
    }

    /// The value, if somebody has used it.
    pub(crate) fn get(&'static self) -> Option<&'static T> {
        // Acquire: pairs with the Release of the winner in `get_or_make`.
        // SAFETY: a pointer that was stored came from `Box::into_raw` and is never freed.
        unsafe { self.0.load(Ordering::Acquire).as_ref() }
    }

    /// The value, made now if it is not there.
    pub(crate) fn get_or_make(&'static self, make: impl FnOnce() -> T) -> &'static T {
        if let Some(value) = self.get() {
            return value;
        }
        let made = Box::into_raw(Box::new(make()));
        // Release: hands the value over; Acquire on failure: takes the winner's.
        match self.0.compare_exchange(ptr::null_mut(), made, Ordering::Release, Ordering::Acquire) {
            // SAFETY: `made` came from a box, and the static keeps it for ever.
            Ok(_) => unsafe { &*made },
            Err(winner) => {
                // SAFETY: `made` was not published, so this thread owns it alone.
                drop(unsafe { Box::from_raw(made) });
                // SAFETY: the winner's value came from a box and is never freed.
                unsafe { &*winner }
            }
        }
    }
}
