//! The list: all items and dummies in one chain, sorted by order.
//!
//! **Algorithm**: Michael, "High Performance Dynamic Lock-Free Hash Tables and List-Based Sets",
//! SPAA 2002 (deletion by a mark on `next`, then unlinking), with the in-place replacement of
//! liburcu's `rculfhash`: one compare-exchange makes the old node's `next` lead, marked, to the new
//! one. The map's head has the invariants.

use super::{
    buckets::Buckets,
    node::{DUMMY, Item, Link, MARK, Pinned, READY, is_marked, leads_to_dummy, target},
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

/// Where a search begins.
struct Start<'g, K, V> {
    link: &'g Atomic<Link<K, V>>,
    /// What was loaded from it with Acquire.
    first: Shared<'g, Link<K, V>>,
    /// No dummy of this level or a lower one stands between here and what is searched for.
    depth: u32,
}

impl<K, V> Clone for Start<'_, K, V> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}

impl<K, V> Copy for Start<'_, K, V> {}

/// Where a search ended.
pub(super) struct Position<'g, K, V> {
    /// The link that led to `current` when the search passed it, and what it was then.
    previous: &'g Atomic<Link<K, V>>,
    expected: Shared<'g, Link<K, V>>,
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

    /// Where a search for `order` begins. Links the bucket's dummy if nobody has. Lock-free.
    #[inline(always)]
    #[track_caller]
    fn start<'g>(&'g self, order: u64, pinned: Pinned<'g, K, V>) -> Start<'g, K, V> {
        let depth = self.buckets.bits();
        let shift = u64::BITS - depth;
        let bucket = order >> shift << shift;
        if bucket == 0 {
            return Start { depth, ..self.origin(pinned) };
        }
        match self.buckets.ready(bucket, pinned.guard()) {
            Some((link, first)) => Start { link, first, depth },
            None => self.initialise(bucket, depth, pinned),
        }
    }

    /// The list's head: the start of bucket 0.
    #[inline(always)]
    #[track_caller]
    fn origin<'g>(&'g self, pinned: Pinned<'g, K, V>) -> Start<'g, K, V> {
        // [P1] Acquire: the first node.
        let first = self.head.load(Ordering::Acquire, pinned.guard());
        Start { link: &self.head, first, depth: 0 }
    }

    /// Links the dummies on the way from the bucket's nearest ancestor in the list down to the
    /// bucket, so that later searches begin near. Passes those that somebody else is at: waits for
    /// nobody, and does not recurse.
    #[cold]
    fn initialise<'g>(
        &'g self,
        bucket: u64,
        bits: u32,
        pinned: Pinned<'g, K, V>,
    ) -> Start<'g, K, V> {
        let (mut near, mut start) = self.ancestor(bucket, pinned);
        let mut descendant = near;
        while descendant != bucket {
            let missing = bucket & !descendant;
            descendant |= 1 << missing.ilog2();
            if let Some((link, first)) = self.link_dummy(descendant, near, start, pinned) {
                (near, start) = (descendant, Start { link, first, depth: 0 });
            }
        }
        // At so many bits, the bucket begins where this start is.
        start.depth = if near == bucket { bits } else { (bucket & !near).leading_zeros() };
        start
    }

    /// The nearest ancestor of a bucket whose dummy is in the list, and the start there.
    fn ancestor<'g>(&'g self, bucket: u64, pinned: Pinned<'g, K, V>) -> (u64, Start<'g, K, V>) {
        let mut ancestor = bucket;
        loop {
            // Without its lowest bit, an order is that of the bucket it was split from.
            ancestor &= ancestor - 1;
            if ancestor == 0 {
                return (0, self.origin(pinned));
            }
            if let Some((link, first)) = self.buckets.ready(ancestor, pinned.guard()) {
                return (ancestor, Start { link, first, depth: 0 });
            }
        }
    }

    /// Claims and links the dummy of a bucket, searching from an ancestor; the dummy's link then,
    /// and what it is. `None` when somebody else has claimed it.
    fn link_dummy<'g>(
        &'g self,
        bucket: u64,
        ancestor: u64,
        mut start: Start<'g, K, V>,
        pinned: Pinned<'g, K, V>,
    ) -> Option<(&'g Atomic<Link<K, V>>, Shared<'g, Link<K, V>>)> {
        let guard = pinned.guard();
        let dummy = self.buckets.dummy(bucket);
        // SAFETY: dummies stay where they are [B2].
        let link = unsafe { &dummy.deref().next };
        let end = Shared::null().with_tag(DUMMY);
        // Relaxed: the winner writes, the loser does not look.
        let (success, failure) = (Ordering::Relaxed, Ordering::Relaxed);
        link.compare_exchange(Shared::null(), end, success, failure, guard).ok()?;
        // Split right off its ancestor, it is itself the first border between at its own level.
        let split = bucket & !ancestor;
        start.depth = split.leading_zeros() + u32::from(split.is_power_of_two());
        loop {
            let position = self.search_from(start, bucket, |_| false, pinned);
            let next = position.follower();
            // Relaxed: published with the dummy.
            link.store(next, Ordering::Relaxed);
            if self.lead(&position, dummy, pinned) {
                self.make_ready(link, next, pinned);
                // [P1] Acquire: the next node.
                return Some((link, link.load(Ordering::Acquire, guard)));
            }
            // [P1] Acquire: the first node. It may be what has changed.
            start.first = start.link.load(Ordering::Acquire, guard);
        }
    }

    /// Tells others that a dummy is in the list, where the caller has linked or met it; false when
    /// it has changed.
    fn make_ready<'g>(
        &self,
        link: &Atomic<Link<K, V>>,
        next: Shared<'g, Link<K, V>>,
        pinned: Pinned<'g, K, V>,
    ) -> bool {
        let ready = next.with_tag(next.tag() | READY);
        // [P4] Release: it is in the list. Relaxed on failure: the caller looks again.
        let (success, failure) = (Ordering::Release, Ordering::Relaxed);
        link.compare_exchange(next, ready, success, failure, pinned.guard()).is_ok()
    }

    /// Whether a dummy that a search met is beyond `order`.
    #[inline(always)]
    fn is_beyond(&self, dummy: Shared<'_, Link<K, V>>, order: u64, depth: u32) -> bool {
        // With so few bits it is the border of a bucket [B3], and none is between.
        self.buckets.bits() <= depth || dummy.is_null() || self.buckets.order_of(dummy) > order
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
        start: Start<'g, K, V>,
        order: u64,
        mut same: impl FnMut(Shared<'g, Link<K, V>>) -> bool,
        pinned: Pinned<'g, K, V>,
    ) -> Position<'g, K, V> {
        let guard = pinned.guard();
        let (mut previous, mut expected) = (start.link, start.first);
        let mut walked = 0;
        loop {
            let current = target(expected);
            let position =
                |next, found| Position { previous, expected, current, next, walked, found };
            if leads_to_dummy(current) && self.is_beyond(current, order, start.depth) {
                return position(Shared::null(), false);
            }
            // SAFETY: loaded with Acquire under this guard.
            let Some(link) = (unsafe { pinned.follow(current) }) else {
                return position(Shared::null(), false);
            };
            // [P1] Acquire: the next node.
            let next = link.next.load(Ordering::Acquire, guard);
            if leads_to_dummy(current) {
                if next.tag() & READY != 0 || self.make_ready(&link.next, next, pinned) {
                    (previous, expected) = (&link.next, next.with_tag(next.tag() | READY));
                    walked += 1;
                }
                continue;
            }
            // SAFETY: as above, and it is no dummy.
            let passed = unsafe { pinned.item(current) }.order;
            if passed > order {
                return position(Shared::null(), false);
            }
            if is_marked(next) {
                match self.unlink(previous, expected, next, pinned) {
                    Some(changed) => expected = changed,
                    None => {
                        previous = start.link;
                        // [P1] Acquire: the first node. No mark: the start is never deleted.
                        expected = previous.load(Ordering::Acquire, guard);
                        walked = 0;
                    }
                }
                continue;
            }
            if passed == order && same(current) {
                return position(next, true);
            }
            (previous, expected) = (&link.next, next);
            walked += 1;
        }
    }

    /// The item of this order whose key is `same`. Changes nothing in the list, and passes deleted
    /// nodes. Lock-free: its bucket may have to be linked.
    #[inline]
    #[track_caller]
    pub(super) fn find<'g>(
        &'g self,
        order: u64,
        mut same: impl FnMut(&K) -> bool,
        pinned: Pinned<'g, K, V>,
    ) -> Option<&'g Item<K, V>> {
        let Start { first: mut current, depth, .. } = self.start(order, pinned);
        loop {
            if leads_to_dummy(current) && self.is_beyond(current, order, depth) {
                return None;
            }
            // SAFETY: loaded with Acquire under this guard.
            let link = unsafe { pinned.follow(current) }?;
            // [P1] Acquire: the next node.
            let next = link.next.load(Ordering::Acquire, pinned.guard());
            if !leads_to_dummy(current) {
                // SAFETY: as above, and it is no dummy.
                let item = unsafe { pinned.item(current) };
                if item.order > order {
                    return None;
                }
                if item.order == order && !is_marked(next) && same(&item.key) {
                    return Some(item);
                }
            }
            current = next;
        }
    }

    /// Makes a link lead to `to`, unless it has changed; returns what the link is then.
    #[inline(always)]
    #[track_caller]
    fn redirect<'g>(
        &self,
        link: &Atomic<Link<K, V>>,
        expected: Shared<'g, Link<K, V>>,
        to: Shared<'g, Link<K, V>>,
        pinned: Pinned<'g, K, V>,
    ) -> Option<Shared<'g, Link<K, V>>> {
        let ready = expected.tag() & READY;
        // [P1] [P2] [P4] Release: hands over or passes on the node, and the dummy's place. Relaxed
        // on failure: the caller searches again.
        link.compare_exchange(
            expected,
            to.with_tag(to.tag() & DUMMY | ready),
            Ordering::Release,
            Ordering::Relaxed,
            pinned.guard(),
        )
        .ok()
    }

    /// Leads past a deleted node, and retires it; returns what the link is then. `None` when
    /// somebody else has changed the link.
    #[inline]
    #[track_caller]
    fn unlink<'g>(
        &self,
        previous: &Atomic<Link<K, V>>,
        deleted: Shared<'g, Link<K, V>>,
        next: Shared<'g, Link<K, V>>,
        pinned: Pinned<'g, K, V>,
    ) -> Option<Shared<'g, Link<K, V>>> {
        let changed = self.redirect(previous, deleted, next, pinned)?;
        // SAFETY: this was the change that led past it [I4].
        unsafe { pinned.retire(deleted) };
        Some(changed)
    }

    /// Leads to a node where a search did not find one; false when the place has changed.
    #[inline(always)]
    #[track_caller]
    fn lead<'g>(
        &self,
        position: &Position<'g, K, V>,
        node: Shared<'g, Link<K, V>>,
        pinned: Pinned<'g, K, V>,
    ) -> bool {
        self.redirect(position.previous, position.expected, node, pinned).is_some()
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
        // Relaxed: published with the item.
        item.link.next.store(position.follower(), Ordering::Relaxed);
        let item = item.into_shared(pinned.guard());
        if !self.lead(position, item.cast(), pinned) {
            // SAFETY: it was not published.
            return Err(unsafe { item.into_owned() });
        }
        self.len.add(1, pinned.guard().stripe());
        if position.walked >= LONG_CHAIN {
            self.buckets.grow_for(self.len.sum());
        }
        // SAFETY: linked by this thread, which was pinned before.
        Ok(unsafe { pinned.item(item.cast()) })
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
        let (order, new) = (item.order, item.into_shared(pinned.guard()));
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
            self.tidy(position, item.order, position.next, pinned);
        }
        removed
    }

    /// Takes the item found out of the list, for a caller who has the map to itself.
    pub(super) fn take<'g>(
        &'g self,
        position: &Position<'g, K, V>,
        pinned: Pinned<'g, K, V>,
    ) -> Shared<'g, Link<K, V>> {
        // SAFETY: found by a search under this guard.
        let item = unsafe { pinned.item(position.current) };
        self.mark(item, position.next, pinned);
        self.redirect(position.previous, position.expected, position.next, pinned);
        position.current
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
            if is_marked(next) {
                return false;
            }
            if self.mark(item, next, pinned) {
                self.search(item.order, |_| false, pinned);
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
            next.with_tag(next.tag() | MARK),
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
        if self.unlink(position.previous, position.expected, next, pinned).is_none() {
            self.search(order, |_| false, pinned);
        }
    }
}

impl<'g, K, V> Position<'g, K, V> {
    /// What a node that is linked here leads to: the list's end, where that was not said.
    #[inline(always)]
    fn follower(&self) -> Shared<'g, Link<K, V>> {
        if self.current.is_null() { Shared::null().with_tag(DUMMY) } else { self.current }
    }

    /// The item, if the search found it.
    #[inline(always)]
    #[track_caller]
    pub(super) fn item(&self, pinned: Pinned<'g, K, V>) -> Option<&'g Item<K, V>> {
        // SAFETY: found under this guard, by a search for an item.
        self.found.then(|| unsafe { pinned.item(self.current) })
    }
}

#[cfg(test)]
#[path = "walks.rs"]
mod walks;
