//! Queues: `Queue` beside `MsQueue`, SegQueue, concurrent-queue and a locked VecDeque; and, in `ring.rs`,
//! rings between two threads.
//!
//! *Pair*: one thread pushes an element and pops one, again and again, on an empty queue.
//! *Transfer*: half of the threads push, the other half pop; an operation is one element through
//! the queue. A consumer that finds the queue empty ends its session and backs off, the same way
//! for every contestant.
//!
//! The rows of bounded queues are in `bounded.rs`.

mod bounded;
mod concurrent_queue;
mod crossbeam;
mod locked;
mod ours;
mod ring;

use std::hint::black_box;

use crossbeam_utils::Backoff;

use self::concurrent_queue::ConcurrentQueue;
use self::crossbeam::SegQueue;
use self::locked::LockedDeque;
use self::ours::{MsQueue, Queue as Segmented};
use crate::crew::Task;
use crate::workload::{Contestant, Figure, PER_64, PER_CALL, Workload};

/// What a queue must offer to be measured.
pub trait Queue: Default + Send + Sync + 'static {
    /// Its name in the report.
    const NAME: &'static str;
    /// What a caller holds across operations: a guard, or just the queue.
    type Session<'q>;
    /// Begins a session.
    fn session(&self) -> Self::Session<'_>;
    /// Adds `value` at the back.
    fn push(session: &Self::Session<'_>, value: u64);
    /// Takes the value at the front.
    fn pop(session: &Self::Session<'_>) -> Option<u64>;
}

/// The workloads of this subject.
pub const WORKLOADS: &[Workload] = &[
    Workload {
        subject: "queue",
        name: "pair-64",
        title: "One thread pushes and pops, guard per 64",
        figure: Figure::Time("push and pop"),
        threads: &[1],
        field: |_| pairs::<PER_64>(),
    },
    Workload {
        subject: "queue",
        name: "pair-pin",
        title: "One thread pushes and pops, pin per call",
        figure: Figure::Time("push and pop"),
        threads: &[1],
        field: |_| pairs::<PER_CALL>(),
    },
    Workload {
        subject: "queue",
        name: "transfer-64",
        title: "Producers to consumers, guard per 64",
        figure: Figure::Time("element"),
        threads: &[2, 4, 16],
        field: transfers::<PER_64>,
    },
    Workload {
        subject: "queue",
        name: "transfer-pin",
        title: "Producers to consumers, pin per call",
        figure: Figure::Time("element"),
        threads: &[2, 4, 16],
        field: transfers::<PER_CALL>,
    },
    Workload {
        subject: "queue",
        name: "bounded-pair",
        title: "One thread pushes and pops, 1,024 places",
        figure: Figure::Time("push and pop"),
        threads: &[1],
        field: |_| bounded::pairs(),
    },
    Workload {
        subject: "queue",
        name: "bounded-transfer",
        title: "Producers to consumers, 1,024 places",
        figure: Figure::Time("element"),
        threads: &[2, 4],
        field: bounded::transfers,
    },
    Workload {
        subject: "queue",
        name: "ring-pair",
        title: "One thread has both ends of a ring",
        figure: Figure::Time("push and pop"),
        threads: &[1],
        field: ring::pairs,
    },
    Workload {
        subject: "queue",
        name: "ring-transfer",
        title: "Through a ring of 1,024 slots",
        figure: Figure::Time("element"),
        threads: &[2],
        field: ring::transfers,
    },
    Workload {
        subject: "queue",
        name: "ring-slices",
        title: "Through a ring of 1,024 slots, in slices of 64",
        figure: Figure::Time("element"),
        threads: &[2],
        field: ring::slices,
    },
];

fn pairs<const SPAN: usize>() -> Vec<Contestant> {
    vec![
        Pair::<Segmented, SPAN>::contestant(),
        Pair::<MsQueue, SPAN>::contestant(),
        Pair::<SegQueue, SPAN>::contestant(),
        Pair::<ConcurrentQueue, SPAN>::contestant(),
        Pair::<LockedDeque, SPAN>::contestant(),
    ]
}

fn transfers<const SPAN: usize>(threads: usize) -> Vec<Contestant> {
    vec![
        Transfer::<Segmented, SPAN>::contestant(threads),
        Transfer::<MsQueue, SPAN>::contestant(threads),
        Transfer::<SegQueue, SPAN>::contestant(threads),
        Transfer::<ConcurrentQueue, SPAN>::contestant(threads),
        Transfer::<LockedDeque, SPAN>::contestant(threads),
    ]
}

/// Each operation pushes an element, then pops one.
struct Pair<Q, const SPAN: usize> {
    queue: Q,
}

impl<Q: Queue, const SPAN: usize> Pair<Q, SPAN> {
    fn contestant() -> Contestant {
        Contestant::steady(Q::NAME, Self { queue: Q::default() })
    }
}

impl<Q: Queue, const SPAN: usize> Task for Pair<Q, SPAN> {
    fn run(&self, _worker: usize, ops: usize) {
        // With a pin per call, push and pop pin separately.
        if SPAN == PER_CALL {
            for value in 0..ops as u64 {
                Q::push(&self.queue.session(), black_box(value));
                black_box(Q::pop(&self.queue.session()));
            }
            return;
        }
        for start in (0..ops).step_by(SPAN) {
            let session = self.queue.session();
            for value in start..ops.min(start + SPAN) {
                Q::push(&session, black_box(value as u64));
                black_box(Q::pop(&session));
            }
        }
    }
}

/// The first half of the workers push, the second half pop as many.
struct Transfer<Q, const SPAN: usize> {
    queue: Q,
    producers: usize,
}

impl<Q: Queue, const SPAN: usize> Transfer<Q, SPAN> {
    fn contestant(threads: usize) -> Contestant {
        Contestant::steady(Q::NAME, Self { queue: Q::default(), producers: threads / 2 })
    }

    fn produce(&self, elements: usize) {
        for start in (0..elements).step_by(SPAN) {
            let session = self.queue.session();
            for value in start..elements.min(start + SPAN) {
                Q::push(&session, black_box(value as u64));
            }
        }
    }

    fn consume(&self, elements: usize) {
        let backoff = Backoff::new();
        let mut taken = 0;
        while taken < elements {
            let before = taken;
            let session = self.queue.session();
            while taken < elements.min(before + SPAN) && Q::pop(&session).map(black_box).is_some() {
                taken += 1;
            }
            // Nobody waits under a guard.
            drop(session);
            if taken == before { backoff.snooze() } else { backoff.reset() }
        }
    }
}

impl<Q: Queue, const SPAN: usize> Task for Transfer<Q, SPAN> {
    fn run(&self, worker: usize, ops: usize) {
        // Half of the workers push all elements, so that the crew moves `ops` per worker.
        let elements = 2 * ops;
        if worker < self.producers { self.produce(elements) } else { self.consume(elements) }
    }
}
