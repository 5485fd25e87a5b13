//! Sequential specifications: what an object does when one operation follows another. They are what
//! [`linear`](super::linear) judges histories by.
//!
//! | ready | operations |
//! |---|---|
//! | [`Register`] | read, write, swap, compare-and-set, strong and weak |
//! | [`Counter`] | add, fetch-and-add, get |
//! | [`Queue`] | first in, first out: push, pop, peek, length; bounded or not |
//! | [`Stack`] | last in, first out: push, pop, peek, all at once, length |
//! | [`Bag`] | push and pop in any order, length |
//! | [`Set`] | insert, remove, contains, elements, length |
//! | [`Map`] | get, insert, remove, contains, compare-and-set, length |
//! | [`Mutex`] | lock, try to, unlock; the owner is known |
//! | [`Semaphore`] | acquire, try to, release, any number; close |
//! | [`Channel`] | send and receive, waiting or trying; close; bounded or not |
//!
//! Each has an `Operation` and an `Answer` in the module of its name, which go to JSON and back.
//! Answers are made from what methods return, where the type says which is meant, so that
//! [`Log::call`](super::history::Log::call) takes `|| queue.pop()`.
//!
//! States are cheap to copy, compare and hash, since a search does nothing else: what holds many
//! values is shared between states, and carries its hash.
//!
//! # Checked by
//! `tests/verify/ready_specs.rs`: each against std's structure, and what [`part`](SequentialSpec::part) and
//! [`value`](SequentialSpec::value) promise.

pub mod bag;
pub mod channel;
pub mod counter;
mod fifo;
mod list;
pub mod map;
pub mod mutex;
mod number;
pub mod queue;
pub mod register;
pub mod semaphore;
pub mod set;
pub mod stack;
mod table;

pub use bag::Bag;
pub use channel::Channel;
pub use counter::Counter;
pub use map::Map;
pub use mutex::Mutex;
pub use number::number;
pub use queue::Queue;
pub use register::Register;
pub use semaphore::Semaphore;
pub use set::Set;
pub use stack::Stack;

use super::history::History;
use core::{fmt::Debug, hash::Hash};

/// What an object does, one operation at a time.
///
/// ```
/// use counterpoint::verify::spec::SequentialSpec;
///
/// /// A counter that answers with the value before.
/// struct Ticket;
///
/// impl SequentialSpec for Ticket {
///     type State = u64;
///     type Operation = ();
///     type Result = u64;
///     fn initial(&self) -> u64 {
///         0
///     }
///     fn step(&self, next: &u64, (): &(), _: Option<&u64>) -> impl IntoIterator<Item = (u64, u64)> {
///         [(*next, *next + 1)]
///     }
/// }
/// ```
pub trait SequentialSpec {
    /// All that later answers depend on.
    type State: Clone + Eq + Hash + Debug;
    /// What is asked.
    type Operation: Clone + Debug;
    /// What is answered.
    type Result: Clone + PartialEq + Debug;

    /// The state at the start.
    fn initial(&self) -> Self::State;

    /// What the operation may answer in this state, each answer with the state that follows: one
    /// pair when it is deterministic, none where it cannot happen (a lock that is taken).
    ///
    /// `observed` is what the history saw, if the call returned: pairs with other answers are
    /// ignored, so they may be left out. Where the answers are too many to list, a step may give
    /// those only that agree with it.
    fn step(
        &self,
        state: &Self::State,
        operation: &Self::Operation,
        observed: Option<&Self::Result>,
    ) -> impl IntoIterator<Item = (Self::Result, Self::State)>;

    /// The part of the object that the operation alone looks at and changes, by number (a map's key,
    /// hashed). Operations on different parts do not influence each other, so that each part has a
    /// history of its own (Herlihy and Wing 1990, section 3.2: linearizability is local; for calls
    /// that touch or were widened, see [`linear`](super::linear)). `None`: all of it. Two parts may
    /// share a number.
    fn part(&self, operation: &Self::Operation) -> Option<u64> {
        let _ = operation;
        None
    }

    /// The value whose life the call belongs to, by number (what was pushed, hashed): if *all* calls
    /// of a value are left out of a legal sequence, the rest is legal, unless one of its calls
    /// [`counts`](SequentialSpec::counts) values. `None`: it belongs to none.
    /// Only the shrinking of counterexamples depends on it.
    fn value(&self, operation: &Self::Operation, result: Option<&Self::Result>) -> Option<u64> {
        let _ = (operation, result);
        None
    }

    /// Whether two operations are the same in all that they may ever do. Of pending calls that are the
    /// same the search tries one. `false`: they are taken for different ones.
    fn same(&self, first: &Self::Operation, second: &Self::Operation) -> bool {
        let _ = (first, second);
        false
    }

    /// Whether the answer depends on the presence of values other than the call's own: a length, a
    /// "full". A history with such a call cannot be judged without some of its values. (An "empty"
    /// can.)
    fn counts(&self, operation: &Self::Operation, result: Option<&Self::Result>) -> bool {
        let _ = (operation, result);
        false
    }

    /// Decides whether a history is linearizable faster than a search does, for histories that it
    /// understands: `Some(Ok(()))`, or `Some(Err(why))` in one line. `None`: search.
    fn monitor(
        &self,
        history: &History<Self::Operation, Self::Result>,
    ) -> Option<Result<(), String>> {
        let _ = history;
        None
    }
}
