//! Rings between one producer and one consumer: `spsc::ring` beside rtrb.
//!
//! *Pair*: one thread has both ends, pushes an element and pops it. *Transfer*: one thread pushes,
//! another pops, through so few slots that each waits for the other now and then, in the same way for
//! every contestant. *Slices*: the same, in slices of 64.

use std::hint::black_box;
use std::sync::Mutex;

use counterpoint::queue::spsc;
use crossbeam_utils::Backoff;

use crate::crew::Task;
use crate::workload::Contestant;

/// The slots of every ring.
const CAPACITY: usize = 1024;
/// The elements of a slice.
const SLICE: usize = 64;

/// What a ring must offer to be measured.
trait Ring: Send + Sync + 'static {
    const NAME: &'static str;
    type Producer: Send;
    type Consumer: Send;
    fn ends() -> (Self::Producer, Self::Consumer);
    fn push(producer: &mut Self::Producer, value: u64) -> bool;
    fn pop(consumer: &mut Self::Consumer) -> Option<u64>;
    /// Adds the first of `values`; says how many.
    fn push_slice(producer: &mut Self::Producer, values: &[u64]) -> usize;
    /// Fills the first of `values`; says how many.
    fn pop_slice(consumer: &mut Self::Consumer, values: &mut [u64]) -> usize;
}

/// `counterpoint::queue::spsc`.
struct Ours;

impl Ring for Ours {
    const NAME: &'static str = "spsc::ring";
    type Producer = spsc::Producer<u64>;
    type Consumer = spsc::Consumer<u64>;

    fn ends() -> (Self::Producer, Self::Consumer) {
        spsc::ring(CAPACITY)
    }

    #[inline]
    fn push(producer: &mut Self::Producer, value: u64) -> bool {
        producer.push(value).is_ok()
    }

    #[inline]
    fn pop(consumer: &mut Self::Consumer) -> Option<u64> {
        consumer.pop()
    }

    #[inline]
    fn push_slice(producer: &mut Self::Producer, values: &[u64]) -> usize {
        producer.push_slice(values)
    }

    #[inline]
    fn pop_slice(consumer: &mut Self::Consumer, values: &mut [u64]) -> usize {
        consumer.pop_slice(values)
    }
}

/// `rtrb::RingBuffer`.
struct Rtrb;

impl Ring for Rtrb {
    const NAME: &'static str = "rtrb";
    type Producer = rtrb::Producer<u64>;
    type Consumer = rtrb::Consumer<u64>;

    fn ends() -> (Self::Producer, Self::Consumer) {
        rtrb::RingBuffer::new(CAPACITY)
    }

    #[inline]
    fn push(producer: &mut Self::Producer, value: u64) -> bool {
        producer.push(value).is_ok()
    }

    #[inline]
    fn pop(consumer: &mut Self::Consumer) -> Option<u64> {
        consumer.pop().ok()
    }

    #[inline]
    fn push_slice(producer: &mut Self::Producer, values: &[u64]) -> usize {
        producer.push_partial_slice(values).0.len()
    }

    #[inline]
    fn pop_slice(consumer: &mut Self::Consumer, values: &mut [u64]) -> usize {
        consumer.pop_partial_slice(values).0.len()
    }
}

pub(super) fn pairs(_: usize) -> Vec<Contestant> {
    vec![Pair::<Ours>::contestant(), Pair::<Rtrb>::contestant()]
}

pub(super) fn transfers(_: usize) -> Vec<Contestant> {
    vec![Transfer::<Ours, 1>::contestant(), Transfer::<Rtrb, 1>::contestant()]
}

pub(super) fn slices(_: usize) -> Vec<Contestant> {
    vec![Transfer::<Ours, SLICE>::contestant(), Transfer::<Rtrb, SLICE>::contestant()]
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

/// Each operation pushes an element, then pops one.
struct Pair<R: Ring>(Place<(R::Producer, R::Consumer)>);

impl<R: Ring> Pair<R> {
    fn contestant() -> Contestant {
        Contestant::steady(R::NAME, Pair::<R>(Place::new(R::ends())))
    }
}

impl<R: Ring> Task for Pair<R> {
    fn run(&self, _worker: usize, ops: usize) {
        self.0.with(|(producer, consumer)| {
            for value in 0..ops as u64 {
                black_box(R::push(producer, black_box(value)));
                black_box(R::pop(consumer));
            }
        });
    }
}

/// The first worker pushes, the second pops as many, in slices of so many.
struct Transfer<R: Ring, const SLICE: usize> {
    producer: Place<R::Producer>,
    consumer: Place<R::Consumer>,
}

impl<R: Ring, const SLICE: usize> Transfer<R, SLICE> {
    fn contestant() -> Contestant {
        let (producer, consumer) = R::ends();
        let (producer, consumer) = (Place::new(producer), Place::new(consumer));
        Contestant::steady(R::NAME, Transfer::<R, SLICE> { producer, consumer })
    }
}

impl<R: Ring, const SLICE: usize> Task for Transfer<R, SLICE> {
    fn run(&self, worker: usize, ops: usize) {
        // One worker pushes all elements, so that the crew moves `ops` per worker.
        let elements = 2 * ops;
        let mut values = [1; SLICE];
        if worker == 0 {
            self.producer.with(|producer| {
                move_all(elements, |some| {
                    if SLICE == 1 {
                        return usize::from(R::push(producer, black_box(1)));
                    }
                    R::push_slice(producer, black_box(&values[..some.min(SLICE)]))
                });
            });
        } else {
            self.consumer.with(|consumer| {
                move_all(elements, |some| {
                    if SLICE == 1 {
                        return usize::from(R::pop(consumer).map(black_box).is_some());
                    }
                    R::pop_slice(consumer, black_box(&mut values[..some.min(SLICE)]))
                });
            });
        }
    }
}

/// Moves elements until so many are moved; backs off while none can be.
fn move_all(elements: usize, mut some: impl FnMut(usize) -> usize) {
    let backoff = Backoff::new();
    let mut left = elements;
    while left > 0 {
        match some(left) {
            0 => backoff.snooze(),
            moved => {
                backoff.reset();
                left -= moved;
            }
        }
    }
}
