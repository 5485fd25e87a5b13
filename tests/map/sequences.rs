//! Any sequence of operations does to a map what it does to std's, in every domain and with hashers
//! good and bad. Keys are equal by `id` alone; their `tag` tells which of them is stored.

use crate::common::{Colliding, Constant, property};
use counterpoint::{
    map::{Compute, Operation, SplitOrderedMap, SplitOrderedMapRef},
    reclaim::Reclaims,
};
use proptest::{collection::vec, prelude::*};
use std::{
    borrow::Borrow,
    collections::HashMap,
    hash::{BuildHasher, Hash, Hasher, RandomState},
    mem,
};

crate::common::in_every_domain!(any_sequence_of_operations_does_what_a_hash_map_does);

#[derive(Clone, Copy, Debug)]
struct Key {
    id: u64,
    tag: u8,
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id.hash(state);
    }
}

impl Borrow<u64> for Key {
    fn borrow(&self) -> &u64 {
        &self.id
    }
}

/// For each id the tag of the stored key, and the value.
type Model = HashMap<u64, (u8, u32)>;
type Map<S, D> = SplitOrderedMap<Key, u32, S, D>;
type View<'m, S, D> = SplitOrderedMapRef<'m, Key, u32, S, D>;

#[derive(Clone, Debug)]
enum Step {
    Set(Set, Key, u32),
    Change(Change, Key, u32),
    Take(Take, u64),
    Own(Own),
}

#[derive(Clone, Copy, Debug)]
enum Set {
    Insert,
    TryInsert,
    GetOrInsert,
    GetOrInsertWith,
    Replace,
}

#[derive(Clone, Copy, Debug)]
enum Change {
    Update,
    UpdateOrInsertWith,
    ComputeInsert,
    ComputeRemove,
    ComputeAbort,
}

#[derive(Clone, Copy, Debug)]
enum Take {
    Remove,
    RemoveEntry,
    RemoveIf,
    Retain,
    Clear,
}

#[derive(Clone, Debug)]
enum Own {
    GetMut(u64, u32),
    InsertMut(Key, u32),
    Take(u64),
    IterMut(u32),
    ValuesMut(u32),
    Extend(Vec<(Key, u32)>),
    InsertMany(Vec<(Key, u32)>),
    Reserve(usize),
    ShrinkTo(usize),
    Drain(usize),
    IntoIter,
    IntoKeys,
    IntoValues,
}

fn key() -> impl Strategy<Value = Key> {
    (0..12u64, any::<u8>()).prop_map(|(id, tag)| Key { id, tag })
}

fn step() -> impl Strategy<Value = Step> {
    let set = prop_oneof![
        3 => Just(Set::Insert),
        1 => Just(Set::TryInsert),
        1 => Just(Set::GetOrInsert),
        1 => Just(Set::GetOrInsertWith),
        2 => Just(Set::Replace),
    ];
    let change = prop_oneof![
        Just(Change::Update),
        Just(Change::UpdateOrInsertWith),
        Just(Change::ComputeInsert),
        Just(Change::ComputeRemove),
        Just(Change::ComputeAbort),
    ];
    let take = prop_oneof![
        4 => Just(Take::Remove),
        2 => Just(Take::RemoveEntry),
        4 => Just(Take::RemoveIf),
        1 => Just(Take::Retain),
        1 => Just(Take::Clear),
    ];
    let own = prop_oneof![
        4 => (0..12u64, any::<u32>()).prop_map(|(id, value)| Own::GetMut(id, value)),
        4 => (key(), any::<u32>()).prop_map(|(key, value)| Own::InsertMut(key, value)),
        4 => (0..12u64).prop_map(Own::Take),
        1 => any::<u32>().prop_map(Own::IterMut),
        1 => any::<u32>().prop_map(Own::ValuesMut),
        4 => vec((key(), any::<u32>()), 0..12).prop_map(Own::Extend),
        4 => vec((key(), any::<u32>()), 0..40).prop_map(Own::InsertMany),
        2 => (0..100usize).prop_map(Own::Reserve),
        2 => (0..40usize).prop_map(Own::ShrinkTo),
        1 => (0..5usize).prop_map(Own::Drain),
        1 => Just(Own::IntoIter),
        1 => Just(Own::IntoKeys),
        1 => Just(Own::IntoValues),
    ];
    prop_oneof![
        6 => (set, key(), any::<u32>()).prop_map(|(how, key, value)| Step::Set(how, key, value)),
        6 => (change, key(), any::<u32>())
            .prop_map(|(how, key, value)| Step::Change(how, key, value)),
        3 => (take, 0..12u64).prop_map(|(how, id)| Step::Take(how, id)),
        2 => own.prop_map(Step::Own),
    ]
}

fn any_sequence_of_operations_does_what_a_hash_map_does<D: Reclaims<(Key, u32)>>(
    domain: fn() -> D,
) {
    property((vec(step(), 0..60), 0..100usize), |(steps, capacity)| {
        run(&steps, &|| Map::with_hasher_in(RandomState::new(), domain()));
        run(&steps, &|| Map::with_hasher_in(Constant::new(), domain()));
        run(&steps, &|| Map::with_capacity_and_hasher_in(capacity, Colliding::new(), domain()));
    });
}

fn run<S, D>(steps: &[Step], make: &dyn Fn() -> Map<S, D>)
where
    S: BuildHasher,
    D: Reclaims<(Key, u32)>,
{
    let mut map = make();
    let mut model = Model::new();
    for step in steps {
        match step.clone() {
            Step::Set(how, key, value) => set(how, key, value, &map.pin(), &mut model),
            Step::Change(how, key, value) => change(how, key, value, &map.pin(), &mut model),
            Step::Take(how, id) => take(how, id, &map.pin(), &mut model),
            Step::Own(how) => own(how, &mut map, make(), &mut model),
        }
        assert_same(&map.pin(), &model);
    }
}

fn assert_same<S: BuildHasher, D: Reclaims<(Key, u32)>>(map: &View<'_, S, D>, model: &Model) {
    let mut found: Vec<_> = map.iter().map(|(key, value)| (key.id, (key.tag, *value))).collect();
    let mut expected: Vec<_> = model.iter().map(|(id, entry)| (*id, *entry)).collect();
    found.sort_unstable();
    expected.sort_unstable();
    assert_eq!(found, expected);
    assert_eq!((map.len(), map.is_empty()), (model.len(), model.is_empty()));
    assert_eq!(map.keys().count(), model.len());
    assert_eq!(map.values().count(), model.len());
    let ids: Vec<u64> = (0..24).collect();
    let many = map.get_many(&ids).map(|value| value.copied());
    assert!(many.eq(ids.iter().map(|id| model.get(id).map(|(_, value)| *value))));
    for id in 0..12 {
        let there = map.get_key_value(&id).map(|(key, value)| (key.tag, *value));
        assert_eq!(there, model.get(&id).copied());
        assert_eq!(map.get(&id).copied(), there.map(|(_, value)| value));
        assert_eq!(map.contains_key(&id), there.is_some());
    }
}

fn set<S, D>(how: Set, key: Key, value: u32, map: &View<'_, S, D>, model: &mut Model)
where
    S: BuildHasher,
    D: Reclaims<(Key, u32)>,
{
    let (new, old) = ((key.tag, value), model.get(&key.id).copied());
    let old_value = old.map(|(_, value)| value);
    match how {
        Set::Insert => {
            assert_eq!(map.insert(key, value).copied(), old_value);
            model.insert(key.id, new);
        }
        Set::TryInsert => {
            match map.try_insert(key, value) {
                Ok(inserted) => assert_eq!((*inserted, old), (value, None)),
                Err(error) => {
                    assert_eq!(Some(*error.current), old_value);
                    assert_eq!((error.key.tag, error.value), new);
                }
            }
            model.entry(key.id).or_insert(new);
        }
        Set::GetOrInsert => {
            assert_eq!(*map.get_or_insert(key, value), old_value.unwrap_or(value));
            model.entry(key.id).or_insert(new);
        }
        Set::GetOrInsertWith => {
            let mut made = 0;
            let make = || {
                made += 1;
                value
            };
            assert_eq!(*map.get_or_insert_with(key, make), old_value.unwrap_or(value));
            assert_eq!(made, u32::from(old.is_none()));
            model.entry(key.id).or_insert(new);
        }
        Set::Replace => {
            assert_eq!(map.replace(key, value).copied(), old_value);
            model.entry(key.id).and_modify(|entry| *entry = new);
        }
    }
}

fn change<S, D>(how: Change, key: Key, value: u32, map: &View<'_, S, D>, model: &mut Model)
where
    S: BuildHasher,
    D: Reclaims<(Key, u32)>,
{
    let old = model.get(&key.id).copied();
    let changed = old.map(|(_, old)| old ^ value);
    let seen = |entry: Option<(&Key, &u32)>| {
        assert_eq!(entry.map(|(key, value)| (key.tag, *value)), old);
    };
    match how {
        Change::Update => {
            assert_eq!(map.update(key, |old| old ^ value).copied(), changed);
            model.entry(key.id).and_modify(|entry| *entry = (key.tag, entry.1 ^ value));
        }
        Change::UpdateOrInsertWith => {
            let now = map.update_or_insert_with(key, |old| old ^ value, || value);
            assert_eq!(*now, changed.unwrap_or(value));
            model.insert(key.id, (key.tag, *now));
        }
        Change::ComputeInsert => {
            let insert = |entry: Option<(&Key, &u32)>| {
                seen(entry);
                Operation::<_, ()>::Insert(value)
            };
            match map.compute(key, insert) {
                Compute::Inserted(new, now) => {
                    assert_eq!((new.tag, *now, old), (key.tag, value, None));
                }
                Compute::Updated { old: (before, was), new: (new, now) } => {
                    assert_eq!((Some((before.tag, *was)), new.tag, *now), (old, key.tag, value));
                }
                other => panic!("{other:?}"),
            }
            model.insert(key.id, (key.tag, value));
        }
        Change::ComputeRemove => {
            let remove = |entry: Option<(&Key, &u32)>| {
                seen(entry);
                Operation::<_, ()>::Remove
            };
            match map.compute(key, remove) {
                Compute::Removed(key, value) => assert_eq!(Some((key.tag, *value)), old),
                Compute::Absent => assert_eq!(old, None),
                other => panic!("{other:?}"),
            }
            model.remove(&key.id);
        }
        Change::ComputeAbort => {
            assert_eq!(map.compute(key, |_| Operation::Abort(value)), Compute::Aborted(value));
        }
    }
}

fn take<S, D>(how: Take, id: u64, map: &View<'_, S, D>, model: &mut Model)
where
    S: BuildHasher,
    D: Reclaims<(Key, u32)>,
{
    let even = |_: &Key, value: &u32| value % 2 == 0;
    match how {
        Take::Remove => {
            assert_eq!(map.remove(&id).copied(), model.remove(&id).map(|(_, value)| value));
        }
        Take::RemoveEntry => {
            let removed = map.remove_entry(&id).map(|(key, value)| (key.tag, *value));
            assert_eq!(removed, model.remove(&id));
        }
        Take::RemoveIf => match map.remove_if(&id, even) {
            Ok(removed) => {
                assert!(removed.is_none_or(|(key, value)| even(key, value)));
                let removed = removed.map(|(key, value)| (key.tag, *value));
                assert_eq!(removed, model.remove(&id));
            }
            Err((key, value)) => {
                assert!(!even(key, value));
                assert_eq!(model.get(&id), Some(&(key.tag, *value)));
            }
        },
        Take::Retain => {
            map.retain(even);
            model.retain(|_, (_, value)| *value % 2 == 0);
        }
        Take::Clear => {
            map.clear();
            model.clear();
        }
    }
}

fn own<S, D>(how: Own, map: &mut Map<S, D>, fresh: Map<S, D>, model: &mut Model)
where
    S: BuildHasher,
    D: Reclaims<(Key, u32)>,
{
    match how {
        Own::GetMut(id, new) => {
            let found = map.get_mut(&id).map(|value| mem::replace(value, new));
            let expected = model.get_mut(&id).map(|(_, value)| mem::replace(value, new));
            assert_eq!(found, expected);
        }
        Own::InsertMut(key, value) => {
            let old = map.insert_mut(key, value).map(|(key, value)| (key.tag, value));
            assert_eq!(old, model.insert(key.id, (key.tag, value)));
        }
        Own::Take(id) => {
            let taken = map.take(&id).map(|(key, value)| (key.tag, value));
            assert_eq!(taken, model.remove(&id));
        }
        Own::IterMut(mask) => {
            assert_eq!(map.iter_mut().len(), model.len());
            map.iter_mut().for_each(|(key, value)| *value ^= mask ^ u32::from(key.tag));
            model.values_mut().for_each(|(tag, value)| *value ^= mask ^ u32::from(*tag));
        }
        Own::ValuesMut(mask) => {
            map.values_mut().for_each(|value| *value ^= mask);
            model.values_mut().for_each(|(_, value)| *value ^= mask);
        }
        Own::InsertMany(entries) => {
            let before = model.len();
            model.extend(entries.iter().map(|(key, value)| (key.id, (key.tag, *value))));
            assert_eq!(map.pin().insert_many(entries), model.len() - before);
        }
        Own::Reserve(additional) => {
            map.reserve(additional);
            assert!(map.capacity() >= map.len() + additional);
        }
        Own::ShrinkTo(capacity) => {
            let before = map.capacity();
            map.shrink_to(capacity);
            assert!(map.capacity() <= before && map.capacity() >= capacity.min(before));
        }
        Own::Extend(entries) => {
            model.extend(entries.iter().map(|(key, value)| (key.id, (key.tag, *value))));
            map.extend(entries);
        }
        Own::Drain(some) => {
            let mut drain = map.drain();
            for (key, value) in drain.by_ref().take(some) {
                assert_eq!(model.remove(&key.id), Some((key.tag, value)));
            }
            assert_eq!(drain.len(), model.len());
            model.clear(); // What a drain does not yield it drops.
        }
        Own::IntoIter => {
            let mut entries = mem::replace(map, fresh).into_iter();
            while let Some((key, value)) = entries.next() {
                assert_eq!(model.remove(&key.id), Some((key.tag, value)));
                assert_eq!(entries.len(), model.len());
            }
            assert!(model.is_empty());
        }
        Own::IntoKeys => {
            let keys = mem::replace(map, fresh).into_keys();
            assert_eq!(keys.len(), model.len());
            keys.for_each(|key| assert_eq!(model.remove(&key.id).unwrap().0, key.tag));
            assert!(model.is_empty());
        }
        Own::IntoValues => {
            let values = mem::replace(map, fresh).into_values();
            assert_eq!(values.len(), model.len());
            let mut values: Vec<_> = values.collect();
            let mut expected: Vec<_> = model.drain().map(|(_, (_, value))| value).collect();
            values.sort_unstable();
            expected.sort_unstable();
            assert_eq!(values, expected);
        }
    }
}
