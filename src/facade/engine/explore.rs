//! Runs a body under one engine until every schedule has been seen.

use super::{
    driver::Driver,
    execution::{Execution, active},
    path::Extent,
    record::Behaviour,
    sequential,
};
use core::fmt;
use std::{
    any::Any,
    collections::BTreeSet,
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// An exploration engine, and what it sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Engine {
    /// All sequentially consistent behaviours, one execution for each class of equivalent ones.
    Interleavings,
    /// loom with dependencies that order nothing: stale values, missing Acquire or Release.
    Weak,
    /// Every interleaving, one by one: slow, and the oracle for `Interleavings`.
    BruteForce,
    /// loom with every access a read-modify-write: all sequentially consistent behaviours, by
    /// another implementation.
    LoomInterleavings,
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Engine::Interleavings => "interleavings",
            Engine::Weak => "weak",
            Engine::BruteForce => "brute force",
            Engine::LoomInterleavings => "loom interleavings",
        })
    }
}

/// How to explore.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) engine: Engine,
    /// Atomics made by `root` that one execution may use.
    pub(crate) roots: usize,
    /// Cells made by `root` that one execution may use.
    pub(crate) cells: usize,
    /// Steps of one execution after which it counts as endless.
    pub(crate) max_branches: usize,
    /// How often a thread may be interrupted in one execution; `None` for no bound.
    pub(crate) preemption_bound: Option<usize>,
    /// After how many executions loom looks up.
    #[cfg_attr(not(feature = "loom"), allow(dead_code))]
    pub(crate) checkpoint_interval: usize,
    /// Whether to collect behaviours.
    pub(crate) record: bool,
    /// Whether nodes may be left at the end of an execution.
    pub(crate) may_leak: bool,
}

/// What was seen.
#[derive(Debug, Default)]
pub(crate) struct Exploration {
    /// Executions.
    pub(crate) iterations: usize,
    /// Empty unless they were recorded.
    pub(crate) behaviours: BTreeSet<Behaviour>,
}

/// An execution that panicked.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    /// Which execution, counted from 1.
    pub(crate) iteration: usize,
    /// What it said.
    pub(crate) message: String,
    /// Where each thread was.
    pub(crate) last: Vec<String>,
}

/// Whether this build has the engine.
pub(crate) const fn is_available(engine: Engine) -> bool {
    match engine {
        Engine::Interleavings | Engine::BruteForce => true,
        Engine::Weak | Engine::LoomInterleavings => cfg!(feature = "loom"),
    }
}

/// Runs `body` once for each schedule that the engine distinguishes, or until one fails.
///
/// # Panics
/// Inside of a model, and when this build does not have the engine.
pub(crate) fn explore(
    settings: Settings,
    body: impl Fn() + Send + Sync + 'static,
) -> Result<Exploration, Failure> {
    assert!(!active(), "a model was started inside a model");
    /// A static has one binding: one model at a time.
    static ALONE: Mutex<()> = Mutex::new(());
    let _alone = lock(&ALONE);
    let seen = Arc::new(Mutex::new(Exploration::default()));
    let settings = Arc::new(settings);
    let once = {
        let (settings, seen) = (settings.clone(), seen.clone());
        move |driver: Rc<dyn Driver>| {
            lock(&seen).iterations += 1;
            let execution = Execution::begin(&settings, driver);
            body();
            let behaviour = execution.finish();
            if settings.record {
                lock(&seen).behaviours.insert(behaviour);
            }
        }
    };
    // The closure is not used again after a panic, and what it shares is behind a mutex.
    let ended = catch_unwind(AssertUnwindSafe(|| run(&settings, once)));
    let last = Execution::abandon();
    let seen = std::mem::take(&mut *lock(&seen));
    match ended {
        Ok(()) => Ok(seen),
        Err(panic) => Err(Failure { iteration: seen.iterations, message: message(&*panic), last }),
    }
}

fn run(settings: &Settings, once: impl Fn(Rc<dyn Driver>) + Send + Sync + 'static) {
    match settings.engine {
        Engine::Interleavings => {
            let extent = settings.preemption_bound.map_or(Extent::Classes, Extent::Bounded);
            sequential::explore(extent, settings.max_branches, once);
        }
        Engine::BruteForce => sequential::explore(Extent::Every, settings.max_branches, once),
        #[cfg(feature = "loom")]
        Engine::Weak | Engine::LoomInterleavings => super::loom::explore(settings, once),
        #[cfg(not(feature = "loom"))]
        engine => panic!("the engine `{engine}` needs the feature `loom`"),
    }
}

/// A poisoned lock is as good: what it guards is whole after each statement.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a panic said.
fn message(panic: &(dyn Any + Send)) -> String {
    match (panic.downcast_ref::<&str>(), panic.downcast_ref::<String>()) {
        (Some(message), _) => (*message).to_owned(),
        (_, Some(message)) => message.clone(),
        _ => "a panic without a message".to_owned(),
    }
}
