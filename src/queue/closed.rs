//! What a closed queue answers, or one that adds no more to the garbage of its domain.

use core::{error::Error, fmt};

/// The queue was closed; what was to be pushed is given back, and nothing has changed.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Closed<T>(pub T);

impl<T> Closed<T> {
    /// What was not pushed.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> fmt::Debug for Closed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Closed(..)")
    }
}

impl<T> fmt::Display for Closed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not pushed: the queue is closed")
    }
}

impl<T> Error for Closed<T> {}

/// Why a queue did not take a value within the cap of its garbage. It is given back, and nothing has
/// changed.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum PushWithinError<T> {
    /// The queue was closed.
    Closed(T),
    /// Too much garbage waits: see [`Builder::garbage_cap`](crate::reclaim::Builder::garbage_cap).
    GarbageFull(T),
}

impl<T> PushWithinError<T> {
    /// What was not pushed.
    pub fn into_inner(self) -> T {
        match self {
            PushWithinError::Closed(value) | PushWithinError::GarbageFull(value) => value,
        }
    }
}

impl<T> fmt::Debug for PushWithinError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PushWithinError::Closed(_) => "Closed(..)",
            PushWithinError::GarbageFull(_) => "GarbageFull(..)",
        })
    }
}

impl<T> fmt::Display for PushWithinError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PushWithinError::Closed(_) => "not pushed: the queue is closed",
            PushWithinError::GarbageFull(_) => {
                "not pushed: the garbage that waits has reached its cap"
            }
        })
    }
}

impl<T> Error for PushWithinError<T> {}
