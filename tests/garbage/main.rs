//! Garbage: how much waits, that it stays below its cap, and who keeps it waiting.

#[path = "../common/mod.rs"]
mod common;

mod cap;
mod metrics;
mod recycling;
mod stalled;

use counterpoint::reclaim::{Guard, Owned};

/// Retires a node of so many words.
fn retire<const WORDS: usize>(guard: &Guard<'_>) {
    let node = Owned::new([0_usize; WORDS]).into_shared(guard);
    // SAFETY: nobody else has seen it, it is retired once, and any thread may drop it.
    unsafe { guard.defer_destroy(node) };
}
