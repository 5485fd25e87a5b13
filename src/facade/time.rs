//! Std's clock.

#[allow(unused_imports, reason = "who checks histories counts time too")]
pub(crate) use std::time::{Duration, Instant};
