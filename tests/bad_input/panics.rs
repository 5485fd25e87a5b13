//! `Hash`, `Eq` and closures that panic, at each of their calls: the map is as it was, goes on
//! working, and drops all that it was given. Keys and hashers that lie: nothing worse than wrong answers.

use super::fuse::{Key, blows_after, burn};
use crate::common::{
    Accounts, Colliding, Constant, Counted, Random, THREADS, ignore, scaled, seed,
};
use counterpoint::{
    map::{Operation, SplitOrderedMap, SplitOrderedMapRef, SplitOrderedSet},
    reclaim::Reclaims,
};
use std::{
    cell::RefCell,
    hash::{BuildHasher, Hash, Hasher, RandomState},
    thread,
};

crate::common::in_every_domain!(
    a_panic_at_any_call_leaves_the_map_as_it_was,
    a_panic_at_any_call_leaves_a_set_as_it_was,
    keys_that_lie_do_no_harm,
    a_set_of_elements_that_lie_does_no_harm,
    hashers_that_differ_do_no_harm,
);

type View<'m, D> = SplitOrderedMapRef<'m, Key, Counted, Colliding, D>;

/// One operation on `key`, which may be present.
type Attempt<D> = (&'static str, fn(&View<'_, D>, Key, &Accounts));

fn attempts<D: Reclaims<(Key, Counted)>>() -> Vec<Attempt<D>> {
    vec![
        ("get", |map, key, _| assert!(map.get(&key).is_none_or(|it| it.content < 100))),
        ("insert", |map, key, accounts| ignore(map.insert(key, accounts.value(1)))),
        ("try_insert", |map, key, accounts| ignore(map.try_insert(key, accounts.value(1)))),
        ("replace", |map, key, accounts| ignore(map.replace(key, accounts.value(1)))),
        ("get_or_insert", |map, key, accounts| {
            assert!(map.get_or_insert(key, accounts.value(1)).content < 100);
        }),
        ("get_or_insert_with", |map, key, accounts| {
            let make = || {
                burn();
                accounts.value(1)
            };
            assert!(map.get_or_insert_with(key, make).content < 100);
        }),
        ("update", |map, key, accounts| {
            let change = |old: &Counted| {
                burn();
                accounts.value(old.content)
            };
            ignore(map.update(key, change));
        }),
        ("update_or_insert_with", |map, key, accounts| {
            let change = |old: &Counted| {
                burn();
                accounts.value(old.content)
            };
            let make = || {
                burn();
                accounts.value(1)
            };
            assert!(map.update_or_insert_with(key, change, make).content < 100);
        }),
        ("compute", |map, key, _| {
            map.compute(key, |_| {
                burn();
                Operation::<_, ()>::Remove
            });
        }),
        ("remove", |map, key, _| ignore(map.remove(&key))),
        ("remove_entry", |map, key, _| ignore(map.remove_entry(&key))),
        ("remove_if", |map, key, _| {
            let condition = |_: &Key, _: &Counted| {
                burn();
                true
            };
            ignore(map.remove_if(&key, condition));
        }),
    ]
}

fn contents<D: Reclaims<(Key, Counted)>>(map: &View<'_, D>) -> Vec<(u64, u64)> {
    let mut all: Vec<_> = map.iter().map(|(key, value)| (key.0.content, value.content)).collect();
    all.sort_unstable();
    all
}

fn a_panic_at_any_call_leaves_the_map_as_it_was<D: Reclaims<(Key, Counted)>>(domain: fn() -> D) {
    for (name, attempt) in attempts() {
        for content in [8, 99] {
            let accounts = Accounts::new();
            let key = |content| Key(accounts.value(content));
            let mut blown = 0;
            loop {
                let map = SplitOrderedMap::with_hasher_in(Colliding::new(), domain());
                let map_ref = map.pin();
                // Those that are multiples of four stand in one run.
                (0..16)
                    .for_each(|at| assert!(map_ref.insert(key(at), accounts.value(at)).is_none()));
                let before = contents(&map_ref);
                let done =
                    blows_after(blown, || attempt(&map_ref, key(content), &accounts)).is_ok();
                if done {
                    break;
                }
                blown += 1;
                assert_eq!(contents(&map_ref), before, "{name}, after a panic at call {blown}");
                assert_eq!(map_ref.len(), 16);
                // It goes on working, right where it was interrupted.
                map_ref.insert(key(content), accounts.value(50));
                assert_eq!(map_ref.remove(&key(content)).map(|it| it.content), Some(50));
                assert_eq!(map_ref.get(&key(4)).map(|it| it.content), Some(4));
            }
            assert!(blown >= 3, "{name} hashes once and compares");
            accounts.assert_all_dropped_once();
        }
    }
}

fn a_panic_at_any_call_leaves_a_set_as_it_was<D: Reclaims<(Key, ())>>(domain: fn() -> D) {
    let accounts = Accounts::new();
    let key = |content| Key(accounts.value(content));
    for call in 0..8 {
        for replaces in [false, true] {
            let set = SplitOrderedSet::with_hasher_in(Constant::new(), domain());
            let view = set.pin();
            (0..5).for_each(|at| assert!(view.insert(key(at))));
            let added = blows_after(call, || match replaces {
                true => view.replace(key(9)).is_some(),
                false => view.insert(key(9)),
            });
            let mut all: Vec<_> = view.iter().map(|key| key.0.content).collect();
            all.sort_unstable();
            // One call to hash, then one comparison with each of five.
            match added {
                Err(()) => assert!(call < 6 && all == [0, 1, 2, 3, 4]),
                Ok(added) => assert!(call >= 6 && added != replaces && all == [0, 1, 2, 3, 4, 9]),
            }
        }
    }
    accounts.assert_all_dropped_once();
}

/// The same by an exclusive reference: the old entry stays until the new one has its place.
#[test]
fn a_panic_at_any_call_of_an_owned_operation_leaves_the_map_as_it_was() {
    type Owned = SplitOrderedMap<Key, Counted, Colliding>;
    type Attempt = fn(&mut Owned, Key, Counted);
    let attempts: [Attempt; 3] = [
        |map, key, value| drop(map.insert_mut(key, value)),
        |map, key, _| drop(map.take(&key)),
        |map, key, _| ignore(map.get_mut(&key)),
    ];
    for attempt in attempts {
        for content in [8, 99] {
            let accounts = Accounts::new();
            for blown in 0.. {
                let key = |content| Key(accounts.value(content));
                let mut map = Owned::default();
                map.extend((0..16).map(|at| (key(at), accounts.value(at))));
                let before = contents(&map.pin());
                let (key, value) = (key(content), accounts.value(1));
                if blows_after(blown, || attempt(&mut map, key, value)).is_ok() {
                    assert!(blown >= 3, "it hashes once and compares");
                    break;
                }
                assert_eq!(contents(&map.pin()), before, "after a panic at call {blown}");
            }
            accounts.assert_all_dropped_once();
        }
    }
}

/// A panic of a closure that sees several entries: what it had decided stays.
#[test]
fn a_panic_in_retain_leaves_the_rest() {
    let map = SplitOrderedMap::new();
    map.pin().extend((0..100).map(|key| (key, key)));
    let mut left = 10;
    let retained = blows_after(10, || {
        map.pin().retain(|_, _| {
            burn();
            left -= 1;
            false
        });
    });
    assert_eq!((retained, left, map.len()), (Err(()), 0, 90));
    assert_eq!(map.pin().iter().count(), 90);
}

#[test]
fn a_panic_of_the_source_leaves_what_was_added() {
    let source = || {
        (0..20).map(|number| {
            burn();
            (number, ())
        })
    };
    let mut map = SplitOrderedMap::new();
    let mut queue = counterpoint::queue::MsQueue::new();
    let mut stack = counterpoint::stack::TreiberStack::new();
    let mut bag = counterpoint::bag::Bag::new();
    assert_eq!(blows_after(10, || map.extend(source())), Err(()));
    assert_eq!(blows_after(10, || queue.extend(source())), Err(()));
    assert_eq!(blows_after(10, || stack.extend(source())), Err(()));
    let mut worker = counterpoint::deque::Worker::with_capacity(1);
    assert_eq!(blows_after(10, || worker.extend(source())), Err(()));
    assert_eq!(worker.into_iter().count(), 10);
    assert_eq!(blows_after(10, || bag.extend(source())), Err(()));
    assert_eq!(map.into_iter().count(), 10);
    assert_eq!(queue.into_iter().count(), 10);
    assert_eq!(stack.into_iter().count(), 10);
    assert_eq!(bag.into_iter().count(), 10);
}

thread_local! {
    static MOOD: RefCell<Random> = RefCell::new(Random::new(0, 0));
}

/// Equal to some and not to others, from call to call; its hash changes too.
struct Liar(#[allow(dead_code, reason = "for its drop")] Counted);

fn mood(bound: u64) -> u64 {
    MOOD.with_borrow_mut(|random| random.below(bound))
}

impl PartialEq for Liar {
    fn eq(&self, _: &Self) -> bool {
        mood(3) == 0
    }
}

impl Eq for Liar {}

impl Hash for Liar {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(mood(4));
    }
}

fn keys_that_lie_do_no_harm<D>(domain: fn() -> D)
where
    D: Reclaims<(Liar, Counted)> + Sync,
{
    let (accounts, seed) = (Accounts::new(), seed());
    let mut map = SplitOrderedMap::with_hasher_in(Colliding::new(), domain());
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (map, accounts) = (&map, &accounts);
            scope.spawn(move || {
                MOOD.set(Random::new(seed, thread));
                let handle = map.register();
                for content in 0..scaled(2_000) as u64 {
                    let (key, new) = (Liar(accounts.value(0)), || accounts.value(content));
                    let map = map.with_guard(handle.pin());
                    match mood(8) {
                        0 => ignore(map.insert(key, new())),
                        1 => ignore(map.replace(key, new())),
                        2 => ignore(map.try_insert(key, new())),
                        3 => ignore(map.update_or_insert_with(key, |_| new(), new)),
                        4 => map.retain(|_, _| mood(2) == 0),
                        _ => ignore(map.remove(&key)),
                    }
                }
            });
        }
    });
    MOOD.set(Random::new(seed, THREADS));
    assert_eq!(map.len(), map.iter_mut().count());
    map.extend((0..100).map(|content| (Liar(accounts.value(0)), accounts.value(content))));
    ignore(map.get_mut(&Liar(accounts.value(0))));
    drop(map);
    accounts.assert_all_dropped_once();
}

fn a_set_of_elements_that_lie_does_no_harm<D>(domain: fn() -> D)
where
    D: Reclaims<(Liar, ())> + Sync,
{
    let (accounts, seed) = (Accounts::new(), seed());
    let mut set = SplitOrderedSet::with_hasher_in(Colliding::new(), domain());
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (set, accounts) = (&set, &accounts);
            scope.spawn(move || {
                MOOD.set(Random::new(seed, thread));
                for _ in 0..scaled(2_000) {
                    let element = Liar(accounts.value(0));
                    match mood(4) {
                        0 => ignore(set.pin().insert(element)),
                        1 => ignore(set.pin().replace(element)),
                        2 => set.pin().retain(|_| mood(2) == 0),
                        _ => ignore(set.pin().remove(&element)),
                    }
                }
            });
        }
    });
    MOOD.set(Random::new(seed, THREADS));
    let count = set.pin().iter().count();
    assert_eq!((set.len(), set.drain().count()), (count, count));
    drop(set);
    accounts.assert_all_dropped_once();
}

/// Builds another hasher each time, so that a key has never the hash that it was inserted with.
struct Fickle;

impl BuildHasher for Fickle {
    type Hasher = <RandomState as BuildHasher>::Hasher;
    fn build_hasher(&self) -> Self::Hasher {
        let mut hasher = RandomState::new().build_hasher();
        hasher.write_u64(mood(u64::MAX));
        hasher
    }
}

fn hashers_that_differ_do_no_harm<D: Reclaims<(u64, Counted)>>(domain: fn() -> D) {
    let accounts = Accounts::new();
    MOOD.set(Random::new(seed(), 0));
    let mut map = SplitOrderedMap::with_hasher_in(Fickle, domain());
    let count = scaled(2_000) as u64;
    for key in 0..count {
        let map = map.pin();
        ignore(map.insert(key % 100, accounts.value(key)));
        ignore(map.get(&(key % 100)).map(|value| value.content));
        ignore(map.remove(&mood(100)));
        ignore(map.update(key % 100, |old| accounts.value(old.content)));
    }
    let shown = map.pin().iter().count();
    assert_eq!((map.len(), map.iter_mut().count()), (shown, shown));
    map.pin().retain(|key, _| key % 2 == 0);
    assert!(map.pin().keys().all(|key| key % 2 == 0));
    let left = map.len();
    assert_eq!(map.drain().count(), left);
    drop(map);
    accounts.assert_all_dropped_once();
}
