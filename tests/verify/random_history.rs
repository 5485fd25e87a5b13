//! Random histories near the border: legal ones, of which some are then bent.

use crate::common::Random;
use core::mem::discriminant;
use counterpoint::verify::{
    history::{Call, History},
    spec::SequentialSpec,
};

/// How histories are drawn.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) processes: u64,
    pub(crate) calls: u64,
    /// Whether some calls do not return.
    pub(crate) pending: bool,
    /// By how much times are divided: from 2 on, calls touch.
    pub(crate) coarseness: u64,
    /// 1: processes take turns at random; the more, the rarer within a call.
    pub(crate) overlap: u64,
    /// How many bends it gets at most.
    pub(crate) bent: u64,
    /// By how much calls end later than they did, as if a clock were uncertain.
    pub(crate) widened: u64,
}

impl Shape {
    /// Small ones of all kinds.
    pub(crate) fn small(random: &mut Random) -> Self {
        Shape {
            processes: 1 + random.below(4),
            calls: 8 - random.below(9) * random.below(2),
            pending: random.below(2) == 0,
            coarseness: 1 + random.below(3) * random.below(2),
            overlap: 1 + random.below(4),
            bent: random.below(9),
            widened: random.below(6) * random.below(2),
        }
    }
}

/// A call on its way.
struct Running<O, R> {
    operation: O,
    invoked: u64,
    answer: Option<R>,
}

/// A history that came about by taking effect somewhere between begin and end; perhaps bent.
pub(crate) fn draw<S: SequentialSpec>(
    random: &mut Random,
    spec: &S,
    shape: Shape,
    operation: &mut dyn FnMut(&mut Random) -> S::Operation,
) -> History<S::Operation, S::Result> {
    let mut calls: Vec<Call<S::Operation, S::Result>> = Vec::new();
    let mut running: Vec<Option<Running<S::Operation, S::Result>>> =
        (0..shape.processes).map(|_| None).collect();
    let (mut state, mut clock, mut begun) = (spec.initial(), 0, 0);
    let mut process = 0;
    for _ in 0..shape.calls * 60 {
        // Who has begun often ends at once.
        if running[process].is_none() || random.below(shape.overlap) == 0 {
            process = random.below(shape.processes) as usize;
        }
        clock += 1;
        match running[process].take() {
            None if begun < shape.calls => {
                begun += 1;
                let operation = operation(random);
                running[process] = Some(Running { operation, invoked: clock, answer: None });
            }
            None => {}
            Some(mut call) if call.answer.is_none() => {
                let steps = spec.step(&state, &call.operation, None).into_iter();
                let mut steps: Vec<_> = steps.collect();
                if !steps.is_empty() {
                    let (answer, after) =
                        steps.swap_remove(random.below(steps.len() as u64) as usize);
                    call.answer = Some(answer);
                    state = after;
                }
                running[process] = Some(call);
            }
            Some(call) if shape.pending && begun == shape.calls && random.below(3) == 0 => {
                calls.push(Call::pending(process, call.operation, call.invoked));
                running[process] = None;
            }
            Some(Running { operation, invoked, answer }) => {
                calls.extend(
                    answer.map(|answer| Call::new(process, operation, invoked, clock, answer)),
                );
            }
        }
        if shape.pending && random.below(200) == 0 {
            break;
        }
    }
    for (process, running) in running.into_iter().enumerate() {
        // One that can take no effect, as a lock that stays taken, is pending in any case.
        calls.extend(running.map(|call| Call::pending(process, call.operation, call.invoked)));
    }
    for _ in 0..shape.bent {
        bend(random, &mut calls);
    }
    for call in &mut calls {
        call.invoked /= shape.coarseness;
        if let Some(returned) = &mut call.returned {
            returned.at = returned.at / shape.coarseness + shape.widened;
        }
    }
    // A process that lost its order by a pending call in the middle gets another number.
    let mut pending_of = std::collections::HashMap::new();
    for (nth, call) in calls.iter().enumerate() {
        if call.returned.is_none() {
            pending_of.insert(call.process, nth);
        }
    }
    let processes = shape.processes as usize;
    for (process, nth) in pending_of {
        let invoked = calls[nth].invoked;
        for (other, call) in calls.iter_mut().enumerate() {
            if call.process == process && other != nth && call.invoked >= invoked {
                call.process += processes;
            }
        }
    }
    let history = History::widened(calls, shape.widened);
    history.expect("each process makes one call after another")
}

/// Exchanges or copies answers, or lets a call begin later or end earlier.
fn bend<O, R: Clone>(random: &mut Random, calls: &mut [Call<O, R>]) {
    if calls.is_empty() {
        return;
    }
    let (one, other) =
        (random.below(calls.len() as u64) as usize, random.below(calls.len() as u64) as usize);
    let answers = (calls[one].result().cloned(), calls[other].result().cloned());
    let alike = discriminant(&calls[one].operation) == discriminant(&calls[other].operation);
    let (kind, first) = (random.below(4), &mut calls[one]);
    let (Some(mine), Some(theirs)) = answers else { return };
    let Some(returned) = &mut first.returned else { return };
    match kind {
        0 if alike => returned.result = theirs,
        1 | 2 if alike => {
            returned.result = theirs;
            if let Some(returned) = &mut calls[other].returned {
                returned.result = mine;
            }
        }
        _ => {
            let moment = first.invoked + random.below(returned.at - first.invoked + 1);
            match random.below(2) {
                0 => first.invoked = moment,
                _ => returned.at = moment,
            }
        }
    }
}
