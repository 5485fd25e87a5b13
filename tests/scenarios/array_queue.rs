//! `ArrayQueue`. The tags are those of its head.

use More::{Force, IsFull, PopTwo, TryPop, TryPush};
use counterpoint::{
    queue::{ArrayQueue, TryPushError},
    verify::{
        scenario::{
            Runner::{Pct, Random, Threads},
            Scenario,
        },
        spec::{
            Queue, SequentialSpec,
            queue::{
                Answer,
                Operation::{self, IsEmpty, Len, Pop, Push},
            },
        },
    },
};
use std::collections::VecDeque;

fn queue(name: &str, capacity: usize) -> Scenario<Queue<u32>, ArrayQueue<u32>> {
    let name = format!("array queue: {name}, capacity {capacity}");
    let make = move || ArrayQueue::new(capacity);
    Scenario::new(name, Queue::bounded(capacity), make, |queue, asked| match asked {
        Push(value) => queue.push(*value).into(),
        Pop => queue.pop().into(),
        IsEmpty => queue.is_empty().into(),
        Len => queue.len().into(),
        other => unreachable!("not asked: {other:?}"),
    })
}

/// What `Queue` has no operation for.
#[derive(Clone, Debug)]
pub(crate) enum More {
    Queue(Operation<u32>),
    /// Overwrites the oldest, if it must, and answers with it.
    Force(u32),
    /// Pops two, or as many as there are. (Of values that others push meanwhile it may miss some.)
    PopTwo,
    /// Whether it is full.
    IsFull,
    /// These do not wait.
    TryPush(u32),
    TryPop,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Told {
    Queue(Answer<u32>),
    Displaced(Option<u32>),
    Two(Vec<u32>),
    Flag(bool),
    /// Somebody is in the middle of what decides it.
    Busy,
}

/// A bounded queue with all of them.
pub(crate) struct Ring(pub(crate) usize);

impl SequentialSpec for Ring {
    type State = VecDeque<u32>;
    type Operation = More;
    type Result = Told;

    fn initial(&self) -> VecDeque<u32> {
        VecDeque::new()
    }

    fn step(
        &self,
        now: &VecDeque<u32>,
        asked: &More,
        _: Option<&Told>,
    ) -> impl IntoIterator<Item = (Told, VecDeque<u32>)> {
        let mut next = now.clone();
        let told = match asked {
            More::Queue(Push(_)) if now.len() == self.0 => Told::Queue(Answer::Full),
            More::Queue(Push(value)) => {
                next.push_back(*value);
                Told::Queue(Answer::Done)
            }
            More::Queue(Pop) => Told::Queue(next.pop_front().into()),
            More::Queue(IsEmpty) => Told::Queue(now.is_empty().into()),
            More::Queue(other) => unreachable!("not asked: {other:?}"),
            Force(value) => {
                let oldest = if now.len() == self.0 { next.pop_front() } else { None };
                next.push_back(*value);
                Told::Displaced(oldest)
            }
            PopTwo => Told::Two(next.drain(..now.len().min(2)).collect()),
            IsFull => Told::Flag(now.len() == self.0),
            TryPush(value) => return self.or_busy(now, push(*value)),
            TryPop => return self.or_busy(now, POP),
        };
        vec![(told, next)]
    }
}

impl Ring {
    /// What it does, or nothing.
    fn or_busy(&self, now: &VecDeque<u32>, asked: More) -> Vec<(Told, VecDeque<u32>)> {
        let steps = self.step(now, &asked, None);
        steps.into_iter().chain([(Told::Busy, now.clone())]).collect()
    }
}

fn ring(name: &str, capacity: usize) -> Scenario<Ring, ArrayQueue<u32>> {
    let name = format!("array queue: {name}, capacity {capacity}");
    let make = move || ArrayQueue::new(capacity);
    Scenario::new(name, Ring(capacity), make, apply)
}

pub(crate) fn apply(queue: &ArrayQueue<u32>, asked: &More) -> Told {
    match asked {
        More::Queue(Push(value)) => Told::Queue(queue.push(*value).into()),
        More::Queue(Pop) => Told::Queue(queue.pop().into()),
        More::Queue(IsEmpty) => Told::Queue(queue.is_empty().into()),
        More::Queue(other) => unreachable!("not asked: {other:?}"),
        Force(value) => Told::Displaced(queue.force_push(*value)),
        PopTwo => {
            let mut two = Vec::new();
            queue.pop_many(&mut two, 2);
            Told::Two(two)
        }
        IsFull => Told::Flag(queue.is_full()),
        TryPush(value) => match queue.try_push(*value) {
            Err(TryPushError::Busy(_)) => Told::Busy,
            other => Told::Queue(other.into()),
        },
        TryPop => queue.try_pop().map_or(Told::Busy, |value| Told::Queue(value.into())),
    }
}

const fn push(value: u32) -> More {
    More::Queue(Push(value))
}

const POP: More = More::Queue(Pop);

/// [P1]: a value is seen whole. [P2]: its slot is used again when it has been read.
#[test]
fn a_push_meets_a_pop() {
    for capacity in [1, 2] {
        let scenario = queue("push and pop", capacity);
        scenario.thread([Push(1)]).thread([Pop]).after([Pop]).check();
        let scenario =
            queue("push and pop of a full one", capacity).before((1..=capacity as u32).map(Push));
        scenario.thread([Push(7)]).thread([Pop]).after([Pop, Pop]).check();
    }
}

#[test]
fn two_pushes_share_one_slot() {
    let scenario = queue("two pushes", 1);
    scenario.thread([Push(1)]).thread([Push(2)]).after([Pop, Pop]).check();
}

#[test]
fn two_pops_share_one_value() {
    for capacity in [1, 2] {
        let scenario = queue("two pops of one value", capacity).before([Push(1)]);
        scenario.thread([Pop]).thread([Pop]).after([Push(2), Pop]).check();
    }
}

#[test]
fn two_producers_and_a_consumer() {
    for capacity in [1, 2] {
        let scenario = queue("two producers and a consumer", capacity).bound(2).weak_bound(1);
        scenario.thread([Push(1)]).thread([Push(2)]).thread([Pop, Pop]).after([Pop, Pop]).check();
    }
}

#[test]
fn values_of_one_thread_keep_their_order() {
    for capacity in [1, 2] {
        let scenario = queue("two pushes against two pops", capacity);
        scenario.thread([Push(1), Push(2)]).thread([Pop, Pop]).after([Pop, Pop]).check();
    }
}

/// [P3]: the second value is there before the first one is gone.
#[test]
fn a_queue_that_holds_a_value_throughout_is_never_seen_empty() {
    let scenario = queue("never empty, pop", 2).before([Push(1)]);
    scenario.thread([Push(2), Pop]).thread([Pop]).after([Pop]).check();
    let scenario = queue("never empty, look", 2).before([Push(1)]);
    scenario.thread([Push(2), Pop]).thread([IsEmpty]).after([Pop]).check();
    let scenario = ring("never empty, two", 4).before([push(1)]);
    scenario.thread([push(2), push(3), PopTwo]).thread([POP]).after([POP]).check();
}

/// [P4]: the first value is gone before the second one is there.
#[test]
fn a_queue_that_has_room_throughout_is_never_seen_full() {
    let scenario = queue("never full, push", 2).before([Push(1)]);
    scenario.thread([Pop, Push(2)]).thread([Push(3)]).after([Pop, Pop]).check();
    let scenario = ring("never full, look", 2).before([push(1)]);
    scenario.thread([POP, push(2)]).thread([IsFull]).after([POP]).check();
    // Who pushes the newest one knows of the pop by the one before alone.
    for (name, last, weak) in [("push", push(4), 2), ("look", IsFull, 3)] {
        let scenario = ring(&format!("never full, {name}, by way of another push"), 3);
        let scenario = scenario.before([push(1)]).bound(3).weak_bound(weak);
        scenario.thread([POP, push(2)]).thread([push(3)]).thread([last]).check();
    }
}

/// [P3], [P4]: of one moment, at which there was one value at least, and not more than two.
#[test]
fn a_length_is_of_one_moment() {
    let scenario = queue("length of two that are pushed and popped", 3).before([Push(1)]);
    scenario.thread([Push(2), Pop]).thread([Len]).weak_bound(3).check();
    let scenario = queue("length of two that are popped and pushed", 3).before([Push(1)]);
    scenario.thread([Pop, Push(2), Pop, Push(3)]).thread([Len]).weak_bound(3).check();
}

#[test]
fn a_forced_push_takes_the_oldest_or_none() {
    for capacity in [1, 2] {
        let full = || (1..=capacity as u32).map(push);
        let scenario = ring("forced push against a pop", capacity).before(full());
        scenario.thread([Force(7)]).thread([POP]).after([POP, POP]).check();
        let scenario = ring("forced push against two pops", capacity).before(full());
        scenario.thread([Force(7)]).thread([POP, POP]).after([POP]).check();
        let scenario = ring("forced push against a push", capacity).before(full());
        scenario.thread([Force(7)]).thread([push(8)]).after([POP, POP]).check();
        let scenario = ring("two forced pushes", capacity).before(full());
        scenario.thread([Force(7)]).thread([Force(8)]).after([POP, POP]).check();
        let scenario = ring("forced push into room", capacity);
        scenario.thread([Force(7)]).thread([push(8), POP]).after([POP, POP]).check();
    }
}

#[test]
fn two_forced_pushes_and_a_pop() {
    let scenario = ring("two forced pushes and a pop", 1).before([push(1)]).bound(2).weak_bound(1);
    scenario.thread([Force(7)]).thread([Force(8)]).thread([POP, POP]).after([POP]).check();
}

#[test]
fn two_are_taken_at_one_moment() {
    let scenario = ring("two at once against a push", 2);
    scenario.thread([PopTwo]).thread([push(1)]).after([POP]).check();
    let scenario = ring("two at once against a push that waits for room", 2);
    let scenario = scenario.before([push(1), push(2)]);
    scenario.thread([PopTwo]).thread([push(3), push(4)]).after([POP, POP]).check();
    let scenario = ring("two at once against a pop", 3).before([push(1), push(2), push(3)]);
    scenario.thread([PopTwo]).thread([POP, push(4)]).after([POP, POP]).check();
    let scenario = ring("two at once against a forced push", 3);
    let scenario = scenario.before([push(1), push(2), push(3)]);
    scenario.thread([PopTwo]).thread([Force(4)]).after([POP, POP]).check();
}

/// A pop is busy while a push that has finished stands behind one that has not; a push while its slot is
/// being emptied. Not when another one has finished, while it looked.
#[test]
fn who_does_not_wait_says_that_it_would() {
    let done = || Told::Queue(Answer::Done);
    let value = |value| Told::Queue(Answer::Value(value));
    let scenario = ring("pop that does not wait, and one push", 2).thread([push(1)]);
    let scenario = scenario.thread([TryPop]).after([POP]).expect([
        vec![vec![done()], vec![value(Some(1))], vec![value(None)]],
        vec![vec![done()], vec![value(None)], vec![value(Some(1))]],
    ]);
    scenario.check();
    let scenario = ring("pop that does not wait", 2).thread([push(1)]).thread([push(2), TryPop]);
    let scenario = scenario.after([POP, POP]).expect([
        vec![vec![done()], vec![done(), value(Some(1))], vec![value(Some(2)), value(None)]],
        vec![vec![done()], vec![done(), value(Some(2))], vec![value(Some(1)), value(None)]],
        vec![vec![done()], vec![done(), Told::Busy], vec![value(Some(1)), value(Some(2))]],
    ]);
    scenario.check();
    let scenario = ring("push that does not wait", 1).before([push(1)]);
    let scenario = scenario.thread([POP]).thread([TryPush(2)]).after([POP]).expect([
        vec![vec![value(Some(1))], vec![done()], vec![value(Some(2))]],
        vec![vec![value(Some(1))], vec![Told::Queue(Answer::Full)], vec![value(None)]],
        vec![vec![value(Some(1))], vec![Told::Busy], vec![value(None)]],
    ]);
    scenario.check();
}

/// Two queues, by number.
#[derive(Clone, Debug)]
struct On(usize, Operation<u32>);

struct Two;

impl SequentialSpec for Two {
    type State = [VecDeque<u32>; 2];
    type Operation = On;
    type Result = Answer<u32>;

    fn initial(&self) -> Self::State {
        [VecDeque::new(), VecDeque::new()]
    }

    fn step(
        &self,
        now: &Self::State,
        On(which, asked): &On,
        _: Option<&Answer<u32>>,
    ) -> impl IntoIterator<Item = (Answer<u32>, Self::State)> {
        let mut next = now.clone();
        let told = match asked {
            Push(_) if now[*which].len() == 1 => Answer::Full,
            Push(value) => {
                next[*which].push_back(*value);
                Answer::Done
            }
            _ => next[*which].pop_front().into(),
        };
        [(told, next)]
    }
}

/// [P5]: linearizability is of objects together.
#[test]
fn of_two_threads_one_sees_what_the_other_did_to_another_queue() {
    let two = |name: &str| {
        let make = || [ArrayQueue::new(1), ArrayQueue::new(1)];
        Scenario::new(
            format!("array queue: two queues, {name}"),
            Two,
            make,
            |queues: &[ArrayQueue<u32>; 2], On(which, asked)| match asked {
                Push(value) => queues[*which].push(*value).into(),
                _ => queues[*which].pop().into(),
            },
        )
    };
    let scenario = two("empty");
    scenario.thread([On(0, Push(1)), On(1, Pop)]).thread([On(1, Push(2)), On(0, Pop)]).check();
    let scenario = two("full").before([On(0, Push(1)), On(1, Push(2))]);
    scenario.thread([On(0, Pop), On(1, Push(3))]).thread([On(1, Pop), On(0, Push(4))]).check();
}

#[test]
fn many_threads_push_and_pop() {
    for capacity in [1, 2, 3] {
        let mut scenario = ring("four threads of all operations", capacity);
        for thread in 1..=4 {
            let values = [push(thread), POP, Force(10 + thread), POP];
            scenario = scenario.thread(values);
        }
        scenario.after([POP, POP]).schedules(2_000).only([Random, Pct, Threads]).check();
    }
}
