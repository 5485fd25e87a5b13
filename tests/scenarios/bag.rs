//! `Bag`. The tags are those of the head of `src/bag/`.
//!
//! An operation says whose handle does it, by number; each handle is one thread's at a time, so that the
//! lock around it is never waited for. Handles register in the order of their numbers, and a pass begins
//! with the last one's seat. What is answered depends on the seats; a specification does not know them,
//! so the outcomes are listed.

use crate::common::{BACKENDS, Backend};
use Operation::{IsEmpty, Len, Pop, Push};
use counterpoint::{
    bag::{Bag, BagHandle},
    verify::{
        scenario::{
            Runner::{Pct, Random, Threads},
            Scenario,
        },
        spec::{
            self, SequentialSpec,
            bag::{Answer, Operation, State},
        },
    },
};
use std::{mem::ManuallyDrop, sync::Mutex};

/// Whose handle does what.
#[derive(Clone, Debug)]
enum Asked {
    By(usize, Operation<u32>),
    /// The handle is dropped, if there is one, and a new one takes its number.
    Renew(usize),
}

use Asked::{By, Renew};

struct Spec(spec::Bag<u32>);

impl SequentialSpec for Spec {
    type State = State<u32>;
    type Operation = Asked;
    type Result = Answer<u32>;

    fn initial(&self) -> State<u32> {
        self.0.initial()
    }

    fn step(
        &self,
        now: &State<u32>,
        asked: &Asked,
        told: Option<&Answer<u32>>,
    ) -> impl IntoIterator<Item = (Answer<u32>, State<u32>)> {
        match asked {
            By(_, operation) => self.0.step(now, operation, told).into_iter().collect(),
            Renew(_) => vec![(Answer::Done, now.clone())],
        }
    }
}

/// A bag and its handles, which go before it.
struct Handles {
    handles: ManuallyDrop<Vec<Mutex<Option<BagHandle<'static, u32>>>>>,
    bag: *mut Bag<u32>,
}

// SAFETY: the bag is shared, and each handle is behind a lock.
unsafe impl Send for Handles {}
// SAFETY: as above.
unsafe impl Sync for Handles {}

impl Handles {
    fn new(count: usize, backend: Backend) -> Self {
        let bag = Box::into_raw(Box::new(Bag::new_in((backend.collector)())));
        // SAFETY: the box is freed after the handles, by `drop`.
        let register = || unsafe { &*bag }.register();
        let handle = |number| Mutex::new((number < count).then(register));
        let handles = ManuallyDrop::new((0..4).map(handle).collect());
        Handles { handles, bag }
    }

    fn ask(&self, asked: &Asked) -> Answer<u32> {
        let by = |number: usize| self.handles[number].lock().unwrap();
        match asked {
            Renew(number) => {
                drop(by(*number).take());
                // SAFETY: the bag lives until the handles are gone.
                *by(*number) = Some(unsafe { &*self.bag }.register());
                Answer::Done
            }
            // SAFETY: as above.
            By(_, IsEmpty) => unsafe { &*self.bag }.is_empty().into(),
            // SAFETY: as above.
            By(_, Len) => unsafe { &*self.bag }.len().into(),
            By(number, operation) => {
                let handle = by(*number).take().expect("one thread uses it");
                let answer = match operation {
                    Push(value) => handle.push(*value).into(),
                    _ => handle.pop().into(),
                };
                *by(*number) = Some(handle);
                answer
            }
        }
    }
}

impl Drop for Handles {
    fn drop(&mut self) {
        // SAFETY: dropped once, here, and the bag after them.
        unsafe { ManuallyDrop::drop(&mut self.handles) };
        // SAFETY: the box of `new`, to which nobody points any more.
        drop(unsafe { Box::from_raw(self.bag) });
    }
}

impl Backend {
    fn bag(self, name: &str, handles: usize) -> Scenario<Spec, Handles> {
        let name = format!("bag: {name}, {}", self.name);
        let make = move || Handles::new(handles, self);
        let scenario = Scenario::new(name, Spec(spec::Bag::new()), make, Handles::ask);
        match self.bounds {
            Some((interleavings, weak)) => scenario.bound(interleavings).weak_bound(weak),
            None => scenario.bound(3).weak_bound(2),
        }
    }
}

fn value(value: u32) -> Answer<u32> {
    Answer::Value(Some(value))
}

const NONE: Answer<u32> = Answer::Value(None);
const DONE: Answer<u32> = Answer::Done;

/// A value that is pushed is popped by another handle, once.
#[test]
fn a_push_meets_a_pop() {
    for backend in BACKENDS {
        let scenario = backend.bag("push and pop", 2).thread([By(0, Push(1))]);
        let scenario = scenario.thread([By(1, Pop)]).after([By(1, Pop)]);
        scenario
            .expect([
                vec![vec![DONE], vec![NONE], vec![value(1)]],
                vec![vec![DONE], vec![value(1)], vec![NONE]],
            ])
            .check();
    }
}

#[test]
fn a_value_is_popped_once() {
    for backend in BACKENDS {
        let scenario = backend.bag("one value, its owner and a thief", 2).before([By(0, Push(1))]);
        let scenario = scenario.thread([By(0, Pop)]).thread([By(1, Pop)]);
        scenario
            .expect([
                vec![vec![value(1)], vec![NONE], vec![]],
                vec![vec![NONE], vec![value(1)], vec![]],
            ])
            .check();
    }
}

/// One value is pushed at one end before another one is popped at the other: a single pass finds neither.
#[test]
fn a_bag_that_holds_a_value_throughout_is_never_seen_empty() {
    for backend in BACKENDS {
        // The pass of the last handle begins with its own seat, then sees 2, then 1, then 0.
        let scenario = backend.bag("a value ahead, one behind", 3).before([By(0, Push(1))]);
        let scenario = scenario.thread([By(1, Push(2)), By(0, Pop)]).thread([By(2, Pop)]);
        scenario
            .expect([
                vec![vec![DONE, value(1)], vec![value(2)], vec![]],
                vec![vec![DONE, value(2)], vec![value(1)], vec![]],
            ])
            .check();
        let scenario = backend.bag("a value ahead, one behind, seen", 3).before([By(0, Push(1))]);
        let scenario = scenario.thread([By(1, Push(2)), By(0, Pop)]).thread([By(2, IsEmpty)]);
        scenario.expect([vec![vec![DONE, value(1)], vec![Answer::Flag(false)], vec![]]]).check();
    }
}

/// As above, but the second pass meets a seat that the first one could not see.
#[test]
fn a_handle_that_comes_is_looked_at() {
    for backend in BACKENDS {
        let scenario = backend.bag("a new seat", 2).before([By(0, Push(1))]);
        let come = [Renew(2), By(2, Push(2)), By(0, Pop)];
        scenario
            .thread(come)
            .thread([By(1, Pop)])
            .expect([
                vec![vec![DONE, DONE, value(1)], vec![value(2)], vec![]],
                vec![vec![DONE, DONE, value(2)], vec![value(1)], vec![]],
            ])
            .check();
    }
}

/// Who is slower at one value goes on, and does not take the rest for nothing.
#[test]
fn who_loses_twice_finds_the_third() {
    for backend in BACKENDS {
        let scenario = backend.bag("three values, two thieves", 3);
        let scenario = scenario.before([By(0, Push(1)), By(0, Push(2)), By(0, Push(3))]);
        let scenario = scenario.thread([By(1, Pop), By(1, Pop)]).thread([By(2, Pop)]);
        scenario
            .bound(4)
            .expect([
                vec![vec![value(1), value(2)], vec![value(3)], vec![]],
                vec![vec![value(1), value(3)], vec![value(2)], vec![]],
                vec![vec![value(2), value(3)], vec![value(1)], vec![]],
            ])
            .check();
    }
}

/// On which of two bags.
#[derive(Clone, Debug)]
struct On(usize, Asked);

struct Two;

impl SequentialSpec for Two {
    type State = [State<u32>; 2];
    type Operation = On;
    type Result = Answer<u32>;

    fn initial(&self) -> Self::State {
        [spec::Bag::new().initial(), spec::Bag::new().initial()]
    }

    fn step(
        &self,
        now: &Self::State,
        On(which, asked): &On,
        told: Option<&Answer<u32>>,
    ) -> impl IntoIterator<Item = (Answer<u32>, Self::State)> {
        let spec = Spec(spec::Bag::new());
        let steps: Vec<_> = spec.step(&now[*which], asked, told).into_iter().collect();
        steps.into_iter().map(|(told, bag)| {
            let mut next = now.clone();
            next[*which] = bag;
            (told, next)
        })
    }
}

/// [P3]: who comes and pushes, and then finds the other bag empty, is not itself overlooked there.
#[test]
fn of_two_threads_one_sees_what_the_other_did_to_another_bag() {
    for backend in BACKENDS {
        let name = format!("bag: two bags, {}", backend.name);
        let make = || [Handles::new(0, *backend), Handles::new(0, *backend)];
        let apply = |bags: &[Handles; 2], On(which, asked): &On| bags[*which].ask(asked);
        let thread =
            |own, other| [On(own, Renew(0)), On(own, By(0, Push(1))), On(other, By(0, IsEmpty))];
        let seen = |first, second| {
            let answers = |seen| vec![DONE, DONE, Answer::Flag(seen)];
            vec![answers(first), answers(second), vec![]]
        };
        Scenario::new(name, Two, make, apply)
            .bound(2)
            .weak_bound(2)
            .thread(thread(0, 1))
            .thread(thread(1, 0))
            .expect([seen(false, false), seen(false, true), seen(true, false)])
            .check();
    }
}

/// [P1]: who takes a seat over has what was left in it.
#[test]
fn a_seat_goes_to_the_next_handle() {
    for backend in BACKENDS {
        let scenario = backend.bag("a seat taken over", 2);
        let scenario = scenario.thread([By(0, Push(1)), Renew(0)]).thread([Renew(1), By(1, Pop)]);
        scenario
            .after([By(0, Pop)])
            .expect([
                vec![vec![DONE, DONE], vec![DONE, value(1)], vec![NONE]],
                vec![vec![DONE, DONE], vec![DONE, NONE], vec![value(1)]],
            ])
            .check();
    }
}

#[test]
fn many_threads_push_and_pop() {
    for backend in BACKENDS {
        let mut scenario = backend.bag("four pairs of push and pop", 4);
        for thread in 0..4 {
            let first = thread as u32;
            scenario = scenario.thread([
                By(thread, Push(first)),
                By(thread, Pop),
                By(thread, Pop),
                By(thread, Push(10 + first)),
            ]);
        }
        let scenario = scenario.after([By(0, Len), By(0, Pop)]).any_outcome();
        scenario.only([Random, Pct, Threads]).check();
    }
}
