//! Models of `SplitOrderedMap`. [I1]–[I5] and [P1]–[P2] are those of its head, [B1]–[B3] and
//! [P3]–[P4] those of `buckets.rs`.
//!
//! In a build with an engine a map's first directory has two buckets, each next one twice as many,
//! and an insertion that passes one node lets it grow: so two neighbours show growth, three show it
//! twice, and the last directory is untouched until somebody looks for something.

mod common;

use common::{BACKENDS, Backend, Key, Placed, Value, key};
use counterpoint::{
    map::{Compute, Operation, SplitOrderedMap},
    verify::{model::thread, oracle},
};
use std::sync::Arc;

type Map = Arc<SplitOrderedMap<Key, Value, Placed>>;

/// Keys of the lowest quarter, whose buckets are their own from three bits on.
const A: Key = key(0x1000);
const B: Key = key(0x2000);
const C: Key = key(0x2800);
const D: Key = key(0x3000);
/// A key of the second quarter, in a bucket that appears with the second bit.
const FAR: Key = key(0x5000);

fn map(Backend { collector, .. }: Backend, keys: &[Key]) -> Map {
    let map = Arc::new(SplitOrderedMap::with_hasher_in(Placed, collector()));
    let view = map.pin();
    for (value, key) in (1..).zip(keys) {
        view.insert(*key, Value::new(value));
    }
    drop(view);
    map
}

/// The map with every bucket of its keys in use: for models of what happens then.
fn settled(map: Map) -> Map {
    entries(&map);
    map
}

fn insert(map: &Map, key: Key, value: u32) -> Option<u32> {
    map.pin().insert(key, Value::new(value)).map(Value::get)
}

fn get(map: &Map, key: Key) -> Option<u32> {
    map.pin().get(&key).map(Value::get)
}

fn remove(map: &Map, key: Key) -> Option<u32> {
    map.pin().remove(&key).map(Value::get)
}

fn with<R: Send + 'static>(
    map: &Map,
    f: impl FnOnce(&Map) -> R + Send + 'static,
) -> thread::JoinHandle<R> {
    let map = map.clone();
    thread::spawn(move || f(&map))
}

/// The entries in the list's order, found by walking it and by looking each up.
fn entries(map: &Map) -> Vec<(Key, u32)> {
    let view = map.pin();
    let entries: Vec<_> = view.iter().map(|(key, value)| (*key, value.get())).collect();
    for (key, value) in &entries {
        assert_eq!(view.get(key).map(Value::get), Some(*value), "{key:?} is only in the list");
    }
    assert_eq!(view.len(), entries.len(), "the count is off");
    assert!(entries.windows(2).all(|pair| pair[0].0.place <= pair[1].0.place), "unsorted");
    entries
}

#[test]
fn a_get_sees_an_insert_whole_or_not_at_all() {
    for &backend in BACKENDS {
        backend.model("map: insert and get", None).expect(&[None, Some(7)]).check(move || {
            let map = map(backend, &[]);
            let inserter = with(&map, |map| insert(map, A, 7));
            let seen = get(&map, A);
            assert_eq!(inserter.join().unwrap(), None);
            assert_eq!(entries(&map), [(A, 7)]);
            seen
        });
    }
}

/// [I2].
#[test]
fn one_of_two_inserts_of_a_key_is_first() {
    for &backend in BACKENDS {
        backend
            .model("map: two inserts of a key", None)
            .expect(&[(None, Some(7), 8), (Some(8), None, 7)])
            .check(move || {
                let map = map(backend, &[]);
                let other = with(&map, |map| insert(map, A, 8));
                let mine = insert(&map, A, 7);
                let theirs = other.join().unwrap();
                let [(A, last)] = entries(&map)[..] else { panic!("{:?}", entries(&map)) };
                (mine, theirs, last)
            });
    }
}

#[test]
fn an_insert_and_a_remove_of_a_key_agree() {
    for &backend in BACKENDS {
        backend
            .model("map: insert and remove of a key", Some(3))
            .expect(&[(None, Some(1), vec![(A, 7)]), (Some(1), Some(7), vec![])])
            .check(move || {
                let map = map(backend, &[A]);
                let remover = with(&map, |map| remove(map, A));
                let replaced = insert(&map, A, 7);
                let removed = remover.join().unwrap();
                (replaced, removed, entries(&map))
            });
    }
}

#[test]
fn neighbours_are_removed_and_inserted_without_loss() {
    for &backend in BACKENDS {
        backend
            .model("map: remove and insert of neighbours", Some(3))
            .expect(&[vec![(A, 1), (C, 7), (D, 3)]])
            .check(move || {
                let map = settled(map(backend, &[A, B, D]));
                let remover = with(&map, |map| remove(map, B));
                assert_eq!(insert(&map, C, 7), None);
                assert_eq!(remover.join().unwrap(), Some(2));
                entries(&map)
            });
    }
}

#[test]
fn a_reader_of_a_replaced_key_never_misses_it() {
    for &backend in BACKENDS {
        backend.model("map: replace against reader", None).expect(&[Some(1), Some(7)]).check(
            move || {
                let map = map(backend, &[A]);
                let replacer =
                    with(&map, |map| map.pin().replace(A, Value::new(7)).map(Value::get));
                let seen = get(&map, A);
                assert_eq!(replacer.join().unwrap(), Some(1));
                seen
            },
        );
    }
}

/// A deleted node that still stands in the list is no entry: who has seen its successor, by way of
/// an iterator, does not see it again.
#[test]
fn a_reader_of_a_replaced_key_does_not_go_back() {
    for &backend in BACKENDS {
        backend
            .model("map: replace against iterator and reader", None)
            .expect(&[(1, Some(1)), (1, Some(7)), (7, Some(7))])
            .check(move || {
                let map = settled(map(backend, &[A, D]));
                let replacer = with(&map, |map| insert(map, A, 7));
                let view = map.pin();
                let first = view.iter().next().map(|(_, value)| value.get()).unwrap();
                let second = view.get(&A).map(Value::get);
                drop(view);
                assert_eq!(replacer.join().unwrap(), Some(1));
                (first, second)
            });
    }
}

#[test]
fn an_update_is_not_lost() {
    for &backend in BACKENDS {
        backend.model("map: two updates", Some(3)).expect(&[(2, 3), (3, 2)]).check(move || {
            let map = map(backend, &[A]);
            let add = |map: &Map| {
                let view = map.pin();
                view.update(A, |value| Value::new(value.get() + 1)).map(Value::get).unwrap()
            };
            let other = with(&map, add);
            let mine = add(&map);
            (mine, other.join().unwrap())
        });
    }
}

#[test]
fn a_computation_acts_on_what_it_saw() {
    for &backend in BACKENDS {
        backend
            .model("map: compute against insert", None)
            .expect(&[(Some(1), vec![(A, 7)]), (Some(7), vec![])])
            .check(move || {
                let map = map(backend, &[A]);
                let inserter = with(&map, |map| insert(map, A, 7));
                let view = map.pin();
                let computed = view.compute(A, |entry| match entry {
                    None => Operation::Abort(()),
                    Some(_) => Operation::Remove,
                });
                let removed = match computed {
                    Compute::Removed(_, value) => Some(value.get()),
                    _ => None,
                };
                drop(view);
                inserter.join().unwrap();
                (removed, entries(&map))
            });
    }
}

/// Growth is one compare-exchange; the other thread's start is then in an older bucket.
#[test]
fn an_insert_during_growth_is_found_after_it() {
    for &backend in BACKENDS {
        backend
            .model("map: insert during growth", Some(3))
            .expect(&[vec![(A, 1), (B, 2), (C, 7), (FAR, 8)]])
            .check(move || {
                let map = map(backend, &[A, B]);
                let grower = with(&map, |map| insert(map, C, 7));
                assert_eq!(insert(&map, FAR, 8), None);
                assert_eq!(grower.join().unwrap(), None);
                entries(&map)
            });
    }
}

/// The bucket of `FAR` is untouched, and its dummy is linked before, around or after the item.
#[test]
fn a_remove_meets_the_initialisation_of_its_bucket() {
    for &backend in BACKENDS {
        backend
            .model("map: remove against bucket initialisation", Some(3))
            .expect(&[(None, Some(3)), (Some(3), Some(3))])
            .check(move || {
                let map = map(backend, &[A, B, FAR]);
                let remover = with(&map, |map| remove(map, FAR));
                let seen = get(&map, FAR);
                let removed = remover.join().unwrap();
                assert_eq!(entries(&map), [(A, 1), (B, 2)]);
                (seen, removed)
            });
    }
}

/// Nothing lies between the head and the untouched bucket of `FAR`: who links its dummy must notice
/// that the head itself has changed.
#[test]
fn an_insert_comes_before_a_dummy_that_is_being_linked() {
    for &backend in BACKENDS {
        backend
            .model("map: insert before a dummy that is being linked", Some(3))
            .expect(&[(None, Some(1))])
            .check(move || {
                let map = map(backend, &[FAR, key(0x5800), key(0x6000)]);
                let inserter = with(&map, |map| insert(map, A, 9));
                let seen = get(&map, FAR);
                let before = inserter.join().unwrap();
                let left = [(A, 9), (FAR, 1), (key(0x5800), 2), (key(0x6000), 3)];
                assert_eq!(entries(&map), left);
                (before, seen)
            });
    }
}

/// [B1]: a dummy at which others may begin is in the list: what is inserted right behind it is found
/// from the head too.
#[test]
fn what_is_inserted_at_a_dummy_is_in_the_list() {
    for &backend in BACKENDS {
        backend
            .model("map: insert at a dummy that is being linked", Some(3))
            .expect(&[vec![(key(0x4800), 9), (FAR, 1), (key(0x5800), 2), (key(0x6000), 3)]])
            .check(move || {
                let map = map(backend, &[FAR, key(0x5800), key(0x6000)]);
                let linker = with(&map, |map| get(map, FAR));
                assert_eq!(insert(&map, key(0x4800), 9), None);
                let seen = entries(&map);
                assert_eq!(linker.join().unwrap(), Some(1));
                seen
            });
    }
}

#[test]
fn two_initialisers_link_one_dummy() {
    for &backend in BACKENDS {
        backend
            .model("map: two initialisers of one bucket", Some(3))
            .expect(&[(Some(3), Some(3))])
            .check(move || {
                let map = map(backend, &[A, B, FAR]);
                let other = with(&map, |map| get(map, FAR));
                let mine = get(&map, FAR);
                let theirs = other.join().unwrap();
                assert_eq!(entries(&map), [(A, 1), (B, 2), (FAR, 3)]);
                (mine, theirs)
            });
    }
}

/// Both the bucket and the one that it splits from are untouched.
#[test]
fn two_first_users_split_what_nobody_has_touched() {
    for &backend in BACKENDS {
        backend
            .model("map: two first users of two directories", Some(3))
            .expect(&[vec![(A, 8), (FAR, 7)]])
            .check(move || {
                let map: Map = Arc::new(SplitOrderedMap::with_capacity_and_hasher_in(
                    4,
                    Placed,
                    (backend.collector)(),
                ));
                let other = with(&map, |map| insert(map, A, 8));
                assert_eq!(insert(&map, FAR, 7), None);
                assert_eq!(other.join().unwrap(), None);
                entries(&map)
            });
    }
}

#[test]
fn a_reader_finds_its_key_while_the_map_grows_twice() {
    for &backend in BACKENDS {
        backend
            .model("map: growth twice under a reader", Some(3))
            .weak_bound(1)
            .expect(&[(Some(1), Some(2))])
            .check(move || {
                let map = map(backend, &[D, FAR]);
                let grower = with(&map, |map| {
                    insert(map, key(0x5800), 5);
                    insert(map, key(0x6000), 6);
                    insert(map, key(0x6800), 7);
                });
                let seen = (get(&map, D), get(&map, FAR));
                grower.join().unwrap();
                assert_eq!(entries(&map).len(), 5);
                seen
            });
    }
}

fn get_many<const N: usize>(map: &Map, keys: [Key; N]) -> [Option<u32>; N] {
    let view = map.pin();
    let mut found = view.get_many(&keys).map(|value| value.map(Value::get));
    keys.map(|_| found.next().expect("an answer for each key"))
}

#[test]
fn many_keys_are_found_while_the_map_grows_twice() {
    for &backend in BACKENDS {
        backend
            .model("map: growth twice under a reader of many", Some(2))
            .weak_bound(1)
            .expect(&[[Some(1), Some(2)]])
            .check(move || {
                let map = map(backend, &[D, FAR]);
                let grower = with(&map, |map| {
                    insert(map, key(0x5800), 5);
                    insert(map, key(0x6000), 6);
                    insert(map, key(0x6800), 7);
                });
                let seen = get_many(&map, [D, FAR]);
                grower.join().unwrap();
                seen
            });
    }
}

/// [P1]: what a bucket leads to is seen whole.
#[test]
fn many_keys_are_seen_whole_or_not_at_all() {
    for &backend in BACKENDS {
        backend
            .model("map: insert under a reader of many", Some(3))
            .weak_bound(1)
            .expect(&[[None, Some(2)], [Some(7), Some(2)]])
            .check(move || {
                let map = settled(map(backend, &[A, FAR]));
                assert_eq!(remove(&map, A), Some(1));
                let writer = with(&map, |map| insert(map, A, 7));
                let seen = get_many(&map, [A, FAR]);
                assert_eq!(writer.join().unwrap(), None);
                seen
            });
    }
}

/// Each answer is of a moment of its own, and no answer is of a value that was gone when it was asked.
#[test]
fn many_keys_are_answered_each_by_itself() {
    for &backend in BACKENDS {
        let (old, new) = (Some(1), Some(7));
        backend
            .model("map: changes under a reader of many", Some(3))
            .weak_bound(1)
            .expect(&[[old, Some(2)], [old, None], [new, Some(2)], [new, None]])
            .check(move || {
                let map = settled(map(backend, &[A, FAR]));
                let writer = with(&map, |map| (insert(map, A, 7), remove(map, FAR)));
                let seen = get_many(&map, [A, FAR]);
                assert_eq!(writer.join().unwrap(), (Some(1), Some(2)));
                assert_eq!(get_many(&map, [A, FAR]), [new, None]);
                seen
            });
    }
}

/// [B3] for writers: what an insertion takes for its bucket's end is that.
#[test]
fn an_insert_finds_its_key_while_the_map_grows() {
    for &backend in BACKENDS {
        backend
            .model("map: growth under an insert", Some(3))
            .weak_bound(1)
            .expect(&[Some(2)])
            .check(move || {
                let map = map(backend, &[D, FAR]);
                let grower = with(&map, |map| {
                    insert(map, key(0x5800), 5);
                    insert(map, key(0x6000), 6);
                });
                let replaced = insert(&map, FAR, 9);
                grower.join().unwrap();
                let left = [(D, 1), (FAR, 9), (key(0x5800), 5), (key(0x6000), 6)];
                assert_eq!(entries(&map), left);
                replaced
            });
    }
}

/// Who reserves may have lost to who lets the map grow by itself, and goes on from there.
#[test]
fn who_reserves_while_the_map_grows_has_the_capacity() {
    for &backend in BACKENDS {
        backend.model("map: growth under who reserves", Some(3)).expect(&[8]).check(move || {
            let map = map(backend, &[A, B]);
            let grower = with(&map, |map| insert(map, C, 7));
            map.reserve(5);
            let capacity = map.capacity();
            assert_eq!(grower.join().unwrap(), None);
            assert_eq!(entries(&map), [(A, 1), (B, 2), (C, 7)]);
            assert_eq!(map.capacity(), 8);
            capacity
        });
    }
}

#[test]
fn an_iterator_meets_each_key_that_stays_once() {
    for &backend in BACKENDS {
        backend
            .model("map: remove and iterator", None)
            .expect(&[vec![(A, 1), (B, 2), (D, 3)], vec![(A, 1), (D, 3)]])
            .check(move || {
                let map = settled(map(backend, &[A, B, D]));
                let remover = with(&map, |map| remove(map, B));
                let view = map.pin();
                let seen: Vec<_> = view.iter().map(|(key, value)| (*key, value.get())).collect();
                drop(view);
                remover.join().unwrap();
                seen
            });
        backend
            .model("map: replace and iterator", None)
            .expect(&[vec![(A, 1), (B, 2)], vec![(A, 7), (B, 2)]])
            .check(move || {
                let map = settled(map(backend, &[A, B]));
                let replacer = with(&map, |map| insert(map, A, 7));
                let view = map.pin();
                let seen: Vec<_> = view.iter().map(|(key, value)| (*key, value.get())).collect();
                drop(view);
                replacer.join().unwrap();
                seen
            });
    }
}

/// [P1] at the head, where an iterator begins.
#[test]
fn an_iterator_sees_an_insert_whole_or_not_at_all() {
    for &backend in BACKENDS {
        backend.model("map: insert and iterator", None).expect(&[None, Some((A, 7))]).check(
            move || {
                let map = map(backend, &[]);
                let inserter = with(&map, |map| insert(map, A, 7));
                let view = map.pin();
                let seen = view.iter().next().map(|(key, value)| (*key, value.get()));
                drop(view);
                assert_eq!(inserter.join().unwrap(), None);
                seen
            },
        );
    }
}

/// A clear deletes what it meets, also where the link of what it deletes changes under it.
#[test]
fn a_clear_removes_what_was_there_before_and_loses_nothing_else() {
    for &backend in BACKENDS {
        backend.model("map: clear against insert", Some(3)).expect(&[vec![], vec![(B, 7)]]).check(
            move || {
                let map = settled(map(backend, &[A]));
                let inserter = with(&map, |map| insert(map, B, 7));
                map.pin().clear();
                assert_eq!(inserter.join().unwrap(), None);
                entries(&map)
            },
        );
    }
}

#[test]
fn a_clear_and_a_remove_delete_a_key_once() {
    for &backend in BACKENDS {
        backend.model("map: clear against remove", Some(3)).expect(&[None, Some(1)]).check(
            move || {
                let map = settled(map(backend, &[A]));
                let remover = with(&map, |map| remove(map, A));
                map.pin().clear();
                let removed = remover.join().unwrap();
                assert_eq!(entries(&map), []);
                removed
            },
        );
    }
}

/// [I2] where it is hardest: the link that both inserters need is that of a node being removed.
#[test]
fn two_inserts_behind_a_node_that_is_removed_link_one_key() {
    for &backend in BACKENDS {
        let name = |name| Key { place: 0x1000, name };
        backend
            .model("map: two inserts of a key behind a removed one", Some(2))
            .weak_bound(1)
            .expect(&[(None, Some(7)), (Some(8), None)])
            .check(move || {
                let map = settled(map(backend, &[name(1), name(2)]));
                let remover = with(&map, move |map| remove(map, name(2)));
                let other = with(&map, move |map| insert(map, name(3), 8));
                let mine = insert(&map, name(3), 7);
                let theirs = other.join().unwrap();
                assert_eq!(remover.join().unwrap(), Some(2));
                let left: Vec<_> = entries(&map).into_iter().map(|(key, _)| key).collect();
                assert_eq!(left, [name(1), name(3)]);
                (mine, theirs)
            });
    }
}

/// The reducing pass misses nothing that brute force finds.
#[test]
fn the_pass_agrees_with_brute_force() {
    oracle::compare("map: insert and get", || {
        let map = map(BACKENDS[0], &[]);
        let inserter = with(&map, |map| insert(map, A, 7));
        let seen = get(&map, A);
        inserter.join().unwrap();
        seen
    });
}
