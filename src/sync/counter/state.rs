//! The word of a counter, and who waits for which values.
//!
//! # The word
//! | bits | |
//! |---|---|
//! | `QUEUED` | somebody is in the queue |
//! | the others | the value, signed |
//!
//! # Algorithm
//! While nobody waits, a change is one compare-exchange. While somebody does, it is done under the
//! queue's lock, where all whose condition the new value meets are marked at once: whether a waiter has
//! seen a value does not depend on what the value is when it wakes. They are told when the lock is free
//! again.
//!
//! # Invariants
//! * `[I1]` `QUEUED` if and only if the ring is not empty, as the lock's holder sees it.
//! * `[I2]` While `QUEUED` the value changes under the queue's lock only.
//! * `[I3]` Nobody is linked, and not due, whose condition the value meets.
//!
//! # Orderings
//! * `[P1]` What was done before a change is seen by who sees its value or a later one, by reading, by
//!   changing, or by waiting.

use super::{Counter, Until};
use crate::{
    facade::atomic::Ordering,
    wait::{Attempt, Notice, Policy, Queue, Request, Ring, Source},
};

const QUEUED: usize = 1;
/// Two bits: a request has as many for the kind of its condition.
const ONE: usize = 1 << 2;

/// The value in a word, or in a request.
fn value_of(word: usize) -> isize {
    // The sign is kept.
    word as isize >> ONE.trailing_zeros()
}

/// A word with that value, and no flags.
pub(super) const fn word_of(value: isize) -> usize {
    (value as usize).wrapping_mul(ONE)
}

impl Until {
    /// As [`Request::want`].
    pub(super) fn want(self) -> usize {
        let (kind, value) = match self {
            Until::Equal(value) => (0, value),
            Until::Not(value) => (1, value),
            Until::AtLeast(value) => (2, value),
            Until::AtMost(value) => (3, value),
        };
        word_of(value) | kind
    }

    fn of_want(want: usize) -> Self {
        let value = value_of(want);
        match want % ONE {
            0 => Until::Equal(value),
            1 => Until::Not(value),
            2 => Until::AtLeast(value),
            _ => Until::AtMost(value),
        }
    }
}

impl<P: Policy> Counter<P> {
    pub(super) fn value_now(&self) -> isize {
        // [P1] Acquire.
        value_of(self.word.load(Ordering::Acquire))
    }

    /// For who changes it: that is what looks whether it is true.
    pub(super) fn value_guess(&self) -> isize {
        // Relaxed: a guess, which the exchange checks.
        value_of(self.word.load(Ordering::Relaxed))
    }

    /// Changes that value to another one; `false`: it is another one by now.
    pub(super) fn exchange(&self, value: isize, new: isize) -> bool {
        let (expected, to) = (word_of(value), word_of(new));
        loop {
            // [P1] Release, and Acquire: who changes sees what came before, and hands it on. Relaxed:
            // nothing was changed.
            let seen =
                self.word.compare_exchange(expected, to, Ordering::AcqRel, Ordering::Relaxed);
            match seen {
                Ok(_) => return true,
                Err(seen) if seen & QUEUED == 0 => return false,
                Err(_) => {}
            }
            if let Some(is_changed) = self.exchange_queued(value, new) {
                return is_changed;
            }
        }
    }

    /// As `exchange`, while somebody waits: nobody comes or goes meanwhile. `None`: nobody does.
    #[cold]
    fn exchange_queued(&self, value: isize, new: isize) -> Option<bool> {
        let is_changed = self.queue.exclusive(|ring| {
            if ring.is_empty() {
                return None;
            }
            let (expected, to) = (word_of(value) | QUEUED, word_of(new) | QUEUED);
            // [P1] Release. What came before is seen by the queue's lock: who announced itself has seen
            // it, and since then the value changes under the lock only. [I2] Relaxed: as above.
            let seen =
                self.word.compare_exchange(expected, to, Ordering::Release, Ordering::Relaxed);
            if seen.is_ok() {
                ring.mark_due(|request| Until::of_want(request.want).is_met_by(new));
            }
            Some(seen.is_ok())
        });
        if is_changed == Some(true) {
            self.queue.notify_due(Notice::All, |ring| self.have_left(ring));
        }
        is_changed
    }

    /// Under the queue's lock: somebody has left the ring. [I1]
    fn have_left<G>(&self, ring: &Ring<'_, P, G>) {
        if ring.is_empty() {
            // Relaxed: it guards nothing.
            self.word.fetch_and(!QUEUED, Ordering::Relaxed);
        }
    }
}

impl<P: Policy> Source for Counter<P> {
    type Policy = P;
    type Guarded = ();

    fn queue(&self) -> &Queue<P> {
        &self.queue
    }

    fn try_take(&self, request: Request) -> Attempt {
        Attempt::took_if(Until::of_want(request.want).is_met_by(self.value_now()))
    }

    fn take_or_announce(&self, ring: &mut Ring<'_, P>, request: Request) -> Attempt {
        // [P1] Acquire: the value seen ends the wait, or is that after which nobody changes it but under
        // the lock.
        let word = self.word.fetch_or(QUEUED, Ordering::Acquire);
        let is_met = Until::of_want(request.want).is_met_by(value_of(word));
        if is_met {
            self.have_left(ring);
        }
        Attempt::took_if(is_met)
    }

    fn has_left(&self, ring: &mut Ring<'_, P>, _: Request) {
        self.have_left(ring);
    }

    fn forward(&self, _: Notice, _: Request) {
        // What is told is for everybody.
    }
}
