//! The critical section: mutual exclusion against other threads and against interrupts.
//!
//! # Ordering
//! * `[P1]` A section sees all that happened before the end of each earlier one.
//!
//! Inside a model a section is one step: nothing in it lets an engine run another thread. So one
//! read-modify-write stands for all of it, entry and exit. (Were there a second one for the exit,
//! others could come between the two, and a thread that leaves would acquire from sections that in
//! truth come after its own.)
//!
//! **Checked by**: the models of every structure over the backend `critical`.

use super::{
    atomic::{AtomicUsize, Ordering},
    engine,
};

/// What an engine sees of the section: one word that every section changes.
static PASSAGES: AtomicUsize = AtomicUsize::root();

/// Runs `f` while nobody else is in any critical section. `f` must be short and must not call
/// code of a user; inside a model it must not touch an atomic of the facade.
pub(crate) fn critical_section<R>(f: impl FnOnce() -> R) -> R {
    if !engine::active() {
        return critical_section::with(|_| f());
    }
    // [P1] Acquire: earlier sections, and what came before them. Release: for later ones.
    PASSAGES.fetch_add(1, Ordering::AcqRel);
    f()
}
