//! Scenarios under the engines of the facade.
//!
//! Time in their histories is a count of invocations and returns: all threads of an execution run
//! on one OS thread, one after another. A class of equivalent executions is run once, so that the
//! outcomes are complete, while the histories are those that were met, unless the scenario asks for
//! real time: then an order of a return and an invocation is part of what makes a class.

use super::{
    Data, Problem, Report, Runner,
    execution::{Declared, Judge},
    problem,
    settings::Settings,
    table,
    token::{schedule_from_text, schedule_to_text},
};
use crate::{
    facade::engine::{self, Engine, Exploration, Failure, Given, RealTime},
    verify::{
        history::{Call, History, Malformed, Returned},
        model::thread,
        spec::SequentialSpec,
    },
};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Runs it under an engine: all that the settings say, or what a token says.
pub(super) fn run<S, T>(
    declared: &Arc<Declared<S, T>>,
    settings: &Settings,
    runner: Runner,
    again: Option<&str>,
) -> Result<Report, Box<Problem>>
where
    S: SequentialSpec<Operation: Data, Result: Data> + Send + Sync + 'static,
    T: Send + Sync + 'static,
{
    let wrong = |message| Problem::of_runner(&declared.name, runner, message);
    let (given, named) = match again {
        Some(text) if is_loom(runner) => {
            let named = text.parse::<usize>();
            (None, Some(named.map_err(|_| wrong(format!("`{text}` is no execution's number")))?))
        }
        Some(text) => {
            let schedule = schedule_from_text(text).map_err(wrong)?;
            (Some(Given { schedule, is_recorded: runner != Runner::Fuzzed }), None)
        }
        None => (None, None),
    };
    let real_time = if settings.real_time { RealTime::Every } else { RealTime::AsItComes };
    // loom's dependencies do not tell it of an invocation that comes after a response and is the
    // thread's first: some histories of real time are not among those it shows.
    let is_partial = runner == Runner::LoomInterleavings && settings.real_time;
    let mut settings = engine_settings(settings, runner, given);
    settings.limit = named.or(settings.limit);
    let run = Arc::new(Run {
        declared: declared.clone(),
        judge: Judge::new(declared, runner),
        calls: Mutex::default(),
        real_time,
        has_histories: runner != Runner::Weak,
    });
    let body = {
        let run = run.clone();
        move || run.once()
    };
    let is_whole = settings.preemption_bound.is_none()
        && !is_partial
        && matches!(runner, Runner::Interleavings | Runner::BruteForce | Runner::LoomInterleavings)
        && settings.given.is_none();
    match engine::explore(settings, body) {
        Ok(Exploration { iterations, is_cut, is_shared, .. }) => {
            let run = Arc::into_inner(run).expect("the engine has dropped its body");
            run.judge.report(iterations, is_whole && !is_cut, Some(is_shared))
        }
        Err(failure) => {
            let mut problem = run.problem(runner, *failure);
            if named.is_some_and(|named| named != problem.run) {
                problem.message += &format!(" (the token names execution {})", named.unwrap_or(0));
            }
            Err(problem)
        }
    }
}

/// Whether this build has the engine.
pub(super) const fn is_available(runner: Runner) -> bool {
    match engine(runner) {
        Some(engine) => engine::is_available(engine),
        None => false,
    }
}

/// Whether its engine is loom, which takes no schedule.
fn is_loom(runner: Runner) -> bool {
    matches!(runner, Runner::Weak | Runner::LoomInterleavings)
}

/// The engine of a runner.
const fn engine(runner: Runner) -> Option<Engine> {
    match runner {
        Runner::Interleavings | Runner::Fuzzed => Some(Engine::Interleavings),
        Runner::BruteForce => Some(Engine::BruteForce),
        Runner::LoomInterleavings => Some(Engine::LoomInterleavings),
        Runner::Weak => Some(Engine::Weak),
        Runner::Random => Some(Engine::Random),
        Runner::Pct => Some(Engine::Pct),
        Runner::Threads => None,
    }
}

fn engine_settings(settings: &Settings, runner: Runner, given: Option<Given>) -> engine::Settings {
    let (bound, limit) = match runner {
        Runner::Interleavings => (settings.bound, settings.limit),
        Runner::BruteForce => (None, Some(settings.brute_force_limit)),
        Runner::LoomInterleavings => (settings.bound, Some(settings.loom_limit)),
        Runner::Weak => (Some(settings.weak_bound), None),
        Runner::Random | Runner::Pct => (None, Some(settings.schedules)),
        Runner::Fuzzed | Runner::Threads => (None, Some(1)),
    };
    let engine = engine(runner).expect("real threads are run elsewhere");
    engine::Settings {
        engine,
        roots: settings.roots,
        cells: 8,
        max_branches: 20_000,
        preemption_bound: bound,
        checkpoint_interval: 500,
        record: false,
        may_leak: settings.may_leak,
        limit,
        seed: settings.seed,
        given,
    }
}

/// The executions of one runner.
struct Run<S: SequentialSpec, T> {
    declared: Arc<Declared<S, T>>,
    judge: Judge<S, T>,
    /// Of the execution that runs, or that failed. Never locked while an engine may switch.
    calls: Mutex<Calls<S>>,
    real_time: RealTime,
    /// Whether real time means anything to the engine.
    has_histories: bool,
}

struct Calls<S: SequentialSpec> {
    calls: Vec<Call<S::Operation, S::Result>>,
    time: u64,
}

impl<S: SequentialSpec> Default for Calls<S> {
    fn default() -> Self {
        Calls { calls: Vec::new(), time: 0 }
    }
}

impl<S, T> Run<S, T>
where
    S: SequentialSpec<Operation: Data, Result: Data> + Send + Sync + 'static,
    T: Send + Sync + 'static,
{
    /// One execution.
    fn once(self: &Arc<Self>) {
        *self.calls() = Calls::default();
        let object = Arc::new((self.declared.make)());
        self.perform(&object, 0, &self.declared.before);
        let threads: Vec<_> = (0..self.declared.threads.len())
            .map(|thread| {
                let (run, object) = (self.clone(), object.clone());
                thread::spawn(move || {
                    run.perform(&object, thread + 1, &run.declared.threads[thread]);
                })
            })
            .collect();
        for thread in threads {
            thread.join().expect("a panic of any thread ends the execution");
        }
        self.perform(&object, 0, &self.declared.after);
        drop(object);
        let history = self.history().expect("a count goes up");
        if let Err(message) = self.judge.judge(&history) {
            panic!("{message}");
        }
    }

    fn perform(&self, object: &T, process: usize, operations: &[S::Operation]) {
        for operation in operations {
            let nth = self.begins(process, operation);
            let result = (self.declared.apply)(object, operation);
            self.ends(nth, operation, result);
        }
    }

    fn begins(&self, process: usize, operation: &S::Operation) -> usize {
        if self.has_histories {
            engine::invocation(self.real_time);
        }
        let said = operation.clone();
        engine::remark(move || format!("{said:?}"));
        let mut calls = self.calls();
        calls.time += 1;
        let call = Call::pending(process, operation.clone(), calls.time);
        calls.calls.push(call);
        calls.calls.len() - 1
    }

    fn ends(&self, nth: usize, operation: &S::Operation, result: S::Result) {
        if self.has_histories {
            engine::response(self.real_time);
        }
        let said = (operation.clone(), result.clone());
        engine::remark(move || format!("{:?} = {:?}", said.0, said.1));
        let mut calls = self.calls();
        calls.time += 1;
        let at = calls.time;
        calls.calls[nth].returned = Some(Returned { at, result });
    }

    fn calls(&self) -> MutexGuard<'_, Calls<S>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The calls of the execution, so far.
    fn history(&self) -> Result<History<S::Operation, S::Result>, Malformed> {
        History::new(self.calls().calls.iter().cloned())
    }

    /// What a failed execution is to its reader.
    fn problem(&self, runner: Runner, failure: Failure) -> Box<Problem> {
        let Failure { iteration, message, schedule, trace, .. } = failure;
        let what = match runner {
            runner if is_loom(runner) => iteration.to_string(),
            _ => schedule_to_text(&schedule),
        };
        let mut problem =
            Problem::of_run(&*self.declared, (runner, iteration), message, Some(what));
        problem.table = Some(table::table(&trace));
        problem::draw(&mut problem, &self.declared, self.history().ok().as_ref());
        Box::new(problem)
    }
}
