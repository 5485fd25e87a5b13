//! Time of std.

pub(crate) use std::time::{Duration, Instant};
