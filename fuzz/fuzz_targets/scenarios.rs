//! Scenarios: an input is a structure, the operations of two or three threads, and the schedule that
//! runs them; the history is judged. (The other targets run one thread, with every operation.)
#![no_main]

use counterpoint::{
    map::SplitOrderedMap,
    queue::MsQueue,
    stack::TreiberStack,
    verify::{
        scenario::fuzz,
        spec::{Map, Queue, Stack, map, queue, stack},
    },
};
use libfuzzer_sys::fuzz_target;
use std::hash::BuildHasherDefault;

fuzz_target!(|input: &[u8]| {
    match input.split_first() {
        Some((structure, rest)) if structure % 3 == 0 => queues(rest),
        Some((structure, rest)) if structure % 3 == 1 => stacks(rest),
        Some((_, rest)) => maps(rest),
        None => {}
    }
});

fn queues(input: &[u8]) {
    use queue::Operation::{IsEmpty, Pop, Push};
    let apply = |queue: &MsQueue<u8>, operation: &queue::Operation<u8>| match operation {
        Push(value) => queue.pin().push(*value).into(),
        Pop => queue.pin().pop().into(),
        IsEmpty => queue.pin().is_empty().into(),
        _ => unreachable!("not drawn"),
    };
    fuzz(input, ("queue", Queue::new()), MsQueue::new, apply, |bytes| {
        Ok(match bytes.int_in_range(0..=5)? {
            0 | 1 => Pop,
            2 => IsEmpty,
            value => Push(value),
        })
    });
}

fn stacks(input: &[u8]) {
    use stack::Operation::{Pop, PopAll, Push};
    let apply = |stack: &TreiberStack<u8>, operation: &stack::Operation<u8>| match operation {
        Push(value) => stack.pin().push(*value).into(),
        Pop => stack.pin().pop().into(),
        PopAll => stack.pin().pop_all().collect::<Vec<_>>().into(),
        _ => unreachable!("not drawn"),
    };
    fuzz(input, ("stack", Stack::new()), TreiberStack::new, apply, |bytes| {
        Ok(match bytes.int_in_range(0..=5)? {
            0 | 1 => Pop,
            2 => PopAll,
            value => Push(value),
        })
    });
}

/// The same hashes in each run.
type Hashes = BuildHasherDefault<std::hash::DefaultHasher>;

fn maps(input: &[u8]) {
    use map::Operation::{Contains, Get, Insert, Remove};
    let make = || SplitOrderedMap::with_hasher(Hashes::default());
    let apply = |map: &SplitOrderedMap<u8, u8, Hashes>, operation: &map::Operation<u8, u8>| {
        let map = map.pin();
        match operation {
            Insert(key, value) => map.insert(*key, *value).copied().into(),
            Remove(key) => map.remove(key).copied().into(),
            Get(key) => map.get(key).copied().into(),
            Contains(key) => map.contains_key(key).into(),
            _ => unreachable!("not drawn"),
        }
    };
    fuzz(input, ("map", Map::new()), make, apply, |bytes| {
        let key = bytes.int_in_range(0..=5)?;
        Ok(match bytes.int_in_range(0..=5)? {
            0 => Remove(key),
            1 => Get(key),
            2 => Contains(key),
            value => Insert(key, value),
        })
    });
}
