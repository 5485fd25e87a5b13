//! **Locks** and other primitives that threads and tasks share: every one waits in [`wait`](crate::wait).
//!
//! # Names
//! A bare verb is a future (`lock().await`); `_blocking` blocks the thread; `try_` does neither;
//! `_timeout` and `_deadline` block until then; `_owned` keeps the primitive alive by an `Arc`.
//! Blocking forms work on any thread, also near a runtime. (Std's `Threads` block by `thread::park`: an
//! executor that sleeps by that too must look at a flag of its own, as `park` asks of everybody.)
//!
//! # Policies
//! The types here are over the [default policy](crate::wait::DefaultPolicy); those of [`generic`] are for any:
//! `generic::Mutex<T, P, F>` says how who waits blocks, and whether the lock is handed over.
//!
//! # Cancellation
//! Every future may be dropped at any point, polled or not, woken or not: it loses its place and nothing
//! else (the last column says what that means for the others). A deadline for a future is any timer of
//! its executor: [`with_deadline`](crate::select::Operation::with_deadline).
//!
//! # Guards
//! A guard is a right to the value, and may be sent. `map` and `try_map` make one of a part of it, also of
//! an owned one. `unlock_fair` gives a lock to a blocked thread that waits, and `bump` lets it have its
//! turn in between. A panic unlocks; with std the locks of `sync::poison` say so to who
//! comes next. With the features `lock_api` and `lock_api-0_5` there are a `RawMutex` and a `RawRwLock`, for
//! code that is written over the traits of that crate.
//!
//! # Poison
//! `sync::poison` (std) holds a `Mutex` and an `RwLock` that behave as std's when who has locked them
//! panics: try, blocking, timed and async; a `Condvar` waits with that mutex's guard.
//!
//! # Forms
//! *Fair* says who goes first; all are there without std, over a policy that needs none.
//!
//! | type | try | blocking | timed | async | owned | mapped | `no_std` | fair | dropped while it waits |
//! |---|---|---|---|---|---|---|---|---|---|
//! | [`Mutex`] | yes | yes | with a [`Clock`](crate::wait::Clock) | yes | try, blocking, async | yes | yes | within bounds | loses its place; hands its wake-up on |
//! | [`FairMutex`] | yes | yes | with a [`Clock`](crate::wait::Clock) | yes | try, blocking, async | yes | yes | first come, first served | loses its place; hands the lock on |
//! | [`RwLock`] | yes | yes | with a [`Clock`](crate::wait::Clock) | yes | try, blocking, async | yes, but upgradable readers | yes | phases; others by a parameter | loses its place; hands its wake-up on, and lets in who waited because of it |
//! | [`Semaphore`] | yes | yes | with a `Clock` | yes | all | – | yes | within bounds; large requests are not overtaken by those behind | loses its place; lets others go on |
//! | [`FairSemaphore`] | yes | yes | with a `Clock` | yes | all | – | yes | first come, first served | loses its place; hands the permits on |
//! | [`Condvar`] | – | yes | with a `Clock` | yes | guards | – | yes | first come, first notified | hands on what `notify_one` told it |
//! | [`Notify`] | yes | yes | with a `Clock` | yes | – | – | yes | first come, first told | hands on what `notify_one` told it |
//! | [`Event`] | yes | yes | with a `Clock` | yes | – | – | yes | all at once | nothing |
//! | [`Counter`] | yes | yes | with a `Clock` | yes | – | – | yes | all at once | nothing |
//! | [`Latch`] | yes | yes | with a `Clock` | yes | – | – | yes | all at once | nothing; a count stays |
//! | [`WaitGroup`] | yes | yes | with a `Clock` | yes | members | – | yes | all at once | nothing |
//! | [`Barrier`] | – | yes | – | yes | – | – | yes | all at once | withdraws its arrival |
//! | [`Once`] | `is_completed` | yes | waiting, with a [`Clock`](crate::wait::Clock) | yes | no | no | yes | after a failure the first to come is told first | loses its place; hands on the right to initialise |
//! | [`OnceCell`] | `get`, `try_set` | yes | waiting, with a [`Clock`](crate::wait::Clock) | yes | no | no | yes | as `Once` | as `Once` |
//! | [`Lazy`] | `get` | yes | no | yes | no | no | yes | as `Once` | as `Once` |

mod barrier;
mod condvar;
mod counter;
mod event;
mod fairness;
mod joins;
mod key;
mod latch;
#[cfg(any(feature = "lock_api", feature = "lock_api-0_5"))]
mod lock_api;
mod mutex;
mod notify;
mod once;
#[cfg(feature = "std")]
pub mod poison;
mod rwlock;
mod semaphore;
mod usual;
mod wait_group;

pub use barrier::{BarrierWait, BarrierWaitResult};
pub use condvar::{CondvarGuard, CondvarWait, CondvarWaitWhile, WaitTimeoutResult};
pub use counter::{CounterWait, CounterWaitUntil, Until};
pub use fairness::{Barging, Fair, Fairness};
#[cfg(any(feature = "lock_api", feature = "lock_api-0_5"))]
pub use lock_api::{RawMutex, RawRwLock};
pub use mutex::{Lock, MappedMutexGuard, MutexGuard};
#[cfg(target_has_atomic = "ptr")]
pub use mutex::{LockOwned, OwnedMappedMutexGuard, OwnedMutexGuard};
pub use notify::Notified;
pub use once::SetError;
pub use rwlock::{
    MappedRwLockReadGuard, MappedRwLockWriteGuard, PhaseFair, Preference, ReadLock,
    ReaderPreferring, RwLockReadGuard, RwLockUpgradableReadGuard, RwLockWriteGuard,
    UpgradableReadLock, Upgrade, WriteLock, WriterPreferring,
};
#[cfg(target_has_atomic = "ptr")]
pub use rwlock::{
    OwnedMappedRwLockReadGuard, OwnedMappedRwLockWriteGuard, OwnedRwLockReadGuard,
    OwnedRwLockUpgradableReadGuard, OwnedRwLockWriteGuard, ReadLockOwned, UpgradableReadLockOwned,
    UpgradeOwned, WriteLockOwned,
};
pub use semaphore::{
    AcquireError, AcquirePermits, SemaphorePermit, TimedAcquireError, TryAcquireError,
};
#[cfg(target_has_atomic = "ptr")]
pub use semaphore::{AcquirePermitsOwned, OwnedSemaphorePermit};
pub use usual::{
    Barrier, Condvar, Counter, Event, FairMutex, FairSemaphore, Latch, Lazy, Mutex, Notify, Once,
    OnceCell, RwLock, Semaphore, WaitGroup,
};
#[cfg(target_has_atomic = "ptr")]
pub use wait_group::OwnedWaitGroupMember;
pub use wait_group::WaitGroupMember;

/// The primitives for whichever policy, and whichever preference: who blocks how, who goes first.
///
/// ```
/// use counterpoint::{sync::{WriterPreferring, generic}, wait::Spin};
///
/// static CONFIGURATION: generic::RwLock<u32, Spin, WriterPreferring> = generic::RwLock::new(7);
/// assert_eq!(*CONFIGURATION.read_blocking(), 7);
/// ```
pub mod generic {
    pub use super::{
        barrier::Barrier,
        condvar::Condvar,
        counter::Counter,
        event::Event,
        latch::Latch,
        mutex::{FairMutex, Mutex},
        notify::Notify,
        once::{Lazy, Once, OnceCell},
        rwlock::RwLock,
        semaphore::{FairSemaphore, Semaphore},
        wait_group::WaitGroup,
    };
}
