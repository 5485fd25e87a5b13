//! Queues of distinct values.
//!
//! # Algorithm
//! Henzinger, Sezgin, Vafeiadis, "Aspect-oriented linearizability proofs" (CONCUR 2013), theorem on
//! queues: a history is wrong only in one of four ways.
//! * *Fresh*: a value comes out that nobody put in, or before anybody began to.
//! * *Repeat*: a value comes out twice.
//! * *Order*: a went in before b, and b came out before a, or a never did.
//! * *Witness*: a removal found nothing though the queue was never empty during it.
//!
//! The first two are seen where calls are sorted by value, but for the one that came early. For the
//! third, values are swept in the order in which they begin to go in, beside those that went in
//! before, of which the one that comes out last is enough. The fourth is [`Lives::full`]: the queue
//! is never empty if at each moment some value, perhaps a different one, surely is inside.

use super::{
    Fault,
    lives::{Life, Lives},
};

pub(super) fn check(all: &Lives) -> Result<(), Fault> {
    if let Some(early) = all.lives.iter().find(|life| life.is_early()) {
        return Err(Fault::Early { value: early.value });
    }
    if let Some((first, second)) = overtaken(&all.lives) {
        return Err(Fault::Overtaken { first, second });
    }
    match all.full() {
        Some((removal, inside)) => Err(Fault::Full { removal, inside }),
        None => Ok(()),
    }
}

/// Two values, of which the second went in later and came out earlier.
fn overtaken(lives: &[Life]) -> Option<(usize, usize)> {
    let mut by_begin: Vec<&Life> = lives.iter().collect();
    by_begin.sort_unstable_by_key(|life| life.insert.invoked);
    let mut by_end = by_begin.clone();
    by_end.sort_unstable_by_key(|life| life.insert.end);
    let mut inserted = by_end.into_iter().peekable();
    let mut last: Option<&Life> = None; // of those inserted, the one whose removal begins last
    for life in by_begin {
        while let Some(before) = inserted.next_if(|before| before.insert.precedes(life.insert)) {
            if last.is_none_or(|last| last.remove.invoked < before.remove.invoked) {
                last = Some(before);
            }
        }
        if let Some(first) = last.filter(|last| life.remove.precedes(last.remove)) {
            return Some((first.value, life.value));
        }
    }
    None
}
