//! Words that engines do not see: statistics, on which no algorithm under test depends, and the words
//! of algorithms that are compiled into models of their own and stand outside of all others.

use super::backing::AtomicUsize;
use core::sync::atomic::Ordering;

pub(crate) mod words {
    //! For files that a model takes in beside words which an engine drives.

    pub(crate) use super::super::backing::AtomicPtr;
    #[cfg(all(feature = "std", target_has_atomic = "ptr"))]
    pub(crate) use super::super::backing::AtomicUsize;
    pub(crate) use core::sync::atomic::Ordering;
}

/// A statistic: it publishes nothing, and nobody decides more than a heuristic on it.
pub(crate) struct Tally(AtomicUsize);

impl Tally {
    pub(crate) const fn new(value: usize) -> Self {
        Tally(AtomicUsize::new(value))
    }

    /// Adds, wrapping; returns the previous value.
    #[inline(always)]
    pub(crate) fn add(&self, value: usize) -> usize {
        // Relaxed: a statistic publishes nothing.
        self.0.fetch_add(value, Ordering::Relaxed)
    }

    /// Subtracts, wrapping.
    #[inline(always)]
    pub(crate) fn sub(&self, value: usize) {
        // Relaxed: a statistic publishes nothing.
        self.0.fetch_sub(value, Ordering::Relaxed);
    }

    /// Replaces the value.
    #[inline(always)]
    pub(crate) fn set(&self, value: usize) {
        // Relaxed: a statistic publishes nothing.
        self.0.store(value, Ordering::Relaxed);
    }

    /// Makes it at least that.
    pub(crate) fn raise_to(&self, value: usize) {
        if self.get() < value {
            // Relaxed: a statistic publishes nothing.
            self.0.fetch_max(value, Ordering::Relaxed);
        }
    }

    #[inline(always)]
    pub(crate) fn get(&self) -> usize {
        // Relaxed: a statistic publishes nothing.
        self.0.load(Ordering::Relaxed)
    }
}
