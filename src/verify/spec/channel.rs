//! The channel: a queue whose ends wait for each other, until it is closed.

use super::{SequentialSpec, fifo::Fifo, number};
use core::{fmt::Debug, hash::Hash, marker::PhantomData};
use serde::{Deserialize, Serialize};

/// A channel, empty and open at the start. What was sent before it was closed can be received.
#[derive(Clone, Debug)]
pub struct Channel<T> {
    capacity: usize,
    values: PhantomData<fn() -> T>,
}

impl<T> Channel<T> {
    /// A channel that is never full.
    pub fn unbounded() -> Self {
        Channel::bounded(usize::MAX)
    }

    /// A channel that is full with so many values.
    ///
    /// # Panics
    /// When it is none. A rendezvous has no sequential specification: neither of the two operations
    /// can come first.
    pub fn bounded(capacity: usize) -> Self {
        assert!(capacity > 0, "a channel without capacity has no sequential specification");
        Channel { capacity, values: PhantomData }
    }
}

/// What a channel is asked.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Operation<T> {
    /// Waits while it is full: [`Answer::Done`] or [`Answer::Closed`].
    Send(T),
    /// Answers [`Answer::Done`], [`Answer::Full`] or [`Answer::Closed`].
    TrySend(T),
    /// Waits while it is empty and open: [`Answer::Value`] or [`Answer::Closed`].
    Recv,
    /// Answers [`Answer::Value`], [`Answer::Empty`] or [`Answer::Closed`].
    TryRecv,
    /// Answers [`Answer::Done`], the second time too.
    Close,
}

/// What it answers. Made from `()`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Answer<T> {
    /// Sent, or closed.
    Done,
    /// Received.
    Value(T),
    /// Not sent, it is full.
    Full,
    /// Nothing received, it is empty but open.
    Empty,
    /// Not sent, it is closed; or nothing received, it is empty and closed.
    Closed,
}

impl<T> From<()> for Answer<T> {
    fn from((): ()) -> Self {
        Answer::Done
    }
}

/// What a channel holds, and whether it is closed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct State<T: Eq> {
    values: Fifo<T>,
    is_closed: bool,
}

impl<T: Clone + Eq + Hash + Debug> SequentialSpec for Channel<T> {
    type State = State<T>;
    type Operation = Operation<T>;
    type Result = Answer<T>;

    fn initial(&self) -> State<T> {
        State { values: Fifo::new(), is_closed: false }
    }

    fn step(
        &self,
        now: &State<T>,
        operation: &Operation<T>,
        _: Option<&Answer<T>>,
    ) -> impl IntoIterator<Item = (Answer<T>, State<T>)> {
        let State { values, is_closed } = now;
        let is_full = values.len() >= self.capacity;
        let holding = |values| State { values, is_closed: *is_closed };
        match operation {
            Operation::Send(_) | Operation::TrySend(_) if *is_closed => {
                Some((Answer::Closed, now.clone()))
            }
            Operation::Send(_) if is_full => None,
            Operation::TrySend(_) if is_full => Some((Answer::Full, now.clone())),
            Operation::Send(value) | Operation::TrySend(value) => {
                Some((Answer::Done, holding(values.with(value.clone()))))
            }
            Operation::Recv | Operation::TryRecv => match values.split() {
                Some((first, rest)) => Some((Answer::Value(first), holding(rest))),
                None if *is_closed => Some((Answer::Closed, now.clone())),
                None if matches!(operation, Operation::Recv) => None,
                None => Some((Answer::Empty, now.clone())),
            },
            Operation::Close => {
                Some((Answer::Done, State { values: values.clone(), is_closed: true }))
            }
        }
    }

    fn value(&self, operation: &Operation<T>, answer: Option<&Answer<T>>) -> Option<u64> {
        match (operation, answer) {
            (Operation::Send(value) | Operation::TrySend(value), _)
            | (Operation::Recv | Operation::TryRecv, Some(Answer::Value(value))) => {
                Some(number(value))
            }
            _ => None,
        }
    }

    fn counts(&self, _: &Operation<T>, answer: Option<&Answer<T>>) -> bool {
        matches!(answer, Some(Answer::Full))
    }

    fn same(&self, first: &Operation<T>, second: &Operation<T>) -> bool {
        first == second
    }
}
