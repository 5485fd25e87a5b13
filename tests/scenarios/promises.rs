//! What scenarios promise of themselves: nothing is green that has run, met or judged nothing.

use counterpoint::verify::{
    scenario::{Runner, Scenario},
    spec::{
        Counter,
        counter::{
            Answer,
            Operation::{self, Add, FetchAdd, Get},
        },
    },
};
use std::sync::atomic::{AtomicI64, Ordering::SeqCst};

/// A counter of std, which no engine sees, and of which every addition is one step.
fn of_std(name: &str) -> Scenario<Counter, AtomicI64> {
    let apply = |count: &AtomicI64, asked: &Operation| match *asked {
        Add(more) => drop_value(count.fetch_add(more, SeqCst)).into(),
        FetchAdd(more) => count.fetch_add(more, SeqCst).into(),
        Get => count.load(SeqCst).into(),
    };
    Scenario::new(name, Counter, AtomicI64::default, apply)
}

fn drop_value(_: i64) {}

/// A counter that answers nothing but zero.
fn of_zeros(name: &str) -> Scenario<Counter, ()> {
    Scenario::new(
        name,
        Counter,
        || (),
        |(), asked: &Operation| match asked {
            Add(_) => ().into(),
            FetchAdd(_) | Get => Answer::Value(0),
        },
    )
}

#[track_caller]
fn fails<S, T>(scenario: Scenario<S, T>, why: &str)
where
    S: counterpoint::verify::spec::SequentialSpec<
            Operation: counterpoint::verify::scenario::Data,
            Result: counterpoint::verify::scenario::Data,
        > + Send
        + Sync
        + 'static,
    T: Send + Sync + 'static,
{
    let problem = scenario.problem().to_string();
    assert!(problem.contains(why), "`{why}` is not in: {problem}");
}

#[test]
fn what_runs_nothing_is_a_problem() {
    fails(of_std("no runner").thread([Get]).only([]), "nothing runs it");
    fails(of_std("only a fuzzer").thread([Get]).only([Runner::Fuzzed]), "nothing runs it");
    fails(of_std("no rounds").thread([Get]).only([Runner::Threads]).rounds(0), "not run at all");
}

#[test]
#[cfg(feature = "engine")]
fn an_object_that_no_engine_sees_is_a_problem() {
    for runner in Runner::ALL.into_iter().filter(|runner| *runner < Runner::Threads) {
        if runner.is_available() {
            let scenario = of_std("of std").thread([FetchAdd(1)]).thread([FetchAdd(1)]);
            fails(scenario.only([runner]), "verify::shim");
        }
    }
    let scenario = of_std("no executions").thread([Get]).thread([Get]);
    fails(scenario.only([Runner::Interleavings]).limit(0), "not run at all");
}

#[test]
fn outcomes_of_stale_values_are_no_violation_on_real_threads() {
    let zero = || vec![Answer::Value(0)];
    let both = || of_zeros("stale").thread([FetchAdd(1)]).thread([FetchAdd(1)]);
    fails(both().only([Runner::Threads]), "only Value(1) would be");
    let stale = both().weak_only([vec![zero(), zero(), vec![]]]).only([Runner::Threads]);
    stale.check();
}

#[test]
fn an_outcome_that_is_not_declared_is_a_problem_though_its_history_is_right() {
    let scenario = of_std("declared").thread([FetchAdd(1)]);
    let other = scenario.expect([vec![vec![Answer::Value(5)], vec![]]]);
    fails(other.only([Runner::Threads]), "is not declared");
}

/// Sequential consistency forgives what comes late, but not what was there before all threads.
#[test]
fn sequential_consistency_keeps_what_came_before() {
    let late = of_zeros("late").thread([Add(1)]).thread([Get]).sequentially_consistent();
    late.only([Runner::Threads]).check();
    let forgets = of_zeros("forgets").before([Add(1)]).thread([Get]).sequentially_consistent();
    fails(forgets.any_outcome().only([Runner::Threads]), "only Value(1) would be");
}

#[test]
fn a_panic_of_any_operation_is_a_problem() {
    let bomb = || {
        Scenario::new(
            "bomb",
            Counter,
            || (),
            |(), asked: &Operation| match asked {
                Get => panic!("the fuse is lit"),
                _ => Answer::Done,
            },
        )
        .any_outcome()
        .only([Runner::Threads])
    };
    fails(bomb().before([Get]).thread([Add(1)]), "the fuse is lit");
    fails(bomb().thread([Add(1)]).thread([Add(1), Get]), "the fuse is lit");
    fails(bomb().thread([Add(1)]).after([Get]), "the fuse is lit");
}

#[test]
#[cfg(feature = "engine")]
fn a_complete_engine_must_show_every_outcome() {
    use counterpoint::verify::shim::{AtomicUsize, Ordering, hint::spin_loop};

    /// A counter that lets the second thread wait for the first.
    #[derive(Debug)]
    struct Unfair {
        is_over: AtomicUsize,
        count: AtomicUsize,
    }
    let unfair = || {
        let make = || Unfair { is_over: AtomicUsize::new(0), count: AtomicUsize::new(0) };
        Scenario::new("unfair", Counter, make, |object, asked: &Operation| {
            let FetchAdd(more) = *asked else { unreachable!("not asked") };
            while more == 2 && object.is_over.load(Ordering::Acquire) == 0 {
                spin_loop();
            }
            let before = object.count.fetch_add(more as usize, Ordering::AcqRel);
            object.is_over.swap(1, Ordering::Release);
            Answer::Value(before as i64)
        })
        .thread([FetchAdd(1)])
        .thread([FetchAdd(2)])
    };
    fails(unfair().only([Runner::Interleavings]), "never occurred");
    fails(unfair().only([Runner::BruteForce]), "never occurred");
    if Runner::LoomInterleavings.is_available() {
        fails(unfair().only([Runner::LoomInterleavings]), "never occurred");
        let cut = unfair().only([Runner::LoomInterleavings]).loom_limit(1).run();
        assert!(!cut.expect("nothing is wrong with one execution")[0].is_complete);
    }
    unfair().only([Runner::Weak, Runner::Random, Runner::Pct, Runner::Threads]).check();
}

/// A write that takes effect when somebody reads for the first time: sequentially consistent, but not
/// linearizable: every outcome is declared, and only a history shows it.
#[test]
#[cfg(feature = "engine")]
fn real_time_shows_what_outcomes_do_not() {
    use counterpoint::verify::shim::{AtomicUsize, Ordering};

    let late = || {
        let make = || [AtomicUsize::new(0), AtomicUsize::new(0)];
        Scenario::new("late", Counter, make, |[count, seen], asked: &Operation| match asked {
            Add(_) => {
                count.swap(1, Ordering::AcqRel);
                Answer::Done
            }
            _ => {
                let before = seen.load(Ordering::Acquire);
                seen.swap(count.load(Ordering::Acquire), Ordering::AcqRel);
                Answer::Value(before as i64)
            }
        })
        .thread([Get])
        .thread([Add(1)])
        .expect([vec![vec![Answer::Value(0)], vec![Answer::Done], vec![]]])
        .only([Runner::Interleavings])
    };
    fails(late().real_time(), "only Value(1) would be linearizable");
}

/// Two reads do not depend on each other: one schedule shows all outcomes, but there are more orders
/// in time.
#[test]
#[cfg(feature = "engine")]
fn real_time_shows_each_order_in_time() {
    use counterpoint::verify::shim::{AtomicUsize, Ordering};

    let apart = || {
        let apply =
            |word: &AtomicUsize, _: &Operation| Answer::Value(word.load(Ordering::Acquire) as i64);
        let scenario = Scenario::new("apart", Counter, || AtomicUsize::new(0), apply);
        scenario.thread([Get]).thread([Get]).any_outcome().only([Runner::Interleavings])
    };
    let histories = |scenario: Scenario<Counter, AtomicUsize>| {
        scenario.run().expect("a read of nothing is zero")[0].histories
    };
    assert!(histories(apart().real_time()) > histories(apart()));
}
