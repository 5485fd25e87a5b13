//! A value of a static, made on first use and never dropped. Nobody waits: threads that race each
//! make one, and one of them wins.
//!
//! Engines do not see it in the models of structures: what it holds outlives their executions.
//!
//! # Ordering
//! * `[P1]` The winner hands its value over with Release; whoever takes it, by a load or by a lost
//!   race, acquires it.
//!
//! **Checked by**: `loom-tests/parts.rs`, which compiles this file over words that an engine drives.

use super::backing::AtomicPtr;
use alloc::boxed::Box;
use core::{ptr, sync::atomic::Ordering};

/// See the module's head.
pub(crate) struct OnFirstUse<T> {
    value: AtomicPtr<T>,
}

impl<T: Send + Sync> OnFirstUse<T> {
    pub(crate) const fn new() -> Self {
        OnFirstUse { value: AtomicPtr::new(ptr::null_mut()) }
    }

    /// The value, if somebody has used it.
    pub(crate) fn get(&'static self) -> Option<&'static T> {
        // [P1] Acquire: the winner's value.
        // SAFETY: a pointer that was stored came from `Box::into_raw` and is never freed.
        unsafe { self.value.load(Ordering::Acquire).as_ref() }
    }

    /// The value, made now if it is not there.
    pub(crate) fn get_or_make(&'static self, make: impl FnOnce() -> T) -> &'static T {
        if let Some(value) = self.get() {
            return value;
        }
        let made = Box::into_raw(Box::new(make()));
        // [P1] Release: hands the value over. Acquire on failure: takes the winner's.
        let (success, failure) = (Ordering::Release, Ordering::Acquire);
        match self.value.compare_exchange(ptr::null_mut(), made, success, failure) {
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
