//! `MsQueue` against `VecDeque`.
#![no_main]

use arbitrary::Arbitrary;
use counterpoint::queue::MsQueue;
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
    Pop,
    PushAndPop(u8),
}

/// With the queue for itself, after some steps.
#[derive(Arbitrary, Debug)]
enum Own {
    Nothing,
    PeekMut(u8),
    IterMut(u8),
    Drain(u8),
    Extend(Vec<u8>),
    IntoIter(u8),
}

fuzz_target!(|input: Input| {
    let alive = Alive::default();
    let mut queue = MsQueue::new_in(input.domain.collector());
    let mut model = VecDeque::new();
    for (steps, own) in input.chunks {
        share(steps, &queue, &mut model, &alive);
        take(own, &mut queue, &mut model, &alive);
        assert_eq!(alive.count(), model.len());
    }
    assert!(queue.into_iter().map(|value| value.content()).eq(model));
    alive.assert_none();
});

fn share(steps: Vec<(u8, Step)>, queue: &MsQueue<Value>, model: &mut VecDeque<u8>, alive: &Alive) {
    let handles = [queue.register(), queue.register(), queue.register()];
    let mut guards = Guards::new(&handles);
    for (slot, step) in steps {
        match step {
            Step::Pinning(how) => guards.change(slot, how),
            Step::Push(value) => {
                guards.with(slot, |guard| queue.push(alive.value(value), guard));
                model.push_back(value);
            }
            Step::Pop => {
                let popped = guards.with(slot, |guard| queue.pop(guard));
                assert_eq!(popped.map(|value| value.content()), model.pop_front());
            }
            Step::PushAndPop(value) => {
                queue.pin().push(alive.value(value));
                model.push_back(value);
                let popped = queue.pin().pop().map(|value| value.content());
                assert_eq!(popped, model.pop_front());
            }
        }
        guards.with(slot, |guard| assert_eq!(queue.is_empty(guard), model.is_empty()));
    }
}

fn take(own: Own, queue: &mut MsQueue<Value>, model: &mut VecDeque<u8>, alive: &Alive) {
    match own {
        Own::Nothing => {}
        Own::PeekMut(value) => {
            assert_eq!(queue.peek().map(Value::content), model.front().copied());
            if let (Some(front), Some(expected)) = (queue.peek_mut(), model.front_mut()) {
                (front.set(value), *expected = value);
            }
        }
        Own::IterMut(mask) => {
            queue.iter_mut().for_each(|value| value.set(value.content() ^ mask));
            model.iter_mut().for_each(|value| *value ^= mask);
            assert!(queue.iter_mut().map(|value| value.content()).eq(model.iter().copied()));
        }
        Own::Drain(some) => {
            let drained = queue.drain().map(|value| value.content()).take(some.into());
            assert!(drained.eq(model.drain(..).take(some.into())));
        }
        Own::Extend(values) => {
            queue.extend(values.iter().map(|value| alive.value(*value)));
            model.extend(values);
        }
        Own::IntoIter(some) => {
            let fresh = MsQueue::new_in(queue.collector().clone());
            let all = mem::replace(queue, fresh).into_iter().map(|value| value.content());
            assert!(all.take(some.into()).eq(model.drain(..).take(some.into())));
        }
    }
}
