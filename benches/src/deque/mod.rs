//! Work-stealing deques: `deque::Worker` and `deque::bounded::Worker` beside crossbeam's, which grows,
//! and st3's, which is bounded.
//!
//! *Pair*: the owner pushes a value and pops it, again and again. *Burst*: it pushes 64, then pops 64, as
//! a fork-join program does. *Transfer*: the owner pushes, and the other threads steal all of it, one
//! by one or half at a time. An operation is a value through the deque. Who finds a deque full or
//! empty backs off, in the same way for every contestant.

mod peers;

use std::hint::black_box;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crossbeam_utils::Backoff;

use self::peers::{
    Bounded, BoundedFifo, Crossbeam, CrossbeamFifo, Deque, Found, Growing, GrowingFifo, St3,
    St3Fifo,
};
use crate::crew::Task;
use crate::workload::{Contestant, Figure, Workload};

/// The slots of bounded deques.
const CAPACITY: usize = 1024;
/// How many values a burst is.
const BURST: usize = 64;

/// The workloads of this subject.
pub const WORKLOADS: &[Workload] = &[
    Workload {
        subject: "deque",
        name: "push-pop",
        title: "The owner pushes and pops the newest",
        figure: Figure::Time("push and pop"),
        threads: &[1],
        field: |_| newest::<1>(),
    },
    Workload {
        subject: "deque",
        name: "push-pop-64",
        title: "The owner pushes 64, then pops the newest 64 times",
        figure: Figure::Time("push and pop"),
        threads: &[1],
        field: |_| newest::<BURST>(),
    },
    Workload {
        subject: "deque",
        name: "push-pop-oldest-64",
        title: "The owner pushes 64, then pops the oldest 64 times",
        figure: Figure::Time("push and pop"),
        threads: &[1],
        field: |_| oldest::<BURST>(),
    },
    Workload {
        subject: "deque",
        name: "steal",
        title: "The owner pushes, all others steal one by one",
        figure: Figure::Time("element"),
        threads: &[2, 4],
        field: transfers::<false>,
    },
    Workload {
        subject: "deque",
        name: "steal-half",
        title: "The owner pushes, all others steal half",
        figure: Figure::Time("element"),
        threads: &[2, 4],
        field: transfers::<true>,
    },
];

fn newest<const BURST: usize>() -> Vec<Contestant> {
    vec![
        Pair::<Growing, BURST>::contestant(),
        Pair::<Bounded, BURST>::contestant(),
        Pair::<Crossbeam, BURST>::contestant(),
        Pair::<St3, BURST>::contestant(),
    ]
}

fn oldest<const BURST: usize>() -> Vec<Contestant> {
    vec![
        Pair::<GrowingFifo, BURST>::contestant(),
        Pair::<BoundedFifo, BURST>::contestant(),
        Pair::<CrossbeamFifo, BURST>::contestant(),
        Pair::<St3Fifo, BURST>::contestant(),
    ]
}

fn transfers<const HALF: bool>(threads: usize) -> Vec<Contestant> {
    vec![
        Transfer::<Growing, HALF>::contestant(threads),
        Transfer::<Bounded, HALF>::contestant(threads),
        Transfer::<Crossbeam, HALF>::contestant(threads),
        Transfer::<St3, HALF>::contestant(threads),
    ]
}

/// Something that a worker takes for as long as it runs, to have it on its own stack.
struct Place<E>(Mutex<Option<E>>);

impl<E> Place<E> {
    fn new(end: E) -> Self {
        Place(Mutex::new(Some(end)))
    }

    fn with(&self, f: impl FnOnce(&mut E)) {
        let mut end = self.0.lock().expect("no run panics").take().expect("one worker has it");
        f(&mut end);
        *self.0.lock().expect("no run panics") = Some(end);
    }
}

/// Pushes a burst, then pops as many.
struct Pair<D: Deque, const BURST: usize>(Place<D::Worker>);

impl<D: Deque, const BURST: usize> Pair<D, BURST> {
    fn contestant() -> Contestant {
        Contestant::steady(D::NAME, Pair::<D, BURST>(Place::new(D::worker())))
    }
}

impl<D: Deque, const BURST: usize> Task for Pair<D, BURST> {
    fn run(&self, _worker: usize, ops: usize) {
        self.0.with(|worker| {
            for _ in 0..ops.div_ceil(BURST) {
                for value in 0..BURST as u64 {
                    black_box(D::push(worker, black_box(value)));
                }
                for _ in 0..BURST {
                    black_box(D::pop(worker));
                }
            }
        });
    }
}

/// The first worker pushes, the others steal.
struct Transfer<D: Deque, const HALF: bool> {
    worker: Place<D::Worker>,
    thieves: Vec<Place<Thief<D>>>,
    /// How many values were stolen in all runs.
    stolen: AtomicUsize,
}

struct Thief<D: Deque> {
    stealer: D::Stealer,
    loot: D::Worker,
    /// How many values were pushed in all runs.
    pushed: usize,
}

impl<D: Deque, const HALF: bool> Transfer<D, HALF> {
    fn contestant(threads: usize) -> Contestant {
        let worker = D::worker();
        let thief = || Thief { stealer: D::stealer(&worker), loot: D::worker(), pushed: 0 };
        let thieves = (1..threads).map(|_| Place::new(thief())).collect();
        let worker = Place::new(worker);
        let stolen = AtomicUsize::new(0);
        Contestant::steady(D::NAME, Transfer::<D, HALF> { worker, thieves, stolen })
    }

    fn push(worker: &D::Worker, elements: usize) {
        let backoff = Backoff::new();
        let mut pushed = 0;
        while pushed < elements {
            // As many as a bounded one holds, so that no deque runs away from its thieves.
            if D::len(worker) < CAPACITY && D::push(worker, black_box(1)) {
                backoff.reset();
                pushed += 1;
            } else {
                backoff.snooze();
            }
        }
    }

    fn steal(&self, Thief { stealer, loot, pushed }: &Thief<D>) {
        let backoff = Backoff::new();
        // Relaxed, here and below: a count.
        while self.stolen.load(Ordering::Relaxed) < *pushed {
            let found = if HALF { D::steal_half(stealer, loot) } else { D::steal(stealer, loot) };
            match found {
                Found::One => {}
                Found::Retry => continue,
                Found::Nothing => {
                    backoff.snooze();
                    continue;
                }
            }
            backoff.reset();
            let mut count = 1;
            while HALF && D::pop(loot).map(black_box).is_some() {
                count += 1;
            }
            self.stolen.fetch_add(count, Ordering::Relaxed);
        }
    }
}

impl<D: Deque, const HALF: bool> Task for Transfer<D, HALF> {
    fn run(&self, worker: usize, ops: usize) {
        // One worker pushes all elements, so that the crew moves `ops` per worker.
        let elements = (self.thieves.len() + 1) * ops;
        if worker == 0 {
            self.worker.with(|worker| Self::push(worker, elements));
        } else {
            self.thieves[worker - 1].with(|thief| {
                thief.pushed += elements;
                self.steal(thief);
            });
        }
    }
}
