//! The outcomes that follow from a specification: its operations one at a time, in every order that
//! the threads' own orders admit.
//!
//! Each of these orders is one of the schedules that a complete engine runs (each operation without
//! an interruption), so an object that meets the specification shows all of these outcomes; and a
//! linearizable one shows no others (Herlihy and Wing 1990).

use super::{Outcome, execution::Declared};
use crate::verify::spec::SequentialSpec;
use std::collections::HashMap;

/// Beginnings of one length beyond which nobody wants to wait.
const MOST: usize = 20_000;

/// Outcomes, and whether an object must show each of them: it need not where a step has a choice.
#[derive(Clone, Debug)]
pub(super) struct Outcomes<R> {
    pub(super) all: Vec<Outcome<R>>,
    pub(super) must_be_seen: bool,
}

/// The beginning of an order: what it has answered, and to where it has led.
struct Beginning<S: SequentialSpec> {
    /// The results of the operations before, of each thread, and after.
    results: Vec<Vec<S::Result>>,
    state: S::State,
}

/// `None`: too many. Beginnings that have answered the same and led to the same state are one.
pub(super) fn of_specification<S, T>(declared: &Declared<S, T>) -> Option<Outcomes<S::Result>>
where
    S: SequentialSpec,
{
    let Declared { before, threads, after, .. } = declared;
    let spec = &*declared.spec;
    let mut lanes: Vec<&[S::Operation]> = vec![before];
    lanes.extend(threads.iter().map(Vec::as_slice));
    lanes.push(after);
    let start = Beginning::<S> { results: vec![Vec::new(); lanes.len()], state: spec.initial() };
    let (mut frontier, mut must_be_seen) = (vec![start], true);
    for _ in 0..lanes.iter().map(|lane| lane.len()).sum() {
        let mut next: Vec<Beginning<S>> = Vec::new();
        let mut known: HashMap<String, Vec<usize>> = HashMap::new();
        for Beginning { results, state } in frontier {
            for lane in open_lanes(&lanes, &results) {
                let operation = &lanes[lane][results[lane].len()];
                let steps: Vec<_> = spec.step(&state, operation, None).into_iter().collect();
                // Where none can be made, others go on first.
                must_be_seen &= steps.len() <= 1;
                for (result, state) in steps {
                    let mut results = results.clone();
                    results[lane].push(result);
                    let same = known.entry(format!("{results:?}")).or_default();
                    if same.iter().all(|&other| next[other].state != state) {
                        same.push(next.len());
                        next.push(Beginning { results, state });
                    }
                }
            }
        }
        if next.len() > MOST {
            return None;
        }
        frontier = next;
    }
    let mut all: Vec<Outcome<S::Result>> = Vec::new();
    for Beginning { results, .. } in frontier {
        let outcome = results[1..].to_vec();
        if !all.contains(&outcome) {
            all.push(outcome);
        }
    }
    Some(Outcomes { all, must_be_seen })
}

/// The lanes whose next operation may come now.
fn open_lanes<O, R>(lanes: &[&[O]], results: &[Vec<R>]) -> Vec<usize> {
    let last = lanes.len() - 1;
    let is_open = |lane: &usize| results[*lane].len() < lanes[*lane].len();
    if is_open(&0) {
        return vec![0];
    }
    let threads: Vec<usize> = (1..last).filter(is_open).collect();
    if threads.is_empty() { vec![last] } else { threads }
}
