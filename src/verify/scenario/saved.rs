//! Histories of real threads on disk: operations and answers as the text that shows them, so that a
//! scenario asks nothing of its data but `Debug`.

use super::{
    Data, Outcome, Problem, Runner,
    execution::{Declared, check, show},
    problem::write,
};
use crate::verify::{
    history::{Call, History, Returned},
    linear::Verdict,
    spec::SequentialSpec,
};
use core::{
    fmt::{self, Debug},
    hash::{Hash, Hasher},
};
use std::{collections::HashMap, fs, hash::DefaultHasher, path::PathBuf};

/// Saves a history; the file, if it could be written.
pub(super) fn save<O: Debug, R: Debug>(file: &str, history: &History<O, R>) -> Option<PathBuf> {
    let text =
        mapped(history, |operation| format!("{operation:?}"), |answer| format!("{answer:?}"));
    let text = text.to_json();
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    write(&format!("{file}-{:08x}.json", hasher.finish() as u32), &text)
}

/// Judges a saved history.
pub(super) fn judge_again<S, T>(declared: &Declared<S, T>, file: &str) -> Result<(), Box<Problem>>
where
    S: SequentialSpec<Operation: Data, Result: Data>,
{
    let wrong = |message| Problem::of_runner(&declared.name, Runner::Threads, message);
    let read = || -> Result<History<String, String>, String> {
        let text = fs::read_to_string(file).map_err(|error| error.to_string())?;
        History::from_json(&text).map_err(|error| error.to_string())
    };
    let saved = read().map_err(|why| wrong(format!("{file}: {why}")))?;
    let Declared { before, threads, after, .. } = declared;
    let all = before.iter().chain(threads.iter().flatten()).chain(after);
    let named: HashMap<String, &S::Operation> =
        all.map(|operation| (format!("{operation:?}"), operation)).collect();
    if let Some(call) = saved.calls().iter().find(|call| !named.contains_key(&call.operation)) {
        return Err(wrong(format!("{file}: the scenario has no {}", call.operation)));
    }
    let history = mapped(&saved, |name| named[name].clone(), |answer| Text(answer.clone()));
    let outcome = declared.outcome(history.calls());
    let is_whole = history.calls().iter().all(|call| call.returned.is_some());
    if let Some(known) = declared.outcomes().filter(|_| is_whole) {
        let all = known.all.iter().chain(&declared.weak_only).map(as_text);
        if !all.into_iter().any(|known| known == outcome) {
            return Err(wrong(format!("the outcome {} is not declared", show(&outcome))));
        }
        if !known.all.iter().map(as_text).any(|known| known == outcome) {
            return Ok(());
        }
    }
    match check(&ByText(&*declared.spec), declared.consistency, &history) {
        Verdict::Linearizable(_) => Ok(()),
        Verdict::Unknown(why) => Err(wrong(why.to_string())),
        Verdict::Violation(counterexample) => {
            let mut problem = wrong(counterexample.explanation().to_owned());
            problem.timeline = Some(counterexample.to_string());
            Err(problem)
        }
    }
}

fn as_text<R: Debug>(outcome: &Outcome<R>) -> Outcome<Text> {
    let lane = |lane: &Vec<R>| lane.iter().map(|answer| Text(format!("{answer:?}"))).collect();
    outcome.iter().map(lane).collect()
}

/// The same history of other data.
fn mapped<O, R, P, Q>(
    history: &History<O, R>,
    operation: impl Fn(&O) -> P,
    answer: impl Fn(&R) -> Q,
) -> History<P, Q> {
    let call = |call: &Call<O, R>| Call {
        process: call.process,
        operation: operation(&call.operation),
        invoked: call.invoked,
        returned: call
            .returned
            .as_ref()
            .map(|Returned { at, result }| Returned { at: *at, result: answer(result) }),
    };
    let calls = history.calls().iter().map(call);
    History::widened(calls, history.uncertainty()).expect("the same times as before")
}

/// An answer as it was shown.
#[derive(Clone, PartialEq, Eq)]
struct Text(String);

impl Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A specification whose answers are shown.
struct ByText<'a, S>(&'a S);

impl<S: SequentialSpec> SequentialSpec for ByText<'_, S> {
    type State = S::State;
    type Operation = S::Operation;
    type Result = Text;

    fn initial(&self) -> S::State {
        self.0.initial()
    }

    fn step(
        &self,
        state: &S::State,
        operation: &S::Operation,
        _: Option<&Text>,
    ) -> impl IntoIterator<Item = (Text, S::State)> {
        let steps = self.0.step(state, operation, None).into_iter();
        steps.map(|(answer, next)| (Text(format!("{answer:?}")), next)).collect::<Vec<_>>()
    }

    fn part(&self, operation: &S::Operation) -> Option<u64> {
        self.0.part(operation)
    }
}
