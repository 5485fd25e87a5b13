//! What is answered where the garbage of a domain has reached its cap.

use core::{error::Error, fmt};

/// Too much garbage waits in the structure's domain; what was to be added is given back, and nothing has
/// changed. See [`Builder::garbage_cap`](super::Builder::garbage_cap).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct GarbageFull<T>(pub T);

impl<T> GarbageFull<T> {
    /// What was not added.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> fmt::Debug for GarbageFull<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GarbageFull(..)")
    }
}

impl<T> fmt::Display for GarbageFull<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not added: the garbage that waits has reached its cap")
    }
}

impl<T> Error for GarbageFull<T> {}
