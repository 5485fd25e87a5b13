//! Panics of retired destructors, without std: nothing can be caught, so the program aborts rather
//! than unwind through somebody else's call.

use super::garbage::Ledger;
use crate::base::abort_on_panic;

/// Never counts: the first panic ends the program.
pub(super) struct Panics;

impl Panics {
    pub(super) const fn new(_: bool) -> Self {
        Panics
    }

    pub(super) const fn count(&self) -> usize {
        0
    }

    pub(super) fn resume(self) {}
}

/// Runs `f`; a panic aborts.
#[inline(always)]
pub(super) fn guarded(_: &Ledger, f: impl FnOnce()) {
    abort_on_panic("a retired destructor panicked, and without std nothing can catch it", f);
}
