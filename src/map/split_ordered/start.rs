//! Where a search begins: the dummies, and how they come into the list. `buckets.rs` has their
//! life and the invariants.

use super::{
    buckets::Directory,
    list::Table,
    node::{Link, Loaded, PENDING, Pinned},
};
use crate::{
    facade::{atomic::Ordering, hint},
    reclaim::{Atomic, Shared},
};
use core::ptr;

/// Where a search begins.
pub(super) struct Start<'g, K, V> {
    pub(super) at: Loaded<'g, K, V>,
    /// While this is the newest directory, the first dummy that the search meets is beyond what is
    /// searched for [B3]. Never the newest, or null, where that cannot be said.
    pub(super) directory: *const Directory<K, V>,
}

impl<K, V> Clone for Start<'_, K, V> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}

impl<K, V> Copy for Start<'_, K, V> {}

impl<K, V> Table<K, V> {
    /// Where a search for `order` begins. Links the bucket's dummy if nobody has. Lock-free.
    #[inline(always)]
    #[track_caller]
    pub(super) fn start<'g>(&'g self, order: u64, pinned: Pinned<'g, K, V>) -> Start<'g, K, V> {
        let Some(directory) = self.buckets.current() else { return self.origin(pinned) };
        match directory.ready(directory.index(order), pinned.guard()) {
            Some(at) => Start { at, directory },
            None => self.initialise(order, directory, pinned),
        }
    }

    /// Asks for what the search of an insertion will wait for: the dummy of the bucket of `order`,
    /// and the one that it splits from if it is not there yet.
    #[inline(always)]
    pub(super) fn prefetch(&self, order: u64) {
        if let Some(directory) = self.buckets.current() {
            hint::prefetch(directory.dummy(directory.index(order)));
            if let Some(older) = directory.older() {
                hint::prefetch(older.dummy(older.index(order)));
            }
        }
    }

    /// Asks for what a lookup will wait for.
    #[inline(always)]
    pub(super) fn prefetch_bucket(&self, order: u64) {
        if let Some(directory) = self.buckets.current() {
            hint::prefetch(directory.dummy(directory.index(order)));
        }
    }

    /// Asks for the first node of the bucket of `order`.
    #[inline(always)]
    pub(super) fn prefetch_first(&self, order: u64, pinned: Pinned<'_, K, V>) {
        if let Some(directory) = self.buckets.current() {
            let link = &directory.dummy(directory.index(order)).next;
            // Relaxed: not followed.
            hint::prefetch(link.load(Ordering::Relaxed, pinned.guard()).as_raw());
        }
    }

    /// The list's head.
    #[inline(always)]
    #[track_caller]
    fn origin<'g>(&'g self, pinned: Pinned<'g, K, V>) -> Start<'g, K, V> {
        // [P1] Acquire: the first node.
        let first = self.head.load(Ordering::Acquire, pinned.guard());
        Start { at: Loaded { link: &self.head, first }, directory: ptr::null() }
    }

    /// Splits the buckets on the way from the nearest ancestor whose dummy is in the list down to
    /// the bucket of `order` in a directory. Passes those that somebody else is at: waits for
    /// nobody, and does not recurse.
    #[cold]
    fn initialise<'g>(
        &'g self,
        order: u64,
        directory: &'g Directory<K, V>,
        pinned: Pinned<'g, K, V>,
    ) -> Start<'g, K, V> {
        let mut start = self.ancestor(order, directory, pinned);
        let mut reached = start.directory;
        while !ptr::eq(reached, directory) {
            let mut next = directory;
            while let Some(older) = next.older().filter(|older| !ptr::eq(*older, reached)) {
                next = older;
            }
            start = self.split(order, next, start, pinned);
            reached = next;
        }
        start
    }

    /// The nearest ancestor of the bucket of `order` whose dummy is in the list.
    fn ancestor<'g>(
        &'g self,
        order: u64,
        directory: &'g Directory<K, V>,
        pinned: Pinned<'g, K, V>,
    ) -> Start<'g, K, V> {
        let mut older = directory.older();
        while let Some(directory) = older {
            if let Some(at) = directory.ready(directory.index(order), pinned.guard()) {
                return Start { at, directory };
            }
            older = directory.older();
        }
        self.origin(pinned)
    }

    /// Links the dummies of the bucket of `order` and of its siblings, which all split from one,
    /// unless somebody else does; the nearest start then, at the latest the ancestor given.
    fn split<'g>(
        &'g self,
        order: u64,
        directory: &'g Directory<K, V>,
        ancestor: Start<'g, K, V>,
        pinned: Pinned<'g, K, V>,
    ) -> Start<'g, K, V> {
        let bucket = directory.index(order);
        let siblings = directory.siblings(bucket);
        if self.claim(directory.dummy(siblings.start), pinned) {
            let mut near = ancestor;
            let parents = directory.older().map_or(ptr::null(), ptr::from_ref);
            if ptr::eq(ancestor.directory, parents) {
                // The parent, so no dummies come before each but those linked here.
                near.directory = directory;
            }
            for index in siblings {
                near.at = self.link_dummy(directory, index, near, pinned);
            }
        }
        let ready = directory.ready(bucket, pinned.guard());
        ready.map_or(ancestor, |at| Start { at, directory })
    }

    /// Claims a dummy and its siblings, of which it is the first.
    fn claim(&self, dummy: &Link<K, V>, pinned: Pinned<'_, K, V>) -> bool {
        let pending = Shared::null().with_tag(PENDING);
        // Relaxed: the winner writes, the loser does not look.
        let (success, failure) = (Ordering::Relaxed, Ordering::Relaxed);
        dummy
            .next
            .compare_exchange(Shared::null(), pending, success, failure, pinned.guard())
            .is_ok()
    }

    /// Links a dummy that the caller has claimed, searching from a start before it; its link then.
    fn link_dummy<'g>(
        &'g self,
        directory: &'g Directory<K, V>,
        index: usize,
        mut start: Start<'g, K, V>,
        pinned: Pinned<'g, K, V>,
    ) -> Loaded<'g, K, V> {
        let guard = pinned.guard();
        let dummy = directory.dummy(index);
        let link = &dummy.next;
        loop {
            let position = self.search_from(start, directory.order(index), |_| false, pinned);
            let next = position.follower();
            let pending = next.with_tag(next.tag() | PENDING);
            // Relaxed: published with the dummy.
            link.store(pending, Ordering::Relaxed);
            if self.lead(&position, ptr::from_ref(dummy).into(), pinned) {
                self.make_ready(link, pending, pinned);
                // [P1] Acquire: the next node.
                return Loaded { link, first: link.load(Ordering::Acquire, guard) };
            }
            // [P1] Acquire: the first node. It may be what has changed.
            start.at.first = start.at.link.load(Ordering::Acquire, guard);
        }
    }

    /// Tells others that a dummy is in the list, where the caller has linked or met it; false when
    /// it has changed.
    pub(super) fn make_ready<'g>(
        &self,
        link: &Atomic<Link<K, V>>,
        pending: Shared<'g, Link<K, V>>,
        pinned: Pinned<'g, K, V>,
    ) -> bool {
        let ready = pending.with_tag(pending.tag() & !PENDING);
        // [P4] Release: it is in the list. Relaxed on failure: the caller looks again.
        let (success, failure) = (Ordering::Release, Ordering::Relaxed);
        link.compare_exchange(pending, ready, success, failure, pinned.guard()).is_ok()
    }
}
