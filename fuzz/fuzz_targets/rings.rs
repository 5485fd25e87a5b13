//! What has a fixed number of slots, and no guards: `ArrayQueue`, the ring of `spsc` and the bounded deque,
//! each against `VecDeque`.
#![no_main]

use arbitrary::Arbitrary;
use counterpoint::{
    deque::bounded,
    queue::{ArrayQueue, Full, TryPushError, spsc},
};
use counterpoint_fuzz::{Alive, Value};
use libfuzzer_sys::fuzz_target;
use std::{collections::VecDeque, iter};

#[derive(Arbitrary, Debug)]
struct Input {
    /// Up to eight, one at least.
    capacity: u8,
    steps: Steps,
}

#[derive(Arbitrary, Debug)]
enum Steps {
    Array(Vec<Array>),
    Ring(Vec<Ring>),
    Deque(Vec<Deque>),
}

#[derive(Arbitrary, Debug)]
enum Array {
    Push(u8),
    TryPush(u8),
    ForcePush(u8),
    PushMany(Vec<u8>),
    Pop,
    TryPop,
    PopMany(u8),
    TryIter(u8),
    Drain(u8),
}

#[derive(Arbitrary, Debug)]
enum Ring {
    Push(u8),
    PushMany(Vec<u8>),
    /// So many slots, of which so many are written.
    Reserve(u8, u8),
    Pop,
    /// So many are asked for, and so many are yielded.
    PopMany(u8, u8),
    /// So many are looked at and changed, and so many are dropped in place.
    Chunk(u8, u8),
    ChunkIntoIter(u8),
    Drain(u8),
}

#[derive(Arbitrary, Debug)]
enum Deque {
    Push(u8),
    Pop,
    Oldest,
    Steal,
    Batch { limit: u8, pops: bool },
}

fuzz_target!(|input: Input| {
    let alive = Alive::default();
    let capacity = usize::from(input.capacity % 8) + 1;
    match input.steps {
        Steps::Array(steps) => array(capacity, steps, &alive),
        Steps::Ring(steps) => ring(capacity, steps, &alive),
        Steps::Deque(steps) => deque(capacity, steps, &alive),
    }
    alive.assert_none();
});

fn content(value: Value) -> u8 {
    value.content()
}

fn array(capacity: usize, steps: Vec<Array>, alive: &Alive) {
    let (mut queue, mut model) = (ArrayQueue::new(capacity), VecDeque::new());
    for step in steps {
        let is_full = model.len() == capacity;
        match step {
            Array::Push(value) => match queue.push(alive.value(value)) {
                Ok(()) => model.push_back(value),
                Err(Full(back)) => assert!(is_full && back.content() == value),
            },
            Array::TryPush(value) => match queue.try_push(alive.value(value)) {
                Ok(()) => model.push_back(value),
                Err(TryPushError::Full(back)) => assert!(is_full && back.content() == value),
                Err(TryPushError::Busy(_)) => panic!("nobody else is there"),
            },
            Array::ForcePush(value) => {
                let displaced = queue.force_push(alive.value(value)).map(content);
                assert_eq!(displaced, if is_full { model.pop_front() } else { None });
                model.push_back(value);
            }
            Array::PushMany(values) => {
                let room = capacity - model.len();
                let pushed = queue.push_many(values.iter().map(|value| alive.value(*value)));
                match pushed.map_err(Full::into_inner) {
                    Ok(count) => assert!(count == values.len() && count <= room),
                    Err(rest) => assert!(rest.map(content).eq(values[room..].iter().copied())),
                }
                model.extend(values.into_iter().take(room));
            }
            Array::Pop => assert_eq!(queue.pop().map(content), model.pop_front()),
            Array::TryPop => {
                let popped = queue.try_pop().expect("nobody else is there");
                assert_eq!(popped.map(content), model.pop_front());
            }
            Array::PopMany(max) => {
                let mut into = Vec::new();
                let count = queue.pop_many(&mut into, max.into());
                assert_eq!(count, model.len().min(max.into()));
                assert!(into.into_iter().map(content).eq(model.drain(..count)));
            }
            Array::TryIter(some) => {
                let count = model.len().min(some.into());
                let taken = queue.try_iter().take(some.into()).map(content);
                assert!(taken.eq(model.drain(..count)));
            }
            Array::Drain(some) => {
                let drained = queue.drain();
                assert_eq!(drained.len(), model.len());
                assert!(
                    drained.take(some.into()).map(content).eq(model.drain(..).take(some.into()))
                );
            }
        }
        assert_eq!((queue.len(), alive.count()), (model.len(), model.len()));
        assert_eq!(queue.is_empty(), model.is_empty());
        assert_eq!(queue.is_full(), model.len() == capacity);
    }
    assert!(queue.into_iter().map(content).eq(model));
}

fn ring(capacity: usize, steps: Vec<Ring>, alive: &Alive) {
    let ((mut producer, mut consumer), mut model) = (spsc::ring(capacity), VecDeque::new());
    for step in steps {
        let room = capacity - model.len();
        match step {
            Ring::Push(value) => match producer.push(alive.value(value)) {
                Ok(()) => model.push_back(value),
                Err(Full(back)) => assert!(room == 0 && back.content() == value),
            },
            Ring::PushMany(values) => {
                let count = producer.push_many(values.iter().map(|value| alive.value(*value)));
                assert_eq!(count, values.len().min(room));
                model.extend(&values[..count]);
            }
            Ring::Reserve(count, written) => {
                let mut slots = producer.reserve(count.into());
                assert_eq!(slots.len(), room.min(count.into()));
                let written = slots.len().min(written.into());
                let (first, second) = slots.as_mut_slices();
                for (number, slot) in (0..written as u8).zip(first.iter_mut().chain(second)) {
                    slot.write(alive.value(number));
                    model.push_back(number);
                }
                // SAFETY: so many were written just now.
                unsafe { slots.commit(written) };
            }
            Ring::Pop => assert_eq!(consumer.pop().map(content), model.pop_front()),
            Ring::PopMany(asked, some) => {
                let count = model.len().min(asked.into());
                let popped = consumer.pop_many(asked.into());
                assert_eq!(popped.len(), count);
                assert!(
                    popped
                        .take(some.into())
                        .map(content)
                        .eq(model.drain(..count).take(some.into()))
                );
            }
            Ring::Chunk(count, committed) => {
                let mut chunk = consumer.read_chunk(count.into());
                assert_eq!(chunk.len(), model.len().min(count.into()));
                let (first, second) = chunk.as_mut_slices();
                for (value, expected) in first.iter_mut().chain(second).zip(&mut model) {
                    assert_eq!(value.content(), *expected);
                    *expected ^= 1;
                    value.set(*expected);
                }
                let committed = chunk.len().min(committed.into());
                chunk.commit(committed);
                drop(model.drain(..committed));
            }
            Ring::ChunkIntoIter(count) => {
                let taken = consumer.read_chunk(count.into()).into_iter().map(content);
                let count = model.len().min(count.into());
                assert!(taken.eq(model.drain(..count)));
            }
            Ring::Drain(some) => {
                let drained = consumer.drain().take(some.into()).map(content);
                assert!(drained.eq(model.drain(..).take(some.into())));
            }
        }
        assert_eq!((consumer.len(), alive.count()), (model.len(), model.len()));
        assert_eq!(producer.free_slots(), capacity - model.len());
        assert_eq!(consumer.peek().map(Value::content), model.front().copied());
    }
    drop(producer);
    assert!(consumer.is_abandoned() && consumer.into_iter().map(content).eq(model));
}

fn deque(capacity: usize, steps: Vec<Deque>, alive: &Alive) {
    let (worker, mut model) = (bounded::Worker::new(capacity), VecDeque::new());
    let (stealer, loot) = (worker.stealer(), bounded::Worker::new(2));
    for step in steps {
        match step {
            Deque::Push(value) => match worker.push(alive.value(value)) {
                Ok(()) => model.push_back(value),
                Err(back) => {
                    assert!(back.is_full() && model.len() == worker.capacity());
                    assert_eq!(back.into_inner().content(), value);
                }
            },
            Deque::Pop => assert_eq!(worker.pop().map(content), model.pop_back()),
            Deque::Oldest => assert_eq!(worker.pop_oldest().map(content), model.pop_front()),
            Deque::Steal => {
                assert_eq!(stealer.steal().success().map(content), model.pop_front());
            }
            Deque::Batch { limit, pops } => {
                // There is room for two, and for the one that is taken at once.
                let (limit, half) = (usize::from(limit), model.len().div_ceil(2));
                let mut taken = Vec::new();
                let count = if pops {
                    let first = stealer.steal_batch_with_limit_and_pop(&loot, limit);
                    taken.extend(first.success().map(content));
                    half.min(limit.max(1)).min(3)
                } else {
                    let moved = stealer.steal_batch_with_limit(&loot, limit);
                    assert_eq!(moved.success().unwrap_or(0), half.min(limit).min(2));
                    half.min(limit).min(2)
                };
                taken.extend(iter::from_fn(|| loot.pop_oldest()).map(content));
                assert!(taken.into_iter().eq(model.drain(..count)));
            }
        }
        assert_eq!((worker.len(), alive.count()), (model.len(), model.len()));
    }
    drop(worker);
    assert!(iter::from_fn(|| stealer.steal().success()).map(content).eq(model));
}
