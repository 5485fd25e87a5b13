//! The mutual exclusion lock: one owner at a time.

use super::SequentialSpec;
use serde::{Deserialize, Serialize};

/// A lock, free at the start. Each operation names who does it: a thread, or a guard.
#[derive(Clone, Copy, Debug, Default)]
pub struct Mutex;

impl Mutex {
    /// A lock.
    pub fn new() -> Self {
        Mutex
    }
}

/// What a lock is asked, and by whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Operation {
    /// Waits until it is free, the caller's own lock too: [`Answer::Done`].
    Lock(usize),
    /// Answers [`Answer::Flag`]: whether it was free.
    TryLock(usize),
    /// Answers [`Answer::Done`], or [`Answer::NotOwner`] and changes nothing.
    Unlock(usize),
}

/// What it answers. Made from `()` and `bool`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Answer {
    /// Locked, or unlocked.
    Done,
    /// Whether it was locked by this call.
    Flag(bool),
    /// Refused: somebody else has it, or nobody.
    NotOwner,
}

impl From<()> for Answer {
    fn from((): ()) -> Self {
        Answer::Done
    }
}

impl From<bool> for Answer {
    fn from(flag: bool) -> Self {
        Answer::Flag(flag)
    }
}

impl SequentialSpec for Mutex {
    /// The owner.
    type State = Option<usize>;
    type Operation = Operation;
    type Result = Answer;

    fn initial(&self) -> Option<usize> {
        None
    }

    fn step(
        &self,
        owner: &Option<usize>,
        operation: &Operation,
        _: Option<&Answer>,
    ) -> impl IntoIterator<Item = (Answer, Option<usize>)> {
        match *operation {
            Operation::Lock(_) if owner.is_some() => None,
            Operation::Lock(who) => Some((Answer::Done, Some(who))),
            Operation::TryLock(_) if owner.is_some() => Some((Answer::Flag(false), *owner)),
            Operation::TryLock(who) => Some((Answer::Flag(true), Some(who))),
            Operation::Unlock(who) if *owner == Some(who) => Some((Answer::Done, None)),
            Operation::Unlock(_) => Some((Answer::NotOwner, *owner)),
        }
    }

    fn same(&self, first: &Operation, second: &Operation) -> bool {
        first == second
    }
}
