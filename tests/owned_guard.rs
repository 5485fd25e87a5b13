//! Owned guards and views go from thread to thread, by themselves and in tasks that many threads poll;
//! what they protect stays, and what was retired through them is freed once.

mod common;

use common::{Accounts, Counted, Observed, Random, THREADS, Task, message, scaled};
use counterpoint::{
    map::{SplitOrderedMap, SplitOrderedSet},
    queue::{MsQueue, Queue},
    reclaim::{Atomic, Collector, Owned, OwnedGuard, PrivateCollector, Reclaims, Shared},
    stack::TreiberStack,
};
use std::{
    future::poll_fn,
    hash::RandomState,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex,
        atomic::{
            AtomicBool, AtomicUsize,
            Ordering::{AcqRel, Acquire, Relaxed},
        },
        mpsc,
    },
    task::Poll,
    thread,
};

/// Shared domains of each kind whose guards move.
fn movable() -> Vec<Collector> {
    vec![
        #[cfg(feature = "std")]
        Collector::new(),
        #[cfg(feature = "critical-section")]
        Collector::critical_section(),
    ]
}

/// Private ones.
fn movable_private() -> Vec<PrivateCollector> {
    vec![
        #[cfg(feature = "std")]
        PrivateCollector::new(),
        #[cfg(feature = "critical-section")]
        PrivateCollector::critical_section(),
    ]
}

/// Lets another thread poll.
async fn yields() {
    let mut is_first = true;
    poll_fn(|context| {
        context.waker().wake_by_ref();
        if std::mem::take(&mut is_first) { Poll::Pending } else { Poll::Ready(()) }
    })
    .await;
}

#[test]
fn what_it_protects_stays_wherever_it_is() {
    for collector in movable() {
        let accounts = Accounts::new();
        let slot = Atomic::new(accounts.value(7));
        let guard = collector.pin_owned();
        assert_eq!(guard.is_from(&collector), !guard.is_from(&Collector::global()));
        thread::scope(|scope| {
            let remover = scope.spawn(|| {
                let guard = collector.pin();
                let old = slot.swap(Shared::null(), AcqRel, &guard);
                // SAFETY: unlinked above, and retired once.
                unsafe { guard.defer_destroy(old) };
            });
            remover.join().unwrap();
        });
        let flush = |collector: &Collector| {
            let handle = collector.register();
            (0..100).for_each(|_| handle.pin().flush());
        };
        // A thread after the other has it, each of them for the first time.
        let guard = (0..3).fold(guard, |guard, _| {
            thread::scope(|scope| {
                let there = scope.spawn(|| {
                    flush(&collector);
                    assert_eq!(accounts.dropped(), 0, "freed under the guard");
                    guard
                });
                there.join().unwrap()
            })
        });
        drop(guard);
        collector.settle();
        assert_eq!(accounts.dropped(), 1);
    }
}

/// The bag goes with the guard; whoever ends it hands the bag over.
#[test]
fn what_was_retired_on_several_threads_is_freed_once() {
    for collector in movable() {
        let accounts = Accounts::new();
        let mut guard = collector.pin_owned();
        for round in 0..10 {
            guard = thread::scope(|scope| {
                let there = scope.spawn(|| {
                    for content in 0..37 {
                        let value = accounts.value(content);
                        guard.defer(move || drop(value));
                    }
                    guard
                });
                there.join().unwrap()
            });
            if round % 3 == 2 {
                guard.repin();
            }
        }
        thread::scope(|scope| scope.spawn(|| drop(guard)).join().unwrap());
        collector.settle();
        assert_eq!(accounts.dropped(), 370);
        assert_eq!(collector.metrics().participants, 0);
    }
}

/// Threads exchange nodes under guards that they have from each other.
#[test]
fn guards_that_threads_hand_around_see_no_freed_node() {
    struct Node {
        lives: AtomicBool,
        freed: &'static AtomicUsize,
    }
    impl Drop for Node {
        fn drop(&mut self) {
            assert!(self.lives.swap(false, Relaxed), "freed twice");
            self.freed.fetch_add(1, Relaxed);
        }
    }
    for collector in movable() {
        static FREED: AtomicUsize = AtomicUsize::new(0);
        let before = FREED.load(Relaxed);
        let node = || Node { lives: AtomicBool::new(true), freed: &FREED };
        let (slot, each) = (Atomic::new(node()), scaled(5_000));
        let (senders, receivers): (Vec<_>, Vec<_>) =
            (0..THREADS).map(|_| mpsc::channel::<OwnedGuard>()).unzip();
        for sender in &senders {
            (0..2).for_each(|_| sender.send(collector.pin_owned()).unwrap());
        }
        thread::scope(|scope| {
            for (thread, receiver) in receivers.into_iter().enumerate() {
                let (slot, node, next) = (&slot, &node, senders[(thread + 1) % THREADS].clone());
                scope.spawn(move || {
                    for _ in 0..each {
                        // Each has two at least as long as all before it go on.
                        let Ok(mut guard) = receiver.recv() else { return };
                        let seen = slot.load(Acquire, &guard);
                        let old = slot.swap(Owned::new(node()), AcqRel, &guard);
                        // SAFETY: loaded under this guard from a slot that is never null. `old` was
                        // unlinked here and is retired once.
                        unsafe {
                            assert!(seen.deref().lives.load(Relaxed), "a freed node was seen");
                            guard.defer_destroy(old);
                        }
                        guard.repin();
                        common::ignore(next.send(guard));
                    }
                });
            }
            drop(senders);
        });
        collector.settle();
        assert_eq!(FREED.load(Relaxed) - before, collector.metrics().retired);
        assert!(collector.metrics().retired >= each);
        // SAFETY: the threads have ended: the slot's last node is owned here.
        drop(unsafe { slot.into_owned() });
    }
}

/// Tasks hold a view, and a reference that it gave, while other tasks change the map; each poll may be on
/// another thread.
#[test]
fn tasks_hold_views_across_awaits() {
    fn check<D: Reclaims<(u64, Counted)> + Sync>(
        map: &SplitOrderedMap<u64, Counted, RandomState, D>,
        accounts: &Accounts,
    ) {
        const TASKS: u64 = 16;
        for key in 0..TASKS {
            map.pin().insert(key, accounts.value(key * 1000));
        }
        let tasks = (0..TASKS).map(|number| {
            Task::new(async move {
                for round in 1..=20 {
                    let mut view = map.pin_owned();
                    let key = (number + round) % TASKS;
                    let seen = view.get(&key).expect("no key is ever removed");
                    let content = seen.content;
                    assert_eq!(content / 1000, key);
                    yields().await;
                    assert_eq!(seen.content, content, "freed under the view");
                    view.insert(number, accounts.value(number * 1000 + round));
                    yields().await;
                    view.repin();
                    yields().await;
                    assert!(view.contains_key(&key));
                }
            })
        });
        let (tasks, polled) = (Mutex::new(tasks.collect::<Vec<_>>()), AtomicUsize::new(0));
        let seed = common::seed();
        thread::scope(|scope| {
            for thread in 0..THREADS {
                let (tasks, polled) = (&tasks, &polled);
                scope.spawn(move || {
                    let mut random = Random::new(seed, thread);
                    loop {
                        let mut waiting = tasks.lock().unwrap();
                        if waiting.is_empty() {
                            return; // Those that are left are polled by who has them.
                        }
                        let at = random.below(waiting.len() as u64) as usize;
                        let mut task = waiting.swap_remove(at);
                        drop(waiting);
                        polled.fetch_add(1, Relaxed);
                        if task.poll().is_pending() {
                            tasks.lock().unwrap().push(task);
                        }
                    }
                });
            }
        });
        // Each task is pending three times in a round.
        assert_eq!(polled.into_inner(), TASKS as usize * (20 * 3 + 1));
        assert_eq!(map.len(), TASKS as usize);
    }
    for collector in movable() {
        let accounts = Accounts::new();
        let map = SplitOrderedMap::with_hasher_in(RandomState::new(), collector.clone());
        check(&map, &accounts);
        drop(map);
        collector.settle();
        accounts.assert_all_dropped_once();
    }
    for domain in movable_private() {
        let accounts = Accounts::new();
        check(&SplitOrderedMap::with_hasher_in(RandomState::new(), domain), &accounts);
        accounts.assert_all_dropped_once();
    }
}

/// In turn on two threads, by each of which every structure is used.
#[test]
fn every_structure_takes_it() {
    for collector in movable() {
        let queue = MsQueue::new_in(collector.clone());
        let segmented = Queue::new_in(collector.clone());
        let stack = TreiberStack::new_in(collector.clone());
        let map = SplitOrderedMap::with_hasher_in(RandomState::new(), collector.clone());
        let set = SplitOrderedSet::with_hasher_in(RandomState::new(), collector.clone());
        let mut guard = collector.pin_owned();
        for number in 0..200 {
            let there = thread::scope(|scope| {
                let there = scope.spawn(|| {
                    queue.push(number, &guard);
                    segmented.push(number, &guard).unwrap();
                    stack.push(number, &guard);
                    map.insert(1, number, &guard);
                    assert!(set.insert(number, &guard));
                    guard
                });
                there.join().unwrap()
            });
            guard = there;
            assert_eq!(queue.pop(&guard), Some(number));
            assert_eq!(segmented.pop(&guard), Some(number));
            assert_eq!(stack.pop(&guard), Some(number));
            assert_eq!(map.get(&1, &guard), Some(&number));
            assert_eq!(set.take(&number, &guard), Some(&number));
        }
        let view = set.pin_owned();
        assert!(view.is_empty() && view.insert(1));
        assert!(thread::scope(|scope| scope.spawn(move || view.contains(&1)).join().unwrap()));
    }
}

/// crossbeam-epoch's participants stay where they are.
#[test]
fn a_domain_whose_guards_stay_says_so() {
    let refused = |pin: &dyn Fn()| {
        let caught = catch_unwind(AssertUnwindSafe(pin)).expect_err("made");
        assert!(message(&*caught).contains("stay on their threads"));
    };
    let collector = Collector::symmetric();
    refused(&|| drop(collector.pin_owned()));
    let map = SplitOrderedMap::<u8, u8>::with_hasher_in(RandomState::new(), collector.clone());
    refused(&|| drop(map.pin_owned()));
    let set = SplitOrderedSet::<u8, _, _>::with_hasher_in(
        RandomState::new(),
        PrivateCollector::symmetric(),
    );
    refused(&|| drop(set.pin_owned()));
    assert_eq!(collector.metrics().participants, 0);
}
