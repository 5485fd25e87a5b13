//! Recorded histories: real threads, many random operations, and the checker on all of it.

use crate::{
    common::{Placed, Random, THREADS, scaled, seed},
    objects::{apply_map, apply_queue, apply_segmented, apply_set, apply_stack},
};
use counterpoint::{
    map::{SplitOrderedMap, SplitOrderedSet},
    queue::{self as segmented, MsQueue},
    stack::TreiberStack,
    verify::{
        history::{History, Recorder},
        linear::assert_linearizable,
        spec::{Map, Queue, Set, Stack, map, queue, set, stack},
    },
};
use std::{sync::Barrier, thread};

/// Threads that each ask so many times what `ask` draws, from the seed of the run.
fn record<T: Sync, O: Clone + Send, R: Clone + Send>(
    object: &T,
    calls_each: usize,
    apply: impl Fn(&T, &O) -> R + Sync,
    ask: impl Fn(&mut Random, usize) -> O + Sync,
) -> History<O, R> {
    let (seed, recorder, start) = (seed(), Recorder::new(), Barrier::new(THREADS));
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let mut log = recorder.log_with_capacity(calls_each);
            let (apply, ask, start) = (&apply, &ask, &start);
            scope.spawn(move || {
                let mut random = Random::new(seed, thread);
                start.wait();
                for nth in 0..calls_each {
                    let operation = ask(&mut random, nth * THREADS + thread);
                    log.call(operation.clone(), || apply(object, &operation));
                }
            });
        }
    });
    let history = recorder.finish().expect("every log has come back");
    assert_eq!(history.len(), THREADS * calls_each);
    history
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
