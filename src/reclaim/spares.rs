//! Nodes that a participant keeps to use again, without the allocator and without a grace period.
//!
//! A spare node is unlinked and holds no value, but it was not retired: threads that are pinned may
//! still read its links. Who uses it again says why that harms nobody (`TreiberStack`: the node comes
//! back under another tag, and a compare-exchange that expects an old one fails).
//!
//! # Invariants
//! * `[I1]` All nodes that are kept are of one structure, and alike: a link, which is an atomic word, and
//!   room for a value of one layout. Nothing in them is left to drop. So who may still read their links is
//!   in that structure, which frees its nodes at once when it has itself alone. (A structure is told by its
//!   address: who has moved it, or put another one there, had it alone.)
//! * `[I2]` What is not used again is retired: its memory is freed after every guard that was live when
//!   it was unlinked.

use super::garbage::Retired;
use crate::facade::tuning::SPARES;
use core::{alloc::Layout, mem::MaybeUninit};

/// What one participant keeps.
pub(super) struct Spares {
    nodes: [MaybeUninit<(Retired, usize)>; SPARES],
    len: usize,
    /// Of the values that they have room for [I1].
    layout: Layout,
    /// Whose nodes they are; no address before the first.
    owner: usize,
    /// Of each node.
    bytes: usize,
}

impl Spares {
    pub(super) const fn new() -> Self {
        let nodes = [const { MaybeUninit::uninit() }; SPARES];
        Spares { nodes, len: 0, layout: Layout::new::<()>(), owner: 0, bytes: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// How many it keeps of that structure, for values of that layout; `None` if it keeps others.
    #[inline(always)]
    pub(super) fn of(&self, owner: usize, layout: Layout) -> Option<usize> {
        (self.owner == owner && self.layout == layout).then_some(self.len)
    }

    /// Begins to keep nodes of that structure. It is empty.
    pub(super) fn begin(&mut self, owner: usize, layout: Layout, bytes: usize) {
        debug_assert_eq!(self.len, 0, "[I1]");
        (self.owner, self.layout, self.bytes) = (owner, layout, bytes);
    }

    /// Keeps a node, one of those that it keeps, with its tag. There is room.
    #[inline(always)]
    pub(super) fn put(&mut self, node: Retired, tag: usize) {
        self.nodes[self.len].write((node, tag));
        self.len += 1;
    }

    /// The node that was kept last, with its tag.
    #[inline(always)]
    pub(super) fn take(&mut self) -> Option<(Retired, usize)> {
        self.len = self.len.checked_sub(1)?;
        // SAFETY: those below `len` were written, and each is taken once.
        Some(unsafe { self.nodes[self.len].assume_init_read() })
    }
}
