//! The list: all items and dummies in one chain, sorted by order.
//!
//! **Algorithm**: Michael, "High Performance Dynamic Lock-Free Hash Tables and List-Based Sets",
//! SPAA 2002 (deletion by a mark on `next`, then unlinking), with the in-place replacement of
//! liburcu's `rculfhash`: one compare-exchange makes the old node's `next` lead, marked, to the new
//! one. The map's head has the invariants.

use super::{
    buckets::Buckets,
    node::{Item, Link, MARK, Pinned},
};
use crate::{
    base::StripedCounter,
    facade::{atomic::Ordering, tuning::LONG_CHAIN},
    reclaim::{Atomic, Owned, Shared},
};

/// The list, its directory and its length.
pub(super) struct Table<K, V> {
    pub(super) head: Atomic<Link<K, V>>,
    pub(super) buckets: Buckets<K, V>,
    pub(super) len: StripedCounter,
}

/// Where a search ended.
pub(super) struct Position<'g, K, V> {
    /// The link that led to `current` when the search passed it.
    previous: &'g Atomic<Link<K, V>>,
    /// The node found, else the first one of a higher order, else null.
    pub(super) current: Shared<'g, Link<K, V>>,
    /// What followed the node found; without mark.
    next: Shared<'g, Link<K, V>>,
    /// How many nodes the search passed.
    walked: usize,
    pub(super) found: bool,
}

impl<K, V> Table<K, V> {
    pub(super) const fn new(buckets: Buckets<K, V>) -> Self {
        Table { head: Atomic::null(), buckets, len: StripedCounter::new() }
    }

    /// The link at which a search for `order` begins; initialises its bucket once. Lock-free.
    #[inline(always)]
    #[track_caller]
    fn start<'g>(&'g self, order: u64, pinned: Pinned<'g, K, V>) -> &'g Atomic<Link<K, V>> {
        let bucket = self.buckets.bucket_of(order);
        if bucket == 0 {
            return &self.head;
        }
        let dummy = self.buckets.dummy(bucket, pinned.guard());
        // SAFETY: a slot's, loaded with Acquire under this guard.
        match unsafe { pinned.follow(dummy) } {
            Some(dummy) => &dummy.next,
            None => self.initialise(bucket, pinned),
        }
    }

    /// Links the dummy of a bucket, searching from the nearest ancestor that has one. Whoever links
    /// it first wins, and all others find it. Does not recurse.
    #[cold]
    fn initialise<'g>(&'g self, bucket: u64, pinned: Pinned<'g, K, V>) -> &'g Atomic<Link<K, V>> {
        let mut ancestor = bucket;
        let start = loop {
            // Without its lowest bit, an order is that of the bucket it was split from.
            ancestor &= ancestor - 1;
            if ancestor == 0 {
                break &self.head;
            }
            let dummy = self.buckets.dummy(ancestor, pinned.guard());
            // SAFETY: a slot's, loaded with Acquire under this guard.
            if let Some(dummy) = unsafe { pinned.follow(dummy) } {
                break &dummy.next;
            }
        };
        let mut fresh = Owned::new(Link::new(bucket));
        let dummy = loop {
            let position = self.search_from(start, bucket, |_| true, pinned);
            if position.found {
                break position.current;
            }
            match self.link(&position, fresh, |link| link, pinned) {
                Ok(dummy) => break dummy,
                Err(lost) => fresh = lost,
            }
        };
        self.buckets.remember(bucket, dummy);
        // SAFETY: linked above or found by a search, and never retired [I3].
        unsafe { &dummy.deref().next }
    }

    /// Finds the item of this order whose key is `same`, or the place where one would be linked.
    /// Unlinks the deleted nodes it meets. Lock-free.
    #[inline]
    #[track_caller]
    pub(super) fn search<'g>(
        &'g self,
        order: u64,
        mut same: impl FnMut(&K) -> bool,
        pinned: Pinned<'g, K, V>,
    ) -> Position<'g, K, V> {
        let start = self.start(order, pinned);
        // SAFETY: called for nodes of an item's order, loaded with Acquire under this guard.
        self.search_from(start, order, |link| same(unsafe { &pinned.item(link).key }), pinned)
    }

    #[inline]
    #[track_caller]
    fn search_from<'g>(
        &'g self,
        start: &'g Atomic<Link<K, V>>,
        order: u64,
        mut same: impl FnMut(Shared<'g, Link<K, V>>) -> bool,
        pinned: Pinned<'g, K, V>,
    ) -> Position<'g, K, V> {
        let guard = pinned.guard();
        'again: loop {
            let (mut previous, mut walked) = (start, 0);
            // [P1] Acquire: the first node. No mark: neither the head nor a dummy is deleted.
            let mut current = previous.load(Ordering::Acquire, guard);
            loop {
                let nowhere = Shared::null();
                // SAFETY: loaded with Acquire under this guard.
                let Some(link) = (unsafe { pinned.follow(current) }) else {
                    return Position { previous, current, next: nowhere, walked, found: false };
                };
                if link.order > order {
                    return Position { previous, current, next: nowhere, walked, found: false };
                }
                // [P1] Acquire: the next node.
                let next = link.next.load(Ordering::Acquire, guard);
                if next.tag() == MARK {
                    if !self.unlink(previous, current, next, pinned) {
                        continue 'again;
                    }
                    current = next.with_tag(0);
                    continue;
                }
                if link.order == order && same(current) {
                    return Position { previous, current, next, walked, found: true };
                }
                (previous, current) = (&link.next, next);
                walked += 1;
            }
        }
    }

    /// The item of this order whose key is `same`. Changes nothing, and passes deleted nodes.
    /// Lock-free, for a bucket may have to be initialised; wait-free otherwise, but for a list that
    /// grows at its end as fast as it is read.
    #[inline]
    #[track_caller]
    pub(super) fn find<'g>(
        &'g self,
        order: u64,
        mut same: impl FnMut(&K) -> bool,
        pinned: Pinned<'g, K, V>,
    ) -> Option<&'g Item<K, V>> {
        let guard = pinned.guard();
        // [P1] Acquire: the first node.
        let mut current = self.start(order, pinned).load(Ordering::Acquire, guard);
        loop {
            // SAFETY: loaded with Acquire under this guard.
            let link = unsafe { pinned.follow(current) }?;
            if link.order > order {
                return None;
            }
            // [P1] Acquire: the next node.
            let next = link.next.load(Ordering::Acquire, guard);
            if link.order == order && next.tag() != MARK {
                // SAFETY: an item's order is odd, so this is an item.
                let item = unsafe { pinned.item(current) };
                if same(&item.key) {
                    return Some(item);
                }
            }
            current = next.with_tag(0);
        }
    }

    /// Leads past a deleted node, and retires it. False when somebody else changed the link.
    #[inline]
    #[track_caller]
    fn unlink<'g>(
        &self,
        previous: &Atomic<Link<K, V>>,
        deleted: Shared<'g, Link<K, V>>,
        next: Shared<'g, Link<K, V>>,
        pinned: Pinned<'g, K, V>,
    ) -> bool {
        // [P2] Release: passes `next` on. Relaxed on failure: the caller searches again.
        let unlinked = previous.compare_exchange(
            deleted,
            next.with_tag(0),
            Ordering::Release,
            Ordering::Relaxed,
            pinned.guard(),
        );
        if unlinked.is_ok() {
            // SAFETY: this was the change that led past it [I4].
            unsafe { pinned.retire(deleted) };
        }
        unlinked.is_ok()
    }

    /// Links a node where a search did not find one; gives it back when the place has changed.
    #[inline]
    #[track_caller]
    fn link<'g, N>(
        &self,
        position: &Position<'g, K, V>,
        node: Owned<N>,
        link_of: impl FnOnce(&N) -> &Link<K, V>,
        pinned: Pinned<'g, K, V>,
    ) -> Result<Shared<'g, Link<K, V>>, Owned<N>> {
        // Relaxed: published with the node.
        link_of(&node).next.store(position.current, Ordering::Relaxed);
        let node = node.into_shared(pinned.guard());
        // [P1] Release: hands over the node. Relaxed on failure: the caller searches again.
        match position.previous.compare_exchange(
            position.current,
            node.cast(),
            Ordering::Release,
            Ordering::Relaxed,
            pinned.guard(),
        ) {
            Ok(linked) => Ok(linked),
            // SAFETY: it was not published.
            Err(_) => Err(unsafe { node.into_owned() }),
        }
    }

    /// Links an item, counts it, and lets the map grow when the chain was long.
    ///
    /// # Errors
    /// The item, when the place has changed.
    #[inline]
    #[track_caller]
    pub(super) fn insert<'g>(
        &'g self,
        position: &Position<'g, K, V>,
        item: Owned<Item<K, V>>,
        pinned: Pinned<'g, K, V>,
    ) -> Result<&'g Item<K, V>, Owned<Item<K, V>>> {
        let linked = self.link(position, item, |item| &item.link, pinned)?;
        self.len.add(1, pinned.guard().stripe());
        if position.walked >= LONG_CHAIN {
            self.buckets.grow_for(self.len.sum());
        }
        // SAFETY: linked by this thread, which was pinned before.
        Ok(unsafe { pinned.item(linked) })
    }

    /// Puts an item in the place of the one found, by one compare-exchange.
    ///
    /// # Errors
    /// The item, when the one found was deleted or its successor has changed.
    #[inline]
    #[track_caller]
    pub(super) fn replace<'g>(
        &'g self,
        position: &Position<'g, K, V>,
        item: Owned<Item<K, V>>,
        pinned: Pinned<'g, K, V>,
    ) -> Result<&'g Item<K, V>, Owned<Item<K, V>>> {
        // Relaxed: published with the item.
        item.link.next.store(position.next, Ordering::Relaxed);
        let (order, new) = (item.link.order, item.into_shared(pinned.guard()));
        // SAFETY: found by a search under this guard.
        let old = unsafe { pinned.item(position.current) };
        // [P1] Release: hands over the item. Relaxed on failure: the caller searches again.
        let replaced = old.link.next.compare_exchange(
            position.next,
            new.cast().with_tag(MARK),
            Ordering::Release,
            Ordering::Relaxed,
            pinned.guard(),
        );
        match replaced {
            Ok(linked) => {
                self.tidy(position, order, linked, pinned);
                // SAFETY: linked by this thread, which was pinned before.
                Ok(unsafe { pinned.item(linked) })
            }
            // SAFETY: it was not published.
            Err(_) => Err(unsafe { new.into_owned() }),
        }
    }

    /// Deletes the item found. False when it was deleted or its successor has changed.
    #[inline]
    #[track_caller]
    pub(super) fn remove<'g>(
        &'g self,
        position: &Position<'g, K, V>,
        pinned: Pinned<'g, K, V>,
    ) -> bool {
        // SAFETY: found by a search under this guard.
        let item = unsafe { pinned.item(position.current) };
        let removed = self.mark(item, position.next, pinned);
        if removed {
            self.tidy(position, item.link.order, position.next, pinned);
        }
        removed
    }

    /// Deletes an item that an iterator found. False when somebody else deleted it.
    pub(super) fn remove_item<'g>(
        &'g self,
        item: &'g Item<K, V>,
        pinned: Pinned<'g, K, V>,
    ) -> bool {
        loop {
            // [P1] Acquire: `mark` passes it on.
            let next = item.link.next.load(Ordering::Acquire, pinned.guard());
            if next.tag() == MARK {
                return false;
            }
            if self.mark(item, next, pinned) {
                self.search(item.link.order, |_| false, pinned);
                return true;
            }
        }
    }

    /// The deletion itself: from here on the item is not in the map.
    #[inline]
    #[track_caller]
    fn mark<'g>(
        &self,
        item: &Item<K, V>,
        next: Shared<'g, Link<K, V>>,
        pinned: Pinned<'g, K, V>,
    ) -> bool {
        // Relaxed: the same pointer stays where it was, and the read-modify-write continues the
        // release sequence of whoever put it there. Relaxed on failure: the caller looks again.
        let marked = item.link.next.compare_exchange(
            next,
            next.with_tag(MARK),
            Ordering::Relaxed,
            Ordering::Relaxed,
            pinned.guard(),
        );
        if marked.is_ok() {
            self.len.sub(1, pinned.guard().stripe());
        }
        marked.is_ok()
    }

    /// Unlinks the node at a position, which was just deleted, by itself or by a search.
    #[inline]
    #[track_caller]
    fn tidy<'g>(
        &'g self,
        position: &Position<'g, K, V>,
        order: u64,
        next: Shared<'g, Link<K, V>>,
        pinned: Pinned<'g, K, V>,
    ) {
        if !self.unlink(position.previous, position.current, next, pinned) {
            self.search(order, |_| false, pinned);
        }
    }
}

impl<'g, K, V> Position<'g, K, V> {
    /// The item, if the search found it.
    #[inline(always)]
    #[track_caller]
    pub(super) fn item(&self, pinned: Pinned<'g, K, V>) -> Option<&'g Item<K, V>> {
        // SAFETY: found under this guard, by a search for an item.
        self.found.then(|| unsafe { pinned.item(self.current) })
    }
}
