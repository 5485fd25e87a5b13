//! `MsQueue` against `VecDeque`.
#![no_main]

use arbitrary::Arbitrary;
use counterpoint::{queue::MsQueue, reclaim::Handle};
use counterpoint_fuzz::{Alive, Guards, Input, Pinning, Shared, Subject, Value, run};
use libfuzzer_sys::fuzz_target;
use std::{collections::VecDeque, mem};

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

fuzz_target!(|input: Input<Step, Own>| run::<Queue>(input));

struct Queue {
    queue: MsQueue<Value>,
    model: VecDeque<u8>,
}

impl Subject for Queue {
    type Step = Step;
    type Own = Own;

    fn new(domain: Shared) -> Self {
        Queue { queue: MsQueue::new_in(domain.collector()), model: VecDeque::new() }
    }

    fn register(&self) -> Handle<'static> {
        self.queue.register()
    }

    fn step(&mut self, step: Step, slot: u8, guards: &mut Guards<'_>, alive: &Alive) {
        let Queue { queue, model } = self;
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

    fn own(&mut self, own: Own, alive: &Alive) {
        let Queue { queue, model } = self;
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

    fn count(&self) -> usize {
        self.model.len()
    }

    fn end(self) {
        assert!(self.queue.into_iter().map(|value| value.content()).eq(self.model));
    }
}
