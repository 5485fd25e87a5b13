//! Code that must not unwind: a panic of it ends the program.

use core::mem;

/// Panics while unwinding, which aborts.
struct Abort(&'static str);

impl Drop for Abort {
    fn drop(&mut self) {
        panic!("{}", self.0);
    }
}

/// Runs `f`; if it panics the program says `why` and aborts.
#[inline(always)]
pub(crate) fn abort_on_panic<R>(why: &'static str, f: impl FnOnce() -> R) -> R {
    let abort = Abort(why);
    let result = f();
    mem::forget(abort);
    result
}
