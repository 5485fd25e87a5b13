//! The search for an order that explains all answers.
//!
//! # Algorithm
//! Wing and Gong, "Testing and verifying concurrent objects" (JPDC 1993): try to linearise next one
//! of the calls that no call which is still open precedes, and go back when nothing fits. Lowe,
//! "Testing for linearizability" (CCPE 2017): a configuration, the set of linearised calls with the
//! state, is entered once. Departures:
//! * A set is a count per chain of calls ([`lanes`](super::lanes)), states are numbered
//!   ([`seen`](super::seen)): a configuration is a short row of numbers.
//! * The call that ends first is tried first: an implementation that works took effect in about that
//!   order, so that most histories need no way back.
//! * A pending call is tried after the others, never where it leaves the state as it is (whoever
//!   leaves it out has all choices still), and of pending calls that are the same only the first.
//! * One call may be *open*: it must have returned, with any answer but those excluded. So
//!   explanations find out what it could have said.
//!
//! There is no recursion: histories are long.
//!
//! # Invariants
//! * `[I1]` `row` is the configuration of the last frame: the counts, then the state's number.
//! * `[I2]` The choices of a frame lie above its mark, and above those of the frames below it.
//!
//! # Cost
//! Linear in the calls when no way back is needed; exponential in the calls that overlap at worst,
//! hence the limits.

use super::{
    super::{history::Call, spec::SequentialSpec},
    lanes::{Order, lanes},
    seen::{Configurations, States},
    start::Met,
    verdict::Unknown,
};
use crate::facade::time::Instant;
use std::collections::HashSet;

/// After how many steps the clock is read, and after how many looks at a lane.
const STEPS_PER_LOOK: u64 = 64;
const LANES_PER_LOOK: u64 = 4096;
/// How many pairs of pending calls are compared; beyond, calls that are the same may be tried both.
const PAIRS: usize = 1 << 18;

/// When to give up.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// `None`: never.
    pub(super) deadline: Option<Instant>,
    /// Bytes.
    pub(super) memory: usize,
    /// Configurations.
    pub(super) steps: u64,
}

impl Limits {
    pub(super) fn time_is_up(&self) -> bool {
        self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }
}

/// The call whose answer is open, and answers that it must not give.
pub(super) struct Open<'a, R> {
    pub(super) call: usize,
    pub(super) excluded: &'a [R],
}

/// What came of a search.
pub(super) enum Outcome<S: SequentialSpec> {
    /// This order explains the history; with it the open call gave this answer.
    Found { order: Vec<usize>, answer: Option<S::Result> },
    /// No order does. These are all configurations that were met on the way, the first one too; what
    /// returned before the moment `stuck` is explained by some order.
    Exhausted { met: Met<S::State>, stuck: u64 },
    /// The time, the memory ...
    GaveUp(Unknown),
    /// ... or the steps did not suffice.
    OutOfSteps,
}

/// One way on from a configuration.
enum Choice {
    /// Linearise the next call of a lane, if it fits.
    Call { lane: u32 },
    /// It fits, and this is the state that follows.
    State { lane: u32, state: u32, answer: u32 },
}

/// A configuration on the way.
struct Frame {
    /// By which lane it was entered.
    lane: u32,
    /// The answer of the open call, if that was linearised here.
    answer: u32,
    state: u32,
    /// Where its choices begin.
    mark: usize,
}

const NO_ANSWER: u32 = u32::MAX;

/// A search, and where it stands.
pub(super) struct Search<'a, S: SequentialSpec> {
    spec: &'a S,
    calls: &'a [&'a Call<S::Operation, S::Result>],
    order: Order,
    open: Option<Open<'a, S::Result>>,
    lanes: Vec<Vec<u32>>,
    /// For each pending call the first one that is the same.
    twin: Vec<u32>,
    row: Vec<u32>,
    states: States<S::State>,
    seen: Configurations,
    frames: Vec<Frame>,
    choices: Vec<Choice>,
    answers: Vec<S::Result>,
    /// Calls that returned and are not linearised.
    left: usize,
    /// The latest moment at which a configuration had to have the next call linearised.
    stuck: u64,
}

impl<'a, S: SequentialSpec> Search<'a, S> {
    /// A search over calls in the order of their invocation.
    pub(super) fn new(
        spec: &'a S,
        calls: &'a [&'a Call<S::Operation, S::Result>],
        order: Order,
        open: Option<Open<'a, S::Result>>,
    ) -> Self {
        let lanes = lanes(calls, order);
        let width = lanes.len() + 1;
        let is_open = |call| open.as_ref().is_some_and(|open| open.call == call);
        let left = (0..calls.len())
            .filter(|&call| calls[call].returned.is_some() || is_open(call))
            .count();
        Search {
            spec,
            calls,
            order,
            open,
            twin: twins(spec, calls),
            row: vec![0; width],
            states: States::new(),
            seen: Configurations::new(width),
            frames: Vec::new(),
            choices: Vec::new(),
            answers: Vec::new(),
            left,
            stuck: 0,
            lanes,
        }
    }

    /// Searches, from this state on, until it is decided or a limit is met.
    pub(super) fn run(mut self, from: S::State, limits: &Limits) -> Outcome<S> {
        let initial = self.states.number(from);
        self.enter(0, initial, NO_ANSWER);
        self.seen.insert(&self.row);
        let mut steps = 0;
        let look = (LANES_PER_LOOK / self.row.len() as u64).clamp(1, STEPS_PER_LOOK);
        while self.left > 0 {
            if steps % look == 0 && limits.time_is_up() {
                return Outcome::GaveUp(Unknown::OutOfTime);
            }
            if self.bytes() > limits.memory {
                return Outcome::GaveUp(Unknown::OutOfMemory);
            }
            if steps >= limits.steps {
                return Outcome::OutOfSteps;
            }
            steps += 1;
            if !self.step() {
                let Search { lanes, seen: configurations, states, stuck, .. } = self;
                return Outcome::Exhausted { met: Met { lanes, configurations, states }, stuck };
            }
        }
        self.found()
    }

    /// Takes one choice, or goes back. `false`: there is no way left.
    fn step(&mut self) -> bool {
        let Some(frame) = self.frames.last() else { return false };
        if self.choices.len() == frame.mark {
            self.leave();
            return true;
        }
        match self.choices.pop() {
            Some(Choice::Call { lane }) => self.try_call(lane, frame.state),
            Some(Choice::State { lane, state, answer }) => {
                let from = frame.state;
                self.row[lane as usize] += 1;
                self.set_state(state);
                if self.seen.insert(&self.row) {
                    self.left -= usize::from(self.must_return(self.last_of(lane)));
                    self.enter(lane, state, answer);
                } else {
                    self.row[lane as usize] -= 1;
                    self.set_state(from);
                }
            }
            None => {}
        }
        true
    }

    /// Asks the specification what the next call of a lane may do.
    fn try_call(&mut self, lane: u32, from: u32) {
        let index = self.lanes[lane as usize][self.row[lane as usize] as usize] as usize;
        let call = self.calls[index];
        let state = self.states.get(from);
        let open = self.open.as_ref().filter(|open| open.call == index);
        let observed = if open.is_some() { None } else { call.result() };
        let first = self.choices.len();
        let mut fitting = Vec::new();
        for (answer, next) in self.spec.step(state, &call.operation, observed) {
            let fits = match (&open, observed) {
                (Some(open), _) => !open.excluded.contains(&answer),
                (None, Some(observed)) => answer == *observed,
                (None, None) => next != *state,
            };
            if fits {
                fitting.push((answer, next));
            }
        }
        let is_open = open.is_some();
        for (answer, next) in fitting {
            let mut number = NO_ANSWER;
            if is_open {
                number = self.answers.len() as u32;
                self.answers.push(answer);
            }
            let state = self.states.number(next);
            self.choices.push(Choice::State { lane, state, answer: number });
        }
        self.choices[first..].reverse(); // the specification's first answer is tried first
    }

    /// Makes a configuration the last frame, with a choice for each call that may come next.
    fn enter(&mut self, lane: u32, state: u32, answer: u32) {
        self.set_state(state);
        let mark = self.choices.len();
        self.frames.push(Frame { lane, answer, state, mark });
        let earliest = match self.order {
            Order::RealTime => (0..self.lanes.len())
                .filter_map(|lane| self.next(lane).map(|call| self.end(call)))
                .min()
                .unwrap_or(u64::MAX),
            Order::Program | Order::Free => u64::MAX,
        };
        self.stuck = self.stuck.max(earliest);
        let mut candidates: Vec<(u64, u64, u32)> = Vec::new();
        for lane in 0..self.lanes.len() {
            let Some(call) = self.next(lane) else { continue };
            let invoked = self.calls[call].invoked;
            if invoked <= earliest {
                candidates.push((self.end(call), invoked, lane as u32));
            }
        }
        candidates.sort_unstable();
        self.drop_twins(&mut candidates);
        let ways = candidates.iter().rev().map(|&(_, _, lane)| Choice::Call { lane });
        self.choices.extend(ways);
    }

    /// Keeps the first of pending candidates that are the same: none of them precedes anything, so
    /// that one can stand where another would.
    fn drop_twins(&self, candidates: &mut Vec<(u64, u64, u32)>) {
        let pending = candidates.iter().filter(|(end, ..)| *end == u64::MAX).count();
        if pending < 2 {
            return;
        }
        let mut met = HashSet::with_capacity(pending);
        candidates.retain(|&(end, _, lane)| {
            let Some(call) = self.next(lane as usize).filter(|_| end == u64::MAX) else {
                return true;
            };
            met.insert(self.twin[call])
        });
    }

    /// Goes back to the frame below.
    fn leave(&mut self) {
        let Some(frame) = self.frames.pop() else { return };
        let Some(below) = self.frames.last() else { return };
        let state = below.state;
        self.left += usize::from(self.must_return(self.last_of(frame.lane)));
        self.row[frame.lane as usize] -= 1;
        self.set_state(state);
    }

    fn found(self) -> Outcome<S> {
        let mut counts = vec![0; self.lanes.len()];
        let mut order = Vec::with_capacity(self.frames.len());
        let mut answer = None;
        for frame in &self.frames[1..] {
            let lane = frame.lane as usize;
            order.push(self.lanes[lane][counts[lane]] as usize);
            counts[lane] += 1;
            answer = self.answers.get(frame.answer as usize).or(answer);
        }
        Outcome::Found { order, answer: answer.cloned() }
    }

    /// The call of a lane that comes next, if one is left.
    fn next(&self, lane: usize) -> Option<usize> {
        self.lanes[lane].get(self.row[lane] as usize).map(|&call| call as usize)
    }

    /// The call of a lane that was linearised last.
    fn last_of(&self, lane: u32) -> usize {
        self.lanes[lane as usize][self.row[lane as usize] as usize - 1] as usize
    }

    /// Whether an order without the call explains nothing.
    fn must_return(&self, call: usize) -> bool {
        self.calls[call].returned.is_some()
            || self.open.as_ref().is_some_and(|open| open.call == call)
    }

    fn end(&self, call: usize) -> u64 {
        self.calls[call].end()
    }

    fn set_state(&mut self, state: u32) {
        let last = self.row.len() - 1;
        self.row[last] = state;
    }

    fn bytes(&self) -> usize {
        let frames = self.frames.capacity() * size_of::<Frame>();
        let choices = self.choices.capacity() * size_of::<Choice>();
        self.seen.bytes().saturating_add(self.states.bytes()).saturating_add(frames + choices)
    }
}

/// For each pending call the first pending call that is the same, as far as that is known; for
/// others themselves.
fn twins<S: SequentialSpec>(spec: &S, calls: &[&Call<S::Operation, S::Result>]) -> Vec<u32> {
    let mut twin: Vec<u32> = (0..calls.len() as u32).collect();
    let mut firsts: Vec<usize> = Vec::new();
    let mut pairs = 0;
    for (index, call) in calls.iter().enumerate().filter(|(_, call)| call.returned.is_none()) {
        let same = |&&first: &&usize| spec.same(&calls[first].operation, &call.operation);
        pairs += firsts.len();
        if pairs > PAIRS {
            break;
        }
        match firsts.iter().find(same) {
            Some(&first) => twin[index] = first as u32,
            None => firsts.push(index),
        }
    }
    twin
}
