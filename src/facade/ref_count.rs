//! The count of owners of a shared allocation.
//!
//! Engines do not see it in the models of structures: a word that every guard of a domain of one's
//! own changes would multiply their schedules, and its order would hide what is missing in domains
//! that are not counted.
//!
//! # Ordering
//! * `[P1]` An owner's end hands over what the owner did; the last one's takes it, from all others,
//!   whose changes continue one release sequence. So whoever frees comes after every use.
//!
//! **Checked by**: `loom-tests/parts.rs`, which compiles this file over words that an engine drives.

use super::backing::AtomicUsize;
use core::sync::atomic::Ordering;

/// See the module's head.
pub(crate) struct RefCount {
    owners: AtomicUsize,
}

impl RefCount {
    /// One owner.
    pub(crate) fn one() -> Self {
        RefCount { owners: AtomicUsize::new(1) }
    }

    /// One owner more. The caller is an owner.
    pub(crate) fn acquire(&self) {
        // Relaxed: the caller's own count keeps the allocation alive.
        let owners = self.owners.fetch_add(1, Ordering::Relaxed);
        if owners >= isize::MAX as usize {
            // Relaxed: as above. Who catches the panic may try again, and the count shall not wrap around.
            self.owners.fetch_sub(1, Ordering::Relaxed);
            panic!("too many owners of one collector");
        }
    }

    /// One owner less; true for the last one, who then sees all that the others did.
    #[must_use]
    pub(crate) fn release(&self) -> bool {
        // [P1] Release: what this owner did. Acquire: what the others did, for the last one.
        self.owners.fetch_sub(1, Ordering::AcqRel) == 1
    }
}
