//! The word of a notification, and who gets it.
//!
//! # The word
//! | bits | |
//! |---|---|
//! | `QUEUED` | somebody is in the queue |
//! | `PERMIT` | nobody waited when one was notified: who comes next need not wait |
//! | `ROUND`… | how many times all were notified, wrapping |
//!
//! # Algorithm
//! A wait knows the round in which it began ([`Request::want`]): when there is another one it is over.
//! So who began before `notify_all` is notified by it, whether it has looked since or not. Whoever is in
//! the queue then is marked under its lock, and told when that is free again.
//!
//! `notify_one` grants to the first one in the queue, or leaves a permit.
//!
//! # Invariants
//! * `[I1]` `QUEUED` if and only if the ring is not empty, as the lock's holder sees it.
//! * `[I2]` `PERMIT` is set under the queue's lock, if `QUEUED`, and only if all in the ring are due, or
//!   [out](crate::wait::group).
//! * `[I3]` Who was granted and leaves hands on.
//!
//! # Orderings
//! * `[P1]` What was done before a notification is seen by who is notified, and by who begins to wait
//!   in a later round (so that it need not wait for what it can see). Every notification is a
//!   read-modify-write, as is every announcement of a waiter: of two of them one sees the other.

use super::Notify;
use crate::{
    facade::atomic::Ordering,
    wait::{Attempt, Notice, Policy, Queue, Request, Ring, Source},
};

const QUEUED: usize = 1;
const PERMIT: usize = 1 << 1;
const ROUND: usize = 1 << 2;

impl<P: Policy> Notify<P> {
    /// For a wait that begins.
    #[inline]
    pub(super) fn round(&self) -> usize {
        // [P1] Acquire: it looks at what is guarded next, and must see what came before this round.
        self.word.load(Ordering::Acquire) / ROUND
    }

    #[inline]
    pub(super) fn grant_one(&self) {
        if !self.leave_permit(QUEUED) {
            self.grant_one_queued();
        }
    }

    /// Leaves a permit, unless the word has one of these bits: `false`.
    #[inline]
    fn leave_permit(&self, unless: usize) -> bool {
        // Relaxed: a guess, which the exchange checks.
        let mut word = self.word.load(Ordering::Relaxed);
        while word & unless == 0 {
            let next = word | PERMIT;
            // [P1] Release, also if the permit is there already. Relaxed: a guess again.
            match self.word.compare_exchange(word, next, Ordering::Release, Ordering::Relaxed) {
                Ok(_) => return true,
                Err(seen) => word = seen,
            }
        }
        false
    }

    #[cold]
    fn grant_one_queued(&self) {
        let woken = self.queue.exclusive(|ring| {
            let woken = ring.grant_first(|_| true, |_| {});
            if woken.is_none() {
                // Nobody waits, but for those who are due or out.
                self.leave_permit(0);
            }
            self.have_left(ring);
            woken
        });
        if let Some(waiter) = woken {
            waiter.wake();
        }
    }

    #[inline]
    pub(super) fn begin_round(&self) {
        // Relaxed: a guess, which the exchange checks.
        let mut word = self.word.load(Ordering::Relaxed);
        while word & QUEUED == 0 {
            let next = word.wrapping_add(ROUND);
            // [P1] Release. Relaxed: a guess again.
            match self.word.compare_exchange(word, next, Ordering::Release, Ordering::Relaxed) {
                Ok(_) => return,
                Err(seen) => word = seen,
            }
        }
        self.begin_round_queued();
    }

    #[cold]
    fn begin_round_queued(&self) {
        self.queue.exclusive(|ring| {
            // [P1] Release.
            self.word.fetch_add(ROUND, Ordering::Release);
            ring.mark_due(|_| true);
        });
        self.queue.notify_due(Notice::All, |ring| self.have_left(ring));
    }

    /// Under the queue's lock: somebody has left the ring. [I1]
    fn have_left<G>(&self, ring: &Ring<'_, P, G>) {
        if ring.is_empty() {
            // Relaxed: it guards nothing.
            self.word.fetch_and(!QUEUED, Ordering::Relaxed);
        }
    }

    /// Takes the permit, or ends the wait of an earlier round; sets `mark` otherwise.
    fn take(&self, round: usize, mark: usize) -> Attempt {
        // Relaxed: a guess, which the exchange checks, or `round` looks at again.
        let mut word = self.word.load(Ordering::Relaxed);
        loop {
            if word / ROUND != round {
                // For what came before that round. [P1]
                self.round();
                return Attempt::Took;
            }
            let is_there = word & PERMIT != 0;
            let next = if is_there { word & !PERMIT } else { word | mark };
            if !is_there && mark == 0 {
                return Attempt::Blocked;
            }
            // [P1] Acquire: what the permit was left for. Relaxed: a guess again.
            match self.word.compare_exchange(word, next, Ordering::Acquire, Ordering::Relaxed) {
                Ok(_) => return Attempt::took_if(is_there),
                Err(seen) => word = seen,
            }
        }
    }

    /// For a wait that began in that round and is not in the queue: whether it ends at once.
    #[inline]
    pub(super) fn is_over(&self, round: usize) -> bool {
        self.take(round, 0) == Attempt::Took
    }
}

impl<P: Policy> Source for Notify<P> {
    type Policy = P;
    type Guarded = ();

    fn queue(&self) -> &Queue<P> {
        &self.queue
    }

    fn try_take(&self, request: Request) -> Attempt {
        self.take(request.want, 0)
    }

    fn take_or_announce(&self, _: &mut Ring<'_, P>, request: Request) -> Attempt {
        self.take(request.want, QUEUED)
    }

    fn has_left(&self, ring: &mut Ring<'_, P>, _: Request) {
        self.have_left(ring);
    }

    fn forward(&self, _: Notice, _: Request) {
        self.grant_one();
    }
}
