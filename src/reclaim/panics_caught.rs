//! Panics of retired destructors, with std: caught, counted, and the first one kept where its
//! owner will re-raise it.

use super::garbage::Ledger;
use crate::facade::{engine, thread::panicking, untracked::Tally};
use std::{
    any::Any,
    mem,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::{Mutex, PoisonError},
};

/// How many destructors panicked, and with what the first one did.
pub(super) struct Panics {
    count: Tally,
    /// `None` where nobody will re-raise it.
    first: Option<Mutex<Option<Box<dyn Any + Send>>>>,
}

impl Panics {
    pub(super) const fn new(keep_first: bool) -> Self {
        Panics {
            count: Tally::new(0),
            first: if keep_first { Some(Mutex::new(None)) } else { None },
        }
    }

    pub(super) fn count(&self) -> usize {
        self.count.get()
    }

    /// Goes on with the first panic, unless the thread unwinds already.
    pub(super) fn resume(self) {
        let first =
            self.first.and_then(|first| first.into_inner().unwrap_or_else(PoisonError::into_inner));
        match first {
            Some(payload) if !panicking() => resume_unwind(payload),
            Some(payload) => discard(payload),
            None => {}
        }
    }
}

/// Runs `f`; a panic ends in the ledger, but for one inside a model, which is a finding.
#[inline(always)]
pub(super) fn guarded(ledger: &Ledger, f: impl FnOnce()) {
    if engine::active() {
        return f();
    }
    // What `f` leaves behind is its own entries, each already taken: nothing half-changed is seen.
    if let Err(payload) = catch_unwind(AssertUnwindSafe(f)) {
        record(ledger, payload);
    }
}

#[cold]
fn record(ledger: &Ledger, payload: Box<dyn Any + Send>) {
    ledger.panics.count.add(1);
    if let Some(first) = &ledger.panics.first {
        let mut first = first.lock().unwrap_or_else(PoisonError::into_inner);
        if first.is_none() {
            *first = Some(payload);
            return;
        }
    }
    discard(payload);
}

/// Drops a payload; one that panics when it is dropped is leaked.
fn discard(payload: Box<dyn Any + Send>) {
    if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        mem::forget(again);
    }
}
