//! Memory of retired nodes that is used again, once it may be freed, without the allocator.
//!
//! A batch that ends is not freed as a whole: of the nodes of one [`Kind`] in it the memory stays in the
//! batch, and the batch goes to a shelf of its domain, from where a participant takes it. So a node
//! costs neither an allocation nor a shared word, and finds its way from who frees to who allocates.
//!
//! Nobody can tell such memory from the allocator's: its grace period is over. So whatever is sound over an
//! allocator that gives freed addresses out again is sound here. (Nodes that are used again *before* that
//! are those of `spares.rs`.)
//!
//! # Invariants
//! * `[I1]` A kind says all that the next user relies on. No user's value is in such a node, so that it may
//!   outlast them all, and to destroy it runs no code of theirs.
//! * `[I2]` A batch that is kept has nodes of one kind only, and is counted as freed.
//!
//! # Memory
//! A domain keeps eight batches at most, two for each of four numbers that kinds have, and each participant
//! one, if its nodes are small. A domain with a cap keeps none: nobody counts them. Inside executions of an
//! engine nothing is kept: there no address comes twice.
//!
//! # Measured
//! A push and a pop of `MsQueue` in turn: 30 ns and 176 instructions, of which the allocator's had been half
//! (39 ns, 351). Of `Queue`, whose segments need not be zeroed again either: 11.2 ns and 83 (11.9, 104).
//!
//! **Checked by**: `tests/garbage/recycling.rs`, and the tests of the queues, which use it.

use crate::facade::tuning::RECYCLED_BYTES;
use core::alloc::Layout;

/// A node whose memory may be used again.
///
/// # Safety
/// When a node of this type may be freed, it is what its kind says, and what another type says under the
/// same kind: who takes it relies on that. No user's value is in it.
pub(crate) unsafe trait Recyclable: Sized {
    const KIND: Kind;
}

/// What the memory of a node is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    form: Form,
    layout: Layout,
    is_small: bool,
}

/// What there is in the memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// Nothing: it is memory of the layout, as from a box.
    Bare,
    /// A segment of a `Queue` for values of the layout, all of whose slots have been used.
    Segment,
}

impl Kind {
    /// Memory for a `T`.
    pub(crate) const fn bare<T>() -> Self {
        assert!(size_of::<T>() > 0, "what has no memory needs none");
        let is_small = size_of::<T>() <= RECYCLED_BYTES;
        Kind { form: Form::Bare, layout: Layout::new::<T>(), is_small }
    }

    /// A segment for values of type `T`.
    pub(crate) const fn segment<T>() -> Self {
        Kind { form: Form::Segment, layout: Layout::new::<T>(), is_small: false }
    }

    /// Whether there is nothing in the memory.
    pub(super) const fn is_bare(self) -> bool {
        matches!(self.form, Form::Bare)
    }

    /// Whether a participant may have many.
    pub(super) fn is_small(self) -> bool {
        self.is_small
    }

    /// Kinds with the same number share their places on a shelf.
    #[inline(always)]
    pub(super) fn number(self) -> usize {
        self.layout.size() / align_of::<usize>() + self.form as usize
    }
}
