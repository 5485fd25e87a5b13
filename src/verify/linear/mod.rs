//! **Linearizability**: whether the answers in a history are those of the same calls in some order,
//! one after another, that keeps what came before what (Herlihy and Wing, TOPLAS 1990). And if not:
//! the smallest part of the history that shows it, why, in one line, and a drawing.
//!
//! ```
//! use counterpoint::verify::{history::{Call, History}, linear::Checker, spec::SequentialSpec};
//!
//! /// A cell with a number.
//! struct Register;
//!
//! #[derive(Clone, Debug)]
//! enum Operation {
//!     Read,
//!     Write(u32),
//! }
//!
//! impl SequentialSpec for Register {
//!     type State = u32;
//!     type Operation = Operation;
//!     /// What was read; the number itself for a write.
//!     type Result = u32;
//!     fn initial(&self) -> u32 {
//!         0
//!     }
//!     fn step(&self, held: &u32, operation: &Operation, _: Option<&u32>) -> impl IntoIterator<Item = (u32, u32)> {
//!         match operation {
//!             Operation::Read => [(*held, *held)],
//!             Operation::Write(number) => [(*number, *number)],
//!         }
//!     }
//! }
//!
//! // Process, operation, begin, end, answer.
//! let history = History::new([
//!     Call::new(0, Operation::Write(1), 0, 10, 1),
//!     Call::new(1, Operation::Read, 2, 4, 1),
//!     Call::new(2, Operation::Read, 6, 8, 0), // after the one that had read 1
//! ])?;
//! let verdict = Checker::new(&Register).check(&history);
//! let counterexample = verdict.counterexample().expect("it is not linearizable");
//! assert_eq!(
//!     counterexample.explanation(),
//!     "process 2: Read answered 0; only 1 would be linearizable"
//! );
//! # Ok::<(), counterpoint::verify::history::Malformed>(())
//! ```
//!
//! # How
//! | file | what |
//! |---|---|
//! | `search.rs`, `lanes.rs`, `seen.rs` | Wing and Gong's search, with Lowe's memory of configurations |
//! | [`monitor`] | queues and stacks whose values differ, without a search |
//! | `judge.rs` | one part of the object: monitor or search |
//! | `shrink.rs`, `start.rs`, `explain.rs` | from a wrong history to what is wrong about it |
//! | [`timeline`], `report.rs` | drawings, and the panic that shows them |
//!
//! A history whose operations all belong to a [part](SequentialSpec::part) is judged part by part:
//! first each one briefly, so that a hard one does not keep the checker from a wrong one. Parts are
//! judged together where a process goes from one to another by calls that touch, or that overlap
//! since they were widened: its order is then known only to it, and no part alone shows it.
//!
//! # Never a wrong verdict
//! [`Verdict::Linearizable`] and [`Verdict::Violation`] are exact, as far as the specification and the
//! times of the history are. Whatever keeps the checker from the end is [`Verdict::Unknown`]: time,
//! memory, a specification that panics. Deciding is NP-complete (Gibbons and Korach, SICOMP 1997), so
//! that no budget suffices for all.
//!
//! # Checked by
//! `tests/verify/`: agreement with brute force on random histories, of the search, the monitors and
//! sequential consistency; shrunk histories are wrong by brute force too, from the state at which they
//! begin.

mod excerpt;
mod explain;
mod judge;
mod lanes;
pub mod monitor;
#[cfg(test)]
mod numbers;
pub(super) mod report;
mod search;
mod seen;
mod shrink;
mod start;
mod tighten;
pub mod timeline;
mod verdict;

use super::{history::History, spec::SequentialSpec};
use crate::facade::time::{Duration, Instant};
use excerpt::Excerpt;
use explain::explain;
use judge::{Decision, Judge, Parts, Wrong, guarded};
use lanes::Order;
use search::Limits;
use shrink::{Shrunk, shrink};
use tighten::tightened;

pub use report::assert_linearizable;
pub use verdict::{Counterexample, Unknown, Verdict, Witness};

/// What of the order in a history an explanation must keep.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Consistency {
    /// A call that returned before another was invoked comes before it.
    #[default]
    Linearizable,
    /// The calls of each process come in its order; time does not matter (Lamport 1979). It is not
    /// local: the whole history is judged at once, which takes longer.
    Sequential,
}

/// Judges histories by a specification.
#[derive(Clone, Debug)]
#[must_use = "a checker judges a history with `check`"]
pub struct Checker<'a, S> {
    spec: &'a S,
    consistency: Consistency,
    time: Duration,
    memory: usize,
    shrinking: Duration,
    monitors: bool,
}

/// Settings.
impl<'a, S: SequentialSpec> Checker<'a, S> {
    /// A checker with the usual settings.
    pub fn new(spec: &'a S) -> Self {
        Checker {
            spec,
            consistency: Consistency::Linearizable,
            time: Duration::from_secs(60),
            memory: 1 << 30,
            shrinking: Duration::from_secs(5),
            monitors: true,
        }
    }

    /// How long it may look for a verdict (usually a minute); then [`Unknown::OutOfTime`]. The
    /// specification is not interrupted.
    pub fn time(mut self, time: Duration) -> Self {
        self.time = time;
        self
    }

    /// How much memory the search may take (usually a GiB); then [`Unknown::OutOfMemory`].
    ///
    /// It is an estimate: what a state holds on the heap is not known, and the bytes that its `Hash`
    /// shows stand for it. A state that shows a digest, as those of [`Map`](super::spec::Map) and
    /// [`Set`](super::spec::Set) do, takes more: each that differs may hold all entries. That counts
    /// where they are judged as a whole (a length was asked), not key by key.
    pub fn memory(mut self, bytes: usize) -> Self {
        self.memory = bytes;
        self
    }

    /// How long it may shrink a history that is wrong (usually 5 s, after the verdict); then the
    /// smallest so far is shown.
    pub fn shrinking(mut self, time: Duration) -> Self {
        self.shrinking = time;
        self
    }

    /// What to check (usually linearizability).
    pub fn consistency(mut self, consistency: Consistency) -> Self {
        self.consistency = consistency;
        self
    }

    /// Whether to ask [`SequentialSpec::monitor`] before a search (usually yes).
    pub fn monitors(mut self, asked: bool) -> Self {
        self.monitors = asked;
        self
    }
}

/// What came out of all parts of a history.
enum Judged<S: SequentialSpec> {
    /// The order of each.
    Right(Vec<Option<Vec<usize>>>),
    /// One that is wrong.
    Wrong(Excerpt<S::Operation, S::Result>, Wrong<S::State>),
    Unknown(Unknown),
}

/// Judging.
impl<S: SequentialSpec> Checker<'_, S> {
    /// Judges a history.
    ///
    /// What the specification, or the `Clone` or `Debug` of its operations and results, panics with
    /// is caught: there is no verdict then, or an explanation without those words.
    ///
    /// An empty one is linearizable. A budget of zero decides no other.
    ///
    /// Cost: about linear in the calls for histories of things that work and in which few calls
    /// overlap at a time (as many as threads run), with states that are copied and compared in
    /// constant time; calls that stay pending overlap all that follows. At worst exponential in the
    /// calls that overlap, up to the budget.
    pub fn check(
        &self,
        history: &History<S::Operation, S::Result>,
    ) -> Verdict<S::Operation, S::Result> {
        // Their `Clone` may panic, and whatever else is theirs.
        guarded(|| self.decide(history)).unwrap_or_else(Verdict::Unknown)
    }

    fn decide(
        &self,
        history: &History<S::Operation, S::Result>,
    ) -> Verdict<S::Operation, S::Result> {
        if history.is_empty() {
            return Verdict::Linearizable(Witness::default());
        }
        let judge = self.judge();
        let limits = self.limits(self.time);
        if limits.time_is_up() {
            return Verdict::Unknown(Unknown::OutOfTime);
        }
        let parts = match judge.parts(history) {
            Ok(parts) => parts,
            Err(why) => return Verdict::Unknown(why),
        };
        // Where processes tie parts together, a stronger order may be right, and have more parts.
        if !parts.joined.is_empty() {
            let strict = tightened(history).map(|(strict, indices)| {
                (self.in_parts(&judge, &strict, &self.limits(self.time / 4)), indices)
            });
            if let Some((Judged::Right(orders), indices)) = strict {
                let named =
                    |order: Vec<usize>| order.into_iter().map(|call| indices[call]).collect();
                let orders = orders.into_iter().map(|order| order.map(named)).collect();
                return Verdict::Linearizable(Witness { orders });
            }
        }
        match self.part_by_part(&judge, history, &limits, parts) {
            Judged::Right(orders) => Verdict::Linearizable(Witness { orders }),
            Judged::Wrong(excerpt, wrong) => self.violation(history.len(), excerpt, wrong),
            Judged::Unknown(why) => Verdict::Unknown(why),
        }
    }

    fn in_parts(
        &self,
        judge: &Judge<'_, S>,
        history: &History<S::Operation, S::Result>,
        limits: &Limits,
    ) -> Judged<S> {
        match judge.parts(history) {
            Ok(parts) => self.part_by_part(judge, history, limits, parts),
            Err(why) => Judged::Unknown(why),
        }
    }

    /// Judges each part of a history.
    fn part_by_part(
        &self,
        judge: &Judge<'_, S>,
        history: &History<S::Operation, S::Result>,
        limits: &Limits,
        Parts { parts, joined }: Parts,
    ) -> Judged<S> {
        let limits = *limits;
        let brief = |calls: usize| Limits { steps: 10_000 + 64 * calls as u64, ..limits };
        // What is wrong in a small part needs no look at the large one that it was joined to.
        for indices in joined {
            let excerpt = Excerpt::of(history, &indices);
            if let Decision::Wrong(wrong) = judge.decide(excerpt.history(), &brief(indices.len())) {
                return Judged::Wrong(excerpt, wrong);
            }
        }
        let mut orders = vec![None; parts.len()];
        let mut waiting: Vec<usize> = (0..parts.len()).collect();
        let mut unknown = None;
        // First each part briefly, then those that need more.
        for is_brief in [true, false] {
            for part in core::mem::take(&mut waiting) {
                let indices = &parts[part];
                let excerpt = Excerpt::of(history, indices);
                let limits = if is_brief { brief(indices.len()) } else { limits };
                match judge.decide(excerpt.history(), &limits) {
                    Decision::Right(order) => {
                        let named = |order: Vec<usize>| {
                            order.into_iter().map(|call| indices[call]).collect::<Vec<_>>()
                        };
                        orders[part] = order.map(named);
                    }
                    Decision::Wrong(wrong) => return Judged::Wrong(excerpt, wrong),
                    Decision::OutOfSteps => waiting.push(part),
                    Decision::Unknown(why) => unknown = unknown.or(Some(why)),
                }
            }
        }
        match unknown {
            Some(why) => Judged::Unknown(why),
            None => Judged::Right(orders),
        }
    }

    fn violation(
        &self,
        judged: usize,
        excerpt: Excerpt<S::Operation, S::Result>,
        wrong: Wrong<S::State>,
    ) -> Verdict<S::Operation, S::Result> {
        let whole = excerpt.clone();
        let Shrunk { excerpt, start } =
            shrink(self.judge(), &self.limits(self.shrinking), excerpt, wrong);
        // An explanation is a few searches of what is small by now.
        let limits = self.limits(self.shrinking.max(Duration::from_secs(1)));
        let judge = Judge { start: start.clone(), ..self.judge() };
        let (mut explanation, culprit) = explain(&judge, &limits, &excerpt, &whole);
        let start = start.map(|state| timeline::shown(&state));
        if let Some(state) = &start {
            let shown = shortened(state);
            explanation = format!("from {shown} on, {explanation}");
        }
        let (history, indices) = excerpt.into_parts();
        let timeline =
            timeline::Timeline::new(&history).title(&explanation).highlight(culprit.as_slice());
        Verdict::Violation(Box::new(Counterexample {
            history,
            indices,
            start,
            culprit,
            explanation,
            judged,
            timeline,
        }))
    }

    fn judge(&self) -> Judge<'_, S> {
        let order = match self.consistency {
            Consistency::Linearizable => Order::RealTime,
            Consistency::Sequential => Order::Program,
        };
        Judge { spec: self.spec, order, monitors: self.monitors, start: None }
    }

    /// Limits that begin to run now.
    fn limits(&self, time: Duration) -> Limits {
        let deadline = Instant::now().checked_add(time);
        Limits { deadline, memory: self.memory, steps: u64::MAX }
    }
}

/// So much of a text that a line stays a line.
fn shortened(text: &str) -> String {
    const LETTERS: usize = 120;
    match text.char_indices().nth(LETTERS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
