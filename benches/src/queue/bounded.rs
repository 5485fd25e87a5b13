//! Bounded queues of 1,024 places: `ArrayQueue` beside crossbeam's and concurrent-queue's.
//!
//! Who finds the queue full or empty backs off, the same way for every contestant.

use std::hint::black_box;

use counterpoint::queue::{ArrayQueue as Ours, Full};
use crossbeam_utils::Backoff;

use crate::crew::Task;
use crate::workload::Contestant;

const CAPACITY: usize = 1024;

/// What a bounded queue must offer to be measured.
trait Bounded: Send + Sync + 'static {
    const NAME: &'static str;
    fn new() -> Self;
    /// Adds a value, or gives it back.
    fn push(&self, value: u64) -> Result<(), u64>;
    fn pop(&self) -> Option<u64>;
}

impl Bounded for Ours<u64> {
    const NAME: &'static str = "ArrayQueue";

    fn new() -> Self {
        Ours::new(CAPACITY)
    }

    #[inline]
    fn push(&self, value: u64) -> Result<(), u64> {
        self.push(value).map_err(Full::into_inner)
    }

    #[inline]
    fn pop(&self) -> Option<u64> {
        self.pop()
    }
}

impl Bounded for crossbeam_queue::ArrayQueue<u64> {
    const NAME: &'static str = "crossbeam";

    fn new() -> Self {
        Self::new(CAPACITY)
    }

    #[inline]
    fn push(&self, value: u64) -> Result<(), u64> {
        self.push(value)
    }

    #[inline]
    fn pop(&self) -> Option<u64> {
        self.pop()
    }
}

impl Bounded for concurrent_queue::ConcurrentQueue<u64> {
    const NAME: &'static str = "concurrent-queue";

    fn new() -> Self {
        Self::bounded(CAPACITY)
    }

    #[inline]
    fn push(&self, value: u64) -> Result<(), u64> {
        self.push(value).map_err(|refused| refused.into_inner())
    }

    #[inline]
    fn pop(&self) -> Option<u64> {
        self.pop().ok()
    }
}

pub(super) fn pairs() -> Vec<Contestant> {
    vec![
        Pair::<Ours<u64>>::contestant(),
        Pair::<crossbeam_queue::ArrayQueue<u64>>::contestant(),
        Pair::<concurrent_queue::ConcurrentQueue<u64>>::contestant(),
    ]
}

pub(super) fn transfers(threads: usize) -> Vec<Contestant> {
    vec![
        Transfer::<Ours<u64>>::contestant(threads),
        Transfer::<crossbeam_queue::ArrayQueue<u64>>::contestant(threads),
        Transfer::<concurrent_queue::ConcurrentQueue<u64>>::contestant(threads),
    ]
}

/// Each operation pushes an element, then pops one.
struct Pair<Q>(Q);

impl<Q: Bounded> Pair<Q> {
    fn contestant() -> Contestant {
        Contestant::steady(Q::NAME, Self(Q::new()))
    }
}

impl<Q: Bounded> Task for Pair<Q> {
    fn run(&self, _worker: usize, ops: usize) {
        for value in 0..ops as u64 {
            self.0.push(black_box(value)).expect("there is room");
            black_box(self.0.pop());
        }
    }
}

/// The first half of the workers push, the second half pop as many.
struct Transfer<Q> {
    queue: Q,
    producers: usize,
}

impl<Q: Bounded> Transfer<Q> {
    fn contestant(threads: usize) -> Contestant {
        Contestant::steady(Q::NAME, Self { queue: Q::new(), producers: threads / 2 })
    }

    fn produce(&self, elements: usize) {
        for value in 0..elements as u64 {
            let (backoff, mut value) = (Backoff::new(), black_box(value));
            while let Err(back) = self.queue.push(value) {
                value = back;
                backoff.snooze();
            }
        }
    }

    fn consume(&self, elements: usize) {
        for _ in 0..elements {
            let backoff = Backoff::new();
            while self.queue.pop().map(black_box).is_none() {
                backoff.snooze();
            }
        }
    }
}

impl<Q: Bounded> Task for Transfer<Q> {
    fn run(&self, worker: usize, ops: usize) {
        // Half of the workers push all elements, so that the crew moves `ops` per worker.
        let elements = 2 * ops;
        if worker < self.producers { self.produce(elements) } else { self.consume(elements) }
    }
}
