//! `SplitOrderedSet`: what std's set does, for one thread exactly, and for many value by value.

mod common;

use common::{
    Accounts, Colliding, Constant, Counted, Identity, Running, THREADS, in_every_domain, property,
    scaled,
};
use counterpoint::{
    map::{SplitOrderedSet, SplitOrderedSetRef},
    reclaim::{Collector, PrivateCollector, Reclaims},
};
use proptest::{collection::vec, prelude::*};
use std::{
    borrow::Borrow,
    collections::HashSet,
    hash::{BuildHasher, Hash, Hasher},
    mem, thread,
};

in_every_domain!(
    any_sequence_of_operations_does_what_a_hash_set_does,
    of_the_threads_that_insert_or_take_a_value_exactly_one_does,
    a_value_under_replacement_is_never_absent,
    relations_are_those_of_the_sets_of_values,
);

/// Values are equal by `id` alone; their `tag` tells which of them is stored.
#[derive(Clone, Copy, Debug)]
struct Value {
    id: u64,
    tag: u8,
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Value {}

impl Hash for Value {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id.hash(state);
    }
}

impl Borrow<u64> for Value {
    fn borrow(&self) -> &u64 {
        &self.id
    }
}

type Set<D> = SplitOrderedSet<Value, Colliding, D>;

#[derive(Clone, Debug)]
enum Step {
    Insert(Value),
    Replace(Value),
    Remove(u64),
    Take(u64),
    Retain(u64),
    Clear,
    Extend(Vec<Value>),
    ExtendView(Vec<Value>),
    Drain(usize),
    IntoIter,
}

fn value() -> impl Strategy<Value = Value> {
    (0..12u64, any::<u8>()).prop_map(|(id, tag)| Value { id, tag })
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => value().prop_map(Step::Insert),
        6 => value().prop_map(Step::Replace),
        4 => (0..12u64).prop_map(Step::Remove),
        4 => (0..12u64).prop_map(Step::Take),
        1 => (1..4u64).prop_map(Step::Retain),
        1 => Just(Step::Clear),
        1 => vec(value(), 0..12).prop_map(Step::Extend),
        1 => vec(value(), 0..12).prop_map(Step::ExtendView),
        1 => (0..5usize).prop_map(Step::Drain),
        1 => Just(Step::IntoIter),
    ]
}

fn any_sequence_of_operations_does_what_a_hash_set_does<D>(domain: fn() -> D)
where
    D: Reclaims<(Value, ())>,
{
    property(vec(step(), 0..60), |steps| {
        let mut set = Set::with_hasher_in(Colliding::new(), domain());
        let mut model = HashSet::new();
        for step in steps {
            take(step, &mut set, &mut model, domain);
            assert_same(&set.pin(), &model);
        }
    });
}

fn assert_same<D: Reclaims<(Value, ())>>(
    set: &SplitOrderedSetRef<'_, Value, Colliding, D>,
    model: &HashSet<Value>,
) {
    let sorted = |mut values: Vec<Value>| {
        values.sort_unstable_by_key(|value| value.id);
        values.into_iter().map(|value| (value.id, value.tag)).collect::<Vec<_>>()
    };
    let found = sorted(set.iter().copied().collect());
    assert_eq!(found, sorted(model.iter().copied().collect()));
    assert_eq!((set.len(), set.is_empty()), (model.len(), model.is_empty()));
    for id in 0..12 {
        assert_eq!(set.get(&id).map(|value| value.tag), model.get(&id).map(|value| value.tag));
        assert_eq!(set.contains(&id), model.contains(&id));
    }
}

fn take<D>(step: Step, set: &mut Set<D>, model: &mut HashSet<Value>, domain: fn() -> D)
where
    D: Reclaims<(Value, ())>,
{
    let tag = |value: Value| value.tag;
    match step {
        Step::Insert(value) => assert_eq!(set.pin().insert(value), model.insert(value)),
        Step::Replace(value) => {
            assert_eq!(set.pin().replace(value).copied().map(tag), model.replace(value).map(tag));
        }
        Step::Remove(id) => assert_eq!(set.pin().remove(&id), model.remove(&id)),
        Step::Take(id) => {
            assert_eq!(set.pin().take(&id).copied().map(tag), model.take(&id).map(tag));
        }
        Step::Retain(modulus) => {
            set.pin().retain(|value| value.id % modulus == 0);
            model.retain(|value| value.id % modulus == 0);
        }
        Step::Clear => {
            set.pin().clear();
            model.clear();
        }
        Step::Extend(values) => {
            set.extend(values.iter().copied());
            model.extend(values);
        }
        Step::ExtendView(values) => {
            set.pin().extend(values.iter().copied());
            model.extend(values);
        }
        Step::Drain(some) => {
            for value in set.drain().take(some) {
                assert_eq!(model.take(&value.id).map(tag), Some(value.tag));
            }
            model.clear(); // What a drain does not yield it drops.
        }
        Step::IntoIter => {
            let fresh = Set::with_hasher_in(Colliding::new(), domain());
            for value in mem::replace(set, fresh) {
                assert_eq!(model.take(&value.id).map(tag), Some(value.tag));
            }
            assert!(model.is_empty());
        }
    }
}

fn of_the_threads_that_insert_or_take_a_value_exactly_one_does<D>(domain: fn() -> D)
where
    D: Reclaims<(Counted, ())> + Sync,
{
    let (accounts, count) = (Accounts::new(), scaled(2_000) as u64);
    let set = SplitOrderedSet::with_hasher_in(Identity::new(), domain());
    for _ in 0..2 {
        let wins = |attempt: &(dyn Fn(u64) -> bool + Sync)| -> usize {
            thread::scope(|scope| {
                let work = || (0..count).filter(|content| attempt(*content)).count();
                let workers: Vec<_> = (0..THREADS).map(|_| scope.spawn(work)).collect();
                workers.into_iter().map(|worker| worker.join().unwrap()).sum()
            })
        };
        let insert = |content| set.pin().insert(accounts.value(content));
        assert_eq!(wins(&insert) as u64, count);
        assert_eq!(set.len() as u64, count);
        let take = |content| set.pin().take(&content).is_some_and(|it| it.content == content);
        assert_eq!(wins(&take) as u64, count);
        assert!(set.is_empty());
    }
    drop(set);
    accounts.assert_all_dropped_once();
}

fn a_value_under_replacement_is_never_absent<D>(domain: fn() -> D)
where
    D: Reclaims<(Counted, ())> + Sync,
{
    let (accounts, running) = (Accounts::new(), Running::new(1));
    let set = SplitOrderedSet::with_hasher_in(Constant::new(), domain());
    set.pin().insert(accounts.value(1));
    thread::scope(|scope| {
        for _ in 1..THREADS {
            scope.spawn(|| {
                let handle = set.register();
                while running.any() {
                    let set = set.with_guard(handle.pin());
                    assert_eq!(set.get(&1).map(|value| value.content), Some(1));
                    assert_eq!(set.iter().count(), 1);
                }
            });
        }
        let _shift = running.shift();
        let handle = set.register();
        for _ in 0..scaled(10_000) {
            let set = set.with_guard(handle.pin());
            assert_eq!(set.replace(accounts.value(1)).map(|old| old.content), Some(1));
        }
    });
    drop(set);
    accounts.assert_all_dropped_once();
}

fn relations_are_those_of_the_sets_of_values<D>(domain: fn() -> D)
where
    D: Reclaims<(u64, ())>,
{
    fn make<S: BuildHasher + Default, D: Reclaims<(u64, ())>>(
        domain: D,
        values: &HashSet<u64>,
    ) -> SplitOrderedSet<u64, S, D> {
        let mut set = SplitOrderedSet::with_hasher_in(S::default(), domain);
        set.extend(values.iter().copied());
        set
    }
    let values = || proptest::collection::hash_set(0..6u64, 0..6);
    property((values(), values()), |(left, right)| {
        let (a, b) = (make::<Colliding, _>(domain(), &left), make::<Identity, _>(domain(), &right));
        let (a, b) = (a.pin(), b.pin());
        assert_eq!(a.is_subset(&b), left.is_subset(&right));
        assert_eq!(a.is_superset(&b), left.is_superset(&right));
        assert_eq!(a.is_disjoint(&b), left.is_disjoint(&right));
    });
}

#[test]
fn constructors_take_capacity_hasher_and_domain() {
    let sets = [
        SplitOrderedSet::with_hasher(Colliding::new()),
        SplitOrderedSet::with_capacity_and_hasher(100, Colliding::new()),
        SplitOrderedSet::with_hasher_in(Colliding::new(), Collector::new()),
        SplitOrderedSet::with_capacity_and_hasher_in(0, Colliding::new(), Collector::new()),
        SplitOrderedSet::default(),
        SplitOrderedSet::from_iter([]),
    ];
    for set in sets {
        assert!(set.is_empty());
        assert!(set.pin().insert(1));
        assert!(!set.pin().insert(1));
        let own = set.collector() != &Collector::global();
        assert_eq!(set.pin().guard().is_from(&Collector::global()), !own);
    }
    assert_eq!(SplitOrderedSet::<u64>::new(), SplitOrderedSet::with_hasher(Default::default()));
    assert_eq!(SplitOrderedSet::<u64>::with_capacity(9).len(), 0);
}

#[test]
fn copies_equality_and_what_is_shown_follow_the_values() {
    let set = SplitOrderedSet::from(["a"]);
    let copy = set.clone();
    assert_eq!(set, copy);
    copy.pin().insert("b");
    assert_ne!(set, copy);
    assert!(set.pin().is_subset(&copy.pin()));
    assert_eq!(format!("{set:?}"), r#"{"a"}"#);
    assert_eq!(format!("{:?}", set.pin()), r#"{"a"}"#);
    assert_eq!(format!("{:?}", set.pin().iter()), r#"["a"]"#);
}

#[test]
fn in_a_private_domain_values_may_borrow() {
    let text = String::from("to be or not to be");
    let set =
        SplitOrderedSet::with_hasher_in(std::hash::RandomState::new(), PrivateCollector::new());
    set.pin().extend(text.split(' '));
    assert_eq!(set.len(), 4);
    assert_eq!(set.pin().take("not"), Some(&"not"));
    assert!(!set.pin().contains("not"));
}

#[test]
fn a_set_can_be_a_static() {
    static SET: SplitOrderedSet<u64, Identity> = SplitOrderedSet::with_hasher(Identity::new());
    thread::scope(|scope| {
        for thread in 0..THREADS as u64 {
            scope.spawn(move || assert!(SET.pin().insert(thread)));
        }
    });
    assert_eq!(SET.len(), THREADS);
}
