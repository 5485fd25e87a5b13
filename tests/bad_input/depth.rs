//! Millions of values, dropped, drained and reclaimed on a small stack: nothing recurses.

use crate::common::{Constant, Identity, own_collectors, scaled};
use counterpoint::{
    bag::Bag,
    deque::{self, bounded},
    map::SplitOrderedMap,
    queue::{ArrayQueue, MsQueue, Queue, spsc},
    stack::TreiberStack,
};
use std::thread;

/// Runs `f` where a recursion of a few thousand calls overflows.
fn on_a_small_stack<R: Send>(f: impl FnOnce() -> R + Send) -> R {
    thread::scope(|scope| {
        let small = thread::Builder::new().stack_size(128 << 10);
        small.spawn_scoped(scope, f).unwrap().join().unwrap()
    })
}

#[test]
fn a_stack_of_ten_million_nodes_is_dropped() {
    let stack = TreiberStack::from_iter((0..scaled(10_000_000)).map(drop));
    on_a_small_stack(move || drop(stack));
}

#[test]
fn a_long_stack_is_taken_by_pop_all() {
    let count = scaled(1_000_000);
    let stack = TreiberStack::from_iter(0..count);
    on_a_small_stack(|| {
        assert_eq!(stack.pin().pop_all().next(), Some(count - 1), "the rest is dropped");
    });
    assert!(stack.pin().is_empty());
}

#[test]
fn a_long_queue_is_dropped() {
    let queue = MsQueue::from_iter(0..scaled(2_000_000));
    on_a_small_stack(move || drop(queue));
    let queue = Queue::from_iter((0..scaled(20_000)).map(|number| [number; 100]));
    on_a_small_stack(move || drop(queue));
    // A value that the stack has room for once has room in a segment.
    on_a_small_stack(|| drop(Queue::from([[0_u64; 500]; 2])));
}

#[test]
fn a_long_deque_is_dropped() {
    let count = scaled(2_000_000);
    let worker = deque::Worker::from_iter(0..count);
    let stealer = worker.stealer();
    on_a_small_stack(move || drop(worker));
    assert_eq!(stealer.len(), count);
    on_a_small_stack(move || drop(stealer));
}

/// The stack has room for some values, and not for the slots. (Crossbeam
/// #1146: a block was made on the stack, and then moved to the heap.)
#[test]
fn slots_of_large_values_are_not_made_on_the_stack() {
    const LARGE: [u8; 4 << 10] = [7; 4 << 10];
    on_a_small_stack(|| {
        let array = ArrayQueue::new(64);
        assert!(array.push(LARGE).is_ok());
        let (mut producer, consumer) = spsc::ring(64);
        assert!(producer.push(LARGE).is_ok());
        let fixed = bounded::Worker::new(64);
        assert!(fixed.push(LARGE).is_ok());
        // This one grows, too.
        let worker = deque::Worker::with_capacity(16);
        (0..17).for_each(|_| worker.push(LARGE));
        drop((array, producer, consumer, fixed));
        drop(worker);
    });
}

#[test]
fn a_large_bag_is_dropped() {
    let bag = Bag::from_iter((0..scaled(20_000)).map(|number| [number; 100]));
    on_a_small_stack(move || drop(bag));
    let mut bag = Bag::from_iter(0..scaled(2_000_000));
    on_a_small_stack(move || {
        drop(bag.drain());
        assert!(bag.is_empty());
    });
}

#[test]
fn a_large_map_is_dropped() {
    let entries = (0..scaled(1_000_000) as u64).map(|key| (key, ()));
    let map: SplitOrderedMap<_, _, Identity> = entries.collect();
    on_a_small_stack(move || drop(map));
}

#[test]
fn a_map_whose_keys_have_one_hash_is_dropped() {
    let entries = (0..scaled(3_000) as u64).map(|key| (key, ()));
    let map: SplitOrderedMap<_, _, Constant> = entries.collect();
    on_a_small_stack(move || drop(map));
}

/// Buckets are linked one from the other, the last one first: no search for an ancestor recurses.
#[test]
fn the_buckets_of_a_large_map_are_linked_in_any_order() {
    let count = scaled(1 << 18) as u64;
    on_a_small_stack(|| {
        let map = SplitOrderedMap::with_capacity_and_hasher(count as usize, Identity::new());
        (0..count).rev().for_each(|key| assert!(map.pin().insert(key, ()).is_none()));
        assert!((0..count).all(|key| map.pin().contains_key(&key)));
    });
}

#[test]
fn a_million_retired_nodes_are_freed() {
    for collector in own_collectors() {
        let count = scaled(1_000_000);
        let mut stack = TreiberStack::new_in(collector.clone());
        stack.extend((0..count).map(drop));
        on_a_small_stack(|| {
            let reader = collector.register();
            let guard = reader.pin();
            assert_eq!(stack.pin().pop_all().count(), count);
            assert_eq!(collector.garbage(), count);
            drop(guard);
        });
        drop(stack);
        on_a_small_stack(move || drop(collector));
    }
}
