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
//! | `refused` | a form `_within` that adds nothing |
//!
//! # Invariants
//! * `[I1]` `handed_over` is one word: each value that it ever has was the number of entries handed over
//!   and not yet freed, and `peak` is the largest of them, once who stored it has told.
//! * `[I2]` What waits is `retired - freed`; a bag holds what of that is not in `handed_over`.
//! * `[I3]` A form `_within` that is admitted has read fewer than `cap` in `handed_over`, in that call. From
//!   there what waits grows by what is in bags, by less than a bag for each participant, and by what was
//!   in the structures or on its way in or out. So there are, with `t` threads that have one node each on
//!   its way from the form to its retirement, at most `cap - 1 + t × (bag - 1) + t` entries that wait.
//!
//! # Rejected
//! * Reserving against the cap: `t` nodes on their way stay `t` nodes, whether they are counted or not.
//! * A cap on what waits, bags included: nobody but its owner can free what is in a bag, and the bags of
//!   threads that idle would refuse all others for ever.
//! * Counting what is in the structures too: a cap on garbage would be one on the length of a queue.
//!
//! All is Relaxed: a statistic publishes nothing. What [I3] reads is as old as the processor lets a load be,
//! hence younger than what the same thread has acquired before the call.
//!
//! **Checked by**: `tests/garbage/main.rs`.

use crate::{
    base::{CachePadded, StripedCounter},
    facade::{tuning, untracked::Tally},
};

/// What waits in a domain and what has passed through it, at one moment; made by
/// [`Collector::metrics`](super::Collector::metrics).
///
/// All fields are exact, and agree, when no thread retires or frees anything meanwhile. Otherwise
/// [`handed_over`](Self::handed_over) and [`bytes`](Self::bytes) are exact each by itself, of some moment of
/// the call; the others may lack changes that are under way in other threads. Numbers of what there was
/// in all wrap around.
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
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Metrics {
    /// Nodes retired and functions deferred, in all.
    pub retired: usize,
    /// How many of them have been freed. (The memory of some waits to be used again.)
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
    /// The cap of the garbage, if there is one; see [`Builder::garbage_cap`](super::Builder::garbage_cap).
    pub cap: Option<usize>,
    /// How many entries a participant collects before it hands them over.
    pub bag: usize,
    /// How many more than the cap are [`handed_over`](Self::handed_over). By the peak it was at most
    /// `peak - cap`.
    pub excess: usize,
    /// How often a form `_within` has refused.
    pub refused: usize,
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
    refused: Tally,
    /// `usize::MAX` where there is none.
    cap: usize,
}

struct Batches {
    handed_over: Tally,
    bytes: Tally,
    peak: Tally,
    freed: Tally,
}

impl Account {
    pub(super) const fn new(cap: usize) -> Self {
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
            refused: Tally::new(0),
            cap,
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

    /// How many entries a participant shall collect, of so many that it may: fewer where a cap is low, so
    /// that not much more than the cap waits.
    pub(super) fn bag(&self, most: usize) -> usize {
        (self.cap / 16).clamp(1, most)
    }

    /// Whether nodes may be kept to use again: nobody counts those.
    pub(super) fn lets_keep_nodes(&self) -> bool {
        self.cap == usize::MAX
    }

    /// Whether so little is handed over that nobody need think of the cap.
    #[inline(always)]
    pub(super) fn is_far_below_cap(&self) -> bool {
        self.batches.handed_over.get() < self.cap / 2
    }

    /// How many entries must go before one is admitted.
    pub(super) fn must_go(&self) -> usize {
        self.batches.handed_over.get().saturating_add(1).saturating_sub(self.cap)
    }

    /// Whether a node may be added, as a form `_within` does it. Counts refusals.
    pub(super) fn admits(&self) -> bool {
        let admits = self.batches.handed_over.get() < self.cap; // [I3]
        if !admits {
            self.refused.add(1);
        }
        admits
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
        let handed_over = self.batches.handed_over.get();
        Metrics {
            retired,
            freed,
            waiting,
            handed_over,
            bytes: self.batches.bytes.get(),
            peak: self.batches.peak.get(),
            cap: (self.cap < usize::MAX).then_some(self.cap),
            bag: self.bag(tuning::BAG),
            excess: handed_over.saturating_sub(self.cap),
            refused: self.refused.get(),
            participants: self.joined.get().wrapping_sub(left),
            panics: 0,
        }
    }
}
