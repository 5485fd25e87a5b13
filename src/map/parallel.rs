//! Maps and sets in rayon's pool: parallel iterators over what they hold, and filled by many threads.
//!
//! As with std's maps, references to the entries are collected first, by one thread; then they are shared
//! out. Filling is parallel throughout: each thread inserts what it has got, so which value a key has that
//! comes twice is chance.
//!
//! # Soundness of the signatures
//! Of a view the pool gets the references alone, for as long as the view is borrowed; the guard stays on its
//! thread. So entries are `Sync`, whatever their domain, and it does not matter whether the domain's handles
//! may go elsewhere:
//! ```
//! use counterpoint::{map::SplitOrderedMap, reclaim::PrivateCollector};
//! use rayon::prelude::*;
//! use std::hash::RandomState;
//!
//! let text = String::from("a b c");
//! let map: SplitOrderedMap<&str, usize, RandomState, PrivateCollector> =
//!     text.par_split(' ').map(|word| (word, 1)).collect();
//! assert_eq!((&map.pin()).into_par_iter().map(|(_, count)| count).sum::<usize>(), 3);
//! ```
//! Entries that are not `Sync`, as a domain of one thread may hold them, do not go to the pool:
//! ```compile_fail,E0277
//! # use counterpoint::{map::SplitOrderedMap, reclaim::PrivateCollector};
//! # use rayon::prelude::*;
//! # use std::{hash::RandomState, rc::Rc};
//! let map = SplitOrderedMap::with_hasher_in(RandomState::new(), PrivateCollector::new());
//! map.pin().insert(1, Rc::new(2));
//! IntoParallelIterator::into_par_iter(&map.pin()).for_each(|(_, value)| drop(value.clone()));
//! ```
//! nor do they stay there longer than the view:
//! ```compile_fail,E0505
//! # use counterpoint::map::SplitOrderedMap;
//! # use rayon::prelude::*;
//! let map = SplitOrderedMap::from([(1, 2)]);
//! let view = map.pin();
//! let values = (&view).into_par_iter();
//! drop(view);
//! values.for_each(|(_, value)| assert_eq!(*value, 2));
//! ```

use super::{SplitOrderedMap, SplitOrderedMapRef, SplitOrderedSet, SplitOrderedSetRef};
use crate::reclaim::Reclaims;
use alloc::vec::Vec;
use core::hash::{BuildHasher, Hash};
use rayon::{
    iter::{FromParallelIterator, IntoParallelIterator, ParallelExtend, ParallelIterator},
    vec,
};

impl<K: Send, V: Send, S, D> IntoParallelIterator for SplitOrderedMap<K, V, S, D> {
    type Item = (K, V);
    type Iter = vec::IntoIter<(K, V)>;

    fn into_par_iter(self) -> Self::Iter {
        self.into_iter().collect::<Vec<_>>().into_par_iter()
    }
}

impl<'m, K: Sync, V: Send, S, D> IntoParallelIterator for &'m mut SplitOrderedMap<K, V, S, D> {
    type Item = (&'m K, &'m mut V);
    type Iter = vec::IntoIter<(&'m K, &'m mut V)>;

    fn into_par_iter(self) -> Self::Iter {
        self.iter_mut().collect::<Vec<_>>().into_par_iter()
    }
}

/// The entries that an iterator finds, under the view's guard.
impl<'v, K, V, S, D> IntoParallelIterator for &'v SplitOrderedMapRef<'_, K, V, S, D>
where
    K: Sync,
    V: Sync,
    D: Reclaims<(K, V)>,
{
    type Item = (&'v K, &'v V);
    type Iter = vec::IntoIter<(&'v K, &'v V)>;

    fn into_par_iter(self) -> Self::Iter {
        self.iter().collect::<Vec<_>>().into_par_iter()
    }
}

impl<T: Send, S, D> IntoParallelIterator for SplitOrderedSet<T, S, D> {
    type Item = T;
    type Iter = vec::IntoIter<T>;

    fn into_par_iter(self) -> Self::Iter {
        self.into_iter().collect::<Vec<_>>().into_par_iter()
    }
}

/// The values that an iterator finds, under the view's guard.
impl<'v, T: Sync, S, D: Reclaims<(T, ())>> IntoParallelIterator
    for &'v SplitOrderedSetRef<'_, T, S, D>
{
    type Item = &'v T;
    type Iter = vec::IntoIter<&'v T>;

    fn into_par_iter(self) -> Self::Iter {
        self.iter().collect::<Vec<_>>().into_par_iter()
    }
}

impl<K, V, S, D> ParallelExtend<(K, V)> for SplitOrderedMap<K, V, S, D>
where
    K: Hash + Eq + Send + Sync,
    V: Send + Sync,
    S: BuildHasher + Sync,
    D: Reclaims<(K, V)> + Sync,
{
    fn par_extend<I: IntoParallelIterator<Item = (K, V)>>(&mut self, entries: I) {
        let map = &*self;
        entries.into_par_iter().fold(Vec::new, gather).for_each(|entries| {
            map.pin().insert_many(entries);
        });
    }
}

impl<T, S, D> ParallelExtend<T> for SplitOrderedSet<T, S, D>
where
    T: Hash + Eq + Send + Sync,
    S: BuildHasher + Sync,
    D: Reclaims<(T, ())> + Sync,
{
    fn par_extend<I: IntoParallelIterator<Item = T>>(&mut self, values: I) {
        let set = &*self;
        values.into_par_iter().fold(Vec::new, gather).for_each(|values| {
            let mut set = set.pin();
            set.extend(values);
        });
    }
}

/// Collects what one thread gets, so that it inserts under one guard.
fn gather<E>(mut entries: Vec<E>, entry: E) -> Vec<E> {
    entries.push(entry);
    entries
}

impl<K, V, S, D> FromParallelIterator<(K, V)> for SplitOrderedMap<K, V, S, D>
where
    K: Hash + Eq + Send + Sync,
    V: Send + Sync,
    S: BuildHasher + Default + Sync,
    D: Reclaims<(K, V)> + Default + Sync,
{
    fn from_par_iter<I: IntoParallelIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut map = Self::default();
        map.par_extend(entries);
        map
    }
}

impl<T, S, D> FromParallelIterator<T> for SplitOrderedSet<T, S, D>
where
    T: Hash + Eq + Send + Sync,
    S: BuildHasher + Default + Sync,
    D: Reclaims<(T, ())> + Default + Sync,
{
    fn from_par_iter<I: IntoParallelIterator<Item = T>>(values: I) -> Self {
        let mut set = Self::default();
        set.par_extend(values);
        set
    }
}
