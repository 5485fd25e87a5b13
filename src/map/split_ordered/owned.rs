//! What an exclusive reference to the map allows: values to be changed in place, and traits that
//! fill or compare maps. No guard is needed.

use super::{
    SplitOrderedMap,
    node::{Item, Link, Pinned, is_marked, leads_to_item},
};
use crate::{
    facade::atomic::Ordering,
    reclaim::{Reclaims, Shared, unprotected},
};
use core::{
    borrow::Borrow,
    fmt,
    hash::{BuildHasher, Hash},
    iter::FusedIterator,
    marker::PhantomData,
};

impl<K, V, S, D> SplitOrderedMap<K, V, S, D> {
    /// The entries, values to be changed.
    pub fn iter_mut(&mut self) -> IterMut<'_, K, V> {
        // Exact, since nobody else changes the map.
        let left = self.len();
        IterMut { current: self.table.head.load_mut(), left, _map: PhantomData }
    }

    /// The values, to be changed.
    pub fn values_mut(&mut self) -> ValuesMut<'_, K, V> {
        ValuesMut { iter: self.iter_mut() }
    }
}

impl<K: Hash + Eq, V, S: BuildHasher, D> SplitOrderedMap<K, V, S, D> {
    /// The value of `key`, to be changed.
    pub fn get_mut<Q>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let order = self.order_of(key);
        // SAFETY: `&mut self` keeps every other thread away, so nodes may be freed at once.
        let pinned = unsafe { Pinned::new(unprotected()) };
        let position = self.table.search(order, |stored| stored.borrow() == key, pinned);
        // SAFETY: an item, found in the map, which is borrowed exclusively as long as the value.
        position.found.then(|| unsafe { value_mut(position.current) })
    }

    /// Sets the value of `key`; returns the entry that was there, owned. The stored key becomes the
    /// new one.
    pub fn insert_mut(&mut self, key: K, value: V) -> Option<(K, V)> {
        // Hashed once: a hash that panics or lies does not come between the two halves.
        let order = self.order_of(&key);
        let old = self.take_at(order, &key);
        self.insert_absent(order, key, value);
        old
    }

    /// Removes `key`; returns the stored key and the value, owned.
    ///
    /// ```
    /// # #[cfg(feature = "std")] {
    /// use counterpoint::map::SplitOrderedMap;
    /// let mut map = SplitOrderedMap::from([("a", String::from("owned"))]);
    /// let (_, value) = map.take("a").unwrap();
    /// assert_eq!(value + " again", "owned again");
    /// # }
    /// ```
    pub fn take<Q>(&mut self, key: &Q) -> Option<(K, V)>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.take_at(self.order_of(key), key)
    }

    fn take_at<Q>(&mut self, order: u64, key: &Q) -> Option<(K, V)>
    where
        K: Borrow<Q>,
        Q: Eq + ?Sized,
    {
        // SAFETY: `&mut self` keeps every other thread away, so nodes may be freed at once.
        let pinned = unsafe { Pinned::new(unprotected()) };
        let position = self.table.search(order, |stored| stored.borrow() == key, pinned);
        if !position.found {
            return None;
        }
        let item = self.table.take(&position, pinned).with_tag(0).cast::<Item<K, V>>();
        // SAFETY: unlinked just now, and nobody else is there.
        let Item { key, value, .. } = *unsafe { item.into_owned() }.into_box();
        Some((key, value))
    }

    fn insert_absent(&mut self, order: u64, key: K, value: V) {
        // SAFETY: `&mut self` keeps every other thread away, so nodes may be freed at once.
        let pinned = unsafe { Pinned::new(unprotected()) };
        let mut item = Item::new(order, key, value);
        loop {
            let position = self.table.search(order, |_| false, pinned);
            match self.table.insert(&position, item, pinned) {
                Ok(_) => return,
                Err(lost) => item = lost,
            }
        }
    }
}

/// The value of an item, by way of the pointer it was allocated with.
///
/// # Safety
/// `link` is an item of a map that is borrowed exclusively for `'m`, and no other reference to its
/// value lives.
#[inline(always)]
unsafe fn value_mut<'m, K, V>(link: Shared<'_, Link<K, V>>) -> &'m mut V {
    let item = link.cast::<Item<K, V>>().as_raw().cast_mut();
    // SAFETY: by the caller's duty.
    unsafe { &mut (*item).value }
}

/// The entries of a map, values to be changed; made by [`SplitOrderedMap::iter_mut`].
pub struct IterMut<'m, K, V> {
    current: Shared<'m, Link<K, V>>,
    left: usize,
    _map: PhantomData<&'m mut (K, V)>,
}

// SAFETY: it is a `&mut` to the map that yields `&K` and `&mut V`.
unsafe impl<K: Sync, V: Send> Send for IterMut<'_, K, V> {}
// SAFETY: shared, it gives nothing.
unsafe impl<K: Sync, V: Sync> Sync for IterMut<'_, K, V> {}

impl<'m, K, V> Iterator for IterMut<'m, K, V> {
    type Item = (&'m K, &'m mut V);

    fn next(&mut self) -> Option<(&'m K, &'m mut V)> {
        loop {
            let current = self.current;
            // SAFETY: the map is borrowed exclusively: its nodes live. Links are reached apart from
            // the values, so that those already yielded stay exclusive.
            let link = unsafe { current.as_ref() }?;
            // SAFETY: nobody else is there. Relaxed: the exclusive borrow orders everything.
            let next = link.next.load(Ordering::Relaxed, unsafe { unprotected() });
            self.current = next;
            if leads_to_item(current) && !is_marked(next) {
                self.left -= 1;
                let item = current.cast::<Item<K, V>>().as_raw();
                // SAFETY: an item; its value is yielded once.
                return Some(unsafe { (&(*item).key, value_mut(current)) });
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<K, V> ExactSizeIterator for IterMut<'_, K, V> {}
impl<K, V> FusedIterator for IterMut<'_, K, V> {}

impl<K, V> fmt::Debug for IterMut<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IterMut").finish_non_exhaustive()
    }
}

/// The values of a map, to be changed; made by [`SplitOrderedMap::values_mut`].
pub struct ValuesMut<'m, K, V> {
    iter: IterMut<'m, K, V>,
}

impl<'m, K, V> Iterator for ValuesMut<'m, K, V> {
    type Item = &'m mut V;

    fn next(&mut self) -> Option<&'m mut V> {
        self.iter.next().map(|(_, value)| value)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.iter.size_hint()
    }
}

impl<K, V> ExactSizeIterator for ValuesMut<'_, K, V> {}
impl<K, V> FusedIterator for ValuesMut<'_, K, V> {}

impl<K, V> fmt::Debug for ValuesMut<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ValuesMut").finish_non_exhaustive()
    }
}

impl<'m, K, V, S, D> IntoIterator for &'m mut SplitOrderedMap<K, V, S, D> {
    type Item = (&'m K, &'m mut V);
    type IntoIter = IterMut<'m, K, V>;

    fn into_iter(self) -> IterMut<'m, K, V> {
        self.iter_mut()
    }
}

impl<K: Hash + Eq, V, S: BuildHasher, D> Extend<(K, V)> for SplitOrderedMap<K, V, S, D> {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, entries: I) {
        for (key, value) in entries {
            self.insert_mut(key, value);
        }
    }
}

impl<K, V, S, D> FromIterator<(K, V)> for SplitOrderedMap<K, V, S, D>
where
    K: Hash + Eq,
    S: BuildHasher + Default,
    D: Default,
{
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let entries = entries.into_iter();
        let mut map =
            Self::with_capacity_and_hasher_in(entries.size_hint().0, S::default(), D::default());
        map.extend(entries);
        map
    }
}

#[cfg(feature = "std")]
impl<K: Hash + Eq, V, const N: usize> From<[(K, V); N]> for SplitOrderedMap<K, V> {
    fn from(entries: [(K, V); N]) -> Self {
        entries.into_iter().collect()
    }
}

impl<K, V, S, D> Clone for SplitOrderedMap<K, V, S, D>
where
    K: Clone + Hash + Eq,
    V: Clone,
    S: BuildHasher + Clone,
    D: Reclaims<(K, V)> + Clone,
{
    /// A map of the same domain with the entries that an iterator finds.
    fn clone(&self) -> Self {
        let (hasher, domain) = (self.hasher().clone(), self.domain.clone());
        let mut copy = Self::with_capacity_and_hasher_in(self.len(), hasher, domain);
        let guard = self.domain.pin();
        copy.extend(self.iter(&guard).map(|(key, value)| (key.clone(), value.clone())));
        copy
    }
}

impl<K, V, S, D> PartialEq for SplitOrderedMap<K, V, S, D>
where
    K: Hash + Eq,
    V: PartialEq,
    S: BuildHasher,
    D: Reclaims<(K, V)>,
{
    /// Whether both have the same entries; meaningful when nobody changes them.
    fn eq(&self, other: &Self) -> bool {
        let (mine, theirs) = (self.domain.pin(), other.domain.pin());
        self.len() == other.len()
            && self.iter(&mine).all(|(key, value)| other.get(key, &theirs) == Some(value))
    }
}

impl<K, V, S, D> Eq for SplitOrderedMap<K, V, S, D>
where
    K: Hash + Eq,
    V: Eq,
    S: BuildHasher,
    D: Reclaims<(K, V)>,
{
}
