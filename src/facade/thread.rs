//! Threads and thread-locals of std.

#[cfg(feature = "verify")]
pub(crate) use std::thread::{spawn, yield_now};
pub(crate) use std::{thread::panicking, thread_local};
