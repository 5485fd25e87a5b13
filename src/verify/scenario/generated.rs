//! Scenarios whose operations are drawn at random and, when one fails, shrunk (after lincheck:
//! Koval, Fedorov, Sokolova, Tsitelov, Alistarh, CAV 2023).
//!
//! A case is drawn from a seed of its own, so that the seed and the steps of its shrinking, which
//! proptest takes by itself, name it: they are part of the replay token.

use super::{
    Data, Problem, Runner, Scenario,
    execution::{Apply, Declared, Expected},
    settings::{Settings, seed},
    token::{Token, slug},
};
use crate::verify::{linear::Consistency, spec::SequentialSpec};
use core::{fmt, ops::RangeInclusive};
use proptest::{
    collection::vec,
    strategy::{BoxedStrategy, Strategy, ValueTree},
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use std::sync::Arc;

/// Shrinking ends after so many attempts.
const ATTEMPTS: usize = 500;

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
    pub fn each(mut self, change: impl FnOnce(Scenario<S, T>) -> Scenario<S, T>) -> Self {
        let blank = self.scenario((Vec::new(), Vec::new()), 0, "");
        self.settings = change(blank).settings;
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
        if let Some(token) = Token::of(&self.name)? {
            let wrong = |why: &str| Problem::other(&self.name, why.to_owned());
            let case = token.case(&self.name).ok_or_else(|| wrong("the token names no case"))?;
            let (seed, moves) = case.split_once('-').unwrap_or((case, ""));
            let seed = u64::from_str_radix(seed, 16)
                .map_err(|_| wrong("the token's seed is not hexadecimal"))?;
            let drawn = self.drawn_again(seed, moves).map_err(|why| wrong(&why))?;
            return Err(self.scenario(drawn, seed, moves).replay(&token));
        }
        let first = seed();
        println!("scenario {}: to repeat: COUNTERPOINT_SEED={first}", self.name);
        for case in 0..self.cases {
            let seed = first.wrapping_add((case as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15));
            self.case(seed)?;
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

    fn case_name(&self, seed: u64, moves: &str) -> String {
        match moves {
            "" => format!("{} case {seed:x}", self.name),
            moves => format!("{} case {seed:x} {moves}", self.name),
        }
    }

    /// Draws one case and runs it; shrinks what fails.
    fn case(&self, seed: u64) -> Result<(), Box<Problem>> {
        let mut tree = self.tree(seed).map_err(|why| Problem::other(&self.name, why))?;
        let run = |drawn, moves: &str| self.scenario(drawn, seed, moves).run_all(|_| ()).map(drop);
        let Err(mut smallest) = run(tree.current(), "") else { return Ok(()) };
        let mut moves = String::new();
        let mut fails = true;
        for _ in 0..ATTEMPTS {
            let moved = if fails { tree.simplify() } else { tree.complicate() };
            if !moved {
                break;
            }
            moves.push(if fails { 's' } else { 'c' });
            match run(tree.current(), &moves) {
                Err(problem) => (smallest, fails) = (problem, true),
                Ok(()) => fails = false,
            }
        }
        Err(smallest)
    }

    /// The scenario of a case. Its file is that of the seed: steps of shrinking replace each other's.
    fn scenario(
        &self,
        (before, threads): Drawn<S::Operation>,
        seed: u64,
        moves: &str,
    ) -> Scenario<S, T> {
        let (name, file) = (self.case_name(seed, moves), self.case_name(seed, ""));
        let declared = Declared {
            name,
            file: slug(&file),
            spec: self.spec.clone(),
            consistency: Consistency::Linearizable,
            make: self.make.clone(),
            apply: self.apply.clone(),
            before,
            threads,
            after: Vec::new(),
            expected: Expected::Any,
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
