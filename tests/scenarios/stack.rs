//! `TreiberStack`.

use crate::common::BACKENDS;
use counterpoint::verify::{
    scenario::Runner,
    spec::stack::Operation::{IsEmpty, Pop, PopAll, Push},
};

#[test]
fn a_push_meets_a_pop() {
    for backend in BACKENDS {
        backend.stack("stack: push and pop").thread([Push(1)]).thread([Pop]).after([Pop]).check();
    }
}

/// One thread has seen the top and its successor, the other pops both and pushes anew (ABA).
#[test]
fn a_node_does_not_come_back_under_a_guard() {
    for backend in BACKENDS {
        let scenario =
            backend.stack("stack: pop against pop, pop, push").before([Push(1), Push(2)]);
        scenario.thread([Pop]).thread([Pop, Pop, Push(3)]).after([Pop, Pop]).check();
    }
}

#[test]
fn all_are_taken_at_one_moment() {
    for backend in BACKENDS {
        let scenario = backend.stack("stack: all against push and pop").before([Push(1)]);
        scenario.thread([PopAll, IsEmpty]).thread([Push(2), Pop]).after([Pop]).check();
    }
}

/// Where two have lost a race they may meet beside the stack.
#[test]
fn a_push_and_a_pop_lose_against_a_pop() {
    for backend in BACKENDS {
        let scenario = backend.stack("stack: push, pop and pop").before([Push(1)]);
        scenario.thread([Push(2)]).thread([Pop]).thread([Pop]).after([Pop]).check();
    }
}

#[test]
fn many_threads_push_and_pop() {
    for backend in BACKENDS {
        let mut scenario = backend.stack("stack: four pairs of push and pop");
        for thread in 1..=4 {
            scenario = scenario.thread([Push(thread), Pop, Push(10 + thread), Pop]);
        }
        scenario.after([PopAll]).only([Runner::Random, Runner::Pct, Runner::Threads]).check();
    }
}
