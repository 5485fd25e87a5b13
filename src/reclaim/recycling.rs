//! Memory of retired nodes that is used again, once it may be freed, without the allocator.
//!
//! A batch that ends is not freed as a whole: of the nodes of one [`Kind`] in it the memory stays in the
//! batch, and the batch goes to a shelf of its domain, from where a participant takes it. So a small node
//! costs no allocation, and a shared word once a batch, and finds its way from who frees to who allocates.
//! (Of a participant that uses several kinds the last one is kept; a segment is taken from its batch alone.)
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
//! Of a node's memory up to `RECYCLED_BYTES` are kept, or a segment of about a page: in a domain eight batches
//! at most, two for each of four classes of kinds, of which those that came last stay; and with each participant
//! one, not of segments. So a domain keeps half a megabyte, and a participant 16 KiB, if all that is there is of
//! the largest. A domain with a cap keeps none: nobody counts them. Inside executions of an engine nothing
//! is kept: there no address comes twice; nor under Miri, which shall see each node end; nor without std on a
//! processor of 32 bits or less, where so much would be a good part of all memory.
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
    /// `None`: too large to be kept.
    const KIND: Option<Kind>;
}

/// What the memory of a node is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    form: Form,
    layout: Layout,
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
    pub(crate) const fn bare<T>() -> Option<Self> {
        let is_kept = size_of::<T>() > 0 && size_of::<T>() <= RECYCLED_BYTES;
        if is_kept { Some(Kind { form: Form::Bare, layout: Layout::new::<T>() }) } else { None }
    }

    /// A segment for values of type `T`.
    pub(crate) const fn segment<T>() -> Option<Self> {
        Some(Kind { form: Form::Segment, layout: Layout::new::<T>() })
    }

    /// Whether there is nothing in the memory; then it is little.
    pub(super) const fn is_bare(self) -> bool {
        matches!(self.form, Form::Bare)
    }

    /// Tells most kinds apart.
    #[inline(always)]
    pub(super) fn number(self) -> usize {
        self.layout.size() / align_of::<usize>() * 2 + self.form as usize
    }
}
