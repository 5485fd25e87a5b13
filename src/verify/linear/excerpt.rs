//! An excerpt of a history: some of its calls, some of them made pending, each with its index in the
//! whole.

use super::super::history::{Call, History};
use std::collections::{HashMap, HashSet};

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
        Self::from_calls(calls, history.uncertainty())
    }

    fn from_calls(mut calls: Vec<(usize, Call<O, R>)>, uncertainty: u64) -> Self {
        // The order that `History` gives them, so that the indices stay beside their calls.
        calls.sort_by_key(|(_, call)| (call.invoked, call.end()));
        let (indices, calls): (Vec<_>, Vec<_>) = calls.into_iter().unzip();
        let history = History::widened(calls, uncertainty)
            .expect("what remains of a process overlaps no more than it did");
        Excerpt { history, indices }
    }

    pub(super) fn history(&self) -> &History<O, R> {
        &self.history
    }

    pub(super) fn into_parts(self) -> (History<O, R>, Vec<usize>) {
        (self.history, self.indices)
    }

    /// Each call with its index in the whole.
    pub(super) fn calls(&self) -> impl Iterator<Item = (usize, &Call<O, R>)> + Clone {
        self.indices.iter().copied().zip(self.history.calls())
    }

    /// The excerpt as somebody at that moment knows it: what began later is missing, what returned
    /// later is pending. (A widened call may seem to return later, and yet its process goes on before
    /// that moment: then it had returned.)
    pub(super) fn until(&self, moment: u64) -> Self {
        let calls = self.calls().filter(|(_, call)| call.invoked <= moment);
        let last: HashMap<usize, usize> =
            calls.clone().map(|(index, call)| (call.process, index)).collect();
        let known = calls.map(|(index, call)| {
            let mut call = call.clone();
            let goes_on = last[&call.process] != index;
            call.returned = call.returned.filter(|returned| goes_on || returned.at <= moment);
            (index, call)
        });
        Self::from_calls(known.collect(), self.history.uncertainty())
    }

    /// Only the calls that are wanted, by their index in the whole.
    pub(super) fn only(&self, wanted: impl Fn(usize) -> bool) -> Self {
        let calls = self.calls().filter(|(index, _)| wanted(*index));
        let calls = calls.map(|(index, call)| (index, call.clone())).collect();
        Self::from_calls(calls, self.history.uncertainty())
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
        Self::from_calls(calls.collect(), self.history.uncertainty())
    }
}
