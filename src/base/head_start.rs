//! A head start for the other side of a queue.
//!
//! Where one side is faster than the other it catches up, and then finds no more than the one slot that was
//! just filled, or freed: its cache line changes hands for every value, which slows the other side too.
//! After a pause there are several. So who finds nothing pauses, once at each position: it had nothing to do
//! anyhow, and who asks again while nothing has come is answered at once.
//!
//! It waits for nobody, and decides nothing: the word is a hint.

use crate::facade::{hint, tuning, untracked::Tally};

/// Where a side of a queue last gave the other one a start.
pub(crate) struct HeadStart(Tally);

impl HeadStart {
    pub(crate) const fn new() -> Self {
        HeadStart(Tally::new(usize::MAX))
    }

    /// Pauses, if that was not done at this position; whether it was now.
    #[cold]
    pub(crate) fn give(&self, position: usize) -> bool {
        let is_new = self.0.get() != position;
        if is_new {
            self.0.set(position);
            hint::pause(tuning::CLAIM_PAUSES);
        }
        is_new
    }
}
