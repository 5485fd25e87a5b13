//! What is declared, how an execution of it is judged, and which runner runs it.

use super::{
    Data, Outcome, Problem, Report, Runner, explored,
    outcomes::{self, Outcomes},
    saved,
    settings::Settings,
    threads,
    token::{Token, id},
};
use crate::verify::{
    history::{Call, History, Returned},
    linear::{Checker, Consistency, Verdict},
    spec::SequentialSpec,
};
use std::{
    collections::{BTreeMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

/// A scenario as its author wrote it.
pub(super) struct Declared<S: SequentialSpec, T> {
    pub(super) name: String,
    /// What names a case of drawn operations, in its token and its files; other scenarios are named
    /// by their operations.
    pub(super) case: Option<String>,
    pub(super) spec: Arc<S>,
    pub(super) consistency: Consistency,
    pub(super) make: Arc<dyn Fn() -> T + Send + Sync>,
    pub(super) apply: Apply<S, T>,
    pub(super) before: Vec<S::Operation>,
    pub(super) threads: Vec<Vec<S::Operation>>,
    pub(super) after: Vec<S::Operation>,
    pub(super) expected: Expected<S::Result>,
    /// What `outcomes` has found.
    pub(super) known: OnceLock<Option<Outcomes<S::Result>>>,
    pub(super) weak_only: Vec<Outcome<S::Result>>,
}

/// Which outcomes the sequentially consistent runners may show, and complete ones must.
pub(super) enum Expected<R> {
    /// Those that follow from the specification.
    OfSpecification,
    /// These.
    Declared(Vec<Outcome<R>>),
    /// Any: the histories tell.
    Any,
}

pub(super) type Apply<S, T> = Arc<
    dyn Fn(&T, &<S as SequentialSpec>::Operation) -> <S as SequentialSpec>::Result + Send + Sync,
>;

impl<S: SequentialSpec, T> Declared<S, T> {
    /// The outcomes that runners of sequentially consistent behaviours may show.
    pub(super) fn outcomes(&self) -> Option<&Outcomes<S::Result>> {
        let known = self.known.get_or_init(|| match &self.expected {
            Expected::OfSpecification => outcomes::of_specification(self),
            Expected::Declared(all) => Some(Outcomes { all: all.clone(), must_be_seen: true }),
            Expected::Any => None,
        });
        known.as_ref()
    }

    /// The outcome of a run in which every call has returned. Process 0 made the operations before
    /// and after, process n those of thread n.
    pub(super) fn outcome<R: Clone>(&self, calls: &[Call<S::Operation, R>]) -> Outcome<R> {
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

    /// What names it in tokens.
    pub(super) fn id(&self) -> String
    where
        S::Operation: core::fmt::Debug,
    {
        self.case.clone().unwrap_or_else(|| id(&self.name, self.operations()))
    }

    /// The name of its page: steps of shrinking replace each other's.
    pub(super) fn file(&self) -> String
    where
        S::Operation: core::fmt::Debug,
    {
        let id = self.id();
        let is_shrinking = |word: &str| word.chars().all(|letter| matches!(letter, 's' | 'c'));
        match id.rsplit_once('-') {
            Some((case, steps)) if self.case.is_some() && is_shrinking(steps) => case.to_owned(),
            _ => id,
        }
    }

    /// Whether two threads have something to do.
    pub(super) fn is_concurrent(&self) -> bool {
        self.threads.iter().filter(|thread| !thread.is_empty()).count() > 1
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
        let Report { runner, runs, is_complete, outcomes, histories, .. } = report;
        let expected = report.expected.map_or_else(|| "unknown".to_owned(), |all| all.to_string());
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
            "scenario {name} [{runner}]: {runs} runs, {extent}, {outcomes} of {expected} \
             outcomes, {histories} histories"
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
        // It refuses what is not concurrent.
        Runner::Pct if !declared.is_concurrent() => Ok(None),
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

/// What is said when an engine never saw two threads meet.
pub(super) const UNSHARED: &str = "no two threads met at an atomic that one of them wrote: either \
    they share nothing, or the type is not built on `verify::shim`";

/// Judges the runs of one runner.
pub(super) struct Judge<S: SequentialSpec, T> {
    declared: Arc<Declared<S, T>>,
    runner: Runner,
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
        // What stale values add has no order that explains it.
        let is_weak = self.declared.outcomes().is_some_and(|known| !known.all.contains(&outcome));
        let is_new = {
            let mut seen = self.seen();
            if !seen.outcomes.contains(&outcome) {
                seen.outcomes.push(outcome);
            }
            self.runner != Runner::Weak && !is_weak && seen.histories.insert(text(history.calls()))
        };
        if is_new { verdict(&self.declared, history) } else { Ok(()) }
    }

    fn is_declared(&self, outcome: &Outcome<S::Result>) -> bool {
        let Some(outcomes) = self.declared.outcomes() else { return true };
        let is_weak = matches!(self.runner, Runner::Weak | Runner::Threads);
        outcomes.all.contains(outcome) || is_weak && self.declared.weak_only.contains(outcome)
    }

    /// What was seen in all runs.
    /// `is_shared`: whether the engine saw the threads meet, where it is one.
    pub(super) fn report(
        self,
        runs: usize,
        is_complete: bool,
        is_shared: Option<bool>,
    ) -> Result<Report, Box<Problem>> {
        let name = self.declared.name.clone();
        let wrong = |message| Problem::of_runner(&name, self.runner, message);
        let seen = self.seen.into_inner().unwrap_or_else(PoisonError::into_inner);
        let outcomes = self.declared.outcomes();
        if runs == 0 {
            return Err(wrong("it was not run at all: its settings leave nothing".to_owned()));
        }
        if self.runner == Runner::Weak && outcomes.is_none() {
            return Err(wrong("stale values are judged by outcomes, which are unknown".to_owned()));
        }
        // Where operations are drawn, some cases share nothing.
        if is_shared == Some(false) && outcomes.is_some() && self.declared.is_concurrent() {
            return Err(wrong(UNSHARED.to_owned()));
        }
        let expected = outcomes.map(|known| known.all.len());
        if let Some(outcomes) = outcomes.filter(|known| is_complete && known.must_be_seen) {
            let missing = |outcome: &&Outcome<S::Result>| !seen.outcomes.contains(outcome);
            if let Some(missing) = outcomes.all.iter().find(missing) {
                return Err(wrong(format!("the outcome {} never occurred", show(missing))));
            }
        }
        Ok(Report {
            runner: self.runner,
            runs,
            is_complete,
            is_shared,
            outcomes: seen.outcomes.len(),
            expected,
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
    match check(&*declared.spec, declared.consistency, history) {
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
    let verdict = check(&*declared.spec, declared.consistency, history);
    let counterexample = verdict.counterexample()?;
    let culprit = counterexample.culprit().map(|culprit| counterexample.indices()[culprit]);
    // Times of one's own have another order of the calls.
    let culprit = culprit.filter(|_| declared.consistency == Consistency::Linearizable);
    Some((counterexample.explanation().to_owned(), culprit))
}

/// Judges a history.
pub(super) fn check<S: SequentialSpec>(
    spec: &S,
    consistency: Consistency,
    history: &History<S::Operation, S::Result>,
) -> Verdict<S::Operation, S::Result> {
    match consistency {
        Consistency::Sequential => Checker::new(spec).check(&without_time(history)),
        _ => Checker::new(spec).check(history),
    }
}

/// The history with times in which all threads overlap, though not what came before and after them:
/// what is left of the order is that of each process, and of starting and joining threads.
fn without_time<O: Clone, R: Clone>(history: &History<O, R>) -> History<O, R> {
    let calls = history.calls();
    let is_thread = |call: &&Call<O, R>| call.process != 0;
    let first = calls.iter().position(|call| is_thread(&call)).unwrap_or(calls.len());
    let threads = calls.iter().filter(is_thread).count();
    let span = calls.len() as u64;
    let times = |nth: usize, call: &Call<O, R>| match nth {
        before if call.process == 0 && before < first => (before as u64, before as u64),
        after if call.process == 0 => (3 * span + after as u64, 3 * span + after as u64),
        thread => (span + thread as u64, 2 * span + thread as u64),
    };
    let calls = calls.iter().enumerate().map(|(nth, call)| {
        let (invoked, at) = times(nth, call);
        let mut call = Call { invoked, ..call.clone() };
        call.returned = call.returned.map(|returned| Returned { at, ..returned });
        call
    });
    let uncertainty = if threads > 0 { 2 * span } else { 0 };
    History::widened(calls, uncertainty).expect("the calls of a process keep their order")
}

pub(super) fn show<R: core::fmt::Debug>(outcome: &Outcome<R>) -> String {
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
