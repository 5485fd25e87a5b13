//! Deques. The tags are those of the heads of `src/deque/`.
//!
//! The first thread has the owner, and the main thread before and after, so that the lock around it is
//! never waited for; the other threads steal.

use Asked::{Batch, LeaveOwner, LeaveThief, Oldest, Pop, Push, Steal, TrySteal};
use counterpoint::{
    deque::{self, bounded},
    verify::{
        scenario::{
            Runner::{Pct, Random, Threads},
            Scenario,
        },
        shim::heap,
        spec::SequentialSpec,
    },
};
use std::{
    collections::VecDeque,
    sync::{Mutex, RwLock},
};

#[derive(Clone, Debug)]
pub(crate) enum Asked {
    Push(u32),
    Pop,
    Oldest,
    /// Until it is not `Retry`.
    Steal,
    TrySteal,
    /// What one call moves to another deque.
    Batch,
    LeaveOwner,
    LeaveThief,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Told {
    Done,
    Full,
    /// A thief is in the middle of the slot.
    Busy,
    Value(Option<u32>),
    Values(Vec<u32>),
    Retry,
}

/// A deque of so many.
pub(crate) struct Spec(pub(crate) usize);

impl SequentialSpec for Spec {
    type State = VecDeque<u32>;
    type Operation = Asked;
    type Result = Told;

    fn initial(&self) -> VecDeque<u32> {
        VecDeque::new()
    }

    fn step(
        &self,
        now: &VecDeque<u32>,
        asked: &Asked,
        _: Option<&Told>,
    ) -> impl IntoIterator<Item = (Told, VecDeque<u32>)> {
        let mut next = now.clone();
        let told = match asked {
            Push(_) if now.len() == self.0 => Told::Full,
            Push(value) => {
                next.push_back(*value);
                Told::Done
            }
            Pop => Told::Value(next.pop_back()),
            Oldest | Steal | TrySteal => Told::Value(next.pop_front()),
            Batch => Told::Values(next.drain(..now.len().div_ceil(2)).collect()),
            LeaveOwner | LeaveThief => Told::Done,
        };
        // Nothing was decided.
        let undecided = match asked {
            Push(_) => Some((Told::Busy, now.clone())),
            TrySteal => Some((Told::Retry, now.clone())),
            _ => None,
        };
        [(told, next)].into_iter().chain(undecided)
    }
}

/// The specification of deques that are nowhere asked for what may be undecided.
struct Decided(Spec);

impl SequentialSpec for Decided {
    type State = VecDeque<u32>;
    type Operation = Asked;
    type Result = Told;

    fn initial(&self) -> VecDeque<u32> {
        VecDeque::new()
    }

    fn step(
        &self,
        now: &VecDeque<u32>,
        asked: &Asked,
        told: Option<&Told>,
    ) -> impl IntoIterator<Item = (Told, VecDeque<u32>)> {
        self.0.step(now, asked, told).into_iter().take(1)
    }
}

/// A value on the heap that an execution watches: it is freed once, and nobody looks at it later.
struct Watched(*mut u32);

// SAFETY: it owns what it points to.
unsafe impl Send for Watched {}

impl Watched {
    fn new(number: u32) -> Self {
        Watched(heap::alloc(number))
    }

    fn get(&self) -> u32 {
        heap::check(self.0);
        // SAFETY: it is owned, and freed by `drop` alone.
        unsafe { *self.0 }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        // SAFETY: it is owned.
        unsafe { heap::free(self.0) };
    }
}

/// What is in a deque.
pub(crate) trait Item: Send + 'static {
    fn of(number: u32) -> Self;
    fn number(&self) -> u32;
}

impl Item for u32 {
    fn of(number: u32) -> Self {
        number
    }
    fn number(&self) -> u32 {
        *self
    }
}

impl Item for Watched {
    fn of(number: u32) -> Self {
        Watched::new(number)
    }
    fn number(&self) -> u32 {
        self.get()
    }
}

fn one<I: Item>(value: Option<I>) -> Told {
    Told::Value(value.map(|value| value.number()))
}

/// What the owner is asked.
pub(crate) trait Owner: Send + 'static {
    fn own(&self, asked: &Asked) -> Told;
}

/// What a thief is asked.
pub(crate) trait Thief: Send + Sync + 'static {
    fn rob(&self, asked: &Asked) -> Told;
}

impl<I: Item> Owner for deque::Worker<I> {
    fn own(&self, asked: &Asked) -> Told {
        match asked {
            Push(value) => {
                self.push(I::of(*value));
                Told::Done
            }
            Pop => one(self.pop()),
            Oldest => one(self.pop_oldest()),
            other => unreachable!("the owner is not asked {other:?}"),
        }
    }
}

impl<I: Item> Thief for deque::Stealer<I> {
    fn rob(&self, asked: &Asked) -> Told {
        match asked {
            Steal => loop {
                let found = self.pin().steal();
                if !found.is_retry() {
                    return one(found.success());
                }
            },
            TrySteal => match self.pin().steal() {
                deque::Steal::Retry => Told::Retry,
                found => one(found.success()),
            },
            Batch => {
                let loot = deque::Worker::new();
                let _ = self.pin().steal_batch(&loot);
                let loot = std::iter::from_fn(|| loot.pop_oldest());
                Told::Values(loot.map(|value| value.number()).collect())
            }
            other => unreachable!("a thief is not asked {other:?}"),
        }
    }
}

impl<I: Item> Owner for bounded::Worker<I> {
    fn own(&self, asked: &Asked) -> Told {
        match asked {
            Push(value) => match self.push(I::of(*value)) {
                Ok(()) => Told::Done,
                Err(bounded::PushError::Full(_)) => Told::Full,
                Err(bounded::PushError::Busy(_)) => Told::Busy,
            },
            Pop => one(self.pop()),
            Oldest => one(self.pop_oldest()),
            other => unreachable!("the owner is not asked {other:?}"),
        }
    }
}

impl<I: Item> Thief for bounded::Stealer<I> {
    fn rob(&self, asked: &Asked) -> Told {
        match asked {
            Steal => loop {
                let found = self.steal();
                if !found.is_retry() {
                    return one(found.success());
                }
            },
            TrySteal => match self.steal() {
                deque::Steal::Retry => Told::Retry,
                found => one(found.success()),
            },
            Batch => {
                let loot = bounded::Worker::new(4);
                let _ = self.steal_batch(&loot);
                let loot = std::iter::from_fn(|| loot.pop_oldest());
                Told::Values(loot.map(|value| value.number()).collect())
            }
            other => unreachable!("a thief is not asked {other:?}"),
        }
    }
}

/// Both ends of a deque, until they leave.
struct Ends<W, S> {
    worker: Mutex<Option<W>>,
    /// Thieves are many: each only reads.
    stealer: RwLock<Option<S>>,
}

impl<W: Owner, S: Thief> Ends<W, S> {
    fn new(worker: W, stealer: S) -> Self {
        Ends { worker: Mutex::new(Some(worker)), stealer: RwLock::new(Some(stealer)) }
    }

    fn answer(&self, asked: &Asked) -> Told {
        match asked {
            Push(_) | Pop | Oldest => {
                self.worker.lock().unwrap().as_ref().expect("it has not left").own(asked)
            }
            Steal | TrySteal | Batch => {
                self.stealer.read().unwrap().as_ref().expect("it has not left").rob(asked)
            }
            LeaveOwner => {
                drop(self.worker.lock().unwrap().take());
                Told::Done
            }
            LeaveThief => {
                drop(self.stealer.write().unwrap().take());
                Told::Done
            }
        }
    }
}

/// A deque as the object of a scenario.
trait Deque: Send + Sync + 'static {
    const NAME: &'static str;
    /// Of so many slots at first.
    fn new(capacity: usize) -> Self;
    fn ask(&self, asked: &Asked) -> Told;
}

type Growing<I> = Ends<deque::Worker<I>, deque::Stealer<I>>;

impl<I: Item> Deque for Growing<I> {
    const NAME: &'static str = "growing";

    fn new(capacity: usize) -> Self {
        let worker = deque::Worker::with_capacity(capacity);
        let stealer = worker.stealer();
        Ends::new(worker, stealer)
    }

    fn ask(&self, asked: &Asked) -> Told {
        self.answer(asked)
    }
}

type Fixed<I> = Ends<bounded::Worker<I>, bounded::Stealer<I>>;

impl<I: Item> Deque for Fixed<I> {
    const NAME: &'static str = "bounded";

    fn new(capacity: usize) -> Self {
        let worker = bounded::Worker::new(capacity);
        let stealer = worker.stealer();
        Ends::new(worker, stealer)
    }

    fn ask(&self, asked: &Asked) -> Told {
        self.answer(asked)
    }
}

fn deque<D: Deque>(name: &str, capacity: usize) -> Scenario<Decided, D> {
    let name = format!("deque: {name}, {}, {capacity} slots", D::NAME);
    Scenario::new(name, Decided(Spec(usize::MAX)), move || D::new(capacity), D::ask)
}

/// With answers that nothing was decided.
fn undecided<D: Deque>(name: &str, capacity: usize) -> Scenario<Spec, D> {
    let name = format!("deque: {name}, {}, {capacity} slots", D::NAME);
    Scenario::new(name, Spec(capacity), move || D::new(capacity), D::ask)
}

fn value(value: u32) -> Told {
    Told::Value(Some(value))
}

const NONE: Told = Told::Value(None);

/// [P1]: a value is seen whole.
#[test]
fn a_push_meets_a_steal() {
    fn check<D: Deque>() {
        deque::<D>("push and steal", 2).thread([Push(1)]).thread([Steal]).after([Pop]).check();
        let scenario = deque::<D>("push, steal and real time", 2).real_time();
        scenario.thread([Push(1)]).thread([Steal]).after([Pop]).check();
    }
    check::<Growing<u32>>();
    check::<Fixed<u32>>();
}

/// [P1]: by a lowered `bottom` too.
#[test]
fn a_value_is_seen_whole_below_one_that_is_popped() {
    fn check<D: Deque>() {
        let scenario = deque::<D>("two pushes and a pop against a steal", 2);
        scenario.thread([Push(1), Push(2), Pop]).thread([Steal]).after([Pop]).check();
    }
    check::<Growing<u32>>();
    check::<Fixed<u32>>();
}

#[test]
fn the_owner_and_a_thief_share_the_only_value() {
    fn check<D: Deque>() {
        let scenario = deque::<D>("one value, pop and steal", 2).before([Push(1)]);
        scenario.thread([Pop]).thread([Steal]).after([Push(2), Pop, Pop]).check();
        let scenario = deque::<D>("one value, pop and steal, real time", 2).before([Push(1)]);
        scenario.thread([Pop]).thread([Steal]).real_time().check();
        let scenario = deque::<D>("one value, pop, push and steal", 4).before([Push(1)]);
        scenario.thread([Pop, Push(2), Pop]).thread([Steal]).after([Pop]).check();
        let scenario = deque::<D>("one value, oldest and steal", 2).before([Push(1)]);
        scenario.thread([Oldest]).thread([Steal]).after([Push(2), Pop, Pop]).check();
    }
    check::<Growing<u32>>();
    check::<Fixed<u32>>();
}

/// [P3]: the owner takes the second value without an exchange.
#[test]
fn the_owner_and_a_thief_share_the_last_of_two() {
    fn check<D: Deque>() {
        let scenario = deque::<D>("two values, two steals", 2).before([Push(1), Push(2)]);
        scenario.thread([Pop]).thread([Steal, Steal]).after([Pop]).check();
        let scenario = deque::<D>("two values, two pops and two steals", 2);
        let scenario = scenario.before([Push(1), Push(2)]);
        scenario.thread([Pop, Pop]).thread([Steal, Steal]).after([Pop]).check();
        let scenario = deque::<D>("two values, a pop and a push", 4).before([Push(1), Push(2)]);
        scenario.thread([Pop, Push(3)]).thread([Steal, Steal]).after([Pop, Pop]).check();
        let scenario = deque::<D>("two values, oldest and newest", 2).before([Push(1), Push(2)]);
        scenario.thread([Oldest, Pop]).thread([Steal, Steal]).after([Pop]).check();
    }
    check::<Growing<u32>>();
    check::<Fixed<u32>>();
}

/// [P3]: what one thief has moved is seen by another.
#[test]
fn two_thieves_and_the_owner_share_two_values() {
    fn check<D: Deque>() {
        let scenario = deque::<D>("two values, two thieves", 2).before([Push(1), Push(2)]);
        let scenario = scenario.bound(3).weak_bound(2);
        scenario.thread([Pop]).thread([Steal]).thread([Steal]).after([Pop]).check();
    }
    check::<Growing<u32>>();
    check::<Fixed<u32>>();
}

/// Who was slower has taken nothing, and there was somebody faster.
#[test]
fn a_thief_tries_again_only_when_it_lost() {
    fn check<D: Deque>() {
        let scenario = undecided::<D>("two that try to steal", 2).before([Push(1)]);
        let scenario = scenario.thread([TrySteal]).thread([TrySteal]).after([Pop]).expect([
            vec![vec![value(1)], vec![NONE], vec![NONE]],
            vec![vec![NONE], vec![value(1)], vec![NONE]],
            vec![vec![value(1)], vec![Told::Retry], vec![NONE]],
            vec![vec![Told::Retry], vec![value(1)], vec![NONE]],
        ]);
        scenario.check();
    }
    check::<Growing<u32>>();
    check::<Fixed<u32>>();
}

/// [P2]: a slot is written again when it has been read. Room may be seen late.
#[test]
fn a_slot_is_used_again_when_it_is_empty() {
    let done = || Told::Done;
    let scenario = undecided::<Fixed<u32>>("a slot used again", 1).before([Push(1)]);
    let scenario = scenario.thread([Push(2)]).thread([Steal]).after([Pop]).expect([
        vec![vec![done()], vec![value(1)], vec![value(2)]],
        vec![vec![Told::Full], vec![value(1)], vec![NONE]],
        vec![vec![Told::Busy], vec![value(1)], vec![NONE]],
    ]);
    scenario.check();
    let scenario = undecided::<Fixed<u32>>("a slot used again, thief first", 2);
    let scenario = scenario.before([Push(1), Push(2)]);
    let scenario = scenario.thread([Push(3)]).thread([Steal, Steal]).after([Pop, Pop]).expect([
        vec![vec![done()], vec![value(1), value(2)], vec![value(3), NONE]],
        vec![vec![Told::Full], vec![value(1), value(2)], vec![NONE, NONE]],
        vec![vec![Told::Busy], vec![value(1), value(2)], vec![NONE, NONE]],
    ]);
    scenario.check();
    let scenario = undecided::<Fixed<u32>>("a slot used again by its owner", 1).before([Push(1)]);
    let scenario = scenario.thread([Pop, Push(2)]).thread([Steal]).after([Pop]).expect([
        vec![vec![value(1), done()], vec![NONE], vec![value(2)]],
        vec![vec![value(1), done()], vec![value(2)], vec![NONE]],
        vec![vec![NONE, done()], vec![value(1)], vec![value(2)]],
        vec![vec![NONE, Told::Busy], vec![value(1)], vec![NONE]],
    ]);
    scenario.check();
}

/// [P4]: the thief finds its value in whichever ring.
#[test]
fn a_deque_grows_under_a_thief() {
    let scenario = deque::<Growing<u32>>("growth and a steal", 1).before([Push(1)]);
    scenario.thread([Push(2), Oldest]).thread([Steal]).after([Pop]).check();
    let scenario = deque::<Growing<u32>>("growth and two steals", 1).before([Push(1)]);
    scenario.thread([Push(2)]).thread([Steal, Steal]).after([Pop, Pop]).check();
    let scenario = deque::<Growing<u32>>("growth, a pop and a steal", 1).before([Push(1)]);
    scenario.thread([Push(2), Pop, Pop]).thread([Steal]).after([Pop]).check();
    let scenario = deque::<Growing<u32>>("growth, a pop, a push and two steals", 1);
    let scenario = scenario.before([Push(1)]).bound(3);
    scenario.thread([Push(2), Pop, Push(3)]).thread([Steal, Steal]).after([Pop, Pop, Pop]).check();
    let scenario = deque::<Growing<u32>>("growth twice", 1).before([Push(1)]).bound(3);
    scenario.thread([Push(2), Push(3)]).thread([Steal, Steal]).after([Pop, Pop, Pop]).check();
}

/// A value of each interleaving of what the thief takes one by one.
#[test]
fn a_batch_is_stolen_one_by_one() {
    fn check<D: Deque>() {
        let values = |values: &[u32]| Told::Values(values.to_vec());
        let scenario = deque::<D>("a batch against two pops", 4);
        let scenario = scenario.before([Push(1), Push(2), Push(3)]).bound(3).weak_bound(1);
        let scenario = scenario.thread([Pop, Pop]).thread([Batch]).after([Pop]).expect([
            vec![vec![value(3), NONE], vec![values(&[1, 2])], vec![NONE]],
            vec![vec![value(3), value(2)], vec![values(&[1])], vec![NONE]],
        ]);
        scenario.check();
    }
    check::<Growing<u32>>();
    check::<Fixed<u32>>();
}

/// [P5]: by whoever comes last.
#[test]
fn the_last_one_drops_what_is_left() {
    fn check<D: Deque>() {
        let scenario = deque::<D>("both leave", 4).before([Push(1), Push(2)]);
        scenario.thread([Push(3), LeaveOwner]).thread([Steal, LeaveThief]).check();
        let scenario = deque::<D>("both leave, one pops", 4).before([Push(1), Push(2)]);
        scenario.thread([Pop, LeaveOwner]).thread([Steal, LeaveThief]).check();
    }
    check::<Growing<Watched>>();
    check::<Fixed<Watched>>();
    let scenario = deque::<Growing<Watched>>("both leave, one grows", 1).before([Push(1)]);
    scenario.thread([Push(2), LeaveOwner]).thread([Steal, LeaveThief]).check();
}

/// On which of two deques, whose owners are the two threads.
#[derive(Clone, Debug)]
struct On(usize, Asked);

struct Two;

impl SequentialSpec for Two {
    type State = [VecDeque<u32>; 2];
    type Operation = On;
    type Result = Told;

    fn initial(&self) -> Self::State {
        [VecDeque::new(), VecDeque::new()]
    }

    fn step(
        &self,
        now: &Self::State,
        On(which, asked): &On,
        told: Option<&Told>,
    ) -> impl IntoIterator<Item = (Told, Self::State)> {
        let step = Decided(Spec(usize::MAX));
        let steps: Vec<_> = step.step(&now[*which], asked, told).into_iter().collect();
        steps.into_iter().map(|(told, deque)| {
            let mut next = now.clone();
            next[*which] = deque;
            (told, next)
        })
    }
}

/// [P3]: who pushes and then finds the other's deque empty is not itself found empty.
#[test]
fn of_two_thieves_one_sees_what_the_other_has_pushed() {
    fn check<D: Deque>() {
        let name = format!("deque: two deques, {}", D::NAME);
        let make = || [D::new(2), D::new(2)];
        let apply = |deques: &[D; 2], On(which, asked): &On| deques[*which].ask(asked);
        let scenario = Scenario::new(name, Two, make, apply);
        scenario
            .thread([On(0, Push(1)), On(1, Steal)])
            .thread([On(1, Push(2)), On(0, Steal)])
            .check();
    }
    check::<Growing<u32>>();
    check::<Fixed<u32>>();
}

#[test]
fn an_owner_and_three_thieves() {
    fn check<D: Deque>() {
        for capacity in [4, 16] {
            let mut scenario = undecided::<D>("an owner and three thieves", capacity);
            let owner = [Push(1), Push(2), Pop, Push(3), Push(4), Oldest, Pop, Push(5), Pop];
            scenario = scenario.thread(owner);
            for _ in 0..3 {
                scenario = scenario.thread([Steal, TrySteal, Steal]);
            }
            let scenario = scenario.after([Pop, Pop]).schedules(2_000);
            scenario.only([Random, Pct, Threads]).check();
        }
    }
    check::<Growing<u32>>();
    check::<Fixed<u32>>();
}
