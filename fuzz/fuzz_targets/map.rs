//! `SplitOrderedMap` against `HashMap`: in every kind of domain, with hashers good and bad.
//!
//! Keys are equal by `id` alone; their `tag` tells which of them is stored. What lookups return is
//! kept to the end of the chunk, under a guard that lives so long, and looked at again.
#![no_main]

use arbitrary::Arbitrary;
use counterpoint::{
    map::{Compute, Operation, SplitOrderedMap},
    reclaim::{Guard, PrivateCollector, Reclaims},
};
use counterpoint_fuzz::{Alive, Guards, Pinning, Shared, Value};
use libfuzzer_sys::fuzz_target;
use std::{
    borrow::Borrow,
    collections::HashMap,
    hash::{BuildHasher, BuildHasherDefault, Hash, Hasher, RandomState},
    mem,
};

#[derive(Arbitrary, Debug)]
struct Input {
    domain: Domain,
    hasher: Hashing,
    capacity: Option<u8>,
    chunks: Vec<Chunk>,
}

type Chunk = (Vec<(u8, Step)>, Own);

#[derive(Arbitrary, Debug)]
enum Domain {
    Shared(Shared),
    Private,
    PrivateCritical,
}

#[derive(Arbitrary, Debug)]
enum Hashing {
    Random,
    Identity,
    Colliding,
    Constant,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
struct Key {
    id: u8,
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

impl Borrow<u8> for Key {
    fn borrow(&self) -> &u8 {
        &self.id
    }
}

/// Hashes an id to its lowest bits.
#[derive(Default)]
struct Masked<const MASK: u8>(u8);

impl<const MASK: u8> Hasher for Masked<MASK> {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = *bytes.last().unwrap_or(&0);
    }

    fn finish(&self) -> u64 {
        u64::from(self.0 & MASK)
    }
}

type Masking<const MASK: u8> = BuildHasherDefault<Masked<MASK>>;
type Map<S, D> = SplitOrderedMap<Key, Value, S, D>;
type Model = HashMap<u8, (u8, u8)>;

/// Under the guard in a slot.
#[derive(Arbitrary, Debug)]
enum Step {
    Pinning(Pinning),
    Get(u8),
    GetMany(Vec<u8>),
    Insert(Key, u8),
    InsertMany(Vec<(Key, u8)>),
    TryInsert(Key, u8),
    GetOrInsertWith(Key, u8),
    Replace(Key, u8),
    Update(Key, u8),
    UpdateOrInsertWith(Key, u8),
    Compute(Key, Option<Option<u8>>),
    Remove(u8),
    RemoveIf(u8, u8),
    Retain(u8),
    Clear,
    IterAndRemove(u8),
    Reserve(u8),
    /// More than there are addresses.
    TryReserve(u8),
}

/// With the map for itself, after some steps.
#[derive(Arbitrary, Debug)]
enum Own {
    Nothing,
    GetMut(u8, u8),
    InsertMut(Key, u8),
    Take(u8),
    IterMut(u8),
    Extend(Vec<(Key, u8)>),
    Drain(u8),
    IntoIter(u8),
    ShrinkTo(u8),
    ShrinkToFit,
}

fuzz_target!(|input: Input| {
    match input.hasher {
        Hashing::Random => choose(input, RandomState::new()),
        Hashing::Identity => choose(input, Masking::<255>::new()),
        Hashing::Colliding => choose(input, Masking::<3>::new()),
        Hashing::Constant => choose(input, Masking::<0>::new()),
    }
});

fn choose<S: BuildHasher + Clone>(input: Input, hasher: S) {
    match input.domain {
        Domain::Shared(shared) => run(input, hasher, || shared.collector()),
        Domain::Private => run(input, hasher, PrivateCollector::new),
        Domain::PrivateCritical => run(input, hasher, PrivateCollector::critical_section),
    }
}

fn run<S: BuildHasher + Clone, D: Reclaims<(Key, Value)>>(
    input: Input,
    hasher: S,
    domain: impl Fn() -> D,
) {
    let make = || match input.capacity {
        None => Map::with_hasher_in(hasher.clone(), domain()),
        Some(capacity) => {
            Map::with_capacity_and_hasher_in(capacity.into(), hasher.clone(), domain())
        }
    };
    let (alive, mut map, mut model) = (Alive::default(), make(), Model::new());
    for (steps, own) in input.chunks {
        share(steps, &map, &mut model, &alive);
        take(own, &mut map, make(), &mut model, &alive);
        let guard = map.register();
        let guard = guard.pin();
        let found: Model =
            map.iter(&guard).map(|(key, value)| (key.id, tagged(key, value))).collect();
        assert_eq!(found, model);
        assert_eq!((map.iter(&guard).count(), map.len()), (model.len(), model.len()));
    }
    drop(map);
    alive.assert_none();
}

fn tagged(key: &Key, value: &Value) -> (u8, u8) {
    (key.tag, value.content())
}

fn share<S: BuildHasher, D: Reclaims<(Key, Value)>>(
    steps: Vec<(u8, Step)>,
    map: &Map<S, D>,
    model: &mut Model,
    alive: &Alive,
) {
    let handles = [map.register(), map.register(), map.register()];
    let keeper = map.register();
    let (keeper, mut guards) = (keeper.pin(), Guards::new(&handles));
    let mut kept = Vec::new();
    for (slot, step) in steps {
        match step {
            Step::Pinning(how) => guards.change(slot, how),
            Step::Get(id) => {
                let found = map.get_key_value(&id, &keeper);
                assert_eq!(found.map(|(key, value)| tagged(key, value)), model.get(&id).copied());
                assert_eq!(map.contains_key(&id, &keeper), found.is_some());
                kept.extend(found.map(|(key, value)| (key, value, tagged(key, value))));
            }
            Step::GetMany(ids) => {
                let values = map.get_many(&ids, &keeper);
                assert_eq!(values.size_hint(), (ids.len(), Some(ids.len())));
                let values: Vec<_> = values.map(|value| value.map(Value::content)).collect();
                let entries: Vec<_> = map.get_key_value_many(&ids, &keeper).collect();
                assert_eq!((values.len(), entries.len()), (ids.len(), ids.len()));
                for ((id, value), entry) in ids.iter().zip(values).zip(entries) {
                    let there = model.get(id).copied();
                    assert_eq!(value, there.map(|(_, value)| value));
                    assert_eq!(entry.map(|(key, value)| tagged(key, value)), there);
                    kept.extend(entry.map(|(key, value)| (key, value, tagged(key, value))));
                }
            }
            step => guards.with(slot, |guard| {
                change(step, map, model, alive, guard);
            }),
        }
    }
    for (key, value, then) in kept {
        assert_eq!(tagged(key, value), then);
    }
}

fn change<S: BuildHasher, D: Reclaims<(Key, Value)>>(
    step: Step,
    map: &Map<S, D>,
    model: &mut Model,
    alive: &Alive,
    guard: &Guard<'_>,
) {
    let content = |value: &Value| value.content();
    let old = |model: &Model, key: Key| model.get(&key.id).map(|(_, value)| *value);
    match step {
        Step::Pinning(_) | Step::Get(_) | Step::GetMany(_) => unreachable!("done by the caller"),
        Step::Insert(key, value) => {
            let found = map.insert(key, alive.value(value), guard).map(content);
            assert_eq!(found, model.insert(key.id, (key.tag, value)).map(|(_, value)| value));
        }
        Step::InsertMany(entries) => {
            let values = entries.iter().map(|(key, value)| (*key, alive.value(*value)));
            let absent = map.insert_many(values, guard);
            let inserts = |(key, value): &(Key, u8)| model.insert(key.id, (key.tag, *value));
            assert_eq!(absent, entries.iter().map(inserts).filter(Option::is_none).count());
        }
        Step::TryInsert(key, value) => match map.try_insert(key, alive.value(value), guard) {
            Ok(found) => {
                assert_eq!((found.content(), old(model, key)), (value, None));
                model.insert(key.id, (key.tag, value));
            }
            Err(error) => {
                assert_eq!(Some(error.current.content()), old(model, key));
                assert_eq!((error.key.tag, error.value.content()), (key.tag, value));
            }
        },
        Step::GetOrInsertWith(key, value) => {
            let found = map.get_or_insert_with(key, || alive.value(value), guard).content();
            assert_eq!(found, model.entry(key.id).or_insert((key.tag, value)).1);
        }
        Step::Replace(key, value) => {
            assert_eq!(map.replace(key, alive.value(value), guard).map(content), old(model, key));
            model.entry(key.id).and_modify(|entry| *entry = (key.tag, value));
        }
        Step::Update(key, mask) => {
            let change = |old: &Value| alive.value(old.content() ^ mask);
            model.entry(key.id).and_modify(|entry| *entry = (key.tag, entry.1 ^ mask));
            assert_eq!(map.update(key, change, guard).map(content), old(model, key));
        }
        Step::UpdateOrInsertWith(key, mask) => {
            let change = |old: &Value| alive.value(old.content() ^ mask);
            let now = map.update_or_insert_with(key, change, || alive.value(mask), guard).content();
            assert_eq!(now, old(model, key).map_or(mask, |old| old ^ mask));
            model.insert(key.id, (key.tag, now));
        }
        Step::Compute(key, what) => compute(key, what, map, model, alive, guard),
        Step::Reserve(additional) => {
            map.reserve(additional.into());
            assert!(map.capacity() >= model.len() + usize::from(additional));
        }
        Step::TryReserve(less) => {
            let before = map.capacity();
            assert!(map.try_reserve(usize::MAX - usize::from(less)).is_err());
            assert_eq!(map.capacity(), before);
        }
        step => remove(step, map, model, guard),
    }
}

/// Inserts, removes or does nothing.
fn compute<S: BuildHasher, D: Reclaims<(Key, Value)>>(
    key: Key,
    what: Option<Option<u8>>,
    map: &Map<S, D>,
    model: &mut Model,
    alive: &Alive,
    guard: &Guard<'_>,
) {
    let there = model.get(&key.id).copied();
    let decide = |entry: Option<(&Key, &Value)>| {
        assert_eq!(entry.map(|(key, value)| tagged(key, value)), there);
        match what {
            Some(Some(value)) => Operation::Insert(alive.value(value)),
            Some(None) => Operation::Remove,
            None => Operation::Abort(()),
        }
    };
    let did = match map.compute(key, decide, guard) {
        Compute::Inserted(key, value) => (None, Some(tagged(key, value))),
        Compute::Updated { old: (old, was), new: (new, now) } => {
            (Some(tagged(old, was)), Some(tagged(new, now)))
        }
        Compute::Removed(key, value) => (Some(tagged(key, value)), None),
        Compute::Absent => (None, None),
        Compute::Aborted(()) => (there, there),
    };
    let now = match what {
        Some(Some(value)) => Some((key.tag, value)),
        Some(None) => None,
        None => there,
    };
    assert_eq!(did, (there, now));
    match now {
        Some(entry) => model.insert(key.id, entry),
        None => model.remove(&key.id),
    };
}

fn remove<S: BuildHasher, D: Reclaims<(Key, Value)>>(
    step: Step,
    map: &Map<S, D>,
    model: &mut Model,
    guard: &Guard<'_>,
) {
    match step {
        Step::Remove(id) => {
            let removed = map.remove_entry(&id, guard).map(|(key, value)| tagged(key, value));
            assert_eq!(removed, model.remove(&id));
        }
        Step::RemoveIf(id, below) => {
            let removed = match map.remove_if(&id, |_, value| value.content() < below, guard) {
                Ok(removed) => removed.map(|(key, value)| tagged(key, value)),
                Err((key, value)) => {
                    assert!(value.content() >= below);
                    assert_eq!(model.get(&id), Some(&tagged(key, value)));
                    return;
                }
            };
            assert!(removed.is_none_or(|(_, value)| value < below));
            assert_eq!(removed, model.remove(&id));
        }
        Step::Retain(below) => {
            map.retain(|_, value| value.content() < below, guard);
            model.retain(|_, (_, value)| *value < below);
        }
        Step::Clear => {
            map.clear(guard);
            model.clear();
        }
        Step::IterAndRemove(every) => {
            let mut seen = Vec::new();
            for (number, (key, value)) in map.iter(guard).enumerate() {
                seen.push((key.id, tagged(key, value)));
                if number % (usize::from(every) + 1) == 0 {
                    assert_eq!(
                        map.remove(&key.id, guard).map(Value::content),
                        Some(value.content())
                    );
                }
            }
            assert_eq!(seen.len(), model.len());
            assert_eq!(seen.iter().copied().collect::<Model>(), *model);
            for (id, _) in seen.iter().step_by(usize::from(every) + 1) {
                model.remove(id);
            }
        }
        step => unreachable!("{step:?} removes nothing"),
    }
}

fn take<S: BuildHasher, D: Reclaims<(Key, Value)>>(
    own: Own,
    map: &mut Map<S, D>,
    fresh: Map<S, D>,
    model: &mut Model,
    alive: &Alive,
) {
    match own {
        Own::Nothing => {}
        Own::GetMut(id, new) => {
            let value = map.get_mut(&id);
            assert_eq!(value.is_some(), model.contains_key(&id));
            if let Some(value) = value {
                value.set(new);
            }
            model.entry(id).and_modify(|(_, value)| *value = new);
        }
        Own::InsertMut(key, value) => {
            let old = map.insert_mut(key, alive.value(value));
            let old = old.map(|(key, value)| tagged(&key, &value));
            assert_eq!(old, model.insert(key.id, (key.tag, value)));
        }
        Own::Take(id) => {
            let taken = map.take(&id).map(|(key, value)| tagged(&key, &value));
            assert_eq!(taken, model.remove(&id));
        }
        Own::IterMut(mask) => {
            map.iter_mut().for_each(|(_, value)| value.set(value.content() ^ mask));
            model.values_mut().for_each(|(_, value)| *value ^= mask);
        }
        Own::Extend(entries) => {
            model.extend(entries.iter().map(|(key, value)| (key.id, (key.tag, *value))));
            map.extend(entries.into_iter().map(|(key, value)| (key, alive.value(value))));
        }
        Own::Drain(some) => {
            for (key, value) in map.drain().take(some.into()) {
                assert_eq!(model.remove(&key.id), Some(tagged(&key, &value)));
            }
            model.clear();
        }
        Own::IntoIter(some) => {
            for (key, value) in mem::replace(map, fresh).into_iter().take(some.into()) {
                assert_eq!(model.remove(&key.id), Some(tagged(&key, &value)));
            }
            model.clear();
        }
        Own::ShrinkTo(capacity) => {
            shrink(map, capacity.into(), |map| map.shrink_to(capacity.into()))
        }
        Own::ShrinkToFit => shrink(map, 0, Map::shrink_to_fit),
    }
}

/// There may be more entries than the capacity, while searches are short.
fn shrink<S, D>(map: &mut Map<S, D>, least: usize, shrink: impl Fn(&mut Map<S, D>)) {
    let (before, needed) = (map.capacity(), map.len().max(least));
    shrink(map);
    let now = needed.min(before)..=before.min((3 * needed).max(16));
    assert!(now.contains(&map.capacity()), "{} of {before} for {needed}", map.capacity());
}
