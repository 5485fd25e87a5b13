//! Specifications for the tests of the checker.

use counterpoint::verify::{
    history::History,
    linear::monitor::{self, Role},
    spec::SequentialSpec,
};
use std::collections::{BTreeMap, VecDeque};

/// A number that is read, written, and exchanged by comparison.
pub(crate) struct Register;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell {
    Read,
    Write(u8),
    /// From, to; answers with what was there.
    Exchange(u8, u8),
}

impl SequentialSpec for Register {
    type State = u8;
    type Operation = Cell;
    type Result = u8;
    fn initial(&self) -> u8 {
        0
    }
    fn step(
        &self,
        held: &u8,
        operation: &Cell,
        _: Option<&u8>,
    ) -> impl IntoIterator<Item = (u8, u8)> {
        [match *operation {
            Cell::Read => (*held, *held),
            Cell::Write(number) => (number, number),
            Cell::Exchange(from, to) => (*held, if *held == from { to } else { *held }),
        }]
    }
    fn same(&self, first: &Cell, second: &Cell) -> bool {
        first == second
    }
}

/// Counts; may say of a count over three that it is many.
pub(crate) struct Counter;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Count {
    Next,
    Get,
}

impl SequentialSpec for Counter {
    type State = u8;
    type Operation = Count;
    /// `None`: many.
    type Result = Option<u8>;
    fn initial(&self) -> u8 {
        0
    }
    fn step(
        &self,
        count: &u8,
        operation: &Count,
        _: Option<&Option<u8>>,
    ) -> impl IntoIterator<Item = (Option<u8>, u8)> {
        let after = if *operation == Count::Next { count + 1 } else { *count };
        let mut answers = vec![(Some(*count), after)];
        if *count > 3 {
            answers.push((None, after));
        }
        answers
    }
    fn same(&self, first: &Count, second: &Count) -> bool {
        first == second
    }
}

/// A queue or a stack.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Container {
    Queue,
    Stack,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Access {
    Put(u32),
    Take,
}

impl SequentialSpec for Container {
    type State = VecDeque<u32>;
    type Operation = Access;
    /// What was taken; `None` also for what was put.
    type Result = Option<u32>;
    fn initial(&self) -> VecDeque<u32> {
        VecDeque::new()
    }
    fn step(
        &self,
        held: &VecDeque<u32>,
        operation: &Access,
        _: Option<&Option<u32>>,
    ) -> impl IntoIterator<Item = (Option<u32>, VecDeque<u32>)> {
        let mut held = held.clone();
        let answer = match (operation, self) {
            (Access::Put(value), _) => {
                held.push_back(*value);
                None
            }
            (Access::Take, Container::Queue) => held.pop_front(),
            (Access::Take, Container::Stack) => held.pop_back(),
        };
        [(answer, held)]
    }
    fn value(&self, operation: &Access, result: Option<&Option<u32>>) -> Option<u64> {
        match operation {
            Access::Put(value) => Some((*value).into()),
            Access::Take => result.copied().flatten().map(u64::from),
        }
    }
    fn same(&self, first: &Access, second: &Access) -> bool {
        first == second
    }
    fn monitor(&self, history: &History<Access, Option<u32>>) -> Option<Result<(), String>> {
        let role = |operation: &Access, answer: Option<&Option<u32>>| {
            Some(match (operation, answer) {
                (Access::Put(_), Some(Some(_))) => return None, // nonsense
                (Access::Put(value), _) => Role::Insert(*value),
                (Access::Take, Some(Some(value))) => Role::Remove(*value),
                (Access::Take, Some(None)) => Role::RemoveNothing,
                (Access::Take, None) => Role::RemoveUnanswered,
            })
        };
        match self {
            Container::Queue => monitor::queue(history, role),
            Container::Stack => monitor::stack(history, role),
        }
    }
}

/// Keys with values, judged key by key.
pub(crate) struct Map;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Entry {
    Insert(u16, u8),
    Get(u16),
    Remove(u16),
}

impl SequentialSpec for Map {
    type State = BTreeMap<u16, u8>;
    type Operation = Entry;
    /// What was there before.
    type Result = Option<u8>;
    fn initial(&self) -> BTreeMap<u16, u8> {
        BTreeMap::new()
    }
    fn step(
        &self,
        held: &BTreeMap<u16, u8>,
        operation: &Entry,
        _: Option<&Option<u8>>,
    ) -> impl IntoIterator<Item = (Option<u8>, BTreeMap<u16, u8>)> {
        let mut held = held.clone();
        let answer = match operation {
            Entry::Insert(key, value) => held.insert(*key, *value),
            Entry::Get(key) => held.get(key).copied(),
            Entry::Remove(key) => held.remove(key),
        };
        [(answer, held)]
    }
    fn part(&self, operation: &Entry) -> Option<u64> {
        match operation {
            Entry::Insert(key, _) | Entry::Get(key) | Entry::Remove(key) => Some((*key).into()),
        }
    }
}

/// A lock: taking it cannot happen while it is taken.
pub(crate) struct Lock;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Turn {
    Take,
    Try,
    Free,
}

impl SequentialSpec for Lock {
    type State = bool;
    type Operation = Turn;
    type Result = bool;
    fn initial(&self) -> bool {
        false
    }
    fn step(
        &self,
        taken: &bool,
        operation: &Turn,
        _: Option<&bool>,
    ) -> impl IntoIterator<Item = (bool, bool)> {
        match operation {
            Turn::Take => (!taken).then_some((true, true)),
            Turn::Try => Some((!taken, true)),
            Turn::Free => taken.then_some((true, false)),
        }
    }
}
