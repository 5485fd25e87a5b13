//! An excerpt of a history: some of its calls, some of them made pending, each with its index in the
//! whole.

use super::super::history::{Call, History};
use std::collections::HashSet;

/// Some calls, in the order of their invocation.
#[derive(Clone, Debug)]
pub(super) struct Excerpt<O, R> {
    history: History<O, R>,
    indices: Vec<usize>,
}

impl<O: Clone, R: Clone> Excerpt<O, R> {
    /// Those calls of a history that have one of these indices.
    pub(super) fn of(history: &History<O, R>, indices: &[usize]) -> Self {
        let calls = history.calls();
        let calls = indices.iter().map(|&index| (index, calls[index].clone())).collect();
        Self::from_calls(calls)
    }

    fn from_calls(mut calls: Vec<(usize, Call<O, R>)>) -> Self {
        // The order that `History` gives them, so that the indices stay beside their calls.
        calls.sort_by_key(|(_, call)| (call.invoked, call.end()));
        let (indices, calls): (Vec<_>, Vec<_>) = calls.into_iter().unzip();
        let history = History::new(calls).expect("what remains of a process does not overlap");
        Excerpt { history, indices }
    }

    pub(super) fn history(&self) -> &History<O, R> {
        &self.history
    }

    pub(super) fn into_parts(self) -> (History<O, R>, Vec<usize>) {
        (self.history, self.indices)
    }

    /// Each call with its index in the whole.
    pub(super) fn calls(&self) -> impl Iterator<Item = (usize, &Call<O, R>)> {
        self.indices.iter().copied().zip(self.history.calls())
    }

    /// The excerpt as somebody at that moment knows it: what began later is missing, what returned
    /// later is pending.
    pub(super) fn until(&self, moment: u64) -> Self {
        let calls = self.calls().filter(|(_, call)| call.invoked <= moment);
        let known = calls.map(|(index, call)| {
            let mut call = call.clone();
            call.returned = call.returned.filter(|returned| returned.at <= moment);
            (index, call)
        });
        Self::from_calls(known.collect())
    }

    /// Only the calls that are wanted, by their index in the whole.
    pub(super) fn only(&self, wanted: impl Fn(usize) -> bool) -> Self {
        let calls = self.calls().filter(|(index, _)| wanted(*index));
        Self::from_calls(calls.map(|(index, call)| (index, call.clone())).collect())
    }

    /// With some calls pending. Each becomes the call of a process of its own, since its process may
    /// go on.
    pub(super) fn with_pending(&self, pending: impl Fn(usize) -> bool) -> Self {
        let taken: HashSet<usize> = self.calls().map(|(_, call)| call.process).collect();
        let mut fresh = (0..).filter(|process| !taken.contains(process));
        let calls = self.calls().map(|(index, call)| {
            let mut call = call.clone();
            if pending(index) {
                call.returned = None;
                call.process = fresh.next().expect("there are more numbers than processes");
            }
            (index, call)
        });
        Self::from_calls(calls.collect())
    }
}
