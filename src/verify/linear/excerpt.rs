//! An excerpt of a history: some of its calls, some of them made pending, each with its index in the
//! whole.

use super::super::history::{Call, History};
use std::collections::{HashMap, HashSet};

/// Some calls, in the order of their invocation.
#[derive(Clone, Debug)]
pub(super) struct Excerpt<O, R> {
    history: History<O, R>,
    indices: Vec<usize>,
    /// The greatest number of a process in the whole.
    greatest: usize,
}

impl<O: Clone, R: Clone> Excerpt<O, R> {
    /// Those calls of a history that have one of these indices.
    pub(super) fn of(history: &History<O, R>, indices: &[usize]) -> Self {
        let calls = history.calls();
        let greatest = calls.iter().map(|call| call.process).max().unwrap_or(0);
        let calls = indices.iter().map(|&index| (index, calls[index].clone())).collect();
        Self::from_calls(calls, history.uncertainty(), greatest)
    }

    fn from_calls(mut calls: Vec<(usize, Call<O, R>)>, uncertainty: u64, greatest: usize) -> Self {
        // The order that `History` gives them, so that the indices stay beside their calls.
        calls.sort_by_key(|(_, call)| (call.invoked, call.end()));
        let (indices, calls): (Vec<_>, Vec<_>) = calls.into_iter().unzip();
        let history = History::widened(calls, uncertainty)
            .expect("what remains of a process overlaps no more than it did");
        Excerpt { history, indices, greatest }
    }

    fn with_calls(&self, calls: Vec<(usize, Call<O, R>)>) -> Self {
        Self::from_calls(calls, self.history.uncertainty(), self.greatest)
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

    /// Shrinks with each call that goes, and with each answer that is forgotten.
    pub(super) fn size(&self) -> usize {
        self.calls().map(|(_, call)| 1 + usize::from(call.returned.is_some())).sum()
    }

    /// The excerpt as somebody at that moment knows it: what began later is missing, what returned
    /// later is pending.
    ///
    /// Right if the whole is. Of an order that explains the whole take the beginning, up to the last
    /// call that returned by then. What began later is not in it, for those calls precede it. (A call
    /// that was widened may seem to return later though its process goes on before. To keep its
    /// answer would be wrong: it may rest on calls that are missing.)
    pub(super) fn until(&self, moment: u64) -> Self {
        let begun: HashSet<usize> = self
            .calls()
            .filter(|(_, call)| call.invoked <= moment)
            .map(|(index, _)| index)
            .collect();
        let late: HashSet<usize> =
            self.calls().filter(|(_, call)| call.end() > moment).map(|(index, _)| index).collect();
        self.only(|index| begun.contains(&index)).with_pending(|index| late.contains(&index))
    }

    /// Only the calls that are wanted, by their index in the whole.
    pub(super) fn only(&self, wanted: impl Fn(usize) -> bool) -> Self {
        let calls = self.calls().filter(|(index, _)| wanted(*index));
        let calls = calls.map(|(index, call)| (index, call.clone())).collect();
        self.with_calls(calls)
    }

    /// With some calls pending. One whose process goes on becomes the call of a process of its own.
    pub(super) fn with_pending(&self, pending: impl Fn(usize) -> bool) -> Self {
        let last: HashMap<usize, usize> =
            self.calls().map(|(index, call)| (call.process, index)).collect();
        // Above all others if possible, so as not to look like one of those that were left out.
        let above = self.greatest.checked_add(1).unwrap_or(0);
        let mut fresh = (above..usize::MAX).chain(0..above).filter(|it| !last.contains_key(it));
        let calls = self.calls().map(|(index, call)| {
            let mut call = call.clone();
            if call.returned.is_some() && pending(index) {
                call.returned = None;
                if last[&call.process] != index {
                    call.process = fresh.next().expect("there are more numbers than processes");
                }
            }
            (index, call)
        });
        self.with_calls(calls.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            super::{
                history::{Call, History},
                spec::{
                    Queue,
                    queue::{Answer, Operation},
                },
            },
            Checker,
            numbers::Numbers,
        },
        Excerpt,
    };

    fn is_right(history: &History<Operation<u8>, Answer<u8>>) -> bool {
        Checker::new(&Queue::new()).monitors(false).check(history).is_linearizable()
    }

    #[test]
    fn what_is_left_of_a_right_history_is_right() {
        let mut numbers = Numbers(0x9E37_79B9);
        let (mut right, mut cut) = (0, 0);
        for nth in 0..20_000 {
            let uncertainty = numbers.below(8);
            let mut calls = Vec::new();
            for process in 0..3 {
                let mut at = numbers.below(4);
                for _ in 0..1 + numbers.below(2) {
                    let end = at + numbers.below(4);
                    let (operation, answer) = match numbers.below(4) {
                        0 => (Operation::Push(7), Answer::Done),
                        1 => (Operation::Pop, Answer::Value(Some(7))),
                        _ => (Operation::Pop, Answer::Value(None)),
                    };
                    calls.push(Call::new(process, operation, at, end + uncertainty, answer));
                    at = end + numbers.below(3);
                }
            }
            let history = History::widened(calls, uncertainty).expect("well formed");
            if !is_right(&history) {
                continue;
            }
            right += 1;
            let whole = Excerpt::of(&history, &(0..history.len()).collect::<Vec<_>>());
            for moment in 0..24 {
                let excerpt = whole.until(moment);
                assert!(is_right(excerpt.history()), "{nth} until {moment}: {history:#?}");
                cut += usize::from(excerpt.history().len() < history.len());
            }
            let some = numbers.below(1 << history.len());
            let pending = whole.with_pending(|index| some >> index & 1 == 1);
            assert!(is_right(pending.history()), "{nth} with {some:b} pending: {history:#?}");
        }
        assert!(right > 300 && cut > right, "{right} {cut}");
    }
}
