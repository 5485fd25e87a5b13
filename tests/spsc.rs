//! The ring between one producer and one consumer: each value once and in order, whatever panics.

mod common;

use common::{Accounts, Counted, message, property, scaled};
use counterpoint::queue::{
    Full,
    spsc::{self, Consumer, Producer},
};
use proptest::{collection::vec, prelude::*};
use std::{
    collections::VecDeque,
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
    thread,
};

const CAPACITIES: [usize; 5] = [1, 2, 3, 5, 8];

/// Rings of each capacity, whose next slot is each one of theirs.
fn rings<T>(make: impl Fn() -> T, check: impl Fn(usize, Producer<T>, Consumer<T>)) {
    for capacity in CAPACITIES {
        for offset in 0..2 * capacity {
            let (mut producer, mut consumer) = spsc::ring(capacity);
            for _ in 0..offset {
                assert!(producer.push(make()).is_ok());
                assert!(consumer.pop().is_some());
            }
            check(capacity, producer, consumer);
        }
    }
}

#[derive(Clone, Debug)]
enum Step {
    Push(u64),
    PushMany(Vec<u64>),
    Reserve(usize, Vec<u64>),
    Pop,
    Peek(u64),
    PopMany(usize, usize),
    Forget(usize, usize),
    Drain,
    Chunk(usize, usize),
    ChunkInto(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let (value, some) = (0..100u64, 0..7usize);
    let values = vec(value.clone(), 0..7);
    prop_oneof![
        4 => value.clone().prop_map(Step::Push),
        2 => values.clone().prop_map(Step::PushMany),
        2 => (some.clone(), values).prop_map(|(count, values)| Step::Reserve(count, values)),
        4 => Just(Step::Pop),
        1 => value.prop_map(Step::Peek),
        2 => (some.clone(), some.clone()).prop_map(|(count, take)| Step::PopMany(count, take)),
        1 => (some.clone(), some.clone()).prop_map(|(count, take)| Step::Forget(count, take)),
        1 => Just(Step::Drain),
        2 => (some.clone(), some.clone()).prop_map(|(count, keep)| Step::Chunk(count, keep)),
        1 => some.prop_map(Step::ChunkInto),
    ]
}

fn contents(values: impl IntoIterator<Item = Counted>) -> Vec<u64> {
    values.into_iter().map(|value| value.content).collect()
}

struct Pair {
    accounts: Accounts,
    producer: Producer<Counted>,
    consumer: Consumer<Counted>,
    model: VecDeque<u64>,
}

impl Pair {
    fn take(&mut self, step: Step) {
        let Pair { accounts, producer, consumer, model } = self;
        let room = producer.capacity() - model.len();
        let mut front = |count: usize| -> Vec<u64> {
            let count = count.min(model.len());
            model.drain(..count).collect()
        };
        match step {
            Step::Push(value) => match producer.push(accounts.value(value)) {
                Ok(()) => model.push_back(value),
                Err(Full(back)) => assert_eq!((back.content, room), (value, 0)),
            },
            Step::PushMany(values) => {
                let mut source = values.iter().map(|value| accounts.value(*value));
                let count = producer.push_many(&mut source);
                assert_eq!(count, room.min(values.len()));
                assert_eq!(source.len(), values.len() - count, "a value was taken and lost");
                model.extend(&values[..count]);
            }
            Step::Reserve(count, values) => {
                let mut slots = producer.reserve(count);
                assert_eq!(slots.len(), room.min(count));
                let (first, second) = slots.as_mut_slices();
                let slots_and_values = first.iter_mut().chain(second).zip(&values);
                let written = slots_and_values.map(|(slot, value)| {
                    slot.write(accounts.value(*value));
                });
                let written = written.count();
                // SAFETY: so many slots were written.
                unsafe { slots.commit(written) };
                model.extend(&values[..written]);
            }
            Step::Pop => assert_eq!(consumer.pop().map(|value| value.content), model.pop_front()),
            Step::Peek(value) => {
                assert_eq!(consumer.peek().map(|value| value.content), model.front().copied());
                if let Some(front) = consumer.peek_mut() {
                    front.content = value;
                    model[0] = value;
                }
            }
            Step::PopMany(count, take) => {
                let values = consumer.pop_many(count);
                let all = front(count);
                assert_eq!(values.len(), all.len());
                assert!(contents(values.take(take)).iter().eq(all.iter().take(take)));
            }
            Step::Forget(count, take) => {
                let mut values = consumer.pop_many(count);
                let expected = front(values.len().min(take));
                assert_eq!(contents(values.by_ref().take(take)), expected);
                mem::forget(values);
                // The slots are free with the next operation that pops.
                consumer.pop_many(0);
            }
            Step::Drain => assert_eq!(contents(consumer.drain()), front(usize::MAX)),
            Step::Chunk(count, keep) => {
                let mut chunk = consumer.read_chunk(count);
                assert_eq!(chunk.len(), count.min(model.len()));
                let (first, second) = chunk.as_mut_slices();
                first.iter_mut().chain(second).for_each(|value| value.content += 1);
                model.iter_mut().take(chunk.len()).for_each(|value| *value += 1);
                let (first, second) = chunk.as_slices();
                let seen = first.iter().chain(second).map(|value| value.content);
                assert!(seen.eq(model.iter().copied().take(count)));
                let popped = chunk.len().saturating_sub(keep);
                chunk.commit(popped);
                model.drain(..popped);
            }
            Step::ChunkInto(count) => {
                assert_eq!(contents(consumer.read_chunk(count)), front(count));
            }
        }
        assert_eq!((consumer.len(), consumer.is_empty()), (model.len(), model.is_empty()));
        assert_eq!(producer.free_slots(), producer.capacity() - model.len());
        assert_eq!(producer.is_full(), producer.free_slots() == 0);
    }
}

#[test]
fn any_sequence_of_operations_does_what_a_vec_deque_does() {
    property((0..CAPACITIES.len(), vec(step(), 0..60), any::<bool>()), |(size, steps, first)| {
        let accounts = Accounts::new();
        let (producer, consumer) = spsc::ring(CAPACITIES[size]);
        let model = VecDeque::new();
        let mut pair = Pair { accounts: accounts.clone(), producer, consumer, model };
        steps.into_iter().for_each(|step| pair.take(step));
        let dropped = accounts.dropped();
        let Pair { producer, consumer, model, .. } = pair;
        if first {
            drop(producer);
            drop(consumer);
        } else {
            drop(consumer);
            drop(producer);
        }
        assert_eq!(accounts.dropped(), dropped + model.len());
        accounts.assert_all_dropped_once();
    });
}

#[test]
fn two_threads_move_every_value_in_order() {
    for capacity in CAPACITIES.into_iter().chain([1000]) {
        let count = scaled(if capacity == 1 { 20_000 } else { 100_000 }) as u64;
        let (mut producer, mut consumer) = spsc::ring(capacity);
        thread::scope(|scope| {
            scope.spawn(move || {
                let mut next = 0;
                while next < count {
                    // Now one by one, now in one call.
                    if next % 3 == 0 {
                        next += producer.push_many((next..count).take(4)) as u64;
                    } else if producer.push(next).is_ok() {
                        next += 1;
                    }
                    if producer.is_full() {
                        thread::yield_now();
                    }
                }
            });
            let mut next = 0;
            while next < count {
                if next % 5 == 0 {
                    for value in consumer.pop_many(3) {
                        assert_eq!(value, next);
                        next += 1;
                    }
                } else if let Some(value) = consumer.pop() {
                    assert_eq!(value, next);
                    next += 1;
                }
                if consumer.is_empty() {
                    thread::yield_now();
                }
            }
            assert_eq!(consumer.pop(), None);
        });
    }
}

#[test]
fn slices_are_copied_over_the_end_of_the_ring() {
    rings(
        || 0u8,
        |capacity, mut producer, mut consumer| {
            let source: Vec<u8> = (1..=10).collect();
            assert_eq!(producer.push_slice(&source), capacity);
            assert_eq!(producer.push_slice(&source), 0);
            let mut target = [0; 4];
            let count = consumer.pop_slice(&mut target);
            assert_eq!(count, capacity.min(4));
            assert_eq!(target[..count], source[..count]);
            assert!(target[count..].iter().all(|byte| *byte == 0));
            assert_eq!(producer.push_slice(&source[..1]), 1);
            let mut rest = [0; 20];
            assert_eq!(consumer.pop_slice(&mut rest), capacity - count + 1);
            assert_eq!(rest[..capacity - count], source[count..capacity]);
            assert_eq!(rest[capacity - count], 1);
            assert_eq!(consumer.pop_slice(&mut rest), 0);
        },
    );
}

/// Panics when it is dropped, if it is told to; and accounts for it.
struct Fuse(Counted, bool);

impl Drop for Fuse {
    fn drop(&mut self) {
        if self.1 {
            self.1 = false;
            panic!("the fuse of {} blew", self.0.content);
        }
    }
}

fn blown(f: impl FnOnce()) {
    let panic = catch_unwind(AssertUnwindSafe(f)).expect_err("a destructor panics");
    assert!(message(&*panic).contains("blew"), "{}", message(&*panic));
}

/// Whichever value panics, and whoever drops it.
#[test]
fn a_destructor_that_panics_loses_and_doubles_nothing() {
    let idle = Accounts::new();
    for end in 0..5 {
        rings(
            || Fuse(idle.value(0), false),
            |capacity, mut producer, mut consumer| {
                let accounts = Accounts::new();
                let bad = capacity / 2;
                let values = (0..capacity).map(|at| Fuse(accounts.value(at as u64), at == bad));
                assert_eq!(producer.push_many(values), capacity);
                match end {
                    0 => blown(|| drop(consumer.pop_many(bad + 1))),
                    1 => blown(|| consumer.read_chunk(capacity).commit(bad + 1)),
                    2 => blown(|| consumer.drain().for_each(drop)),
                    3 => {
                        drop(producer);
                        blown(|| drop(consumer));
                        assert_eq!(accounts.dropped(), capacity);
                        return;
                    }
                    _ => {
                        drop(consumer);
                        blown(|| drop(producer));
                        assert_eq!(accounts.dropped(), capacity);
                        return;
                    }
                }
                let popped = if end == 2 { capacity } else { bad + 1 };
                assert_eq!(accounts.dropped(), popped);
                // The ring goes on.
                assert_eq!((consumer.len(), producer.free_slots()), (capacity - popped, popped));
                assert!(producer.push(Fuse(accounts.value(9), false)).is_ok());
                drop((producer, consumer));
                accounts.assert_all_dropped_once();
            },
        );
    }
    idle.assert_all_dropped_once();
}

#[test]
fn an_iterator_that_panics_leaves_what_was_pushed() {
    rings(String::new, |capacity, mut producer, mut consumer| {
        let bad = capacity - 1;
        let values = (0..capacity).map(|at| {
            assert!(at < bad, "no more");
            at.to_string()
        });
        let panic = catch_unwind(AssertUnwindSafe(|| producer.push_many(values)));
        assert_eq!(message(&*panic.expect_err("the iterator panics")), "no more");
        assert_eq!(producer.free_slots(), 1);
        assert!(producer.push(String::from("last")).is_ok());
        let expected = (0..bad).map(|at| at.to_string()).chain([String::from("last")]);
        assert!(consumer.drain().eq(expected));
    });
}

#[test]
fn a_chunk_refuses_to_commit_more_than_it_has() {
    let (mut producer, mut consumer) = spsc::ring(3);
    producer.push_slice(&[1, 2]);
    let panic = catch_unwind(AssertUnwindSafe(|| consumer.read_chunk(3).commit(3)));
    assert!(message(&*panic.expect_err("there are two")).contains("3 values committed of 2"));
    assert_eq!(consumer.len(), 2);
    // SAFETY: it panics before it looks at any slot.
    let commit = || unsafe { producer.reserve(3).commit(2) };
    let panic = catch_unwind(AssertUnwindSafe(commit));
    assert!(message(&*panic.expect_err("there is one")).contains("2 slots committed of 1"));
    assert_eq!((producer.free_slots(), consumer.len()), (1, 2));
}

#[test]
fn what_is_reserved_and_not_committed_is_not_pushed() {
    rings(
        || 0,
        |capacity, mut producer, mut consumer| {
            let mut slots = producer.reserve(usize::MAX);
            assert_eq!(slots.len(), capacity);
            slots.as_mut_slices().0[0].write(7);
            drop(slots);
            assert!(consumer.is_empty() && consumer.read_chunk(1).is_empty());
            assert_eq!((producer.push(8), consumer.pop()), (Ok(()), Some(8)));
        },
    );
}

/// No memory is needed for values without size, so any number of slots will do.
#[test]
fn values_without_size_are_counted() {
    #[derive(Debug, PartialEq)]
    struct Nothing;
    for capacity in [1, 3, usize::MAX] {
        let (mut producer, mut consumer) = spsc::ring(capacity);
        assert_eq!(producer.push_many((0..3).map(|_| Nothing)), capacity.min(3));
        assert_eq!(producer.free_slots(), capacity - capacity.min(3));
        assert_eq!(consumer.read_chunk(2).as_slices().0.len(), capacity.min(2));
        assert_eq!(consumer.pop(), Some(Nothing));
        assert_eq!(consumer.drain().count(), capacity.min(3) - 1);
        assert_eq!(consumer.pop(), None);
    }
    let (mut producer, mut consumer) = spsc::ring(usize::MAX);
    let nothings = vec![(); usize::MAX];
    assert_eq!(producer.push_slice(&nothings), usize::MAX);
    assert_eq!(producer.push(()), Err(Full(())));
    assert_eq!(consumer.pop(), Some(()));
    assert_eq!((producer.push(()), producer.push(())), (Ok(()), Err(Full(()))));
}

#[test]
fn values_may_be_over_aligned() {
    #[repr(align(256))]
    struct Wide(u8);
    rings(
        || Wide(0),
        |capacity, mut producer, mut consumer| {
            assert_eq!(producer.push_many((0..9).map(Wide)), capacity);
            let front: *const Wide = consumer.peek().unwrap();
            assert_eq!(front.addr() % 256, 0);
            assert!(consumer.drain().map(|wide| wide.0).eq(0..capacity as u8));
        },
    );
}

#[test]
fn a_drain_that_is_forgotten_has_taken_what_it_yielded() {
    rings(
        || Accounts::new().value(0),
        |capacity, mut producer, mut consumer| {
            let accounts = Accounts::new();
            producer.push_many((0..capacity as u64).map(|at| accounts.value(at)));
            let mut values = consumer.drain();
            assert_eq!(values.next().map(|value| value.content), Some(0));
            mem::forget(values);
            drop(consumer);
            assert_eq!(producer.free_slots(), 1);
            drop(producer);
            accounts.assert_all_dropped_once();
        },
    );
}

/// Else it would be full to its producer and empty to its consumer, for ever.
#[test]
fn a_drain_that_is_forgotten_when_it_has_yielded_all_leaves_room() {
    rings(
        || 0,
        |capacity, mut producer, mut consumer| {
            for drained in [capacity, 1] {
                producer.push_many(0..capacity);
                let mut values = consumer.pop_many(drained);
                assert!(values.by_ref().eq(0..drained));
                mem::forget(values);
                assert_eq!(producer.free_slots(), drained);
                consumer.drain().for_each(drop);
            }
        },
    );
}

#[test]
fn an_end_knows_when_the_other_has_left() {
    let accounts = Accounts::new();
    let (mut producer, mut consumer) = spsc::ring(2);
    assert!(!producer.is_abandoned() && !consumer.is_abandoned());
    assert!(producer.push(accounts.value(1)).is_ok());
    assert!(producer.push(accounts.value(2)).is_ok());
    drop(producer);
    assert!(consumer.is_abandoned());
    assert_eq!(consumer.pop().unwrap().content, 1);
    drop(consumer);
    accounts.assert_all_dropped_once();

    let (mut producer, consumer) = spsc::ring(2);
    drop(consumer);
    assert!(producer.is_abandoned());
    // It may push on, and drops it in the end.
    assert!(producer.push(accounts.value(3)).is_ok());
    drop(producer);
    accounts.assert_all_dropped_once();
}

#[test]
fn an_owned_consumer_yields_what_is_there() {
    let (mut producer, consumer) = spsc::ring(3);
    producer.push_many(1..=2);
    let mut values = consumer.into_iter();
    assert_eq!((values.next(), values.next(), values.next()), (Some(1), Some(2), None));
    assert_eq!((producer.push(3), values.next()), (Ok(()), Some(3)));
    drop(values);
    assert!(producer.is_abandoned());
}

#[test]
fn a_ring_without_slots_is_refused() {
    for make in [|| drop(spsc::ring::<u8>(0)), || drop(spsc::try_ring::<u8>(0))] {
        let panic = catch_unwind(make).expect_err("no slot");
        assert_eq!(message(&*panic), "a ring has at least one slot");
    }
    assert!(spsc::try_ring::<u64>(usize::MAX).is_err());
    assert!(spsc::try_ring::<u8>(isize::MAX as usize).is_err(), "so much memory was there?");
    assert!(spsc::try_ring::<u8>(1).is_ok());
}

#[test]
fn what_is_shown_says_how_full_it_is() {
    let (mut producer, mut consumer) = spsc::ring(3);
    assert!(producer.push(|| ()).is_ok(), "values need not be Debug");
    let shown = format!("{producer:?} {consumer:?}");
    assert_eq!(
        shown,
        "Producer { capacity: 3, free_slots: 2, is_abandoned: false, .. } \
         Consumer { capacity: 3, len: 1, is_abandoned: false, .. }"
    );
    assert_eq!(format!("{:?}", producer.reserve(1)), "Reserved { len: 1, .. }");
    assert_eq!(format!("{:?}", consumer.read_chunk(2)), "Chunk { len: 1, .. }");
    assert_eq!(format!("{:?}", consumer.drain()), "Drain { left: 1, .. }");
    let full = Full(|| ());
    assert_eq!(format!("{full:?}: {full}"), "Full(..): not pushed: the queue is full");
}
