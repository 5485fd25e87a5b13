//! Values whose `Drop` panics: no stranger feels it, and everything else is dropped all the same.

use crate::common::{Accounts, Colliding, Counted, Observed, Running, message};
use counterpoint::{
    deque,
    map::SplitOrderedMap,
    queue::{ArrayQueue, MsQueue, Queue, spsc},
    reclaim::{Collector, PrivateCollector},
    stack::TreiberStack,
};
use std::{
    panic::{AssertUnwindSafe, catch_unwind, panic_any},
    thread,
};

crate::common::in_every_own_collector!(
    in_a_shared_domain_panics_are_counted_and_strike_nobody,
    closures_that_panic_are_counted_too,
);
crate::common::in_every_private_domain!(
    a_private_domain_raises_the_first_panic_when_it_drops,
    a_private_domain_raises_nothing_while_unwinding,
    a_maps_private_domain_raises_the_first_panic_after_all_else_is_dropped,
);

struct Bomb {
    armed: bool,
    value: Counted,
}

impl Drop for Bomb {
    fn drop(&mut self) {
        if self.armed {
            panic_any(format!("bomb {}", self.value.content));
        }
    }
}

fn caught(f: impl FnOnce()) -> String {
    message(&*catch_unwind(AssertUnwindSafe(f)).unwrap_err()).to_owned()
}

fn in_a_shared_domain_panics_are_counted_and_strike_nobody(collector: fn() -> Collector) {
    let (collector, accounts) = (collector(), Accounts::new());
    let map = SplitOrderedMap::with_hasher_in(Colliding::new(), collector.clone());
    let running = Running::new(1);
    thread::scope(|scope| {
        scope.spawn(|| {
            let handle = collector.register();
            while running.any() {
                handle.pin().flush(); // A panic here would fail the test.
            }
        });
        let _shift = running.shift();
        for content in 0..1000 {
            let bomb = Bomb { armed: content % 2 == 0, value: accounts.value(content) };
            map.pin().insert(content % 10, bomb);
        }
        map.pin().clear();
    });
    collector.settle();
    assert_eq!((collector.panics(), collector.garbage(), accounts.dropped()), (500, 0, 1000));
    assert!(map.is_empty());
    drop((map, collector)); // A shared domain never raises them.
    accounts.assert_all_dropped_once();
}

fn closures_that_panic_are_counted_too(collector: fn() -> Collector) {
    let collector = collector();
    let guard = collector.pin();
    for number in 0..200 {
        guard.defer(move || assert!(number % 2 == 0, "odd"));
    }
    drop(guard);
    collector.settle();
    assert_eq!(collector.panics(), 100);
    drop(collector);
}

fn defer_bombs(domain: &PrivateCollector, accounts: &Accounts, count: u64) {
    let guard = domain.pin();
    for content in 0..count {
        let bomb = Bomb { armed: content % 3 == 1, value: accounts.value(content) };
        guard.defer(move || drop(bomb));
    }
    guard.flush(); // Never raises.
}

fn a_private_domain_raises_the_first_panic_when_it_drops(domain: fn() -> PrivateCollector) {
    for settled in [false, true] {
        let (domain, accounts) = (domain(), Accounts::new());
        defer_bombs(&domain, &accounts, 300);
        if settled {
            domain.settle();
            assert_eq!((domain.panics(), accounts.dropped()), (100, 300));
        }
        let raised = caught(|| drop(domain));
        let number: u64 = raised.strip_prefix("bomb ").unwrap().parse().unwrap();
        assert_eq!(number % 3, 1, "one of those that panicked");
        accounts.assert_all_dropped_once();
    }
    drop(domain()); // Without a panic it raises none.
}

fn a_private_domain_raises_nothing_while_unwinding(domain: fn() -> PrivateCollector) {
    let accounts = Accounts::new();
    let outer = caught(|| {
        let domain = domain();
        defer_bombs(&domain, &accounts, 300);
        panic!("outer");
    });
    assert_eq!(outer, "outer");
    accounts.assert_all_dropped_once();
}

fn a_maps_private_domain_raises_the_first_panic_after_all_else_is_dropped(
    domain: fn() -> PrivateCollector,
) {
    let accounts = Accounts::new();
    let map = SplitOrderedMap::with_hasher_in(Colliding::new(), domain());
    for content in 0..100 {
        let bomb = Bomb { armed: content == 7 || content == 70, value: accounts.value(content) };
        map.pin().insert(content, bomb);
    }
    for key in 0..90 {
        assert!(map.pin().remove(&key).is_some());
    }
    assert_eq!(caught(|| drop(map)), "bomb 7");
    accounts.assert_all_dropped_once();
}

/// A structure's own drop, or what takes it apart, raises the panic, and goes on with the rest.
#[test]
fn taking_a_structure_apart_goes_on_after_a_panic() {
    let bombs = |accounts: &Accounts| {
        let bomb = |content| Bomb { armed: content == 50, value: accounts.value(content) };
        (0..100).map(bomb).collect::<Vec<_>>()
    };
    type Run<'a> = &'a dyn Fn(Vec<Bomb>);
    let entries = |bombs: Vec<Bomb>| {
        let entry = |bomb: Bomb| (bomb.value.content, bomb);
        SplitOrderedMap::<_, _, Colliding>::from_iter(bombs.into_iter().map(entry))
    };
    let runs: [(&str, Run<'_>); 18] = [
        ("queue", &|bombs| drop(MsQueue::from_iter(bombs))),
        ("queue drain", &|bombs| drop(MsQueue::from_iter(bombs).drain())),
        ("queue into_iter", &|bombs| drop(MsQueue::from_iter(bombs).into_iter())),
        ("queue pop", &|bombs| {
            let queue = MsQueue::from_iter(bombs);
            while queue.pin().pop().is_some() {}
        }),
        ("stack", &|bombs| drop(TreiberStack::from_iter(bombs))),
        ("stack drain", &|bombs| drop(TreiberStack::from_iter(bombs).drain())),
        ("stack pop_all", &|bombs| drop(TreiberStack::from_iter(bombs).pin().pop_all())),
        ("stack into_iter", &|bombs| drop(TreiberStack::from_iter(bombs).into_iter())),
        ("segmented push_many, refused", &|bombs| {
            let queue = Queue::new();
            queue.pin().close();
            drop(queue.pin().push_many(bombs));
        }),
        ("segmented pop_many", &|bombs| {
            let (queue, mut into) = (Queue::from_iter(bombs), Vec::new());
            while queue.pin().pop_many(&mut into, 100) > 0 {}
        }),
        ("array queue, displaced", &|bombs| {
            let queue = ArrayQueue::new(10);
            bombs.into_iter().for_each(|bomb| drop(queue.force_push(bomb)));
        }),
        ("ring", &|bombs| {
            let (mut producer, consumer) = spsc::ring(100);
            assert_eq!(producer.push_many(bombs), 100);
            drop((producer, consumer));
        }),
        ("deque steal_batch", &|bombs| {
            let worker = deque::Worker::from_iter(bombs);
            let loot = deque::Worker::new();
            assert_eq!(worker.stealer().pin().steal_batch(&loot).success(), Some(50));
            drop((worker, loot));
        }),
        ("map", &|bombs| drop(entries(bombs))),
        ("map drain", &|bombs| drop(entries(bombs).drain())),
        ("map into_iter", &|bombs| drop(entries(bombs).into_iter())),
        ("map into_keys", &|bombs| entries(bombs).into_keys().for_each(drop)),
        ("map into_values", &|bombs| entries(bombs).into_values().for_each(drop)),
    ];
    for (name, run) in runs {
        let accounts = Accounts::new();
        let bombs = bombs(&accounts);
        assert_eq!(caught(|| run(bombs)), "bomb 50", "{name}");
        assert_eq!(accounts.dropped(), 100, "{name}");
        accounts.assert_all_dropped_once();
    }
}

/// The structure is empty afterwards, and usable.
#[test]
fn a_drain_goes_on_after_a_panic() {
    let accounts = Accounts::new();
    let bombs =
        || (0..10).map(|content| Bomb { armed: content == 5, value: accounts.value(content) });

    let mut queue = MsQueue::from_iter(bombs());
    assert_eq!(caught(|| drop(queue.drain())), "bomb 5");
    assert_eq!(accounts.dropped(), 10);
    queue.extend(bombs().take(3));
    assert_eq!(queue.iter_mut().count(), 3);

    let mut stack = TreiberStack::from_iter(bombs());
    assert_eq!(caught(|| drop(stack.drain())), "bomb 5");
    assert_eq!(accounts.dropped(), 20);
    stack.extend(bombs().take(3));
    assert_eq!(stack.iter_mut().count(), 3);

    let mut map: SplitOrderedMap<_, _, Colliding> =
        bombs().map(|bomb| (bomb.value.content, bomb)).collect();
    assert_eq!(caught(|| drop(map.drain())), "bomb 5");
    assert_eq!((accounts.dropped(), map.len()), (30, 0));
    map.extend(bombs().take(3).map(|bomb| (bomb.value.content, bomb)));
    assert_eq!(map.pin().iter().count(), 3);
}

#[test]
fn overwriting_a_bomb_leaves_the_new_value() {
    let accounts = Accounts::new();
    let bomb = |armed| Bomb { armed, value: accounts.value(0) };
    let mut map: SplitOrderedMap<u64, Bomb, Colliding> = SplitOrderedMap::default();
    map.extend([(1, bomb(true))]);
    assert_eq!(caught(|| map.extend([(1, bomb(false))])), "bomb 0");
    assert!(!map.pin().get(&1).unwrap().armed);
    drop(map);
    accounts.assert_all_dropped_once();
}
