//! Exponential backoff after a lost race. It never waits for anybody: it only slows the caller.

use crate::facade::{hint, tuning};

/// Spins longer after each lost race, up to a bound.
pub(crate) struct Backoff {
    step: u32,
}

impl Backoff {
    pub(crate) const fn new() -> Self {
        Backoff { step: 0 }
    }

    /// Call after a failed compare-exchange: somebody else has made progress.
    #[inline]
    pub(crate) fn spin(&mut self) {
        hint::pause(1 << self.step);
        self.step = (self.step + 1).min(tuning::SPIN_LIMIT);
    }
}
