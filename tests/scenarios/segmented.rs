//! `Queue`. The tags are those of its head and of its segments'. In a build with an engine a segment
//! has two slots.

use crate::common::{BACKENDS, Backend};
use More::{Close, IsClosed, PopMany, PushThree, Within};
use counterpoint::{
    queue::Queue,
    verify::{
        scenario::{
            Runner::{Pct, Random, Threads},
            Scenario,
        },
        shim::UnsafeCell,
        spec::{
            SequentialSpec,
            queue::{
                Answer,
                Operation::{self, IsEmpty, Len, Pop, Push},
            },
        },
    },
};
use std::collections::VecDeque;

/// [P1]: a value is seen whole. [P2]: and so is the segment.
#[test]
fn a_push_meets_a_pop() {
    for backend in BACKENDS {
        let scenario = backend.segmented("segmented queue: push and pop");
        scenario.thread([Push(1)]).thread([Pop]).after([Pop]).check();
    }
}

/// [P1]: where nothing but the slot itself hands the value over.
#[test]
fn a_push_meets_a_pop_in_a_used_queue() {
    for backend in BACKENDS {
        let scenario = backend.segmented("segmented queue: push and pop of a used one");
        let scenario = scenario.before([Push(1), Pop]);
        scenario.thread([Push(2)]).thread([Pop]).after([Pop]).check();
    }
}

#[test]
fn two_first_pushes_share_one_segment() {
    for backend in BACKENDS {
        let scenario = backend.segmented("segmented queue: two first pushes");
        scenario.thread([Push(1)]).thread([Push(2)]).after([Pop, Pop, Pop]).check();
    }
}

#[test]
fn two_pops_share_one_value() {
    for backend in BACKENDS {
        let scenario = backend.segmented("segmented queue: two pops of one value");
        scenario.before([Push(1)]).thread([Pop]).thread([Pop]).after([Push(2), Pop]).check();
    }
}

/// The slot that a pop gives up: the push takes another one. Of all four at once loom sees but a part, however
/// long it goes on; of three it sees all.
#[test]
fn values_of_one_thread_keep_their_order() {
    for backend in BACKENDS {
        let scenario = backend.segmented("segmented queue: two pushes against two pops");
        let scenario = scenario.weak_bound(2).loom_limit(16_000);
        scenario.thread([Push(1), Push(2)]).thread([Pop, Pop]).after([Pop, Pop]).check();
        let of_three = |what: &str| {
            let scenario = backend.segmented(&format!("segmented queue: {what}"));
            scenario.weak_bound(2).loom_limit(6_000).before([Push(9), Pop])
        };
        let scenario = of_three("two pushes against a pop");
        scenario.thread([Push(1), Push(2)]).thread([Pop]).after([Pop, Pop]).check();
        let scenario = of_three("a push against two pops");
        scenario.thread([Push(1)]).thread([Pop, Pop]).after([Pop, Pop]).check();
    }
}

#[test]
fn two_producers_and_a_consumer() {
    for backend in BACKENDS {
        let scenario = backend.segmented("segmented queue: two producers and a consumer");
        let scenario = scenario.before([Push(9), Pop]).bound(2).weak_bound(1);
        scenario.thread([Push(1)]).thread([Push(2)]).thread([Pop, Pop]).after([Pop, Pop]).check();
    }
}

/// [I1], [I2]: both find all slots claimed.
#[test]
fn one_segment_follows_another() {
    for backend in BACKENDS {
        let scenario = backend.segmented("segmented queue: two pushes that find no slot");
        let scenario = scenario.before([Push(1), Push(2)]);
        scenario.thread([Push(3)]).thread([Push(4)]).after([Pop, Pop, Pop, Pop, Pop]).check();
    }
}

/// [I3], [I4], [P2], [P5]: head and tail leave a segment, which is freed.
#[test]
fn a_segment_that_is_used_up_is_left() {
    for backend in BACKENDS {
        let scenario = backend.segmented("segmented queue: a push and the pops of a segment");
        let scenario = scenario.before([Push(1), Push(2)]);
        scenario.thread([Push(3)]).thread([Pop, Pop, Pop]).after([Pop, Pop]).check();
        let scenario = backend.segmented("segmented queue: two pops at the end of a segment");
        let scenario = scenario.before([Push(1), Pop, Push(2), Push(3)]);
        scenario.thread([Pop]).thread([Pop]).after([Push(4), Pop, Pop]).check();
    }
}

/// [P2]: who comes by the head alone, which a pop has moved, finds the segment whole.
#[test]
fn a_segment_is_passed_on_by_head() {
    for backend in BACKENDS {
        let scenario = backend.segmented("segmented queue: passed on by head").bound(2);
        let scenario = scenario.weak_bound(1).before([Push(1), Pop, Push(2)]);
        scenario.thread([Push(3)]).thread([Pop, Pop]).thread([Pop]).after([Pop]).check();
    }
}

/// [P2]: who only counts finds the segment whole.
#[test]
fn a_length_is_of_segments_that_are_whole() {
    for backend in BACKENDS {
        let scenario = backend.segmented("segmented queue: length of a first push");
        scenario.thread([Push(1)]).thread([Len]).check();
        let scenario = backend.segmented("segmented queue: length over a push that finds no slot");
        scenario.before([Push(1), Push(2)]).thread([Push(3)]).thread([Len]).check();
    }
}

/// [I3]: one has linked a segment and not moved the tail; a pop takes the head past it.
#[test]
fn a_lagging_tail_leads_to_no_retired_segment() {
    for backend in BACKENDS {
        let scenario = backend.segmented("segmented queue: lagging tail").bound(3).weak_bound(1);
        let scenario = scenario.before([Push(1), Pop, Push(2), Pop]);
        scenario.thread([Push(3)]).thread([Pop]).thread([Push(4)]).after([Pop, Pop, Pop]).check();
    }
}

/// [P3]: the second value is there before the first one is gone.
#[test]
fn a_queue_that_holds_a_value_throughout_is_never_seen_empty() {
    for backend in BACKENDS {
        for (place, before) in [("slot", vec![Push(1)]), ("segment", vec![Push(0), Pop, Push(1)])] {
            let scenario = |what: &str| {
                let name = format!("segmented queue: never empty, {what} in the next {place}");
                backend.segmented(&name).before(before.clone())
            };
            scenario("pop").thread([Push(2), Pop]).thread([Pop]).after([Pop]).check();
            scenario("look").thread([Push(2), Pop]).thread([IsEmpty]).after([Pop]).check();
        }
    }
}

/// What is done to two queues.
#[derive(Clone, Debug)]
enum Asked {
    /// A value is pushed to both and popped, so often.
    Use(usize),
    /// Pushes to the one of that number, then pops from the other.
    PushThenPop(usize),
}

/// Each answer by itself is right.
struct Two;

impl SequentialSpec for Two {
    type State = ();
    type Operation = Asked;
    type Result = Option<u32>;

    fn initial(&self) {}

    fn step(
        &self,
        (): &(),
        _: &Asked,
        told: Option<&Option<u32>>,
    ) -> impl IntoIterator<Item = (Option<u32>, ())> {
        told.map(|told| (*told, ()))
    }
}

/// [P4]: linearizability is of objects together. Under guards that both have made before: to make one
/// may order as much.
#[test]
fn of_two_threads_one_sees_what_the_other_did_to_another_queue() {
    let never = [None, Some(1)];
    let outcomes = never.into_iter().flat_map(|one| never.map(|other| (one, other)));
    let outcomes = outcomes.filter(|outcome| *outcome != (None, None));
    let outcomes: Vec<_> =
        outcomes.map(|(one, other)| vec![vec![one], vec![other], vec![None]]).collect();
    for (name, uses) in [("never used", 0), ("used", 1), ("at the end of a segment", 2)] {
        let scenario = Scenario::new(
            format!("segmented queue: two queues, {name}"),
            Two,
            || [Queue::new(), Queue::new()],
            |queues: &[Queue<u32>; 2], asked| {
                let queues = [queues[0].pin(), queues[1].pin()];
                match asked {
                    Asked::Use(times) => {
                        for queue in (0..*times).flat_map(|_| &queues) {
                            queue.push(0).expect("it is open");
                            assert_eq!(queue.pop(), Some(0));
                        }
                        None
                    }
                    Asked::PushThenPop(one) => {
                        queues[*one].push(1).expect("it is open");
                        queues[1 - *one].pop()
                    }
                }
            },
        );
        let scenario = scenario.before([Asked::Use(uses)]);
        let scenario = scenario.thread([Asked::PushThenPop(0)]).thread([Asked::PushThenPop(1)]);
        scenario.after([Asked::Use(0)]).expect(outcomes.clone()).check();
    }
}

/// What `Operation` does not have.
#[derive(Clone, Debug)]
enum More {
    Queue(Operation<u32>),
    /// Pushes if the garbage is below its cap, as it is without one.
    Within(u32),
    /// Answers whether it was open.
    Close,
    IsClosed,
    /// The values 1, 2 and 3, each by itself; how many.
    PushThree,
    /// Pops so many, at one moment if they are ready in one segment.
    PopMany(usize),
}

#[derive(Clone, Debug, PartialEq)]
enum Told {
    Queue(Answer<u32>),
    Flag(bool),
    Pushed(usize),
    Popped(Vec<u32>),
}

/// A queue that can be closed. What is pushed together is one step here, though others may come in
/// between; so values of `PushThree`, and larger ones, each keep their order, and no other.
struct Closable;

/// The values of `PushThree`, all others, and whether it is closed.
type State = ([VecDeque<u32>; 2], bool);

impl SequentialSpec for Closable {
    type State = State;
    type Operation = More;
    type Result = Told;

    fn initial(&self) -> State {
        State::default()
    }

    fn step(
        &self,
        now: &State,
        asked: &More,
        told: Option<&Told>,
    ) -> impl IntoIterator<Item = (Told, State)> {
        let mut next = now.clone();
        let told = match (asked, told) {
            (More::Queue(Push(_)) | Within(_), _) if now.1 => Told::Queue(Answer::Full),
            (More::Queue(Push(value)) | Within(value), _) => {
                next.0[usize::from(*value > 3)].push_back(*value);
                Told::Queue(Answer::Done)
            }
            (More::Queue(Pop), _) => return popped(now),
            (More::Queue(other), _) => unreachable!("not asked: {other:?}"),
            (Close, _) => {
                next.1 = true;
                Told::Flag(!now.1)
            }
            (IsClosed, _) => Told::Flag(now.1),
            (PushThree, Some(Told::Pushed(count))) if *count == 0 || !now.1 => {
                next.0[0].extend(1..=*count as u32);
                Told::Pushed(*count)
            }
            (PopMany(_), Some(Told::Popped(values))) => {
                for value in values {
                    let Some(queue) = next.0.iter_mut().find(|queue| queue.front() == Some(value))
                    else {
                        return vec![];
                    };
                    queue.pop_front();
                }
                Told::Popped(values.clone())
            }
            _ => return vec![],
        };
        vec![(told, next)]
    }
}

/// Pops the first of one of both.
fn popped(now: &State) -> Vec<(Told, State)> {
    let take = |which: usize| {
        let mut next = now.clone();
        let value = next.0[which].pop_front()?;
        Some((Told::Queue(Some(value).into()), next))
    };
    let some: Vec<_> = (0..2).filter_map(take).collect();
    if some.is_empty() { vec![(Told::Queue(None.into()), now.clone())] } else { some }
}

fn closable(backend: &Backend, name: &str) -> Scenario<Closable, Queue<u32>> {
    let (name, collector) =
        (format!("segmented queue: {name}, {}", backend.name), backend.collector);
    let make = move || Queue::new_in(collector());
    let scenario = Scenario::new(name, Closable, make, |queue, asked| {
        let queue = queue.pin();
        match asked {
            More::Queue(Push(value)) => Told::Queue(queue.push(*value).into()),
            More::Queue(Pop) => Told::Queue(queue.pop().into()),
            More::Queue(other) => unreachable!("not asked: {other:?}"),
            Within(value) => Told::Queue(queue.push_within(*value).into()),
            Close => Told::Flag(queue.close()),
            IsClosed => Told::Flag(queue.is_closed()),
            PushThree => Told::Pushed(match queue.push_many(1..=3) {
                Ok(count) => count,
                Err(rest) => 3 - rest.into_inner().count(),
            }),
            PopMany(max) => {
                let mut popped = Vec::new();
                queue.pop_many(&mut popped, *max);
                Told::Popped(popped)
            }
        }
    });
    match backend.bounds {
        Some((_, weak)) => scenario.weak_bound(weak),
        None => scenario,
    }
}

const fn push(value: u32) -> More {
    More::Queue(Push(value))
}

const POP: More = More::Queue(Pop);

/// A push ends before the queue is closed, or gets its value back; what is in progress when the closed
/// queue is found empty does so too.
#[test]
fn a_closed_queue_that_is_empty_stays_so() {
    for backend in BACKENDS {
        for (place, before) in [
            ("first", vec![]),
            ("second", vec![push(9), POP]),
            ("third", vec![push(9), POP, push(9), POP]),
        ] {
            let scenario = closable(backend, &format!("close against a push, the {place}"));
            let scenario = scenario.before(before.clone());
            scenario.thread([push(1)]).thread([Close, POP]).after([POP, IsClosed]).check();
            let scenario = closable(backend, &format!("closed by another one, the {place}"));
            let scenario = scenario.before(before).bound(2).weak_bound(1);
            scenario.thread([push(1)]).thread([Close]).thread([IsClosed, POP]).after([POP]).check();
        }
    }
}

/// A queue, and what who closes it writes before.
struct Noted {
    queue: Queue<u32>,
    note: UnsafeCell<u32>,
}

// SAFETY: the engines report a race of the note.
unsafe impl Sync for Noted {}

/// [P2]: who sees it closed sees what was done before.
#[test]
fn closing_hands_over() {
    // A used one: who closes it hands over nothing by a first segment.
    let make = || Noted { queue: Queue::from([9]), note: UnsafeCell::new(0) };
    let scenario = Scenario::new(
        "segmented queue: what comes before it is closed",
        Closable,
        make,
        |noted: &Noted, asked| {
            let queue = noted.queue.pin();
            match asked {
                // SAFETY: one closes; or the engine reports it.
                Close => noted.note.with_mut(|note| unsafe { *note = 1 }),
                _ if !queue.is_closed() => return Told::Flag(false),
                // SAFETY: it was written before it was closed; or the engine reports it.
                _ => return Told::Flag(noted.note.with(|note| unsafe { *note == 1 })),
            }
            Told::Flag(queue.close())
        },
    );
    scenario.thread([Close]).thread([IsClosed]).check();
}

#[test]
fn one_of_two_closes_the_queue() {
    for backend in BACKENDS {
        for (place, before) in [("slot", vec![push(9)]), ("segment", vec![push(9), push(8)])] {
            let scenario = closable(backend, &format!("two that close, at the next {place}"));
            let scenario = scenario.before(before).bound(2).weak_bound(1);
            scenario.thread([Close]).thread([Close]).thread([push(1)]).after([push(2)]).check();
        }
    }
}

/// A push within a cap looks for a slot before it claims, and links the next segment without a claim in
/// vain.
#[test]
fn pushes_within_a_cap_are_pushes() {
    for backend in BACKENDS {
        for (place, before) in [("slot", vec![push(9)]), ("segment", vec![push(9), push(8)])] {
            let scenario = closable(backend, &format!("two pushes within, at the next {place}"));
            let scenario = scenario.before(before.clone());
            scenario.thread([Within(4)]).thread([Within(5)]).after([POP; 5]).check();
            let scenario =
                closable(backend, &format!("a push within and close, at the next {place}"));
            let scenario = scenario.before(before);
            scenario.thread([Within(4)]).thread([Close]).after([POP; 4]).check();
        }
    }
}

#[test]
fn many_are_pushed_and_popped() {
    let done = || vec![Told::Queue(Answer::Done)];
    let pops = |values: &[u32], count: usize| {
        let values = values.iter().copied().map(Some).chain([None; 5]).take(count);
        values.map(|value| Told::Queue(value.into())).collect::<Vec<_>>()
    };
    let two = |values: &[u32]| vec![Told::Popped(values.to_vec())];
    let all = |scenario: Scenario<_, _>, outcomes: &[[&[u32]; 3]]| {
        let outcomes = outcomes.iter().map(|[one, other, rest]| {
            vec![vec![Told::Pushed(3)], pops(one, 1), pops(other, 1), pops(rest, 5)]
        });
        scenario.expect(outcomes.collect::<Vec<_>>()).check();
    };
    for backend in BACKENDS {
        // The first of the three gets the last slot of a segment.
        let scenario = closable(backend, "three against a push").before([push(9), POP]);
        let orders = [[4, 1, 2, 3], [1, 4, 2, 3], [1, 2, 4, 3], [1, 2, 3, 4]];
        let outcomes = orders.map(|order| vec![vec![Told::Pushed(3)], done(), pops(&order, 5)]);
        let scenario = scenario.thread([PushThree]).thread([push(4)]).after([POP; 5]);
        scenario.expect(outcomes).check();

        // A pop gives up the slot of the first one, which comes after it in the next.
        let scenario = closable(backend, "three against two pops").before([push(9)]);
        let scenario = scenario.thread([PushThree]).thread([POP]).thread([POP]).after([POP; 5]);
        let outcomes: [[&[u32]; 3]; 4] = [
            [&[9], &[1], &[2, 3]],
            [&[1], &[9], &[2, 3]],
            [&[9], &[], &[1, 2, 3]],
            [&[], &[9], &[1, 2, 3]],
        ];
        all(scenario.bound(2).weak_bound(1), &outcomes);

        // [P3]: the second value is there before the first one is gone.
        let scenario = closable(backend, "never empty, many").before([push(9)]);
        let scenario = scenario.thread([push(8), PopMany(1)]).thread([POP]).after([POP]);
        let outcomes = [(9, 8), (8, 9)].map(|(many, one)| {
            vec![[done(), two(&[many])].concat(), pops(&[one], 1), pops(&[], 1)]
        });
        scenario.expect(outcomes).check();

        let scenario = closable(backend, "three against close").before([push(9), POP]);
        let scenario = scenario.thread([PushThree]).thread([Close]).after([POP; 4]);
        let closed = || vec![Told::Flag(true)];
        let outcomes = [0, 1, 2, 3]
            .map(|count| vec![vec![Told::Pushed(count)], closed(), pops(&[1, 2, 3][..count], 4)]);
        scenario.expect(outcomes).check();

        let scenario = closable(backend, "two at once against a push").before([push(9)]);
        let scenario = scenario.thread([PopMany(2)]).thread([push(5)]).after([POP]);
        let outcomes =
            [vec![two(&[9]), done(), pops(&[5], 1)], vec![two(&[9, 5]), done(), pops(&[], 1)]];
        scenario.expect(outcomes).check();

        let scenario = closable(backend, "two at once against a pop").before([push(8), push(9)]);
        let scenario = scenario.thread([PopMany(2)]).thread([POP]).after([push(5), POP]);
        let last = || [done(), pops(&[5], 1)].concat();
        let outcomes =
            [vec![two(&[8, 9]), pops(&[], 1), last()], vec![two(&[9]), pops(&[8], 1), last()]];
        scenario.expect(outcomes).check();
    }
}

#[test]
fn many_threads_push_and_pop() {
    for backend in BACKENDS {
        let mut scenario = backend.segmented("segmented queue: four pairs of push and pop");
        for thread in 1..=4 {
            scenario = scenario.thread([Push(thread), Pop, Push(10 + thread), Pop]);
        }
        scenario.after([Pop]).schedules(2_000).only([Random, Pct, Threads]).check();
        let mut scenario = closable(backend, "four threads and who closes");
        for thread in 1..=3 {
            scenario = scenario.thread([push(10 + thread), POP, push(20 + thread), POP]);
        }
        let scenario = scenario.thread([Close, POP, POP]);
        scenario.after([POP; 7]).schedules(2_000).only([Random, Pct, Threads]).check();
    }
}
