//! `SplitOrderedMap`. Keys are places in its list: in a build with an engine a map of three of the
//! first four has grown twice.

use crate::common::BACKENDS;
use counterpoint::verify::{
    scenario::Runner,
    spec::map::Operation::{CompareAndSet, Contains, Get, Insert, Remove},
};

const A: u16 = 0x1000;
const B: u16 = 0x2000;
const C: u16 = 0x2800;
const D: u16 = 0x3000;
/// In a bucket that appears with the second bit.
const FAR: u16 = 0x5000;

#[test]
fn one_key_is_inserted_and_removed() {
    for backend in BACKENDS {
        let scenario = backend.map("map: insert, remove and get of one key");
        scenario.thread([Insert(A, 1), Get(A)]).thread([Remove(A)]).after([Get(A)]).check();
    }
}

#[test]
fn of_two_exchanges_one_wins() {
    for backend in BACKENDS {
        let scenario = backend.map("map: two exchanges of one value").before([Insert(A, 1)]);
        scenario
            .thread([CompareAndSet(A, 1, 2)])
            .thread([CompareAndSet(A, 1, 3)])
            .after([Get(A)])
            .check();
    }
}

#[test]
fn neighbours_do_not_lose_each_other() {
    for backend in BACKENDS {
        let scenario = backend.map("map: insert beside remove").before([Insert(B, 2)]);
        scenario.thread([Insert(A, 1)]).thread([Remove(B)]).after([Get(A), Get(B)]).check();
    }
}

#[test]
fn nothing_is_lost_while_the_map_grows() {
    for backend in BACKENDS {
        let scenario = backend.map("map: insertions that grow it").before([Insert(B, 2)]);
        scenario
            .thread([Insert(C, 3)])
            .thread([Insert(FAR, 5), Contains(B)])
            .after([Get(B), Get(C), Get(FAR)])
            .bound(2)
            .weak_bound(1)
            .check();
    }
}

#[test]
fn many_threads_grow_and_shrink_it() {
    for backend in BACKENDS {
        let mut scenario = backend.map("map: four threads");
        for (thread, own) in (1..).zip([A, B, C, D]) {
            scenario = scenario.thread([
                Insert(own, thread),
                Get(A),
                Insert(FAR, thread),
                CompareAndSet(FAR, 1, 10),
                Remove(own),
            ]);
        }
        let only = [Runner::Random, Runner::Pct, Runner::Threads];
        scenario.after([Get(A), Get(FAR), Get(D)]).only(only).check();
    }
}
