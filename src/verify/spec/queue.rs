//! The queue: first in, first out.

use super::{SequentialSpec, fifo::Fifo, number};
use crate::verify::{
    history::History,
    linear::monitor::{self, Role},
};
use core::{fmt::Debug, hash::Hash, marker::PhantomData};
use serde::{Deserialize, Serialize};

/// A queue, empty at the start.
#[derive(Clone, Debug)]
pub struct Queue<T> {
    capacity: usize,
    values: PhantomData<fn() -> T>,
}

impl<T> Queue<T> {
    /// A queue that is never full.
    pub fn new() -> Self {
        Queue::bounded(usize::MAX)
    }

    /// A queue that is full with so many values.
    pub fn bounded(capacity: usize) -> Self {
        Queue { capacity, values: PhantomData }
    }
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Queue::new()
    }
}

/// What a queue is asked.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Operation<T> {
    /// Answers [`Answer::Done`], or [`Answer::Full`] and changes nothing.
    Push(T),
    /// Takes the first one: [`Answer::Value`].
    Pop,
    /// Looks at the first one: [`Answer::Value`].
    Peek,
    /// Answers [`Answer::Length`].
    Len,
    /// Answers [`Answer::Flag`].
    IsEmpty,
}

/// What it answers. Made from `()`, `Option<T>`, `usize`, `bool`, and the result of a push that may
/// fail because it is full.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Answer<T> {
    /// Pushed.
    Done,
    /// Not pushed.
    Full,
    /// The first one, if there was one.
    Value(Option<T>),
    /// How many there were.
    Length(usize),
    /// Whether there was none.
    Flag(bool),
}

impl<T> From<()> for Answer<T> {
    fn from((): ()) -> Self {
        Answer::Done
    }
}

impl<T, E> From<Result<(), E>> for Answer<T> {
    fn from(result: Result<(), E>) -> Self {
        result.map_or(Answer::Full, |()| Answer::Done)
    }
}

impl<T> From<Option<T>> for Answer<T> {
    fn from(value: Option<T>) -> Self {
        Answer::Value(value)
    }
}

impl<T> From<usize> for Answer<T> {
    fn from(length: usize) -> Self {
        Answer::Length(length)
    }
}

impl<T> From<bool> for Answer<T> {
    fn from(flag: bool) -> Self {
        Answer::Flag(flag)
    }
}

/// What a queue holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct State<T: Eq>(Fifo<T>);

impl<T: Clone + Eq + Hash + Debug> SequentialSpec for Queue<T> {
    type State = State<T>;
    type Operation = Operation<T>;
    type Result = Answer<T>;

    fn initial(&self) -> State<T> {
        State(Fifo::new())
    }

    fn step(
        &self,
        State(now): &State<T>,
        operation: &Operation<T>,
        _: Option<&Answer<T>>,
    ) -> impl IntoIterator<Item = (Answer<T>, State<T>)> {
        let (answer, next) = match operation {
            Operation::Push(_) if now.len() >= self.capacity => (Answer::Full, now.clone()),
            Operation::Push(value) => (Answer::Done, now.with(value.clone())),
            Operation::Pop => match now.split() {
                Some((first, rest)) => (Answer::Value(Some(first)), rest),
                None => (Answer::Value(None), now.clone()),
            },
            Operation::Peek => (Answer::Value(now.first().cloned()), now.clone()),
            Operation::Len => (Answer::Length(now.len()), now.clone()),
            Operation::IsEmpty => (Answer::Flag(now.len() == 0), now.clone()),
        };
        [(answer, State(next))]
    }

    fn value(&self, operation: &Operation<T>, answer: Option<&Answer<T>>) -> Option<u64> {
        match (operation, answer) {
            (Operation::Push(value), _)
            | (Operation::Pop | Operation::Peek, Some(Answer::Value(Some(value)))) => {
                Some(number(value))
            }
            _ => None,
        }
    }

    fn counts(&self, _: &Operation<T>, answer: Option<&Answer<T>>) -> bool {
        matches!(answer, Some(Answer::Full | Answer::Length(1..) | Answer::Flag(false)))
    }

    fn same(&self, first: &Operation<T>, second: &Operation<T>) -> bool {
        first == second
    }

    /// Of a queue that is never full, that is pushed to and popped from.
    fn monitor(&self, history: &History<Operation<T>, Answer<T>>) -> Option<Result<(), String>> {
        if self.capacity < usize::MAX {
            return None;
        }
        monitor::queue(history, |operation, answer| {
            Some(match (operation, answer) {
                (Operation::Push(value), None | Some(Answer::Done)) => Role::Insert(value.clone()),
                (Operation::Pop, Some(Answer::Value(Some(value)))) => Role::Remove(value.clone()),
                (Operation::Pop, Some(Answer::Value(None))) => Role::RemoveNothing,
                (Operation::Pop, None) => Role::RemoveUnanswered,
                _ => return None,
            })
        })
    }
}
