//! `TreiberStack` against `Vec`.
#![no_main]

use arbitrary::Arbitrary;
use counterpoint::{reclaim::Handle, stack::TreiberStack};
use counterpoint_fuzz::{Alive, Guards, Input, Pinning, Shared, Subject, Value, run};
use libfuzzer_sys::fuzz_target;
use std::mem;

/// Under the guard in a slot.
#[derive(Arbitrary, Debug)]
enum Step {
    Pinning(Pinning),
    Push(u8),
    Pop,
    PopAll { taken: u8, pushed_meanwhile: Option<u8> },
}

/// With the stack for itself, after some steps.
#[derive(Arbitrary, Debug)]
enum Own {
    Nothing,
    PeekMut(u8),
    IterMut(u8),
    Drain(u8),
    Extend(Vec<u8>),
    IntoIter(u8),
}

fuzz_target!(|input: Input<Step, Own>| run::<Stack>(input));

struct Stack {
    stack: TreiberStack<Value>,
    model: Vec<u8>,
}

impl Subject for Stack {
    type Step = Step;
    type Own = Own;

    fn new(domain: Shared) -> Self {
        Stack { stack: TreiberStack::new_in(domain.collector()), model: Vec::new() }
    }

    fn register(&self) -> Handle<'static> {
        self.stack.register()
    }

    fn step(&mut self, step: Step, slot: u8, guards: &mut Guards<'_>, alive: &Alive) {
        let Stack { stack, model } = self;
        match step {
            Step::Pinning(how) => guards.change(slot, how),
            Step::Push(value) => {
                guards.with(slot, |guard| stack.push(alive.value(value), guard));
                model.push(value);
            }
            Step::Pop => {
                let popped = guards.with(slot, |guard| stack.pop(guard));
                assert_eq!(popped.map(|value| value.content()), model.pop());
            }
            Step::PopAll { taken, pushed_meanwhile } => guards.with(slot, |guard| {
                let mut all = stack.pop_all(guard);
                let expected = mem::take(model);
                if let Some(value) = pushed_meanwhile {
                    stack.pin().push(alive.value(value));
                    model.push(value);
                }
                let expected = expected.into_iter().rev().take(taken.into());
                assert!(all.by_ref().take(taken.into()).map(|value| value.content()).eq(expected));
            }),
        }
        guards.with(slot, |guard| assert_eq!(stack.is_empty(guard), model.is_empty()));
    }

    fn own(&mut self, own: Own, alive: &Alive) {
        let Stack { stack, model } = self;
        match own {
            Own::Nothing => {}
            Own::PeekMut(value) => {
                assert_eq!(stack.peek().map(Value::content), model.last().copied());
                if let (Some(top), Some(expected)) = (stack.peek_mut(), model.last_mut()) {
                    (top.set(value), *expected = value);
                }
            }
            Own::IterMut(mask) => {
                stack.iter_mut().for_each(|value| value.set(value.content() ^ mask));
                model.iter_mut().for_each(|value| *value ^= mask);
                assert!(
                    stack.iter_mut().map(|value| value.content()).eq(model.iter().rev().copied())
                );
            }
            Own::Drain(some) => {
                let drained = stack.drain().map(|value| value.content()).take(some.into());
                assert!(drained.eq(model.drain(..).rev().take(some.into())));
            }
            Own::Extend(values) => {
                stack.extend(values.iter().map(|value| alive.value(*value)));
                model.extend(values);
            }
            Own::IntoIter(some) => {
                let fresh = TreiberStack::new_in(stack.collector().clone());
                let all = mem::replace(stack, fresh).into_iter().map(|value| value.content());
                assert!(all.take(some.into()).eq(model.drain(..).rev().take(some.into())));
            }
        }
    }

    fn count(&self) -> usize {
        self.model.len()
    }

    fn end(self) {
        let values = self.stack.into_iter().map(|value| value.content());
        assert!(values.eq(self.model.into_iter().rev()));
    }
}
