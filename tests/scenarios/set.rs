//! `SplitOrderedSet`.

use crate::common::BACKENDS;
use counterpoint::verify::{
    scenario::Runner,
    spec::set::Operation::{Contains, Insert, Remove},
};

const A: u16 = 0x1000;
const B: u16 = 0x2000;

#[test]
fn of_two_insertions_one_wins() {
    for backend in BACKENDS {
        let scenario = backend.set("set: two insertions of one element");
        scenario.thread([Insert(A)]).thread([Insert(A), Remove(A)]).after([Contains(A)]).check();
    }
}

#[test]
fn many_threads_insert_and_remove() {
    for backend in BACKENDS {
        let mut scenario = backend.set("set: four threads");
        for own in [A, B, A, B] {
            scenario = scenario.thread([Insert(own), Contains(A), Remove(own), Insert(B)]);
        }
        let only = [Runner::Random, Runner::Pct, Runner::Threads];
        scenario.after([Contains(A), Contains(B)]).only(only).check();
    }
}
