//! Brute force: every order of the calls that keeps what precedes what, pending ones in or out. It
//! shares nothing with the search but the specification. What the calls placed so far and the state
//! cannot be completed to is remembered: else a hundred calls, of which few overlap, take for ever.

use counterpoint::verify::{
    history::{Call, History},
    spec::SequentialSpec,
};
use std::collections::HashSet;

/// What comes before what.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Rule {
    Time,
    Program,
}

impl Rule {
    fn precedes<O, R>(self, calls: &[Call<O, R>], a: usize, b: usize) -> bool {
        let same_process = calls[a].process == calls[b].process && a < b;
        let earlier = calls[a].returned.as_ref().is_some_and(|end| end.at < calls[b].invoked);
        same_process || (self == Rule::Time && earlier)
    }
}

/// Whether some order explains all answers.
pub(crate) fn explains<S: SequentialSpec>(
    spec: &S,
    history: &History<S::Operation, S::Result>,
    rule: Rule,
) -> bool {
    explains_from(spec, &spec.initial(), history, rule)
}

/// Whether some order explains all answers, from a state on.
pub(crate) fn explains_from<S: SequentialSpec>(
    spec: &S,
    state: &S::State,
    history: &History<S::Operation, S::Result>,
    rule: Rule,
) -> bool {
    let calls = history.calls();
    let mut brute =
        Brute { spec, calls, rule, placed: vec![false; calls.len()], hopeless: HashSet::new() };
    brute.completes(state)
}

struct Brute<'a, S: SequentialSpec> {
    spec: &'a S,
    calls: &'a [Call<S::Operation, S::Result>],
    rule: Rule,
    placed: Vec<bool>,
    /// Which calls were placed, and the state that they led to, where nothing completes them.
    hopeless: HashSet<(Vec<bool>, S::State)>,
}

impl<S: SequentialSpec> Brute<'_, S> {
    /// Whether some order of the calls that are not placed explains their answers.
    fn completes(&mut self, state: &S::State) -> bool {
        let (calls, rule) = (self.calls, self.rule);
        if (0..calls.len()).all(|call| self.placed[call] || calls[call].returned.is_none()) {
            return true;
        }
        let here = (self.placed.clone(), state.clone());
        if self.hopeless.contains(&here) {
            return false;
        }
        for next in 0..calls.len() {
            let is_free = |before| {
                self.placed[before] || before == next || !rule.precedes(calls, before, next)
            };
            if self.placed[next] || !(0..calls.len()).all(is_free) {
                continue;
            }
            self.placed[next] = true;
            let observed = calls[next].result();
            let steps = self.spec.step(state, &calls[next].operation, observed);
            let fitting =
                steps.into_iter().filter(|(answer, _)| observed.is_none_or(|seen| seen == answer));
            for (_, after) in fitting.collect::<Vec<_>>() {
                if self.completes(&after) {
                    return true;
                }
            }
            self.placed[next] = false;
        }
        self.hopeless.insert(here);
        false
    }
}

/// Whether the witness of a verdict is an order that the specification and time allow.
pub(crate) fn holds<S: SequentialSpec>(
    spec: &S,
    history: &History<S::Operation, S::Result>,
    rule: Rule,
    order: &[usize],
    of: impl Fn(usize) -> bool,
) -> bool {
    let calls = history.calls();
    let mut states = vec![spec.initial()];
    for (nth, &next) in order.iter().enumerate() {
        if order[nth + 1..].iter().any(|&later| rule.precedes(calls, later, next)) {
            return false;
        }
        let call = &calls[next];
        let step = |state: &S::State| -> Vec<S::State> {
            let steps = spec.step(state, &call.operation, call.result()).into_iter();
            let fitting =
                steps.filter(|(answer, _)| call.result().is_none_or(|seen| seen == answer));
            fitting.map(|(_, after)| after).collect()
        };
        states = states.iter().flat_map(step).collect();
    }
    let mut once = order.to_vec();
    once.sort_unstable();
    once.dedup();
    let complete = (0..calls.len())
        .filter(|&call| of(call) && calls[call].returned.is_some())
        .all(|call| order.contains(&call));
    !states.is_empty() && once.len() == order.len() && complete
}
