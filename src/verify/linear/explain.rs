//! Why a history is wrong, in one line.
//!
//! A monitor knows. Else one call is to blame: of a history that was right until the last return,
//! the call that returned last. The search finds what it could have answered instead, one answer
//! after another, with its answer open and those found so far excluded. (Under sequential
//! consistency there is no last return: the first call with which that succeeds is named.)
//!
//! A history that was shrunk allows fewer answers than the whole. So they are looked for in the whole
//! again, up to the return of that call; where that takes long, the line says that it speaks of the
//! calls that are left.

use super::{
    super::{history::History, spec::SequentialSpec},
    excerpt::Excerpt,
    judge::{Decision, Judge, guarded},
    lanes::Order,
    search::{Limits, Open, Outcome},
    timeline::shown,
};

/// More answers than these are not listed.
const ANSWERS: usize = 4;

/// How long answers are looked for in a history that was not shrunk.
const WHOLE_STEPS: u64 = 20_000;

/// A call, and what it could have answered.
#[derive(Debug)]
pub(super) struct Blame<R> {
    /// Its index in the history.
    pub(super) call: usize,
    /// Each answer that would make the history right; at most [`ANSWERS`] and one.
    pub(super) answers: Vec<R>,
}

/// What is wrong with an excerpt of the whole, and with the return of which call it went wrong.
pub(super) fn explain<S: SequentialSpec>(
    judge: &Judge<'_, S>,
    limits: &Limits,
    excerpt: &Excerpt<S::Operation, S::Result>,
    whole: &Excerpt<S::Operation, S::Result>,
) -> (String, Option<usize>) {
    let history = excerpt.history();
    let blame = guarded(|| blame(judge, limits, history)).ok().flatten();
    let culprit = blame.as_ref().map(|blame| blame.call);
    let monitor = guarded(|| judge.ask_monitor(history)).ok().flatten();
    if let Some(Err(why)) = monitor {
        return (why, culprit);
    }
    let what = match judge.order {
        Order::Program => "sequentially consistent",
        Order::RealTime | Order::Free => "linearizable",
    };
    let line = blame.and_then(|mut blame| {
        let mut of_what = "";
        if excerpt.size() < whole.size() {
            let (culprit, _) = excerpt.calls().nth(blame.call)?;
            let judge = Judge { start: None, ..*judge };
            match answers_in_whole(&judge, limits, whole, culprit) {
                Some(answers) if answers.is_empty() == blame.answers.is_empty() => {
                    blame.answers = answers;
                }
                _ => of_what = "with these calls ",
            }
        }
        sentence(history, &blame, of_what, what)
    });
    let calls = history.len();
    (line.unwrap_or_else(|| format!("no order of these {calls} calls is {what}")), culprit)
}

/// Each answer of a call with which all was right when it returned; `None`: not known.
fn answers_in_whole<S: SequentialSpec>(
    judge: &Judge<'_, S>,
    limits: &Limits,
    whole: &Excerpt<S::Operation, S::Result>,
    culprit: usize,
) -> Option<Vec<S::Result>> {
    let limits = Limits { steps: WHOLE_STEPS, ..*limits };
    let found = guarded(|| {
        let (_, call) = whole.calls().find(|(index, _)| *index == culprit)?;
        let until = (judge.order == Order::RealTime).then(|| whole.until(call.end()));
        let known = until.as_ref().unwrap_or(whole);
        let place = known.calls().position(|(index, _)| index == culprit)?;
        let answers = answers(judge, &limits, known.history(), place)?;
        (!answers.iter().any(|answer| call.result() == Some(answer))).then_some(answers)
    });
    found.ok().flatten()
}

fn sentence<S, R: core::fmt::Debug>(
    history: &History<S, R>,
    Blame { call, answers }: &Blame<R>,
    of_what: &str,
    what: &str,
) -> Option<String>
where
    S: core::fmt::Debug,
{
    let call = &history.calls()[*call];
    let (process, operation, result) =
        (call.process, shown(&call.operation), shown(call.result()?));
    let mut named: Vec<String> = answers.iter().map(shown).collect();
    let would = match (named.len(), named.pop()) {
        (0, _) | (_, None) => "no answer would be".to_owned(),
        (1, Some(only)) => format!("only {only} would be"),
        (2..=ANSWERS, Some(last)) => format!("only {} or {last} would be", named.join(", ")),
        (_, Some(_)) => format!("{} and others would be", named.join(", ")),
    };
    Some(format!("process {process}: {operation} answered {result}; {of_what}{would} {what}"))
}

/// The call to blame, if the history is right without its answer.
pub(super) fn blame<S: SequentialSpec>(
    judge: &Judge<'_, S>,
    limits: &Limits,
    history: &History<S::Operation, S::Result>,
) -> Option<Blame<S::Result>> {
    let calls = history.calls();
    let mut suspects: Vec<usize> =
        (0..calls.len()).filter(|&call| calls[call].returned.is_some()).collect();
    let last = suspects.iter().map(|&call| calls[call].end()).max()?;
    if judge.order == Order::RealTime {
        suspects.retain(|&call| calls[call].end() == last);
        if !right_before(judge, limits, history, last) {
            return None;
        }
    }
    suspects.sort_by_key(|&call| core::cmp::Reverse(calls[call].end()));
    let mut first = None;
    for call in suspects {
        let answers = answers(judge, limits, history, call)?;
        if !answers.is_empty() {
            return Some(Blame { call, answers });
        }
        first = first.or(Some(call));
    }
    // That no answer of a call would do blames it only where the calls before it were right.
    let call = first.filter(|_| judge.order == Order::RealTime)?;
    Some(Blame { call, answers: Vec::new() })
}

/// Whether the history is right if what returned at that moment did not.
fn right_before<S: SequentialSpec>(
    judge: &Judge<'_, S>,
    limits: &Limits,
    history: &History<S::Operation, S::Result>,
    moment: u64,
) -> bool {
    let all: Vec<usize> = (0..history.len()).collect();
    let ends = |index: usize| history.calls()[index].end();
    let before = Excerpt::of(history, &all).with_pending(|index| ends(index) >= moment);
    matches!(judge.decide(before.history(), limits), Decision::Right(_))
}

/// Each answer of a call that makes the history right; `None` when the search gave up.
fn answers<S: SequentialSpec>(
    judge: &Judge<'_, S>,
    limits: &Limits,
    history: &History<S::Operation, S::Result>,
    call: usize,
) -> Option<Vec<S::Result>> {
    let mut answers = Vec::new();
    while answers.len() <= ANSWERS {
        let open = Open { call, excluded: &answers };
        match judge.explore(history, judge.order, Some(open), limits) {
            Ok(Outcome::Found { answer: Some(answer), .. }) => answers.push(answer),
            Ok(Outcome::Exhausted { .. }) => break,
            _ => return None,
        }
    }
    Some(answers)
}
