//! A history in which each call ends before the next one of its process begins, as it truly did.
//!
//! A history whose calls were widened orders the calls of a process, though they overlap: that is more
//! than intervals say, and ties the parts of the object together. With narrower intervals the same
//! order is one in time. It is a stronger one: calls of different processes that the uncertainty left
//! open are ordered too. So what is right in it is right; what is wrong in it may not be.

use super::super::history::{Call, History, Returned};
use std::collections::HashMap;

/// The history, and for each of its calls the index in the one that was given. `None`: its times are
/// too great.
pub(super) fn tightened<O: Clone, R: Clone>(
    history: &History<O, R>,
) -> Option<(History<O, R>, Vec<usize>)> {
    let mut next: HashMap<usize, u64> = HashMap::new();
    let mut calls = Vec::with_capacity(history.len());
    for (index, call) in history.calls().iter().enumerate().rev() {
        let next = next.insert(call.process, call.invoked);
        // Twice as fine: an end at the time of the next call's begin is right before it.
        let invoked = call.invoked.checked_mul(2)?.checked_add(1)?;
        let end = |at: u64| next.map_or(at, |next| at.min(next)).checked_mul(2);
        let returned = match &call.returned {
            None => None,
            Some(returned) => {
                let at = end(returned.at)?.max(invoked);
                Some(Returned { at, result: returned.result.clone() })
            }
        };
        let (process, operation) = (call.process, call.operation.clone());
        calls.push((index, Call { process, operation, invoked, returned }));
    }
    calls.reverse();
    // The order that `History` gives them, so that the indices stay beside their calls.
    calls.sort_by_key(|(_, call)| (call.invoked, call.end()));
    let (indices, calls): (Vec<_>, Vec<_>) = calls.into_iter().unzip();
    Some((History::new(calls).ok()?, indices))
}
