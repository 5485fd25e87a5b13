//! `Bag` against a multiset.
#![no_main]

use arbitrary::Arbitrary;
use counterpoint::bag::{Bag, BagHandle};
use counterpoint_fuzz::{Alive, Shared, Value};
use libfuzzer_sys::fuzz_target;
use std::mem;

#[derive(Arbitrary, Debug)]
struct Input {
    domain: Shared,
    chunks: Vec<(Vec<(u8, Step)>, Own)>,
}

/// By the handle in a slot.
#[derive(Arbitrary, Debug)]
enum Step {
    Push(u8),
    PushMany(Vec<u8>),
    Pop,
    PopMany(u8),
    Renew,
    Leave,
    Forget,
}

/// With the bag for itself, after some steps.
#[derive(Arbitrary, Debug)]
enum Own {
    Nothing,
    IterMut(u8),
    Drain(u8),
    Extend(Vec<u8>),
    IntoIter(u8),
}

/// How many of each value.
struct Model([usize; 256]);

impl Model {
    fn len(&self) -> usize {
        self.0.iter().sum()
    }

    fn add(&mut self, value: u8) {
        self.0[usize::from(value)] += 1;
    }

    /// Takes what came out, which is as much as it should.
    fn give(&mut self, wanted: usize, values: impl IntoIterator<Item = Value>) {
        let expected = wanted.min(self.len());
        let mut given = 0;
        for value in values {
            let count = &mut self.0[usize::from(value.content())];
            *count = count.checked_sub(1).expect("a value came out that was not in");
            given += 1;
        }
        assert_eq!(given, expected);
    }
}

fuzz_target!(|input: Input| {
    let alive = Alive::default();
    let (mut bag, mut model) = (Bag::new_in(input.domain.collector()), Model([0; 256]));
    for (steps, own) in input.chunks {
        share(steps, &bag, &mut model, &alive);
        take(own, &mut bag, &mut model, &alive);
        assert_eq!((alive.count(), bag.len()), (model.len(), model.len()));
    }
    model.give(usize::MAX, bag);
    alive.assert_none();
});

fn share(steps: Vec<(u8, Step)>, bag: &Bag<Value>, model: &mut Model, alive: &Alive) {
    let mut handles: [Option<BagHandle<'_, Value>>; 4] = [const { None }; 4];
    for (slot, step) in steps {
        let slot = &mut handles[usize::from(slot % 4)];
        let handle = slot.get_or_insert_with(|| bag.register());
        match step {
            Step::Push(value) => {
                handle.push(alive.value(value));
                model.add(value);
            }
            Step::PushMany(values) => {
                let count = handle.push_many(values.iter().map(|value| alive.value(*value)));
                assert_eq!(count, values.len());
                values.into_iter().for_each(|value| model.add(value));
            }
            Step::Pop => model.give(1, handle.pop()),
            Step::PopMany(max) => {
                let mut popped = Vec::new();
                assert_eq!(handle.pop_many(&mut popped, max.into()), popped.len());
                model.give(max.into(), popped);
            }
            Step::Renew => *handle = bag.register(),
            Step::Leave => *slot = None,
            Step::Forget => mem::forget(slot.take()),
        }
        assert_eq!((bag.len(), bag.is_empty()), (model.len(), model.len() == 0));
    }
}

fn take(own: Own, bag: &mut Bag<Value>, model: &mut Model, alive: &Alive) {
    match own {
        Own::Nothing => {}
        Own::IterMut(mask) => {
            let mut changed = Model([0; 256]);
            for value in bag.iter_mut() {
                let content = value.content();
                model.0[usize::from(content)] -= 1;
                value.set(content ^ mask);
                changed.add(content ^ mask);
            }
            assert_eq!(model.len(), 0, "values that were not shown");
            *model = changed;
        }
        Own::Drain(some) => {
            model.give(some.into(), bag.drain().take(some.into()));
            *model = Model([0; 256]);
        }
        Own::Extend(values) => {
            bag.extend(values.iter().map(|value| alive.value(*value)));
            values.into_iter().for_each(|value| model.add(value));
        }
        Own::IntoIter(some) => {
            let all = mem::replace(bag, Bag::new_in(bag.collector().clone())).into_iter();
            model.give(some.into(), all.take(some.into()));
            *model = Model([0; 256]);
        }
    }
}
