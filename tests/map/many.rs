//! Many keys at once, and buckets by wish: the answers are those of one key after the other.

use crate::common::{Accounts, Colliding, Counted, Identity, THREADS, ignore, scaled};
use counterpoint::{
    map::{SplitOrderedMap, SplitOrderedSet},
    reclaim::Reclaims,
};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Barrier,
    thread,
};

crate::common::in_every_domain!(
    keys_that_stay_are_found_together_while_the_map_grows_and_others_come_and_go,
    keys_that_threads_insert_together_are_all_there,
    buckets_are_given_back_and_every_entry_stays,
    who_reserves_while_others_grow_the_map_has_the_capacity_and_nothing_is_lost,
);

fn keys_that_stay_are_found_together_while_the_map_grows_and_others_come_and_go<D>(
    domain: fn() -> D,
) where
    D: Reclaims<(u64, u64)> + Sync,
{
    let stable: Vec<u64> = (0..100).collect();
    for _ in 0..scaled(100) {
        let map = SplitOrderedMap::with_hasher_in(Colliding::new(), domain());
        map.pin().insert_many(stable.iter().map(|key| (*key, *key)));
        let start = Barrier::new(2);
        thread::scope(|scope| {
            scope.spawn(|| {
                start.wait();
                for key in 100..1_000 {
                    let map = map.pin();
                    map.insert(key, key);
                    map.remove(&(key - 50));
                    map.insert(key % 100, key % 100);
                }
            });
            start.wait();
            for _ in 0..20 {
                let map = map.pin();
                let found = map.get_many(&stable[..50]);
                assert_eq!(found.size_hint(), (50, Some(50)));
                assert!(found.map(Option::unwrap).eq(&stable[..50]));
            }
        });
    }
}

fn keys_that_threads_insert_together_are_all_there<D>(domain: fn() -> D)
where
    D: Reclaims<(u64, u64)> + Sync,
{
    const EACH: u64 = 300;
    let map = SplitOrderedMap::with_hasher_in(Identity::new(), domain());
    let start = Barrier::new(THREADS);
    thread::scope(|scope| {
        for thread in 0..THREADS as u64 {
            let (map, start) = (&map, &start);
            scope.spawn(move || {
                start.wait();
                let own = (0..EACH).map(|key| (key * THREADS as u64 + thread, thread));
                assert_eq!(map.pin().insert_many(own), EACH as usize);
                assert_eq!(map.pin().insert_many((0..7).map(|_| (u64::MAX, thread))) / 2, 0);
            });
        }
    });
    assert_eq!(map.len() as u64, EACH * THREADS as u64 + 1);
    let keys: Vec<u64> = (0..EACH * THREADS as u64).collect();
    let map = map.pin();
    assert!(
        map.get_many(&keys).zip(&keys).all(|(value, key)| *value.unwrap() == key % THREADS as u64)
    );
}

/// Each thread makes the map grow by what it inserts, and asks for more than that.
fn who_reserves_while_others_grow_the_map_has_the_capacity_and_nothing_is_lost<D>(domain: fn() -> D)
where
    D: Reclaims<(u64, u64)> + Sync,
{
    const EACH: u64 = 200;
    const ALL: u64 = EACH * THREADS as u64;
    for round in 0..scaled(20) as u64 {
        let map = SplitOrderedMap::with_hasher_in(Identity::new(), domain());
        let start = Barrier::new(THREADS);
        let work = |thread: u64| {
            let (handle, mut least) = (map.register(), 0);
            start.wait();
            for nth in 0..EACH {
                let view = map.with_guard(handle.pin());
                assert_eq!(view.insert(nth * THREADS as u64 + thread, nth), None);
                if (nth + round) % 16 == thread {
                    let additional = 10 * (nth + round) as usize;
                    map.reserve(additional);
                    // What others have inserted comes on top.
                    least = least.max(nth as usize + 1 + additional);
                }
                let now = map.capacity();
                assert!(now >= least, "{now} where {least} were promised");
                least = now;
            }
        };
        thread::scope(|scope| {
            for thread in 0..THREADS as u64 {
                let work = &work;
                scope.spawn(move || work(thread));
            }
        });
        assert_eq!(map.len() as u64, ALL);
        assert!((0..ALL).all(|key| map.pin().get(&key) == Some(&(key / THREADS as u64))));
        // What was reserved is there for all of them.
        map.reserve(ALL as usize);
        let capacity = map.capacity();
        thread::scope(|scope| {
            for thread in 0..THREADS as u64 {
                let map = &map;
                scope.spawn(move || {
                    let own = (0..EACH).map(|nth| (ALL + nth * THREADS as u64 + thread, thread));
                    assert_eq!(map.pin().insert_many(own), EACH as usize);
                });
            }
        });
        assert_eq!((map.capacity(), map.len() as u64), (capacity, 2 * ALL));
        assert_eq!(map.pin().iter().count() as u64, 2 * ALL);
    }
}

fn buckets_are_given_back_and_every_entry_stays<D>(domain: fn() -> D)
where
    D: Reclaims<(u64, u64)>,
{
    let mut map = SplitOrderedMap::with_hasher_in(Identity::new(), domain());
    map.pin().insert_many((0..1_000).map(|key| (key, key)));
    let grown = map.capacity();
    map.pin().retain(|key, _| key % 100 == 0);
    map.shrink_to(100);
    assert!((100..grown).contains(&map.capacity()));
    map.shrink_to_fit();
    assert!((10..100).contains(&map.capacity()), "{} for ten", map.capacity());
    assert!((0..1_000).all(|key| map.pin().contains_key(&key) == (key % 100 == 0)));
    map.pin().insert_many((0..1_000).map(|key| (key, key + 1)));
    assert!((0..1_000).all(|key| map.pin().get(&key) == Some(&(key + 1))));
    map.pin().clear();
    map.shrink_to_fit();
    assert_eq!((map.capacity(), map.len(), map.pin().iter().count()), (1, 0, 0));
    assert_eq!(map.pin().insert(1, 1), None);
    assert_eq!(map.pin().get_many(&[1, 2]).collect::<Vec<_>>(), [Some(&1), None]);
}

#[test]
fn no_key_and_a_million_keys_are_answered() {
    let map = SplitOrderedMap::with_hasher(Identity::new());
    let map = map.pin();
    assert_eq!(map.insert_many(std::iter::empty::<(u64, u64)>()), 0);
    assert_eq!(map.get_many(&[] as &[u64]).next(), None);
    let count = scaled(1_000_000) as u64;
    assert_eq!(map.insert_many((0..count).map(|key| (key, key))) as u64, count);
    let keys: Vec<u64> = (0..2 * count).collect();
    let found = map.get_many(&keys).zip(&keys);
    assert_eq!(found.filter(|(value, key)| *value == Some(key)).count() as u64, count);
}

#[test]
fn what_an_iterator_has_yielded_before_it_panics_is_inserted_or_dropped() {
    let accounts = Accounts::new();
    for good in 0..40 {
        let map = SplitOrderedMap::with_hasher(Identity::new());
        let entries = (0..=good).map(|key| {
            assert!(key < good, "asked for one more");
            (key as u64, accounts.value(0))
        });
        let entries = AssertUnwindSafe(entries);
        catch_unwind(|| map.pin().insert_many({ entries }.0)).unwrap_err();
        assert_eq!(map.len(), good / 16 * 16);
        drop(map);
    }
    accounts.assert_all_dropped_once();
}

/// A key that panics ends the answers; what was answered before stands, and the map goes on.
#[test]
fn after_a_key_has_panicked_there_are_no_more_answers() {
    #[derive(PartialEq, Eq)]
    struct Fuse(u64);
    impl std::hash::Hash for Fuse {
        fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
            assert_ne!(self.0, 70, "the fuse");
            state.write_u64(self.0);
        }
    }
    let map = SplitOrderedMap::with_hasher(Identity::new());
    let map = map.pin();
    map.insert_many((0..60).map(|key| (Fuse(key), key)));
    let keys: Vec<Fuse> = (0..100).map(Fuse).collect();
    let mut answers = map.get_many(&keys);
    let mut seen = 0;
    let end = catch_unwind(AssertUnwindSafe(|| {
        for answer in answers.by_ref() {
            assert_eq!(answer.copied(), (seen < 60).then_some(seen));
            seen += 1;
        }
    }));
    assert!(end.is_err() && seen >= 16, "{seen} answers");
    assert_eq!((answers.len(), answers.next()), (0, None));
    assert_eq!(map.get(&Fuse(1)), Some(&1));
}

#[test]
fn a_capacity_beyond_the_address_space_is_refused() {
    let map = SplitOrderedMap::with_hasher(Identity::new());
    ignore(map.pin().insert(1, 1));
    for additional in [usize::MAX, usize::MAX - 1, usize::MAX / 2] {
        let error = map.try_reserve(additional).unwrap_err();
        assert_eq!(error.to_string(), "the buckets for that capacity do not fit the address space");
        catch_unwind(|| map.reserve(additional)).unwrap_err();
    }
    assert_eq!((map.len(), map.pin().get(&1)), (1, Some(&1)));
}

#[test]
fn a_map_that_reserved_does_not_grow() {
    let map = SplitOrderedMap::with_hasher(Identity::new());
    map.reserve(1_000);
    let capacity = map.capacity();
    assert!(capacity >= 1_000);
    map.pin().insert_many((0..1_000).map(|key| (key, ())));
    assert_eq!(map.capacity(), capacity);
    map.reserve(0);
    assert_eq!(map.capacity(), capacity);
}

#[test]
fn shrinking_drops_nothing_that_is_there() {
    let accounts = Accounts::new();
    let mut map = SplitOrderedMap::with_hasher(Colliding::new());
    map.extend((0..200).map(|key| (key, accounts.value(key))));
    (0..190).for_each(|key| ignore(map.take(&key)));
    map.shrink_to_fit();
    let content = |value: &Counted| value.content;
    assert!((190..200).all(|key| map.pin().get(&key).map(content) == Some(key)));
    drop(map);
    accounts.assert_all_dropped_once();
}

#[test]
fn a_set_answers_many_as_its_map() {
    let mut set = SplitOrderedSet::from(["a", "b"]);
    set.reserve(100);
    assert!(set.capacity() >= 102 && set.try_reserve(usize::MAX).is_err());
    assert!(set.pin().get_many(&["b", "x", "a"]).eq([Some(&"b"), None, Some(&"a")]));
    set.shrink_to(50);
    set.shrink_to_fit();
    assert!(set.pin().contains("a") && set.capacity() < 100);
}

#[cfg(feature = "serde")]
#[test]
fn maps_and_sets_come_back_from_json() {
    let map: SplitOrderedMap<String, u64> = (0..50).map(|n| (n.to_string(), n)).collect();
    let text = serde_json::to_string(&map).unwrap();
    let back: SplitOrderedMap<String, u64> = serde_json::from_str(&text).unwrap();
    assert_eq!(map, back);
    let twice: SplitOrderedMap<String, u64> = serde_json::from_str(r#"{"a":1,"a":2}"#).unwrap();
    assert_eq!((twice.len(), twice.pin().get("a")), (1, Some(&2)));
    assert!(serde_json::from_str::<SplitOrderedMap<String, u64>>("[1]").is_err());
    let set: SplitOrderedSet<u64> = (0..50).collect();
    let text = serde_json::to_string(&set.pin()).unwrap();
    assert_eq!(set, serde_json::from_str(&text).unwrap());
    assert!(serde_json::from_str::<SplitOrderedSet<u64>>("{}").is_err());
}
