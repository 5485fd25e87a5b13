//! Taking a map apart: iterators that own its entries, and its drop.

use super::{
    SplitOrderedMap,
    buckets::Buckets,
    node::{Item, Link, is_marked, leads_to_item},
};
use crate::{
    facade::{atomic::Ordering, engine},
    reclaim::{Shared, unprotected},
};
use core::{fmt, iter::FusedIterator, marker::PhantomData, mem};

/// A list that belongs to one place. Dropping it frees the rest, one node after the other.
pub(super) struct Chain<K, V> {
    first: Shared<'static, Link<K, V>>,
    /// How many entries are left.
    left: usize,
    /// Where the list's dummies lie.
    _buckets: Buckets<K, V>,
}

// SAFETY: it owns its keys and values.
unsafe impl<K: Send, V: Send> Send for Chain<K, V> {}
// SAFETY: shared, it gives nothing.
unsafe impl<K: Sync, V: Sync> Sync for Chain<K, V> {}

impl<K, V> Chain<K, V> {
    /// One of deleted items alone, which lead on marked.
    pub(super) fn of_deleted(first: Shared<'_, Link<K, V>>, buckets: Buckets<K, V>) -> Self {
        Chain {
            first: Shared::from(first.as_raw()).with_tag(first.tag()),
            left: 0,
            _buckets: buckets,
        }
    }
}

impl<K, V> Iterator for Chain<K, V> {
    type Item = (K, V);

    fn next(&mut self) -> Option<(K, V)> {
        loop {
            let first = self.first;
            // SAFETY: the chain owns its nodes.
            let link = unsafe { first.as_ref() }?;
            // SAFETY: nobody else is there. Relaxed: nor has anybody to be ordered with.
            let next = link.next.load(Ordering::Relaxed, unsafe { unprotected() });
            self.first = next;
            if !leads_to_item(first) {
                continue;
            }
            // SAFETY: an item, allocated as one; the chain has moved on.
            let item = unsafe { first.with_tag(0).cast::<Item<K, V>>().into_owned() };
            if is_marked(next) {
                drop(item); // Deleted, and nobody has unlinked it.
                continue;
            }
            self.left -= 1;
            let Item { key, value, .. } = *item.into_box();
            return Some((key, value));
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<K, V> Drop for Chain<K, V> {
    fn drop(&mut self) {
        /// Goes on with the rest when the destructor of one entry panics.
        struct Rest<'a, K, V>(&'a mut Chain<K, V>);
        impl<K, V> Drop for Rest<'_, K, V> {
            fn drop(&mut self) {
                if !engine::abandoned() {
                    self.0.by_ref().for_each(drop);
                }
            }
        }
        Rest(self).0.by_ref().for_each(drop);
    }
}

impl<K, V, S, D> SplitOrderedMap<K, V, S, D> {
    /// Takes all entries; the buckets stay. What the iterator does not yield it drops.
    pub fn drain(&mut self) -> Drain<'_, K, V> {
        let fresh = self.table.buckets.fresh();
        Drain { chain: self.take_chain(fresh), _map: PhantomData }
    }

    /// Takes the list out; the map is empty, and has other buckets.
    fn take_chain(&mut self, fresh: Buckets<K, V>) -> Chain<K, V> {
        let first = self.table.head.load_mut();
        let first = Shared::from(first.as_raw()).with_tag(first.tag());
        // Exact, since nobody else changes the map.
        let left = self.len();
        self.table.head.store_mut(Shared::null());
        self.table.len.set(0);
        Chain { first, left, _buckets: mem::replace(&mut self.table.buckets, fresh) }
    }
}

impl<K, V, S, D> Drop for SplitOrderedMap<K, V, S, D> {
    fn drop(&mut self) {
        if !engine::abandoned() {
            drop(self.take_chain(Buckets::new()));
        }
    }
}

/// Takes all entries; made by [`SplitOrderedMap::drain`].
pub struct Drain<'m, K, V> {
    chain: Chain<K, V>,
    _map: PhantomData<&'m mut (K, V)>,
}

/// Owns a map's entries.
pub struct IntoIter<K, V> {
    chain: Chain<K, V>,
}

/// Owns a map's keys.
pub struct IntoKeys<K, V> {
    chain: Chain<K, V>,
}

/// Owns a map's values.
pub struct IntoValues<K, V> {
    chain: Chain<K, V>,
}

impl<K, V> Iterator for Drain<'_, K, V> {
    type Item = (K, V);

    fn next(&mut self) -> Option<(K, V)> {
        self.chain.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.chain.size_hint()
    }
}

impl<K, V> Iterator for IntoIter<K, V> {
    type Item = (K, V);

    fn next(&mut self) -> Option<(K, V)> {
        self.chain.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.chain.size_hint()
    }
}

impl<K, V> Iterator for IntoKeys<K, V> {
    type Item = K;

    fn next(&mut self) -> Option<K> {
        self.chain.next().map(|(key, _)| key)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.chain.size_hint()
    }
}

impl<K, V> Iterator for IntoValues<K, V> {
    type Item = V;

    fn next(&mut self) -> Option<V> {
        self.chain.next().map(|(_, value)| value)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.chain.size_hint()
    }
}

impl<K, V> ExactSizeIterator for Drain<'_, K, V> {}
impl<K, V> FusedIterator for Drain<'_, K, V> {}
impl<K, V> ExactSizeIterator for IntoIter<K, V> {}
impl<K, V> FusedIterator for IntoIter<K, V> {}
impl<K, V> ExactSizeIterator for IntoKeys<K, V> {}
impl<K, V> FusedIterator for IntoKeys<K, V> {}
impl<K, V> ExactSizeIterator for IntoValues<K, V> {}
impl<K, V> FusedIterator for IntoValues<K, V> {}

impl<K, V> fmt::Debug for Drain<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Drain").finish_non_exhaustive()
    }
}

impl<K, V> fmt::Debug for IntoIter<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IntoIter").finish_non_exhaustive()
    }
}

impl<K, V> fmt::Debug for IntoKeys<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IntoKeys").finish_non_exhaustive()
    }
}

impl<K, V> fmt::Debug for IntoValues<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IntoValues").finish_non_exhaustive()
    }
}

impl<K, V, S, D> SplitOrderedMap<K, V, S, D> {
    /// Takes the map apart into its keys.
    pub fn into_keys(mut self) -> IntoKeys<K, V> {
        IntoKeys { chain: self.take_chain(Buckets::new()) }
    }

    /// Takes the map apart into its values.
    pub fn into_values(mut self) -> IntoValues<K, V> {
        IntoValues { chain: self.take_chain(Buckets::new()) }
    }
}

impl<K, V, S, D> IntoIterator for SplitOrderedMap<K, V, S, D> {
    type Item = (K, V);
    type IntoIter = IntoIter<K, V>;

    fn into_iter(mut self) -> IntoIter<K, V> {
        IntoIter { chain: self.take_chain(Buckets::new()) }
    }
}
