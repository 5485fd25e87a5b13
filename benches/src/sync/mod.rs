//! Locks: `Mutex` beside std, parking_lot, spin and saa for threads, and beside saa, async-lock and
//! tokio for tasks.
//!
//! [`uncontended`]: one thread locks and unlocks, or polls a future once that does. [`contended`]:
//! threads that do nothing but lock, add to a number and unlock; how fast, and how evenly. [`idle`]:
//! what a thread burns while it waits. [`others`]: the read-write lock, the semaphore and
//! notifications that nobody waits for, one thread at a time.

mod contended;
#[cfg(unix)]
mod idle;
mod others;
mod uncontended;

mod async_lock;
mod ours;
mod parking_lot;
#[cfg(target_os = "linux")]
mod pinned;
mod saa;
mod spin;
mod standard;
mod tokio;

use std::ops::DerefMut;

use crate::workload::{Figure, Workload};

/// What a mutex for threads must offer to be measured.
pub trait Lock: Default + Send + Sync + 'static {
    /// Its name in the report.
    const NAME: &'static str;
    /// The right to the value.
    type Guard<'m>: DerefMut<Target = u64>;
    /// Blocks the thread until it has the lock.
    fn lock(&self) -> Self::Guard<'_>;
}

/// What a mutex for tasks must offer to be measured.
pub trait AsyncLock: Default + Send + Sync + 'static {
    /// Its name in the report.
    const NAME: &'static str;
    /// A future that locks.
    fn lock(&self) -> impl Future<Output: DerefMut<Target = u64>>;
}

/// The workloads of this subject.
pub const WORKLOADS: &[Workload] = &[
    Workload {
        subject: "sync",
        name: "lock",
        title: "One thread locks and unlocks",
        figure: Figure::Time("lock and unlock"),
        threads: &[1],
        field: |_| uncontended::threads(),
    },
    Workload {
        subject: "sync",
        name: "lock-async",
        title: "One thread polls a future that locks, and unlocks",
        figure: Figure::Time("lock and unlock"),
        threads: &[1],
        field: |_| uncontended::tasks(),
    },
    Workload {
        subject: "sync",
        name: "contended",
        title: "Every thread locks, adds to a number and unlocks",
        figure: Figure::Time("lock and unlock"),
        threads: &[2, 8],
        field: contended::throughput,
    },
    #[cfg(target_os = "linux")]
    Workload {
        subject: "sync",
        name: "contended-pinned",
        title: "Every thread locks, adds to a number and unlocks, on one processor",
        figure: Figure::Time("lock and unlock"),
        threads: &[2, 8],
        field: contended::throughput_on_one_processor,
    },
    Workload {
        subject: "sync",
        name: "share",
        title: "How evenly threads share a contended lock",
        figure: Figure::Share,
        threads: &[2, 8],
        field: contended::evenness,
    },
    Workload {
        subject: "sync",
        name: "read",
        title: "One thread locks for reading and unlocks",
        figure: Figure::Time("lock and unlock"),
        threads: &[1],
        field: |_| others::read(),
    },
    Workload {
        subject: "sync",
        name: "read-all",
        title: "Every thread locks for reading and unlocks",
        figure: Figure::Time("lock and unlock"),
        threads: &[2],
        field: |_| others::read(),
    },
    Workload {
        subject: "sync",
        name: "write",
        title: "One thread locks for writing and unlocks",
        figure: Figure::Time("lock and unlock"),
        threads: &[1],
        field: |_| others::write(),
    },
    Workload {
        subject: "sync",
        name: "acquire",
        title: "One thread acquires a permit and gives it back",
        figure: Figure::Time("acquire and release"),
        threads: &[1],
        field: |_| others::acquire(),
    },
    Workload {
        subject: "sync",
        name: "acquire-async",
        title: "One thread polls a future that acquires a permit, and gives it back",
        figure: Figure::Time("acquire and release"),
        threads: &[1],
        field: |_| others::acquire_async(),
    },
    Workload {
        subject: "sync",
        name: "notify-nobody",
        title: "One thread notifies all who wait, and nobody does",
        figure: Figure::Time("notification"),
        threads: &[1],
        field: |_| others::notify(),
    },
    #[cfg(unix)]
    Workload {
        subject: "sync",
        name: "idle",
        title: "A thread waits for a lock that another holds for a second",
        figure: Figure::ProcessorTime("second of waiting"),
        threads: &[2],
        field: |_| idle::field(),
    },
];
