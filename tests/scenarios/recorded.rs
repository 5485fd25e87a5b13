//! Recorded histories: real threads, many random operations, and the checker on all of it.

use crate::{
    array_queue::{self, More},
    common::{Placed, Random, THREADS, scaled, seed},
    deque::{Asked, Owner, Spec, Thief, Told},
    objects::{apply_map, apply_queue, apply_segmented, apply_set, apply_stack},
};
use counterpoint::{
    bag::Bag,
    deque::{self, bounded},
    map::{SplitOrderedMap, SplitOrderedSet},
    queue::{self as segmented, ArrayQueue, MsQueue, spsc},
    stack::TreiberStack,
    verify::{
        history::{History, Recorder},
        linear::assert_linearizable,
        spec::{self, Map, Queue, SequentialSpec, Set, Stack, bag, map, queue, set, stack},
    },
};
use std::{sync::Barrier, thread};

/// What a thread asks, in its own way.
type Answers<'a, O, R> = Box<dyn FnMut(&O) -> R + Send + 'a>;

/// Threads, one for each of `threads`, that each ask so many times what `ask` draws, from the seed of
/// the run, given the number of the call, which leaves the thread's own when divided by theirs.
fn record_each<O: Clone + Send, R: Clone + Send>(
    calls_each: usize,
    ask: impl Fn(&mut Random, usize) -> O + Sync,
    threads: Vec<Answers<'_, O, R>>,
) -> History<O, R> {
    let (seed, recorder, count) = (seed(), Recorder::new(), threads.len());
    let start = Barrier::new(count);
    thread::scope(|scope| {
        for (thread, mut answer) in threads.into_iter().enumerate() {
            let mut log = recorder.log_with_capacity(calls_each);
            let (ask, start) = (&ask, &start);
            scope.spawn(move || {
                let mut random = Random::new(seed, thread);
                start.wait();
                for nth in 0..calls_each {
                    let operation = ask(&mut random, nth * count + thread);
                    log.call(operation.clone(), || answer(&operation));
                }
            });
        }
    });
    let history = recorder.finish().expect("every log has come back");
    assert_eq!(history.len(), count * calls_each);
    history
}

/// As above, of threads that all may ask the same of one object.
fn record<T: Sync, O: Clone + Send, R: Clone + Send>(
    object: &T,
    calls_each: usize,
    apply: impl Fn(&T, &O) -> R + Sync,
    ask: impl Fn(&mut Random, usize) -> O + Sync,
) -> History<O, R> {
    let thread = || -> Answers<'_, O, R> { Box::new(|operation| apply(object, operation)) };
    record_each(calls_each, ask, (0..THREADS).map(|_| thread()).collect())
}

/// A specification some of whose answers may be of the past: they come at any time, and change nothing.
struct Late<S: SequentialSpec>(S, Vec<S::Result>);

impl<S: SequentialSpec> SequentialSpec for Late<S> {
    type State = S::State;
    type Operation = S::Operation;
    type Result = S::Result;

    fn initial(&self) -> S::State {
        self.0.initial()
    }

    fn step(
        &self,
        now: &S::State,
        asked: &S::Operation,
        told: Option<&S::Result>,
    ) -> impl IntoIterator<Item = (S::Result, S::State)> {
        let late = told.filter(|told| self.1.contains(told));
        let late = late.map(|told| (told.clone(), now.clone()));
        self.0.step(now, asked, told).into_iter().chain(late)
    }
}

#[test]
fn a_queue_of_different_values() {
    let history =
        record(&MsQueue::new(), scaled(10_000), apply_queue, |random, number| {
            match random.below(2) {
                0 => queue::Operation::Push(number as u32),
                _ => queue::Operation::Pop,
            }
        });
    assert_linearizable(&Queue::new(), &history);
}

#[test]
fn a_segmented_queue_of_different_values() {
    let ask = |random: &mut Random, number| match random.below(2) {
        0 => queue::Operation::Push(number as u32),
        _ => queue::Operation::Pop,
    };
    let history = record(&segmented::Queue::new(), scaled(10_000), apply_segmented, ask);
    assert_linearizable(&Queue::new(), &history);
}

/// That it is not full says only that this was not seen.
#[test]
fn an_array_queue() {
    let ask = |random: &mut Random, number| match random.below(16) {
        0..6 => More::Queue(queue::Operation::Push(number as u32)),
        6..12 => More::Queue(queue::Operation::Pop),
        12 => More::Force(number as u32),
        13 => More::TryPush(number as u32),
        14 => More::TryPop,
        _ => More::IsFull,
    };
    for capacity in [1, 5] {
        let queue = ArrayQueue::new(capacity);
        let history = record(&queue, scaled(5_000), array_queue::apply, ask);
        let spec = Late(array_queue::Ring(capacity), vec![array_queue::Told::Flag(false)]);
        assert_linearizable(&spec, &history);
    }
}

/// One thread pushes, one pops; each may see late what the other has just done.
#[test]
fn a_ring() {
    use queue::{Answer, Operation};
    for capacity in [1, 5] {
        let (mut producer, mut consumer) = spsc::ring(capacity);
        let history = record_each::<Operation<u32>, Answer<u32>>(
            scaled(10_000),
            |_, number| match number % 2 {
                0 => Operation::Push(number as u32),
                _ => Operation::Pop,
            },
            vec![
                Box::new(move |asked| match asked {
                    Operation::Push(value) => producer.push(*value).into(),
                    _ => unreachable!("this thread pushes"),
                }),
                Box::new(move |_| consumer.pop().into()),
            ],
        );
        let late = vec![Answer::Full, Answer::Value(None)];
        assert_linearizable(&Late(Queue::bounded(capacity), late), &history);
    }
}

/// An owner, and thieves, who ask what they may.
fn record_deque<W: Owner, S: Thief>(worker: W, stealers: [S; THREADS - 1]) -> History<Asked, Told> {
    let ask = |random: &mut Random, number: usize| match (number % THREADS, random.below(4)) {
        (0, 0 | 1) => Asked::Push(number as u32),
        (0, 2) => Asked::Pop,
        (0, _) => Asked::Oldest,
        (_, 0) => Asked::Steal,
        _ => Asked::TrySteal,
    };
    let mut threads: Vec<Answers<'_, _, _>> = vec![Box::new(move |asked| worker.own(asked))];
    for stealer in stealers {
        threads.push(Box::new(move |asked| stealer.rob(asked)));
    }
    record_each(scaled(10_000), ask, threads)
}

#[test]
fn a_deque_that_grows() {
    let worker = deque::Worker::<u32>::with_capacity(1);
    let stealers = std::array::from_fn(|_| worker.stealer());
    assert_linearizable(&Spec(usize::MAX), &record_deque(worker, stealers));
}

/// That a thief has left a slot may be seen late.
#[test]
fn a_bounded_deque() {
    let worker = bounded::Worker::<u32>::new(4);
    let stealers = std::array::from_fn(|_| worker.stealer());
    assert_linearizable(&Late(Spec(4), vec![Told::Full]), &record_deque(worker, stealers));
}

#[test]
fn a_stack_of_different_values() {
    let history = record(&TreiberStack::new(), scaled(10_000), apply_stack, |random, number| {
        match random.below(2) {
            0 => stack::Operation::Push(number as u32),
            _ => stack::Operation::Pop,
        }
    });
    assert_linearizable(&Stack::new(), &history);
}

/// Each thread by a handle of its own. Whether a bag is empty is asked often, and of one that is.
#[test]
fn a_bag_of_different_values() {
    let bag = Bag::new();
    let ask = |random: &mut Random, number: usize| match random.below(8) {
        0..3 => bag::Operation::Push(number as u32),
        3 => bag::Operation::IsEmpty,
        _ => bag::Operation::Pop,
    };
    let thread = || -> Answers<'_, bag::Operation<u32>, bag::Answer<u32>> {
        let handle = bag.register();
        let bag = &bag;
        Box::new(move |asked| match asked {
            bag::Operation::Push(value) => handle.push(*value).into(),
            bag::Operation::Pop => handle.pop().into(),
            bag::Operation::IsEmpty => bag.is_empty().into(),
            bag::Operation::Len => unreachable!("it is exact only when nobody else is at work"),
        })
    };
    let history = record_each(scaled(10_000), ask, (0..THREADS).map(|_| thread()).collect());
    assert_linearizable(&spec::Bag::new(), &history);
}

/// A map that grows from nothing, and keys that threads share.
#[test]
fn a_map() {
    let map = SplitOrderedMap::with_hasher(Placed);
    let history = record(&map, scaled(10_000), apply_map, |random, number| {
        let key = (random.below(1_000) * 64) as u16;
        let (old, new) = (random.below(4) as u32, number as u32 % 4);
        match random.below(5) {
            0 => map::Operation::Insert(key, new),
            1 => map::Operation::Remove(key),
            2 => map::Operation::CompareAndSet(key, old, new),
            3 => map::Operation::Contains(key),
            _ => map::Operation::Get(key),
        }
    });
    assert_linearizable(&Map::new(), &history);
}

#[test]
fn a_set() {
    let set = SplitOrderedSet::with_hasher(Placed);
    let history = record(&set, scaled(10_000), apply_set, |random, _| {
        let element = (random.below(64) * 1024) as u16;
        match random.below(3) {
            0 => set::Operation::Insert(element),
            1 => set::Operation::Remove(element),
            _ => set::Operation::Contains(element),
        }
    });
    assert_linearizable(&Set::new(), &history);
}
