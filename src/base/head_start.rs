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

    /// Pauses, if that was not done at this position; whether it was now. For as long as a few of those
    /// operations take that the other side has room for: where that is little, a pause only costs.
    #[cold]
    pub(crate) fn give(&self, position: usize, room: usize) -> bool {
        let is_new = self.0.get() != position;
        if is_new {
            self.0.set(position);
            hint::pause((room / tuning::ROOM_PER_PAUSE).min(tuning::START_PAUSES) as u32);
        }
        is_new
    }
}
