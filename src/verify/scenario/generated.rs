//! Scenarios whose operations are drawn at random and, when one fails, shrunk (after lincheck:
//! Koval, Fedorov, Sokolova, Tsitelov, Alistarh, CAV 2023).
//!
//! A case is drawn from a seed of its own, so that the seed and the steps of its shrinking, which
//! proptest takes by itself, name it: they are part of the replay token.

use super::{
    Data, Problem, Report, Runner, Scenario,
    execution::{Apply, Declared, Expected, UNSHARED},
    settings::{Settings, seed},
    token::{Token, id},
};
use crate::{
    facade::time::{Duration, Instant},
    verify::{linear::Consistency, spec::SequentialSpec},
};
use core::{fmt, ops::RangeInclusive};
use proptest::{
    collection::vec,
    strategy::{BoxedStrategy, Strategy, ValueTree},
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use std::sync::{Arc, OnceLock};

/// Shrinking ends after so many attempts, or so long.
const ATTEMPTS: usize = 500;
const SHRINKING: Duration = Duration::from_secs(60);

/// Scenarios of random operations; see the [module](super).
///
/// ```
/// # #[cfg(feature = "engine")] {
/// use counterpoint::{stack::TreiberStack, verify::{scenario::Generated, spec::stack::{Operation, Stack}}};
/// use proptest::prelude::*;
///
/// let operations = prop_oneof![(1..4u32).prop_map(Operation::Push), Just(Operation::Pop)];
/// Generated::new("stack", Stack::new(), operations, TreiberStack::new, |stack, operation| {
///     match operation {
///         Operation::Push(value) => stack.pin().push(*value).into(),
///         Operation::Pop => stack.pin().pop().into(),
///         _ => unreachable!("not drawn"),
///     }
/// })
/// .cases(8)
/// .check();
/// # }
/// ```
#[must_use = "scenarios run when they are checked"]
pub struct Generated<S: SequentialSpec, T> {
    name: String,
    spec: Arc<S>,
    operations: BoxedStrategy<S::Operation>,
    make: Arc<dyn Fn() -> T + Send + Sync>,
    apply: Apply<S, T>,
    before: RangeInclusive<usize>,
    threads: RangeInclusive<usize>,
    of_each: RangeInclusive<usize>,
    cases: usize,
    settings: Settings,
}

/// The operations of a case: before, of each thread.
type Drawn<O> = (Vec<O>, Vec<Vec<O>>);

impl<S, T> Generated<S, T>
where
    S: SequentialSpec<Operation: Data, Result: Data> + Send + Sync + 'static,
    T: Send + Sync + 'static,
{
    /// Up to three threads of up to three operations out of `operations`, after up to three others.
    pub fn new(
        name: impl Into<String>,
        spec: S,
        operations: impl Strategy<Value = S::Operation> + 'static,
        make: impl Fn() -> T + Send + Sync + 'static,
        apply: impl Fn(&T, &S::Operation) -> S::Result + Send + Sync + 'static,
    ) -> Self {
        let settings = Settings {
            bound: Some(2),
            limit: Some(2_000),
            schedules: 50,
            rounds: 20,
            runners: vec![Runner::Interleavings, Runner::Random, Runner::Pct, Runner::Threads],
            ..Settings::default()
        };
        Generated {
            name: name.into(),
            spec: Arc::new(spec),
            operations: operations.boxed(),
            make: Arc::new(make),
            apply: Arc::new(apply),
            before: 0..=3,
            threads: 2..=3,
            of_each: 1..=3,
            cases: 32,
            settings,
        }
    }

    /// How many operations before the threads (usually 0 to 3).
    pub fn before(mut self, operations: RangeInclusive<usize>) -> Self {
        self.before = operations;
        self
    }

    /// How many threads (usually 2 or 3).
    pub fn threads(mut self, threads: RangeInclusive<usize>) -> Self {
        self.threads = threads;
        self
    }

    /// How many operations each thread has (usually 1 to 3).
    pub fn operations(mut self, of_each: RangeInclusive<usize>) -> Self {
        self.of_each = of_each;
        self
    }

    /// How many scenarios are drawn (usually 32).
    pub fn cases(mut self, cases: usize) -> Self {
        self.cases = cases;
        self
    }

    /// Changes how each scenario runs: its runners, its bounds. (Usually `Interleavings` up to 2
    /// preemptions and 2,000 executions, 50 random schedules of each kind, 20 rounds of threads.)
    ///
    /// # Panics
    /// When it changes what the scenarios do: that is drawn.
    pub fn each(mut self, change: impl FnOnce(Scenario<S, T>) -> Scenario<S, T>) -> Self {
        let blank = self.scenario((Vec::new(), Vec::new()), 0, "");
        let Scenario { declared, settings } = change(blank);
        let Declared { before, threads, after, expected, weak_only, consistency, .. } = declared;
        let is_blank = before.is_empty() && threads.is_empty() && after.is_empty();
        let is_judged_so = matches!(expected, Expected::Any) && weak_only.is_empty();
        assert!(
            is_blank && is_judged_so && consistency == Consistency::Linearizable,
            "`each` changes how scenarios run, not what they do or how they are judged"
        );
        self.settings = settings;
        self
    }

    /// Draws and runs.
    ///
    /// # Panics
    /// With the [`Problem`] of the smallest scenario that fails, when one does.
    #[track_caller]
    pub fn check(self) {
        if let Err(problem) = self.run() {
            panic!("{problem}");
        }
    }

    /// Draws until a scenario fails: for a bug that was planted.
    ///
    /// # Panics
    /// When none does.
    #[track_caller]
    pub fn problem(self) -> Problem {
        let (name, cases) = (self.name.clone(), self.cases);
        match self.run() {
            Err(problem) => *problem,
            Ok(()) => panic!("scenario {name}: none of {cases} cases failed"),
        }
    }

    /// Draws and runs, or runs what the token in `COUNTERPOINT_REPLAY` says.
    ///
    /// # Errors
    /// The problem of the smallest scenario that fails.
    pub fn run(self) -> Result<(), Box<Problem>> {
        let token = Token::of_environment(&self.name)?;
        let of_this = |token: &Token| token.scenario.starts_with(&self.case(""));
        if let Some(token) = token.filter(of_this) {
            let wrong = |why: &str| Problem::other(&self.name, why.to_owned());
            let case = &token.scenario[self.case("").len()..];
            let (seed, moves) = case.split_once('-').unwrap_or((case, ""));
            let seed = u64::from_str_radix(seed, 16)
                .map_err(|_| wrong("the token's seed is not hexadecimal"))?;
            let drawn = self.drawn_again(seed, moves).map_err(|why| wrong(&why))?;
            return Err(self.scenario(drawn, seed, moves).replay(&token));
        }
        if self.cases == 0 {
            return Err(Problem::other(&self.name, "no case is drawn".to_owned()));
        }
        let first = seed();
        let mut is_shared = None;
        println!("scenario {}: to repeat: COUNTERPOINT_SEED={first}", self.name);
        for case in 0..self.cases {
            let seed = first.wrapping_add((case as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15));
            for report in self.judge(seed)? {
                is_shared = is_shared.max(report.is_shared);
            }
        }
        if is_shared == Some(false) {
            return Err(Problem::other(&self.name, UNSHARED.to_owned()));
        }
        println!("scenario {} [generated]: {} cases", self.name, self.cases);
        Ok(())
    }

    fn strategy(&self) -> impl Strategy<Value = Drawn<S::Operation>> + use<S, T> {
        let operation = &self.operations;
        let threads = vec(vec(operation.clone(), self.of_each.clone()), self.threads.clone());
        (vec(operation.clone(), self.before.clone()), threads)
    }

    fn tree(
        &self,
        seed: u64,
    ) -> Result<impl ValueTree<Value = Drawn<S::Operation>> + use<S, T>, String> {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        let config = Config { failure_persistence: None, ..Config::default() };
        let mut runner = TestRunner::new_with_rng(config, rng);
        self.strategy().new_tree(&mut runner).map_err(|why| format!("nothing can be drawn: {why}"))
    }

    /// A case by its name.
    fn drawn_again(&self, seed: u64, moves: &str) -> Result<Drawn<S::Operation>, String> {
        let mut tree = self.tree(seed)?;
        for letter in moves.chars() {
            let moved = match letter {
                's' => tree.simplify(),
                'c' => tree.complicate(),
                other => return Err(format!("`{other}` is no step of shrinking")),
            };
            if !moved {
                return Err("the token's steps of shrinking lead nowhere".to_owned());
            }
        }
        Ok(tree.current())
    }

    /// What names a case in its token: the seed and the steps of its shrinking.
    fn case(&self, of: &str) -> String {
        format!("{}-case-{of}", id(&self.name, "drawn"))
    }

    /// Draws one case and runs it; shrinks what fails.
    fn judge(&self, seed: u64) -> Result<Vec<Report>, Box<Problem>> {
        let mut tree = self.tree(seed).map_err(|why| Problem::other(&self.name, why))?;
        let run = |drawn, moves: &str| self.scenario(drawn, seed, moves).run_all(|_| ());
        let mut smallest = match run(tree.current(), "") {
            Err(problem) => problem,
            Ok(reports) => return Ok(reports),
        };
        // What does not end takes its patience at each attempt.
        let begin = Instant::now();
        let mut moves = String::new();
        let mut fails = true;
        for _ in 0..ATTEMPTS {
            if begin.elapsed() > SHRINKING {
                break;
            }
            let moved = if fails { tree.simplify() } else { tree.complicate() };
            if !moved {
                break;
            }
            moves.push(if fails { 's' } else { 'c' });
            match run(tree.current(), &moves) {
                Err(problem) => (smallest, fails) = (problem, true),
                Ok(_) => fails = false,
            }
        }
        Err(smallest)
    }

    /// The scenario of a case.
    fn scenario(
        &self,
        (before, threads): Drawn<S::Operation>,
        seed: u64,
        moves: &str,
    ) -> Scenario<S, T> {
        let case = match moves {
            "" => format!("{seed:x}"),
            moves => format!("{seed:x}-{moves}"),
        };
        let declared = Declared {
            name: format!("{}, case {}", self.name, case.replace('-', " ")),
            case: Some(self.case(&case)),
            spec: self.spec.clone(),
            consistency: Consistency::Linearizable,
            make: self.make.clone(),
            apply: self.apply.clone(),
            before,
            threads,
            after: Vec::new(),
            expected: Expected::Any,
            known: OnceLock::new(),
            weak_only: Vec::new(),
        };
        Scenario { declared, settings: self.settings.clone() }
    }
}

impl<S: SequentialSpec, T> fmt::Debug for Generated<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Generated").field("name", &self.name).finish_non_exhaustive()
    }
}
