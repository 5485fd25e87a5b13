//! Iterators under a guard.
//!
//! Why each key that is present throughout comes exactly once: the walk meets, in sorted order, a
//! live node of each such key, since deleted nodes lead on to all that follows; it passes nodes
//! that are marked when it reads their `next`; and the `next` it read from a live node leads past
//! whatever replaces that node later.

use super::{
    list::Table,
    node::{Item, Link, Pinned, is_marked, leads_to_item},
};
use crate::{facade::atomic::Ordering, reclaim::Shared};
use core::{fmt, iter::FusedIterator};

/// The entries of a map; made by [`iter`](super::SplitOrderedMap::iter).
pub struct Iter<'g, K, V> {
    items: Items<'g, K, V>,
}

/// The items of a list.
pub(super) struct Items<'g, K, V> {
    current: Shared<'g, Link<K, V>>,
    pinned: Pinned<'g, K, V>,
}

impl<K, V> Clone for Items<'_, K, V> {
    fn clone(&self) -> Self {
        Items { current: self.current, pinned: self.pinned }
    }
}

impl<'g, K, V> Iterator for Items<'g, K, V> {
    type Item = &'g Item<K, V>;

    #[inline]
    fn next(&mut self) -> Option<&'g Item<K, V>> {
        loop {
            let current = self.current;
            // SAFETY: loaded with Acquire under this guard.
            let link = unsafe { self.pinned.follow(current) }?;
            // [P1] Acquire: the next node.
            let next = link.next.load(Ordering::Acquire, self.pinned.guard());
            self.current = next;
            if leads_to_item(current) && !is_marked(next) {
                // SAFETY: as above; it is an item.
                return Some(unsafe { self.pinned.item(current) });
            }
        }
    }
}

impl<'g, K, V> Iter<'g, K, V> {
    pub(super) fn new(table: &'g Table<K, V>, pinned: Pinned<'g, K, V>) -> Self {
        // [P1] Acquire: the first node.
        let current = table.head.load(Ordering::Acquire, pinned.guard());
        Iter { items: Items { current, pinned } }
    }

    pub(super) fn items(self) -> Items<'g, K, V> {
        self.items
    }
}

impl<'g, K, V> Iterator for Iter<'g, K, V> {
    type Item = (&'g K, &'g V);

    #[inline]
    fn next(&mut self) -> Option<(&'g K, &'g V)> {
        self.items.next().map(|item| (&item.key, &item.value))
    }
}

impl<K, V> FusedIterator for Iter<'_, K, V> {}

impl<K, V> Clone for Iter<'_, K, V> {
    fn clone(&self) -> Self {
        Iter { items: self.items.clone() }
    }
}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for Iter<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

/// The keys of a map; made by [`keys`](super::SplitOrderedMap::keys).
pub struct Keys<'g, K, V> {
    iter: Iter<'g, K, V>,
}

impl<'g, K, V> Keys<'g, K, V> {
    pub(super) fn new(iter: Iter<'g, K, V>) -> Self {
        Keys { iter }
    }
}

impl<'g, K, V> Iterator for Keys<'g, K, V> {
    type Item = &'g K;

    #[inline]
    fn next(&mut self) -> Option<&'g K> {
        self.iter.next().map(|(key, _)| key)
    }
}

impl<K, V> FusedIterator for Keys<'_, K, V> {}

impl<K, V> Clone for Keys<'_, K, V> {
    fn clone(&self) -> Self {
        Keys { iter: self.iter.clone() }
    }
}

impl<K: fmt::Debug, V> fmt::Debug for Keys<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

/// The values of a map; made by [`values`](super::SplitOrderedMap::values).
pub struct Values<'g, K, V> {
    iter: Iter<'g, K, V>,
}

impl<'g, K, V> Values<'g, K, V> {
    pub(super) fn new(iter: Iter<'g, K, V>) -> Self {
        Values { iter }
    }
}

impl<'g, K, V> Iterator for Values<'g, K, V> {
    type Item = &'g V;

    #[inline]
    fn next(&mut self) -> Option<&'g V> {
        self.iter.next().map(|(_, value)| value)
    }
}

impl<K, V> FusedIterator for Values<'_, K, V> {}

impl<K, V> Clone for Values<'_, K, V> {
    fn clone(&self) -> Self {
        Values { iter: self.iter.clone() }
    }
}

impl<K, V: fmt::Debug> fmt::Debug for Values<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}
