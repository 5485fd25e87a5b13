//! `Queue` against `VecDeque`.
#![no_main]

use arbitrary::Arbitrary;
use counterpoint::{
    queue::{Closed, Queue},
    reclaim::Handle,
};
use counterpoint_fuzz::{Alive, Guards, Input, Pinning, Shared, Subject, Value, run};
use libfuzzer_sys::fuzz_target;
use std::{collections::VecDeque, mem};

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
    TryIter(u8),
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
    PushMut(u8),
    PopMut,
}

fuzz_target!(|input: Input<Step, Own>| run::<Segmented>(input));

struct Segmented {
    queue: Queue<Value>,
    /// What should be in it.
    values: VecDeque<u8>,
    is_closed: bool,
}

impl Subject for Segmented {
    type Step = Step;
    type Own = Own;

    fn new(domain: Shared) -> Self {
        let queue = Queue::new_in(domain.collector());
        Segmented { queue, values: VecDeque::new(), is_closed: false }
    }

    fn register(&self) -> Handle<'static> {
        self.queue.register()
    }

    fn step(&mut self, step: Step, slot: u8, guards: &mut Guards<'_>, alive: &Alive) {
        let Segmented { queue, values, is_closed } = self;
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
            Step::TryIter(some) => guards.with(slot, |guard| {
                let count = values.len().min(some.into());
                let popped = queue.try_iter(guard).take(some.into());
                assert!(popped.map(|value| value.content()).eq(values.drain(..count)));
            }),
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

    fn own(&mut self, own: Own, alive: &Alive) {
        let Segmented { queue, values, is_closed } = self;
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
            Own::PushMut(value) => match queue.push_mut(alive.value(value)) {
                Ok(()) => values.push_back(value),
                Err(Closed(back)) => assert!(*is_closed && back.content() == value),
            },
            Own::PopMut => {
                assert_eq!(queue.pop_mut().map(|value| value.content()), values.pop_front());
            }
            Own::Drain(some) => {
                let drained = queue.drain();
                assert_eq!(drained.len(), values.len());
                let drained = drained.map(|value| value.content()).take(some.into());
                assert!(drained.eq(values.drain(..).take(some.into())));
                assert_eq!(alive.count(), 0);
            }
            Own::IntoIter(some) => {
                let fresh = Queue::new_in(queue.collector().clone());
                let all = mem::replace(queue, fresh).into_iter();
                assert_eq!(all.len(), values.len());
                let all = all.map(|value| value.content());
                assert!(all.take(some.into()).eq(values.drain(..).take(some.into())));
                *is_closed = false;
            }
        }
    }

    fn count(&self) -> usize {
        self.values.len()
    }

    fn end(self) {
        assert!(self.queue.into_iter().map(|value| value.content()).eq(self.values));
    }
}
