//! The list: all items and dummies in one chain, sorted by order.
//!
//! **Algorithm**: Michael, "High Performance Dynamic Lock-Free Hash Tables and List-Based Sets",
//! SPAA 2002 (deletion by a mark on `next`, then unlinking), with the in-place replacement of
//! liburcu's `rculfhash`: one compare-exchange makes the old node's `next` lead, marked, to the new
//! one. The map's head has the invariants.

use super::{
    buckets::{Buckets, Directory},
    node::{
        END, ITEM, Item, Link, MARK, PENDING, Pinned, is_border, is_marked, leads_to_item, plain,
    },
    start::Start,
};
use crate::{
    base::StripedCounter,
    facade::{atomic::Ordering, hint, tuning::LONG_CHAIN},
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

/// What a reader does after it has looked at one node.
enum Step<'g, K, V> {
    To(Shared<'g, Link<K, V>>),
    Found(&'g Item<K, V>),
    Absent,
    /// Something that is rare: a bucket that is not linked yet, a dummy within it.
    Astray,
}

/// How many searches wait for memory together.
pub(super) const GROUP: usize = 16;
const _: () = assert!(GROUP < 32, "a bit for each");

/// Searches for a group of keys.
pub(super) struct Lanes<'g, 'k, K, V, Q: ?Sized> {
    /// Where they began; none where there was but one bucket.
    directory: Option<&'g Directory<K, V>>,
    pub(super) lanes: [Lane<'g, 'k, K, V, Q>; GROUP],
    pub(super) len: usize,
}

/// The search for one key.
pub(super) struct Lane<'g, 'k, K, V, Q: ?Sized> {
    pub(super) key: Option<&'k Q>,
    pub(super) order: u64,
    at: Shared<'g, Link<K, V>>,
    pub(super) found: Option<&'g Item<K, V>>,
}

impl<K, V, Q: ?Sized> Lanes<'_, '_, K, V, Q> {
    pub(super) fn new() -> Self {
        let lane = || Lane { key: None, order: 0, at: Shared::null(), found: None };
        Lanes { directory: None, lanes: [(); GROUP].map(|()| lane()), len: 0 }
    }
}

impl<K, V> Table<K, V> {
    pub(super) const fn new(buckets: Buckets<K, V>) -> Self {
        Table { head: Atomic::null(), buckets, len: StripedCounter::new() }
    }

    /// Whether a search ends at what it met, which is no item.
    #[inline(always)]
    fn ends_at(
        &self,
        met: Shared<'_, Link<K, V>>,
        order: u64,
        directory: *const Directory<K, V>,
    ) -> bool {
        // Mostly it is the bucket's end [B3].
        self.buckets.is_current(directory)
            || met.is_null()
            || self.buckets.order_of_dummy(met) > order
    }

    /// Finds the item of this order whose key is `same`, or the place where one would be linked.
    /// Unlinks the deleted nodes it meets. Lock-free.
    #[inline]
    #[track_caller]
    pub(super) fn search<'g>(
        &'g self,
        order: u64,
        same: impl FnMut(&K) -> bool,
        pinned: Pinned<'g, K, V>,
    ) -> Position<'g, K, V> {
        let start = self.start(order, pinned);
        self.search_from(start, order, same, pinned)
    }

    #[inline]
    #[track_caller]
    pub(super) fn search_from<'g>(
        &'g self,
        start: Start<'g, K, V>,
        order: u64,
        mut same: impl FnMut(&K) -> bool,
        pinned: Pinned<'g, K, V>,
    ) -> Position<'g, K, V> {
        let guard = pinned.guard();
        let (mut previous, mut expected) = (start.at.link, start.at.first);
        let mut walked = 0;
        loop {
            let current = expected;
            let position =
                |next, found| Position { previous, expected, current, next, walked, found };
            if !leads_to_item(current) {
                if self.ends_at(current, order, start.directory) {
                    return position(Shared::null(), false);
                }
                // SAFETY: loaded with Acquire under this guard, and not the list's end.
                let link = unsafe { &pinned.follow(current).unwrap_unchecked().next };
                // [P1] Acquire: the next node.
                let next = link.load(Ordering::Acquire, guard);
                if next.tag() & PENDING == 0 || self.make_ready(link, next, pinned) {
                    (previous, expected) = (link, plain(next));
                    walked += 1;
                }
                continue;
            }
            // SAFETY: loaded with Acquire under this guard; it leads to an item.
            let item = unsafe { pinned.item(current) };
            if item.order > order {
                return position(Shared::null(), false);
            }
            // [P1] Acquire: the next node.
            let next = item.link.next.load(Ordering::Acquire, guard);
            if is_marked(next) {
                match self.unlink(previous, expected, next, pinned) {
                    Some(changed) => expected = changed,
                    None => {
                        previous = start.at.link;
                        // [P1] Acquire: the first node. No mark: the start is never deleted.
                        expected = previous.load(Ordering::Acquire, guard);
                        walked = 0;
                    }
                }
                continue;
            }
            if item.order == order && same(&item.key) {
                return position(next, true);
            }
            (previous, expected) = (&item.link.next, next);
            walked += 1;
        }
    }

    /// The item of this order whose key is `same`. Passes deleted items, and mostly changes nothing.
    /// Lock-free: its bucket may have to be linked.
    ///
    /// Waits for memory at every step, and goes ahead meanwhile as far as the instructions of one
    /// search are few. So whatever is rare is left to the search of the writers.
    #[inline(always)]
    #[track_caller]
    pub(super) fn find<'g>(
        &'g self,
        order: u64,
        mut same: impl FnMut(&K) -> bool,
        pinned: Pinned<'g, K, V>,
    ) -> Option<&'g Item<K, V>> {
        if let Some(directory) = self.buckets.current() {
            let dummy = directory.dummy(directory.index(order));
            // [P4] Acquire: it is in the list. [P1] Acquire: the first node.
            let mut current = dummy.next.load(Ordering::Acquire, pinned.guard());
            loop {
                match self.step(current, order, &mut same, directory, pinned) {
                    Step::To(next) => current = next,
                    Step::Found(item) => return Some(item),
                    Step::Absent => return None,
                    Step::Astray => break,
                }
            }
        }
        self.find_anywhere(order, same, pinned)
    }

    /// Begins the search of each lane: loads the first link, and asks for the memory of its node.
    pub(super) fn begin_many<'g, Q: ?Sized>(
        &'g self,
        lanes: &mut Lanes<'g, '_, K, V, Q>,
        pinned: Pinned<'g, K, V>,
    ) {
        lanes.directory = self.buckets.current();
        let Some(directory) = lanes.directory else { return };
        for lane in &mut lanes.lanes[..lanes.len] {
            let dummy = directory.dummy(directory.index(lane.order));
            // [P4] Acquire: it is in the list. [P1] Acquire: the first node.
            lane.at = dummy.next.load(Ordering::Acquire, pinned.guard());
            hint::prefetch(lane.at.as_raw());
        }
    }

    /// Ends the searches that have begun. Each goes one node ahead in its turn, and asks for the next
    /// one's memory, so that they wait for it together.
    pub(super) fn end_many<'g, Q: ?Sized>(
        &'g self,
        lanes: &mut Lanes<'g, '_, K, V, Q>,
        same: impl Fn(&K, &Q) -> bool,
        pinned: Pinned<'g, K, V>,
    ) {
        let mut open = (1_u32 << lanes.len) - 1;
        while open != 0 {
            let mut turn = open;
            while turn != 0 {
                let number = turn.trailing_zeros() as usize;
                turn &= turn - 1;
                let lane = &mut lanes.lanes[number];
                let mut same = |stored: &K| lane.key.is_some_and(|key| same(stored, key));
                let step = match lanes.directory {
                    Some(directory) => self.step(lane.at, lane.order, &mut same, directory, pinned),
                    None => Step::Astray,
                };
                lane.found = match step {
                    Step::To(next) => {
                        hint::prefetch(next.as_raw());
                        lane.at = next;
                        continue;
                    }
                    Step::Found(item) => Some(item),
                    Step::Absent => None,
                    Step::Astray => self.find_anywhere(lane.order, same, pinned),
                };
                open &= !(1 << number);
            }
        }
    }

    /// One node of a search for an order that began at its bucket of a directory.
    #[inline(always)]
    #[track_caller]
    fn step<'g>(
        &'g self,
        current: Shared<'g, Link<K, V>>,
        order: u64,
        same: &mut impl FnMut(&K) -> bool,
        directory: &Directory<K, V>,
        pinned: Pinned<'g, K, V>,
    ) -> Step<'g, K, V> {
        if current.tag() != ITEM {
            let is_end = is_border(current) && self.buckets.is_current(directory);
            return if is_end { Step::Absent } else { Step::Astray };
        }
        // SAFETY: loaded with Acquire under this guard; it leads to an item.
        let item = unsafe { pinned.item(current) };
        // [P1] Acquire: the next node.
        let next = || item.link.next.load(Ordering::Acquire, pinned.guard());
        if item.order == order {
            if same(&item.key) && !is_marked(next()) {
                return Step::Found(item);
            }
        } else if item.order > order {
            return Step::Absent;
        }
        Step::To(plain(next()))
    }

    /// As `find`, but from any start and past dummies; unlinks the deleted items that it meets.
    #[cold]
    #[inline(never)]
    #[track_caller]
    fn find_anywhere<'g>(
        &'g self,
        order: u64,
        same: impl FnMut(&K) -> bool,
        pinned: Pinned<'g, K, V>,
    ) -> Option<&'g Item<K, V>> {
        self.search(order, same, pinned).item(pinned)
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
        // [P1] [P2] [P4] Release: hands over or passes on the node, and the dummy's place. Relaxed
        // on failure: the caller searches again.
        let (success, failure) = (Ordering::Release, Ordering::Relaxed);
        link.compare_exchange(expected, plain(to), success, failure, pinned.guard()).ok()
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
    pub(super) fn lead<'g>(
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
        if !self.lead(position, item.cast().with_tag(ITEM), pinned) {
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
            new.cast().with_tag(ITEM | MARK),
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
            // Relaxed: compared, and left where it is by `mark`; not followed.
            let next = item.link.next.load(Ordering::Relaxed, pinned.guard());
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
    pub(super) fn follower(&self) -> Shared<'g, Link<K, V>> {
        if self.current.is_null() { Shared::null().with_tag(END) } else { self.current }
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
