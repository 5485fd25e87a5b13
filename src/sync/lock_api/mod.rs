//! Raw locks for lock_api: a mutex and a read-write lock without a value.
//!
//! What they do is here, once; [`lock_api_04`] and [`lock_api_05`] say it in the terms of the two
//! versions of that crate.
//!
//! # Panics
//! Only a policy of one's own can panic here, where it blocks or wakes a thread, and the count of
//! readers, when it is full. A guard of lock_api 0.4 would then unlock what it does not hold (it is
//! dropped as if nothing had happened). So a panic ends the program here, for both versions.

#[cfg(feature = "lock_api")]
mod lock_api_04;
#[cfg(feature = "lock_api-0_5")]
mod lock_api_05;
mod mutex;
mod rwlock;

pub use mutex::RawMutex;
pub use rwlock::RawRwLock;

use crate::{base::abort_on_panic, wait::Clock};
use core::time::Duration;

/// Runs what may block or wake a thread.
fn whole<R>(f: impl FnOnce() -> R) -> R {
    abort_on_panic("a raw lock panicked, and its guard would unlock what it does not hold", f)
}

/// `until` a deadline; or `for_ever`, if no clock goes as far.
fn within<P: Clock>(
    timeout: Duration,
    until: impl FnOnce(P::Instant) -> bool,
    for_ever: impl FnOnce(),
) -> bool {
    match P::after(P::now(), timeout) {
        Some(deadline) => until(deadline),
        None => {
            for_ever();
            true
        }
    }
}
