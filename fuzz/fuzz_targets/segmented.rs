//! `Queue` against `VecDeque`.
#![no_main]

use arbitrary::Arbitrary;
use counterpoint::queue::{Closed, Queue};
use counterpoint_fuzz::{Alive, Guards, Pinning, Shared, Value};
use libfuzzer_sys::fuzz_target;
use std::{collections::VecDeque, mem};

#[derive(Arbitrary, Debug)]
struct Input {
    domain: Shared,
    chunks: Vec<(Vec<(u8, Step)>, Own)>,
}

/// Under the guard in a slot.
#[derive(Arbitrary, Debug)]
enum Step {
    Pinning(Pinning),
    Push(u8),
    /// So many times that value.
    PushMany(u8, u8),
    Pop,
    PopMany(u8),
    Close,
}

/// With the queue for itself, after some steps.
#[derive(Arbitrary, Debug)]
enum Own {
    Nothing,
    PeekMut(u8),
    IterMut(u8),
    Drain(u8),
    /// The next one is open.
    IntoIter(u8),
}

/// What the queue should be.
#[derive(Default)]
struct Model {
    values: VecDeque<u8>,
    is_closed: bool,
}

fuzz_target!(|input: Input| {
    let alive = Alive::default();
    let mut queue = Queue::new_in(input.domain.collector());
    let mut model = Model::default();
    for (steps, own) in input.chunks {
        share(steps, &queue, &mut model, &alive);
        take(own, &mut queue, &mut model, &alive);
        assert_eq!(alive.count(), model.values.len());
    }
    assert!(queue.into_iter().map(|value| value.content()).eq(model.values));
    alive.assert_none();
});

fn share(steps: Vec<(u8, Step)>, queue: &Queue<Value>, model: &mut Model, alive: &Alive) {
    let handles = [queue.register(), queue.register(), queue.register()];
    let mut guards = Guards::new(&handles);
    for (slot, step) in steps {
        let Model { values, is_closed } = &mut *model;
        match step {
            Step::Pinning(how) => guards.change(slot, how),
            Step::Push(value) => {
                match guards.with(slot, |guard| queue.push(alive.value(value), guard)) {
                    Ok(()) => values.push_back(value),
                    Err(Closed(back)) => assert!(*is_closed && back.content() == value),
                }
            }
            Step::PushMany(value, count) => {
                let many = (0..count).map(|_| alive.value(value));
                let pushed = guards.with(slot, |guard| queue.push_many(many, guard));
                match pushed.map_err(Closed::into_inner) {
                    Ok(pushed) => {
                        assert_eq!(pushed, count.into());
                        values.extend((0..count).map(|_| value));
                    }
                    Err(rest) => assert!(*is_closed && rest.count() == usize::from(count)),
                }
            }
            Step::Pop => {
                let popped = guards.with(slot, |guard| queue.pop(guard));
                assert_eq!(popped.map(|value| value.content()), values.pop_front());
            }
            Step::PopMany(max) => {
                let mut into = Vec::new();
                let count = guards.with(slot, |guard| queue.pop_many(&mut into, max.into(), guard));
                assert_eq!(count, values.len().min(max.into()));
                assert!(into.iter().map(Value::content).eq(values.drain(..count)));
            }
            Step::Close => {
                let was_open = guards.with(slot, |guard| queue.close(guard));
                assert_eq!(was_open, !mem::replace(is_closed, true));
            }
        }
        guards.with(slot, |guard| {
            assert_eq!(
                (queue.is_empty(guard), queue.len(guard)),
                (values.is_empty(), values.len())
            );
            assert_eq!(queue.is_closed(guard), *is_closed);
        });
    }
}

fn take(
    own: Own,
    queue: &mut Queue<Value>,
    Model { values, is_closed }: &mut Model,
    alive: &Alive,
) {
    match own {
        Own::Nothing => {}
        Own::PeekMut(value) => {
            assert_eq!(queue.peek().map(Value::content), values.front().copied());
            if let (Some(front), Some(expected)) = (queue.peek_mut(), values.front_mut()) {
                (front.set(value), *expected = value);
            }
        }
        Own::IterMut(mask) => {
            queue.iter_mut().for_each(|value| value.set(value.content() ^ mask));
            values.iter_mut().for_each(|value| *value ^= mask);
            assert!(queue.iter_mut().map(|value| value.content()).eq(values.iter().copied()));
        }
        Own::Drain(some) => {
            let drained = queue.drain().map(|value| value.content()).take(some.into());
            assert!(drained.eq(values.drain(..).take(some.into())));
            assert_eq!(alive.count(), 0);
        }
        Own::IntoIter(some) => {
            let fresh = Queue::new_in(queue.collector().clone());
            let all = mem::replace(queue, fresh).into_iter().map(|value| value.content());
            assert!(all.take(some.into()).eq(values.drain(..).take(some.into())));
            *is_closed = false;
        }
    }
}
