//! A counter that many threads change and few read.
//!
//! Each stripe may wrap below zero (an element inserted under one stripe and removed under
//! another); only the wrapping sum means anything. The sum is exact when nobody changes it, and
//! otherwise some value between those it passed through, give or take the changes under way.

use super::CachePadded;
use crate::facade::{tuning::STRIPES, untracked::Tally};

/// A sum over cache-padded stripes.
pub(crate) struct StripedCounter {
    stripes: [CachePadded<Tally>; STRIPES],
}

impl StripedCounter {
    /// Zero.
    pub(crate) const fn new() -> Self {
        StripedCounter { stripes: [const { CachePadded::new(Tally::new(0)) }; STRIPES] }
    }

    /// Adds on the stripe that `hint` picks; wait-free.
    #[inline]
    pub(crate) fn add(&self, value: usize, hint: usize) {
        self.stripes[hint & (STRIPES - 1)].add(value);
    }

    /// Subtracts on the stripe that `hint` picks; wait-free.
    #[inline]
    pub(crate) fn sub(&self, value: usize, hint: usize) {
        self.stripes[hint & (STRIPES - 1)].sub(value);
    }

    /// The sum, zero where changes under way make it negative.
    pub(crate) fn sum(&self) -> usize {
        (self.wrapping_sum() as isize).max(0) as usize
    }

    /// The sum, of what may have wrapped around.
    pub(crate) fn wrapping_sum(&self) -> usize {
        self.stripes.iter().fold(0, |sum, stripe| stripe.get().wrapping_add(sum))
    }

    /// Sets the sum through an exclusive reference.
    pub(crate) fn set(&mut self, value: usize) {
        for stripe in &mut self.stripes {
            **stripe = Tally::new(0);
        }
        *self.stripes[0] = Tally::new(value);
    }
}
