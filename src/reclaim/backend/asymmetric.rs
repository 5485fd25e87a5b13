//! Backend: epochs of our own, whose pin needs no locked instruction; the default with std. Not for a process
//! with real-time threads that must not be interrupted, see `facade/barrier.rs`; nor for a domain in
//! which threads retire once and then only read for ever, see *Progress*.
//!
//! # Algorithm
//! Epochs (Fraser, "Practical lock-freedom", 2004, section 5.2.3) with the reader's fence moved to who
//! frees, as in the user-space RCU of Desnoyers et al. (2012). A participant *pins* by copying the
//! global epoch to a slot of its own, behind which stands a light barrier, and *unpins* by zeroing the
//! slot. The epoch *advances* from `g` to the next when, after a heavy barrier, every slot is zero or
//! `g`. A batch is *tagged* with the epoch that its owner reads, pinned, when the batch is full; it is
//! freed when the epoch is three further. Departures:
//! * three epochs, not two: see [I3];
//! * batches wait in one list for each epoch, shared, so that a thread which idles keeps none;
//! * nothing is freed by pinning: freeing comes with retiring and with `flush`.
//!
//! # State
//! * `epoch`: odd, in steps of two. It may wrap around: only equality counts, and a list's place,
//!   whose number divides the number of epochs.
//! * a slot's `epoch`: 0, unpinned; odd, pinned with that epoch (or with an older one, if the thread
//!   slept between its two accesses: that is as safe, and keeps the epoch where it is).
//! * a slot's `owned`: 0, free to take; 1, a participant's. Slots are pushed to a list that only
//!   grows, as long as the most participants at a time, and are freed with the domain.
//! * `waiting[n % 4]`: the batches tagged with the n-th epoch.
//!
//! # Invariants
//! * `[I1]` Who advances is pinned with `g` meanwhile and until it has taken the list that is due. So
//!   the epoch does not move on twice under it, `compare_exchange` cannot mistake an old epoch for
//!   the current one, and of the four lists two take batches (`g`, and the one after), one waits,
//!   and one is taken.
//! * `[I2]` A batch tagged `t` is in its list before the epoch is `t + 2`. For `t + 2` is reached by an
//!   advance whose barrier comes after `t + 1` was stored, hence after the tag was read, before which
//!   the owner had pinned, with `t` or an earlier epoch: the slots are not zero or `t + 1` before
//!   the owner has pushed the batch and unpinned (or pinned anew) [P1].
//! * `[I3]` When the epoch is `t + 3`, nobody who could reach what a batch tagged `t` holds is pinned.
//!   Let a section be what a participant does between pin and unpin. Let the advances to `t + 2` and
//!   to `t + 3` have the heavy barriers `H2` and `H3`. What the batch holds was unlinked before the
//!   tag was read, and the tag is older than `t + 1`, which was stored before `H2`.
//!   1. *The owner.* All before `H2` is not seen after its light barrier, else the tag were `t + 1` or
//!      later. So its slot is seen after `H2` [P2], and is not `t + 1`, as the tag was not: the advance to
//!      `t + 2` fails until its section is over. Hence the unlinking came before `t + 2` was
//!      stored [P1], and before `H3` [P3].
//!   2. *A reader.* If all before `H3` is seen after its light barrier, its section finds nothing. If not,
//!      its slot is seen after `H3` [P2]: the section is over; or the slot is `t + 2`, which its pin
//!      had read, and then it finds nothing either [P3]; or the advance to `t + 3` fails until it is over.
//!
//!   With two epochs that fails: a reader may reach a node before the owner unlinks it, and yet be pinned
//!   with `t + 1`. So it does with a pin that loads the epoch Relaxed, where light barriers are none to the
//!   processor: `H2` and `H3` order each thread with who advances, at another moment each, and not
//!   two threads with each other; what follows the pin may be loaded before the epoch is.
//!   (The first case reads "the slot is not `t + 1`" from "`t` or earlier". A thread that sleeps between
//!   the two accesses of its pin while exactly all epochs but one pass, 2^63 or on 32 bits 2^31 of
//!   them, a system call each where it counts, would pass for `t + 1`.)
//!
//! # Ordering
//! * `[P1]` a slot's `epoch`: written with Release, by pins too, since a plain store ends the release
//!   sequence of the unpin before it; read with Acquire by who advances, which then comes after all
//!   earlier sections of the participant.
//! * `[P2]` light (in `pin`: store the slot, load what is protected) and heavy (in `advance`: all that
//!   was unlinked before the epoch that it read, load the slots): see `facade/barrier.rs`.
//! * `[P3]` `epoch`: stored with Release, after the slots were read; read with Acquire by pins, and by
//!   advances before the fence that their heavy barrier begins with.
//! * `[P4]` `slots`: pushed with Release; Acquire by who walks. A slot pushed before a light barrier is
//!   met after the heavy one [P2].
//! * `[P5]` `owned`: given back with Release, taken with Acquire: the next owner's pin hands over what
//!   was done in the last one's sections [P1].
//!
//! A participant may go to another thread, also in a section. Whoever hands it over puts what the one thread
//! did before what the other does; and a heavy barrier parts the instructions of both, and takes along
//! what the other one had seen by then, the slot among it.
//!
//! The lists of batches need no order of their own: what is taken from one was pushed by participants
//! that the same thread has since seen unpinned, or pinned anew [I2] [P1]; and nothing is pushed to the
//! next epoch's list before it is taken as the last one's, since which list it is depends on the tag read.
//!
//! # Progress
//! `pin`, `unpin` and `repin` are wait-free, a load and a store; they free nothing. `register` is
//! lock-free, and so is `retire`, but for the system's part of a barrier: every so many batches it walks
//! the slots and, if nobody is behind, pays a heavy barrier, and frees what is due, with no bound on
//! how much. What waits when the last thread retires waits until somebody flushes, retires as much
//! again, or the domain goes. A guard that is kept for ever stops all freeing in its domain.
//!
//! # Rejected
//! * Two epochs, with a SeqCst fence before the tag is read, and an Acquire of the epoch in `pin`:
//!   right where stores become visible to all at once (x86, Arm), not by the language's model.
//! * Two epochs, with a heavy barrier for each batch: dearer than the epoch that it saves.
//! * A list for each participant: a thread that retires and then idles would keep it.
//! * One list with tags: what is not due would be walked and put back again and again.
//!
//! **Checked by**: `loom-tests/asymmetric.rs`, which compiles this file; `asymmetric_tests.rs`, with
//! real threads; all tests that run in every domain.

// By way of the parent, since models compile this file beside stand-ins of its neighbours.
use super::{Batch, runner};
use crate::{
    base::CachePadded,
    facade::{
        barrier::Barrier,
        tuning,
        untracked::words::{AtomicPtr, AtomicUsize, Ordering},
    },
};
use alloc::boxed::Box;
use core::{cell::Cell, ptr, ptr::NonNull};

/// From an epoch to the next; the lowest bit is set in each, and tells it from `UNPINNED`.
const STEP: usize = 2;
/// Three epochs before the word wraps around.
const FIRST: usize = 1_usize.wrapping_sub(3 * STEP);
const UNPINNED: usize = 0;
/// Epochs from a batch's tag to its end [I3].
const GRACE: usize = 3;
/// Lists of batches: those of `GRACE` epochs, and the one that is taken [I1].
const LISTS: usize = 4;

const FREE: usize = 0;
const OWNED: usize = 1;

/// Which list holds the batches tagged with an epoch.
const fn list(epoch: usize) -> usize {
    epoch / STEP % LISTS
}

/// The shared state of one collector, on the heap, owned by `Global`.
struct Domain {
    epoch: CachePadded<AtomicUsize>,
    /// The first of the list of slots.
    slots: AtomicPtr<Slot>,
    waiting: [AtomicPtr<Batch>; LISTS],
    barrier: Barrier,
}

/// What others see of a participant.
struct Slot {
    /// Written by the owner.
    epoch: AtomicUsize,
    owned: AtomicUsize,
    /// Written before the slot is published.
    next: *mut Slot,
    /// Aligns the slot, and so has it alone on its cache lines.
    _alone: CachePadded<()>,
}

impl Domain {
    /// The slots, from the one that was made last.
    fn slots(&self) -> impl Iterator<Item = &Slot> {
        // [P4] Acquire: the slots.
        let mut next = self.slots.load(Ordering::Acquire);
        core::iter::from_fn(move || {
            // SAFETY: a slot that was published is freed with the domain, and its `next` is fixed.
            let slot = unsafe { next.as_ref()? };
            next = slot.next;
            Some(slot)
        })
    }

    /// Takes a slot that is free, or makes one.
    fn take_slot(&self) -> NonNull<Slot> {
        let is_taken = |slot: &&Slot| {
            // [P5] Acquire: what the last owner did. Relaxed on failure: it is another one's.
            let (success, failure) = (Ordering::Acquire, Ordering::Relaxed);
            // Relaxed: a guess.
            slot.owned.load(Ordering::Relaxed) == FREE
                && slot.owned.compare_exchange(FREE, OWNED, success, failure).is_ok()
        };
        if let Some(slot) = self.slots().find(is_taken) {
            return NonNull::from(slot);
        }
        // Relaxed: compared and stored, not followed.
        let mut next = self.slots.load(Ordering::Relaxed);
        let (epoch, owned) = (AtomicUsize::new(UNPINNED), AtomicUsize::new(OWNED));
        let _alone = CachePadded::new(());
        let slot = Box::into_raw(Box::new(Slot { epoch, owned, next, _alone }));
        loop {
            // [P4] Release: the slot. Relaxed on failure: as above.
            match self.slots.compare_exchange(next, slot, Ordering::Release, Ordering::Relaxed) {
                // SAFETY: from a box, and freed with the domain.
                Ok(_) => return NonNull::from(unsafe { &*slot }),
                Err(found) => next = found,
            }
            // SAFETY: not published, so owned here alone.
            unsafe { (*slot).next = next };
        }
    }

    /// Whether every participant is unpinned, or pinned with that epoch.
    fn all_are_in(&self, epoch: usize) -> bool {
        self.slots().all(|slot| {
            // [P1] Acquire: what the participant did in sections that are over.
            let pinned = slot.epoch.load(Ordering::Acquire);
            pinned == UNPINNED || pinned == epoch
        })
    }

    /// Whether some participant seems to be pinned with another epoch.
    fn seems_behind(&self, epoch: usize) -> bool {
        self.slots().any(|slot| {
            // Relaxed: a guess.
            let pinned = slot.epoch.load(Ordering::Relaxed);
            pinned != UNPINNED && pinned != epoch
        })
    }

    /// Goes to the next epoch, if nobody is behind, and frees what is then due. The caller is pinned.
    fn advance(&self) {
        // Relaxed: the barrier below acquires [P3].
        let epoch = self.epoch.load(Ordering::Relaxed);
        // A look that shows nothing, and often spares the barrier.
        if self.seems_behind(epoch) || !self.barrier.heavy() || !self.all_are_in(epoch) {
            return; // [P2]
        }
        let next = epoch.wrapping_add(STEP);
        // [P3] Release: what was seen in the slots. Relaxed on failure: another one was faster.
        let (success, failure) = (Ordering::Release, Ordering::Relaxed);
        if self.epoch.compare_exchange(epoch, next, success, failure).is_ok() {
            self.free(next.wrapping_sub(GRACE * STEP)); // [I1], [I3]
        }
    }

    /// Frees the batches with that tag.
    fn free(&self, tag: usize) {
        // Relaxed: who pushed it has been seen unpinned since [I2].
        let first = self.waiting[list(tag)].swap(ptr::null_mut(), Ordering::Relaxed);
        // SAFETY: the list was taken whole, and its nodes came from boxes.
        let mut rest = NonNull::new(first).map(|first| unsafe { Box::from_raw(first.as_ptr()) });
        while let Some(mut batch) = rest {
            rest = batch.next.take();
            runner::run(batch);
        }
    }

    /// Takes a batch. The caller is pinned [I2].
    fn push(&self, batch: Box<Batch>) {
        // Relaxed: it may be stale, see [I3]; and what pins the caller keeps it from being too old.
        let tag = self.epoch.load(Ordering::Relaxed);
        let waiting = &self.waiting[list(tag)];
        let batch = Box::into_raw(batch);
        // Relaxed: compared and stored, not followed.
        let mut first = waiting.load(Ordering::Relaxed);
        loop {
            // SAFETY: not yet published. The list is taken whole, and then its links are boxes; until then
            // nobody owns them, so a plain pointer is written, which is how such a link is represented.
            unsafe { (&raw mut (*batch).next).cast::<*mut Batch>().write(first) };
            // Relaxed: the unpin hands the batch over [I2].
            match waiting.compare_exchange(first, batch, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return,
                Err(found) => first = found,
            }
        }
    }
}

/// One collector's part: the owner of a domain.
pub(crate) struct Global(NonNull<Domain>);

// SAFETY: participants of all threads share the domain, whose words are atomic; batches are Send.
unsafe impl Send for Global {}
// SAFETY: as above.
unsafe impl Sync for Global {}

impl Global {
    pub(crate) fn new(barrier: Barrier) -> Self {
        let domain = Box::new(Domain {
            epoch: CachePadded::new(AtomicUsize::new(FIRST)),
            slots: AtomicPtr::new(ptr::null_mut()),
            waiting: [(); LISTS].map(|()| AtomicPtr::new(ptr::null_mut())),
            barrier,
        });
        Global(NonNull::from(Box::leak(domain)))
    }

    pub(crate) fn register(&self) -> Participant {
        // SAFETY: the domain lives as long as this.
        let domain = unsafe { self.0.as_ref() };
        let barrier = domain.barrier.clone();
        Participant { slot: domain.take_slot(), domain: self.0, barrier, batches: Cell::new(0) }
    }

    /// How many slots there are.
    #[cfg(test)]
    #[allow(dead_code, reason = "models, which take this file in, do not ask")]
    pub(crate) fn slots(&self) -> usize {
        // SAFETY: as above.
        unsafe { self.0.as_ref() }.slots().count()
    }
}

impl Drop for Global {
    /// Frees all that waits. Nobody is registered, or only participants that were forgotten.
    fn drop(&mut self) {
        // SAFETY: made in `new`, from a box; nobody uses it any more.
        let domain = unsafe { Box::from_raw(self.0.as_ptr()) };
        for tag in 0..LISTS {
            domain.free(tag * STEP);
        }
        // Relaxed: whoever drops comes after all that others did.
        let mut next = domain.slots.load(Ordering::Relaxed);
        while !next.is_null() {
            // SAFETY: from a box, and met once.
            next = unsafe { Box::from_raw(next) }.next;
        }
    }
}

/// One handle's part. It does not outlive the `Global` that made it: a handle owns its collector.
pub(crate) struct Participant {
    slot: NonNull<Slot>,
    domain: NonNull<Domain>,
    /// The domain's.
    barrier: Barrier,
    /// How many it has retired since it tried to advance.
    batches: Cell<usize>,
}

impl Participant {
    #[inline(always)]
    fn domain(&self) -> &Domain {
        // SAFETY: it outlives its participants.
        unsafe { self.domain.as_ref() }
    }

    #[inline(always)]
    fn slot(&self) -> &Slot {
        // SAFETY: freed with the domain.
        unsafe { self.slot.as_ref() }
    }
}

impl super::Participant for Participant {
    const BATCH: usize = tuning::BAG;
    const SEAL_ON_UNPIN: bool = false;

    #[inline(always)]
    fn pin(&self) {
        // [P3] Acquire: what was unlinked before that epoch came. (It may be stale.)
        let epoch = self.domain().epoch.load(Ordering::Acquire);
        // [P1] Release: what was done in sections before this one.
        self.slot().epoch.store(epoch, Ordering::Release);
        self.barrier.light(); // [P2]
    }

    #[inline(always)]
    fn unpin(&self) {
        // [P1] Release: what was done in this section.
        self.slot().epoch.store(UNPINNED, Ordering::Release);
    }

    /// A later pin takes the place of an earlier one without a moment between.
    #[inline]
    fn repin(&self) {
        self.pin();
    }

    fn retire(&self, batch: Box<Batch>) {
        self.domain().push(batch);
        let batches = self.batches.get() + 1;
        if batches < tuning::BAGS_PER_ADVANCE {
            self.batches.set(batches);
        } else {
            self.batches.set(0);
            self.domain().advance();
        }
    }

    fn flush(&self) {
        self.domain().advance();
    }
}

impl Drop for Participant {
    fn drop(&mut self) {
        // [P5] Release: what was done by this participant; it is unpinned. A swap, since others try
        // to exchange the same word.
        self.slot().owned.swap(FREE, Ordering::Release);
    }
}
