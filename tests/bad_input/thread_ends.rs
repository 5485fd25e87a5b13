//! Pins inside destructors of thread-locals, when the thread's own handle may be gone already.

use crate::common::{Accounts, Identity, THREADS};
use counterpoint::{
    deque,
    map::SplitOrderedMap,
    queue::{MsQueue, Queue},
    reclaim::{self, Guard},
    stack::TreiberStack,
};
use std::{
    cell::{Cell, RefCell},
    thread,
};

static MAP: SplitOrderedMap<u64, u64, Identity> = SplitOrderedMap::with_hasher(Identity::new());
static QUEUE: MsQueue<u64> = MsQueue::new();
static SEGMENTED: Queue<u64> = Queue::new();
static STACK: TreiberStack<u64> = TreiberStack::new();

/// Uses every structure, and retires something, when its thread ends.
struct AtEnd {
    accounts: Accounts,
    number: u64,
}

impl Drop for AtEnd {
    fn drop(&mut self) {
        let guard = reclaim::pin();
        let value = self.accounts.value(self.number);
        guard.defer(move || drop(value));
        QUEUE.push(self.number, &guard);
        assert!(SEGMENTED.push(self.number, &guard).is_ok());
        STACK.push(self.number, &guard);
        MAP.insert(self.number, 1, &guard);
        MAP.replace(self.number, 2, &guard);
        guard.flush();
        drop(guard);
        let queue = QUEUE.pin();
        assert!(!queue.is_empty());
        // One that grows pins, and retires.
        let worker = deque::Worker::with_capacity(1);
        (0..10).for_each(|value| worker.push(value));
        assert_eq!(worker.stealer().pin().steal().success(), Some(0));
        let _ = reclaim::is_pinned(); // Whatever it says by now, it does not panic.
    }
}

thread_local! {
    static BEFORE: RefCell<Option<AtEnd>> = const { RefCell::new(None) };
    static AFTER: RefCell<Option<AtEnd>> = const { RefCell::new(None) };
    static GUARD: Cell<Option<Guard<'static>>> = const { Cell::new(None) };
}

/// One of the two thread-locals ends before the handle of `reclaim::pin`, the other after it,
/// whatever the order is on this platform.
#[test]
fn a_thread_may_pin_while_it_ends() {
    let accounts = Accounts::new();
    for round in 0..10 {
        let spawn = |thread| {
            let accounts = accounts.clone();
            thread::spawn(move || {
                let number = 2 * (round * THREADS as u64 + thread);
                let at_end = |number| Some(AtEnd { accounts: accounts.clone(), number });
                BEFORE.set(at_end(number));
                drop(reclaim::pin());
                AFTER.set(at_end(number + 1));
            })
        };
        let threads: Vec<_> = (0..THREADS as u64).map(spawn).collect();
        // A join waits for the destructors too; the end of a scope does not.
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    }
    let all = 2 * 10 * THREADS as u64;
    let sorted = |mut values: Vec<u64>| {
        values.sort_unstable();
        values.into_iter().eq(0..all)
    };
    let queue = QUEUE.pin();
    assert!(sorted(std::iter::from_fn(|| queue.pop()).collect()));
    let segmented = SEGMENTED.pin();
    assert!(sorted(std::iter::from_fn(|| segmented.pop()).collect()));
    assert!(sorted(STACK.pin().pop_all().collect()));
    assert!(sorted(MAP.pin().iter().filter(|(_, value)| **value == 2).map(|(k, _)| *k).collect()));
    drop((queue, segmented)); // Nobody waits under a guard.
    accounts.assert_all_dropped_once();
}

/// The guard is dropped by a thread-local's destructor, before or after the handle it came from.
#[test]
fn a_guard_may_outlive_the_handle_of_its_thread() {
    let accounts = Accounts::new();
    for first in [false, true] {
        let value = accounts.value(0);
        let thread = thread::spawn(move || {
            if first {
                GUARD.set(None); // Its destructor is known before the handle's.
            }
            let guard = reclaim::pin();
            guard.defer(move || drop(value));
            GUARD.set(Some(guard));
        });
        thread.join().unwrap();
    }
    accounts.assert_all_dropped_once();
}
