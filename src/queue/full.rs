//! What a bounded queue answers when it does not take a value, or does not know yet.

use core::{error::Error, fmt};

/// The queue was full; what was to be pushed is given back, and nothing has changed.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Full<T>(pub T);

impl<T> Full<T> {
    /// What was not pushed.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> fmt::Debug for Full<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Full(..)")
    }
}

impl<T> fmt::Display for Full<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not pushed: the queue is full")
    }
}

impl<T> Error for Full<T> {}

/// Why a value was not pushed at once. It is given back, and nothing has changed.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum TryPushError<T> {
    /// The queue was full.
    Full(T),
    /// Another operation is in the middle of what decides it.
    Busy(T),
}

impl<T> TryPushError<T> {
    /// What was not pushed.
    pub fn into_inner(self) -> T {
        match self {
            TryPushError::Full(value) | TryPushError::Busy(value) => value,
        }
    }
}

impl<T> fmt::Debug for TryPushError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TryPushError::Full(_) => "Full(..)",
            TryPushError::Busy(_) => "Busy(..)",
        })
    }
}

impl<T> fmt::Display for TryPushError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TryPushError::Full(_) => "not pushed: the queue is full",
            TryPushError::Busy(_) => "not pushed: another operation is in the middle of the slot",
        })
    }
}

impl<T> Error for TryPushError<T> {}

/// Another operation is in the middle of what decides the answer; nothing has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Busy;

impl fmt::Display for Busy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not popped: another operation is in the middle of the slot")
    }
}

impl Error for Busy {}
