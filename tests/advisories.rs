//! What has been unsound, or wrong, in crates of this kind: each advisory as a test of ours, named after it.
//! (Numbers and crates as in rustsec/advisory-db of August 2026, and in the trackers named.)
//!
//! | advisory | what happened | where |
//! |---|---|---|
//! | RUSTSEC-2018-0009, crossbeam | a value that was popped was dropped by the collector too | below |
//! | RUSTSEC-2020-0106, -0143, multiqueue2, multiqueue; -0111, may_queue; -0117, conqueue; -0133, scottqueue | a queue was `Send` or `Sync` without the bounds on `T` | `tests/send_sync.rs` |
//! | RUSTSEC-2021-0093, crossbeam-deque | a thief read from a ring that was replaced, so values were taken twice and others never | `tests/scenarios/deque.rs`, `tests/while_allocating.rs` |
//! | RUSTSEC-2022-0002, dashmap | a reference outlived the guard that it came from | `compile_fail` in `src/map/split_ordered/mod.rs`, `src/map/set/mod.rs` |
//! | RUSTSEC-2022-0020, crossbeam; -0021, crossbeam-queue; -0019, crossbeam-channel | slots of any `T` were made of zero bytes | below |
//! | RUSTSEC-2022-0029, crossbeam | `MsQueue` published nodes without order | `docs/ORDERING.md`: each one weakened |
//! | RUSTSEC-2022-0041, crossbeam-utils | the place of an integer was taken for an atomic, whose alignment is greater on 32 bits | no place of a user's value is an atomic; greatest alignments in `tests/bad_input/sizes.rs` |
//! | RUSTSEC-2025-0024, crossbeam-channel | a channel that was dropped during its first send freed its block twice | below |
//! | RUSTSEC-2026-0204, crossbeam-epoch | to show a pointer read what it pointed to | below |
//! | RUSTSEC-2026-0205, scc | a comparison that panicked dropped a key twice | `tests/bad_input/panics.rs` |
//! | crossbeam #1023 | a key was absent while its value was replaced | `tests/map/threads.rs` |
//! | crossbeam #1146 | a block of large values was made on the stack | `tests/bad_input/depth.rs` |
//! | dashmap #74, #369 | who held a reference and asked for another one waited for itself; two that held one each and wrote, for each other | below |

mod common;

use common::{Accounts, Counted, Identity, Observed, own_collectors, scaled};
use counterpoint::{
    deque::{self, bounded},
    map::{SplitOrderedMap, SplitOrderedSet},
    queue::{ArrayQueue, MsQueue, Queue, spsc},
    reclaim::{self, Atomic, Collector, Shared},
    stack::TreiberStack,
};
use std::{
    fmt,
    num::NonZeroU64,
    ptr,
    sync::atomic::{
        AtomicUsize,
        Ordering::{AcqRel, Acquire},
    },
    thread,
};

/// Crossbeam's queues moved a popped value out of its node, and the node's destructor dropped it again,
/// at the end of the epoch.
#[test]
fn rustsec_2018_0009_a_popped_value_is_not_the_collectors_too() {
    const COUNT: u64 = 1000;
    for collector in own_collectors() {
        let accounts = Accounts::new();
        let values = || (0..COUNT).map(|content| accounts.value(content));
        let popped: [&dyn Fn() -> Vec<Counted>; 4] = [
            &|| {
                let queue = MsQueue::new_in(collector.clone());
                values().for_each(|value| queue.pin().push(value));
                std::iter::from_fn(|| queue.pin().pop()).collect()
            },
            &|| {
                let queue = Queue::new_in(collector.clone());
                assert!(queue.pin().push_many(values()).is_ok());
                std::iter::from_fn(|| queue.pin().pop()).collect()
            },
            &|| {
                let stack = TreiberStack::new_in(collector.clone());
                values().for_each(|value| stack.pin().push(value));
                std::iter::from_fn(|| stack.pin().pop()).collect()
            },
            &|| {
                let worker = deque::Worker::with_capacity_in(1, collector.clone());
                values().for_each(|value| worker.push(value));
                let stealer = worker.stealer();
                std::iter::from_fn(|| stealer.pin().steal().success()).collect()
            },
        ];
        for popped in popped {
            let (popped, before) = (popped(), accounts.dropped());
            // The structure is gone, and all of its nodes, segments and rings.
            collector.settle();
            assert_eq!((popped.len() as u64, accounts.dropped()), (COUNT, before));
        }
        accounts.assert_all_dropped_once();
    }
}

/// Crossbeam made blocks, slots included, by `mem::zeroed`, which is undefined behaviour where zero bytes
/// are no value; std refuses it for such types by a panic.
#[test]
fn rustsec_2022_0020_slots_are_made_of_no_value() {
    #[derive(Clone, Copy, Debug, PartialEq)]
    enum FromOne {
        One = 1,
        Two,
    }
    type Picky = (NonZeroU64, &'static str, fn() -> usize, FromOne);
    fn seven() -> usize {
        7
    }
    let one: Picky = (NonZeroU64::MIN, "text", seven, FromOne::One);
    let two: Picky = (NonZeroU64::MAX, "", seven, FromOne::Two);
    let check = |name: &str, popped: Vec<Picky>| {
        assert_eq!(popped.len(), 2, "{name}");
        for (popped, pushed) in popped.into_iter().zip([one, two]) {
            let shown = |value: Picky| (value.0, value.1, value.2(), value.3);
            assert_eq!(shown(popped), shown(pushed), "{name}");
        }
    };
    check("queue", Queue::from([one, two]).into_iter().collect());
    check("queue of nodes", MsQueue::from([one, two]).into_iter().collect());
    check("stack", TreiberStack::from([two, one]).into_iter().collect());
    check("deque", deque::Worker::from([two, one]).into_iter().collect());
    let bounded = bounded::Worker::new(4);
    assert!(bounded.push(two).is_ok() && bounded.push(one).is_ok());
    check("bounded deque", std::iter::from_fn(|| bounded.pop()).collect());
    let array = ArrayQueue::new(4);
    assert!(array.push_many([one, two]).is_ok());
    check("array queue", array.into_iter().collect());
    let (mut producer, mut consumer) = spsc::ring(4);
    assert_eq!(producer.push_many([one, two]), 2);
    check("ring", consumer.drain().collect());
    let map = SplitOrderedMap::from([(1, one), (2, two)]);
    check("map", [1, 2].iter().filter_map(|key| map.pin().get(key).copied()).collect());
}

/// Threads that wait for each other awake, to begin at one moment.
struct Together(AtomicUsize);

impl Together {
    fn of(threads: usize) -> Self {
        Together(AtomicUsize::new(threads))
    }

    fn start(&self) {
        self.0.fetch_sub(1, AcqRel);
        while self.0.load(Acquire) > 0 {
            thread::yield_now();
        }
    }
}

/// The first send of a channel installed its first block while the last receiver left, which freed the
/// block and did not take it out: the channel's own drop freed it again.
#[test]
fn rustsec_2025_0024_a_queue_may_be_closed_and_emptied_during_its_first_push() {
    let accounts = Accounts::new();
    for round in 0..scaled(5_000) as u64 {
        let (queue, together) = (Queue::new(), Together::of(2));
        let pushed = thread::scope(|scope| {
            let first = scope.spawn(|| {
                together.start();
                queue.pin().push(accounts.value(round)).is_ok()
            });
            together.start();
            queue.pin().close();
            drop(queue.pin().pop());
            first.join().expect("it pushes")
        });
        // What it took before the end was there to be popped.
        assert!(queue.pin().is_empty(), "pushed: {pushed}");
        drop(queue);
    }
    accounts.assert_all_dropped_once();
}

/// As above, of ends that drop what is left: the last one does, once.
#[test]
fn rustsec_2025_0024_both_ends_may_leave_at_once() {
    let accounts = Accounts::new();
    for round in 0..scaled(2_000) as u64 {
        let together = Together::of(4);
        let (mut producer, consumer) = spsc::ring(2);
        let (worker, fixed) = (deque::Worker::with_capacity(1), bounded::Worker::new(2));
        let (stealer, thief) = (worker.stealer(), fixed.stealer());
        thread::scope(|scope| {
            scope.spawn(|| {
                together.start();
                drop((consumer, stealer, thief));
            });
            scope.spawn(|| {
                together.start();
                assert!(producer.push(accounts.value(round)).is_ok());
                drop(producer);
            });
            scope.spawn(|| {
                together.start();
                (0..3).for_each(|nth| worker.push(accounts.value(round + nth)));
                drop(worker);
            });
            together.start();
            assert!(fixed.push(accounts.value(round)).is_ok());
            drop(fixed);
        });
    }
    accounts.assert_all_dropped_once();
}

/// What a pointer leads to may be nothing, or freed, or not there yet.
#[test]
fn rustsec_2026_0204_a_pointer_is_shown_and_not_followed() {
    struct Unseen(#[allow(dead_code, reason = "for its alignment")] u64);
    impl fmt::Debug for Unseen {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            panic!("it was looked at");
        }
    }
    // No memory is there.
    let nowhere: *const Unseen = ptr::without_provenance(16);
    for raw in [ptr::null(), nowhere] {
        for tag in [0, 1] {
            let shared = Shared::from(raw).with_tag(tag);
            assert_eq!(format!("{shared:p}"), format!("{raw:p}"));
            let atomic: Atomic<Unseen> = shared.into();
            assert!(!format!("{shared:?} {atomic:?}").is_empty());
        }
    }
    assert!(!format!("{:?}", Atomic::<Unseen>::null()).is_empty());
    // Retired, and freed.
    let collector = Collector::new();
    let atomic = Atomic::new(Unseen(1));
    let guard = collector.pin();
    let old = atomic.swap(Shared::null(), AcqRel, &guard);
    let shown = format!("{old:p}");
    // SAFETY: nothing leads there any more.
    unsafe { guard.defer_destroy(old) };
    assert_eq!(format!("{old:p}"), shown);
}

/// A reference into a dashmap holds a lock: who then asked for another one of the same shard, to write or
/// where it could write, waited for itself; two that held one each, and inserted where the other one read, for
/// each other. Ours holds nothing but a guard.
#[test]
fn dashmap_369_who_holds_references_may_write() {
    let shared = SplitOrderedMap::with_hasher(Identity::new());
    let map = shared.pin();
    (0..100_u64).for_each(|key| assert_eq!(map.insert(key, key), None));
    let (held, mut entries) = (map.get(&7).expect("it is there"), map.iter());
    let first = entries.next().expect("there is one");
    // On the same thread: the same key, all keys, and a table that grows.
    assert_eq!(map.insert(7, 70), Some(&7));
    assert_eq!(map.remove(&7), Some(&70));
    (100..10_000).for_each(|key| assert_eq!(map.insert(key, key), None));
    let mut asked = 0;
    map.retain(|key, _| {
        if *key != 7 {
            map.insert(7, *key);
        }
        asked += 1;
        true
    });
    assert!(asked >= 9_999);
    map.clear();
    // And on another one, which ends while they are held.
    thread::scope(|scope| {
        scope.spawn(|| assert_eq!(shared.pin().insert(7, 700), None));
    });
    assert_eq!((*held, *first.1, map.get(&7)), (7, *first.0, Some(&700)));
    assert!(entries.count() <= 10_000);

    let set = SplitOrderedSet::from([1, 2, 3]);
    let set = set.pin();
    let held = set.get(&1);
    assert!(set.remove(&1) && set.insert(1) && held == Some(&1));
    assert!(reclaim::is_pinned(), "that is all that is held");
}
