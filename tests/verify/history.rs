//! Histories: what a recorder claims of threads that ran, what JSON gives back, and what is refused.

use crate::common::{THREADS, message, property, scaled};
use counterpoint::verify::{
    history::{Call, Clock, History, Log, NotHistory, Recorder},
    spec::{counter, queue, register},
};
use proptest::{collection::vec, prelude::*};
use std::{
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Barrier,
        atomic::{
            AtomicI64, AtomicUsize,
            Ordering::{Acquire, Relaxed},
        },
    },
    thread,
    time::Duration,
};

fn clocks() -> [Clock; 2] {
    [Clock::new(), Clock::system()]
}

/// Each addition sees all earlier ones, so its result is its place in time.
#[test]
fn no_claimed_order_contradicts_that_of_additions() {
    for clock in clocks() {
        let (recorder, count) = (Recorder::with_clock(clock), AtomicI64::new(0));
        let rounds = scaled(100_000);
        thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    let mut log = recorder.log();
                    for _ in 0..rounds {
                        let add = counter::Operation::FetchAdd(1);
                        log.call(add, || count.fetch_add(1, Relaxed));
                    }
                });
            }
        });
        let history: History<_, counter::Answer> = recorder.finish().unwrap();
        assert_eq!(history.len(), THREADS * rounds);
        let mut calls: Vec<_> = history.calls().iter().collect();
        calls.sort_by_key(|call| match call.result() {
            Some(counter::Answer::Value(place)) => *place,
            other => panic!("{other:?} is no count"),
        });
        let mut earliest_end = u64::MAX;
        for call in calls.iter().rev() {
            assert!(earliest_end >= call.invoked, "{clock}: {call:?} begins at {earliest_end}");
            earliest_end = earliest_end.min(call.end());
        }
        println!("{clock}: {} steps back", recorder.backsteps());
    }
}

/// A plain store is still in the store buffer when its call returns. A reader that begins after that
/// and sees the old value is right, so it must not look as if it came later.
///
/// How long the store waits has no bound on a busy machine, so this is asserted of an uncertainty that
/// surely covers it. What the measured one is worth is printed.
#[test]
fn a_store_that_waits_to_be_seen_has_not_returned() {
    const GENEROUS: Duration = Duration::from_secs(1_000);
    for clock in clocks().into_iter().flat_map(|it| [it, it.with_uncertainty(GENEROUS)]) {
        let (recorder, place) = (Recorder::with_clock(clock), AtomicUsize::new(0));
        let last = scaled(100_000);
        thread::scope(|scope| {
            scope.spawn(|| {
                let mut log = recorder.log();
                for value in 1..=last {
                    log.call(register::Operation::Write(value), || place.store(value, Relaxed));
                }
            });
            scope.spawn(|| {
                let mut log = recorder.log();
                let mut seen = 0;
                while seen < last {
                    let read = || register::Answer::Value(place.load(Relaxed));
                    let answer = log.call(register::Operation::Read, read);
                    let register::Answer::Value(value) = answer else { unreachable!() };
                    seen = value;
                }
            });
        });
        let history: History<_, register::Answer<usize>> = recorder.finish().unwrap();
        let mut ends = HashMap::new();
        for call in history.calls() {
            if let register::Operation::Write(value) = call.operation {
                ends.insert(value, call.end());
            }
        }
        let mut longest = 0;
        let mut false_orders = 0;
        for call in history.calls() {
            if let Some(register::Answer::Value(value)) = call.result() {
                let missed = ends.get(&(value + 1)).copied().unwrap_or(u64::MAX);
                longest = longest.max(call.invoked.saturating_sub(missed));
                false_orders += usize::from(call.invoked > missed);
            }
        }
        println!("{clock}: {false_orders} false orders, by at most {longest} ns");
        assert!(clock.uncertainty() < GENEROUS || false_orders == 0, "{clock}: {longest} ns");
    }
}

#[test]
fn an_order_that_is_there_for_longer_than_the_uncertainty_is_claimed() {
    for clock in clocks() {
        let recorder = Recorder::<u8, u8>::with_clock(clock);
        let call = |operation| {
            thread::scope(|scope| {
                let mut log = recorder.log();
                scope.spawn(move || log.call(operation, || 0u8)).join().unwrap()
            })
        };
        call(1);
        let start = clock.before();
        while clock.in_nanoseconds(clock.before() - start)
            < 5 + clock.uncertainty().as_nanos() as u64
        {}
        call(2);
        let history = recorder.finish().unwrap();
        assert_eq!([history.calls()[0].operation, history.calls()[1].operation], [1, 2]);
        assert!(history.precedes(0, 1) && !history.precedes(1, 0), "{history:?}");
    }
}

#[test]
fn calls_at_one_moment_overlap_except_in_a_process() {
    let call = |process, invoked, at| Call::new(process, (), invoked, at, ());
    let calls = [call(0, 1, 3), call(1, 3, 5), call(1, 5, 5), call(2, 6, 7)];
    let history = History::new(calls).unwrap();
    let claimed: Vec<(usize, usize)> = (0..4)
        .flat_map(|one| (0..4).map(move |other| (one, other)))
        .filter(|(one, other)| history.precedes(*one, *other))
        .collect();
    assert_eq!(claimed, [(0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]);
}

#[test]
fn a_thread_s_calls_keep_their_order_however_uncertain_the_clock() {
    let clock = Clock::new().with_uncertainty(Duration::from_secs(1));
    let recorder = Recorder::<usize, usize>::with_clock(clock);
    let mut logs = [recorder.log_with_capacity(0), recorder.log_with_capacity(1)];
    for step in 0..2000 {
        logs[step % 2].call(step, || step);
    }
    drop(logs);
    let history = recorder.finish().unwrap();
    for process in 0..2 {
        let own = history.calls().iter().filter(|call| call.process == process);
        let steps: Vec<usize> = own.map(|call| call.operation).collect();
        assert_eq!(steps, (process..2000).step_by(2).collect::<Vec<_>>());
    }
    let is_claimed = |one: usize| {
        (0..2000).any(|other| {
            history.precedes(one, other)
                && history.calls()[one].process != history.calls()[other].process
        })
    };
    assert!(!(0..2000).any(is_claimed), "an order within the uncertainty");
}

#[test]
fn an_operation_that_panics_is_pending_in_a_process_of_its_own() {
    // So uncertain that only processes order anything.
    let clock = Clock::new().with_uncertainty(Duration::from_secs(1_000));
    let recorder = Recorder::<&str, u8>::with_clock(clock);
    let mut log = recorder.log();
    log.call("before", || 1u8);
    let thrown = catch_unwind(AssertUnwindSafe(|| log.call("panics", || -> u8 { panic!("out") })));
    assert_eq!(message(&*thrown.unwrap_err()), "out");
    log.call("after", || 2u8);
    drop(log.begin("is cancelled"));
    log.begin("goes on").end(3);
    let mut other = recorder.log();
    other.call("elsewhere", || 4u8);
    drop((log, other));
    let history = recorder.finish().unwrap();
    let seen: Vec<_> =
        history.calls().iter().map(|call| (call.process, call.operation, call.result())).collect();
    let expected = [
        (0, "before", Some(&1)),
        (2, "panics", None),
        (0, "after", Some(&2)),
        (3, "is cancelled", None),
        (0, "goes on", Some(&3)),
        (1, "elsewhere", Some(&4)),
    ];
    assert_eq!(seen, expected);
    assert!(history.precedes(0, 2) && history.precedes(2, 4), "a thread lost its order");
    assert!(!history.precedes(0, 5), "the clock was taken for certain");
}

#[test]
fn a_thread_that_never_comes_back_leaves_no_history_but_its_name() {
    let recorder = Recorder::<u8, u8>::new();
    let (first, mut second, third) = (recorder.log(), recorder.log(), recorder.log());
    second.call(1, || 1u8);
    drop(second);
    let error = recorder.finish().unwrap_err();
    assert_eq!(error.logs(), [0, 2]);
    assert_eq!(error.to_string(), "2 logs have not been dropped, by number: [0, 2]");
    drop((first, third));
    assert_eq!(recorder.finish().unwrap().len(), 1, "the error lost a call");
    assert!(recorder.finish().unwrap().is_empty(), "the recorder begins anew");
}

#[test]
fn a_blocked_operation_of_a_thread_stands_in_the_log_when_it_is_let_go() {
    let (recorder, barrier) = (Recorder::<&str, ()>::new(), Barrier::new(2));
    thread::scope(|scope| {
        let mut log = recorder.log();
        let barrier = &barrier;
        scope.spawn(move || {
            let _running = log.begin("waits");
            barrier.wait();
        });
        assert_eq!(recorder.finish().unwrap_err().logs(), [0]);
        barrier.wait();
    });
    let history = recorder.finish().unwrap();
    assert_eq!(history.calls()[0].returned, None);
}

#[test]
fn tasks_may_hand_a_log_from_thread_to_thread() {
    let recorder = Recorder::<u8, u8>::new();
    let (mut log, place) = (recorder.log(), AtomicUsize::new(0));
    thread::scope(|scope| {
        let running = log.begin(1);
        place.store(1, Relaxed);
        scope.spawn(|| running.end(place.load(Acquire) as u8));
    });
    drop(log);
    let history = recorder.finish().unwrap();
    assert_eq!(history.calls()[0].result(), Some(&1));
    assert!(history.calls()[0].end() >= history.calls()[0].invoked);
}

#[test]
fn logs_go_to_other_threads_and_recorders_are_shared() {
    fn sent<T: Send>() {}
    fn shared<T: Sync>() {}
    type NotSync = std::cell::Cell<u8>;
    sent::<Log<NotSync, NotSync>>();
    sent::<Recorder<NotSync, NotSync>>();
    shared::<Recorder<NotSync, NotSync>>();
}

type Queued = History<queue::Operation<i64>, queue::Answer<i64>>;

fn histories() -> impl Strategy<Value = Queued> {
    use queue::{Answer, Operation};
    let operation = prop_oneof![
        any::<i64>().prop_map(Operation::Push),
        Just(Operation::Pop),
        Just(Operation::Peek),
        Just(Operation::Len),
        Just(Operation::IsEmpty)
    ];
    let answer = prop_oneof![
        Just(Answer::Done),
        Just(Answer::Full),
        any::<Option<i64>>().prop_map(Answer::Value),
        any::<usize>().prop_map(Answer::Length),
        any::<bool>().prop_map(Answer::Flag)
    ];
    let call = (operation, 0..100u64, 0..100u64, prop::option::weighted(0.9, answer));
    (vec(vec(call, 0..4), 0..4), 0..10u64).prop_map(|(processes, uncertainty)| {
        let mut calls = Vec::new();
        for (process, own) in processes.into_iter().enumerate() {
            let mut now = 0;
            for (operation, pause, length, answer) in own {
                let invoked = now + pause;
                now = invoked + length;
                let Some(answer) = answer else {
                    calls.push(Call::pending(process, operation, invoked));
                    break;
                };
                calls.push(Call::new(process, operation, invoked, now + uncertainty, answer));
            }
        }
        History::widened(calls, uncertainty).unwrap()
    })
}

#[test]
fn json_gives_back_what_it_was_given() {
    property(histories(), |history| {
        let text = history.to_json();
        assert_eq!(text.lines().count(), history.len() + 2, "a call to a line:\n{text}");
        assert_eq!(Queued::from_json(&text).unwrap(), history);
        let value = serde_json::to_value(&history).unwrap();
        assert_eq!(serde_json::from_value::<Queued>(value).unwrap(), history);
    });
}

#[test]
fn json_looks_like_this() {
    use queue::{Answer, Operation};
    let calls = [
        Call::new(0, Operation::Push(1), 3, 5, Answer::<i64>::Done),
        Call::pending(1, Operation::Pop, 4),
    ];
    let text = concat!(
        "{\"uncertainty\":0,\"calls\":[\n",
        "{\"process\":0,\"operation\":{\"Push\":1},\"invoked\":3,",
        "\"returned\":{\"at\":5,\"result\":\"Done\"}},\n",
        "{\"process\":1,\"operation\":\"Pop\",\"invoked\":4,\"returned\":null}\n",
        "]}\n"
    );
    assert_eq!(History::new(calls).unwrap().to_json(), text);
    assert!(Queued::from_json("{\"calls\":[]}").unwrap().is_empty());
}

#[test]
fn json_that_holds_no_history_is_refused_with_its_place() {
    let call = r#"{"process":0,"operation":"Pop","invoked":4,"returned":null}"#;
    let cases = [
        ("", "EOF while parsing a value at line 1 column 0"),
        ("{\"calls\":[\n{]}", "line 2 column 2"),
        ("[]", "expected struct"),
        ("{\"calls\":[\n{\"process\":0}\n]}", "missing field `operation` at line 2"),
        (&call.replace(",\"returned\":null", ""), "missing field `returned`"),
        (&call.replace("null", "{\"at\":5}"), "missing field `result`"),
        (&call.replace("null", "{\"at\":5,\"result\":null}"), "line 2 column"),
        (&call.replace("\"Pop\"", "\"Leap\""), "unknown variant `Leap`"),
        (&call.replace("returned", "answered"), "unknown field `answered`"),
        (&call.replace('4', "-4"), "invalid value: integer `-4`"),
    ];
    for (text, expected) in cases {
        let wrapped = if text.starts_with("{\"p") {
            format!("{{\"calls\":[\n{text}]}}")
        } else {
            text.into()
        };
        let error = Queued::from_json(&wrapped).unwrap_err();
        assert!(matches!(error, NotHistory::Json(_)), "{wrapped}: {error:?}");
        let said = error.to_string();
        assert!(said.contains(expected) && said.contains("line"), "{wrapped}: {said}");
    }
    let error = Queued::from_json(&format!("{{\"calls\":[{call},{call}]}}")).unwrap_err();
    assert!(matches!(error, NotHistory::Calls(_)), "{error:?}");
}

#[test]
fn calls_that_no_processes_can_have_made_are_refused() {
    let call = |process, invoked, at| Call::new(process, (), invoked, at, ());
    let cases = [
        (vec![call(0, 5, 4)], 0, "call 0 of the history, by process 0, returns before"),
        (
            vec![call(1, 0, 4), call(1, 3, 6)],
            0,
            "call 1 of the history, by process 1, begins before",
        ),
        (
            vec![call(1, 0, 4), call(1, 2, 6)],
            1,
            "call 1 of the history, by process 1, begins before",
        ),
        (vec![call(1, 0, 4), call(1, 2, 3)], 2, "ends before the one before it has"),
        (vec![Call::pending(7, (), 1), call(7, 2, 3)], 9, "process 7, begins while the one before"),
        (vec![Call::pending(7, (), 1), Call::pending(7, (), 1)], 0, "is pending"),
    ];
    for (calls, uncertainty, expected) in cases {
        let error = History::widened(calls, uncertainty).unwrap_err().to_string();
        assert!(error.contains(expected), "{expected}: {error}");
    }
    assert!(History::widened([call(1, 0, 4), call(1, 3, 6)], 1).is_ok());
    let (none, one): (History<(), ()>, _) = (History::new([]).unwrap(), [call(3, 4, 4)]);
    assert!(none.is_empty() && History::new(one).unwrap().len() == 1);
}
