//! Iterators that outlive what they walk: other threads clear, drain and refill meanwhile.

use crate::common::{
    Accounts, Colliding, Counted, Observed, Running, THREADS, own_collectors, scaled,
};
use counterpoint::{
    map::{SplitOrderedMap, SplitOrderedSet},
    reclaim::{Collector, Reclaims},
};
use std::thread;

crate::common::in_every_domain!(iterators_end_and_show_whole_entries_while_others_clear);

/// Entries that it has yielded, and those that it stands on, are not freed before its view.
#[test]
fn what_an_iterator_has_yet_to_yield_is_kept_through_a_clear() {
    own_collectors().into_iter().for_each(kept_through_a_clear);
}

fn kept_through_a_clear(collector: Collector) {
    let accounts = Accounts::new();
    let map = SplitOrderedMap::with_hasher_in(Colliding::new(), collector.clone());
    let view = map.pin();
    (0..100).for_each(|key| assert!(view.insert(key, accounts.value(key)).is_none()));
    let mut entries = view.iter();
    let seen: Vec<(&u64, &Counted)> = entries.by_ref().take(50).collect();
    thread::scope(|scope| {
        scope.spawn(|| {
            map.pin().clear();
            (0..100).for_each(|key| assert!(map.pin().insert(key, accounts.value(key)).is_none()));
            map.pin().clear();
            (0..300).for_each(|_| collector.pin().flush());
        });
    });
    assert_eq!((map.len(), accounts.dropped()), (0, 0), "the view keeps them");
    let rest: Vec<_> = entries.collect();
    assert!(rest.len() <= 150);
    assert!(seen.iter().chain(&rest).all(|(key, value)| **key == value.content));
    drop((seen, rest));
    drop(view);
    collector.settle();
    assert_eq!(accounts.dropped(), 200);
    drop(map);
    accounts.assert_all_dropped_once();
}

fn iterators_end_and_show_whole_entries_while_others_clear<D>(domain: fn() -> D)
where
    D: Reclaims<(u64, Counted)> + Reclaims<(u64, ())> + Sync,
{
    let accounts = Accounts::new();
    type Map<D> = SplitOrderedMap<u64, Counted, Colliding, D>;
    type Set<D> = SplitOrderedSet<u64, Colliding, D>;
    let map: Map<D> = SplitOrderedMap::with_hasher_in(Colliding::new(), domain());
    let set: Set<D> = SplitOrderedSet::with_hasher_in(Colliding::new(), domain());
    let running = Running::new(1);
    thread::scope(|scope| {
        for _ in 1..THREADS {
            scope.spawn(|| {
                let (of_map, of_set) = (map.register(), set.register());
                while running.any() {
                    let view = map.with_guard(of_map.pin());
                    assert!(view.iter().all(|(key, value)| *key == value.content));
                    assert!(view.keys().zip(view.values()).count() <= scaled(100_000));
                    drop(view);
                    assert!(set.with_guard(of_set.pin()).iter().all(|element| *element < 20));
                }
            });
        }
        let _shift = running.shift();
        let (of_map, of_set) = (map.register(), set.register());
        for round in 0..scaled(1_000) {
            let (map, set) = (map.with_guard(of_map.pin()), set.with_guard(of_set.pin()));
            for key in 0..20 {
                assert!(map.insert(key, accounts.value(key)).is_none() && set.insert(key));
            }
            if round % 2 == 0 {
                map.clear();
                set.clear();
            } else {
                (0..20).for_each(|key| assert!(map.remove(&key).is_some() && set.remove(&key)));
            }
        }
    });
    assert!(map.is_empty() && set.is_empty());
    drop((map, set));
    accounts.assert_all_dropped_once();
}
