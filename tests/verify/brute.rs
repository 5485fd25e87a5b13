//! Brute force: every order of the calls that keeps what precedes what, pending ones in or out. It
//! shares nothing with the search but the specification.

use counterpoint::verify::{
    history::{Call, History},
    spec::SequentialSpec,
};

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
    let mut placed = vec![false; history.len()];
    place(spec, history.calls(), rule, &mut placed, state)
}

fn place<S: SequentialSpec>(
    spec: &S,
    calls: &[Call<S::Operation, S::Result>],
    rule: Rule,
    placed: &mut [bool],
    state: &S::State,
) -> bool {
    if (0..calls.len()).all(|call| placed[call] || calls[call].returned.is_none()) {
        return true;
    }
    for next in 0..calls.len() {
        let is_free =
            |before| placed[before] || before == next || !rule.precedes(calls, before, next);
        if placed[next] || !(0..calls.len()).all(is_free) {
            continue;
        }
        placed[next] = true;
        let steps = spec.step(state, &calls[next].operation, calls[next].result());
        for (answer, after) in steps {
            let fits = calls[next].result().is_none_or(|observed| *observed == answer);
            if fits && place(spec, calls, rule, placed, &after) {
                return true;
            }
        }
        placed[next] = false;
    }
    false
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
