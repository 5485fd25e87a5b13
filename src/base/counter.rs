//! A counter that many threads change and few read.
//!
//! Each stripe may wrap below zero (an element inserted under one stripe and removed under
//! another); only the wrapping sum means anything. The sum is exact when nobody changes it, and
//! otherwise some value between those it passed through, give or take the changes under way.

use super::CachePadded;
use crate::facade::{
    atomic::{AtomicUsize, Ordering},
    tuning::STRIPES,
};

/// A sum over cache-padded stripes.
pub(crate) struct StripedCounter {
    stripes: [CachePadded<AtomicUsize>; STRIPES],
}

impl StripedCounter {
    /// Zero.
    pub(crate) const fn new() -> Self {
        StripedCounter { stripes: [const { CachePadded::new(AtomicUsize::root()) }; STRIPES] }
    }

    /// Adds on the stripe that `hint` picks; wait-free.
    #[inline]
    #[track_caller]
    pub(crate) fn add(&self, value: usize, hint: usize) {
        // Relaxed: a count publishes nothing.
        self.stripes[hint % STRIPES].fetch_add(value, Ordering::Relaxed);
    }

    /// Subtracts on the stripe that `hint` picks; wait-free.
    #[inline]
    #[track_caller]
    pub(crate) fn sub(&self, value: usize, hint: usize) {
        // Relaxed: a count publishes nothing.
        self.stripes[hint % STRIPES].fetch_sub(value, Ordering::Relaxed);
    }

    /// The sum, zero where changes under way make it negative.
    #[track_caller]
    pub(crate) fn sum(&self) -> usize {
        // Relaxed: a count publishes nothing.
        let sum = self
            .stripes
            .iter()
            .fold(0usize, |sum, stripe| sum.wrapping_add(stripe.load(Ordering::Relaxed)));
        (sum as isize).max(0) as usize
    }

    /// Sets the sum through an exclusive reference.
    pub(crate) fn set(&mut self, value: usize) {
        for stripe in &mut self.stripes {
            stripe.store_mut(0);
        }
        self.stripes[0].store_mut(value);
    }
}
