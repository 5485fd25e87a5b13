//! Threads that share one map: what each may conclude from what it sees, and that nothing is lost,
//! doubled or dropped twice.

use crate::common::{
    Accounts, Colliding, Constant, Counted, Identity, Random, Running, THREADS, ignore, scaled,
    seed,
};
use counterpoint::{
    map::{Compute, Operation, SplitOrderedMap},
    reclaim::Reclaims,
};
use std::{
    collections::HashMap,
    hash::BuildHasher,
    sync::{
        Barrier,
        atomic::{
            AtomicU64,
            Ordering::{Acquire, Relaxed, Release},
        },
    },
    thread,
};

crate::common::in_every_domain!(
    each_thread_sees_its_own_keys_as_if_it_were_alone,
    of_the_threads_that_insert_or_remove_one_key_exactly_one_does,
    no_update_of_a_shared_key_is_lost,
    a_key_under_replacement_is_never_absent_and_its_value_never_goes_back,
    keys_stay_found_while_the_map_grows_from_one_bucket,
    threads_that_race_for_the_first_use_of_the_same_buckets_agree,
    what_a_condition_admitted_is_what_was_removed,
    every_key_and_value_is_dropped_once,
);

/// Threads' keys stand between each other in the same runs, so one thread's changes happen next to
/// the nodes of all others.
fn each_thread_sees_its_own_keys_as_if_it_were_alone<D>(domain: fn() -> D)
where
    D: Reclaims<(u64, u64)> + Sync,
{
    fn run<S: BuildHasher + Sync, D: Reclaims<(u64, u64)> + Sync>(
        map: SplitOrderedMap<u64, u64, S, D>,
        keys_each: u64,
    ) {
        let (start, seed) = (Barrier::new(THREADS), seed());
        let work = |thread: usize| {
            let (handle, mut random) = (map.register(), Random::new(seed, thread));
            let mut own = HashMap::new();
            start.wait();
            for value in 0..scaled(20_000) as u64 {
                let key = random.below(keys_each) * THREADS as u64 + thread as u64;
                let map = map.with_guard(handle.pin());
                match random.below(6) {
                    0 => assert_eq!(map.insert(key, value).copied(), own.insert(key, value)),
                    1 => {
                        let old = own.get(&key).copied();
                        assert_eq!(map.replace(key, value).copied(), old);
                        own.entry(key).and_modify(|own| *own = value);
                    }
                    2 => {
                        assert_eq!(map.try_insert(key, value).is_ok(), !own.contains_key(&key));
                        own.entry(key).or_insert(value);
                    }
                    3 => {
                        let now = map.update_or_insert_with(key, |old| old + 1, || value);
                        let own = own.entry(key).and_modify(|own| *own += 1).or_insert(value);
                        assert_eq!(now, own);
                    }
                    _ => assert_eq!(map.remove(&key).copied(), own.remove(&key)),
                }
                assert_eq!(map.get(&key), own.get(&key));
            }
            own
        };
        let mut all = HashMap::new();
        thread::scope(|scope| {
            let work = &work;
            let workers: Vec<_> =
                (0..THREADS).map(|thread| scope.spawn(move || work(thread))).collect();
            workers.into_iter().for_each(|worker| all.extend(worker.join().unwrap()));
        });
        assert_eq!(map.len(), all.len());
        assert_eq!(map.into_iter().collect::<HashMap<_, _>>(), all);
    }
    run(SplitOrderedMap::with_hasher_in(Constant::new(), domain()), 8);
    run(SplitOrderedMap::with_hasher_in(Colliding::new(), domain()), 16);
    run(SplitOrderedMap::with_hasher_in(Identity::new(), domain()), 200);
}

fn of_the_threads_that_insert_or_remove_one_key_exactly_one_does<D>(domain: fn() -> D)
where
    D: Reclaims<(u64, usize)> + Sync,
{
    let map = SplitOrderedMap::with_hasher_in(Colliding::new(), domain());
    let start = Barrier::new(THREADS);
    for round in 0..scaled(20) as u64 {
        let keys = round * 100..(round + 1) * 100;
        let wins = |attempt: &(dyn Fn(u64, usize) -> bool + Sync)| -> usize {
            let work = |thread| {
                start.wait();
                keys.clone().filter(|key| attempt(*key, thread)).count()
            };
            thread::scope(|scope| {
                let work = &work;
                let workers: Vec<_> =
                    (0..THREADS).map(|thread| scope.spawn(move || work(thread))).collect();
                workers.into_iter().map(|worker| worker.join().unwrap()).sum()
            })
        };
        let map = &map;
        assert_eq!(wins(&|key, thread| map.pin().try_insert(key, thread).is_ok()), 100);
        assert_eq!(map.len(), 100);
        assert_eq!(wins(&|key, _| map.pin().remove(&key).is_some()), 100);
        assert_eq!(map.len(), 0);
        // An insertion that finds the key absent says so to one thread alone.
        assert_eq!(wins(&|key, thread| map.pin().insert(key, thread).is_none()), 100);
        assert_eq!(wins(&|key, _| map.pin().remove_if(&key, |_, _| true) != Ok(None)), 100);
    }
}

fn no_update_of_a_shared_key_is_lost<D>(domain: fn() -> D)
where
    D: Reclaims<(u64, usize)> + Sync,
{
    let map = SplitOrderedMap::with_hasher_in(Constant::new(), domain());
    let (each, keys) = (scaled(20_000), 5);
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let map = &map;
            scope.spawn(move || {
                let handle = map.register();
                for number in 0..each {
                    let (map, key) = (map.with_guard(handle.pin()), (number % keys) as u64);
                    if thread % 2 == 0 {
                        map.update_or_insert_with(key, |count| count + 1, || 1);
                    } else {
                        map.compute(key, |entry| {
                            Operation::<_, ()>::Insert(entry.map_or(1, |(_, count)| count + 1))
                        });
                    }
                }
            });
        }
    });
    assert_eq!(map.into_values().sum::<usize>(), THREADS * each);
}

/// The keys' neighbours in the run come and go meanwhile.
fn a_key_under_replacement_is_never_absent_and_its_value_never_goes_back<D>(domain: fn() -> D)
where
    D: Reclaims<(u64, usize)> + Sync,
{
    let map = SplitOrderedMap::with_hasher_in(Constant::new(), domain());
    let running = Running::new(1);
    [1, 2, 3].into_iter().for_each(|key| ignore(map.pin().insert(key, 0)));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let (handle, mut last) = (map.register(), 0);
                while running.any() {
                    let map = map.with_guard(handle.pin());
                    let now = *map.get(&2).expect("present throughout");
                    assert!(last <= now, "{now} after {last}");
                    last = now;
                }
            });
        }
        scope.spawn(|| {
            let handle = map.register();
            while running.any() {
                for key in [1, 3] {
                    map.remove(&key, &handle.pin()).expect("its own key");
                    map.insert(key, 0, &handle.pin());
                }
            }
        });
        let _shift = running.shift();
        let handle = map.register();
        for value in 1..scaled(50_000) {
            let map = map.with_guard(handle.pin());
            let old = match value % 3 {
                0 => map.insert(2, value).copied(),
                1 => map.replace(2, value).copied(),
                _ => map.update(2, |old| old + 1).map(|new| new - 1),
            };
            assert_eq!(old, Some(value - 1));
        }
    });
}

fn keys_stay_found_while_the_map_grows_from_one_bucket<D>(domain: fn() -> D)
where
    D: Reclaims<(u64, u64)> + Sync,
{
    let map = SplitOrderedMap::with_hasher_in(Identity::new(), domain());
    let (each, writers) = (scaled(50_000) as u64, THREADS / 2);
    let inserted: Vec<_> = (0..writers).map(|_| AtomicU64::new(0)).collect();
    let key = |writer: usize, number: u64| number * writers as u64 + writer as u64;
    let (running, seed) = (Running::new(writers), seed());
    thread::scope(|scope| {
        let (map, inserted, running) = (&map, &inserted, &running);
        for (writer, mine) in inserted.iter().enumerate() {
            scope.spawn(move || {
                let (handle, _shift) = (map.register(), running.shift());
                for number in 0..each {
                    map.insert(key(writer, number), number, &handle.pin());
                    mine.store(number + 1, Release);
                }
            });
            scope.spawn(move || {
                let (handle, mut random) = (map.register(), Random::new(seed, writer));
                while running.any() {
                    let map = map.with_guard(handle.pin());
                    if let Some(last) = mine.load(Acquire).checked_sub(1) {
                        let number = random.below(last + 1);
                        assert_eq!(map.get(&key(writer, number)), Some(&number));
                        assert_eq!(map.get(&key(writer, each + number)), None);
                    }
                }
            });
        }
    });
    assert_eq!(map.len() as u64, each * writers as u64);
    let handle = map.register();
    let all = (0..writers).flat_map(|writer| (0..each).map(move |number| key(writer, number)));
    all.for_each(|key| assert!(map.contains_key(&key, &handle.pin())));
}

/// Many maps, since a bucket is linked once; each thread begins with other keys.
fn threads_that_race_for_the_first_use_of_the_same_buckets_agree<D>(domain: fn() -> D)
where
    D: Reclaims<(u64, usize)> + Sync,
{
    let make = || SplitOrderedMap::with_capacity_and_hasher_in(32, Identity::new(), domain());
    let maps: Vec<_> = (0..scaled(2_000)).map(|_| make()).collect();
    let start = Barrier::new(THREADS);
    // Counted, not asserted, where the others would wait for ever for one that panics.
    let missed = AtomicU64::new(0);
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (maps, start, missed) = (&maps, &start, &missed);
            scope.spawn(move || {
                for map in maps {
                    let handle = map.register();
                    start.wait();
                    let map = map.with_guard(handle.pin());
                    for key in 0..64 {
                        let key = key ^ thread as u64;
                        map.update_or_insert_with(key, |count| count + 1, || 1);
                        missed.fetch_add(u64::from(!map.contains_key(&key)), Relaxed);
                    }
                }
            });
        }
    });
    assert_eq!(missed.into_inner(), 0);
    for map in maps {
        assert_eq!(map.len(), 64);
        assert!(map.into_values().eq([THREADS; 64]));
    }
}

fn what_a_condition_admitted_is_what_was_removed<D>(domain: fn() -> D)
where
    D: Reclaims<(u64, u64)> + Sync,
{
    let map = SplitOrderedMap::with_hasher_in(Constant::new(), domain());
    let running = Running::new(1);
    thread::scope(|scope| {
        for _ in 1..THREADS {
            scope.spawn(|| {
                let handle = map.register();
                while running.any() {
                    let map = map.with_guard(handle.pin());
                    map.update_or_insert_with(1, |value| value + 1, || 1);
                    map.update_or_insert_with(2, |value| value + 1, || 1);
                }
            });
        }
        let _shift = running.shift();
        let handle = map.register();
        for _ in 0..scaled(20_000) {
            let map = map.with_guard(handle.pin());
            match map.remove_if(&1, |_, value| value % 2 == 0) {
                Ok(removed) => assert!(removed.is_none_or(|(_, value)| value % 2 == 0)),
                Err((_, value)) => assert!(value % 2 == 1),
            }
            let odd = |entry: Option<(&u64, &u64)>| match entry {
                Some((_, value)) if value % 2 == 1 => Operation::Remove,
                _ => Operation::Abort(()),
            };
            if let Compute::Removed(_, value) = map.compute(2, odd) {
                assert!(value % 2 == 1);
            }
        }
    });
}

fn every_key_and_value_is_dropped_once<D>(domain: fn() -> D)
where
    D: Reclaims<(Counted, Counted)> + Sync,
{
    fn run<S: BuildHasher + Sync, D: Reclaims<(Counted, Counted)> + Sync>(
        mut map: SplitOrderedMap<Counted, Counted, S, D>,
        keys: u64,
    ) {
        let (accounts, seed) = (Accounts::new(), seed());
        thread::scope(|scope| {
            for thread in 0..THREADS {
                let (map, accounts) = (&map, &accounts);
                scope.spawn(move || {
                    let (handle, mut random) = (map.register(), Random::new(seed, thread));
                    for number in 0..scaled(2_000) as u64 {
                        let new = || accounts.value(number);
                        let key = accounts.value(random.below(keys));
                        let map = map.with_guard(handle.pin());
                        match random.below(8) {
                            0 => ignore(map.insert(key, new())),
                            1 => ignore(map.replace(key, new())),
                            2 => ignore(map.try_insert(key, new())),
                            3 => ignore(map.get_or_insert_with(key, new)),
                            4 => ignore(map.update_or_insert_with(key, |_| new(), new)),
                            5 => map.retain(|stored, _| stored.content != number % keys),
                            _ => ignore(map.remove(&key)),
                        }
                    }
                });
            }
        });
        assert_eq!(map.len(), map.iter_mut().count());
        map.drain().take(3).for_each(drop);
        map.extend((0..10).map(|key| (accounts.value(key), accounts.value(key))));
        map.into_iter().take(3).for_each(drop);
        accounts.assert_all_dropped_once();
    }
    run(SplitOrderedMap::with_hasher_in(Constant::new(), domain()), 8);
    run(SplitOrderedMap::with_hasher_in(Colliding::new(), domain()), 16);
    run(SplitOrderedMap::with_hasher_in(Identity::new(), domain()), 100);
}
