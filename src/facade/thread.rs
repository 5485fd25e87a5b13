//! Threads and thread-locals of std.

use super::engine;
use core::{num::NonZeroUsize, ptr};

#[cfg(test)]
pub(crate) use std::thread::scope;
#[cfg(feature = "verify")]
pub(crate) use std::thread::spawn;
pub(crate) use std::{thread::panicking, thread_local};

/// Lets others run: for loops that wait for another thread's progress.
pub(crate) fn yield_now() {
    if !engine::spin() {
        std::thread::yield_now();
    }
}

/// A thread-local whose address says which thread it is. It has no destructor, so it is always there.
#[repr(align(8))]
struct Mark(#[allow(dead_code, reason = "so that it has an address of its own")] u8);

thread_local! {
    static MARK: Mark = const { Mark(0) };
}

/// The caller's number: not null, a multiple of 8, and no other thread's while the caller lives.
/// Inside of a model, the number of the model's thread.
pub(crate) fn identity() -> Option<NonZeroUsize> {
    let number = match engine::running() {
        Some(thread) => (thread + 1) * align_of::<Mark>(),
        None => MARK.with(|mark| ptr::from_ref(mark).addr()),
    };
    NonZeroUsize::new(number)
}
