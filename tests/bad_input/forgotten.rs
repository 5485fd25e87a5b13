//! Guards, handles, views and iterators that are forgotten: they leak, and nothing else.

use crate::common::{Accounts, Constant, Observed, forget};
use counterpoint::{
    deque,
    map::SplitOrderedMap,
    queue::MsQueue,
    reclaim::{Collector, Reclaims},
    stack::TreiberStack,
};

crate::common::in_every_own_collector!(
    under_a_forgotten_guard_garbage_waits_for_ever,
    a_forgotten_handle_keeps_what_it_collected_and_no_more,
    a_map_survives_a_forgotten_view,
    a_deque_survives_a_forgotten_view,
);
crate::common::in_every_private_domain!(
    under_a_forgotten_guard_garbage_waits_for_ever,
    a_forgotten_handle_keeps_what_it_collected_and_no_more,
    a_map_survives_a_forgotten_view,
);

fn under_a_forgotten_guard_garbage_waits_for_ever<D: Observed>(domain: fn() -> D) {
    let (domain, accounts) = (domain(), Accounts::new());
    {
        let handle = domain.register();
        forget(handle.pin());
        assert!(handle.is_pinned());
        forget(handle);
    }
    let handle = domain.register();
    for content in 0..1000 {
        let value = accounts.value(content);
        handle.pin().defer(move || drop(value));
    }
    (0..300).for_each(|_| handle.pin().flush());
    assert_eq!((domain.garbage(), accounts.dropped()), (1000, 0));
    drop(handle);
    drop(domain);
    assert_eq!(accounts.dropped(), 0, "never run later either");
}

fn a_forgotten_handle_keeps_what_it_collected_and_no_more<D: Observed>(domain: fn() -> D) {
    let (domain, accounts) = (domain(), Accounts::new());
    let defer = |count: u64, guard: &counterpoint::reclaim::Guard<'_>| {
        for content in 0..count {
            let value = accounts.value(content);
            guard.defer(move || drop(value));
        }
    };
    {
        let handle = domain.register();
        defer(10, &handle.pin());
        forget(handle);
    }
    {
        let handle = domain.register();
        defer(1000, &handle.pin());
    }
    let handle = domain.register();
    for _ in 0..1000 {
        handle.pin().flush();
    }
    assert!(domain.garbage() <= 10, "those that the forgotten handle collected");
    assert!(accounts.dropped() >= 1000);
}

fn a_map_survives_a_forgotten_view<D>(domain: fn() -> D)
where
    D: Reclaims<(u64, crate::common::Counted)>,
{
    let accounts = Accounts::new();
    let map = SplitOrderedMap::with_hasher_in(Constant::new(), domain());
    (0..100).for_each(|key| assert!(map.pin().insert(key, accounts.value(key)).is_none()));
    forget(map.pin());
    (0..50).for_each(|key| assert!(map.pin().remove(&key).is_some()));
    (50..60).for_each(|key| assert!(map.pin().replace(key, accounts.value(key)).is_some()));
    assert_eq!((map.len(), map.pin().iter().count(), accounts.dropped()), (50, 50, 0));
    drop(map);
    assert_eq!(accounts.dropped(), 50, "those that were in the map; the others leak");
}

/// Rings leak then, but no value.
fn a_deque_survives_a_forgotten_view(collector: fn() -> Collector) {
    let (collector, accounts) = (collector(), Accounts::new());
    let worker = deque::Worker::with_capacity_in(1, collector.clone());
    let stealer = worker.stealer();
    forget(stealer.pin());
    (0..100).for_each(|content| worker.push(accounts.value(content)));
    for content in 0..50 {
        let stolen = stealer.pin().steal().success();
        assert_eq!(stolen.map(|value| value.content), Some(content));
    }
    (0..300).for_each(|_| collector.pin().flush());
    assert_eq!((worker.len(), accounts.dropped()), (50, 50));
    assert!(collector.garbage() > 0, "the rings are kept");
    drop((worker, stealer));
    accounts.assert_all_dropped_once();
}

#[test]
fn forgotten_iterators_leave_the_structure_usable() {
    let accounts = Accounts::new();
    let values = |count| (0..count).map(|content| accounts.value(content));

    let mut queue = MsQueue::from_iter(values(10));
    let mut drain = queue.drain();
    drop(drain.next());
    forget(drain);
    assert!(queue.drain().count() <= 9);
    forget(queue.iter_mut());
    queue.extend(values(10));
    assert_eq!(queue.iter_mut().count(), 10);

    let mut worker = deque::Worker::from_iter(values(10));
    let mut drain = worker.drain();
    drop(drain.next());
    forget(drain);
    worker.extend(values(10));
    assert_eq!((worker.len(), worker.into_iter().count()), (19, 19));

    let mut stack = TreiberStack::from_iter(values(10));
    forget(stack.drain());
    assert!(stack.pin().is_empty());
    stack.extend(values(10));
    {
        let guard = stack.collector().pin();
        let mut all = stack.pop_all(&guard);
        drop(all.next());
        forget(all);
    }
    stack.extend(values(10));
    assert_eq!(stack.into_iter().count(), 10);

    let mut map = SplitOrderedMap::new();
    map.extend(values(10).map(|value| (value.content, value)));
    forget(map.drain());
    assert!(map.is_empty() && map.iter_mut().next().is_none());
    map.extend(values(10).map(|value| (value.content, value)));
    forget(map.iter_mut());
    assert_eq!(map.len(), 10);
    assert_eq!(map.into_values().count(), 10);
}
