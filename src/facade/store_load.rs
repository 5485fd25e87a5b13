//! A store, and then a load of another word that must not be done before it: what Dekker's algorithm,
//! and every protocol of two flags, costs.
//!
//! The portable form is the literature's: a SeqCst fence between the two. On x86-64 that fence is an
//! instruction of its own (`mfence`, or a locked instruction on the stack), while a swap, which is
//! locked anyhow, orders as much; there store and load are SeqCst accesses, and the load is plain.
//!
//! # Ordering
//! The other side is a thread that loads `loaded`, then has a SeqCst fence, then loads `stored`.
//! * `[S1]` If the load here reads older than the load there, the load there of `stored` reads what is
//!   stored here, or newer. With two fences, by their order. With the swap `W` and the load `R` here,
//!   and the loads `A`, `B` around the fence `F` there, by [atomics.order] of C++20: `R` reads older
//!   than `A`, and `A` comes before `F`, so `R` precedes `F` among SeqCst operations; so does `W`, which
//!   comes before `R`. If `B`, which comes after `F`, read older than `W`, then `F` would precede `W`.
//! * `[S2]` The store is also a Release.
//!
//! **Checked by**: the structures that use it. Engines run the portable form.

use super::{
    atomic::{AtomicUsize, Ordering, fence},
    engine,
};

/// Stores to one word, then loads another; see the module's head.
#[inline(always)]
#[track_caller]
pub(crate) fn store_then_load(stored: &AtomicUsize, value: usize, loaded: &AtomicUsize) -> usize {
    if cfg!(target_arch = "x86_64") && !engine::active() {
        // [S1] SeqCst: before the load, for all threads. [S2]
        stored.swap(value, Ordering::SeqCst);
        // [S1] SeqCst: after the store, for all threads.
        return loaded.load(Ordering::SeqCst);
    }
    // [S2] Release: what the caller did before.
    stored.store(value, Ordering::Release);
    // [S1] SeqCst: the store is before the load, for all threads.
    fence(Ordering::SeqCst);
    // [S1] Relaxed: after the fence.
    loaded.load(Ordering::Relaxed)
}
