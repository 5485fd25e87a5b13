//! Backend: epochs, by crossbeam-epoch (Fraser, "Practical lock-freedom", 2004, section 5.2.3).
//!
//! A batch is one deferred function of crossbeam, so its cost is paid once for
//! `tuning::BAG` entries; each batch is pushed to the shared queue at once, so that a thread which
//! retires and then idles keeps no more than one bag to itself.
//!
//! Progress: `pin` is wait-free but for the collection that crossbeam does in every 128th one,
//! which frees what others have retired (at most eight of its bags). A guard that is kept for ever
//! stops all freeing in its domain: the counters of waiting garbage show it.

use super::super::{garbage::Batch, runner};
use crate::facade::tuning;
use alloc::boxed::Box;
use core::{cell::Cell, mem};
use crossbeam_epoch::{Collector, Guard, LocalHandle};

/// One epoch domain.
pub(in super::super) struct Global(Collector);

impl Global {
    pub(super) fn new() -> Self {
        Global(Collector::new())
    }

    pub(super) fn register(&self) -> Participant {
        Participant { handle: self.0.register(), guard: Cell::new(None) }
    }
}

/// One handle of an epoch domain, and the guard that pins it.
pub(in super::super) struct Participant {
    handle: LocalHandle,
    /// `Some` between `pin` and `unpin`.
    guard: Cell<Option<Guard>>,
}

impl super::Participant for Participant {
    const BATCH: usize = tuning::BAG;
    const SEAL_ON_UNPIN: bool = false;

    #[inline(always)]
    fn pin(&self) {
        // What is there is `None`; to look whether it is costs as much as a choice of backend.
        let none = self.guard.replace(Some(self.handle.pin()));
        debug_assert!(none.is_none(), "pinned twice");
        mem::forget(none);
    }

    #[inline(always)]
    fn unpin(&self) {
        self.guard.set(None);
    }

    #[inline]
    fn repin(&self) {
        let mut guard = self.guard.take();
        if let Some(guard) = &mut guard {
            guard.repin();
        }
        self.guard.set(guard);
    }

    fn retire(&self, batch: Box<Batch>) {
        // A second guard, since `pin` may be running destructors before it has stored the first.
        let guard = self.handle.pin();
        // SAFETY: a batch may be run on any thread of the domain, after the guards of now are
        // gone: the duties of whoever retired its entries. It outlives nothing: the collector's
        // state drops this backend, and with it every batch, before the ledger.
        unsafe { guard.defer_unchecked(move || runner::run(batch)) };
        guard.flush();
    }

    fn flush(&self) {
        self.handle.pin().flush();
    }
}
