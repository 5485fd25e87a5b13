//! Two sides, each of which writes one word and then loads the other's, where one side is rare: that one
//! bears the cost, where the system helps.
//!
//! See `barrier.rs`, whose two halves are to each other what two SeqCst fences are, and `store_load.rs` for
//! the side that runs often where the system does not help.
//!
//! # Ordering
//! * `[S1]` Of two that meet, one sees the other: by the order of the two fences. Or, where the side that runs
//!   often swaps its word (`W`) and loads the other's (`R`), both SeqCst, and the other side changes that
//!   word (`C`) before its fence `F` and loads the swapped word (`L`) behind it: if `R` reads older than `C`,
//!   then `R` precedes `F` among SeqCst operations, and so does `W`; if `L` read older than `W`, then `F` would
//!   precede `W`.
//! * `[S2]` The store of the side that runs often is also a Release.
//!
//! **Checked by**: the structures that use it. Engines run fences, for either half.

use super::{
    atomic::{AtomicUsize, Ordering, fence},
    barrier::Barrier,
    engine,
    store_load::store_then_load,
};

/// The order of two sides, each of which writes one word and then loads the other's: of any two that meet,
/// one sees the other [S1].
#[derive(Clone)]
pub(crate) struct OftenAndSeldom {
    barrier: Barrier,
}

impl OftenAndSeldom {
    /// One whose seldom side may interrupt other processors, if the system helps; or with fences alone.
    pub(crate) fn new(may_interrupt: bool) -> Self {
        let barrier = if may_interrupt { Barrier::of_process() } else { Barrier::fenced() };
        OftenAndSeldom { barrier }
    }

    /// The side that runs often: stores to one word, then loads the other.
    #[inline(always)]
    #[track_caller]
    pub(crate) fn store_then_load(
        &self,
        stored: &AtomicUsize,
        value: usize,
        loaded: &AtomicUsize,
    ) -> usize {
        if !self.barrier.is_expedited() && !engine::active() {
            return store_then_load(stored, value, loaded);
        }
        // [S2] Release: what the caller did before.
        stored.store(value, Ordering::Release);
        self.light(); // [S1]
        // [S1] Relaxed: after the barrier.
        loaded.load(Ordering::Relaxed)
    }

    #[inline(always)]
    fn light(&self) {
        if engine::active() {
            // [S1] SeqCst: the store is before the load, for all threads.
            fence(Ordering::SeqCst);
        } else {
            self.barrier.light();
        }
    }

    /// The side that runs seldom calls this between its change and its load. False when the system
    /// refuses: then nothing may be concluded.
    #[must_use]
    pub(crate) fn between(&self) -> bool {
        if !engine::active() {
            return self.barrier.heavy();
        }
        // [S1] SeqCst: the change is before the load, for all threads.
        fence(Ordering::SeqCst);
        true
    }
}
