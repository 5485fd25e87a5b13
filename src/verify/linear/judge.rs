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
pub(super) struct Judge<'a, S: SequentialSpec> {
    pub(super) spec: &'a S,
    pub(super) order: Order,
    pub(super) monitors: bool,
    /// The state at the start, if it is not the initial one.
    pub(super) start: Option<S::State>,
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

    /// What the monitor says; it knows linearizability alone, and nothing of a later start.
    pub(super) fn ask_monitor(
        &self,
        history: &History<S::Operation, S::Result>,
    ) -> Option<Result<(), String>> {
        let asked = self.monitors && self.order == Order::RealTime && self.start.is_none();
        if asked { self.spec.monitor(history) } else { None }
    }

    pub(super) fn search(
        &self,
        history: &History<S::Operation, S::Result>,
        limits: &Limits,
    ) -> Decision<S> {
        match self.explore(history, self.order, None, limits) {
            Ok(Outcome::Found { order, .. }) => Decision::Right(Some(order)),
            Ok(Outcome::Exhausted { met, stuck }) => {
                Decision::Wrong(Wrong::Search { states: met.states.into_list(), stuck })
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
        guarded(|| {
            let from = self.start.clone().unwrap_or_else(|| self.spec.initial());
            Search::new(self.spec, &calls, order, open).run(from, limits)
        })
    }

    /// The calls of each part of the object, by index; parts in the order in which they appear.
    ///
    /// Locality holds for an order of intervals. The order of a process is more than that where its
    /// calls touch, or overlap since they were widened: if two such calls are of different parts,
    /// the parts are judged as one. (Then every order between parts is one of intervals. If the parts'
    /// orders and those between them made a circle, the ends would grow all around it.)
    ///
    /// Sequential consistency is not local: two objects may each have an order that no common order
    /// contains.
    pub(super) fn parts(
        &self,
        history: &History<S::Operation, S::Result>,
    ) -> Result<Parts, Unknown> {
        let whole = || Parts { parts: vec![(0..history.len()).collect()], joined: Vec::new() };
        if self.order != Order::RealTime {
            return Ok(whole());
        }
        let calls = history.calls();
        let number = |index: usize| self.spec.part(&calls[index].operation);
        let numbers: Option<Vec<u64>> = guarded(|| (0..history.len()).map(number).collect())?;
        let Some(numbers) = numbers else { return Ok(whole()) };
        let single = grouped(numbers.iter().copied());
        let mut place = HashMap::new();
        for (nth, part) in single.iter().enumerate() {
            place.insert(numbers[part[0]], nth);
        }
        let mut union = Union { parent: (0..single.len()).collect() };
        let mut last: HashMap<usize, usize> = HashMap::new();
        for (index, call) in calls.iter().enumerate() {
            let before = last.insert(call.process, index);
            if let Some(before) = before.filter(|&before| calls[before].end() >= call.invoked) {
                union.join(place[&numbers[before]], place[&numbers[index]]);
            }
        }
        let roots: Vec<usize> = (0..single.len()).map(|part| union.root(part)).collect();
        let parts = grouped(numbers.iter().map(|number| roots[place[number]] as u64));
        let mut sizes = vec![0; single.len()];
        roots.iter().for_each(|&root| sizes[root] += 1);
        let single = single.into_iter().zip(&roots);
        let joined = single.filter(|(_, root)| sizes[**root] > 1).map(|(part, _)| part).collect();
        Ok(Parts { parts, joined })
    }
}

/// The calls of a history, by the part of the object that they concern.
pub(super) struct Parts {
    /// Those that are judged for themselves. All are right if and only if the history is.
    pub(super) parts: Vec<Vec<usize>>,
    /// What some of them were joined from. If one is wrong, so is the history; not vice versa.
    pub(super) joined: Vec<Vec<usize>>,
}

/// The indices of equal numbers, in the order in which these appear.
fn grouped(numbers: impl Iterator<Item = u64>) -> Vec<Vec<usize>> {
    let mut place = HashMap::new();
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (index, number) in numbers.enumerate() {
        let group = *place.entry(number).or_insert(groups.len());
        if group == groups.len() {
            groups.push(Vec::new());
        }
        groups[group].push(index);
    }
    groups
}

/// Disjoint sets (Tarjan, "Efficiency of a good but not linear set union algorithm", JACM 1975), with
/// paths halved.
struct Union {
    parent: Vec<usize>,
}

impl Union {
    fn root(&mut self, mut of: usize) -> usize {
        while self.parent[of] != of {
            self.parent[of] = self.parent[self.parent[of]];
            of = self.parent[of];
        }
        of
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        self.parent[one.max(other)] = one.min(other);
    }
}
