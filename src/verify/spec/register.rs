//! The register: one place that is read and written.

use super::{SequentialSpec, number};
use core::{fmt::Debug, hash::Hash};
use serde::{Deserialize, Serialize};

/// A register that holds a value from the start.
#[derive(Clone, Debug)]
pub struct Register<T> {
    initial: T,
}

impl<T> Register<T> {
    /// A register that holds `initial`.
    pub fn new(initial: T) -> Self {
        Register { initial }
    }
}

/// What a register is asked.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Operation<T> {
    /// Answers [`Answer::Value`].
    Read,
    /// Answers [`Answer::Done`].
    Write(T),
    /// Writes, and answers with the [`Answer::Value`] before.
    Swap(T),
    /// Writes the second if the first is there: [`Answer::Flag`] says whether.
    CompareAndSet(T, T),
    /// As `CompareAndSet`, but may refuse for no reason.
    CompareAndSetWeak(T, T),
}

/// What it answers. Made from `()`, `bool`, and the result of a `compare_exchange`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Answer<T> {
    /// Written.
    Done,
    /// What was there.
    Value(T),
    /// Whether the register was changed.
    Flag(bool),
}

impl<T> From<()> for Answer<T> {
    fn from((): ()) -> Self {
        Answer::Done
    }
}

impl<T> From<bool> for Answer<T> {
    fn from(flag: bool) -> Self {
        Answer::Flag(flag)
    }
}

impl<T, U, V> From<Result<U, V>> for Answer<T> {
    fn from(result: Result<U, V>) -> Self {
        Answer::Flag(result.is_ok())
    }
}

impl<T: Clone + Eq + Hash + Debug> SequentialSpec for Register<T> {
    type State = T;
    type Operation = Operation<T>;
    type Result = Answer<T>;

    fn initial(&self) -> T {
        self.initial.clone()
    }

    fn step(
        &self,
        now: &T,
        operation: &Operation<T>,
        _: Option<&Answer<T>>,
    ) -> impl IntoIterator<Item = (Answer<T>, T)> {
        let refused = || (Answer::Flag(false), now.clone());
        let (first, second) = match operation {
            Operation::Read => ((Answer::Value(now.clone()), now.clone()), None),
            Operation::Write(new) => ((Answer::Done, new.clone()), None),
            Operation::Swap(new) => ((Answer::Value(now.clone()), new.clone()), None),
            Operation::CompareAndSet(expected, new)
            | Operation::CompareAndSetWeak(expected, new)
                if expected == now =>
            {
                let is_weak = matches!(operation, Operation::CompareAndSetWeak(..));
                ((Answer::Flag(true), new.clone()), is_weak.then(refused))
            }
            Operation::CompareAndSet(..) | Operation::CompareAndSetWeak(..) => (refused(), None),
        };
        [Some(first), second].into_iter().flatten()
    }

    fn value(&self, operation: &Operation<T>, answer: Option<&Answer<T>>) -> Option<u64> {
        match (operation, answer) {
            (Operation::Write(value), _) | (Operation::Read, Some(Answer::Value(value))) => {
                Some(number(value))
            }
            _ => None,
        }
    }

    /// What compares or swaps ties one value to another.
    fn counts(&self, operation: &Operation<T>, _: Option<&Answer<T>>) -> bool {
        !matches!(operation, Operation::Read | Operation::Write(_))
    }

    fn same(&self, first: &Operation<T>, second: &Operation<T>) -> bool {
        first == second
    }
}
