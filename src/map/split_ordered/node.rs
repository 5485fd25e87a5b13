//! The nodes of the list, and the right to change it.
//!
//! A *link* is a bucket's dummy, which lies in the directory, or the head of an *item*, which lies
//! on the heap (`repr(C)`: same address). Bit 0 of `order` tells which: even for a dummy, odd for an
//! item.

use crate::{
    facade::cell::UnsafeCell,
    reclaim::{Atomic, Guard, Shared},
};
use core::marker::PhantomData;

/// Tag on an item's `next`: the item is deleted, and this pointer does not change any more.
pub(super) const MARK: usize = 1;
/// Tag on a dummy's `next`: the dummy is in the list.
pub(super) const READY: usize = 2;
/// Tag on a dummy's `next`: somebody links it, and perhaps has. With neither tag it is untouched.
pub(super) const PENDING: usize = 4;

/// What every node begins with. Aligned for three tag bits on every target.
#[repr(C, align(8))]
pub(super) struct Link<K, V> {
    pub(super) next: Atomic<Link<K, V>>,
    /// Where the node stands in the list; see the map's head. Written before the node is linked,
    /// by the one who will link it.
    order: UnsafeCell<u64>,
    _item: PhantomData<(K, V)>,
}

impl<K, V> Link<K, V> {
    /// With order 0, an untouched dummy; in a build without an engine, zero bytes.
    #[inline(always)]
    pub(super) fn new(order: u64) -> Self {
        Link { next: Shared::null().into(), order: UnsafeCell::new(order), _item: PhantomData }
    }

    /// The order of a node that was reached in the list.
    #[inline(always)]
    #[track_caller]
    pub(super) fn order(&self) -> u64 {
        // SAFETY: not written any more once the node is linked, and linking happens before.
        self.order.with(|order| unsafe { *order })
    }

    /// Gives a dummy its order.
    ///
    /// # Safety
    /// The caller claimed the dummy and has not linked it.
    pub(super) unsafe fn set_order(&self, order: u64) {
        // SAFETY: by the caller's duty nobody else reads or writes it.
        self.order.with_mut(|place| unsafe { *place = order });
    }

    #[inline(always)]
    #[track_caller]
    pub(super) fn is_item(&self) -> bool {
        self.order() & 1 == 1
    }
}

/// A link where a search begins, and what was loaded from it with Acquire.
pub(super) type Start<'g, K, V> = (&'g Atomic<Link<K, V>>, Shared<'g, Link<K, V>>);

/// A node with a key and its value.
#[repr(C)]
pub(super) struct Item<K, V> {
    pub(super) link: Link<K, V>,
    pub(super) key: K,
    pub(super) value: V,
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
    /// As for `follow`; the link is not null, and its node `is_item`.
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
