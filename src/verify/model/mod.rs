//! Models: a closure that runs once for each schedule, and the set of its outcomes.
//!
//! ```
//! use counterpoint::verify::{model::{Model, thread}, shim::{AtomicUsize, Ordering}};
//! use std::sync::Arc;
//!
//! Model::new("two increments").expect(&[2]).check(|| {
//!     let count = Arc::new(AtomicUsize::new(0));
//!     let other = Arc::clone(&count);
//!     // Relaxed: the join orders the last load.
//!     let adder = thread::spawn(move || other.fetch_add(1, Ordering::Relaxed));
//!     count.fetch_add(1, Ordering::Relaxed);
//!     adder.join().unwrap();
//!     count.load(Ordering::Relaxed)
//! });
//! ```
//!
//! # Two passes
//! No engine sees everything, so each model runs twice:
//! 1. [`Interleavings`](Engine::Interleavings), unbounded unless the model says otherwise: all
//!    sequentially consistent behaviours. It finds lost updates, uses after free, leaks, unordered
//!    accesses to a cell. The outcomes seen must *equal* the declared ones, so that no model is
//!    green because it saw nothing.
//! 2. [`Weak`](Engine::Weak), by loom, bounded: stale values, a missing Acquire or Release. Each
//!    outcome must be among the declared ones.
//!
//! Without feature `loom` only the first pass runs.
//!
//! Each pass prints one line, `model NAME [PASS]: N iterations, complete | bound B, K outcomes`. A
//! model that a single schedule ran is a failure.
//!
//! # Rules for the closure
//! It must be deterministic but for the schedule (no random hasher, no clock, no `std` thread), make
//! what it uses itself, and join its threads. Its outcome holds plain values. What an atomic must be
//! to be seen: [`shim`](super::shim).
//!
//! # Environment
//! `COUNTERPOINT_MODEL_DEEP=1` runs the weak pass with [`Model::deep_bound`], and the first one
//! without any bound.

pub mod thread;

use crate::facade::engine::{self, Exploration, Failure, Settings};
use core::fmt::Debug;
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

pub use crate::facade::engine::Engine;

/// A model's name and settings.
#[derive(Clone, Debug)]
#[must_use = "a model runs when it is checked"]
pub struct Model {
    name: String,
    only: Option<Engine>,
    roots: usize,
    cells: usize,
    max_branches: usize,
    checkpoint_interval: usize,
    bound: Option<usize>,
    weak_bound: usize,
    deep_bound: usize,
    may_leak: bool,
}

/// Settings.
impl Model {
    /// A model with the usual settings.
    pub fn new(name: impl Into<String>) -> Self {
        Model {
            name: name.into(),
            only: None,
            roots: 32,
            cells: 8,
            max_branches: 20_000,
            checkpoint_interval: 500,
            bound: None,
            weak_bound: 2,
            deep_bound: 3,
            may_leak: false,
        }
    }

    /// How many atomics made by `root` an execution may use (usually 32).
    pub fn roots(mut self, count: usize) -> Self {
        self.roots = count;
        self
    }

    /// How many cells made by `root` an execution may use (usually 8).
    pub fn cells(mut self, count: usize) -> Self {
        self.cells = count;
        self
    }

    /// After how many steps an execution counts as endless (usually 20,000).
    pub fn max_branches(mut self, steps: usize) -> Self {
        self.max_branches = steps;
        self
    }

    /// After how many iterations loom looks up (usually 500).
    pub fn checkpoint_interval(mut self, iterations: usize) -> Self {
        self.checkpoint_interval = iterations;
        self
    }

    /// Bounds the preemptions of the interleavings pass, where all of them are too many.
    pub fn bound(mut self, preemptions: usize) -> Self {
        self.bound = Some(preemptions);
        self
    }

    /// The bound of preemptions of the weak pass (usually 2).
    pub fn weak_bound(mut self, preemptions: usize) -> Self {
        self.weak_bound = preemptions;
        self.deep_bound = self.deep_bound.max(preemptions);
        self
    }

    /// The bound of the weak pass in a deep run (usually 3).
    pub fn deep_bound(mut self, preemptions: usize) -> Self {
        self.deep_bound = preemptions;
        self
    }

    /// Runs one pass only, where the other makes no sense. (Brute force is for small models.)
    pub fn only(mut self, engine: Engine) -> Self {
        self.only = Some(engine);
        self
    }

    /// Admits nodes that are left at the end of an execution: for a static container, which is
    /// never dropped.
    pub fn may_leak(mut self) -> Self {
        self.may_leak = true;
        self
    }

    /// The set of outcomes; see the module.
    pub fn expect<O: Outcome>(self, outcomes: &[O]) -> Expectation<O> {
        let outcomes = outcomes.iter().cloned().collect();
        Expectation { model: self, outcomes, weak_only: BTreeSet::new() }
    }
}

/// What the closure of a model returns: plain values, which can be compared and printed.
pub trait Outcome: Ord + Clone + Debug + Send + 'static {}

impl<O: Ord + Clone + Debug + Send + 'static> Outcome for O {}

/// A model with the outcomes that it must show.
#[derive(Clone, Debug)]
#[must_use = "a model runs when it is checked"]
pub struct Expectation<O> {
    model: Model,
    outcomes: BTreeSet<O>,
    weak_only: BTreeSet<O>,
}

/// An execution that failed.
#[derive(Clone, Debug)]
pub struct Counterexample {
    /// The pass that found it.
    pub engine: Engine,
    /// Which execution of the pass it was, counted from 1.
    pub iteration: usize,
    /// What the failing thread said.
    pub message: String,
    /// Where each thread was.
    pub last: Vec<String>,
}

impl core::fmt::Display for Counterexample {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Counterexample { engine, iteration, message, last } = self;
        write!(f, "[{engine}], iteration {iteration}: {message}")?;
        last.iter().try_for_each(|last| write!(f, "\n  {last}"))
    }
}

impl<O: Outcome> Expectation<O> {
    /// Outcomes that stale values add: the weak pass must show them, the first one must not.
    pub fn weak_only(mut self, outcomes: &[O]) -> Self {
        self.weak_only = outcomes.iter().cloned().collect();
        self
    }

    /// Runs the passes.
    ///
    /// # Panics
    /// When an execution panics, leaks or does not end; when the outcomes are not the declared
    /// ones; when a pass ran one schedule only.
    #[track_caller]
    pub fn check(self, body: impl Fn() -> O + Send + Sync + 'static) {
        let (model, body) = (&self.model, Arc::new(body));
        for engine in model.passes() {
            let seen = match model.run(engine, &body) {
                Ok((exploration, outcomes)) => {
                    model.report(engine, &exploration, outcomes.len());
                    outcomes
                }
                Err(counterexample) => panic!("model {} {counterexample}", model.name),
            };
            self.compare(engine, &seen);
        }
    }

    #[track_caller]
    fn compare(&self, engine: Engine, seen: &BTreeSet<O>) {
        let name = &self.model.name;
        let is_declared = |outcome: &&O| {
            let weak = engine == Engine::Weak && self.weak_only.contains(outcome);
            self.outcomes.contains(outcome) || weak
        };
        let extra: Vec<&O> = seen.iter().filter(|outcome| !is_declared(outcome)).collect();
        assert!(extra.is_empty(), "model {name} [{engine}]: outcomes {extra:?} are not declared");
        let none = BTreeSet::new();
        let must = match engine {
            Engine::Weak => &self.weak_only,
            Engine::Random | Engine::Pct => &none, // a sample
            _ => &self.outcomes,
        };
        let missing: Vec<&O> = must.difference(seen).collect();
        assert!(missing.is_empty(), "model {name} [{engine}]: outcomes {missing:?} never occurred");
    }
}

/// Running.
impl Model {
    /// Runs the passes until an execution fails: for a bug that was planted.
    ///
    /// # Panics
    /// When none fails.
    #[track_caller]
    pub fn counterexample<O: Outcome>(
        self,
        body: impl Fn() -> O + Send + Sync + 'static,
    ) -> Counterexample {
        let body = Arc::new(body);
        for engine in self.passes() {
            match self.run(engine, &body) {
                Ok((exploration, outcomes)) => self.report(engine, &exploration, outcomes.len()),
                Err(counterexample) => {
                    println!("model {} {counterexample}", self.name);
                    return counterexample;
                }
            }
        }
        panic!("model {}: no execution failed", self.name)
    }

    fn passes(&self) -> Vec<Engine> {
        match self.only {
            Some(engine) => vec![engine],
            None if engine::is_available(Engine::Weak) => vec![Engine::Interleavings, Engine::Weak],
            None => vec![Engine::Interleavings],
        }
    }

    /// The bound of preemptions of a pass.
    fn bound_of(&self, engine: Engine) -> Option<usize> {
        let deep = std::env::var_os("COUNTERPOINT_MODEL_DEEP").is_some_and(|value| value == "1");
        match engine {
            Engine::Weak => Some(if deep { self.deep_bound } else { self.weak_bound }),
            Engine::Interleavings | Engine::LoomInterleavings if !deep => self.bound,
            _ => None,
        }
    }

    /// One pass: what was explored, and its outcomes.
    fn run<O: Outcome>(
        &self,
        engine: Engine,
        body: &Arc<impl Fn() -> O + Send + Sync + 'static>,
    ) -> Result<(Exploration, BTreeSet<O>), Counterexample> {
        let seen = Arc::new(Mutex::new(BTreeSet::new()));
        let (body, outcomes) = (body.clone(), seen.clone());
        let once = move || {
            let outcome = body();
            outcomes.lock().unwrap_or_else(PoisonError::into_inner).insert(outcome);
        };
        let exploration = engine::explore(self.settings(engine), once);
        let outcomes = std::mem::take(&mut *seen.lock().unwrap_or_else(PoisonError::into_inner));
        match exploration {
            Ok(exploration) => Ok((exploration, outcomes)),
            Err(failure) => {
                let Failure { iteration, message, last, .. } = *failure;
                Err(Counterexample { engine, iteration, message, last })
            }
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn settings(&self, engine: Engine) -> Settings {
        Settings {
            engine,
            roots: self.roots,
            cells: self.cells,
            max_branches: self.max_branches,
            preemption_bound: self.bound_of(engine),
            checkpoint_interval: self.checkpoint_interval,
            record: false,
            may_leak: self.may_leak,
            limit: None,
            seed: 0,
            given: None,
        }
    }

    /// Prints what a pass has seen.
    #[track_caller]
    fn report(&self, engine: Engine, exploration: &Exploration, outcomes: usize) {
        let (name, iterations) = (&self.name, exploration.iterations);
        let extent = match self.bound_of(engine) {
            Some(bound) => format!("bound {bound}"),
            None if matches!(engine, Engine::Random | Engine::Pct) => "a sample".to_owned(),
            None => "complete".to_owned(),
        };
        println!("model {name} [{engine}]: {iterations} iterations, {extent}, {outcomes} outcomes");
        assert!(iterations > 1, "model {name} [{engine}]: one schedule only: nothing is shared");
    }
}
