//! Scenarios whose operations are drawn: on every structure; and that what fails is shrunk, and can
//! be run again.

use crate::{
    common::{Placed, scaled},
    objects::{apply_map, apply_queue, apply_set, apply_stack},
};
use counterpoint::{
    map::{SplitOrderedMap, SplitOrderedSet},
    queue::MsQueue,
    stack::TreiberStack,
    verify::{
        scenario::{Generated, Runner},
        spec::{Counter, Map, Queue, Set, Stack, counter, map, queue, set, stack},
    },
};
use proptest::prelude::*;
use std::{process::Command, sync::Mutex};

/// Places of keys: two that share a bucket for long, and one far away.
fn places() -> impl Strategy<Value = u16> {
    prop_oneof![Just(0x1000), Just(0x1800), Just(0x9000)]
}

#[test]
fn queues() {
    use queue::Operation::{IsEmpty, Pop, Push};
    let operations = prop_oneof![(1..9u32).prop_map(Push), Just(Pop), Just(Pop), Just(IsEmpty)];
    Generated::new("queue, drawn", Queue::new(), operations, MsQueue::new, apply_queue)
        .cases(scaled(64))
        .check();
}

#[test]
fn stacks() {
    use stack::Operation::{Pop, PopAll, Push};
    let operations = prop_oneof![(1..9u32).prop_map(Push), Just(Pop), Just(Pop), Just(PopAll)];
    Generated::new("stack, drawn", Stack::new(), operations, TreiberStack::new, apply_stack)
        .cases(scaled(64))
        .check();
}

#[test]
fn maps() {
    use map::Operation::{CompareAndSet, Get, Insert, Remove};
    let value = 1..4u32;
    let operations = prop_oneof![
        (places(), value.clone()).prop_map(|(key, value)| Insert(key, value)),
        places().prop_map(Remove),
        places().prop_map(Get),
        (places(), value.clone(), value).prop_map(|(key, old, new)| CompareAndSet(key, old, new)),
    ];
    let make = || SplitOrderedMap::with_hasher(Placed);
    Generated::new("map, drawn", Map::new(), operations, make, apply_map).cases(scaled(64)).check();
}

#[test]
fn sets() {
    use set::Operation::{Contains, Insert, Remove};
    let operations = prop_oneof![
        places().prop_map(Insert),
        places().prop_map(Remove),
        places().prop_map(Contains),
    ];
    let make = || SplitOrderedSet::with_hasher(Placed);
    Generated::new("set, drawn", Set::new(), operations, make, apply_set).cases(scaled(64)).check();
}

/// A counter whose addition is no single step, also to real threads: other threads come between.
fn loses_updates() -> Generated<Counter, Mutex<i64>> {
    use counter::Operation::{Add, FetchAdd, Get};
    let operations = prop_oneof![(1..9i64).prop_map(FetchAdd), (1..9i64).prop_map(Add), Just(Get)];
    let get = |count: &Mutex<i64>| *count.lock().unwrap();
    Generated::new(
        "lost update, drawn",
        Counter,
        operations,
        Mutex::default,
        move |count, asked| {
            if let Add(more) | FetchAdd(more) = *asked {
                let before = get(count);
                std::thread::yield_now();
                *count.lock().unwrap() = before + more;
                if let FetchAdd(_) = asked { before.into() } else { ().into() }
            } else {
                get(count).into()
            }
        },
    )
    .each(|scenario| scenario.rounds(200))
    .cases(500)
}

/// A counter that answers large additions wrongly, however threads run.
fn answers_wrongly() -> Generated<Counter, Mutex<i64>> {
    use counter::Operation::{Add, FetchAdd, Get};
    let operations = prop_oneof![(1..9i64).prop_map(FetchAdd), (1..9i64).prop_map(Add), Just(Get)];
    let apply = |count: &Mutex<i64>, asked: &counter::Operation| {
        let mut count = count.lock().unwrap();
        let before = *count;
        match *asked {
            FetchAdd(more) if more > 4 => (-1).into(),
            FetchAdd(more) => {
                *count += more;
                before.into()
            }
            Add(more) => {
                *count += more;
                ().into()
            }
            Get => before.into(),
        }
    };
    Generated::new("wrong answer, drawn", Counter, operations, Mutex::default, apply)
        .each(|scenario| scenario.rounds(20).only([Runner::Threads]))
        .cases(500)
}

#[test]
fn what_fails_is_shrunk() {
    let problem = answers_wrongly().problem();
    println!("{problem}");
    let operations = problem.operations.expect("a run has operations");
    let asked = operations.matches('(').count() + operations.matches("Get").count();
    // The smallest addition that fails, and the smallest operation for each thread beside.
    let smallest = operations.matches("FetchAdd(1)").count();
    assert!(asked <= 3 && smallest + 1 == asked, "{operations}");
    assert!(operations.contains("FetchAdd(5)"), "{operations}");
    assert!(problem.replay.expect("a run has a token").contains("-case-"));
}

/// What a token runs, when the test below asks for it.
#[test]
fn a_drawn_problem_is_shown() {
    println!("{}", loses_updates().problem());
}

#[test]
fn a_token_draws_the_same_operations_again() {
    let problem = loses_updates().problem();
    let replay = problem.replay.expect("a run has a token");
    let (variable, token) = replay.split_once('=').expect("a variable and its value");
    let again = Command::new(std::env::current_exe().expect("this test has a path"))
        .args(["--exact", "drawn::a_drawn_problem_is_shown", "--nocapture"])
        .env(variable, token)
        .output()
        .expect("this test can be started");
    let said = String::from_utf8_lossy(&again.stdout);
    assert!(again.status.success(), "{said}");
    assert!(said.contains(&problem.message), "{} is not in\n{said}", problem.message);
}
