//! Scenarios: threads of operations on one object, declared once, run by every engine of the build
//! and on real threads, and judged by the object's specification.
//!
//! ```
//! use counterpoint::{
//!     queue::MsQueue,
//!     verify::{scenario::Scenario, spec::{Queue, queue::Operation::{self, Pop, Push}}},
//! };
//!
//! let apply = |queue: &MsQueue<u32>, asked: &Operation<u32>| match asked {
//!     Push(value) => queue.pin().push(*value).into(),
//!     Pop => queue.pin().pop().into(),
//!     _ => unreachable!("not asked"),
//! };
//! Scenario::new("two consumers", Queue::new(), MsQueue::new, apply)
//!     .before([Push(1)])
//!     .thread([Pop])
//!     .thread([Push(2), Pop])
//!     .check();
//! ```
//!
//! # What runs it
//! | [`Runner`] | needs | sees | complete |
//! |---|---|---|---|
//! | `Interleavings` | feature `engine` | sequentially consistent behaviours | unless bounded |
//! | `BruteForce` | feature `engine` | the same, unreduced and blind to the heap; given up when too many | when it ends |
//! | `LoomInterleavings` | feature `loom` | what `Interleavings` sees, by another implementation | when it ends within its limit |
//! | `Weak` | feature `loom` | stale values, up to a bound of preemptions | no |
//! | `Random`, `Pct` | feature `shuttle` | sequentially consistent behaviours, some | no |
//! | `Threads` | nothing | what the processor shows in so many rounds | no |
//! | `Fuzzed` | feature `fuzz` | the operations and the schedule that an input of a fuzzer holds | no |
//!
//! # What it is judged by
//! * **Outcomes**: the results of each thread, and of the operations after. Unless they are declared
//!   they follow from the specification: those of its operations one at a time, in every order. Each
//!   runner fails on an outcome that is not among them; a complete one must show all of them, so that
//!   no scenario is green because it saw nothing.
//! * **Histories**: what precedes what, in each execution of the sequentially consistent engines and
//!   each round of real threads, must be [linearizable](super::linear). In the pass `Weak` threads
//!   share no clock, so only outcomes count. See [`real_time`](Scenario::real_time).
//! * **Panics, races, uses after free, leaks**: those of the engines.
//!
//! # Failures
//! They show what went wrong in a line, a table of the interleaving (engines) and the timeline of
//! the history, and a token: with `COUNTERPOINT_REPLAY=…` in the environment that scenario runs that
//! schedule and no other (loom: all executions up to that one, since it takes no schedule; real
//! threads: the saved history is judged again). Other scenarios run as ever.

mod execution;
#[cfg(feature = "engine")]
mod explored;
#[cfg(not(feature = "engine"))]
#[path = "unexplored.rs"]
mod explored;
#[cfg(feature = "fuzz")]
mod fuzzed;
#[cfg(feature = "proptest")]
mod generated;
mod outcomes;
mod problem;
mod saved;
mod settings;
#[cfg(feature = "engine")]
mod table;
mod threads;
mod token;

use super::{linear::Consistency, spec::SequentialSpec};
use crate::facade::time::Instant;
use core::fmt::{self, Debug};
use execution::{Declared, Expected};
use settings::Settings;
use std::sync::{Arc, OnceLock};
use token::Token;

#[cfg(feature = "fuzz")]
pub use fuzzed::fuzz;
#[cfg(feature = "proptest")]
pub use generated::Generated;
pub use problem::Problem;

/// Plain data: what operations and results are made of, so that they can be shown and sent to
/// threads. (What differs must look different when it is shown: saved histories are text.)
pub trait Data: Clone + Debug + Send + Sync + 'static {}

impl<D: Clone + Debug + Send + Sync + 'static> Data for D {}

/// The results of each thread in its order, and last those of the operations after all of them.
pub type Outcome<R> = Vec<Vec<R>>;

/// What runs a scenario; see the [module](self).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Runner {
    /// All sequentially consistent behaviours.
    Interleavings,
    /// The same without reduction, for small scenarios.
    BruteForce,
    /// The same by loom, as far as its limit lets it: a second opinion.
    LoomInterleavings,
    /// Stale values.
    Weak,
    /// Random schedules.
    Random,
    /// Random priorities.
    Pct,
    /// Real threads.
    Threads,
    /// The schedule that a fuzzer wants; see `fuzz`.
    Fuzzed,
}

impl Runner {
    /// All, in the order in which a scenario runs under them.
    pub const ALL: [Runner; 8] = [
        Runner::Interleavings,
        Runner::BruteForce,
        Runner::LoomInterleavings,
        Runner::Weak,
        Runner::Random,
        Runner::Pct,
        Runner::Threads,
        Runner::Fuzzed,
    ];

    /// Whether this build has it.
    pub const fn is_available(self) -> bool {
        match self {
            Runner::Threads => true,
            Runner::Fuzzed => cfg!(feature = "fuzz"),
            engine => explored::is_available(engine),
        }
    }
}

impl fmt::Display for Runner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Runner::Interleavings => "interleavings",
            Runner::BruteForce => "brute-force",
            Runner::LoomInterleavings => "loom-interleavings",
            Runner::Weak => "weak",
            Runner::Random => "random",
            Runner::Pct => "pct",
            Runner::Threads => "threads",
            Runner::Fuzzed => "fuzzed",
        })
    }
}

/// What a runner has seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Who ran it.
    pub runner: Runner,
    /// Executions, or rounds of real threads.
    pub runs: usize,
    /// Whether that is all there is to see for this runner.
    pub is_complete: bool,
    /// Whether two threads met at an atomic that one of them wrote; `None` where nobody looks.
    pub is_shared: Option<bool>,
    /// Different outcomes.
    pub outcomes: usize,
    /// How many there are without stale values; `None` where that is unknown.
    pub expected: Option<usize>,
    /// Different histories that were judged.
    pub histories: usize,
}

/// Threads of operations on an object; see the [module](self).
#[must_use = "a scenario runs when it is checked"]
pub struct Scenario<S: SequentialSpec, T> {
    declared: Declared<S, T>,
    settings: Settings,
}

/// Declaring.
impl<S, T> Scenario<S, T>
where
    S: SequentialSpec<Operation: Data, Result: Data> + Send + Sync + 'static,
    T: Send + Sync + 'static,
{
    /// A scenario without operations: each execution `make`s an object and `apply`s operations.
    ///
    /// `make` and `apply` must be deterministic but for the schedule.
    pub fn new(
        name: impl Into<String>,
        spec: S,
        make: impl Fn() -> T + Send + Sync + 'static,
        apply: impl Fn(&T, &S::Operation) -> S::Result + Send + Sync + 'static,
    ) -> Self {
        let name = name.into();
        let declared = Declared {
            case: None,
            name,
            spec: Arc::new(spec),
            consistency: Consistency::Linearizable,
            make: Arc::new(make),
            apply: Arc::new(apply),
            before: Vec::new(),
            threads: Vec::new(),
            after: Vec::new(),
            expected: Expected::OfSpecification,
            known: OnceLock::new(),
            weak_only: Vec::new(),
        };
        Scenario { declared, settings: Settings::default() }
    }

    /// Operations before all threads, in one thread.
    pub fn before(mut self, operations: impl IntoIterator<Item = S::Operation>) -> Self {
        self.declared.before.extend(operations);
        self
    }

    /// One thread more, and its operations.
    pub fn thread(mut self, operations: impl IntoIterator<Item = S::Operation>) -> Self {
        self.declared.threads.push(operations.into_iter().collect());
        self
    }

    /// Operations after all threads, in one thread: what is left.
    pub fn after(mut self, operations: impl IntoIterator<Item = S::Operation>) -> Self {
        self.declared.after.extend(operations);
        self
    }

    /// The sequentially consistent outcomes, instead of those that follow from the specification.
    pub fn expect(mut self, outcomes: impl IntoIterator<Item = Outcome<S::Result>>) -> Self {
        self.declared.expected = Expected::Declared(outcomes.into_iter().collect());
        self
    }

    /// Any outcome: histories alone are judged. For specifications whose steps need to see the answer,
    /// so that no outcome follows from them. (Under `Weak` nothing is left to judge: it is refused.)
    pub fn any_outcome(mut self) -> Self {
        self.declared.expected = Expected::Any;
        self
    }

    /// Outcomes that stale values may add: on real threads and in the pass `Weak`.
    pub fn weak_only(mut self, outcomes: impl IntoIterator<Item = Outcome<S::Result>>) -> Self {
        self.declared.weak_only.extend(outcomes);
        self
    }

    /// Judges histories by the order of each thread alone, with what comes before and after all of
    /// them; time does not count (Lamport 1979).
    pub fn sequentially_consistent(mut self) -> Self {
        self.declared.consistency = Consistency::Sequential;
        self
    }
}

/// Settings.
impl<S: SequentialSpec, T> Scenario<S, T> {
    /// These runners alone, of those that the build has.
    pub fn only(mut self, runners: impl IntoIterator<Item = Runner>) -> Self {
        self.settings.runners = runners.into_iter().collect();
        self
    }

    /// Bounds the preemptions of `Interleavings` and `LoomInterleavings`, where all are too many: they
    /// are then not complete.
    pub fn bound(mut self, preemptions: usize) -> Self {
        self.settings.bound = Some(preemptions);
        self
    }

    /// Makes every order of one operation's return and another's invocation a schedule of its own,
    /// so that a complete runner judges every history, where it shows every outcome otherwise. It
    /// costs schedules: for small scenarios.
    pub fn real_time(mut self) -> Self {
        self.settings.real_time = true;
        self
    }

    /// After how many executions `Interleavings` ends: it is then not complete.
    pub fn limit(mut self, executions: usize) -> Self {
        self.settings.limit = Some(executions);
        self
    }

    /// The bound of preemptions of `Weak` (usually 2).
    pub fn weak_bound(mut self, preemptions: usize) -> Self {
        self.settings.weak_bound = preemptions;
        self
    }

    /// After how many executions brute force gives up (usually 20,000).
    pub fn brute_force_limit(mut self, executions: usize) -> Self {
        self.settings.brute_force_limit = executions;
        self
    }

    /// After how many executions `LoomInterleavings` ends (usually 4,000): it is then not complete.
    pub fn loom_limit(mut self, executions: usize) -> Self {
        self.settings.loom_limit = executions;
        self
    }

    /// How many random schedules (usually 500 of each kind).
    pub fn schedules(mut self, schedules: usize) -> Self {
        self.settings.schedules = schedules;
        self
    }

    /// How many rounds on real threads (usually 500).
    pub fn rounds(mut self, rounds: usize) -> Self {
        self.settings.rounds = rounds;
        self
    }

    /// How many atomics made by `root` an execution may use (usually 32).
    pub fn roots(mut self, count: usize) -> Self {
        self.settings.roots = count;
        self
    }

    /// Admits nodes that are left at the end of an execution.
    pub fn may_leak(mut self) -> Self {
        self.settings.may_leak = true;
        self
    }
}

/// Running.
impl<S, T> Scenario<S, T>
where
    S: SequentialSpec<Operation: Data, Result: Data> + Send + Sync + 'static,
    T: Send + Sync + 'static,
{
    /// Runs it under every runner of the build; prints a line for each.
    ///
    /// # Panics
    /// With the [`Problem`], when one fails.
    #[track_caller]
    pub fn check(self) {
        if let Err(problem) = self.run() {
            panic!("{problem}");
        }
    }

    /// Runs it under every runner of the build, or as the token in `COUNTERPOINT_REPLAY` says.
    ///
    /// # Errors
    /// The first problem.
    pub fn run(self) -> Result<Vec<Report>, Box<Problem>> {
        if let Some(token) = Token::of_environment(&self.declared.name)? {
            if token.scenario == self.declared.id() {
                return Err(self.replay(&token));
            }
        }
        self.run_all(|line| println!("{line}"))
    }

    /// What a token says.
    fn replay(self, token: &Token) -> Box<Problem> {
        execution::replay(&Arc::new(self.declared), &self.settings, token)
    }

    /// Every runner of the build; a line about each.
    fn run_all(self, tell: impl Fn(&str)) -> Result<Vec<Report>, Box<Problem>> {
        let Scenario { declared, settings } = self;
        let declared = Arc::new(declared);
        let mut reports = Vec::new();
        for runner in settings.runners.iter().filter(|runner| runner.is_available()) {
            let begin = Instant::now();
            let Some(report) = execution::run(&declared, &settings, *runner)? else { continue };
            let seconds = begin.elapsed().as_secs_f64();
            tell(&format!("{}, {seconds:.2} s", declared.line(&report, &settings)));
            reports.push(report);
        }
        if reports.is_empty() {
            let message = format!("nothing runs it: this build has none of {:?}", settings.runners);
            return Err(Problem::other(&declared.name, message));
        }
        Ok(reports)
    }

    /// Runs it until a runner fails: for a bug that was planted.
    ///
    /// # Panics
    /// When none does.
    #[track_caller]
    pub fn problem(self) -> Problem {
        let name = self.declared.name.clone();
        match self.run() {
            Err(problem) => *problem,
            Ok(reports) => panic!("scenario {name}: nothing failed: {reports:?}"),
        }
    }
}

impl<S: SequentialSpec<Operation: Data, Result: Data>, T> Debug for Scenario<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Declared { name, before, threads, after, .. } = &self.declared;
        f.debug_struct("Scenario")
            .field("name", name)
            .field("before", before)
            .field("threads", threads)
            .field("after", after)
            .finish_non_exhaustive()
    }
}
