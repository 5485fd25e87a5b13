//! Marks in the word of a source: what it says of those who wait.

use super::node::Request;
use crate::facade::atomic::{AtomicUsize, Ordering};

/// Sets and clears marks, in one step.
pub(crate) fn change(word: &AtomicUsize, set: usize, clear: usize) {
    // Relaxed: they guard nothing.
    let mut seen = word.load(Ordering::Relaxed);
    while let Err(newer) =
        word.compare_exchange(seen, (seen & !clear) | set, Ordering::Relaxed, Ordering::Relaxed)
    {
        seen = newer;
    }
}

impl Request {
    /// What somebody sets who has waited long and waits again: `long` for a thread, `courtesy` for a task.
    pub(crate) fn mark(self, long: usize, courtesy: usize) -> usize {
        match (self.has_waited_long(), self.is_thread) {
            (false, _) => 0,
            (true, true) => long,
            (true, false) => courtesy,
        }
    }
}
