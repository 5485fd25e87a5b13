//! The ready specifications: each is what std's structure is, and keeps what it promises of parts
//! and values.

use crate::common::property;
use counterpoint::verify::spec::{
    Bag, Channel, Counter, Map, Mutex, Queue, Register, Semaphore, SequentialSpec, Set, Stack, bag,
    channel, counter, map, mutex, queue, register, semaphore, set, stack,
};
use proptest::{collection::vec, prelude::*, sample::Index};
use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet, VecDeque},
    fmt::Debug,
};

type Pair<S> = (<S as SequentialSpec>::Operation, <S as SequentialSpec>::Result);

/// The answers to these operations, one after the other. What cannot happen is left out, and so is
/// what `wanted` does not want.
fn answers<S: SequentialSpec>(
    spec: &S,
    operations: Vec<(S::Operation, Index)>,
    wanted: impl Fn(&Pair<S>) -> bool,
) -> Vec<Pair<S>> {
    let mut state = spec.initial();
    let mut calls = Vec::new();
    for (operation, choice) in operations {
        let steps: Vec<_> = spec.step(&state, &operation, None).into_iter().collect();
        if steps.is_empty() {
            continue;
        }
        let (answer, next) = steps[choice.index(steps.len())].clone();
        let call = (operation, answer);
        if wanted(&call) {
            calls.push(call);
            state = next;
        }
    }
    calls
}

fn is_legal<'a, S>(spec: &S, calls: impl IntoIterator<Item = &'a Pair<S>>) -> bool
where
    S: SequentialSpec,
    Pair<S>: 'a,
{
    let mut states = vec![spec.initial()];
    for (operation, answer) in calls {
        let steps = states.iter().flat_map(|state| spec.step(state, operation, Some(answer)));
        states = steps.filter(|(given, _)| given == answer).map(|(_, next)| next).collect();
    }
    !states.is_empty()
}

/// Does these operations to a specification, and to `model`, which must agree.
fn agrees<S: SequentialSpec>(
    spec: S,
    operations: impl Strategy<Value = S::Operation>,
    mut model: impl FnMut() -> Box<dyn FnMut(&S::Operation) -> Option<S::Result>>,
) {
    let model = std::cell::RefCell::new(&mut model);
    property(vec(operations, 0..60), |operations| {
        let (mut state, mut model) = (spec.initial(), (model.borrow_mut())());
        for operation in operations {
            let steps: Vec<_> = spec.step(&state, &operation, None).into_iter().collect();
            assert!(steps.len() <= 1, "{operation:?} may be answered in several ways");
            let expected = model(&operation);
            assert_eq!(steps.first().map(|(answer, _)| answer), expected.as_ref(), "{operation:?}");
            state = steps.into_iter().next().map_or(state, |(_, next)| next);
        }
    });
}

/// If all calls of a value are left out of a legal sequence without counts, the rest is legal.
fn lives_apart<S>(spec: S, operations: impl Strategy<Value = S::Operation>)
where
    S: SequentialSpec,
    S::Operation: Debug,
{
    let left_out = Cell::new(0);
    property(vec((operations, any::<Index>()), 0..40), |operations| {
        let is_wanted = |call: &Pair<S>| !spec.counts(&call.0, Some(&call.1));
        let calls = answers(&spec, operations, is_wanted);
        let value = |call: &Pair<S>| spec.value(&call.0, Some(&call.1));
        let values: BTreeSet<u64> = calls.iter().filter_map(value).collect();
        for gone in values {
            let rest: Vec<_> = calls.iter().filter(|call| value(call) != Some(gone)).collect();
            assert!(is_legal(&spec, rest.iter().copied()), "{calls:?}\nwithout one: {rest:?}");
            left_out.set(left_out.get() + usize::from(!rest.is_empty()));
        }
    });
    assert!(left_out.get() > 0, "no value was ever left out");
}

/// A sequence is legal if and only if what it does to each part is.
fn parts_are_apart<S>(spec: S, operations: impl Strategy<Value = S::Operation>)
where
    S: SequentialSpec,
    S::Operation: Debug,
{
    let (legal, illegal) = (Cell::new(0), Cell::new(0));
    let tampered = vec((any::<Index>(), any::<Index>()), 0..3);
    property((vec((operations, any::<Index>()), 1..30), tampered), |(operations, tampered)| {
        let mut calls = answers(&spec, operations, |call| spec.part(&call.0).is_some());
        let count = calls.len();
        for (one, other) in tampered.iter().filter(|_| count > 0) {
            calls[one.index(count)].1 = calls[other.index(count)].1.clone();
        }
        let parts: BTreeSet<_> = calls.iter().map(|call| spec.part(&call.0)).collect();
        let is_part_legal =
            |part| is_legal(&spec, calls.iter().filter(|call| spec.part(&call.0) == part));
        let is_whole_legal = is_legal(&spec, &calls);
        assert_eq!(is_whole_legal, parts.into_iter().all(is_part_legal), "{calls:?}");
        let count = if is_whole_legal { &legal } else { &illegal };
        count.set(count.get() + 1);
    });
    assert!(legal.get() > 0 && illegal.get() > 0, "{legal:?} legal, {illegal:?} not");
}

fn small() -> std::ops::Range<u8> {
    0..4
}

fn register_operations() -> impl Strategy<Value = register::Operation<u8>> {
    use register::Operation::*;
    prop_oneof![
        3 => Just(Read),
        2 => small().prop_map(Write),
        1 => small().prop_map(Swap),
        2 => (small(), small()).prop_map(|(expected, new)| CompareAndSet(expected, new)),
    ]
}

#[test]
fn a_register_is_a_variable() {
    use register::{Answer, Operation};
    agrees(Register::new(0), register_operations(), || {
        let mut place = 0;
        Box::new(move |operation| {
            Some(match *operation {
                Operation::Read => Answer::Value(place),
                Operation::Write(new) => {
                    place = new;
                    Answer::Done
                }
                Operation::Swap(new) => Answer::Value(std::mem::replace(&mut place, new)),
                Operation::CompareAndSet(expected, new) => {
                    let fits = place == expected;
                    place = if fits { new } else { place };
                    Answer::Flag(fits)
                }
                Operation::CompareAndSetWeak(..) => unreachable!("it may answer in two ways"),
            })
        })
    });
    lives_apart(Register::new(0), register_operations());
}

#[test]
fn a_weak_compare_and_set_may_refuse_but_never_lie() {
    use register::{Answer, Operation};
    let register = Register::new(1);
    let steps = |expected| {
        let operation = Operation::CompareAndSetWeak(expected, 5);
        register.step(&1, &operation, None).into_iter().collect::<Vec<_>>()
    };
    assert_eq!(steps(1), [(Answer::Flag(true), 5), (Answer::Flag(false), 1)]);
    assert_eq!(steps(2), [(Answer::Flag(false), 1)]);
}

#[test]
fn a_counter_is_a_number() {
    use counter::{Answer, Operation};
    let operation = prop_oneof![
        any::<i64>().prop_map(Operation::Add),
        any::<i64>().prop_map(Operation::FetchAdd),
        Just(Operation::Get)
    ];
    agrees(Counter::new(), operation, || {
        let mut count = 0i64;
        Box::new(move |operation| {
            let before = Answer::Value(count);
            Some(match *operation {
                Operation::Add(more) => {
                    count = count.wrapping_add(more);
                    Answer::Done
                }
                Operation::FetchAdd(more) => {
                    count = count.wrapping_add(more);
                    before
                }
                Operation::Get => before,
            })
        })
    });
}

fn queue_operations() -> impl Strategy<Value = queue::Operation<u8>> {
    use queue::Operation::*;
    prop_oneof![
        5 => small().prop_map(Push),
        3 => Just(Pop),
        1 => Just(Peek),
        1 => Just(Len),
        1 => Just(IsEmpty)
    ]
}

#[test]
fn a_queue_is_a_vec_deque() {
    use queue::{Answer, Operation};
    for capacity in [0, 1, 3, usize::MAX] {
        agrees(Queue::bounded(capacity), queue_operations(), || {
            let mut values = VecDeque::new();
            Box::new(move |operation| {
                Some(match *operation {
                    Operation::Push(_) if values.len() >= capacity => Answer::Full,
                    Operation::Push(value) => {
                        values.push_back(value);
                        Answer::Done
                    }
                    Operation::Pop => values.pop_front().into(),
                    Operation::Peek => values.front().copied().into(),
                    Operation::Len => values.len().into(),
                    Operation::IsEmpty => values.is_empty().into(),
                })
            })
        });
    }
    lives_apart(Queue::new(), queue_operations());
    lives_apart(Queue::bounded(2), queue_operations());
}

fn stack_operations() -> impl Strategy<Value = stack::Operation<u8>> {
    use stack::Operation::*;
    prop_oneof![
        10 => small().prop_map(Push),
        6 => Just(Pop),
        2 => Just(Peek),
        1 => Just(PopAll),
        2 => Just(Len),
        2 => Just(IsEmpty)
    ]
}

#[test]
fn a_stack_is_a_vec() {
    use stack::{Answer, Operation};
    agrees(Stack::new(), stack_operations(), || {
        let mut values = Vec::new();
        Box::new(move |operation| {
            Some(match *operation {
                Operation::Push(value) => {
                    values.push(value);
                    Answer::Done
                }
                Operation::Pop => values.pop().into(),
                Operation::Peek => values.last().copied().into(),
                Operation::PopAll => values.drain(..).rev().collect::<Vec<_>>().into(),
                Operation::Len => values.len().into(),
                Operation::IsEmpty => values.is_empty().into(),
            })
        })
    });
    lives_apart(Stack::new(), stack_operations());
}

fn bag_operations() -> impl Strategy<Value = bag::Operation<u8>> {
    use bag::Operation::*;
    prop_oneof![10 => small().prop_map(Push), 6 => Just(Pop), 2 => Just(Len), 2 => Just(IsEmpty)]
}

/// Any of its values comes out, and no other one.
#[test]
fn a_bag_is_a_multiset() {
    use bag::{Answer, Operation};
    let spec = Bag::new();
    property(vec((bag_operations(), any::<Index>()), 0..60), |operations| {
        let (mut state, mut values) = (spec.initial(), BTreeMap::<u8, usize>::new());
        for (operation, choice) in operations {
            let steps: Vec<_> = spec.step(&state, &operation, None).into_iter().collect();
            let len = values.values().sum::<usize>();
            let expected: Vec<Answer<u8>> = match &operation {
                Operation::Push(value) => {
                    *values.entry(*value).or_default() += 1;
                    vec![Answer::Done]
                }
                Operation::Pop if len == 0 => vec![None.into()],
                Operation::Pop => values.keys().map(|value| Some(*value).into()).collect(),
                Operation::Len => vec![len.into()],
                Operation::IsEmpty => vec![(len == 0).into()],
            };
            assert!(steps.iter().map(|(answer, _)| answer).eq(&expected), "{operation:?}");
            let (answer, next) = steps[choice.index(steps.len())].clone();
            // Who has seen the answer gets the same step, and none if it is impossible.
            let seen = |answer| spec.step(&state, &operation, Some(answer)).into_iter().collect();
            let agreeing: Vec<_> = seen(&answer);
            assert!(agreeing.contains(&(answer.clone(), next.clone())));
            let others: Vec<_> = seen(&Answer::Value(Some(99)));
            assert!(others.iter().all(|(answer, _)| expected.contains(answer)));
            if let Answer::Value(Some(value)) = answer {
                let count = values.get_mut(&value).expect("it is in");
                *count -= 1;
                values.retain(|_, count| *count > 0);
            }
            state = next;
        }
    });
    lives_apart(Bag::new(), bag_operations());
}

fn set_operations() -> impl Strategy<Value = set::Operation<u8>> {
    use set::Operation::*;
    prop_oneof![
        3 => small().prop_map(Insert),
        1 => small().prop_map(Add),
        3 => small().prop_map(Remove),
        2 => small().prop_map(Contains),
        1 => Just(Elements),
        1 => Just(Len)
    ]
}

#[test]
fn a_set_is_a_btree_set() {
    use set::{Answer, Operation};
    agrees(Set::new(), set_operations(), || {
        let mut elements = BTreeSet::new();
        Box::new(move |operation| {
            Some(match operation {
                Operation::Insert(element) => elements.insert(*element).into(),
                Operation::Add(element) => {
                    elements.insert(*element);
                    Answer::Done
                }
                Operation::Remove(element) => elements.remove(element).into(),
                Operation::Contains(element) => elements.contains(element).into(),
                Operation::Elements => elements.clone().into(),
                Operation::Len => elements.len().into(),
            })
        })
    });
    lives_apart(Set::new(), set_operations());
    parts_are_apart(Set::new(), set_operations());
}

fn map_operations() -> impl Strategy<Value = map::Operation<u8, u8>> {
    use map::Operation::*;
    prop_oneof![
        2 => small().prop_map(Get),
        3 => (small(), small()).prop_map(|(key, value)| Insert(key, value)),
        1 => (small(), small()).prop_map(|(key, value)| Put(key, value)),
        2 => small().prop_map(Remove),
        1 => small().prop_map(Contains),
        2 => (small(), small(), small()).prop_map(|(key, old, new)| CompareAndSet(key, old, new)),
        1 => Just(Len)
    ]
}

#[test]
fn a_map_is_a_btree_map() {
    use map::{Answer, Operation};
    agrees(Map::new(), map_operations(), || {
        let mut entries = BTreeMap::new();
        Box::new(move |operation| {
            Some(match *operation {
                Operation::Get(key) => entries.get(&key).copied().into(),
                Operation::Insert(key, value) => entries.insert(key, value).into(),
                Operation::Put(key, value) => {
                    entries.insert(key, value);
                    Answer::Done
                }
                Operation::Remove(key) => entries.remove(&key).into(),
                Operation::Contains(key) => entries.contains_key(&key).into(),
                Operation::CompareAndSet(key, expected, new) => {
                    let fits = entries.get(&key) == Some(&expected);
                    if fits {
                        entries.insert(key, new);
                    }
                    fits.into()
                }
                Operation::Len => entries.len().into(),
            })
        })
    });
    lives_apart(Map::new(), map_operations());
    parts_are_apart(Map::new(), map_operations());
}

#[test]
fn a_lock_has_one_owner_at_a_time() {
    use mutex::{Answer, Operation};
    let operation = prop_oneof![
        (0..3usize).prop_map(Operation::Lock),
        (0..3usize).prop_map(Operation::TryLock),
        (0..3usize).prop_map(Operation::Unlock)
    ];
    agrees(Mutex::new(), operation, || {
        let mut held = [false; 3];
        Box::new(move |operation| {
            let is_held = held.contains(&true);
            match *operation {
                Operation::Lock(_) if is_held => None,
                Operation::Lock(who) => {
                    held[who] = true;
                    Some(Answer::Done)
                }
                Operation::TryLock(who) => {
                    held[who] |= !is_held;
                    Some(Answer::Flag(!is_held))
                }
                Operation::Unlock(who) => {
                    let was = std::mem::take(&mut held[who]);
                    Some(if was { Answer::Done } else { Answer::NotOwner })
                }
            }
        })
    });
}

#[test]
fn a_semaphore_has_as_many_permits_as_were_released() {
    use semaphore::{Answer, Operation};
    let operation = prop_oneof![
        4 => (0..3usize).prop_map(Operation::Acquire),
        4 => (0..3usize).prop_map(Operation::TryAcquire),
        4 => (0..3usize).prop_map(Operation::Release),
        1 => Just(Operation::Close)
    ];
    agrees(Semaphore::new(2), operation, || {
        let (mut permits, mut is_open) = (vec![(); 2], true);
        Box::new(move |operation| match *operation {
            Operation::Acquire(_) | Operation::TryAcquire(_) if !is_open => Some(Answer::Closed),
            Operation::Acquire(count) if permits.len() < count => None,
            Operation::TryAcquire(count) if permits.len() < count => Some(Answer::Flag(false)),
            Operation::Acquire(count) | Operation::TryAcquire(count) => {
                drop(permits.split_off(permits.len() - count));
                Some(match operation {
                    Operation::Acquire(_) => Answer::Done,
                    _ => Answer::Flag(true),
                })
            }
            Operation::Release(count) => {
                permits.extend(vec![(); count]);
                Some(Answer::Done)
            }
            Operation::Close => {
                is_open = false;
                Some(Answer::Done)
            }
        })
    });
}

fn channel_operations() -> impl Strategy<Value = channel::Operation<u8>> {
    use channel::Operation::*;
    prop_oneof![
        6 => small().prop_map(Send),
        6 => small().prop_map(TrySend),
        5 => Just(Recv),
        5 => Just(TryRecv),
        1 => Just(Close)
    ]
}

#[test]
fn a_channel_is_a_queue_that_waits_until_it_is_closed() {
    use channel::{Answer, Operation};
    for capacity in [1, 2, usize::MAX] {
        agrees(Channel::bounded(capacity), channel_operations(), || {
            let (mut values, mut is_closed) = (VecDeque::new(), false);
            Box::new(move |operation| match *operation {
                Operation::Send(value) | Operation::TrySend(value) => {
                    let is_full = values.len() >= capacity;
                    match operation {
                        _ if is_closed => Some(Answer::Closed),
                        Operation::Send(_) if is_full => None,
                        _ if is_full => Some(Answer::Full),
                        _ => {
                            values.push_back(value);
                            Some(Answer::Done)
                        }
                    }
                }
                Operation::Recv | Operation::TryRecv => {
                    match (values.pop_front(), is_closed, operation) {
                        (Some(value), ..) => Some(Answer::Value(value)),
                        (None, true, _) => Some(Answer::Closed),
                        (None, false, Operation::Recv) => None,
                        (None, false, _) => Some(Answer::Empty),
                    }
                }
                Operation::Close => {
                    is_closed = true;
                    Some(Answer::Done)
                }
            })
        });
        lives_apart(Channel::bounded(capacity), channel_operations());
    }
}

#[test]
#[should_panic(expected = "a channel without capacity has no sequential specification")]
fn a_rendezvous_is_refused() {
    let _ = Channel::<u8>::bounded(0);
}
