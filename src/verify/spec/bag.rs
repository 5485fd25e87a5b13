//! The bag: what was put in comes out, in any order.

use super::{SequentialSpec, number, table::Table};
use core::{fmt::Debug, hash::Hash, marker::PhantomData};
use serde::{Deserialize, Serialize};

/// A bag, empty at the start. (A multiset: equal values are so many.)
#[derive(Clone, Debug)]
pub struct Bag<T> {
    values: PhantomData<fn() -> T>,
}

impl<T> Bag<T> {
    /// A bag.
    pub fn new() -> Self {
        Bag { values: PhantomData }
    }
}

impl<T> Default for Bag<T> {
    fn default() -> Self {
        Bag::new()
    }
}

/// What a bag is asked.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Operation<T> {
    /// Answers [`Answer::Done`].
    Push(T),
    /// Takes any value: [`Answer::Value`].
    Pop,
    /// Answers [`Answer::Length`].
    Len,
    /// Answers [`Answer::Flag`].
    IsEmpty,
}

/// What it answers. Made from `()`, `Option<T>`, `usize` and `bool`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Answer<T> {
    /// Pushed.
    Done,
    /// A value, if there was one.
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

/// What a bag holds: how many of each value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct State<T: Ord>(Table<T, usize>);

impl<T: Clone + Ord + Hash + Debug> State<T> {
    fn len(&self) -> usize {
        self.0.entries().values().sum()
    }

    /// With one more of that value, or one less.
    fn with(&self, value: &T, change: impl FnOnce(usize) -> usize) -> Self {
        let now = self.0.entries().get(value).copied().unwrap_or(0);
        State(self.0.with(value, Some(change(now)).filter(|count| *count > 0)))
    }
}

impl<T: Clone + Ord + Hash + Debug> SequentialSpec for Bag<T> {
    type State = State<T>;
    type Operation = Operation<T>;
    type Result = Answer<T>;

    fn initial(&self) -> State<T> {
        State(Table::new())
    }

    fn step(
        &self,
        now: &State<T>,
        operation: &Operation<T>,
        observed: Option<&Answer<T>>,
    ) -> impl IntoIterator<Item = (Answer<T>, State<T>)> {
        let take =
            |value: &T| (Answer::Value(Some(value.clone())), now.with(value, |count| count - 1));
        let values = now.0.entries();
        match (operation, observed) {
            (Operation::Push(value), _) => {
                vec![(Answer::Done, now.with(value, |count| count + 1))]
            }
            (Operation::Pop, _) if values.is_empty() => vec![(Answer::Value(None), now.clone())],
            (Operation::Pop, Some(Answer::Value(Some(value)))) => {
                values.get_key_value(value).map(|(value, _)| take(value)).into_iter().collect()
            }
            (Operation::Pop, _) => values.keys().map(take).collect(),
            (Operation::Len, _) => vec![(Answer::Length(now.len()), now.clone())],
            (Operation::IsEmpty, _) => vec![(Answer::Flag(values.is_empty()), now.clone())],
        }
    }

    fn value(&self, operation: &Operation<T>, answer: Option<&Answer<T>>) -> Option<u64> {
        match (operation, answer) {
            (Operation::Push(value), _) | (Operation::Pop, Some(Answer::Value(Some(value)))) => {
                Some(number(value))
            }
            _ => None,
        }
    }

    fn counts(&self, _: &Operation<T>, answer: Option<&Answer<T>>) -> bool {
        matches!(answer, Some(Answer::Length(1..) | Answer::Flag(false)))
    }

    fn same(&self, first: &Operation<T>, second: &Operation<T>) -> bool {
        first == second
    }
}
