//! Locks that a panic **poisons**, as std's: who locks after a panic that may have left the value half
//! changed is told so. (The other locks of [`sync`](super) are freed by a panic, and say nothing.)
//!
//! [`Mutex`] and [`RwLock`] have std's names, and its answers ([`LockResult`], [`TryLockResult`]), beside
//! the forms of this crate: a future, a blocked thread, a deadline, or not waiting at all. They need std,
//! which knows whether a thread panics.
//!
//! A lock is poisoned when a guard that may write is dropped by a thread that panics, and did not when it
//! locked; it stays so until [`clear_poison`](Mutex::clear_poison). Readers poison nothing. (A guard may
//! be sent to another thread, whose panic counts then. One that was taken while its thread panicked
//! already never poisons. And a wait that ends at once, with the guard of a poisoned mutex, says so: std's
//! does not.)
//!
//! ```
//! use counterpoint::sync::poison::Mutex;
//!
//! let balance: Mutex<i64> = Mutex::new(100);
//! let said = std::thread::scope(|scope| {
//!     let transfer = || {
//!         let mut balance = balance.lock_blocking().unwrap();
//!         *balance -= 50;
//!         panic!("before it was added elsewhere");
//!     };
//!     scope.spawn(transfer).join()
//! });
//! assert!(said.is_err() && balance.is_poisoned());
//! let mut repaired = balance.lock_blocking().unwrap_or_else(|poisoned| poisoned.into_inner());
//! *repaired = 100;
//! balance.clear_poison();
//! # drop(repaired);
//! assert_eq!(*balance.lock_blocking().unwrap(), 100);
//! ```

mod mutex;
mod rwlock;

use crate::facade::{
    atomic::{AtomicUsize, Ordering},
    thread::panicking,
};
use core::fmt;
use std::error::Error;

pub use mutex::{Mutex, MutexGuard};
pub use rwlock::{RwLock, RwLockReadGuard, RwLockWriteGuard};

/// A lock was poisoned; here is its guard all the same.
pub struct PoisonError<G> {
    guard: G,
}

/// What locking gives: the guard, either way.
pub type LockResult<G> = Result<G, PoisonError<G>>;

/// What an attempt gives.
pub type TryLockResult<G> = Result<G, TryLockError<G>>;

/// Why an attempt gave no guard, or not without a warning.
pub enum TryLockError<G> {
    /// It is locked, and was poisoned.
    Poisoned(PoisonError<G>),
    /// It could not be locked at once, or in time.
    WouldBlock,
}

impl<G> PoisonError<G> {
    /// The guard.
    pub fn into_inner(self) -> G {
        self.guard
    }

    /// The guard.
    pub fn get_ref(&self) -> &G {
        &self.guard
    }

    /// The guard.
    pub fn get_mut(&mut self) -> &mut G {
        &mut self.guard
    }
}

impl<G> fmt::Debug for PoisonError<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PoisonError").finish_non_exhaustive()
    }
}

impl<G> fmt::Display for PoisonError<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a thread panicked while it held the lock")
    }
}

impl<G> Error for PoisonError<G> {}

impl<G> From<PoisonError<G>> for TryLockError<G> {
    fn from(error: PoisonError<G>) -> Self {
        TryLockError::Poisoned(error)
    }
}

impl<G> fmt::Debug for TryLockError<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TryLockError::Poisoned(_) => "Poisoned(..)",
            TryLockError::WouldBlock => "WouldBlock",
        })
    }
}

impl<G> fmt::Display for TryLockError<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TryLockError::Poisoned(error) => error.fmt(f),
            TryLockError::WouldBlock => f.write_str("the lock is held by others"),
        }
    }
}

impl<G> Error for TryLockError<G> {}

/// Whether a lock is poisoned.
///
/// # Ordering
/// It is set before the lock is given back, and looked at by who has taken it: the lock orders.
struct Poison(AtomicUsize);

impl Poison {
    const fn new() -> Self {
        Poison(AtomicUsize::root())
    }

    fn is_set(&self) -> bool {
        // Relaxed: the lock orders.
        self.0.load(Ordering::Relaxed) != 0
    }

    fn set(&self) {
        // Relaxed: the lock orders.
        self.0.swap(1, Ordering::Relaxed);
    }

    fn clear(&self) {
        // Relaxed: who clears it says so of the value that it has seen under the lock.
        self.0.swap(0, Ordering::Relaxed);
    }

    /// From now on a panic poisons.
    fn watch(&self) -> Watch<'_> {
        Watch { poison: self, has_panicked: panicking() }
    }

    /// The guard, or the value, and whether it is poisoned.
    fn check<G>(&self, guard: G) -> LockResult<G> {
        if self.is_set() { Err(PoisonError { guard }) } else { Ok(guard) }
    }

    /// As `check`, of an attempt.
    fn check_try<G>(&self, guard: Option<G>) -> TryLockResult<G> {
        Ok(self.check(guard.ok_or(TryLockError::WouldBlock)?)?)
    }
}

/// What a guard that may write has, and drops before it unlocks.
struct Watch<'a> {
    poison: &'a Poison,
    has_panicked: bool,
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        if !self.has_panicked && panicking() {
            self.poison.set();
        }
    }
}
