//! `SplitOrderedSet`: a [`SplitOrderedMap`] of keys alone; its head says all about algorithm,
//! consistency and progress. For a set that one thread fills and many only read, a frozen std set is
//! smaller and faster.
//!
//! **Invariant**: a value is in the set if and only if it is a key of the map. Hence every operation
//! is one of the map's, and linearizable where that one is.
//!
//! **Checked by**: `tests/set.rs`, and as the map.

mod garbage;
mod iter;
mod many;
mod operations;
mod owned;
mod owned_view;
mod view;

pub use iter::{SetDrain, SetIntoIter, SetIter};
pub use many::SetGetMany;
pub use owned_view::SplitOrderedSetOwnedRef;
pub use view::SplitOrderedSetRef;

use super::{DefaultHashBuilder, SplitOrderedMap, TryReserveError};
use crate::reclaim::{Collector, Domain, Guard, Handle, Reclaims};
use core::fmt;

/// An unordered set that threads share, without locks.
///
/// Which values it takes, what its operations and iterators see of each other, and how long its
/// references live: as [`SplitOrderedMap`] says of keys.
///
/// # Examples
/// ```
/// # #[cfg(feature = "std")] {
/// use counterpoint::map::SplitOrderedSet;
///
/// let seen = SplitOrderedSet::new();
/// std::thread::scope(|scope| {
///     for word in ["to", "be", "to"] {
///         let seen = &seen;
///         scope.spawn(move || if seen.pin().insert(word) { println!("first {word}") });
///     }
/// });
/// assert_eq!(seen, SplitOrderedSet::from(["be", "to"]));
/// # }
/// ```
/// A private domain takes values that borrow:
/// ```
/// # #[cfg(feature = "std")] {
/// use counterpoint::{map::SplitOrderedSet, reclaim::PrivateCollector};
/// use std::hash::RandomState;
/// let text = String::from("to be or not to be");
/// let words = SplitOrderedSet::with_hasher_in(RandomState::new(), PrivateCollector::new());
/// words.pin().extend(text.split(' '));
/// assert_eq!(words.len(), 4);
/// # }
/// ```
/// A reference does not outlive its guard:
/// ```compile_fail,E0505
/// # use counterpoint::{map::SplitOrderedSet, reclaim};
/// let set = SplitOrderedSet::from([1]);
/// let guard = reclaim::pin();
/// let value = set.get(&1, &guard);
/// drop(guard);
/// println!("{value:?}");
/// ```
/// nor its set:
/// ```compile_fail,E0505
/// # use counterpoint::{map::SplitOrderedSet, reclaim};
/// let set = SplitOrderedSet::from([1]);
/// let guard = reclaim::pin();
/// let value = set.get(&1, &guard);
/// drop(set);
/// println!("{value:?}");
/// ```
/// nor its view's next repin:
/// ```compile_fail,E0502
/// # use counterpoint::map::SplitOrderedSet;
/// let set = SplitOrderedSet::from([1]);
/// let mut view = set.pin();
/// let value = view.get(&1);
/// view.repin();
/// println!("{value:?}");
/// ```
/// What is taken out may still be read by others, so it is not given away:
/// ```compile_fail,E0308
/// # use counterpoint::map::SplitOrderedSet;
/// let set = SplitOrderedSet::from([String::from("a")]);
/// let owned: Option<String> = set.pin().take("a");
/// ```
/// A shared domain takes no value that another thread may not drop:
/// ```compile_fail,E0277
/// # use counterpoint::map::SplitOrderedSet;
/// let set = SplitOrderedSet::new();
/// set.pin().insert(std::rc::Rc::new(1));
/// ```
/// nor one that ends before the program:
/// ```compile_fail,E0597
/// # use counterpoint::map::SplitOrderedSet;
/// let set = SplitOrderedSet::new();
/// let text = String::from("short");
/// set.pin().insert(text.as_str());
/// ```
/// A private one takes both, but what is not `Send` keeps the set on its thread:
/// ```compile_fail,E0277
/// # use counterpoint::{map::SplitOrderedSet, reclaim::PrivateCollector};
/// # use std::{hash::RandomState, rc::Rc};
/// fn share<T: Sync>(_: &T) {}
/// share(&SplitOrderedSet::<Rc<u8>, _, _>::with_hasher_in(
///     RandomState::new(), PrivateCollector::new()));
/// ```
/// and what they borrow outlives the set:
/// ```compile_fail,E0597
/// # use counterpoint::{map::SplitOrderedSet, reclaim::PrivateCollector};
/// # use std::hash::RandomState;
/// let set = SplitOrderedSet::with_hasher_in(RandomState::new(), PrivateCollector::new());
/// {
///     let text = String::from("short");
///     set.pin().insert(text.as_str());
/// }
/// ```
pub struct SplitOrderedSet<T, S = DefaultHashBuilder, D = Collector> {
    map: SplitOrderedMap<T, (), S, D>,
}

#[cfg(feature = "std")]
impl<T> SplitOrderedSet<T> {
    /// An empty set in the global domain, with a hasher that resists flooding.
    pub fn new() -> Self {
        Self::with_hasher(DefaultHashBuilder::new())
    }

    /// As [`new`](Self::new), with a bucket for each of `capacity` values from the start.
    ///
    /// # Panics
    /// When the buckets would not fit the address space.
    pub fn with_capacity(capacity: usize) -> Self {
        Self::with_capacity_and_hasher(capacity, DefaultHashBuilder::new())
    }
}

impl<T, S> SplitOrderedSet<T, S> {
    /// An empty set in the global domain. Allocates nothing.
    pub const fn with_hasher(hasher: S) -> Self {
        Self::with_hasher_in(hasher, Collector::global())
    }

    /// An empty set in the global domain, with a bucket for each of `capacity` values.
    ///
    /// # Panics
    /// When the buckets would not fit the address space.
    pub fn with_capacity_and_hasher(capacity: usize, hasher: S) -> Self {
        Self::with_capacity_and_hasher_in(capacity, hasher, Collector::global())
    }

    /// The domain whose guards this set takes; a private one is not reachable.
    pub fn collector(&self) -> &Collector {
        self.map.collector()
    }
}

impl<T, S, D> SplitOrderedSet<T, S, D> {
    /// An empty set whose nodes are reclaimed in `domain`. Allocates nothing.
    pub const fn with_hasher_in(hasher: S, domain: D) -> Self {
        SplitOrderedSet { map: SplitOrderedMap::with_hasher_in(hasher, domain) }
    }

    /// An empty set whose nodes are reclaimed in `domain`, with a bucket for each of `capacity`
    /// values.
    ///
    /// # Panics
    /// When the buckets would not fit the address space.
    pub fn with_capacity_and_hasher_in(capacity: usize, hasher: S, domain: D) -> Self {
        SplitOrderedSet {
            map: SplitOrderedMap::with_capacity_and_hasher_in(capacity, hasher, domain),
        }
    }

    /// The set's hasher.
    pub fn hasher(&self) -> &S {
        self.map.hasher()
    }

    /// How many values there are: exact when nobody changes the set, otherwise one of the numbers
    /// it passed through, give or take the changes under way. Wait-free.
    pub fn len(&self) -> usize {
        self.map.len()
    }

    /// Whether [`len`](Self::len) is zero. Wait-free.
    pub fn is_empty(&self) -> bool {
        self.map.is_empty()
    }

    /// How many values the set holds before it grows. There may be more of them: it does not grow as long as
    /// searches are short.
    pub fn capacity(&self) -> usize {
        self.map.capacity()
    }

    /// Makes the buckets that `additional` values more need. Lock-free.
    ///
    /// # Panics
    /// As [`SplitOrderedMap::reserve`].
    pub fn reserve(&self, additional: usize) {
        self.map.reserve(additional);
    }

    /// As [`reserve`](Self::reserve).
    ///
    /// # Errors
    /// As [`SplitOrderedMap::try_reserve`].
    pub fn try_reserve(&self, additional: usize) -> Result<(), TryReserveError> {
        self.map.try_reserve(additional)
    }

    /// Gives back the buckets that the values do not need.
    pub fn shrink_to_fit(&mut self) {
        self.map.shrink_to_fit();
    }

    /// Gives back the buckets that neither the values nor a capacity of `min_capacity` need; see
    /// [`SplitOrderedMap::shrink_to`].
    pub fn shrink_to(&mut self, min_capacity: usize) {
        self.map.shrink_to(min_capacity);
    }
}

impl<T, S, D: Domain> SplitOrderedSet<T, S, D> {
    /// Makes the calling thread a member of the set's domain.
    pub fn register(&self) -> Handle<'_> {
        self.map.register()
    }

    /// A view with the set's methods without their guards; keep it for a batch of operations.
    ///
    /// Costs what [`SplitOrderedMap::pin`] costs.
    #[inline]
    pub fn pin(&self) -> SplitOrderedSetRef<'_, T, S, D> {
        SplitOrderedSetRef::new(self, self.map.pin())
    }

    /// A view under a guard that the caller has made.
    ///
    /// # Panics
    /// When the guard belongs to another collector.
    pub fn with_guard<'g>(&'g self, guard: Guard<'g>) -> SplitOrderedSetRef<'g, T, S, D> {
        SplitOrderedSetRef::new(self, self.map.with_guard(guard))
    }
}

impl<T, S: Default, D: Default> Default for SplitOrderedSet<T, S, D> {
    fn default() -> Self {
        Self::with_hasher_in(S::default(), D::default())
    }
}

impl<T, S, D> fmt::Debug for SplitOrderedSet<T, S, D>
where
    T: fmt::Debug,
    D: Reclaims<(T, ())>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pin().fmt(f)
    }
}
