//! The set: which elements there are.

use super::{SequentialSpec, number, table::Table};
use core::{fmt::Debug, hash::Hash, marker::PhantomData};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A set, empty at the start.
#[derive(Clone, Debug)]
pub struct Set<T> {
    elements: PhantomData<fn() -> T>,
}

impl<T> Set<T> {
    /// A set.
    pub fn new() -> Self {
        Set { elements: PhantomData }
    }
}

impl<T> Default for Set<T> {
    fn default() -> Self {
        Set::new()
    }
}

/// What a set is asked.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Operation<T> {
    /// Answers [`Answer::Flag`]: whether it was not there.
    Insert(T),
    /// Inserts without a word on what was there: [`Answer::Done`].
    Add(T),
    /// Answers [`Answer::Flag`]: whether it was there.
    Remove(T),
    /// Answers [`Answer::Flag`].
    Contains(T),
    /// All at one moment: [`Answer::Elements`].
    Elements,
    /// Answers [`Answer::Length`].
    Len,
}

/// What it answers. Made from `()`, `bool`, `usize` and a `BTreeSet`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(bound(deserialize = "T: Ord + Deserialize<'de>"))]
pub enum Answer<T> {
    /// Added.
    Done,
    /// Whether the set was changed, or contains the element.
    Flag(bool),
    /// All elements.
    Elements(BTreeSet<T>),
    /// How many there were.
    Length(usize),
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

impl<T> From<BTreeSet<T>> for Answer<T> {
    fn from(elements: BTreeSet<T>) -> Self {
        Answer::Elements(elements)
    }
}

impl<T> From<usize> for Answer<T> {
    fn from(length: usize) -> Self {
        Answer::Length(length)
    }
}

/// What a set holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct State<T: Ord>(Table<T, ()>);

impl<T: Clone + Ord + Hash + Debug> SequentialSpec for Set<T> {
    type State = State<T>;
    type Operation = Operation<T>;
    type Result = Answer<T>;

    fn initial(&self) -> State<T> {
        State(Table::new())
    }

    fn step(
        &self,
        State(now): &State<T>,
        operation: &Operation<T>,
        _: Option<&Answer<T>>,
    ) -> impl IntoIterator<Item = (Answer<T>, State<T>)> {
        let elements = now.entries();
        let has = |element| elements.contains_key(element);
        let with = |element| if has(element) { now.clone() } else { now.with(element, Some(())) };
        let (answer, next) = match operation {
            Operation::Insert(element) => (Answer::Flag(!has(element)), with(element)),
            Operation::Add(element) => (Answer::Done, with(element)),
            Operation::Remove(element) if has(element) => {
                (Answer::Flag(true), now.with(element, None))
            }
            Operation::Remove(_) => (Answer::Flag(false), now.clone()),
            Operation::Contains(element) => (Answer::Flag(has(element)), now.clone()),
            Operation::Elements => {
                (Answer::Elements(elements.keys().cloned().collect()), now.clone())
            }
            Operation::Len => (Answer::Length(elements.len()), now.clone()),
        };
        [(answer, State(next))]
    }

    fn part(&self, operation: &Operation<T>) -> Option<u64> {
        match operation {
            Operation::Insert(element)
            | Operation::Add(element)
            | Operation::Remove(element)
            | Operation::Contains(element) => Some(number(element)),
            Operation::Elements | Operation::Len => None,
        }
    }

    fn value(&self, operation: &Operation<T>, _: Option<&Answer<T>>) -> Option<u64> {
        self.part(operation)
    }

    fn counts(&self, _: &Operation<T>, answer: Option<&Answer<T>>) -> bool {
        match answer {
            Some(Answer::Elements(elements)) => !elements.is_empty(),
            Some(Answer::Length(length)) => *length > 0,
            _ => false,
        }
    }

    fn same(&self, first: &Operation<T>, second: &Operation<T>) -> bool {
        first == second
    }
}
