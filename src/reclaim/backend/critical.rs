//! Backend: a count of live guards under a critical section, for targets without compare-and-swap
//! and for whatever interrupts.
//!
//! # State
//! `pins`, how many participants are pinned; a list of batches; `freeing`, whether somebody frees.
//! * `[I1]` All are touched in a critical section only.
//! * `[I2]` While `pins` is not zero no batch leaves the list. Whoever makes it zero takes the whole
//!   list, and frees it *outside* of the section, since freeing runs code of users.
//! * `[I3]` One frees at a time: who finds `freeing` set leaves the list to the one who set it, so
//!   that destructors which retire more do not recurse, and an interrupt does not free for others.
//!
//! Why that is safe: a batch enters the list while its owner is pinned, and every guard of that
//! moment is counted in `pins`, so a count of zero says that all of them are gone.
//!
//! Progress: each operation is a few instructions in the section. Guards that overlap for ever
//! free nothing; the last one to leave frees what all have retired.
//!
//! Checked by: the structures' models, which run over this backend too; `tests/reclaim.rs`; the
//! bare-metal program.

use super::super::garbage::Batch;
use crate::facade::{critical::critical_section, ref_count::RefCount, tuning};
use alloc::boxed::Box;
use core::{cell::UnsafeCell, ptr::NonNull};

/// The shared state of one collector, on the heap, owned by the collector and its participants.
struct Domain {
    owners: RefCount,
    state: UnsafeCell<State>,
}

struct State {
    pins: usize,
    freeing: bool,
    batches: Option<Box<Batch>>,
}

impl State {
    /// The list, if it may be freed and nobody does; the taker then `freeing` until it finds none.
    fn take(&mut self, own_pins: usize) -> Option<Box<Batch>> {
        if self.pins > own_pins || self.freeing || self.batches.is_none() {
            return None; // [I2], [I3]
        }
        self.freeing = true;
        self.batches.take()
    }
}

/// An owner of a domain.
struct Owner(NonNull<Domain>);

// SAFETY: the state is touched in critical sections only [I1], and batches are Send.
unsafe impl Send for Owner {}
// SAFETY: as above.
unsafe impl Sync for Owner {}

impl Owner {
    /// Runs `f` on the state in a critical section.
    fn with<R>(&self, f: impl FnOnce(&mut State) -> R) -> R {
        // SAFETY: the domain lives while it has owners; the section excludes every other access
        // [I1], and `f` does not come back here, since it calls no code of users.
        critical_section(|| f(unsafe { &mut *self.0.as_ref().state.get() }))
    }
}

impl Clone for Owner {
    fn clone(&self) -> Self {
        // SAFETY: the domain lives while it has owners.
        unsafe { self.0.as_ref() }.owners.acquire();
        Owner(self.0)
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        // SAFETY: the domain lives while it has owners.
        if unsafe { self.0.as_ref() }.owners.release() {
            // SAFETY: this was the last owner, and the domain came from a box.
            let domain = unsafe { Box::from_raw(self.0.as_ptr()) };
            free(domain.state.into_inner().batches);
        }
    }
}

/// Frees a list of batches, one by one, so that a long list does not recurse.
fn free(mut batches: Option<Box<Batch>>) {
    while let Some(mut batch) = batches {
        batches = batch.next.take();
        batch.end();
    }
}

/// One collector's part.
pub(in super::super) struct Global(Owner);

impl Global {
    pub(super) fn new() -> Self {
        let state = UnsafeCell::new(State { pins: 0, freeing: false, batches: None });
        let domain = Box::new(Domain { owners: RefCount::one(), state });
        Global(Owner(NonNull::from(Box::leak(domain))))
    }

    pub(super) fn register(&self) -> Participant {
        Participant(self.0.clone())
    }
}

/// One handle's part.
pub(in super::super) struct Participant(Owner);

impl super::Participant for Participant {
    const BATCH: usize = tuning::BAG;
    const SEAL_ON_UNPIN: bool = true;

    fn pin(&self) {
        self.0.with(|state| state.pins += 1);
    }

    fn unpin(&self) {
        let freeable = self.0.with(|state| {
            state.pins -= 1;
            state.take(0)
        });
        self.free_all(freeable);
    }

    fn repin(&self) {
        // Alone, its new pin begins after the old one's end: all that waits may go.
        let freeable = self.0.with(|state| state.take(1));
        self.free_all(freeable);
    }

    fn retire(&self, mut batch: Box<Batch>) {
        self.0.with(|state| {
            batch.next = state.batches.take();
            state.batches = Some(batch);
        });
    }

    /// Nothing to do: batches are visible at once, and while this participant is pinned nothing
    /// may be freed.
    fn flush(&self) {}
}

impl Participant {
    /// Frees what `take` gave, and what was added meanwhile.
    fn free_all(&self, mut freeable: Option<Box<Batch>>) {
        while freeable.is_some() {
            free(freeable);
            freeable = self.0.with(|state| {
                state.freeing = false;
                state.take(0)
            });
        }
    }
}
