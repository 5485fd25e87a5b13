//! `MsQueue`.

use crate::common::BACKENDS;
use counterpoint::verify::{
    scenario::Runner,
    spec::queue::Operation::{IsEmpty, Pop, Push},
};

#[test]
fn a_push_meets_a_pop() {
    for backend in BACKENDS {
        backend.queue("queue: push and pop").thread([Push(1)]).thread([Pop]).after([Pop]).check();
    }
}

#[test]
fn two_pops_share_one_value() {
    for backend in BACKENDS {
        let scenario = backend.queue("queue: two pops of one value").before([Push(1)]);
        scenario.thread([Pop]).thread([Pop]).check();
    }
}

#[test]
fn values_of_one_thread_keep_their_order() {
    for backend in BACKENDS {
        let scenario = backend.queue("queue: two pushes against two pops");
        scenario.thread([Push(1), Push(2)]).thread([Pop, Pop]).after([Pop, Pop]).check();
    }
}

#[test]
fn emptiness_is_true_of_some_moment() {
    for backend in BACKENDS {
        let scenario = backend.queue("queue: emptiness").before([Push(1)]);
        // That another thread has pushed may be seen late.
        scenario.thread([Pop, Push(2)]).thread([IsEmpty, Pop]).check();
    }
}

/// Every order of returns and invocations: an object that is only sequentially consistent would
/// fail.
#[test]
fn what_has_returned_is_seen_by_whoever_comes_later() {
    for backend in BACKENDS {
        let scenario = backend.queue("queue: real time");
        scenario
            .thread([Push(1), Pop])
            .thread([Push(2)])
            .thread([Pop])
            .real_time()
            .bound(2)
            .weak_bound(1)
            .check();
    }
}

#[test]
fn many_threads_push_and_pop() {
    for backend in BACKENDS {
        let mut scenario = backend.queue("queue: four pairs of push and pop");
        for thread in 1..=4 {
            scenario = scenario.thread([Push(thread), Pop, Push(10 + thread), Pop]);
        }
        scenario.after([Pop]).only([Runner::Random, Runner::Pct, Runner::Threads]).check();
    }
}
