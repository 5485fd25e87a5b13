//! Histories: what processes asked of a shared object, what they were answered, and when.
//!
//! A [`Call`] is one operation of one process: the moment at which it was invoked, and, unless it is
//! *pending*, its result and the moment at which it returned. One call *precedes* another when it
//! returned before the other was invoked, or when both are of one process and it came first.
//!
//! # Invariants
//! * `[I1]` The calls of a process do not overlap, and only its last one may be pending.
//! * `[I2]` No call returns before it was invoked.
//! * `[I3]` Times are claims: whoever makes a history widens each call by what its clock does not
//!   know. A later start or an earlier end would claim an order that was not there.

use core::fmt;
use serde::{Deserialize, Serialize};

/// One operation of one process, as it was seen.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Call<O, R> {
    /// Who asked.
    pub process: usize,
    /// What was asked.
    pub operation: O,
    /// The moment before it could take effect.
    pub invoked: u64,
    /// The answer. `None`: pending; it may have taken effect, may do so later, or never.
    pub returned: Option<Returned<R>>,
}

/// The end of a call.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Returned<R> {
    /// The moment after it had taken effect.
    pub at: u64,
    /// What it said.
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

/// Calls in the order of their invocation, of which [I1] and [I2] hold.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct History<O, R> {
    calls: Vec<Call<O, R>>,
}

impl<O, R> History<O, R> {
    /// A history of these calls, in any order.
    ///
    /// # Errors
    /// When a call returns before it was invoked, or two calls of a process overlap.
    pub fn new(calls: impl IntoIterator<Item = Call<O, R>>) -> Result<Self, Malformed> {
        let mut calls: Vec<_> = calls.into_iter().collect();
        calls.sort_by_key(|call| (call.invoked, call.end()));
        let mut ends = std::collections::HashMap::new();
        for (nth, call) in calls.iter().enumerate() {
            if call.end() < call.invoked {
                return Err(Malformed {
                    process: call.process,
                    nth,
                    why: "returns before it was invoked",
                });
            }
            if ends.insert(call.process, call.end()).is_some_and(|end| call.invoked < end) {
                return Err(Malformed {
                    process: call.process,
                    nth,
                    why: "begins before the one before it has ended",
                });
            }
        }
        Ok(History { calls })
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
