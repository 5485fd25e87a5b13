//! The map: a value for each of some keys.

use super::{SequentialSpec, number, table::Table};
use core::{fmt::Debug, hash::Hash, marker::PhantomData};
use serde::{Deserialize, Serialize};

/// A map, empty at the start.
#[derive(Clone, Debug)]
pub struct Map<K, V> {
    entries: PhantomData<fn() -> (K, V)>,
}

impl<K, V> Map<K, V> {
    /// A map.
    pub fn new() -> Self {
        Map { entries: PhantomData }
    }
}

impl<K, V> Default for Map<K, V> {
    fn default() -> Self {
        Map::new()
    }
}

/// What a map is asked.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Operation<K, V> {
    /// Answers [`Answer::Value`].
    Get(K),
    /// Answers with the [`Answer::Value`] before.
    Insert(K, V),
    /// Inserts without a word on what was there: [`Answer::Done`].
    Put(K, V),
    /// Answers with the [`Answer::Value`] before.
    Remove(K),
    /// Answers [`Answer::Flag`].
    Contains(K),
    /// Inserts the second value if the first is there: [`Answer::Flag`] says whether.
    CompareAndSet(K, V, V),
    /// Answers [`Answer::Length`].
    Len,
}

/// What it answers. Made from `()`, `Option<V>`, `bool` and `usize`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Answer<V> {
    /// Put.
    Done,
    /// The value that the key had, if any.
    Value(Option<V>),
    /// Whether the key is there, or the map was changed.
    Flag(bool),
    /// How many keys there were.
    Length(usize),
}

impl<V> From<()> for Answer<V> {
    fn from((): ()) -> Self {
        Answer::Done
    }
}

impl<V> From<Option<V>> for Answer<V> {
    fn from(value: Option<V>) -> Self {
        Answer::Value(value)
    }
}

impl<V> From<bool> for Answer<V> {
    fn from(flag: bool) -> Self {
        Answer::Flag(flag)
    }
}

impl<V> From<usize> for Answer<V> {
    fn from(length: usize) -> Self {
        Answer::Length(length)
    }
}

/// What a map holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct State<K: Ord, V: Eq>(Table<K, V>);

impl<K, V> SequentialSpec for Map<K, V>
where
    K: Clone + Ord + Hash + Debug,
    V: Clone + Eq + Hash + Debug,
{
    type State = State<K, V>;
    type Operation = Operation<K, V>;
    type Result = Answer<V>;

    fn initial(&self) -> State<K, V> {
        State(Table::new())
    }

    fn step(
        &self,
        State(now): &State<K, V>,
        operation: &Operation<K, V>,
        _: Option<&Answer<V>>,
    ) -> impl IntoIterator<Item = (Answer<V>, State<K, V>)> {
        let entries = now.entries();
        let get = |key| Answer::Value(entries.get(key).cloned());
        let with = |key, value: &V| now.with(key, Some(value.clone()));
        let (answer, next) = match operation {
            Operation::Get(key) => (get(key), now.clone()),
            Operation::Insert(key, value) => (get(key), with(key, value)),
            Operation::Put(key, value) => (Answer::Done, with(key, value)),
            Operation::Remove(key) if entries.contains_key(key) => (get(key), now.with(key, None)),
            Operation::Remove(key) => (get(key), now.clone()),
            Operation::Contains(key) => (Answer::Flag(entries.contains_key(key)), now.clone()),
            Operation::CompareAndSet(key, expected, new) if entries.get(key) == Some(expected) => {
                (Answer::Flag(true), with(key, new))
            }
            Operation::CompareAndSet(..) => (Answer::Flag(false), now.clone()),
            Operation::Len => (Answer::Length(entries.len()), now.clone()),
        };
        [(answer, State(next))]
    }

    fn part(&self, operation: &Operation<K, V>) -> Option<u64> {
        match operation {
            Operation::Get(key)
            | Operation::Insert(key, _)
            | Operation::Put(key, _)
            | Operation::Remove(key)
            | Operation::Contains(key)
            | Operation::CompareAndSet(key, ..) => Some(number(key)),
            Operation::Len => None,
        }
    }

    /// A key's life.
    fn value(&self, operation: &Operation<K, V>, _: Option<&Answer<V>>) -> Option<u64> {
        self.part(operation)
    }

    fn counts(&self, _: &Operation<K, V>, answer: Option<&Answer<V>>) -> bool {
        matches!(answer, Some(Answer::Length(1..)))
    }

    fn same(&self, first: &Operation<K, V>, second: &Operation<K, V>) -> bool {
        first == second
    }
}
