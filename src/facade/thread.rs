//! Threads and thread-locals of std.

pub(crate) use std::{thread::panicking, thread_local};
