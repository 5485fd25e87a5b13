//! The stack: last in, first out.

use super::{SequentialSpec, list::List, number};
use crate::verify::{
    history::History,
    linear::monitor::{self, Role},
};
use core::{fmt::Debug, hash::Hash, marker::PhantomData};
use serde::{Deserialize, Serialize};

/// A stack, empty at the start.
#[derive(Clone, Debug)]
pub struct Stack<T> {
    values: PhantomData<fn() -> T>,
}

impl<T> Stack<T> {
    /// A stack.
    pub fn new() -> Self {
        Stack { values: PhantomData }
    }
}

impl<T> Default for Stack<T> {
    fn default() -> Self {
        Stack::new()
    }
}

/// What a stack is asked.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Operation<T> {
    /// Answers [`Answer::Done`].
    Push(T),
    /// Takes the last one: [`Answer::Value`].
    Pop,
    /// Looks at the last one: [`Answer::Value`].
    Peek,
    /// Takes all: [`Answer::Values`], last in first.
    PopAll,
    /// Answers [`Answer::Length`].
    Len,
    /// Answers [`Answer::Flag`].
    IsEmpty,
}

/// What it answers. Made from `()`, `Option<T>`, `Vec<T>`, `usize` and `bool`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Answer<T> {
    /// Pushed.
    Done,
    /// The last one, if there was one.
    Value(Option<T>),
    /// All, last in first.
    Values(Vec<T>),
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

impl<T> From<Option<T>> for Answer<T> {
    fn from(value: Option<T>) -> Self {
        Answer::Value(value)
    }
}

impl<T> From<Vec<T>> for Answer<T> {
    fn from(values: Vec<T>) -> Self {
        Answer::Values(values)
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

/// What a stack holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct State<T: Eq>(List<T>);

impl<T: Clone + Eq + Hash + Debug> SequentialSpec for Stack<T> {
    type State = State<T>;
    type Operation = Operation<T>;
    type Result = Answer<T>;

    fn initial(&self) -> State<T> {
        State(List::new())
    }

    fn step(
        &self,
        State(now): &State<T>,
        operation: &Operation<T>,
        _: Option<&Answer<T>>,
    ) -> impl IntoIterator<Item = (Answer<T>, State<T>)> {
        let last = || Answer::Value(now.first().cloned());
        let (answer, next) = match operation {
            Operation::Push(value) => (Answer::Done, now.with(value.clone())),
            Operation::Pop => (last(), now.rest().unwrap_or(now).clone()),
            Operation::Peek => (last(), now.clone()),
            Operation::PopAll => (Answer::Values(now.iter().cloned().collect()), List::new()),
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
        match answer {
            Some(Answer::Values(values)) => !values.is_empty(),
            Some(Answer::Length(1..) | Answer::Flag(false)) => true,
            _ => false,
        }
    }

    fn same(&self, first: &Operation<T>, second: &Operation<T>) -> bool {
        first == second
    }

    /// Of a stack that is pushed to and popped from.
    fn monitor(&self, history: &History<Operation<T>, Answer<T>>) -> Option<Result<(), String>> {
        monitor::stack(history, |operation, answer| {
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
