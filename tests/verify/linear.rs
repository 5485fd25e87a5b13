//! The search agrees with brute force; what it is asked in bad ways it answers without a verdict.

use crate::{
    brute::{self, Rule},
    common::{Random, scaled, seed},
    random_history::{Shape, draw},
    small::{Access, Cell, Container, Count, Counter, Entry, Lock, Map, Register, Turn},
};
use counterpoint::verify::{
    history::{Call, History},
    linear::{Checker, Consistency, Unknown, Verdict},
    spec::SequentialSpec,
};
use std::time::{Duration, Instant};

/// Random small histories in all, over six specifications.
const HISTORIES: usize = 100_000;

/// How many were right, and how many wrong.
#[derive(Default)]
struct Tally([usize; 2]);

impl Tally {
    fn print(&self, name: &str) {
        let [wrong, right] = self.0;
        println!("{name}: {right} right, {wrong} wrong");
        let all = right + wrong;
        let both = right > all / 100 && wrong > all / 100;
        assert!(both || all < 1_000, "{name}: one verdict is hardly there");
    }
}

/// Compares the verdicts on random histories of one specification.
fn agree<S: SequentialSpec>(
    name: &str,
    spec: &S,
    seed: u64,
    consistency: Consistency,
    operation: &mut dyn FnMut(&mut Random) -> S::Operation,
) {
    let rule = match consistency {
        Consistency::Sequential => Rule::Program,
        _ => Rule::Time,
    };
    let checker =
        Checker::new(spec).consistency(consistency).monitors(false).shrinking(Duration::ZERO);
    let mut tally = Tally::default();
    for nth in 0..scaled(HISTORIES.div_ceil(6)) {
        let mut random = Random::new(seed, nth);
        let shape = Shape::small(&mut random);
        let history = draw(&mut random, spec, shape, operation);
        let expected = brute::explains(spec, &history, rule);
        match checker.check(&history) {
            Verdict::Linearizable(witness) => {
                assert!(expected, "{name} {nth}: wrongly accepted {history:#?}");
                let part = |call: usize| spec.part(&history.calls()[call].operation);
                let orders = witness.orders().iter();
                let orders: Vec<_> = orders.flatten().collect();
                let all: Vec<usize> =
                    orders.iter().flat_map(|order| order.iter().copied()).collect();
                for (call, returned) in
                    history.calls().iter().map(|call| &call.returned).enumerate()
                {
                    assert!(returned.is_none() || all.contains(&call), "{name} {nth}: {call}");
                }
                for order in orders {
                    let of = |call| order.iter().any(|&other| part(other) == part(call));
                    let holds = brute::holds(spec, &history, rule, order, of);
                    assert!(holds, "{name} {nth}: {order:?} does not explain {history:#?}");
                }
            }
            Verdict::Violation(_) => {
                assert!(!expected, "{name} {nth}: wrongly refused {history:#?}");
            }
            Verdict::Unknown(why) => panic!("{name} {nth}: {why}"),
        }
        tally.0[usize::from(expected)] += 1;
    }
    tally.print(name);
}

fn agree_on_all(consistency: Consistency) {
    let seed = seed();
    agree("register", &Register, seed, consistency, &mut |random| match random.below(4) {
        0 => Cell::Read,
        1 => Cell::Write(random.below(3) as u8),
        _ => Cell::Exchange(random.below(3) as u8, random.below(3) as u8),
    });
    agree("counter", &Counter, seed, consistency, &mut |random| match random.below(3) {
        0 => Count::Get,
        _ => Count::Next,
    });
    for (name, container) in [("queue", Container::Queue), ("stack", Container::Stack)] {
        agree(name, &container, seed, consistency, &mut |random| match random.below(2) {
            0 => Access::Take,
            _ => Access::Put(random.below(4) as u32),
        });
    }
    agree("map", &Map, seed, consistency, &mut |random| {
        let key = random.below(2) as u16;
        match random.below(3) {
            0 => Entry::Insert(key, random.below(3) as u8),
            1 => Entry::Get(key),
            _ => Entry::Remove(key),
        }
    });
    agree("lock", &Lock, seed, consistency, &mut |random| match random.below(4) {
        0 => Turn::Take,
        1 => Turn::Try,
        _ => Turn::Free,
    });
}

#[test]
fn linearizability_is_what_brute_force_says() {
    agree_on_all(Consistency::Linearizable);
}

#[test]
fn sequential_consistency_is_what_brute_force_says() {
    agree_on_all(Consistency::Sequential);
}

/// Calls that all overlap, none of which can answer as it did: all their orders are looked through.
fn hopeless(calls: usize) -> History<Access, Option<u32>> {
    let puts = (0..calls).map(|n| Call::new(n, Access::Put(n as u32), 0, 100, None));
    let take = Call::new(calls, Access::Take, 200, 300, Some(u32::MAX));
    History::new(puts.chain([take])).expect("they are well formed")
}

#[test]
fn long_histories_are_judged_without_recursion() {
    let mut random = Random::new(seed(), 0);
    let calls = scaled(20_000) as u64;
    let shape = Shape {
        processes: 8,
        calls,
        pending: false,
        coarseness: 1,
        overlap: 8,
        bent: 0,
        widened: 0,
    };
    let history = draw(&mut random, &Register, shape, &mut |random| match random.below(3) {
        0 => Cell::Read,
        1 => Cell::Write(random.below(200) as u8),
        _ => Cell::Exchange(random.below(200) as u8, random.below(200) as u8),
    });
    assert!(Checker::new(&Register).check(&history).is_linearizable());
    // As many processes as calls.
    let calls = history.calls().iter().cloned().enumerate();
    let history = History::new(calls.map(|(nth, call)| Call { process: nth, ..call }));
    let history = history.expect("a process makes one call");
    assert!(Checker::new(&Register).check(&history).is_linearizable());
}

#[test]
fn a_hopeless_search_ends_with_its_budget() {
    let history = hopeless(40);
    let checker = Checker::new(&Container::Queue).monitors(false);
    let begin = Instant::now();
    let verdict = checker.clone().time(Duration::from_millis(50)).check(&history);
    assert!(matches!(verdict, Verdict::Unknown(Unknown::OutOfTime)), "{verdict:?}");
    assert!(begin.elapsed() < Duration::from_secs(20), "the budget was ignored");
    let verdict = checker.memory(1 << 20).check(&history);
    assert!(matches!(verdict, Verdict::Unknown(Unknown::OutOfMemory)), "{verdict:?}");
}

#[test]
fn a_budget_of_zero_decides_nothing_but_the_empty_history() {
    let checker = Checker::new(&Register).time(Duration::ZERO);
    let empty = History::new([]).expect("there is nothing to be wrong");
    assert!(checker.check(&empty).is_linearizable());
    let one = |answer| History::new([Call::new(0, Cell::Read, 1, 1, answer)]).expect("one call");
    for answer in [0, 7] {
        let verdict = checker.check(&one(answer));
        assert!(matches!(verdict, Verdict::Unknown(Unknown::OutOfTime)), "{verdict:?}");
        let verdict = Checker::new(&Register).memory(0).check(&one(answer));
        assert!(matches!(verdict, Verdict::Unknown(Unknown::OutOfMemory)), "{verdict:?}");
    }
    assert!(Checker::new(&Register).time(Duration::MAX).check(&one(0)).is_linearizable());
    assert!(Checker::new(&Register).check(&one(7)).is_violation());
}

/// A register whose specification panics at one point.
#[derive(Clone, Copy, PartialEq)]
enum Broken {
    Initial,
    Step,
    Part,
    Value,
    Monitor,
}

impl SequentialSpec for Broken {
    type State = u8;
    type Operation = Cell;
    type Result = u8;
    fn initial(&self) -> u8 {
        assert!(*self != Broken::Initial, "broken at {}", 1);
        0
    }
    fn step(
        &self,
        held: &u8,
        operation: &Cell,
        seen: Option<&u8>,
    ) -> impl IntoIterator<Item = (u8, u8)> {
        assert!(*self != Broken::Step, "broken at {}", 2);
        Register.step(held, operation, seen)
    }
    fn part(&self, _: &Cell) -> Option<u64> {
        assert!(*self != Broken::Part, "broken at {}", 3);
        None
    }
    fn value(&self, _: &Cell, _: Option<&u8>) -> Option<u64> {
        assert!(*self != Broken::Value, "broken at {}", 4);
        None
    }
    fn monitor(&self, _: &History<Cell, u8>) -> Option<Result<(), String>> {
        assert!(*self != Broken::Monitor, "broken at {}", 5);
        None
    }
}

#[test]
fn a_specification_that_panics_gives_no_verdict() {
    let history = History::new([Call::new(0, Cell::Read, 0, 1, 7)]).expect("one call");
    let places = [Broken::Initial, Broken::Step, Broken::Part, Broken::Value, Broken::Monitor];
    for (place, number) in places.into_iter().zip(1..) {
        let verdict = Checker::new(&place).check(&history);
        if place == Broken::Value {
            // It is asked when the verdict stands.
            assert!(verdict.is_violation(), "{verdict:?}");
            continue;
        }
        let Verdict::Unknown(Unknown::SpecificationPanicked(why)) = verdict else {
            panic!("{number}: {verdict:?}")
        };
        assert_eq!(why, format!("broken at {number}"));
    }
}

#[test]
fn calls_that_never_return_are_no_reason_to_refuse() {
    // The read is explained by the write that never returned.
    let history = History::new([
        Call::pending(0, Cell::Write(5), 0),
        Call::new(1, Cell::Read, 10, 20, 5),
        Call::new(1, Cell::Read, 30, 40, 5),
    ]);
    assert!(Checker::new(&Register).check(&history.expect("well formed")).is_linearizable());
    // Nothing but calls that never return.
    let calls = (0..50).map(|process| Call::pending(process, Access::Take, process as u64));
    let history = History::new(calls).expect("well formed");
    assert!(Checker::new(&Container::Queue).monitors(false).check(&history).is_linearizable());
    // Many that are the same: one is tried where any would do.
    let calls = (0..60).map(|process| Call::pending(process, Count::Next, 0));
    let wrong = Call::new(60, Count::Get, 10, 20, Some(61));
    let history = History::new(calls.chain([wrong])).expect("well formed");
    assert!(Checker::new(&Counter).check(&history).is_violation());
}

#[test]
fn a_part_that_is_hard_does_not_hide_one_that_is_wrong() {
    /// Containers side by side.
    struct Many;
    impl SequentialSpec for Many {
        type State = <Container as SequentialSpec>::State;
        type Operation = (u64, Access);
        type Result = Option<u32>;
        fn initial(&self) -> Self::State {
            Container::Queue.initial()
        }
        fn step(
            &self,
            state: &Self::State,
            (_, operation): &(u64, Access),
            seen: Option<&Option<u32>>,
        ) -> impl IntoIterator<Item = (Option<u32>, Self::State)> {
            Container::Queue.step(state, operation, seen)
        }
        fn part(&self, (part, _): &(u64, Access)) -> Option<u64> {
            Some(*part)
        }
    }
    let hard = hopeless(40).calls().to_vec();
    let hard = hard.into_iter().map(|call| Call {
        process: call.process,
        operation: (0, call.operation),
        invoked: call.invoked,
        returned: call.returned,
    });
    let wrong = Call::new(99, (1, Access::Take), 500, 600, Some(3));
    let history = History::new(hard.chain([wrong])).expect("well formed");
    let verdict = Checker::new(&Many).time(Duration::from_secs(60)).check(&history);
    let counterexample = verdict.counterexample().expect("the second part is wrong");
    assert_eq!(counterexample.history().len(), 1);
}

/// Calls of a process on two parts that touch or overlap: each part alone is right, the whole is not.
#[test]
fn what_only_the_order_of_a_process_forbids_is_refused_in_parts_too() {
    use counterpoint::verify::spec::map::{Answer, Map, Operation};
    let calls = |put: [u64; 2], get: [u64; 2]| {
        [
            Call::new(0, Operation::Put('x', 1), put[0], put[1], Answer::Done),
            Call::new(0, Operation::Get('y'), get[0], get[1], Answer::Value(None)),
            Call::new(1, Operation::Put('y', 1), put[0], put[1], Answer::Done),
            Call::new(1, Operation::Get('x'), get[0], get[1], Answer::Value(None)),
        ]
    };
    let touching = History::new(calls([0, 5], [5, 9])).expect("well formed");
    let widened = History::widened(calls([0, 100], [50, 150]), 100).expect("well formed");
    for history in [touching, widened] {
        assert!(!brute::explains(&Map::new(), &history, Rule::Time));
        assert!(Checker::new(&Map::new()).check(&history).is_violation(), "{history:?}");
    }
    // One step apart in time the calls of each part are ordered enough.
    let apart = History::new(calls([0, 5], [6, 9])).expect("well formed");
    assert!(Checker::new(&Map::new()).check(&apart).is_violation());
    // A third process that only looks joins nothing, nor does it matter.
    let mut right = calls([0, 5], [5, 9]);
    right[1].returned =
        Some(counterpoint::verify::history::Returned { at: 9, result: Answer::Value(Some(1)) });
    let right = History::new(right).expect("well formed");
    assert!(Checker::new(&Map::new()).check(&right).is_linearizable());
}

/// Small histories of two keys, with touching and widened calls, of which many are right by key and
/// wrong as a whole. Answers are drawn at random.
fn two_keys_agree<S: SequentialSpec>(
    name: &str,
    spec: &S,
    call: impl Fn(&mut Random) -> (S::Operation, S::Result),
) {
    let seed = seed();
    let mut by_key_alone = 0;
    let histories = scaled(30_000);
    for nth in 0..histories {
        let mut random = Random::new(seed, nth);
        let uncertainty = random.below(2) * (1 + random.below(3));
        let processes = 2 + random.below(2) as usize;
        let mut calls = Vec::new();
        for process in 0..processes {
            let mut at = random.below(2);
            for _ in 0..2 {
                let (operation, answer) = call(&mut random);
                let end = at + random.below(3);
                calls.push(Call::new(process, operation, at, end + uncertainty, answer));
                at = end + random.below(2);
            }
        }
        let history = History::widened(calls, uncertainty).expect("well formed");
        let expected = brute::explains(spec, &history, Rule::Time);
        let verdict = Checker::new(spec).shrinking(Duration::ZERO).check(&history);
        assert_eq!(verdict.is_linearizable(), expected, "{name} {nth}: {history:#?}");
        assert_eq!(verdict.is_violation(), !expected, "{name} {nth}: {history:#?}");
        let part = |call: &Call<_, _>| spec.part(&call.operation);
        let is_right_by_key = history.calls().iter().map(part).all(|key| {
            let of_key = history.calls().iter().filter(|call| part(call) == key).cloned();
            let of_key = History::widened(of_key, uncertainty).expect("well formed");
            brute::explains(spec, &of_key, Rule::Time)
        });
        by_key_alone += usize::from(is_right_by_key && !expected);
    }
    println!("{name}: {by_key_alone} of {histories} are right by key alone");
    assert!(by_key_alone > 0 || histories < 10_000, "{name}: the case did not arise");
}

#[test]
fn parts_with_calls_that_touch_or_were_widened_are_judged_as_the_whole_is() {
    use counterpoint::verify::spec::{map, set};
    two_keys_agree("map", &map::Map::<u8, u8>::new(), |random| {
        let key = random.below(2) as u8;
        match random.below(2) {
            0 => (map::Operation::Put(key, 1), map::Answer::Done),
            _ => {
                (map::Operation::Get(key), map::Answer::Value((random.below(3) == 0).then_some(1)))
            }
        }
    });
    two_keys_agree("set", &set::Set::<u8>::new(), |random| {
        let element = random.below(2) as u8;
        match random.below(2) {
            0 => (set::Operation::Add(element), set::Answer::Done),
            _ => (set::Operation::Contains(element), set::Answer::Flag(random.below(3) == 0)),
        }
    });
}

/// Whether a value panics when it is copied, or when it is shown.
#[derive(PartialEq)]
enum Fragile {
    Copied,
    Shown,
}

impl Clone for Fragile {
    fn clone(&self) -> Self {
        assert!(*self != Fragile::Copied, "no copies");
        Fragile::Shown
    }
}

impl std::fmt::Debug for Fragile {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        panic!("no name")
    }
}

#[test]
fn operations_whose_clone_or_debug_panics_are_judged_or_given_up() {
    struct Constant;
    impl SequentialSpec for Constant {
        type State = u8;
        type Operation = Fragile;
        type Result = u8;
        fn initial(&self) -> u8 {
            0
        }
        fn step(&self, _: &u8, _: &Fragile, _: Option<&u8>) -> impl IntoIterator<Item = (u8, u8)> {
            [(0, 0)]
        }
    }
    let check = |operation| {
        let history = History::new([Call::new(0, operation, 0, 1, 3)]).expect("one call");
        Checker::new(&Constant).check(&history)
    };
    let copied = check(Fragile::Copied);
    assert!(matches!(copied, Verdict::Unknown(Unknown::SpecificationPanicked(_))));
    let shown = check(Fragile::Shown);
    let explanation = shown.counterexample().expect("it is wrong").explanation();
    assert!(explanation.ends_with("answered 3; only 0 would be linearizable"), "{explanation}");
}

/// Many calls that never return, no two of them the same, take no time before the clock is read.
#[test]
fn pending_calls_that_differ_are_not_all_compared() {
    use std::cell::Cell as Count;
    /// Counts how often it is asked.
    struct Asked(Count<usize>);
    impl SequentialSpec for Asked {
        type State = u8;
        type Operation = usize;
        type Result = u8;
        fn initial(&self) -> u8 {
            0
        }
        fn step(&self, _: &u8, _: &usize, _: Option<&u8>) -> impl IntoIterator<Item = (u8, u8)> {
            [(0, 0)]
        }
        fn same(&self, first: &usize, second: &usize) -> bool {
            self.0.set(self.0.get() + 1);
            first == second
        }
    }
    let pending = 4_000;
    let calls = (0..pending).map(|n| Call::pending(n, n, 0));
    let history = History::new(calls.chain([Call::new(pending, 0, 1, 2, 0)]));
    let spec = Asked(Count::new(0));
    assert!(Checker::new(&spec).check(&history.expect("well formed")).is_linearizable());
    assert!(spec.0.get() < 1_000_000, "{}", spec.0.get());
}
