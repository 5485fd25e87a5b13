//! Decides one part of a history: by the specification's monitor where it has one that understands
//! the history, by the search otherwise. What the specification panics with is caught here.

use super::{
    super::{history::History, spec::SequentialSpec},
    lanes::Order,
    search::{Limits, Open, Outcome, Search},
    verdict::Unknown,
};
use core::any::Any;
use std::{
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
};

/// What is known of a part.
pub(super) enum Decision<S: SequentialSpec> {
    /// It is right; in this order, unless a monitor said so.
    Right(Option<Vec<usize>>),
    /// It is wrong.
    Wrong(Wrong<S::State>),
    /// It was given up.
    Unknown(Unknown),
    /// The steps ran out.
    OutOfSteps,
}

/// How a part was found wrong.
pub(super) enum Wrong<State> {
    /// By a monitor.
    Monitor,
    /// By a search, which met all states that the calls can reach, and explained what returned before
    /// a moment.
    Search { states: Vec<State>, stuck: u64 },
}

/// Runs what belongs to the specification.
pub(super) fn guarded<T>(run: impl FnOnce() -> T) -> Result<T, Unknown> {
    // A specification works on values of its own: nothing that a panic leaves behind is used.
    catch_unwind(AssertUnwindSafe(run))
        .map_err(|panic| Unknown::SpecificationPanicked(message(&*panic)))
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "...".to_owned())
}

/// By what a history is judged.
pub(super) struct Judge<'a, S> {
    pub(super) spec: &'a S,
    pub(super) order: Order,
    pub(super) monitors: bool,
}

impl<S: SequentialSpec> Judge<'_, S> {
    pub(super) fn decide(
        &self,
        history: &History<S::Operation, S::Result>,
        limits: &Limits,
    ) -> Decision<S> {
        let decided = guarded(|| match self.ask_monitor(history) {
            Some(Ok(())) => Decision::Right(None),
            Some(Err(_)) => Decision::Wrong(Wrong::Monitor),
            None => self.search(history, limits),
        });
        decided.unwrap_or_else(Decision::Unknown)
    }

    /// What the monitor says; it knows linearizability alone.
    pub(super) fn ask_monitor(
        &self,
        history: &History<S::Operation, S::Result>,
    ) -> Option<Result<(), String>> {
        let asked = self.monitors && self.order == Order::RealTime;
        if asked { self.spec.monitor(history) } else { None }
    }

    pub(super) fn search(
        &self,
        history: &History<S::Operation, S::Result>,
        limits: &Limits,
    ) -> Decision<S> {
        match self.explore(history, self.order, None, limits) {
            Ok(Outcome::Found { order, .. }) => Decision::Right(Some(order)),
            Ok(Outcome::Exhausted { states, stuck }) => {
                Decision::Wrong(Wrong::Search { states, stuck })
            }
            Ok(Outcome::OutOfSteps) => Decision::OutOfSteps,
            Ok(Outcome::GaveUp(why)) | Err(why) => Decision::Unknown(why),
        }
    }

    /// A search of any kind.
    pub(super) fn explore(
        &self,
        history: &History<S::Operation, S::Result>,
        order: Order,
        open: Option<Open<'_, S::Result>>,
        limits: &Limits,
    ) -> Result<Outcome<S>, Unknown> {
        let calls: Vec<_> = history.calls().iter().collect();
        guarded(|| Search::new(self.spec, &calls, order, open).run(limits))
    }

    /// The calls of each part of the object, by index; parts in the order in which they appear.
    ///
    /// Sequential consistency is not local: two objects may each have an order that no common order
    /// contains.
    pub(super) fn parts(
        &self,
        history: &History<S::Operation, S::Result>,
    ) -> Result<Vec<Vec<usize>>, Unknown> {
        let whole = || vec![(0..history.len()).collect()];
        if self.order != Order::RealTime {
            return Ok(whole());
        }
        let number = |index: usize| self.spec.part(&history.calls()[index].operation);
        let numbers: Option<Vec<u64>> = guarded(|| (0..history.len()).map(number).collect())?;
        let Some(numbers) = numbers else { return Ok(whole()) };
        let mut place = HashMap::new();
        let mut parts: Vec<Vec<usize>> = Vec::new();
        for (index, number) in numbers.into_iter().enumerate() {
            let part = *place.entry(number).or_insert(parts.len());
            if part == parts.len() {
                parts.push(Vec::new());
            }
            parts[part].push(index);
        }
        Ok(parts)
    }
}
