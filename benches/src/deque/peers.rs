//! The contestants.

use counterpoint::deque::{Steal, Stealer, Worker, bounded};

use super::CAPACITY;

/// What a thief got.
pub(super) enum Found {
    One,
    Nothing,
    Retry,
}

/// What a deque must offer to be measured.
pub(super) trait Deque: Send + Sync + 'static {
    const NAME: &'static str;
    type Worker: Send;
    type Stealer: Send;
    fn worker() -> Self::Worker;
    fn stealer(worker: &Self::Worker) -> Self::Stealer;
    fn push(worker: &Self::Worker, value: u64) -> bool;
    fn pop(worker: &Self::Worker) -> Option<u64>;
    fn len(worker: &Self::Worker) -> usize;
    fn steal(stealer: &Self::Stealer, loot: &Self::Worker) -> Found;
    /// Takes one, and moves up to half of the others to `loot`.
    fn steal_half(stealer: &Self::Stealer, loot: &Self::Worker) -> Found;
}

fn ours<T>(found: Steal<T>) -> Found {
    match found {
        Steal::Success(value) => {
            std::hint::black_box(value);
            Found::One
        }
        Steal::Empty => Found::Nothing,
        Steal::Retry => Found::Retry,
    }
}

/// Ours that grows.
macro_rules! growing {
    ($contestant:ident, $pop:ident) => {
        pub(super) struct $contestant;

        impl Deque for $contestant {
            const NAME: &'static str = "deque::Worker";
            type Worker = Worker<u64>;
            type Stealer = Stealer<u64>;

            fn worker() -> Self::Worker {
                Worker::with_capacity(CAPACITY)
            }

            fn stealer(worker: &Self::Worker) -> Self::Stealer {
                worker.stealer()
            }

            #[inline]
            fn push(worker: &Self::Worker, value: u64) -> bool {
                worker.push(value);
                true
            }

            #[inline]
            fn pop(worker: &Self::Worker) -> Option<u64> {
                worker.$pop()
            }

            #[inline]
            fn len(worker: &Self::Worker) -> usize {
                worker.len()
            }

            #[inline]
            fn steal(stealer: &Self::Stealer, _: &Self::Worker) -> Found {
                ours(stealer.pin().steal())
            }

            #[inline]
            fn steal_half(stealer: &Self::Stealer, loot: &Self::Worker) -> Found {
                ours(stealer.pin().steal_batch_and_pop(loot))
            }
        }
    };
}

growing!(Growing, pop);
growing!(GrowingFifo, pop_oldest);

/// Ours that is bounded.
macro_rules! bounded {
    ($contestant:ident, $pop:ident) => {
        pub(super) struct $contestant;

        impl Deque for $contestant {
            const NAME: &'static str = "deque::bounded";
            type Worker = bounded::Worker<u64>;
            type Stealer = bounded::Stealer<u64>;

            fn worker() -> Self::Worker {
                bounded::Worker::new(CAPACITY)
            }

            fn stealer(worker: &Self::Worker) -> Self::Stealer {
                worker.stealer()
            }

            #[inline]
            fn push(worker: &Self::Worker, value: u64) -> bool {
                worker.push(value).is_ok()
            }

            #[inline]
            fn pop(worker: &Self::Worker) -> Option<u64> {
                worker.$pop()
            }

            #[inline]
            fn len(worker: &Self::Worker) -> usize {
                worker.len()
            }

            #[inline]
            fn steal(stealer: &Self::Stealer, _: &Self::Worker) -> Found {
                ours(stealer.steal())
            }

            #[inline]
            fn steal_half(stealer: &Self::Stealer, loot: &Self::Worker) -> Found {
                ours(stealer.steal_batch_and_pop(loot))
            }
        }
    };
}

bounded!(Bounded, pop);
bounded!(BoundedFifo, pop_oldest);

fn crossbeams(found: crossbeam_deque::Steal<u64>) -> Found {
    match found {
        crossbeam_deque::Steal::Success(value) => {
            std::hint::black_box(value);
            Found::One
        }
        crossbeam_deque::Steal::Empty => Found::Nothing,
        crossbeam_deque::Steal::Retry => Found::Retry,
    }
}

/// `crossbeam_deque`, in one of its two ways.
macro_rules! crossbeam {
    ($contestant:ident, $new:ident) => {
        pub(super) struct $contestant;

        impl Deque for $contestant {
            const NAME: &'static str = "crossbeam-deque";
            type Worker = crossbeam_deque::Worker<u64>;
            type Stealer = crossbeam_deque::Stealer<u64>;

            fn worker() -> Self::Worker {
                crossbeam_deque::Worker::$new()
            }

            fn stealer(worker: &Self::Worker) -> Self::Stealer {
                worker.stealer()
            }

            #[inline]
            fn push(worker: &Self::Worker, value: u64) -> bool {
                worker.push(value);
                true
            }

            #[inline]
            fn pop(worker: &Self::Worker) -> Option<u64> {
                worker.pop()
            }

            #[inline]
            fn len(worker: &Self::Worker) -> usize {
                worker.len()
            }

            #[inline]
            fn steal(stealer: &Self::Stealer, _: &Self::Worker) -> Found {
                crossbeams(stealer.steal())
            }

            #[inline]
            fn steal_half(stealer: &Self::Stealer, loot: &Self::Worker) -> Found {
                crossbeams(stealer.steal_batch_and_pop(loot))
            }
        }
    };
}

crossbeam!(Crossbeam, new_lifo);
crossbeam!(CrossbeamFifo, new_fifo);

fn st3s(found: Result<(u64, usize), st3::StealError>) -> Found {
    match found {
        Ok((value, _)) => {
            std::hint::black_box(value);
            Found::One
        }
        Err(st3::StealError::Empty) => Found::Nothing,
        Err(st3::StealError::Busy) => Found::Retry,
    }
}

/// `st3`, in one of its two ways.
macro_rules! st3 {
    ($contestant:ident, $module:ident) => {
        pub(super) struct $contestant;

        impl Deque for $contestant {
            const NAME: &'static str = "st3";
            type Worker = st3::$module::Worker<u64>;
            type Stealer = st3::$module::Stealer<u64>;

            fn worker() -> Self::Worker {
                st3::$module::Worker::new(CAPACITY)
            }

            fn stealer(worker: &Self::Worker) -> Self::Stealer {
                worker.stealer()
            }

            #[inline]
            fn push(worker: &Self::Worker, value: u64) -> bool {
                worker.push(value).is_ok()
            }

            #[inline]
            fn pop(worker: &Self::Worker) -> Option<u64> {
                worker.pop()
            }

            #[inline]
            fn len(worker: &Self::Worker) -> usize {
                worker.capacity() - worker.spare_capacity()
            }

            #[inline]
            fn steal(stealer: &Self::Stealer, loot: &Self::Worker) -> Found {
                st3s(stealer.steal_and_pop(loot, |_| 1))
            }

            #[inline]
            fn steal_half(stealer: &Self::Stealer, loot: &Self::Worker) -> Found {
                st3s(stealer.steal_and_pop(loot, |count| count.div_ceil(2)))
            }
        }
    };
}

st3!(St3, lifo);
st3!(St3Fifo, fifo);
