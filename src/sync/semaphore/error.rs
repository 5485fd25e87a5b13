//! Why there is no permit.

use crate::wait::Attempt;
use core::{error::Error, fmt};

/// The semaphore is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AcquireError(());

impl AcquireError {
    pub(super) fn new() -> Self {
        AcquireError(())
    }
}

/// Why a permit could not be taken at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TryAcquireError {
    /// There are too few, for who comes new.
    NoPermits,
    /// The semaphore is closed.
    Closed,
}

impl TryAcquireError {
    pub(super) fn of(refused: Attempt) -> Self {
        match refused {
            Attempt::Closed => TryAcquireError::Closed,
            _ => TryAcquireError::NoPermits,
        }
    }
}

/// Why a permit was not acquired in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimedAcquireError {
    /// There were too few in time.
    TimedOut,
    /// The semaphore is closed.
    Closed,
}

impl From<AcquireError> for TimedAcquireError {
    fn from(_: AcquireError) -> Self {
        TimedAcquireError::Closed
    }
}

const CLOSED: &str = "the semaphore is closed";

impl fmt::Display for AcquireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(CLOSED)
    }
}

impl fmt::Display for TryAcquireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TryAcquireError::NoPermits => "the semaphore has too few permits now",
            TryAcquireError::Closed => CLOSED,
        })
    }
}

impl fmt::Display for TimedAcquireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TimedAcquireError::TimedOut => "the semaphore had too few permits in time",
            TimedAcquireError::Closed => CLOSED,
        })
    }
}

impl Error for AcquireError {}
impl Error for TryAcquireError {}
impl Error for TimedAcquireError {}
