//! Shrunk histories are wrong, by brute force too, and for the reason that was there.

use crate::{
    brute::{self, Rule},
    common::{Random, scaled, seed},
    random_history::{Shape, draw},
    small::{Access, Cell, Container, Count, Counter, Entry, Map, Register},
};
use counterpoint::verify::{
    history::{Call, History},
    linear::{Checker, Consistency, Counterexample},
    spec::SequentialSpec,
};
use std::collections::{BTreeMap, VecDeque};

/// Whatever is left of a wrong history is a part of it, and wrong.
fn shrunk_are_wrong<S: SequentialSpec>(
    name: &str,
    spec: &S,
    consistency: Consistency,
    state: fn(&str) -> S::State,
    operation: &mut dyn FnMut(&mut Random) -> S::Operation,
) where
    S::Operation: PartialEq,
{
    let rule = if consistency == Consistency::Sequential { Rule::Program } else { Rule::Time };
    let seed = seed();
    let (mut wrong, mut before, mut after, mut later) = (0, 0, 0, 0);
    for nth in 0..scaled(1_000) {
        let mut random = Random::new(seed, nth);
        let is_long = rule == Rule::Time && random.below(8) == 0;
        let calls = 4 + random.below(10) + if is_long { 100 } else { 0 };
        let shape = Shape { calls, bent: 3, ..Shape::small(&mut random) };
        let history = draw(&mut random, spec, shape, operation);
        let verdict = Checker::new(spec).consistency(consistency).check(&history);
        let Some(counterexample) = verdict.counterexample() else { continue };
        let shrunk = counterexample.history();
        let named = counterexample.start();
        let start = named.map_or_else(|| spec.initial(), state);
        let is_explained = brute::explains_from(spec, &start, shrunk, rule);
        assert!(!is_explained, "{name} {nth} from {start:?}: {history:#?} {shrunk:#?}");
        later += usize::from(named.is_some());
        for (call, &index) in shrunk.calls().iter().zip(counterexample.indices()) {
            let whole = &history.calls()[index];
            // A call whose answer was forgotten may have got a process of its own.
            assert!(call.process == whole.process || call.returned.is_none());
            assert_eq!(call.invoked, whole.invoked);
            assert!(call.operation == whole.operation);
            assert!(call.returned == whole.returned || call.returned.is_none());
        }
        wrong += 1;
        before += history.len();
        after += shrunk.len();
    }
    println!(
        "{name}: {wrong} wrong histories of {before} calls, {later} begin later, shrunk to {after}"
    );
    let is_tried = name == "counter" && rule == Rule::Time;
    assert!(later > 0 || !is_tried || scaled(1_000) < 500, "{name}: no start was found");
    let some = wrong * 20 > scaled(1_000) && after < before;
    assert!(some || scaled(1_000) < 100, "{name}: hardly any was wrong");
}

#[test]
fn what_is_left_is_wrong_too() {
    for consistency in [Consistency::Linearizable, Consistency::Sequential] {
        for (name, container) in [("queue", Container::Queue), ("stack", Container::Stack)] {
            let mut next = 0;
            shrunk_are_wrong(name, &container, consistency, elements, &mut |random| {
                next += 1;
                match random.below(2) {
                    0 => Access::Take,
                    _ if next % 3 == 0 => Access::Put(random.below(3) as u32),
                    _ => Access::Put(next),
                }
            });
        }
        shrunk_are_wrong("register", &Register, consistency, number, &mut |random| match random
            .below(3)
        {
            0 => Cell::Read,
            1 => Cell::Write(random.below(3) as u8),
            _ => Cell::Exchange(random.below(3) as u8, random.below(3) as u8),
        });
        shrunk_are_wrong("counter", &Counter, consistency, number, &mut |random| match random
            .below(2)
        {
            0 => Count::Get,
            _ => Count::Next,
        });
        shrunk_are_wrong("map", &Map, consistency, entries, &mut |random| match random.below(3) {
            0 => Entry::Insert(random.below(2) as u16, random.below(9) as u8),
            1 => Entry::Get(random.below(2) as u16),
            _ => Entry::Remove(random.below(2) as u16),
        });
    }
}

/// A state of the small specifications, from its text.
fn number(text: &str) -> u8 {
    text.parse().expect("a number")
}

fn elements(text: &str) -> VecDeque<u32> {
    let inside = text.trim_matches(['[', ']']);
    inside.split(", ").filter(|it| !it.is_empty()).map(|it| it.parse().expect("a number")).collect()
}

fn entries(text: &str) -> BTreeMap<u16, u8> {
    let inside = text.trim_matches(['{', '}']);
    let pairs = inside.split(", ").filter(|it| !it.is_empty()).map(|it| {
        let (key, value) = it.split_once(": ").expect("an entry");
        (key.parse().expect("a key"), value.parse().expect("a value"))
    });
    pairs.collect()
}

fn counterexample<S: SequentialSpec>(
    spec: &S,
    history: &History<S::Operation, S::Result>,
) -> Counterexample<S::Operation, S::Result> {
    let verdict = Checker::new(spec).check(history);
    verdict.counterexample().expect("the history is wrong").clone()
}

/// A long legal history of a container, in which two answers are then exchanged.
#[test]
fn a_long_history_shrinks_to_the_calls_that_matter() {
    let mut random = Random::new(seed(), 0);
    for container in [Container::Queue, Container::Stack] {
        let calls = scaled(3_000) as u64;
        let shape = Shape {
            processes: 6,
            calls,
            pending: false,
            coarseness: 1,
            overlap: 3,
            bent: 0,
            widened: 0,
        };
        let mut next = 0;
        let history = draw(&mut random, &container, shape, &mut |random| match random.below(5) {
            0 | 1 => Access::Take,
            _ => {
                next += 1;
                Access::Put(next)
            }
        });
        let mut calls = history.calls().to_vec();
        let takes =
            (0..calls.len()).filter(|&nth| calls[nth].result().is_some_and(Option::is_some));
        let takes: Vec<usize> = takes.collect();
        if takes.len() < 30 {
            continue; // a run under a slow tool
        }
        let (one, other) = (takes[3], takes[takes.len() - 3]);
        let answer = calls[one].returned.clone().map(|returned| returned.result);
        let swapped = calls[other].returned.clone().map(|returned| returned.result);
        for (nth, answer) in [(one, swapped), (other, answer)] {
            if let (Some(returned), Some(answer)) = (&mut calls[nth].returned, answer) {
                returned.result = answer;
            }
        }
        let history = History::new(calls).expect("well formed");
        let counterexample = counterexample(&container, &history);
        println!("{counterexample}");
        assert!(counterexample.history().len() <= 6, "{counterexample}");
        assert!(!brute::explains(&container, counterexample.history(), Rule::Time));
    }
}

/// Calls of no value cannot be left out one by one: what they lead to stands for them.
#[test]
fn long_histories_of_calls_without_values_begin_later() {
    use counterpoint::verify::spec::{Counter, Mutex, counter, mutex};
    let mut random = Random::new(seed(), 1);
    let shape = Shape {
        processes: 3,
        calls: scaled(1_000).max(50) as u64,
        pending: false,
        coarseness: 1,
        overlap: 3,
        bent: 0,
        widened: 0,
    };
    for widened in [0, 40] {
        // Two additions after many others saw the same sum.
        let shape = Shape { widened, ..shape };
        let adds = draw(&mut random, &Counter, shape, &mut |_| counter::Operation::FetchAdd(1));
        let mut calls = adds.calls().to_vec();
        let end = calls.iter().map(Call::end).max().expect("there are calls");
        let sum = calls.len() as i64;
        for (process, at) in [(7, 1), (8, 2)] {
            let lost = counter::Answer::Value(sum);
            let (from, to) = (end + 100 + at, end + 200 + at);
            calls.push(Call::new(process, counter::Operation::FetchAdd(1), from, to, lost));
        }
        let history = History::widened(calls, widened).expect("well formed");
        let lost = counterexample(&Counter, &history);
        assert_eq!(lost.start(), Some(&*sum.to_string()), "{lost}");
        assert_eq!(lost.history().len(), 2, "{lost}");
        let why =
            format!("from {sum} on, process 8: FetchAdd(1) answered Value({sum}); only Value(");
        assert!(lost.explanation().starts_with(&why), "{lost}");

        // A lock that is free again from time to time: the initial state stands for its past.
        let mut next = 0;
        let one = Shape { processes: 1, ..shape };
        let turns = draw(&mut random, &Mutex, one, &mut |_| {
            next += 1;
            match next % 2 {
                1 => mutex::Operation::Lock(next / 2),
                _ => mutex::Operation::Unlock(next / 2 - 1),
            }
        });
        let mut calls = turns.calls().to_vec();
        let end = calls.iter().map(Call::end).max().expect("there are calls");
        for (owner, at) in [(1_000, 1), (1_001, 2)] {
            let lock = mutex::Operation::Lock(owner);
            calls.push(Call::new(owner, lock, end + 100 + at, end + 200 + at, ().into()));
        }
        let history = History::widened(calls, widened).expect("well formed");
        let both = counterexample(&Mutex, &history);
        assert_eq!(both.start(), None, "{both}");
        assert_eq!(both.history().len(), 2, "{both}");
    }
}

#[test]
fn the_culprit_is_named_with_what_it_could_have_said() {
    let history = History::new([
        Call::new(0, Entry::Insert(1, 4), 0, 1, None),
        Call::new(1, Entry::Insert(2, 9), 0, 1, None),
        Call::new(1, Entry::Get(1), 2, 3, Some(4)),
        Call::new(2, Entry::Get(1), 4, 5, None),
        Call::new(1, Entry::Get(1), 6, 7, Some(4)),
    ]);
    let wrong = counterexample(&Map, &history.expect("well formed"));
    let expected = "process 2: Get(1) answered None; only Some(4) would be linearizable";
    assert_eq!(wrong.explanation(), expected);
    assert_eq!(wrong.indices(), [0, 3]);
    assert_eq!(wrong.culprit(), Some(1));
    assert_eq!(wrong.judged(), 5);

    // Two answers are possible; a write that overlaps is kept, since it allows one of them.
    let history = History::new([
        Call::new(0, Cell::Write(1), 0, 1, 1),
        Call::new(1, Cell::Write(2), 2, 9, 2),
        Call::new(2, Cell::Read, 3, 8, 7),
    ]);
    let wrong = counterexample(&Register, &history.expect("well formed"));
    let expected = "process 2: Read answered 7; only 2 or 1 would be linearizable";
    let other = "process 2: Read answered 7; only 1 or 2 would be linearizable";
    assert!([expected, other].contains(&wrong.explanation()), "{wrong}");
    assert_eq!(wrong.history().len(), 3);
}

/// The push of a value that came out too early must stay: without it, it would seem unknown.
#[test]
fn a_call_that_explains_an_answer_is_not_left_out() {
    /// A queue that says nothing of values, and has no monitor.
    struct Plain;
    impl SequentialSpec for Plain {
        type State = <Container as SequentialSpec>::State;
        type Operation = Access;
        type Result = Option<u32>;
        fn initial(&self) -> Self::State {
            Container::Queue.initial()
        }
        fn step(
            &self,
            state: &Self::State,
            operation: &Access,
            seen: Option<&Option<u32>>,
        ) -> impl IntoIterator<Item = (Option<u32>, Self::State)> {
            Container::Queue.step(state, operation, seen)
        }
    }
    let history = History::new([
        Call::new(0, Access::Put(1), 0, 1, None),
        Call::new(0, Access::Put(2), 2, 3, None),
        Call::new(1, Access::Take, 4, 5, Some(2)),
        Call::new(2, Access::Put(3), 4, 9, None),
    ]);
    let wrong = counterexample(&Plain, &history.expect("well formed"));
    assert_eq!(wrong.indices(), [0, 1, 2], "{wrong}");
    let expected = "process 1: Take answered Some(2); only Some(1) would be linearizable";
    assert_eq!(wrong.explanation(), expected);
}

/// A queue that was never full although it held too much: no value may go, or it would not be.
#[test]
fn values_that_are_counted_stay() {
    use counterpoint::verify::spec::queue::{Answer, Operation, Queue};
    let push = |n: u64| Call::new(0, Operation::Push(n), 4 * n, 4 * n + 1, Answer::Done);
    let full = Call::new(1, Operation::Push(9), 100, 101, Answer::Full);
    let history = History::new((0..4).map(push).chain([full])).expect("well formed");
    assert!(Checker::new(&Queue::bounded(4)).check(&history).is_linearizable());
    let wrong = counterexample(&Queue::bounded(5), &history);
    assert_eq!(
        wrong.explanation(),
        "process 1: Push(9) answered Full; only Done would be linearizable"
    );
    assert_eq!(wrong.history().len(), 5, "{wrong}");
}

/// The push that one pop rests on begins after another pop of its process seems to go on.
#[test]
fn a_widened_call_is_not_accused_for_what_the_cut_left_out() {
    use counterpoint::verify::spec::queue::{
        Answer::{Done, Value},
        Operation::{Pop, Push},
        Queue,
    };
    let mut calls = vec![
        Call::new(0, Pop, 0, 100, Value(Some(7))),
        Call::new(0, Pop, 50, 150, Value(None)),
        Call::new(1, Push(7), 60, 160, Done),
        Call::new(2, Pop, 0, 55, Value(None)),
    ];
    let right = History::widened(calls.clone(), 100).expect("well formed");
    assert!(Checker::new(&Queue::new()).check(&right).is_linearizable());
    calls.push(Call::new(3, Pop, 500, 600, Value(Some(7))));
    let history = History::widened(calls, 100).expect("well formed");
    for monitors in [true, false] {
        let verdict = Checker::new(&Queue::new()).monitors(monitors).check(&history);
        let wrong = verdict.counterexample().expect("7 was popped twice");
        assert!(wrong.indices().contains(&4), "{wrong}");
        let culprit = wrong.culprit().map(|call| wrong.indices()[call]);
        assert!(culprit.is_none_or(|call| call == 4), "{wrong}");
    }
}

/// A cut leaves out what came later, and shrinking what does not matter; the line stays true.
#[test]
fn an_explanation_is_true_of_the_whole_history() {
    use counterpoint::verify::spec::{Queue, queue, register};
    let history = History::new([
        Call::new(2, queue::Operation::Pop, 0, 1, queue::Answer::Value(Some(9))),
        Call::new(1, queue::Operation::Push(9), 4, 5, queue::Answer::Done),
    ]);
    let history = history.expect("well formed");
    let checker = Checker::new(&Queue::new()).check(&history);
    let wrong = checker.counterexample().expect("it came from nowhere");
    let expected = [
        "process 2 dequeued 9, which nobody had begun to enqueue",
        "process 2 dequeued 9 before process 1 began to enqueue it",
    ];
    assert!(expected.contains(&wrong.explanation()), "{wrong}");
    let write =
        |n: u8| Call::new(n.into(), register::Operation::Write(n), 0, 10, register::Answer::Done);
    let read = Call::new(4, register::Operation::Read, 20, 30, register::Answer::Value(0));
    let history = History::new([write(1), write(2), write(3), read]).expect("well formed");
    let wrong = counterexample(&register::Register::new(0u8), &history);
    for answer in 1..4 {
        let named = wrong.explanation().contains(&format!("Value({answer})"));
        assert!(named, "{answer} would be linearizable too: {wrong}");
    }
}
