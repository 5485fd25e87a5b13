//! What the threads of an execution did and saw: the *behaviour*, which two engines must agree on.
//!
//! Every name in it is independent of the run: a thread is its place in the tree of spawns, a node
//! is the n-th allocation of a thread. (Addresses differ from run to run.)

use core::{fmt, panic::Location};
use std::collections::BTreeMap;

/// What a thread did to an atomic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Access {
    Load,
    Store,
    Rmw,
    CompareExchange(bool),
}

/// A thread's place in the tree of spawns: empty for the main thread, then which child, and so on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Path(Vec<usize>);

impl Path {
    pub(super) const fn main() -> Self {
        Path(Vec::new())
    }

    pub(super) fn child(&self, nth: usize) -> Self {
        Path(self.0.iter().copied().chain([nth]).collect())
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return write!(f, "the main thread");
        }
        write!(f, "thread")?;
        self.0.iter().try_for_each(|nth| write!(f, " {}", nth + 1))
    }
}

/// A value, free of addresses.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Value {
    /// As it is.
    Plain(usize),
    /// A pointer to the node that `owner` allocated as its `nth`, with the tag in its low bits.
    Node { owner: Path, nth: usize, tag: usize },
}

/// One access.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Event {
    pub(super) access: Access,
    pub(super) value: Value,
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.access {
            Access::Load => write!(f, "load ")?,
            Access::Store => write!(f, "store ")?,
            Access::Rmw => write!(f, "change ")?,
            Access::CompareExchange(true) => write!(f, "exchange ")?,
            Access::CompareExchange(false) => write!(f, "fail on ")?,
        }
        match &self.value {
            Value::Plain(value) => write!(f, "{value:#x}"),
            Value::Node { owner, nth, tag: 0 } => write!(f, "node {nth} of {owner}"),
            Value::Node { owner, nth, tag } => write!(f, "node {nth} of {owner} tag {tag}"),
        }
    }
}

/// What the threads of one execution did, in the order of the execution.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Trace {
    /// The threads, by number.
    pub(crate) threads: Vec<String>,
    pub(crate) steps: Vec<Step>,
}

/// One line of a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// The number of the thread.
    pub(crate) thread: usize,
    /// What it did, or what was remarked about it.
    pub(crate) text: String,
    /// Where.
    pub(crate) site: Option<&'static Location<'static>>,
}

/// What each thread of one execution did, in its order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Behaviour(BTreeMap<Path, Vec<Event>>);

impl FromIterator<(Path, Vec<Event>)> for Behaviour {
    fn from_iter<I: IntoIterator<Item = (Path, Vec<Event>)>>(threads: I) -> Self {
        Behaviour(threads.into_iter().collect())
    }
}

impl fmt::Display for Behaviour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (path, events) in &self.0 {
            write!(f, "\n  {path}:")?;
            events.iter().try_for_each(|event| write!(f, " {event};"))?;
        }
        Ok(())
    }
}
