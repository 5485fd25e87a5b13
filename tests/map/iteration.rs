//! Iterators see each key that is present throughout exactly once, whatever else happens.

use crate::common::{
    Colliding, Constant, Identity, Random, Running, THREADS, ignore, scaled, seed,
};
use counterpoint::{map::SplitOrderedMap, reclaim::Reclaims};
use std::{hash::BuildHasher, thread};

crate::common::in_every_domain!(
    each_key_present_throughout_comes_once_while_others_come_and_go,
    each_key_present_throughout_comes_once_while_the_map_grows,
    a_clear_or_retain_removes_what_was_there_before_it,
    an_iterator_goes_on_from_an_entry_that_is_removed_or_replaced,
);

/// Keys below `stable` stay; some threads replace their values, others insert and remove the keys
/// between them, in the same runs.
fn each_key_present_throughout_comes_once_while_others_come_and_go<D>(domain: fn() -> D)
where
    D: Reclaims<(u64, u64)> + Sync,
{
    fn run<S: BuildHasher + Sync, D: Reclaims<(u64, u64)> + Sync>(
        map: SplitOrderedMap<u64, u64, S, D>,
        stable: u64,
    ) {
        let (running, seed) = (Running::new(1), seed());
        (0..stable).for_each(|key| assert!(map.pin().insert(key, key).is_none()));
        let change = |thread: usize| {
            let (handle, mut random) = (map.register(), Random::new(seed, thread));
            while running.any() {
                let (map, key) = (map.with_guard(handle.pin()), random.below(stable));
                let passing = stable + random.below(stable);
                match random.below(5) {
                    0 => ignore(map.insert(key, key + stable * random.below(9))),
                    1 => ignore(map.replace(key, key + stable * random.below(9))),
                    2 => ignore(map.update(key, |value| value + stable)),
                    3 => ignore(map.insert(passing, passing)),
                    _ => ignore(map.remove(&passing)),
                }
            }
        };
        thread::scope(|scope| {
            let change = &change;
            (1..THREADS).for_each(|thread| drop(scope.spawn(move || change(thread))));
            let _shift = running.shift();
            let handle = map.register();
            for _ in 0..scaled(1_000) {
                let map = map.with_guard(handle.pin());
                let mut seen = vec![0; stable as usize];
                for (key, value) in &map {
                    assert_eq!(value % stable, key % stable, "a value of another key");
                    if let Some(times) = seen.get_mut(*key as usize) {
                        *times += 1;
                    }
                }
                assert!(seen.iter().all(|times| *times == 1), "{seen:?}");
            }
        });
    }
    run(SplitOrderedMap::with_hasher_in(Constant::new(), domain()), 10);
    run(SplitOrderedMap::with_hasher_in(Colliding::new(), domain()), 20);
    run(SplitOrderedMap::with_hasher_in(Identity::new(), domain()), 300);
}

fn each_key_present_throughout_comes_once_while_the_map_grows<D>(domain: fn() -> D)
where
    D: Reclaims<(u64, u64)> + Sync,
{
    let map = SplitOrderedMap::with_hasher_in(Identity::new(), domain());
    let (stable, running) = (100, Running::new(1));
    (0..stable).for_each(|key| assert!(map.pin().insert(key, key).is_none()));
    thread::scope(|scope| {
        scope.spawn(|| {
            let _shift = running.shift();
            let handle = map.register();
            for key in stable..scaled(50_000) as u64 {
                map.insert(key, key, &handle.pin());
            }
        });
        for _ in 2..THREADS {
            scope.spawn(|| {
                let handle = map.register();
                while running.any() {
                    let guard = handle.pin();
                    let seen = map.keys(&guard).filter(|key| **key < stable);
                    let mut seen: Vec<_> = seen.copied().collect();
                    seen.sort_unstable();
                    assert!(seen.into_iter().eq(0..stable));
                }
            });
        }
    });
}

/// Others insert and remove keys of their own meanwhile; what was there before stays gone.
fn a_clear_or_retain_removes_what_was_there_before_it<D>(domain: fn() -> D)
where
    D: Reclaims<(u64, u64)> + Sync,
{
    let (map, running) =
        (SplitOrderedMap::with_hasher_in(Colliding::new(), domain()), Running::new(1));
    thread::scope(|scope| {
        for thread in 1..THREADS as u64 {
            let (map, running) = (&map, &running);
            scope.spawn(move || {
                let handle = map.register();
                while running.any() {
                    map.insert(1000 + thread, 0, &handle.pin());
                    map.remove(&(1000 + thread), &handle.pin());
                }
            });
        }
        let _shift = running.shift();
        let handle = map.register();
        for round in 0..scaled(2_000) {
            let map = map.with_guard(handle.pin());
            (0..20).for_each(|key| assert!(map.insert(key, key).is_none()));
            if round % 2 == 0 {
                map.clear();
                assert!((0..20).all(|key| !map.contains_key(&key)));
            } else {
                map.retain(|key, _| key % 2 == 1);
                assert!((0..20).all(|key| map.contains_key(&key) == (key % 2 == 1)));
                (0..20).for_each(|key| assert_eq!(map.remove(&key).is_some(), key % 2 == 1));
            }
        }
    });
    assert_eq!(map.len(), map.pin().iter().count());
}

fn an_iterator_goes_on_from_an_entry_that_is_removed_or_replaced<D>(domain: fn() -> D)
where
    D: Reclaims<(u64, u64)>,
{
    let map = SplitOrderedMap::with_hasher_in(Constant::new(), domain());
    let view = map.pin();
    (0..30).for_each(|key| assert!(view.insert(key, key).is_none()));
    let mut seen = Vec::new();
    for (key, value) in &view {
        seen.push(*key);
        match key % 3 {
            0 => assert_eq!(view.remove(key), Some(value)),
            1 => assert_eq!(view.replace(*key, key + 100), Some(value)),
            _ => (0..30).for_each(|key| ignore(view.update(key, |value| value + 1))),
        }
        assert!(*value >= *key, "a removed entry stays readable");
    }
    seen.sort_unstable();
    assert!(seen.into_iter().eq(0..30), "each was there until the iterator came");
    assert_eq!(view.len(), 20);
    assert!(view.keys().eq(view.iter().map(|(key, _)| key)));
    assert!(view.values().eq(view.iter().map(|(_, value)| value)));
}
