//! The pinned view that may go from thread to thread: the map's, with the set's methods.
//!
//! # Soundness of the signatures
//! As of [`SplitOrderedMapOwnedRef`](crate::map::SplitOrderedMapOwnedRef): the guard is its participant's
//! only user, and the view lends by shared references only what holds it.

use super::{SplitOrderedSet, SplitOrderedSetRef};
use crate::{
    map::DefaultHashBuilder,
    reclaim::{Collector, Domain, Reclaims},
};
use core::{fmt, ops::Deref};

/// A set and a guard of its domain, which may be sent to another thread, and so be held across an
/// `.await`; made by [`SplitOrderedSet::pin_owned`].
///
/// It has the methods of [`SplitOrderedSetRef`], to which it dereferences. What they return borrows it.
///
/// If values stay on their thread, it does:
/// ```compile_fail,E0277
/// # use counterpoint::{map::SplitOrderedSet, reclaim::PrivateCollector};
/// # use std::{hash::RandomState, rc::Rc};
/// fn send<T: Send>(_: T) {}
/// let set = SplitOrderedSet::<Rc<u8>, _, _>::with_hasher_in(
///     RandomState::new(), PrivateCollector::new());
/// send(set.pin_owned());
/// ```
/// Two threads do not share it:
/// ```compile_fail,E0277
/// # use counterpoint::{map::SplitOrderedSet, reclaim::PrivateCollector};
/// # use std::hash::RandomState;
/// fn share<T: Sync>(_: &T) {}
/// let set = SplitOrderedSet::<u8, _, _>::with_hasher_in(
///     RandomState::new(), PrivateCollector::new());
/// share(&set.pin_owned());
/// ```
#[must_use = "what it protects is kept while it lives"]
pub struct SplitOrderedSetOwnedRef<'s, T, S = DefaultHashBuilder, D = Collector> {
    view: SplitOrderedSetRef<'s, T, S, D>,
}

// SAFETY: as of the map's owned view, whose parts these are; the set is shared where its map is.
unsafe impl<T, S, D> Send for SplitOrderedSetOwnedRef<'_, T, S, D> where
    SplitOrderedSet<T, S, D>: Sync
{
}

impl<T, S, D: Domain> SplitOrderedSet<T, S, D> {
    /// A view that may go from thread to thread. It registers for itself, which allocates.
    ///
    /// # Panics
    /// When the domain's guards stay on their threads; see
    /// [`Collector::pin_owned`](crate::reclaim::Collector::pin_owned).
    #[track_caller]
    pub fn pin_owned(&self) -> SplitOrderedSetOwnedRef<'_, T, S, D> {
        let view = SplitOrderedSetRef::new(self, self.map.pin_owned().into_view());
        SplitOrderedSetOwnedRef { view }
    }
}

impl<T, S, D> SplitOrderedSetOwnedRef<'_, T, S, D> {
    /// Lets go of what was reached so far; see [`Guard::repin`](crate::reclaim::Guard::repin).
    pub fn repin(&mut self) {
        self.view.repin();
    }
}

impl<'s, T, S, D> Deref for SplitOrderedSetOwnedRef<'s, T, S, D> {
    type Target = SplitOrderedSetRef<'s, T, S, D>;

    #[inline(always)]
    fn deref(&self) -> &SplitOrderedSetRef<'s, T, S, D> {
        &self.view
    }
}

impl<T, S, D> fmt::Debug for SplitOrderedSetOwnedRef<'_, T, S, D>
where
    T: fmt::Debug,
    D: Reclaims<(T, ())>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.view.fmt(f)
    }
}
