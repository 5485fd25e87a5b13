//! **Locks** and other primitives that threads and tasks share: every one waits in [`wait`](crate::wait).
//!
//! # Names
//! A bare verb is a future (`lock().await`); `_blocking` blocks the thread; `try_` does neither;
//! `_timeout` and `_deadline` block until then; `_owned` keeps the primitive alive by an `Arc`.
//! Blocking forms work on any thread, also near a runtime. (Std's `Threads` block by `thread::park`: an
//! executor that sleeps by that too must look at a flag of its own, as `park` asks of everybody.)
//!
//! # Forms
//! | type | try | blocking | timed | async | owned | mapped | `no_std` | fair | dropped while it waits |
//! |---|---|---|---|---|---|---|---|---|---|
//! | [`Mutex`] | yes | yes | with a [`Clock`](crate::wait::Clock) | yes | try, blocking, async | yes | yes | within bounds | loses its place; hands its wake-up on |
//! | [`FairMutex`] | yes | yes | with a [`Clock`](crate::wait::Clock) | yes | try, blocking, async | yes | yes | first come, first served | loses its place; hands the lock on |
//! | [`RwLock`] | yes | yes | with a [`Clock`](crate::wait::Clock) | yes | try, blocking, async | yes | yes | phases; others by a parameter | loses its place; hands its wake-up on, and lets in who waited because of it |

mod mutex;
mod rwlock;

pub use mutex::{Barging, Fair, FairMutex, Fairness, Lock, MappedMutexGuard, Mutex, MutexGuard};
#[cfg(target_has_atomic = "ptr")]
pub use mutex::{LockOwned, OwnedMutexGuard};
pub use rwlock::{
    MappedRwLockReadGuard, MappedRwLockWriteGuard, PhaseFair, Preference, ReadLock,
    ReaderPreferring, RwLock, RwLockReadGuard, RwLockUpgradableReadGuard, RwLockWriteGuard,
    UpgradableReadLock, Upgrade, WriteLock, WriterPreferring,
};
#[cfg(target_has_atomic = "ptr")]
pub use rwlock::{
    OwnedRwLockReadGuard, OwnedRwLockUpgradableReadGuard, OwnedRwLockWriteGuard, ReadLockOwned,
    UpgradableReadLockOwned, UpgradeOwned, WriteLockOwned,
};
