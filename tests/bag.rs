//! `Bag`: what goes in comes out once, in whatever order, and nobody finds it empty that is not.

mod common;

use common::{
    Accounts, Counted, Observed, Random, Running, THREADS, ignore, in_every_collector,
    own_collectors, property, scaled, seed,
};
use counterpoint::{
    bag::{Bag, BagHandle},
    reclaim::Collector,
};
use proptest::{collection::vec, prelude::*};
use std::{
    collections::BTreeMap,
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Barrier,
    thread,
};

in_every_collector!(
    any_sequence_of_operations_does_what_a_multiset_does,
    every_value_comes_out_once,
    values_are_dropped_once_wherever_they_end,
    a_bag_that_holds_a_value_throughout_is_never_seen_empty,
    who_finds_nothing_finds_nothing_that_was_there_before,
    handles_come_and_go,
);

/// By one of three handles, or by none.
#[derive(Clone, Debug)]
enum Step {
    Push(usize, u64),
    PushMany(usize, Vec<u64>),
    Pop(usize),
    PopMany(usize, usize),
    Renew(usize),
}

/// With the bag for itself, after some steps.
#[derive(Clone, Debug)]
enum Own {
    Nothing,
    IterMut,
    Drain(usize),
    Extend(Vec<u64>),
    IntoIter(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0..3usize, 0..100u64).prop_map(|(by, value)| Step::Push(by, value)),
        1 => (0..3usize, vec(0..100u64, 0..9)).prop_map(|(by, values)| Step::PushMany(by, values)),
        8 => (0..3usize).prop_map(Step::Pop),
        1 => (0..3usize, 0..9usize).prop_map(|(by, max)| Step::PopMany(by, max)),
        1 => (0..3usize).prop_map(Step::Renew),
    ]
}

fn own() -> impl Strategy<Value = Own> {
    prop_oneof![
        Just(Own::Nothing),
        Just(Own::IterMut),
        (0..9usize).prop_map(Own::Drain),
        vec(0..100u64, 0..9).prop_map(Own::Extend),
        (0..9usize).prop_map(Own::IntoIter),
    ]
}

/// How many of each value.
#[derive(Default)]
struct Multiset(BTreeMap<u64, usize>);

impl Multiset {
    fn len(&self) -> usize {
        self.0.values().sum()
    }

    fn add(&mut self, value: u64) {
        *self.0.entry(value).or_default() += 1;
    }

    #[track_caller]
    fn remove(&mut self, value: u64) {
        let count = self.0.get_mut(&value).filter(|count| **count > 0);
        *count.expect("a value came out that was not in") -= 1;
    }

    /// Takes what an operation gave, which is as much as it should.
    #[track_caller]
    fn give(&mut self, wanted: usize, values: impl IntoIterator<Item = Counted>) {
        let expected = wanted.min(self.len());
        let given = values.into_iter().map(|value| self.remove(value.content)).count();
        assert_eq!(given, expected);
    }
}

fn any_sequence_of_operations_does_what_a_multiset_does(collector: fn() -> Collector) {
    property(vec((vec(step(), 0..30), own()), 0..5), |chunks| {
        let accounts = Accounts::new();
        let (mut bag, mut model) = (Bag::new_in(collector()), Multiset::default());
        for (steps, own) in chunks {
            share(steps, &bag, &mut model, &accounts);
            take(own, &mut bag, &mut model, &accounts);
            assert_eq!(bag.len(), model.len());
        }
        model.give(usize::MAX, bag);
        accounts.assert_all_dropped_once();
    });
}

fn share(steps: Vec<Step>, bag: &Bag<Counted>, model: &mut Multiset, accounts: &Accounts) {
    let mut handles: [BagHandle<'_, Counted>; 3] = std::array::from_fn(|_| bag.register());
    for step in steps {
        match step {
            Step::Push(by, value) => {
                handles[by].push(accounts.value(value));
                model.add(value);
            }
            Step::PushMany(by, values) => {
                let counted = values.iter().map(|value| accounts.value(*value));
                assert_eq!(handles[by].push_many(counted), values.len());
                values.into_iter().for_each(|value| model.add(value));
            }
            Step::Pop(by) => model.give(1, handles[by].pop()),
            Step::PopMany(by, max) => {
                let mut popped = Vec::new();
                assert_eq!(handles[by].pop_many(&mut popped, max), popped.len());
                model.give(max, popped);
            }
            Step::Renew(by) => handles[by] = bag.register(),
        }
        assert_eq!(bag.len(), model.len());
        assert_eq!(bag.is_empty(), model.len() == 0);
    }
}

fn take(own: Own, bag: &mut Bag<Counted>, model: &mut Multiset, accounts: &Accounts) {
    match own {
        Own::Nothing => {}
        Own::IterMut => {
            let mut changed = Multiset::default();
            for value in bag.iter_mut() {
                model.remove(value.content);
                value.content += 1;
                changed.add(value.content);
            }
            assert_eq!(model.len(), 0, "values that were not shown");
            *model = changed;
        }
        Own::Drain(some) => {
            model.give(some, bag.drain().take(some));
            *model = Multiset::default();
        }
        Own::Extend(values) => {
            bag.extend(values.iter().map(|value| accounts.value(*value)));
            values.into_iter().for_each(|value| model.add(value));
        }
        Own::IntoIter(some) => {
            let fresh = Bag::new_in(bag.collector().clone());
            model.give(some, mem::replace(bag, fresh).into_iter().take(some));
            *model = Multiset::default();
        }
    }
}

fn every_value_comes_out_once(collector: fn() -> Collector) {
    let (bag, each, seed) = (Bag::new_in(collector()), scaled(50_000), seed());
    let start = Barrier::new(THREADS);
    let work = |thread: usize| {
        let (handle, mut random) = (bag.register(), Random::new(seed, thread));
        let (mut next, mut out) = (thread * each, Vec::new());
        start.wait();
        // The first threads mostly bring, the last ones mostly take.
        while next < (thread + 1) * each {
            if random.below(THREADS as u64 + 1) <= thread as u64 {
                out.extend(handle.pop());
            } else {
                handle.push(next);
                next += 1;
            }
        }
        out
    };
    let mut all: Vec<usize> = thread::scope(|scope| {
        let work = &work;
        let workers: Vec<_> =
            (0..THREADS).map(|thread| scope.spawn(move || work(thread))).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    assert_eq!(bag.len(), THREADS * each - all.len());
    all.extend(bag);
    all.sort_unstable();
    assert!(all.into_iter().eq(0..THREADS * each), "values lost or doubled");
}

/// Values end in a pop, in a drain that is dropped half-way, or with the bag.
fn values_are_dropped_once_wherever_they_end(collector: fn() -> Collector) {
    let accounts = Accounts::new();
    let mut bag = Bag::new_in(collector());
    for _ in 0..4 {
        thread::scope(|scope| {
            for thread in 0..THREADS {
                let (bag, accounts) = (&bag, &accounts);
                scope.spawn(move || {
                    let handle = bag.register();
                    for number in 0..scaled(2_000) as u64 {
                        handle.push(accounts.value(number));
                        match thread {
                            0 => drop(handle.pop()),
                            1 if number % 100 == 0 => {
                                ignore(handle.pop_many(&mut Vec::new(), 150));
                            }
                            _ => {}
                        }
                    }
                });
            }
        });
        bag.drain().take(100).for_each(drop);
        assert_eq!(accounts.dropped(), accounts.made(), "a drain drops what it does not yield");
    }
    bag.extend((0..100).map(|number| accounts.value(number)));
    let mut rest = bag.into_iter();
    rest.next();
    drop(rest);
    accounts.assert_all_dropped_once();
}

/// One value is always in: another one is pushed by one handle before it is popped by the next.
fn a_bag_that_holds_a_value_throughout_is_never_seen_empty(collector: fn() -> Collector) {
    let (bag, running) = (Bag::new_in(collector()), Running::new(1));
    let handles: Vec<_> = (0..3).map(|_| bag.register()).collect();
    handles[0].push(0);
    thread::scope(|scope| {
        for _ in 1..THREADS {
            scope.spawn(|| {
                while running.any() {
                    assert!(!bag.is_empty());
                }
            });
        }
        let _shift = running.shift();
        for number in 1..scaled(100_000) {
            handles[number % 3].push(number);
            assert_eq!(handles[(number - 1) % 3].pop(), Some(number - 1));
        }
    });
}

/// A thread that pops `None` has found a bag without the values that were pushed before it began and
/// that nobody else takes.
fn who_finds_nothing_finds_nothing_that_was_there_before(collector: fn() -> Collector) {
    let bag = Bag::new_in(collector());
    let start = Barrier::new(THREADS);
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (bag, start) = (&bag, &start);
            scope.spawn(move || {
                let handle = bag.register();
                for round in 0..scaled(500) {
                    start.wait();
                    handle.push(round);
                    start.wait();
                    // As many as all have pushed come out, before anybody finds nothing.
                    assert!(handle.pop().is_some(), "of {THREADS} values, by thread {thread}");
                    start.wait();
                    assert!(handle.pop().is_none());
                    assert!(bag.is_empty());
                }
            });
        }
    });
}

fn handles_come_and_go(collector: fn() -> Collector) {
    let (bag, each) = (Bag::new_in(collector()), scaled(5_000));
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for number in 0..each {
                    bag.register().push(number);
                    let (first, second) = (bag.register(), bag.register());
                    assert!(first.pop().or_else(|| second.pop()).is_some() || !bag.is_empty());
                }
            });
        }
    });
    bag.register().push_many(0..10);
    assert_eq!(bag.len(), bag.into_iter().count());
}

#[test]
fn own_values_come_newest_first_and_others_oldest_first() {
    let bag = Bag::new();
    let (own, other) = (bag.register(), bag.register());
    assert_eq!(own.push_many(0..6), 6);
    assert_eq!(own.pop(), Some(5));
    assert_eq!((other.pop(), other.pop()), (Some(0), Some(1)));
    let guard = bag.collector().pin();
    assert_eq!((own.pop_with(&guard), other.pop_with(&guard)), (Some(4), Some(2)));
    let mut rest = vec![100];
    assert_eq!(other.pop_many(&mut rest, 10), 1);
    assert_eq!(rest, [100, 3]);
    assert!(bag.is_empty());
}

#[test]
fn a_handle_that_is_dropped_leaves_its_values_and_its_place() {
    let bag = Bag::new();
    bag.register().push_many(0..3);
    assert_eq!(bag.len(), 3);
    let heir = bag.register();
    assert_eq!(heir.pop(), Some(2), "it has the place and pops what is newest there");
    let other = bag.register();
    assert_eq!(other.pop(), Some(0));
    drop(heir);
    assert_eq!(other.pop(), Some(1));
    assert_eq!(other.pop(), None);
}

#[test]
fn a_handle_that_is_forgotten_leaves_its_values() {
    let accounts = Accounts::new();
    let bag = Bag::new();
    let handle = bag.register();
    handle.push(accounts.value(1));
    handle.push(accounts.value(2));
    mem::forget(handle);
    assert_eq!(bag.register().pop().map(|value| value.content), Some(1));
    drop(bag);
    accounts.assert_all_dropped_once();
}

#[test]
fn a_destructor_that_panics_keeps_no_other_from_running() {
    struct Bomb(#[allow(dead_code, reason = "for its drop")] Counted, bool);
    impl Drop for Bomb {
        fn drop(&mut self) {
            assert!(!self.1 || thread::panicking(), "a bomb");
        }
    }
    let fill = |accounts: &Accounts| {
        let bag = Bag::new();
        let handles = [bag.register(), bag.register(), bag.register()];
        for (number, handle) in handles.iter().enumerate() {
            handle.push_many((0..5).map(|at| Bomb(accounts.value(at), number == 1 && at == 2)));
        }
        drop(handles);
        bag
    };
    let ends: [fn(Bag<Bomb>); 3] =
        [drop, |mut bag| drop(bag.drain()), |bag| bag.into_iter().take(3).for_each(drop)];
    for end in ends {
        let accounts = Accounts::new();
        let bag = fill(&accounts);
        assert!(catch_unwind(AssertUnwindSafe(|| end(bag))).is_err());
        accounts.assert_all_dropped_once();
    }
}

#[test]
fn an_iterator_may_use_the_bag_that_it_feeds() {
    let bag = Bag::new();
    let handle = bag.register();
    handle.push_many((0..300).inspect(|_| handle.push(1000)));
    let mut all = Vec::new();
    handle.pop_many(&mut all, usize::MAX);
    assert_eq!((all.len(), all.iter().filter(|value| **value == 1000).count()), (600, 300));
}

#[test]
fn values_may_borrow_and_need_not_be_send() {
    let text = String::from("one two");
    let words = Bag::new();
    words.register().push_many(text.split(' '));
    assert!(words.into_iter().eq(["two", "one"]));

    let shared = std::rc::Rc::new(());
    let counts = Bag::from([shared.clone(), shared.clone()]);
    drop(counts.register().pop());
    assert_eq!(std::rc::Rc::strong_count(&shared), 2, "pop moves the value out at once");
    drop(counts);
    assert_eq!(std::rc::Rc::strong_count(&shared), 1);
}

#[test]
fn a_bag_can_be_a_static_and_a_handle_can_be_sent() {
    static BAG: Bag<usize> = Bag::new();
    let handle = BAG.register();
    handle.push(THREADS);
    let handle = thread::spawn(move || {
        handle.push(THREADS + 1);
        handle
    });
    thread::scope(|scope| {
        (0..THREADS).for_each(|thread| drop(scope.spawn(move || BAG.register().push(thread))));
    });
    let (mut all, handle) = (Vec::new(), handle.join().unwrap());
    assert_eq!(handle.pop_many(&mut all, usize::MAX), THREADS + 2);
    all.sort_unstable();
    assert!(all.into_iter().eq(0..THREADS + 2));
}

#[test]
fn what_was_outgrown_is_freed_when_nobody_is_pinned() {
    for collector in own_collectors() {
        let bag = Bag::new_in(collector.clone());
        let handle = bag.register();
        handle.push_many(0..10_000);
        assert_eq!(handle.pop_many(&mut Vec::new(), usize::MAX), 10_000);
        collector.settle();
    }
}

#[test]
#[should_panic(expected = "another collector")]
fn a_guard_of_another_collector_is_refused() {
    let bag = Bag::<u8>::new_in(Collector::new());
    bag.register().pop_with(&Collector::new().pin());
}
