//! What it costs to wait: one thread holds the lock for a second, and another wants it. The figure
//! is the processor time of the one that waits, from wanting it to having it.
//!
//! Ours alone: it says whether a thread that waits sleeps, or burns what others could use.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use super::Lock;
use super::ours::Mutex;
use crate::crew::Task;
use crate::workload::Contestant;

/// How long the lock is held, whatever a turn lasts: what is spent on beginning to wait must not
/// matter.
const HELD: Duration = Duration::from_secs(1);

pub(super) fn field() -> Vec<Contestant> {
    vec![contestant::<Mutex>()]
}

fn contestant<L: Lock>() -> Contestant {
    Contestant::timed(L::NAME, |crew, _turn| {
        let idle = Arc::new(Idle::<L>::new());
        let task: Arc<dyn Task> = idle.clone();
        crew.run(&task, 0);
        // Relaxed: the crew has reported since.
        idle.spent.load(Ordering::Relaxed) as f64 / HELD.as_secs_f64()
    })
}

/// The first worker holds the lock, the second waits for it.
struct Idle<L> {
    lock: L,
    is_held: Barrier,
    /// Nanoseconds.
    spent: AtomicU64,
}

impl<L: Lock> Idle<L> {
    fn new() -> Self {
        Idle { lock: L::default(), is_held: Barrier::new(2), spent: AtomicU64::new(0) }
    }

    fn hold(&self) {
        let guard = self.lock.lock();
        self.is_held.wait();
        thread::sleep(HELD);
        drop(guard);
    }

    fn wait(&self) {
        self.is_held.wait();
        let before = processor_time();
        let guard = self.lock.lock();
        let spent = processor_time() - before;
        drop(guard);
        // Relaxed: the crew reports next.
        self.spent.store(spent.as_nanos() as u64, Ordering::Relaxed);
    }
}

impl<L: Lock> Task for Idle<L> {
    fn run(&self, worker: usize, _ops: usize) {
        if worker == 0 { self.hold() } else { self.wait() }
    }
}

/// Of this thread, so far.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
