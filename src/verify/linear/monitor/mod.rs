//! Monitors: queues and stacks whose values differ, judged without a search.
//!
//! A specification hands its histories to [`queue`] or [`stack`] from
//! [`SequentialSpec::monitor`](super::super::spec::SequentialSpec::monitor), with what each call does
//! as a [`Role`].
//!
//! ```
//! use counterpoint::verify::{
//!     history::{Call, History},
//!     linear::monitor::{self, Role},
//! };
//!
//! // `Some`: enqueue; `None`: dequeue, answered with what came out.
//! let role = |operation: &Option<u32>, answer: Option<&Option<u32>>| {
//!     Some(match (operation, answer) {
//!         (Some(value), _) => Role::Insert(*value),
//!         (None, Some(Some(value))) => Role::Remove(*value),
//!         (None, Some(None)) => Role::RemoveNothing,
//!         (None, None) => Role::RemoveUnanswered,
//!     })
//! };
//! let history = History::new([
//!     Call::new(0, Some(3), 0, 1, None),
//!     Call::new(0, Some(4), 2, 3, None),
//!     Call::new(1, None, 4, 5, Some(4)),
//! ])?;
//! assert_eq!(
//!     monitor::queue(&history, role),
//!     Some(Err("3 was enqueued before 4, yet process 1 dequeued 4 while 3 was still inside".into()))
//! );
//! # Ok::<(), counterpoint::verify::history::Malformed>(())
//! ```
//!
//! # What they understand
//! Histories in which no value is inserted twice. Of the rest of a history they need to know less
//! than they are told; where what they know is not enough to be sure, they answer `None`:
//! * A pending insertion ends after everything else; of a value that did not come out it forbids
//!   nothing.
//! * A pending removal took nothing, or one of the values that are left. If the history is right when
//!   it took nothing, it is right. If it is wrong without all the values that are left (a history
//!   stays right when all calls of a value go), it is wrong.
//! * Calls of a process that touch, one beginning in the moment in which the other ended, or that
//!   overlap since they were widened, are ordered, while calls of two processes are not. Intervals
//!   cannot say both. If the history is right when all that touch are ordered and each call ends before
//!   the next of its process, it is right; if it is wrong when none of that holds, it is wrong.

mod lives;
mod queue;
mod stack;
mod words;

use super::super::history::History;
use core::{fmt::Debug, hash::Hash};
use lives::{Lives, Touching};
use std::collections::HashMap;
use words::{Verbs, Words};

/// What a call does to a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role<V> {
    /// It puts this value in.
    Insert(V),
    /// It took this value out.
    Remove(V),
    /// It found nothing to take out.
    RemoveNothing,
    /// It is pending: it may take out something, or find nothing.
    RemoveUnanswered,
}

/// Judges a history of a queue: first in, first out. See the [module](self) for when it does.
///
/// `role` says what a call does, by its operation and its answer; `None`: something else, and the
/// history is not judged.
///
/// O(n log n).
pub fn queue<O, R, V: Eq + Hash + Debug>(
    history: &History<O, R>,
    role: impl Fn(&O, Option<&R>) -> Option<Role<V>>,
) -> Option<Result<(), String>> {
    judge(history, role, &words::QUEUE, |lives| Some(queue::check(lives)))
}

/// Judges a history of a stack: last in, first out. See the [module](self) for when it does.
///
/// `role` says what a call does, by its operation and its answer; `None`: something else, and the
/// history is not judged.
///
/// O(n log n) for most; at worst quadratic, which ends without an answer when it takes long.
pub fn stack<O, R, V: Eq + Hash + Debug>(
    history: &History<O, R>,
    role: impl Fn(&O, Option<&R>) -> Option<Role<V>>,
) -> Option<Result<(), String>> {
    judge(history, role, &words::STACK, stack::check)
}

/// What makes a history wrong; calls and values by number.
#[derive(Debug, PartialEq, Eq)]
enum Fault {
    /// It came out before it went in.
    Early { value: usize },
    /// Of a queue: the first went in before the second, which came out before the first.
    Overtaken { first: usize, second: usize },
    /// Of a stack: one came out while another lay above it.
    Buried { below: usize, above: usize },
    /// Values of a stack that lie over each other in no order.
    Tangle { values: Vec<usize> },
    /// A removal found nothing, though there was something all the while.
    Full { removal: usize, inside: Vec<usize> },
}

/// What the calls of a history do, by call.
struct Calls<V> {
    values: Vec<V>,
    /// For each value its insertion, and its removal.
    inserts: Vec<usize>,
    removes: Vec<Option<usize>>,
    /// Removals that found nothing.
    nothing: Vec<usize>,
    unanswered: bool,
}

/// Values that came from nowhere, or twice.
enum Strange {
    Unknown { value: usize, removal: usize },
    Twice { value: usize, first: usize, second: usize },
}

fn judge<O, R, V: Eq + Hash + Debug>(
    history: &History<O, R>,
    role: impl Fn(&O, Option<&R>) -> Option<Role<V>>,
    verbs: &Verbs,
    check: impl Fn(&Lives) -> Option<Result<(), Fault>>,
) -> Option<Result<(), String>> {
    let calls = history.calls();
    let roles = calls.iter().map(|call| role(&call.operation, call.result()));
    let roles: Vec<Role<V>> = roles.collect::<Option<_>>()?;
    let (calls, strange) = sort(roles)?;
    let words = Words { history, calls: &calls, verbs };
    if let Some(strange) = strange {
        return Some(Err(words.strange(&strange)));
    }
    let touching = lives::touches(history);
    let strictest = if touching { Touching::Ordered } else { Touching::Unordered };
    let fault = match check(&Lives::new(history, &calls, strictest, true))? {
        Ok(()) => return Some(Ok(())),
        Err(fault) => fault,
    };
    if !touching && !calls.unanswered {
        return Some(Err(words.fault(&fault)));
    }
    match check(&Lives::new(history, &calls, Touching::Unordered, !calls.unanswered))? {
        Ok(()) => None,
        Err(fault) => Some(Err(words.fault(&fault))),
    }
}

/// Sorts the calls by what they do; `None` when a value goes in twice.
fn sort<V: Eq + Hash>(roles: Vec<Role<V>>) -> Option<(Calls<V>, Option<Strange>)> {
    let mut inserts = Vec::new();
    let mut number = HashMap::new();
    let mut removals = Vec::new();
    let mut nothing = Vec::new();
    let mut unanswered = false;
    for (call, role) in roles.into_iter().enumerate() {
        match role {
            Role::Insert(value) => {
                if number.insert(value, inserts.len()).is_some() {
                    return None;
                }
                inserts.push(call);
            }
            Role::Remove(value) => removals.push((call, value)),
            Role::RemoveNothing => nothing.push(call),
            Role::RemoveUnanswered => unanswered = true,
        }
    }
    let mut removes = vec![None; inserts.len()];
    let mut strange = None;
    for (call, value) in removals {
        match number.get(&value) {
            Some(&value) => {
                if let Some(first) = removes[value].replace(call) {
                    strange = strange.or(Some(Strange::Twice { value, first, second: call }));
                }
            }
            None => {
                let unknown = removes.len();
                strange = strange.or(Some(Strange::Unknown { value: unknown, removal: call }));
                number.insert(value, unknown);
                inserts.push(call); // for its name
                removes.push(Some(call));
            }
        }
    }
    let mut values: Vec<(usize, V)> = number.into_iter().map(|(value, at)| (at, value)).collect();
    values.sort_unstable_by_key(|(at, _)| *at);
    let values = values.into_iter().map(|(_, value)| value).collect();
    Some((Calls { values, inserts, removes, nothing, unanswered }, strange))
}
