//! **Locks** and other primitives that threads and tasks share: every one waits in [`wait`](crate::wait).
//!
//! # Names
//! A bare verb is a future (`lock().await`); `_blocking` blocks the thread; `try_` does neither;
//! `_timeout` and `_deadline` block until then; `_owned` keeps the primitive alive by an `Arc`.
//! Blocking forms work on any thread, also near a runtime.

mod mutex;

pub use mutex::{
    Barging, Fair, FairMutex, Fairness, Lock, LockOwned, MappedMutexGuard, Mutex, MutexGuard,
    OwnedMutexGuard,
};
