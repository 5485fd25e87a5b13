//! What a domain says of its garbage: a few words that are changed as it comes and goes.
//!
//! # State
//! A retired entry is first in its participant's *bag*; a full bag is *handed over* to the backend as a
//! batch; in the end the batch is freed.
//!
//! | word | changed by |
//! |---|---|
//! | `retired` | each retirement: one addition, on the participant's stripe |
//! | `handed_over`, `bytes` | the hand-over of a batch, and its end |
//! | `peak` | a hand-over, if more is handed over than ever before |
//! | `freed` | the end of a batch |
//! | `joined`, `left` | a participant's beginning and its end |
//!
//! # Invariants
//! * `[I1]` `handed_over` is one word: each value that it ever has was the number of entries handed over
//!   and not yet freed, and `peak` is the largest of them, once who stored it has told.
//! * `[I2]` What waits is `retired - freed`; a bag holds what of that is not in `handed_over`.
//!
//! All is Relaxed, and no algorithm depends on it: a statistic publishes nothing.

use crate::{
    base::{CachePadded, StripedCounter},
    facade::untracked::Tally,
};

/// What waits in a domain and what has passed through it, at one moment; made by
/// [`Collector::metrics`](super::Collector::metrics).
///
/// All fields are exact, and agree, when no thread retires or frees anything meanwhile. Otherwise
/// [`handed_over`](Self::handed_over), [`bytes`](Self::bytes) and [`peak`](Self::peak) are exact each by
/// itself, of some moment of the call; the others may lack changes that are under way, but for those of
/// the calling thread. Numbers of what there was in all wrap around.
///
/// ```
/// use counterpoint::reclaim::Collector;
/// let collector = Collector::new();
/// let handle = collector.register();
/// let guard = handle.pin();
/// guard.defer(|| println!("later"));
/// let seen = collector.metrics();
/// assert_eq!((seen.waiting, seen.handed_over), (1, 0));
/// guard.flush();
/// let seen = collector.metrics();
/// assert_eq!((seen.waiting, seen.handed_over), (1, 1));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Metrics {
    /// Nodes retired and functions deferred, in all.
    pub retired: usize,
    /// How many of them have been freed.
    pub freed: usize,
    /// How many of them wait: the difference, and what [`Collector::garbage`](super::Collector::garbage)
    /// says.
    pub waiting: usize,
    /// How many of those that wait have been handed over, so that any thread frees them when they are
    /// due. The rest is in bags: of each participant less than a full one, until it retires as many as
    /// that makes, flushes, or leaves.
    pub handed_over: usize,
    /// The bytes of what has been handed over: of nodes and of deferred functions themselves, not of what
    /// they own in turn (but the slots of queues and deques count).
    pub bytes: usize,
    /// The most that were [`handed_over`](Self::handed_over) at one time.
    pub peak: usize,
    /// How many participants there are: handles, guards that registered for themselves alone, and threads
    /// that have used the implicit handle of the global domain.
    pub participants: usize,
    /// How many retired destructors and deferred functions have panicked.
    pub panics: usize,
}

/// See the module's head.
pub(super) struct Account {
    retired: StripedCounter,
    /// Changed batch by batch.
    batches: CachePadded<Batches>,
    joined: Tally,
    left: Tally,
}

struct Batches {
    handed_over: Tally,
    bytes: Tally,
    peak: Tally,
    freed: Tally,
}

impl Account {
    pub(super) const fn new() -> Self {
        Account {
            retired: StripedCounter::new(),
            batches: CachePadded::new(Batches {
                handed_over: Tally::new(0),
                bytes: Tally::new(0),
                peak: Tally::new(0),
                freed: Tally::new(0),
            }),
            joined: Tally::new(0),
            left: Tally::new(0),
        }
    }

    /// Counts a participant; how many there were before, in all.
    pub(super) fn join(&self) -> usize {
        self.joined.add(1)
    }

    /// A participant has ended.
    pub(super) fn leave(&self) {
        self.left.add(1);
    }

    /// An entry has come into a bag, of the participant with that stripe.
    #[inline(always)]
    pub(super) fn retire(&self, stripe: usize) {
        self.retired.add(1, stripe);
    }

    /// A bag becomes a batch.
    pub(super) fn hand_over(&self, entries: usize, bytes: usize) {
        self.batches.bytes.add(bytes);
        let before = self.batches.handed_over.add(entries);
        self.batches.peak.raise_to(before.wrapping_add(entries)); // [I1]
    }

    /// A batch has been freed.
    pub(super) fn free(&self, entries: usize, bytes: usize) {
        self.batches.freed.add(entries);
        self.batches.bytes.sub(bytes);
        self.batches.handed_over.sub(entries);
    }

    /// How many entries wait.
    pub(super) fn waiting(&self) -> usize {
        self.retired_freed_and_waiting().2
    }

    fn retired_freed_and_waiting(&self) -> (usize, usize, usize) {
        let freed = self.batches.freed.get();
        let retired = self.retired.wrapping_sum();
        // Reinterpreted: changes under way may make it negative.
        (retired, freed, (retired.wrapping_sub(freed) as isize).max(0) as usize)
    }

    /// All that is counted here.
    pub(super) fn metrics(&self) -> Metrics {
        let (retired, freed, waiting) = self.retired_freed_and_waiting();
        let left = self.left.get();
        Metrics {
            retired,
            freed,
            waiting,
            handed_over: self.batches.handed_over.get(),
            bytes: self.batches.bytes.get(),
            peak: self.batches.peak.get(),
            participants: self.joined.get().wrapping_sub(left),
            panics: 0,
        }
    }
}
