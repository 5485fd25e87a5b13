//! Persistent threads that run one task together, and the clock around it.
//!
//! Threads are started once, before anything is measured. For each run they meet at a barrier; each
//! notes when it left the barrier and when it finished, and the run lasts from the first departure
//! to the last finish. So neither starting threads nor waking them is in the measurement, and a
//! thread that the system keeps off a core is.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::abort;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Barrier};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// What one contestant does in a run: each worker of the crew calls `run` once, at the same time.
pub trait Task: Send + Sync {
    /// Does this worker's share: `ops` operations, as worker number `worker` (from 0).
    fn run(&self, worker: usize, ops: usize);
}

/// A fixed number of threads waiting for tasks; they end when the crew is dropped.
pub struct Crew {
    workers: Vec<Worker>,
}

struct Worker {
    orders: Sender<Order>,
    reports: Receiver<(Instant, Instant)>,
    thread: JoinHandle<()>,
}

struct Order {
    task: Arc<dyn Task>,
    ops: usize,
}

impl Crew {
    /// Starts `threads` workers.
    pub fn new(threads: usize) -> Crew {
        let barrier = Arc::new(Barrier::new(threads));
        let workers = (0..threads).map(|index| Worker::start(index, barrier.clone())).collect();
        Crew { workers }
    }

    /// The number of workers.
    pub fn threads(&self) -> usize {
        self.workers.len()
    }

    /// Runs `task`, `ops` operations by each worker, and returns how long all of it took.
    pub fn run(&self, task: &Arc<dyn Task>, ops: usize) -> Duration {
        for worker in &self.workers {
            let order = Order { task: task.clone(), ops };
            worker.orders.send(order).expect("a worker lives as long as its crew");
        }
        let spans: Vec<_> = self.workers.iter().map(Worker::report).collect();
        let start = spans.iter().map(|span| span.0).min().expect("a crew is not empty");
        let end = spans.iter().map(|span| span.1).max().expect("a crew is not empty");
        end - start
    }
}

impl Drop for Crew {
    /// Waits for the threads to end, so that none lingers in the next measurement.
    fn drop(&mut self) {
        for Worker { orders, thread, .. } in self.workers.drain(..) {
            drop(orders);
            thread.join().expect("a worker aborts the process rather than panic");
        }
    }
}

impl Worker {
    fn start(index: usize, barrier: Arc<Barrier>) -> Worker {
        let (orders, inbox) = channel::<Order>();
        let (outbox, reports) = channel();
        let thread = thread::spawn(move || {
            for order in inbox {
                let span = timed(&barrier, || order.task.run(index, order.ops));
                // The crew's owner may renew the task as soon as all have reported.
                drop(order);
                if outbox.send(span).is_err() {
                    break;
                }
            }
        });
        Worker { orders, reports, thread }
    }

    fn report(&self) -> (Instant, Instant) {
        self.reports.recv().expect("a worker lives as long as its crew")
    }
}

/// Runs `work` once all have arrived at the barrier; returns when it began and ended.
fn timed(barrier: &Barrier, work: impl FnOnce()) -> (Instant, Instant) {
    barrier.wait();
    let start = Instant::now();
    // A worker that died would leave the others waiting for it; its message is printed by now.
    if catch_unwind(AssertUnwindSafe(work)).is_err() {
        abort();
    }
    (start, Instant::now())
}
