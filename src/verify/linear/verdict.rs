//! What the checker answers.

use super::{super::history::History, timeline::Timeline};
use core::fmt;

/// Whether a history is linearizable (or sequentially consistent, where that was asked).
#[derive(Clone, Debug)]
#[must_use = "a verdict says whether the history is right"]
pub enum Verdict<O, R> {
    /// It is.
    Linearizable(Witness),
    /// It is not.
    Violation(Box<Counterexample<O, R>>),
    /// It was not decided.
    Unknown(Unknown),
}

impl<O, R> Verdict<O, R> {
    /// Whether it is [`Linearizable`](Verdict::Linearizable).
    pub fn is_linearizable(&self) -> bool {
        matches!(self, Verdict::Linearizable(_))
    }

    /// Whether it is a [`Violation`](Verdict::Violation).
    pub fn is_violation(&self) -> bool {
        matches!(self, Verdict::Violation(_))
    }

    /// What is wrong, if it is a violation.
    pub fn counterexample(&self) -> Option<&Counterexample<O, R>> {
        match self {
            Verdict::Violation(counterexample) => Some(counterexample),
            Verdict::Linearizable(_) | Verdict::Unknown(_) => None,
        }
    }
}

/// How a history that is right can have come about: for each part of the object the calls in an
/// order that the specification allows, by their index in the history. Pending calls that took no
/// effect are not in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Witness {
    pub(super) orders: Vec<Option<Vec<usize>>>,
}

impl Witness {
    /// The orders, one for each part; `None` for a part that a monitor judged, which finds none.
    pub fn orders(&self) -> &[Option<Vec<usize>>] {
        &self.orders
    }
}

/// Why a history was not decided.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unknown {
    /// [`Checker::time`](super::Checker::time) was too short.
    OutOfTime,
    /// [`Checker::memory`](super::Checker::memory) was too little.
    OutOfMemory,
    /// The specification panicked, or an operation or result of it, with this message.
    SpecificationPanicked(String),
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unknown::OutOfTime => f.write_str("the time of the check has run out"),
            Unknown::OutOfMemory => f.write_str("the memory of the check has run out"),
            Unknown::SpecificationPanicked(why) => write!(f, "the specification panicked: {why}"),
        }
    }
}

impl core::error::Error for Unknown {}

/// A history that is not right, as small as it could be made, with what is wrong about it.
///
/// Displayed, it is the explanation and the timeline as text.
#[derive(Clone, Debug)]
pub struct Counterexample<O, R> {
    pub(super) history: History<O, R>,
    pub(super) indices: Vec<usize>,
    pub(super) start: Option<String>,
    pub(super) culprit: Option<usize>,
    pub(super) explanation: String,
    pub(super) judged: usize,
    pub(super) timeline: Timeline,
}

impl<O, R> Counterexample<O, R> {
    /// The history, shrunk. It is wrong from the state [`start`](Counterexample::start) on, if there
    /// is one; from the initial state it may be right.
    /// A call of it is pending where its answer does not matter; if its
    /// process goes on all the same, it has got a process of its own.
    pub fn history(&self) -> &History<O, R> {
        &self.history
    }

    /// For each call of it the index in the history that was judged.
    pub fn indices(&self) -> &[usize] {
        &self.indices
    }

    /// The state that the shrunk history begins at, if not at the initial one: whatever explains the
    /// calls before, which were left out, comes to it.
    pub fn start(&self) -> Option<&str> {
        self.start.as_deref()
    }

    /// The call with whose return it went wrong, by its index in the shrunk history; `None` where
    /// none alone is to blame.
    pub fn culprit(&self) -> Option<usize> {
        self.culprit
    }

    /// What is wrong, in one line.
    pub fn explanation(&self) -> &str {
        &self.explanation
    }

    /// How many calls the history had that was judged.
    pub fn judged(&self) -> usize {
        self.judged
    }

    /// The history, drawn.
    pub fn timeline(&self) -> &Timeline {
        &self.timeline
    }
}

impl<O, R> fmt::Display for Counterexample<O, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (left, judged) = (self.history.len(), self.judged);
        writeln!(f, "{}", self.explanation)?;
        let others = if self.start.is_some() { "; others lead to that state" } else { "" };
        writeln!(f, "({left} of the {judged} calls suffice to show it{others})\n")?;
        f.write_str(&self.timeline.text(100))
    }
}
