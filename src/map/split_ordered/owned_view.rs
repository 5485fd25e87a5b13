//! The pinned view that may go from thread to thread.
//!
//! # Soundness of the signatures
//! * Its guard is its participant's only user, of a backend that lets guards move; the view lends the guard,
//!   and itself as a [`SplitOrderedMapRef`], by shared references only, so no other guard takes its place.
//! * It is `Send` where `&SplitOrderedMap` is: with it go that reference, and keys and values that were
//!   retired through it, which are then `Send` too; in a private domain as well.
//! * It is not `Sync`, since guards are not.

use super::{DefaultHashBuilder, SplitOrderedMap, SplitOrderedMapRef};
use crate::reclaim::{Collector, Domain, Reclaims};
use core::{fmt, ops::Deref};

/// A map and a guard of its domain, which may be sent to another thread, and so be held across an
/// `.await`; made by [`SplitOrderedMap::pin_owned`].
///
/// It has the methods of [`SplitOrderedMapRef`], to which it dereferences. What they return borrows it.
///
/// ```
/// # #[cfg(feature = "std")] {
/// use counterpoint::{map::SplitOrderedMap, reclaim::PrivateCollector};
/// use std::hash::RandomState;
/// let map = SplitOrderedMap::with_hasher_in(RandomState::new(), PrivateCollector::new());
/// let view = map.pin_owned();
/// view.insert("a", 1);
/// let view = std::thread::scope(|scope| {
///     let there = scope.spawn(move || {
///         view.remove("a");
///         view
///     });
///     there.join().unwrap()
/// });
/// assert!(view.is_empty());
/// # }
/// ```
/// If values stay on their thread, it does:
/// ```compile_fail,E0277
/// # use counterpoint::{map::SplitOrderedMap, reclaim::PrivateCollector};
/// # use std::{hash::RandomState, rc::Rc};
/// fn send<T: Send>(_: T) {}
/// let map = SplitOrderedMap::<u8, Rc<u8>, _, _>::with_hasher_in(
///     RandomState::new(), PrivateCollector::new());
/// send(map.pin_owned());
/// ```
/// Two threads do not share it:
/// ```compile_fail,E0277
/// # use counterpoint::{map::SplitOrderedMap, reclaim::PrivateCollector};
/// # use std::hash::RandomState;
/// fn share<T: Sync>(_: &T) {}
/// let map = SplitOrderedMap::<u8, u8, _, _>::with_hasher_in(
///     RandomState::new(), PrivateCollector::new());
/// share(&map.pin_owned());
/// ```
/// References end before it goes:
/// ```compile_fail,E0505
/// # use counterpoint::{map::SplitOrderedMap, reclaim::PrivateCollector};
/// # use std::hash::RandomState;
/// let map = SplitOrderedMap::with_hasher_in(RandomState::new(), PrivateCollector::new());
/// let view = map.pin_owned();
/// view.insert(1, 2);
/// let value = view.get(&1);
/// std::thread::scope(|scope| scope.spawn(move || drop(view)).join().unwrap());
/// println!("{value:?}");
/// ```
/// and before it repins:
/// ```compile_fail,E0502
/// # use counterpoint::{map::SplitOrderedMap, reclaim::PrivateCollector};
/// # use std::hash::RandomState;
/// let map = SplitOrderedMap::with_hasher_in(RandomState::new(), PrivateCollector::new());
/// let mut view = map.pin_owned();
/// view.insert(1, 2);
/// let value = view.get(&1);
/// view.repin();
/// println!("{value:?}");
/// ```
/// and it before the map:
/// ```compile_fail,E0505
/// # use counterpoint::{map::SplitOrderedMap, reclaim::PrivateCollector};
/// # use std::hash::RandomState;
/// let map = SplitOrderedMap::<u8, u8, _, _>::with_hasher_in(
///     RandomState::new(), PrivateCollector::new());
/// let view = map.pin_owned();
/// drop(map);
/// view.len();
/// ```
#[must_use = "what it protects is kept while it lives"]
pub struct SplitOrderedMapOwnedRef<'m, K, V, S = DefaultHashBuilder, D = Collector> {
    view: SplitOrderedMapRef<'m, K, V, S, D>,
}

// SAFETY: see the module's head.
unsafe impl<K, V, S, D> Send for SplitOrderedMapOwnedRef<'_, K, V, S, D> where
    SplitOrderedMap<K, V, S, D>: Sync
{
}

impl<K, V, S, D: Domain> SplitOrderedMap<K, V, S, D> {
    /// A view that may go from thread to thread. It registers for itself, which allocates.
    ///
    /// # Panics
    /// When the domain's guards stay on their threads; see
    /// [`Collector::pin_owned`](crate::reclaim::Collector::pin_owned).
    #[track_caller]
    pub fn pin_owned(&self) -> SplitOrderedMapOwnedRef<'_, K, V, S, D> {
        // SAFETY: the guard is of this domain.
        let view = unsafe { SplitOrderedMapRef::new(self, self.domain.pin_alone()) };
        SplitOrderedMapOwnedRef { view }
    }
}

impl<'m, K, V, S, D> SplitOrderedMapOwnedRef<'m, K, V, S, D> {
    /// The view, for an owned one of a set, which keeps the same promises.
    pub(in crate::map) fn into_view(self) -> SplitOrderedMapRef<'m, K, V, S, D> {
        self.view
    }

    /// Lets go of what was reached so far; see [`Guard::repin`](crate::reclaim::Guard::repin).
    pub fn repin(&mut self) {
        self.view.repin();
    }
}

impl<'m, K, V, S, D> Deref for SplitOrderedMapOwnedRef<'m, K, V, S, D> {
    type Target = SplitOrderedMapRef<'m, K, V, S, D>;

    #[inline(always)]
    fn deref(&self) -> &SplitOrderedMapRef<'m, K, V, S, D> {
        &self.view
    }
}

impl<K, V, S, D> fmt::Debug for SplitOrderedMapOwnedRef<'_, K, V, S, D>
where
    K: fmt::Debug,
    V: fmt::Debug,
    D: Reclaims<(K, V)>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.view.fmt(f)
    }
}
