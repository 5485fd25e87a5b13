//! Runs a body under one engine until every schedule has been seen.

use super::{
    driver::Driver,
    execution::{Execution, active},
    path::{Extent, Given},
    record::{Behaviour, Trace},
    sequential,
};
use core::{cell::RefCell, fmt};
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
    /// shuttle, picking at random: sequentially consistent behaviours of what is too big to explore.
    Random,
    /// shuttle with probabilistic concurrency testing: random priorities, few changes of them
    /// (Burckhardt, Kothari, Musuvathi, Nagarakatte 2010): finds bugs that need few preemptions.
    Pct,
}

impl Engine {
    /// All engines.
    pub const ALL: [Engine; 6] = [
        Engine::Interleavings,
        Engine::Weak,
        Engine::BruteForce,
        Engine::LoomInterleavings,
        Engine::Random,
        Engine::Pct,
    ];
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Engine::Interleavings => "interleavings",
            Engine::Weak => "weak",
            Engine::BruteForce => "brute force",
            Engine::LoomInterleavings => "loom interleavings",
            Engine::Random => "random",
            Engine::Pct => "PCT",
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
    /// How many executions at most; shuttle has no end otherwise.
    pub(crate) limit: Option<usize>,
    /// What shuttle's picks are drawn from.
    #[cfg_attr(not(feature = "shuttle"), allow(dead_code))]
    pub(crate) seed: u64,
    /// The only schedule to run, for engines that take one.
    pub(crate) given: Option<Given>,
}

/// What was seen.
#[derive(Debug, Default)]
pub(crate) struct Exploration {
    /// Executions.
    pub(crate) iterations: usize,
    /// Whether the limit ended it.
    pub(crate) is_cut: bool,
    /// Whether two threads beside the main one met at a word that one of them wrote.
    pub(crate) is_shared: bool,
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
    /// Who went on at each step, in engines that can be given that.
    pub(crate) schedule: Vec<usize>,
    /// What the threads did, in order.
    pub(crate) trace: Trace,
}

/// Whether this build has the engine.
pub(crate) const fn is_available(engine: Engine) -> bool {
    match engine {
        Engine::Interleavings | Engine::BruteForce => true,
        Engine::Weak | Engine::LoomInterleavings => cfg!(feature = "loom"),
        Engine::Random | Engine::Pct => cfg!(feature = "shuttle"),
    }
}

/// Runs `body` once for each schedule that the engine distinguishes, or until one fails.
///
/// # Panics
/// Inside of a model, and when this build does not have the engine.
pub(crate) fn explore(
    settings: Settings,
    body: impl Fn() + Send + Sync + 'static,
) -> Result<Exploration, Box<Failure>> {
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
            lock(&seen).is_shared |= execution.is_shared();
            let behaviour = execution.finish();
            if settings.record {
                lock(&seen).behaviours.insert(behaviour);
            }
        }
    };
    // The closure is not used again after a panic, and what it shares is behind a mutex.
    let schedule = Rc::default();
    let ended = catch_unwind(AssertUnwindSafe(|| run(&settings, &schedule, once)));
    let (last, trace) = Execution::abandon();
    let seen = std::mem::take(&mut *lock(&seen));
    match ended {
        // loom does not tell; where it ended at the very limit, that counts as cut.
        Ok(is_whole) => {
            let is_cut =
                !is_whole || is_loom(settings.engine) && settings.limit == Some(seen.iterations);
            Ok(Exploration { is_cut, ..seen })
        }
        Err(panic) => Err(Box::new(Failure {
            iteration: seen.iterations,
            message: message(&*panic),
            last,
            schedule: schedule.take(),
            trace,
        })),
    }
}

/// False when the limit ended it.
fn run(
    settings: &Settings,
    schedule: &Rc<RefCell<Vec<usize>>>,
    once: impl Fn(Rc<dyn Driver>) + Send + Sync + 'static,
) -> bool {
    let engine = settings.engine;
    let extent = match (engine, &settings.given, settings.preemption_bound) {
        (Engine::Interleavings | Engine::BruteForce, Some(given), _) => {
            Extent::Given(given.clone())
        }
        (Engine::Interleavings, None, Some(bound)) => Extent::Bounded(bound),
        (Engine::Interleavings, None, None) => Extent::Classes,
        (Engine::BruteForce, None, _) => Extent::Every,
        #[cfg(feature = "loom")]
        (Engine::Weak | Engine::LoomInterleavings, ..) => {
            super::loom::explore(settings, once);
            return true;
        }
        #[cfg(feature = "shuttle")]
        (Engine::Random | Engine::Pct, ..) => {
            super::shuttle::explore(settings, schedule, once);
            return true;
        }
        #[allow(unreachable_patterns, reason = "a build may have every engine")]
        _ => panic!("the engine `{engine}` needs the feature `{}`", feature(engine)),
    };
    sequential::explore(extent, settings, schedule, once)
}

const fn is_loom(engine: Engine) -> bool {
    matches!(engine, Engine::Weak | Engine::LoomInterleavings)
}

/// The feature that an engine comes with.
const fn feature(engine: Engine) -> &'static str {
    match engine {
        Engine::Interleavings | Engine::BruteForce => "engine",
        Engine::Weak | Engine::LoomInterleavings => "loom",
        Engine::Random | Engine::Pct => "shuttle",
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
