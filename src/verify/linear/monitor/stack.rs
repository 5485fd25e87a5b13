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
//! The converse holds for pieces that are not connected as well. So values go as long as any can, and
//! only then the rest is split; if it is one piece, 3 says that it is wrong.
//!
//! # Cost
//! O(n log n) for each time that the rest is split. That may be once for each two values, where a big
//! piece and a small one alternate ever deeper, so the work is bounded: beyond [`MOST_WORK`] there is
//! no answer.
//!
//! # Checked by
//! `tests/verify/monitor.rs`, against brute force.

use super::{
    Fault,
    lives::{Life, Lives},
};
use core::cmp::Reverse;
use std::collections::BinaryHeap;

/// Looks at values; a few seconds.
const MOST_WORK: usize = 50_000_000;

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
        let rest = without_outermost(segment);
        let mut pieces = pieces(&rest);
        match (pieces.next(), pieces.next()) {
            (None, _) => {}
            (Some(only), None) => return Some(Err(fault(only))),
            (Some(first), Some(second)) => {
                let split = [first, second].into_iter().chain(pieces);
                segments.extend(split.filter(|piece| piece.len() > 1).map(<[Life]>::to_vec));
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

/// 3: what is left when values that can lie below all others go, again and again.
///
/// Of all calls the first to end is an insertion, the last to begin a removal; while values go, the
/// one comes to be later, the other earlier. So a value whose insertion begins early enough stays a
/// candidate, and of the candidates that one goes first whose removal ends last.
fn without_outermost(segment: Vec<Life>) -> Vec<Life> {
    let numbers = || 0..segment.len();
    let (mut by_begin, mut by_removal) = (Vec::from_iter(numbers()), Vec::from_iter(numbers()));
    by_begin.sort_unstable_by_key(|&number| segment[number].insert.invoked);
    by_removal.sort_unstable_by_key(|&number| Reverse(segment[number].remove.invoked));
    let mut gone = vec![false; segment.len()];
    let (mut begins, mut ends) = (by_begin.into_iter().peekable(), numbers().peekable());
    let mut removals = by_removal.into_iter().peekable();
    let mut candidates = BinaryHeap::new();
    loop {
        while ends.next_if(|&number| gone[number]).is_some() {}
        while removals.next_if(|&number| gone[number]).is_some() {}
        let (Some(&first), Some(&last)) = (ends.peek(), removals.peek()) else { break };
        let (first_end, last_begin) = (segment[first].insert.end, segment[last].remove.invoked);
        while let Some(next) = begins.next_if(|&next| segment[next].insert.invoked <= first_end) {
            candidates.push((segment[next].remove.end, next));
        }
        match candidates.pop() {
            Some((end, outermost)) if end >= last_begin => gone[outermost] = true,
            _ => break,
        }
    }
    let left = segment.into_iter().zip(gone).filter(|(_, gone)| !gone);
    left.map(|(life, _)| life).collect()
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
