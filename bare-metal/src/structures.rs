//! Each structure does more work than the heap could hold if anything stayed. Each check returns
//! the most bytes that it saw allocated.

use crate::machine::heap_used;
use alloc::boxed::Box;
use core::hash::BuildHasherDefault;
use counterpoint::{map::SplitOrderedMap, queue::MsQueue, reclaim::Collector, stack::TreiberStack};
use fnv::FnvHasher;

type Hasher = BuildHasherDefault<FnvHasher>;

const ROUNDS: u32 = 500;

/// Containers in statics, in the global domain.
pub fn in_a_static() {
    static QUEUE: MsQueue<u32> = MsQueue::new();
    static STACK: TreiberStack<u32> = TreiberStack::new();
    let (queue, stack) = (QUEUE.pin(), STACK.pin());
    queue.push(1);
    stack.push(2);
    assert_eq!((queue.pop(), queue.pop()), (Some(1), None));
    assert_eq!((stack.pop(), stack.pop()), (Some(2), None));
}

/// First in, first out.
pub fn queue(domain: Collector) -> usize {
    let queue = MsQueue::new_in(domain);
    let handle = queue.register();
    let mut most = 0;
    for round in 0..ROUNDS {
        let guard = handle.pin();
        (0..4).for_each(|step| queue.push(Box::new(4 * round + step), &guard));
        most = most.max(heap_used());
        for step in 0..4 {
            assert_eq!(queue.pop(&guard).as_deref(), Some(&(4 * round + step)));
        }
        assert!(queue.is_empty(&guard));
    }
    queue.push(Box::new(0), &handle.pin()); // its drop is the queue's
    most
}

/// Last in, first out.
pub fn stack(domain: Collector) -> usize {
    let stack = TreiberStack::new_in(domain);
    let handle = stack.register();
    let mut most = 0;
    for round in 0..ROUNDS {
        let guard = handle.pin();
        (0..4).for_each(|step| stack.push(Box::new(4 * round + step), &guard));
        most = most.max(heap_used());
        for step in (2..4).rev() {
            assert_eq!(stack.pop(&guard).as_deref(), Some(&(4 * round + step)));
        }
        assert!(stack.pop_all(&guard).map(|value| *value).eq([4 * round + 1, 4 * round]));
        assert!(stack.is_empty(&guard));
    }
    stack.push(Box::new(0), &handle.pin());
    most
}

/// Growth past the first directory, replacement, removal, iteration.
pub fn map(domain: Collector) -> usize {
    const KEYS: u32 = 48; // some times the first directory
    let map = SplitOrderedMap::with_capacity_and_hasher_in(0, Hasher::default(), domain);
    let handle = map.register();
    let mut most = 0;
    for round in 0..ROUNDS / 10 {
        for key in 0..KEYS {
            let guard = handle.pin();
            assert_eq!(map.insert(key, Box::new(round), &guard), None);
            let new = Box::new(round + key);
            assert_eq!(map.insert(key, new, &guard).map(|old| **old), Some(round));
        }
        most = most.max(heap_used());
        let guard = handle.pin();
        assert_eq!(map.len(), KEYS as usize);
        assert!(
            (0..KEYS).all(|key| map.get(&key, &guard).is_some_and(|value| **value == round + key))
        );
        assert_eq!(map.get(&KEYS, &guard), None);
        assert_eq!(map.keys(&guard).copied().sum::<u32>(), (0..KEYS).sum());
        drop(guard);
        for key in 0..KEYS {
            let guard = handle.pin();
            assert_eq!(map.remove(&key, &guard).map(|old| **old), Some(round + key));
        }
        assert!(map.is_empty());
    }
    map.insert(0, Box::new(0), &handle.pin());
    most
}
