//! Histories: what processes asked of a shared object, what they were answered, and when.
//!
//! A [`Call`] is one operation of one process: the moment at which it was invoked, and, unless it is
//! *pending*, its result and the moment at which it returned. One call *precedes* another when it
//! returned before the other was invoked, or when both are of one process and it came first.
//! *Before* is strict: calls that share a moment overlap, and may have happened in either order.
//!
//! | where histories come from | |
//! |---|---|
//! | threads that run now | a [`Recorder`], on a [`Clock`] |
//! | a file of our own | [`History::from_json`], written by [`History::to_json`] |
//! | logs in the style of Jepsen | [`jepsen`] |
//! | anything else | [`History::new`] |
//!
//! # Invariants
//! * `[I1]` The calls of a process do not overlap by more than the history's
//!   [uncertainty](History::uncertainty) (0 unless its clock had one), both their invocations and
//!   their ends are in order, and only the last one may be pending.
//! * `[I2]` No call returns before it was invoked.
//! * `[I3]` Times are claims: whoever makes a history widens each call by what its clock does not
//!   know. A later start or an earlier end would claim an order that was not there. (So the calls of
//!   a process may *look* concurrent, while the process itself knows their order.)

mod clock;
pub mod jepsen;
mod json;
mod recorder;

pub use clock::Clock;
pub use json::NotHistory;
pub use recorder::{Log, Recorder, Running, StillRecording};

use core::fmt;
use serde::{Deserialize, Serialize};

/// One operation of one process, as it was seen.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[serde(bound(deserialize = "O: Deserialize<'de>, R: Deserialize<'de>"))]
pub struct Call<O, R> {
    /// Who asked.
    pub process: usize,
    /// What was asked.
    pub operation: O,
    /// The moment before it could take effect.
    pub invoked: u64,
    /// The answer. `None`: pending; it may have taken effect, may do so later, or never.
    // Named, so that it must be there: what is left out by mistake is not pending.
    #[serde(deserialize_with = "Deserialize::deserialize")]
    pub returned: Option<Returned<R>>,
}

/// The end of a call.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[serde(bound(deserialize = "R: Deserialize<'de>"))]
pub struct Returned<R> {
    /// The moment after it had taken effect.
    pub at: u64,
    /// What it said.
    #[serde(deserialize_with = "Deserialize::deserialize")]
    pub result: R,
}

impl<O, R> Call<O, R> {
    /// A call that returned.
    pub fn new(process: usize, operation: O, invoked: u64, at: u64, result: R) -> Self {
        Call { process, operation, invoked, returned: Some(Returned { at, result }) }
    }

    /// A call that did not.
    pub fn pending(process: usize, operation: O, invoked: u64) -> Self {
        Call { process, operation, invoked, returned: None }
    }

    /// What it said, if it returned.
    pub fn result(&self) -> Option<&R> {
        self.returned.as_ref().map(|returned| &returned.result)
    }

    /// When it returned; a pending call ends after all others.
    pub fn end(&self) -> u64 {
        self.returned.as_ref().map_or(u64::MAX, |returned| returned.at)
    }
}

/// Calls in the order of their invocation, of which `[I1]` and `[I2]` hold.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct History<O, R> {
    uncertainty: u64,
    calls: Vec<Call<O, R>>,
}

impl<O, R> History<O, R> {
    /// A history of these calls, in any order.
    ///
    /// # Errors
    /// When a call returns before it was invoked, or two calls of a process overlap.
    pub fn new(calls: impl IntoIterator<Item = Call<O, R>>) -> Result<Self, Malformed> {
        History::widened(calls, 0)
    }

    /// A history of calls that were widened by so much, together at their two ends, since the clock
    /// that timed them was uncertain by it. In any order, but calls of a process that have both
    /// times in common are in the order in which it made them.
    ///
    /// # Errors
    /// When a call returns before it was invoked, or when two calls of a process overlap by more.
    pub fn widened(
        calls: impl IntoIterator<Item = Call<O, R>>,
        uncertainty: u64,
    ) -> Result<Self, Malformed> {
        let mut calls: Vec<_> = calls.into_iter().collect();
        calls.sort_by_key(|call| (call.invoked, call.end()));
        let mut last = std::collections::HashMap::new();
        for (nth, call) in calls.iter().enumerate() {
            let malformed = |why| Malformed { process: call.process, nth, why };
            if call.end() < call.invoked {
                return Err(malformed("returns before it was invoked"));
            }
            let Some((end, was_pending)) =
                last.insert(call.process, (call.end(), call.returned.is_none()))
            else {
                continue;
            };
            if was_pending {
                return Err(malformed("begins while the one before it is pending"));
            }
            if call.invoked.saturating_add(uncertainty) < end {
                return Err(malformed("begins before the one before it has ended"));
            }
            if call.end() < end {
                return Err(malformed("ends before the one before it has"));
            }
        }
        Ok(History { uncertainty, calls })
    }

    /// By how much calls were widened, since the clock that timed them was uncertain by it.
    pub fn uncertainty(&self) -> u64 {
        self.uncertainty
    }

    /// Whether one call, by its place in [`calls`](History::calls), must have happened before
    /// another.
    ///
    /// # Panics
    /// When there is no such call.
    pub fn precedes(&self, one: usize, other: usize) -> bool {
        let (first, second) = (&self.calls[one], &self.calls[other]);
        first.end() < second.invoked || first.process == second.process && one < other // [I1]
    }

    /// The calls, in the order of their invocation.
    pub fn calls(&self) -> &[Call<O, R>] {
        &self.calls
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.calls.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }
}

/// Calls that no processes can have made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    process: usize,
    nth: usize,
    why: &'static str,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Malformed { process, nth, why } = self;
        write!(f, "call {nth} of the history, by process {process}, {why}")
    }
}

impl core::error::Error for Malformed {}
