//! The critical section: mutual exclusion against other threads and against interrupts.

use super::{
    atomic::{AtomicUsize, Ordering},
    engine,
};

/// What an engine sees of the section: one word that every entry and exit changes.
static PASSAGES: AtomicUsize = AtomicUsize::root();

/// Runs `f` while nobody else is in any critical section. `f` must be short and must not call
/// code of a user; inside a model it must not touch an atomic of the facade.
pub(crate) fn critical_section<R>(f: impl FnOnce() -> R) -> R {
    if !engine::active() {
        return critical_section::with(|_| f());
    }
    // AcqRel: what happened in earlier sections is seen in this one.
    PASSAGES.fetch_add(1, Ordering::AcqRel);
    let result = f();
    // AcqRel: what happened here is seen in later sections.
    PASSAGES.fetch_add(1, Ordering::AcqRel);
    result
}
