//! From a wrong history to a small one that is wrong for the same reason.
//!
//! Leaving calls out at will would do harm: without its push, any pop looks wrong. So a step must be
//! *sound*: were the history right, so would be what the step leaves of it. What is left is judged
//! again, and kept if it is still wrong. (`H` is the history before a step.)
//!
//! # Steps
//! 1. **Cut** after a return: what began later goes, what returned later is pending. Sound, since
//!    linearizability is closed under prefixes; and the longer, the wronger, so that bisection finds
//!    the first return that nothing explains. Not for sequential consistency: a read may be explained
//!    by a write that was invoked later.
//! 2. **Values**: all calls of a [value](SequentialSpec::value) go. Sound by the contract there,
//!    unless some call [counts](SequentialSpec::counts) values.
//!    Tried process by process, then by halves (Zeller and Hildebrandt, "Simplifying and isolating
//!    failure-inducing input", TSE 2002), then one by one.
//! 3. **Observers**: a call goes if in all states that `H` can reach it fits somewhere, and where it
//!    does it leaves the state as it is. Sound: in an order that explains `H` it stands at such a
//!    state, and can be taken out. The states are those of a search that found `H` wrong, thus of all
//!    beginnings of all orders. Several at once, by the same argument.
//! 4. **Idle calls**, of no value: two stages. Sound: the call becomes pending, that is, its answer
//!    and its end are forgotten. If what is left is still wrong, then with the pending call in any
//!    place, or in none. Then it goes altogether, if that changes nothing in the *story*: the same
//!    call is the first whose return nothing explains, it could have answered the same, and the
//!    answers are (or are not) explained by an order that ignores time, as they were (or were not)
//!    before. The last condition keeps the push of a value that was popped too early: without it the
//!    value would seem to come from nowhere. Only where the history is small already.
//! 5. **A later start**, when the other steps are at their end and much is left: calls that every
//!    explanation has behind it at some moment go, and the one state that they lead to stands for
//!    them; see [`start`](super::start). For calls of no value, which step 2 leaves alone: a
//!    thousand additions. The initial state is preferred, if it is met again near the end. The moment
//!    is none after a call was invoked that returned last.
//!
//! The steps go round until none makes it smaller: what is left is minimal with respect to each of
//! them. When the budget ends, the smallest so far is the result.

use super::{
    super::spec::SequentialSpec,
    excerpt::Excerpt,
    explain::blame,
    judge::{Decision, Judge, Wrong, guarded},
    lanes::Order,
    search::{Limits, Outcome},
    start::Start,
};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// Step 4 is for at most so many calls, step 5 for more calls of no value.
const SMALL: usize = 32;
/// A start at the initial state is preferred if no more calls follow it.
const FEW: usize = 16;
/// At most so many moments are tried.
const MOMENTS: usize = 256;
/// How long an order that ignores time is looked for.
const FREE_STEPS: u64 = 5_000;

/// What is left of a wrong history.
pub(super) struct Shrunk<S: SequentialSpec> {
    pub(super) excerpt: Excerpt<S::Operation, S::Result>,
    /// The state at which it begins, if not at the initial one.
    pub(super) start: Option<S::State>,
}

/// Shrinks an excerpt that is wrong.
pub(super) fn shrink<S: SequentialSpec>(
    judge: Judge<'_, S>,
    limits: &Limits,
    excerpt: Excerpt<S::Operation, S::Result>,
    wrong: Wrong<S::State>,
) -> Shrunk<S> {
    let mut shrinker = Shrinker { judge, limits, best: excerpt, wrong };
    // A specification that panics here ends the shrinking; what was found wrong stays so.
    let _ = guarded(|| shrinker.run());
    Shrunk { excerpt: shrinker.best, start: shrinker.judge.start }
}

/// What a wrong history tells.
struct Story<R> {
    /// Who is to blame, and what it could have answered.
    culprit: usize,
    answers: Vec<R>,
    /// Whether an order that ignores time explains everything.
    because_of_time: bool,
}

impl<R: PartialEq> Story<R> {
    fn is(&self, other: &Self) -> bool {
        let all_in = |these: &[R], those: &[R]| these.iter().all(|answer| those.contains(answer));
        self.culprit == other.culprit
            && self.because_of_time == other.because_of_time
            && all_in(&self.answers, &other.answers)
            && all_in(&other.answers, &self.answers)
    }
}

struct Shrinker<'a, S: SequentialSpec> {
    judge: Judge<'a, S>,
    limits: &'a Limits,
    /// The smallest so far, and how it was found wrong.
    best: Excerpt<S::Operation, S::Result>,
    wrong: Wrong<S::State>,
}

impl<S: SequentialSpec> Shrinker<'_, S> {
    fn run(&mut self) {
        // Monitors do not like pending calls, which a cut makes; a search likes short histories.
        if matches!(self.wrong, Wrong::Search { .. }) {
            self.cut();
        }
        let mut before = usize::MAX;
        while self.best.size() < before && !self.limits.time_is_up() {
            before = self.best.size();
            self.values();
            self.cut();
            self.observers();
            self.idle_calls();
            if self.best.size() == before {
                self.later_start();
            }
        }
    }

    /// Keeps an excerpt if it is wrong.
    fn keep_if_wrong(&mut self, excerpt: Excerpt<S::Operation, S::Result>) -> bool {
        if self.limits.time_is_up() {
            return false;
        }
        let Decision::Wrong(wrong) = self.judge.decide(excerpt.history(), self.limits) else {
            return false;
        };
        self.best = excerpt;
        self.wrong = wrong;
        true
    }

    /// Step 1.
    fn cut(&mut self) {
        if self.judge.order != Order::RealTime {
            return;
        }
        let returns = self.best.calls().filter_map(|(_, call)| Some(call.returned.as_ref()?.at));
        let returns: Vec<u64> = returns.collect::<BTreeSet<_>>().into_iter().collect();
        // Before `from` it is right, at `to` wrong. A search knows that it is right before the moment at
        // which it stuck, and it is seldom wrong much later: first steps from there, ever longer.
        let (mut from, mut to) = (0, returns.len());
        if let Wrong::Search { stuck, .. } = self.wrong {
            from = returns.partition_point(|&at| at < stuck);
        }
        let whole = self.best.clone();
        let (mut stride, mut is_near) = (1, true);
        while from < to && !self.limits.time_is_up() {
            let tried =
                if is_near { (from + stride - 1).min(to - 1) } else { from + (to - from) / 2 };
            if self.keep_if_wrong(whole.until(returns[tried])) {
                to = tried;
                is_near = false;
            } else {
                from = tried + 1;
                stride *= 2;
            }
        }
    }

    /// Step 2.
    fn values(&mut self) {
        let spec = self.judge.spec;
        // What the contract says of legal sequences concerns those that begin at the beginning.
        if self.judge.start.is_some() {
            return;
        }
        if self.best.calls().any(|(_, call)| spec.counts(&call.operation, call.result())) {
            return;
        }
        let mut lives: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
        let mut process_of = BTreeMap::new();
        for (index, call) in self.best.calls() {
            if let Some(value) = self.judge.spec.value(&call.operation, call.result()) {
                lives.entry(value).or_default().push(index);
                process_of.entry(value).or_insert(call.process);
            }
        }
        let mut by_process: BTreeMap<usize, Vec<Vec<usize>>> = BTreeMap::new();
        for (value, life) in lives {
            by_process.entry(process_of[&value]).or_default().push(life);
        }
        let processes = by_process.values().map(|lives| lives.concat()).collect();
        self.reduce(processes, Self::without);
        let left: HashSet<usize> = self.best.calls().map(|(index, _)| index).collect();
        let lives = by_process.into_values().flatten();
        self.reduce(lives.filter(|life| left.contains(&life[0])).collect(), Self::without);
    }

    /// Step 5.
    fn later_start(&mut self) {
        if self.judge.order != Order::RealTime || self.of_no_value().len() <= SMALL {
            return;
        }
        let Some(found) = self.find_start() else { return };
        let index: Vec<usize> = self.best.calls().map(|(index, _)| index).collect();
        let behind: HashSet<usize> = found.behind.iter().map(|&call| index[call]).collect();
        let rest = self.best.only(|index| !behind.contains(&index));
        let is_initial = found.state == self.judge.spec.initial();
        let start = (!is_initial).then_some(found.state);
        let before = core::mem::replace(&mut self.judge.start, start);
        if !self.keep_if_wrong(rest) {
            self.judge.start = before;
        }
    }

    /// The latest start; rather the latest at the initial state, if few calls follow.
    fn find_start(&self) -> Option<Start<S::State>> {
        let (judge, history) = (&self.judge, self.best.history());
        let calls: Vec<_> = history.calls().iter().collect();
        let returned = || calls.iter().filter(|call| call.returned.is_some());
        let end = returned().map(|call| call.end()).max()?;
        let suspects = returned().filter(|call| call.end() == end);
        let latest = suspects.map(|call| call.invoked).min()?;
        let moments = calls.iter().map(|call| call.invoked).filter(|&at| at <= latest);
        let moments: BTreeSet<u64> = moments.collect();
        let explored = judge.explore(history, judge.order, None, self.limits);
        let Ok(Outcome::Exhausted { mut met, .. }) = explored else { return None };
        let initial = judge.spec.initial();
        let mut latest = None;
        for moment in moments.into_iter().rev().take(MOMENTS) {
            if self.limits.time_is_up() {
                break;
            }
            let Some(start) = met.start(judge.spec, &calls, moment) else { continue };
            if calls.len() - start.behind.len() > FEW && latest.is_some() {
                break;
            }
            if start.state == initial {
                return Some(start);
            }
            latest = latest.or(Some(start));
        }
        latest
    }

    /// Each call that belongs to no value.
    fn of_no_value(&self) -> Vec<usize> {
        let calls = self
            .best
            .calls()
            .filter(|(_, call)| self.judge.spec.value(&call.operation, call.result()).is_none());
        calls.map(|(index, _)| index).collect()
    }

    /// Step 3.
    fn observers(&mut self) {
        if self.all_states().is_none() {
            let searched = self.judge.search(self.best.history(), self.limits);
            let Decision::Wrong(wrong) = searched else { return };
            self.wrong = wrong;
        }
        let Some(states) = self.all_states() else { return };
        let observers = self.best.calls().filter(|(_, call)| {
            let observed = call.result();
            let mut fits = false;
            states.iter().all(|state| {
                let steps = self.judge.spec.step(state, &call.operation, observed);
                let mut fitting =
                    steps.into_iter().filter(|(answer, _)| observed.is_none_or(|o| o == answer));
                fitting.all(|(_, next)| {
                    fits = true;
                    next == *state
                })
            }) && fits
        });
        let observers = observers.map(|(index, _)| vec![index]).collect();
        self.reduce(observers, Self::without);
    }

    /// All states that the calls can reach, if a search found them wrong.
    fn all_states(&self) -> Option<&[S::State]> {
        match &self.wrong {
            Wrong::Search { states, .. } => Some(states),
            Wrong::Monitor => None,
        }
    }

    /// Step 4.
    fn idle_calls(&mut self) {
        if self.judge.order != Order::RealTime || self.best.history().len() > SMALL {
            return;
        }
        let groups = self.of_no_value().into_iter().map(|index| vec![index]).collect();
        // What is left out does not change it.
        let Some(story) = self.story(&self.best) else { return };
        self.reduce(groups, |shrinker, idle| {
            let weaker = shrinker.best.with_pending(|index| idle.contains(&index));
            let decision = shrinker.judge.decide(weaker.history(), shrinker.limits);
            if !matches!(decision, Decision::Wrong(_)) {
                return false;
            }
            let rest = shrinker.best.only(|index| !idle.contains(&index));
            shrinker.story(&rest).is_some_and(|after| story.is(&after))
                && shrinker.keep_if_wrong(rest)
        });
    }

    fn story(&self, excerpt: &Excerpt<S::Operation, S::Result>) -> Option<Story<S::Result>> {
        let blame = blame(&self.judge, self.limits, excerpt.history())?;
        let (culprit, _) = excerpt.calls().nth(blame.call)?;
        let limits = Limits { steps: FREE_STEPS, ..*self.limits };
        let free = self.judge.explore(excerpt.history(), Order::Free, None, &limits).ok()?;
        let because_of_time = match free {
            Outcome::Found { .. } => true,
            Outcome::Exhausted { .. } => false,
            Outcome::OutOfSteps | Outcome::GaveUp(_) => return None,
        };
        Some(Story { culprit, answers: blame.answers, because_of_time })
    }

    /// Keeps what is left without these calls, if it is wrong.
    fn without(&mut self, gone: &HashSet<usize>) -> bool {
        let rest = self.best.only(|index| !gone.contains(&index));
        self.keep_if_wrong(rest)
    }

    /// Tries to get rid of groups of calls: all, by halves, and so on to single ones.
    fn reduce(
        &mut self,
        mut groups: Vec<Vec<usize>>,
        attempt: impl Fn(&mut Self, &HashSet<usize>) -> bool,
    ) {
        let mut size = groups.len();
        while size > 0 && !self.limits.time_is_up() {
            let mut at = 0;
            while at < groups.len() {
                let upto = (at + size).min(groups.len());
                let gone = groups[at..upto].concat().into_iter().collect();
                if attempt(self, &gone) {
                    groups.drain(at..upto);
                } else {
                    at = upto;
                }
            }
            size /= 2;
        }
    }
}
