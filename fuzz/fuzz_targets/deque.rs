//! `deque::Worker` and its `Stealer` against `VecDeque`.
#![no_main]

use arbitrary::Arbitrary;
use counterpoint::{
    deque::{Steal, Stealer, Worker},
    reclaim::Handle,
};
use counterpoint_fuzz::{Alive, Guards, Input, Pinning, Shared, Subject, Value, run};
use libfuzzer_sys::fuzz_target;
use std::{collections::VecDeque, iter, mem};

/// Under the guard in a slot, what needs one.
#[derive(Arbitrary, Debug)]
enum Step {
    Pinning(Pinning),
    Push(u8),
    Pop,
    Oldest,
    Steal,
    Batch {
        limit: u8,
        /// The first one by itself.
        pops: bool,
    },
    Reserve(u8),
}

/// With the deque for itself, after some steps.
#[derive(Arbitrary, Debug)]
enum Own {
    Nothing,
    Drain(u8),
    Extend(Vec<u8>),
    /// What it does not yield is stolen.
    IntoIter(u8),
}

fuzz_target!(|input: Input<Step, Own>| run::<Deque>(input));

struct Deque {
    worker: Worker<Value>,
    stealer: Stealer<Value>,
    model: VecDeque<u8>,
}

fn content(value: Value) -> u8 {
    value.content()
}

impl Deque {
    fn of(worker: Worker<Value>) -> Self {
        Deque { stealer: worker.stealer(), worker, model: VecDeque::new() }
    }
}

impl Subject for Deque {
    type Step = Step;
    type Own = Own;

    fn new(domain: Shared) -> Self {
        Deque::of(Worker::with_capacity_in(1, domain.collector()))
    }

    fn register(&self) -> Handle<'static> {
        self.stealer.register()
    }

    fn step(&mut self, step: Step, slot: u8, guards: &mut Guards<'_>, alive: &Alive) {
        let Deque { worker, stealer, model } = self;
        match step {
            Step::Pinning(how) => guards.change(slot, how),
            Step::Push(value) => {
                worker.push(alive.value(value));
                model.push_back(value);
            }
            Step::Pop => assert_eq!(worker.pop().map(content), model.pop_back()),
            Step::Oldest => assert_eq!(worker.pop_oldest().map(content), model.pop_front()),
            Step::Steal => {
                let stolen = guards.with(slot, |guard| stealer.steal(guard));
                assert!(!stolen.is_retry(), "nobody else is there");
                assert_eq!(stolen.success().map(content), model.pop_front());
            }
            Step::Batch { limit, pops } => {
                let (limit, loot) = (usize::from(limit), Worker::with_capacity(1));
                let half = model.len().div_ceil(2);
                let mut taken = Vec::new();
                let count = if pops {
                    let stolen = guards.with(slot, |guard| {
                        stealer.steal_batch_with_limit_and_pop(&loot, limit, guard)
                    });
                    taken.extend(stolen.success().map(content));
                    half.min(limit.max(1))
                } else {
                    let stolen = guards
                        .with(slot, |guard| stealer.steal_batch_with_limit(&loot, limit, guard));
                    let count = half.min(limit);
                    let expected =
                        if model.is_empty() { Steal::Empty } else { Steal::Success(count) };
                    assert_eq!(stolen, expected);
                    count
                };
                taken.extend(iter::from_fn(|| loot.pop_oldest()).map(content));
                assert!(taken.into_iter().eq(model.drain(..count)));
            }
            Step::Reserve(count) => {
                worker.reserve(count.into());
                assert!(worker.capacity() >= worker.len() + usize::from(count));
            }
        }
        assert_eq!((worker.len(), stealer.len()), (model.len(), model.len()));
    }

    fn own(&mut self, own: Own, alive: &Alive) {
        let Deque { worker, stealer, model } = self;
        match own {
            Own::Nothing => {}
            Own::Drain(some) => {
                let drained = worker.drain().map(content).take(some.into());
                assert!(drained.eq(model.drain(..).rev().take(some.into())));
            }
            Own::Extend(values) => {
                worker.extend(values.iter().map(|value| alive.value(*value)));
                model.extend(values);
            }
            Own::IntoIter(some) => {
                let fresh = Worker::with_capacity_in(1, worker.collector().clone());
                let old = mem::replace(stealer, fresh.stealer());
                let values = mem::replace(worker, fresh).into_iter().map(content);
                let newest = model.len() - model.len().min(some.into());
                assert!(values.take(some.into()).eq(model.drain(newest..).rev()));
                let rest = iter::from_fn(|| old.pin().steal().success()).map(content);
                assert!(rest.eq(model.drain(..)));
            }
        }
    }

    fn count(&self) -> usize {
        self.model.len()
    }

    fn end(self) {
        drop(self.worker);
        let left = iter::from_fn(|| self.stealer.pin().steal().success()).map(content);
        assert!(left.eq(self.model));
    }
}
