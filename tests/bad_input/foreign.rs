//! A guard of another collector: every operation that takes a guard refuses it before it touches
//! anything, the key's `Hash` included.

use super::fuse::{Key, blows_after};
use crate::common::{Accounts, Constant, Counted, message, own_collectors};
use counterpoint::{
    map::{Operation, SplitOrderedMap, SplitOrderedSet},
    queue::{MsQueue, Queue},
    reclaim::{Collector, Domain, Guard, PrivateCollector, Reclaims, unprotected},
    stack::TreiberStack,
};
use std::panic::{AssertUnwindSafe, catch_unwind};

crate::common::in_every_domain!(maps_refuse_it, sets_refuse_it);

/// One domain of each kind, each another than any that is tested, but for the global one.
fn strangers() -> Vec<Box<dyn Domain>> {
    vec![
        Box::new(Collector::global()),
        Box::new(Collector::new()),
        Box::new(PrivateCollector::new()),
        #[cfg(feature = "critical-section")]
        Box::new(Collector::critical_section()),
        #[cfg(feature = "critical-section")]
        Box::new(PrivateCollector::critical_section()),
    ]
}

/// Holds a check against the guards of all strangers; `own` tells the structure's own guards.
fn under_strange_guards(own: impl Fn(&Guard<'_>) -> bool, check: impl Fn(&Guard<'_>)) {
    let strangers = strangers();
    let guards = strangers.iter().map(|stranger| stranger.pin()).filter(|guard| !own(guard));
    assert!(guards.map(|guard| check(&guard)).count() >= 2);
}

#[track_caller]
fn refused<R>(operation: impl FnOnce() -> R) {
    // A key that is hashed or compared panics too, with another message.
    let mut refusal = String::new();
    let burnt = blows_after(0, || {
        let caught = catch_unwind(AssertUnwindSafe(|| drop(operation())));
        refusal = message(&*caught.expect_err("accepted")).to_owned();
    });
    assert_eq!(burnt, Ok(()));
    assert!(refusal.contains("another collector"), "{refusal}");
}

#[test]
fn queues_and_stacks_refuse_it() {
    let collectors = own_collectors().into_iter().chain([Collector::global()]);
    collectors.for_each(queue_and_stack_refuse_it);
}

fn queue_and_stack_refuse_it(collector: Collector) {
    let accounts = Accounts::new();
    let mut queue = MsQueue::new_in(collector.clone());
    let mut segmented = Queue::new_in(collector.clone());
    let mut stack = TreiberStack::new_in(collector.clone());
    for round in 0..2 {
        under_strange_guards(
            |guard| guard.is_from(&collector),
            |guard| {
                refused(|| queue.push(accounts.value(9), guard));
                refused(|| queue.push_within(accounts.value(9), guard));
                refused(|| queue.pop(guard));
                refused(|| queue.is_empty(guard));
                refused(|| segmented.push(accounts.value(9), guard));
                refused(|| segmented.push_within(accounts.value(9), guard));
                refused(|| segmented.push_many([accounts.value(9)], guard));
                refused(|| segmented.pop(guard));
                refused(|| segmented.pop_many(&mut Vec::new(), 1, guard));
                refused(|| segmented.try_iter(guard).count());
                refused(|| segmented.is_empty(guard));
                refused(|| segmented.len(guard));
                refused(|| segmented.close(guard));
                refused(|| segmented.is_closed(guard));
                refused(|| stack.push(accounts.value(9), guard));
                refused(|| stack.push_within(accounts.value(9), guard));
                refused(|| stack.pop(guard));
                refused(|| stack.pop_all(guard));
                refused(|| stack.is_empty(guard));
            },
        );
        assert_eq!((queue.iter_mut().count(), stack.iter_mut().count()), (round, round));
        assert_eq!(segmented.iter_mut().count(), round);
        queue.pin().push(accounts.value(1));
        segmented.pin().push(accounts.value(1)).expect("it is open");
        stack.pin().push(accounts.value(1));
    }
    for stranger in strangers() {
        if !stranger.pin().is_from(&collector) {
            refused(|| drop(queue.with_guard(stranger.pin())));
            refused(|| drop(segmented.with_guard(stranger.pin())));
            refused(|| drop(stack.with_guard(stranger.pin())));
        }
    }
    drop((queue, segmented, stack));
    accounts.assert_all_dropped_once();
}

fn maps_refuse_it<D: Reclaims<(Key, Counted)>>(domain: fn() -> D) {
    let accounts = Accounts::new();
    let map = SplitOrderedMap::with_hasher_in(Constant::new(), domain());
    let (key, value) = (|| Key(accounts.value(1)), || accounts.value(1));
    let own_is_global = map.register().pin().is_from(&Collector::global());
    for round in 0..2 {
        under_strange_guards(
            |guard| own_is_global && guard.is_from(&Collector::global()),
            |guard| {
                refused(|| map.get(&key(), guard).is_some());
                refused(|| map.get_many(&[key()], guard).count());
                refused(|| map.get_key_value_many(&[key()], guard).count());
                refused(|| map.insert_many([(key(), value())], guard));
                refused(|| map.get_key_value(&key(), guard).is_some());
                refused(|| map.contains_key(&key(), guard));
                refused(|| map.insert(key(), value(), guard).is_some());
                refused(|| map.insert_within(key(), value(), guard).is_ok());
                refused(|| map.try_insert(key(), value(), guard).is_ok());
                refused(|| map.get_or_insert(key(), value(), guard).content);
                refused(|| map.get_or_insert_with(key(), value, guard).content);
                refused(|| map.replace(key(), value(), guard).is_some());
                refused(|| map.update(key(), |_| value(), guard).is_some());
                refused(|| map.update_or_insert_with(key(), |_| value(), value, guard).content);
                refused(|| map.compute(key(), |_| Operation::Abort(()), guard));
                refused(|| map.remove(&key(), guard).is_some());
                refused(|| map.remove_entry(&key(), guard).is_some());
                refused(|| map.remove_if(&key(), |_, _| true, guard).is_ok());
                refused(|| map.retain(|_, _| false, guard));
                refused(|| map.clear(guard));
                refused(|| map.iter(guard).count());
                refused(|| map.keys(guard).count());
                refused(|| map.values(guard).count());
            },
        );
        assert_eq!((map.len(), map.pin().iter().count()), (round, round));
        map.pin().insert(key(), value());
    }
    for stranger in strangers() {
        if !(own_is_global && stranger.pin().is_from(&Collector::global())) {
            refused(|| drop(map.with_guard(stranger.pin())));
        }
    }
    drop(map);
    accounts.assert_all_dropped_once();
}

fn sets_refuse_it<D: Reclaims<(Key, ())>>(domain: fn() -> D) {
    let accounts = Accounts::new();
    let set = SplitOrderedSet::with_hasher_in(Constant::new(), domain());
    let value = || Key(accounts.value(1));
    set.pin().insert(value());
    let own_is_global = set.register().pin().is_from(&Collector::global());
    under_strange_guards(
        |guard| own_is_global && guard.is_from(&Collector::global()),
        |guard| {
            refused(|| set.contains(&value(), guard));
            refused(|| set.get(&value(), guard).is_some());
            refused(|| set.insert(value(), guard));
            refused(|| set.insert_within(value(), guard).is_ok());
            refused(|| set.replace(value(), guard).is_some());
            refused(|| set.remove(&value(), guard));
            refused(|| set.take(&value(), guard).is_some());
            refused(|| set.retain(|_| false, guard));
            refused(|| set.clear(guard));
            refused(|| set.iter(guard).count());
        },
    );
    assert_eq!((set.len(), set.pin().iter().count()), (1, 1));
    drop(set);
    accounts.assert_all_dropped_once();
}

/// Which every structure accepts, since its user answers for it.
#[test]
fn an_unprotected_guard_is_no_strangers() {
    let queue = MsQueue::new_in(Collector::new());
    // SAFETY: nobody else knows the queue.
    let guard = unsafe { unprotected() };
    queue.push(1, guard);
    assert_eq!(queue.pop(guard), Some(1));
    assert_eq!(queue.collector().garbage(), 0);
}
