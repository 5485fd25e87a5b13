//! The outcomes that follow from a specification: its operations one at a time, in every order that
//! the threads' own orders admit.
//!
//! Each of these orders is one of the schedules that a complete engine runs (each operation without
//! an interruption), so an object that meets the specification shows all of these outcomes; and a
//! linearizable one shows no others (Herlihy and Wing 1990).

use super::{Outcome, execution::Declared};
use crate::verify::spec::SequentialSpec;

/// Orders beyond which nobody wants to wait.
const MOST_ORDERS: f64 = 200_000.0;

/// Outcomes, and whether an object must show each of them: it need not where a step has a choice.
#[derive(Clone, Debug)]
pub(super) struct Outcomes<R> {
    pub(super) all: Vec<Outcome<R>>,
    pub(super) must_be_seen: bool,
}

/// `None`: too many orders.
pub(super) fn of_specification<S, T>(declared: &Declared<S, T>) -> Option<Outcomes<S::Result>>
where
    S: SequentialSpec,
{
    let Declared { before, threads, after, .. } = declared;
    let spec = &*declared.spec;
    let mut lanes: Vec<&[S::Operation]> = vec![before];
    lanes.extend(threads.iter().map(Vec::as_slice));
    lanes.push(after);
    if orders(threads.iter().map(Vec::len)) > MOST_ORDERS {
        return None;
    }
    let results = lanes.iter().map(|lane| Vec::with_capacity(lane.len())).collect();
    let mut walk =
        Walk { spec, lanes, results, found: Outcomes { all: Vec::new(), must_be_seen: true } };
    walk.from(&spec.initial());
    Some(walk.found)
}

/// In how many orders threads of these lengths can run: a multinomial.
fn orders(lengths: impl Iterator<Item = usize>) -> f64 {
    let (mut orders, mut placed) = (1.0, 0);
    for length in lengths {
        for nth in 1..=length {
            placed += 1;
            orders *= f64::from(placed) / nth as f64;
        }
    }
    orders
}

/// A depth-first walk over the orders.
struct Walk<'a, S: SequentialSpec> {
    spec: &'a S,
    /// The operations before, of each thread, and after.
    lanes: Vec<&'a [S::Operation]>,
    /// The results of those that were made.
    results: Vec<Vec<S::Result>>,
    found: Outcomes<S::Result>,
}

impl<S: SequentialSpec> Walk<'_, S> {
    /// As deep as there are operations.
    fn from(&mut self, state: &S::State) {
        let last = self.lanes.len() - 1;
        let is_done = |walk: &Self, lane: usize| walk.results[lane].len() == walk.lanes[lane].len();
        let next: Vec<usize> = if !is_done(self, 0) {
            vec![0]
        } else if (1..last).all(|lane| is_done(self, lane)) {
            vec![last]
        } else {
            (1..last).filter(|&lane| !is_done(self, lane)).collect()
        };
        if next == [last] && is_done(self, last) {
            let outcome = self.results[1..].to_vec();
            if !self.found.all.contains(&outcome) {
                self.found.all.push(outcome);
            }
            return;
        }
        for lane in next {
            let operation = &self.lanes[lane][self.results[lane].len()];
            let steps: Vec<_> = self.spec.step(state, operation, None).into_iter().collect();
            // Where none can be made, others go on first.
            self.found.must_be_seen &= steps.len() <= 1;
            for (result, state) in steps {
                self.results[lane].push(result);
                self.from(&state);
                self.results[lane].pop();
            }
        }
    }
}
