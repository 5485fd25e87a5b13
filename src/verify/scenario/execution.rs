//! What is declared, how an execution of it is judged, and which runner runs it.

use super::{
    Data, Outcome, Problem, Report, Runner, explored,
    outcomes::{self, Outcomes},
    saved,
    settings::Settings,
    threads,
    token::Token,
};
use crate::verify::{
    history::{Call, History},
    linear::{Checker, Consistency, Verdict},
    spec::SequentialSpec,
};
use std::{
    collections::{BTreeMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// A scenario as its author wrote it.
pub(super) struct Declared<S: SequentialSpec, T> {
    pub(super) name: String,
    /// The name of its files, without an ending: those of one name replace each other.
    pub(super) file: String,
    pub(super) spec: Arc<S>,
    pub(super) consistency: Consistency,
    pub(super) make: Arc<dyn Fn() -> T + Send + Sync>,
    pub(super) apply: Apply<S, T>,
    pub(super) before: Vec<S::Operation>,
    pub(super) threads: Vec<Vec<S::Operation>>,
    pub(super) after: Vec<S::Operation>,
    pub(super) expected: Expected<S::Result>,
    pub(super) weak_only: Vec<Outcome<S::Result>>,
}

/// Which outcomes the sequentially consistent runners may show, and complete ones must.
pub(super) enum Expected<R> {
    /// Those that follow from the specification.
    OfSpecification,
    /// These.
    Declared(Vec<Outcome<R>>),
    /// Any: the histories tell.
    #[cfg(any(feature = "proptest", feature = "fuzz"))]
    Any,
}

pub(super) type Apply<S, T> = Arc<
    dyn Fn(&T, &<S as SequentialSpec>::Operation) -> <S as SequentialSpec>::Result + Send + Sync,
>;

impl<S: SequentialSpec, T> Declared<S, T> {
    /// The outcomes that runners of sequentially consistent behaviours may show.
    fn outcomes(&self) -> Option<Outcomes<S::Result>> {
        match &self.expected {
            Expected::OfSpecification => outcomes::of_specification(self),
            Expected::Declared(all) => Some(Outcomes { all: all.clone(), must_be_seen: true }),
            #[cfg(any(feature = "proptest", feature = "fuzz"))]
            Expected::Any => None,
        }
    }

    /// The outcome of a run in which every call has returned. Process 0 made the operations before
    /// and after, process n those of thread n.
    fn outcome(&self, calls: &[Call<S::Operation, S::Result>]) -> Outcome<S::Result> {
        let mut lanes = vec![Vec::new(); self.threads.len() + 1];
        let mut first = self.before.len();
        for call in calls {
            let lane = match call.process {
                0 if first > 0 => {
                    first -= 1;
                    continue;
                }
                0 => self.threads.len(),
                thread => thread - 1,
            };
            lanes[lane].extend(call.result().cloned());
        }
        lanes
    }

    /// The operations, a line for each thread.
    pub(super) fn operations(&self) -> String
    where
        S::Operation: core::fmt::Debug,
    {
        let Declared { before, threads, after, .. } = self;
        let threads = threads.iter().zip(1..).map(|(own, nth)| (format!("thread {nth}"), own));
        let all = [("before".to_owned(), before)].into_iter().chain(threads);
        let all = all.chain([("after".to_owned(), after)]).filter(|(_, own)| !own.is_empty());
        all.map(|(name, own)| format!("  {name}: {own:?}")).collect::<Vec<_>>().join("\n")
    }

    /// A line about what was seen.
    pub(super) fn line(&self, report: &Report, settings: &Settings) -> String {
        let Report { runner, runs, is_complete, outcomes, histories } = report;
        let extent = match (runner, is_complete) {
            (_, true) => "complete".to_owned(),
            (Runner::Interleavings, false) if settings.limit.is_none() => {
                settings.bound.map_or_else(String::new, |bound| format!("bound {bound}"))
            }
            (Runner::Weak, false) => format!("bound {}", settings.weak_bound),
            (Runner::BruteForce, false) => "given up".to_owned(),
            _ => "a sample".to_owned(),
        };
        let name = &self.name;
        format!(
            "scenario {name} [{runner}]: {runs} runs, {extent}, {outcomes} outcomes, {histories} \
             histories"
        )
    }
}

/// Runs it under one runner; `None` when the runner has nothing to do.
pub(super) fn run<S, T>(
    declared: &Arc<Declared<S, T>>,
    settings: &Settings,
    runner: Runner,
) -> Result<Option<Report>, Box<Problem>>
where
    S: SequentialSpec<Operation: Data, Result: Data> + Send + Sync + 'static,
    T: Send + Sync + 'static,
{
    match runner {
        Runner::Threads => threads::run(declared, settings).map(Some),
        Runner::Fuzzed => Ok(None),
        runner => explored::run(declared, settings, runner, None).map(Some),
    }
}

/// Runs again what a token says.
pub(super) fn replay<S, T>(
    declared: &Arc<Declared<S, T>>,
    settings: &Settings,
    token: &Token,
) -> Box<Problem>
where
    S: SequentialSpec<Operation: Data, Result: Data> + Send + Sync + 'static,
    T: Send + Sync + 'static,
{
    let nothing = |why: &str| Problem::of_runner(&declared.name, token.runner, why.to_owned());
    if !token.runner.is_available() {
        return nothing("the token's runner is not in this build: turn its feature on");
    }
    let again = match token.runner {
        Runner::Threads => saved::judge_again(declared, &token.what),
        runner => explored::run(declared, settings, runner, Some(&token.what)).map(drop),
    };
    match again {
        Err(problem) => problem,
        Ok(()) => nothing("nothing is wrong in what the token runs: is it of other code?"),
    }
}

/// Judges the runs of one runner.
pub(super) struct Judge<S: SequentialSpec, T> {
    declared: Arc<Declared<S, T>>,
    runner: Runner,
    outcomes: Option<Outcomes<S::Result>>,
    seen: Mutex<Seen<S::Result>>,
}

struct Seen<R> {
    outcomes: Vec<Outcome<R>>,
    /// By their text.
    histories: HashSet<String>,
}

impl<S, T> Judge<S, T>
where
    S: SequentialSpec<Operation: Data, Result: Data>,
{
    pub(super) fn new(declared: &Arc<Declared<S, T>>, runner: Runner) -> Self {
        Judge {
            declared: declared.clone(),
            runner,
            outcomes: declared.outcomes(),
            seen: Mutex::new(Seen { outcomes: Vec::new(), histories: HashSet::new() }),
        }
    }

    fn seen(&self) -> MutexGuard<'_, Seen<S::Result>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Judges a run in which every call has returned; what is wrong with it.
    pub(super) fn judge(&self, history: &History<S::Operation, S::Result>) -> Result<(), String> {
        let outcome = self.declared.outcome(history.calls());
        if !self.is_declared(&outcome) {
            return Err(format!("the outcome {} is not declared", show(&outcome)));
        }
        let is_new = {
            let mut seen = self.seen();
            if !seen.outcomes.contains(&outcome) {
                seen.outcomes.push(outcome);
            }
            self.runner != Runner::Weak && seen.histories.insert(text(history.calls()))
        };
        if is_new { verdict(&self.declared, history) } else { Ok(()) }
    }

    fn is_declared(&self, outcome: &Outcome<S::Result>) -> bool {
        let Some(outcomes) = &self.outcomes else { return true };
        let is_weak = matches!(self.runner, Runner::Weak | Runner::Threads);
        outcomes.all.contains(outcome) || is_weak && self.declared.weak_only.contains(outcome)
    }

    /// What was seen in all runs.
    pub(super) fn report(self, runs: usize, is_complete: bool) -> Result<Report, Box<Problem>> {
        let name = self.declared.name.clone();
        let wrong = |message| Problem::of_runner(&name, self.runner, message);
        let seen = self.seen.into_inner().unwrap_or_else(PoisonError::into_inner);
        let shared = self.declared.threads.iter().filter(|thread| !thread.is_empty()).count() > 1;
        if runs < 2 && is_complete && shared {
            return Err(wrong("there is one schedule only: the threads share nothing".to_owned()));
        }
        if let Some(outcomes) = self.outcomes.filter(|known| is_complete && known.must_be_seen) {
            let missing = |outcome: &&Outcome<S::Result>| !seen.outcomes.contains(outcome);
            if let Some(missing) = outcomes.all.iter().find(missing) {
                return Err(wrong(format!("the outcome {} never occurred", show(missing))));
            }
        }
        Ok(Report {
            runner: self.runner,
            runs,
            is_complete,
            outcomes: seen.outcomes.len(),
            histories: seen.histories.len(),
        })
    }
}

/// What is wrong with a history, if anything.
pub(super) fn verdict<S, T>(
    declared: &Declared<S, T>,
    history: &History<S::Operation, S::Result>,
) -> Result<(), String>
where
    S: SequentialSpec,
{
    match check(declared, history) {
        Verdict::Linearizable(_) => Ok(()),
        Verdict::Violation(counterexample) => Err(counterexample.explanation().to_owned()),
        Verdict::Unknown(why) => Err(format!("the history could not be judged: {why}")),
    }
}

/// What is wrong with a history by itself, and the call that is to blame, if one is.
pub(super) fn explanation<S, T>(
    declared: &Declared<S, T>,
    history: &History<S::Operation, S::Result>,
) -> Option<(String, Option<usize>)>
where
    S: SequentialSpec,
{
    let verdict = check(declared, history);
    let counterexample = verdict.counterexample()?;
    let culprit = counterexample.culprit().map(|culprit| counterexample.indices()[culprit]);
    Some((counterexample.explanation().to_owned(), culprit))
}

fn check<S, T>(
    declared: &Declared<S, T>,
    history: &History<S::Operation, S::Result>,
) -> Verdict<S::Operation, S::Result>
where
    S: SequentialSpec,
{
    Checker::new(&*declared.spec).consistency(declared.consistency).check(history)
}

fn show<R: core::fmt::Debug>(outcome: &Outcome<R>) -> String {
    let lanes = outcome.iter().enumerate().map(|(lane, results)| match lane + 1 {
        after if after == outcome.len() => format!("after: {results:?}"),
        thread => format!("thread {thread}: {results:?}"),
    });
    lanes.collect::<Vec<_>>().join(", ")
}

/// A history as text, in which times are only an order.
fn text<O: core::fmt::Debug, R: core::fmt::Debug>(calls: &[Call<O, R>]) -> String {
    let times = calls.iter().flat_map(|call| [call.invoked, call.end()]);
    let mut ranks: BTreeMap<u64, usize> = times.map(|time| (time, 0)).collect();
    ranks.values_mut().enumerate().for_each(|(nth, rank)| *rank = nth);
    let lines = calls.iter().map(|call| {
        let (from, to) = (ranks[&call.invoked], ranks[&call.end()]);
        format!("{} {from} {to} {:?} {:?};", call.process, call.operation, call.result())
    });
    lines.collect()
}
