//! Bags: `Bag` beside SegQueue and a locked Vec, which keep an order that nobody asked for.
//!
//! *Pair*: every thread pushes an element and pops one, again and again, on one bag.
//! *Transfer*: half of the threads push, the other half pop; an operation is one element through the bag.
//! A consumer that finds it empty backs off, the same way for every contestant.

mod crossbeam;
mod locked;
mod ours;

use std::hint::black_box;

use crossbeam_utils::Backoff;

use self::crossbeam::SegQueue;
use self::locked::LockedVec;
use self::ours::Bag as Ours;
use crate::crew::Task;
use crate::workload::{Contestant, Figure, Workload};

/// What a bag must offer to be measured.
pub trait Bag: Default + Send + Sync + 'static {
    /// Its name in the report.
    const NAME: &'static str;
    /// What a thread holds for all of its operations: a handle, or just the bag.
    type Session<'b>;
    /// Begins a session.
    fn session(&self) -> Self::Session<'_>;
    /// Adds `value`.
    fn push(session: &Self::Session<'_>, value: u64);
    /// Takes a value.
    fn pop(session: &Self::Session<'_>) -> Option<u64>;
}

/// The workloads of this subject.
pub const WORKLOADS: &[Workload] = &[
    Workload {
        subject: "bag",
        name: "pair",
        title: "Every thread pushes and pops",
        figure: Figure::Time("push and pop"),
        threads: &[1, 2, 4, 8],
        field: |_| {
            vec![
                Pair::<Ours>::contestant(),
                Pair::<SegQueue>::contestant(),
                Pair::<LockedVec>::contestant(),
            ]
        },
    },
    Workload {
        subject: "bag",
        name: "transfer",
        title: "Producers to consumers",
        figure: Figure::Time("element"),
        threads: &[2, 4],
        field: |threads| {
            vec![
                Transfer::<Ours>::contestant(threads),
                Transfer::<SegQueue>::contestant(threads),
                Transfer::<LockedVec>::contestant(threads),
            ]
        },
    },
];

/// Each operation pushes an element, then pops one.
struct Pair<B> {
    bag: B,
}

impl<B: Bag> Pair<B> {
    fn contestant() -> Contestant {
        Contestant::steady(B::NAME, Self { bag: B::default() })
    }
}

impl<B: Bag> Task for Pair<B> {
    fn run(&self, _worker: usize, ops: usize) {
        let session = self.bag.session();
        for value in 0..ops as u64 {
            B::push(&session, black_box(value));
            black_box(B::pop(&session));
        }
    }
}

/// The first half of the workers push, the second half pop as many.
struct Transfer<B> {
    bag: B,
    producers: usize,
}

impl<B: Bag> Transfer<B> {
    fn contestant(threads: usize) -> Contestant {
        Contestant::steady(B::NAME, Self { bag: B::default(), producers: threads / 2 })
    }
}

impl<B: Bag> Task for Transfer<B> {
    fn run(&self, worker: usize, ops: usize) {
        let session = self.bag.session();
        // Half of the workers push all elements, so that the crew moves `ops` per worker.
        let elements = 2 * ops;
        if worker < self.producers {
            (0..elements as u64).for_each(|value| B::push(&session, black_box(value)));
            return;
        }
        let backoff = Backoff::new();
        let mut taken = 0;
        while taken < elements {
            if B::pop(&session).map(black_box).is_some() {
                taken += 1;
                backoff.reset();
            } else {
                backoff.snooze();
            }
        }
    }
}
