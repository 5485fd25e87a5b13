//! The counter: a number that is added to.

use super::SequentialSpec;
use serde::{Deserialize, Serialize};

/// A counter that starts at zero, and wraps around.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counter;

impl Counter {
    /// A counter at zero.
    pub fn new() -> Self {
        Counter
    }
}

/// What a counter is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Operation {
    /// Answers [`Answer::Done`].
    Add(i64),
    /// Adds, and answers with the [`Answer::Value`] before.
    FetchAdd(i64),
    /// Answers [`Answer::Value`].
    Get,
}

/// What it answers. Made from `()` and `i64`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Answer {
    /// Added.
    Done,
    /// The count.
    Value(i64),
}

impl From<()> for Answer {
    fn from((): ()) -> Self {
        Answer::Done
    }
}

impl From<i64> for Answer {
    fn from(value: i64) -> Self {
        Answer::Value(value)
    }
}

impl SequentialSpec for Counter {
    type State = i64;
    type Operation = Operation;
    type Result = Answer;

    fn initial(&self) -> i64 {
        0
    }

    fn step(
        &self,
        now: &i64,
        operation: &Operation,
        _: Option<&Answer>,
    ) -> impl IntoIterator<Item = (Answer, i64)> {
        [match *operation {
            Operation::Add(count) => (Answer::Done, now.wrapping_add(count)),
            Operation::FetchAdd(count) => (Answer::Value(*now), now.wrapping_add(count)),
            Operation::Get => (Answer::Value(*now), *now),
        }]
    }

    fn same(&self, first: &Operation, second: &Operation) -> bool {
        first == second
    }
}
