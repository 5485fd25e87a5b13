//! The nodes of the list, and the right to change it.
//!
//! A *link* is a bucket's dummy, which lies in a directory, or the head of an *item*, which lies on
//! the heap (`repr(C)`: same address). The pointer tells which: `ITEM` is in its tag. Nothing else
//! about a dummy is stored; its order follows from where it lies.

use super::buckets::RANKS;
use crate::reclaim::{Atomic, Guard, Owned, Shared};
use core::marker::PhantomData;

/// Tag on any pointer: it leads to an item.
pub(super) const ITEM: usize = 1;
/// Tag on an item's `next`: the item is deleted, and this pointer does not change any more.
pub(super) const MARK: usize = 2;
/// Tag on a dummy's `next`: somebody links it, and perhaps has.
pub(super) const PENDING: usize = 2;
/// Tag on a null pointer: the list's end, which thus differs from an untouched dummy's `next`.
pub(super) const END: usize = 4;

/// What every node begins with; a dummy is nothing more. Aligned for three tags on every target.
#[repr(C, align(8))]
pub(super) struct Link<K, V> {
    pub(super) next: Atomic<Link<K, V>>,
    _item: PhantomData<(K, V)>,
}

const _: () = assert!(cfg!(feature = "engine") || size_of::<Link<u64, u64>>() == 8);

impl<K, V> Link<K, V> {
    /// An untouched dummy: in a build without an engine, zero bytes.
    #[inline(always)]
    pub(super) fn new() -> Self {
        Link { next: Shared::null().into(), _item: PhantomData }
    }
}

/// A node with a key and its value.
#[repr(C)]
pub(super) struct Item<K, V> {
    pub(super) link: Link<K, V>,
    /// Where it stands in the list: the mixed hash, behind every dummy at the same place.
    pub(super) order: u64,
    pub(super) key: K,
    pub(super) value: V,
}

impl<K, V> Item<K, V> {
    #[inline(always)]
    #[track_caller]
    pub(super) fn new(order: u64, key: K, value: V) -> Owned<Self> {
        debug_assert!(order & RANKS == RANKS);
        Owned::new(Item { link: Link::new(), order, key, value })
    }

    #[inline(always)]
    pub(super) fn entry(&self) -> (&K, &V) {
        (&self.key, &self.value)
    }
}

/// A link in the list, and what was loaded from it with Acquire.
pub(super) struct Loaded<'g, K, V> {
    pub(super) link: &'g Atomic<Link<K, V>>,
    pub(super) first: Shared<'g, Link<K, V>>,
}

impl<K, V> Clone for Loaded<'_, K, V> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}

impl<K, V> Copy for Loaded<'_, K, V> {}

/// Whether a pointer leads to an item.
#[inline(always)]
pub(super) fn leads_to_item<K, V>(pointer: Shared<'_, Link<K, V>>) -> bool {
    pointer.tag() & ITEM != 0
}

/// Whether a pointer leads to a dummy, or is the list's end, and says nothing else.
#[inline(always)]
pub(super) fn is_border<K, V>(pointer: Shared<'_, Link<K, V>>) -> bool {
    pointer.tag() & (ITEM | MARK) == 0 && pointer != Shared::null()
}

/// Whether the item whose `next` this is has been deleted.
#[inline(always)]
pub(super) fn is_marked<K, V>(next: Shared<'_, Link<K, V>>) -> bool {
    next.tag() & MARK != 0
}

/// A pointer without what its place says about the node that it lies in.
#[inline(always)]
pub(super) fn plain<'g, K, V>(pointer: Shared<'g, Link<K, V>>) -> Shared<'g, Link<K, V>> {
    pointer.with_tag(pointer.tag() & !MARK)
}

/// Proof that its guard is live in the map's domain, and that the domain may drop `(K, V)`: the
/// right to follow links and to retire items.
pub(super) struct Pinned<'g, K, V> {
    guard: &'g Guard<'g>,
    _retires: PhantomData<&'g (K, V)>,
}

impl<K, V> Clone for Pinned<'_, K, V> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}

impl<K, V> Copy for Pinned<'_, K, V> {}

impl<'g, K, V> Pinned<'g, K, V> {
    /// # Safety
    /// `guard` is of the map's domain (or unprotected, and the map is the caller's alone), and the
    /// domain `Reclaims<(K, V)>`.
    #[inline(always)]
    pub(super) unsafe fn new(guard: &'g Guard<'_>) -> Self {
        Pinned { guard, _retires: PhantomData }
    }

    #[inline(always)]
    pub(super) fn guard(self) -> &'g Guard<'g> {
        self.guard
    }

    /// The node at a link that this guard loaded, whatever its tags; `None` at the list's end.
    ///
    /// # Safety
    /// `link` was loaded with Acquire, under this guard, from the map's head or from a node.
    #[inline(always)]
    #[track_caller]
    pub(super) unsafe fn follow(self, link: Shared<'g, Link<K, V>>) -> Option<&'g Link<K, V>> {
        // SAFETY: items are retired after they were unlinked, so what a pinned thread loads from
        // the list, or from a node it reached there, outlives its guard [I5]; Acquire pairs with
        // the Release that linked it [P1].
        unsafe { link.as_ref() }
    }

    /// The item at a link, whatever its tags.
    ///
    /// # Safety
    /// As for `follow`; the link `leads_to_item`.
    #[inline(always)]
    #[track_caller]
    pub(super) unsafe fn item(self, link: Shared<'g, Link<K, V>>) -> &'g Item<K, V> {
        // SAFETY: by the caller's duties; an item begins with its link, and the pointer was made
        // from the whole item.
        unsafe { link.with_tag(0).cast::<Item<K, V>>().deref() }
    }

    /// Retires an item.
    ///
    /// # Safety
    /// The caller unlinked it: the one change of a predecessor's `next` that led past it.
    #[inline(always)]
    #[track_caller]
    pub(super) unsafe fn retire(self, link: Shared<'g, Link<K, V>>) {
        // SAFETY: unlinked once, hence retired once; the domain may drop `(K, V)`.
        unsafe { self.guard.defer_destroy(link.with_tag(0).cast::<Item<K, V>>()) }
    }
}
