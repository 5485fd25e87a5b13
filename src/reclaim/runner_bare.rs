//! Runs batches, without std: one frame a collector, since there are no thread-locals.
//!
//! A destructor may pin, retire and flush, whereupon the backend may hand out further batches, in
//! the midst of the one that runs. Were they run there, a long chain of them would overflow the
//! stack; so every batch is first *parked* with its collector, and whoever runs, runs all.
//!
//! # Invariants
//! * `[I1]` One context at a time runs a collector's batches: who set `running`.
//!
//! # Ordering
//! `[P1]` `parked`: pushed with Release, taken with Acquire. Should the one who runs leave without
//! having seen a batch, it waits for the next one, or for the collector's end: garbage may wait.
//! `[P2]` `running`: set with Acquire, cleared with Release, so batches run one after the other.
//!
//! **Checked by**: `loom-tests/parts.rs`, which compiles this file over stand-ins of its neighbours.

use super::garbage::{Batch, Ledger};
use crate::facade::atomic::{AtomicPtr, AtomicUsize, Ordering};
use alloc::boxed::Box;
use core::{ptr, ptr::NonNull};

/// Where the batches of a collector wait.
pub(super) struct Seat {
    running: AtomicUsize,
    parked: AtomicPtr<Batch>,
}

impl Seat {
    pub(super) const fn new() -> Self {
        Seat { running: AtomicUsize::root(), parked: AtomicPtr::root() }
    }

    fn park(&self, batch: Box<Batch>) {
        let batch = Box::into_raw(batch);
        // Relaxed: compared and stored, not followed.
        let mut first = self.parked.load(Ordering::Relaxed);
        loop {
            // SAFETY: not yet published. The list is taken whole, and then its links are boxes; until then
            // nobody owns them, so a plain pointer is written, which is how such a link is represented.
            unsafe { (&raw mut (*batch).next).cast::<*mut Batch>().write(first) };
            // [P1] Release: hands over the batch. Relaxed on failure: as above.
            match self.parked.compare_exchange(first, batch, Ordering::Release, Ordering::Relaxed) {
                Ok(_) => return,
                Err(found) => first = found,
            }
        }
    }

    /// Runs what is parked; true if there was anything.
    fn run_parked(&self) -> bool {
        // [P1] Acquire: the batches.
        let mut first = NonNull::new(self.parked.swap(ptr::null_mut(), Ordering::Acquire))
            // SAFETY: the list was taken whole, and its nodes came from boxes.
            .map(|first| unsafe { Box::from_raw(first.as_ptr()) });
        let any = first.is_some();
        while let Some(mut batch) = first {
            first = batch.next.take();
            batch.end();
        }
        any
    }
}

/// Runs a batch now, or when the context that runs its collector's batches comes to it.
pub(super) fn run(batch: Box<Batch>) {
    let ledger = batch.ledger();
    // SAFETY: the ledger outlives its batches.
    let seat = unsafe { &(*ledger.as_ptr()).seat };
    seat.park(batch);
    // [P2] Acquire: what the last one did [I1].
    while seat.running.compare_exchange(0, 1, Ordering::Acquire, Ordering::Relaxed).is_ok() {
        let any = seat.run_parked();
        // [P2] Release: what was done here.
        seat.running.store(0, Ordering::Release);
        if !any {
            return;
        }
    }
}

/// `close`, in which the last batches run, and what is parked then.
pub(super) fn settle(ledger: NonNull<Ledger>, close: impl FnOnce()) {
    close();
    // SAFETY: the ledger goes after its batches.
    let seat = unsafe { &(*ledger.as_ptr()).seat };
    while seat.run_parked() {}
}
