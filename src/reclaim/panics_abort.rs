//! Panics of retired destructors, without std: nothing can be caught, so the program aborts rather
//! than unwind through somebody else's call.

use super::garbage::Ledger;
use core::mem;

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

/// Panics while unwinding, which aborts.
struct Abort;

impl Drop for Abort {
    fn drop(&mut self) {
        panic!("a retired destructor panicked, and without std nothing can catch it");
    }
}

/// Runs `f`; a panic aborts.
#[inline(always)]
pub(super) fn guarded(_: &Ledger, f: impl FnOnce()) {
    let abort = Abort;
    f();
    mem::forget(abort);
}
