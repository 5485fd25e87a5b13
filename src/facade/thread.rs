//! Threads and thread-locals of std.

use super::engine;

#[cfg(feature = "verify")]
pub(crate) use std::thread::spawn;
pub(crate) use std::{thread::panicking, thread_local};

/// Lets others run: for loops that wait for another thread's progress.
pub(crate) fn yield_now() {
    if !engine::spin() {
        std::thread::yield_now();
    }
}
