//! Stacks of distinct values.
//!
//! # Algorithm
//! Ours; the argument in full. That no value comes from nowhere, early or twice is checked before.
//!
//! 1. *A value whose insertion and removal overlap can go.* Both can take effect at one moment that
//!    they share, next to each other, which disturbs nobody. What is left, if it is right, stays
//!    right with them, and calls of a value can always go.
//! 2. For each other value let D be the time from the end of its insertion to the begin of its
//!    removal, in which it surely is inside. *A moment that no D contains splits the history*: left
//!    the values whose removal begins before it, right those whose insertion ends after it. No call
//!    on the right precedes one on the left: the former ends after the moment, the latter begins
//!    before it. So an order of the left side, then one of the right side, is an order of both, and it
//!    is legal, as the left one leaves nothing behind. Hence the whole is right if and only if both
//!    sides are. A removal that found nothing fits in at such a moment, and nowhere else: where the
//!    stack is empty, no D is ([`Lives::full`]).
//! 3. *Where the D are connected, one value lies below all others*: if the stack were empty between
//!    two calls, that moment would split. So in any order that explains them the first call inserts
//!    some x, the last one removes it; thus no call precedes the insertion of x, and its removal
//!    precedes none. Conversely *any* x of which that is true can go: put its calls around an order
//!    of the others. If there is none, the history is wrong.
//!
//! Both are repeated until nothing is left. All x of a connected piece that can go do so at once:
//! what is true of them stays true when others go.
//!
//! # Cost
//! O(n log n) to sort, and O(n) for each layer that is taken off. Some layer takes off one value
//! alone at worst, so the work is bounded: beyond [`MOST_WORK`] there is no answer.
//!
//! # Checked by
//! `tests/verify/monitor.rs`, against brute force.

use super::{
    Fault,
    lives::{Life, Lives},
};

/// Looks at values; some seconds.
const MOST_WORK: usize = 4_000_000_000;

pub(super) fn check(all: &Lives) -> Option<Result<(), Fault>> {
    if let Some(early) = all.lives.iter().find(|life| life.is_early()) {
        return Some(Err(Fault::Early { value: early.value }));
    }
    if let Some((removal, inside)) = all.full() {
        return Some(Err(Fault::Full { removal, inside }));
    }
    // 1: the rest is surely inside at some time.
    let mut lives: Vec<Life> =
        all.lives.iter().filter(|life| life.surely_inside().is_some()).copied().collect();
    lives.sort_unstable_by_key(|life| life.insert.end);
    let mut segments = vec![lives];
    let mut work = 0;
    while let Some(segment) = segments.pop() {
        work += segment.len();
        if work > MOST_WORK {
            return None;
        }
        for piece in pieces(&segment) {
            match take_outermost(piece) {
                Some(rest) if rest.is_empty() => {}
                Some(rest) => segments.push(rest),
                None => return Some(Err(fault(piece))),
            }
        }
    }
    Some(Ok(()))
}

/// 2: the pieces in which values are connected. They come sorted by the begin of D.
fn pieces(lives: &[Life]) -> impl Iterator<Item = &[Life]> {
    let mut rest = lives;
    core::iter::from_fn(move || {
        let mut until = rest.first()?.remove.invoked;
        let mut length = 1;
        while let Some(next) = rest.get(length).filter(|next| next.insert.end < until) {
            until = until.max(next.remove.invoked);
            length += 1;
        }
        let (piece, left) = rest.split_at(length);
        rest = left;
        Some(piece)
    })
}

/// 3: what lies above the values that can lie below all others; `None` when there is none.
///
/// Of all calls of such values the first to end is an insertion, the last to begin a removal.
fn take_outermost(piece: &[Life]) -> Option<Vec<Life>> {
    if piece.len() == 1 {
        return Some(Vec::new());
    }
    let first_end = piece.iter().map(|life| life.insert.end).min()?;
    let last_begin = piece.iter().map(|life| life.remove.invoked).max()?;
    let above = |life: &Life| life.insert.invoked > first_end || life.remove.end < last_begin;
    let rest: Vec<Life> = piece.iter().filter(|life| above(life)).copied().collect();
    (rest.len() < piece.len()).then_some(rest)
}

/// Two values that alone are wrong, or all that are.
fn fault(piece: &[Life]) -> Fault {
    const LOOKED_AT: usize = 2_000;
    let some = &piece[..piece.len().min(LOOKED_AT)];
    for first in some {
        let over = some.iter().find(|second| {
            first.insert.precedes(second.insert)
                && second.insert.precedes(first.remove)
                && first.remove.precedes(second.remove)
        });
        if let Some(second) = over {
            return Fault::Buried { below: first.value, above: second.value };
        }
    }
    Fault::Tangle { values: piece.iter().map(|life| life.value).collect() }
}
