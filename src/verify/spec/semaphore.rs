//! The semaphore: so many permits.

use super::SequentialSpec;
use serde::{Deserialize, Serialize};

/// A semaphore that has so many permits at the start.
#[derive(Clone, Copy, Debug, Default)]
pub struct Semaphore {
    permits: usize,
}

impl Semaphore {
    /// A semaphore with so many permits.
    pub fn new(permits: usize) -> Self {
        Semaphore { permits }
    }
}

/// What a semaphore is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Operation {
    /// Waits until there are so many, and takes them: [`Answer::Done`]; or until it is closed:
    /// [`Answer::Closed`].
    Acquire(usize),
    /// Answers [`Answer::Flag`], whether there were so many, which it took; or [`Answer::Closed`].
    TryAcquire(usize),
    /// Adds so many: [`Answer::Done`].
    Release(usize),
    /// Nobody gets any from now on: [`Answer::Done`].
    Close,
}

/// What it answers. Made from `()` and `bool`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Answer {
    /// Acquired, released or closed.
    Done,
    /// Whether permits were taken.
    Flag(bool),
    /// None were: it is closed.
    Closed,
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

/// How many permits there are, and whether it is closed.
type State = (usize, bool);

impl SequentialSpec for Semaphore {
    type State = State;
    type Operation = Operation;
    type Result = Answer;

    fn initial(&self) -> State {
        (self.permits, false)
    }

    fn step(
        &self,
        &(permits, is_closed): &State,
        operation: &Operation,
        _: Option<&Answer>,
    ) -> impl IntoIterator<Item = (Answer, State)> {
        match *operation {
            Operation::Acquire(_) | Operation::TryAcquire(_) if is_closed => {
                Some((Answer::Closed, (permits, true)))
            }
            Operation::Acquire(count) => {
                permits.checked_sub(count).map(|left| (Answer::Done, (left, false)))
            }
            Operation::TryAcquire(count) => {
                let left = permits.checked_sub(count);
                Some((Answer::Flag(left.is_some()), (left.unwrap_or(permits), false)))
            }
            Operation::Release(count) => {
                Some((Answer::Done, (permits.saturating_add(count), is_closed)))
            }
            Operation::Close => Some((Answer::Done, (permits, true))),
        }
    }

    fn same(&self, first: &Operation, second: &Operation) -> bool {
        first == second
    }
}
