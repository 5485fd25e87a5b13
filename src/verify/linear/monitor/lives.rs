//! Lives of values: when each was put in and taken out, in ranks.
//!
//! Moments become ranks, which all differ; so no argument about intervals is about touching ones.
//! How moments that are equal are ranked decides whether calls that touch are ordered.

use super::{super::super::history::History, Calls};
use std::collections::HashMap;

/// A time that nothing follows.
pub(super) const NEVER: usize = usize::MAX;

/// Whether a call that begins in the moment in which another ended comes after it, and whether calls
/// of a process that overlap, since they were widened, come one after another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Touching {
    /// No: all that begins in a moment begins before what ends in it ends, and calls are as wide as
    /// they are.
    Unordered,
    /// Yes, of whichever process; and a call ends before the next one of its process begins.
    Ordered,
}

/// The ranks at which a call begins and ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) invoked: usize,
    pub(super) end: usize,
}

impl Span {
    pub(super) fn precedes(self, other: Span) -> bool {
        self.end < other.invoked
    }
}

/// One value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Life {
    pub(super) value: usize,
    pub(super) insert: Span,
    /// From [`NEVER`] to [`NEVER`] when it was not taken out.
    pub(super) remove: Span,
}

impl Life {
    /// From when until when it surely is inside, if ever: its insertion's end, its removal's begin.
    pub(super) fn surely_inside(&self) -> Option<(usize, usize)> {
        let (from, to) = (self.insert.end, self.remove.invoked);
        (from < to).then_some((from, to))
    }

    /// Whether it came out before it went in.
    pub(super) fn is_early(&self) -> bool {
        self.remove.precedes(self.insert)
    }
}

/// All values, and the removals that found nothing.
#[derive(Debug)]
pub(super) struct Lives {
    pub(super) lives: Vec<Life>,
    pub(super) nothing: Vec<(usize, Span)>,
}

impl Lives {
    /// The lives of a history; `staying`: also of values that did not come out.
    pub(super) fn new<O, R, V>(
        history: &History<O, R>,
        calls: &Calls<V>,
        touching: Touching,
        staying: bool,
    ) -> Self {
        let spans = spans(history, touching);
        let mut lives = Vec::with_capacity(calls.values.len());
        for (value, (&insert, remove)) in calls.inserts.iter().zip(&calls.removes).enumerate() {
            let insert = spans[insert];
            let remove = remove.map(|call| spans[call]);
            if remove.is_none() && !staying {
                continue;
            }
            let remove = remove.unwrap_or(Span { invoked: NEVER, end: NEVER });
            lives.push(Life { value, insert, remove });
        }
        let nothing = calls.nothing.iter().map(|&call| (call, spans[call])).collect();
        Lives { lives, nothing }
    }

    /// A removal that found nothing though there always was something, and what there was.
    ///
    /// A moment is *free* when no value surely is inside. At a free moment all that began to come out
    /// earlier can be gone, and all the rest come later: there the container can be empty. And where
    /// it is empty, the moment is free. So what found nothing needs a free moment in its span.
    pub(super) fn full(&self) -> Option<(usize, Vec<usize>)> {
        if self.nothing.is_empty() {
            return None;
        }
        let inside = |life: &Life| life.surely_inside().map(|(from, to)| (from, to, life.value));
        let mut inside: Vec<(usize, usize, usize)> = self.lives.iter().filter_map(inside).collect();
        inside.sort_unstable();
        let mut blocks: Vec<(usize, usize)> = Vec::new();
        for &(from, to, _) in &inside {
            match blocks.last_mut() {
                Some((_, end)) if from < *end => *end = to.max(*end),
                _ => blocks.push((from, to)),
            }
        }
        self.nothing.iter().find_map(|&(call, span)| {
            let at = blocks.partition_point(|(from, _)| *from < span.invoked);
            let (_, end) = *blocks.get(at.checked_sub(1)?)?;
            (span.end < end).then(|| (call, cover(&inside, span)))
        })
    }
}

/// Few values of which at each moment of the span one is inside. They come sorted.
fn cover(inside: &[(usize, usize, usize)], span: Span) -> Vec<usize> {
    let mut chosen = Vec::new();
    let mut covered = span.invoked;
    let mut rest = inside.iter().peekable();
    let mut longest = None;
    while covered < span.end {
        while let Some(&(_, to, value)) = rest.next_if(|(from, _, _)| *from <= covered) {
            longest = longest.max(Some((to, value)));
        }
        let Some((to, value)) = longest.filter(|(to, _)| *to > covered) else { break };
        chosen.push(value);
        covered = to;
    }
    chosen
}

/// Whether a call begins before the one before it in its process has ended, or in that moment.
pub(super) fn touches<O, R>(history: &History<O, R>) -> bool {
    let mut ends = HashMap::new();
    history
        .calls()
        .iter()
        .any(|call| ends.insert(call.process, call.end()).is_some_and(|end| end >= call.invoked))
}

/// When each call ends at the latest, if its process waited for that before it went on.
fn ends_in_process<O, R>(history: &History<O, R>) -> Vec<Option<u64>> {
    let mut next: HashMap<usize, u64> = HashMap::new();
    let ends = history.calls().iter().rev().map(|call| {
        let next = next.insert(call.process, call.invoked);
        let end = call.returned.as_ref()?.at;
        Some(next.map_or(end, |next| end.min(next)))
    });
    let mut ends: Vec<_> = ends.collect();
    ends.reverse();
    ends
}

/// The ranks of all calls.
fn spans<O, R>(history: &History<O, R>, touching: Touching) -> Vec<Span> {
    let calls = history.calls();
    let ends: Vec<Option<u64>> = match touching {
        Touching::Unordered => calls.iter().map(|call| Some(call.returned.as_ref()?.at)).collect(),
        Touching::Ordered => ends_in_process(history),
    };
    // By moment, then by kind, then by call, and of one call the begin first.
    let mut events = Vec::with_capacity(calls.len() * 2);
    for (number, (call, end_at)) in calls.iter().zip(ends).enumerate() {
        let momentary = end_at == Some(call.invoked);
        let (begin, end) = match (touching, momentary) {
            (Touching::Unordered, _) => (0, 1),
            (Touching::Ordered, true) => (1, 1),
            (Touching::Ordered, false) => (2, 0),
        };
        events.push((call.invoked, begin, number, false));
        if let Some(end_at) = end_at {
            events.push((end_at, end, number, true));
        }
    }
    events.sort_unstable();
    let mut spans = vec![Span { invoked: NEVER, end: NEVER }; calls.len()];
    for (rank, (_, _, number, is_end)) in events.into_iter().enumerate() {
        let span = &mut spans[number];
        *(if is_end { &mut span.end } else { &mut span.invoked }) = rank;
    }
    spans
}
