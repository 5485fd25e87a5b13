//! `SplitOrderedMap`: a hash map in which nobody waits, growth included. For a table that one
//! thread fills and many only read, a frozen std map is smaller and faster.
//!
//! **Algorithm**: Shalev and Shavit, "Split-Ordered Lists: Lock-Free Extensible Hash Tables",
//! JACM 53(3), 2006, over Michael's list (SPAA 2002). Departures: the list is sorted by the hash
//! itself and buckets are its *high* bits, so nothing needs bit reversal; dummies are words of
//! contiguous directories, one for each size that the map has had, so that a lookup is a shift and
//! two loads; values are replaced by one compare-exchange (see `list.rs`); bucket initialisation
//! does not recurse.
//!
//! # State
//! One list holds all: `head → 0x2.. dummy → 0x2f1 item → 0x4.. dummy → …`, sorted by *order*. An
//! item's order is its mixed hash, the last six bits set; a dummy has its bucket's bits followed by
//! zeros (see `buckets.rs`), so it stands before all items of its bucket. Items of equal order (a
//! *run*) stand in the order of insertion. A map grows by publishing a larger directory, whose
//! dummies are linked when somebody needs them; no item ever moves.
//!
//! | word | changes |
//! |---|---|
//! | `next` of a live node | to a new node before its successor; past a deleted successor |
//! | `next` of an item | with `MARK`, once: the item is deleted, and replaced if it now leads to a new item of the same key |
//! | `next` of a dummy | untouched, `PENDING`, in the list: see `buckets.rs` |
//! | `current` directory | to one that has grown from it |
//!
//! # Invariants
//! * `[I1]` The list is sorted by order; no two dummies have one order.
//! * `[I2]` At most one live item of a key is linked: all inserters of a key compare-exchange the
//!   one link that leaves its run, having seen the whole run without the key; keys enter a run only
//!   at that link, or in the place of themselves.
//! * `[I3]` Head and dummies are live until the map is dropped, drained or shrunk.
//! * `[I4]` A marked `next` never changes; so a deleted node leaves the list by exactly one change
//!   of one live link, and whoever makes it retires the node.
//! * `[I5]` What a pinned thread reaches, from the head or a dummy, by live or marked links, is not
//!   freed: a deleted node cannot leave the list before the deleted nodes that lead to it.
//!
//! # Ordering
//! * `[P1]` *node*: linked with Release (by insertion or replacement), loaded with Acquire: who
//!   reaches a node sees its key, value and order.
//! * `[P2]` *passing on*: unlinking stores a pointer that was acquired, with Release.
//! * `[P3]`, `[P4]` *directory*: see `buckets.rs`.
//!
//! Marking is Relaxed: the pointer stays in its place, and the read-modify-write continues the
//! release sequence that published it.
//!
//! **Checked by**: `loom-tests/map.rs`, `tests/map.rs`, fuzz target `map`.

mod buckets;
mod capacity;
mod drain;
mod garbage;
mod iter;
mod list;
mod many;
mod node;
mod operations;
mod outcome;
mod owned;
mod owned_view;
mod start;
mod view;

pub use capacity::TryReserveError;
pub use drain::{Drain, IntoIter, IntoKeys, IntoValues};
pub use iter::{Iter, Keys, Values};
pub use many::{GetKeyValueMany, GetMany};
pub use outcome::{Compute, OccupiedError, Operation};
pub use owned::{IterMut, ValuesMut};
pub use owned_view::SplitOrderedMapOwnedRef;
pub use view::SplitOrderedMapRef;

use super::DefaultHashBuilder;
use crate::reclaim::{Collector, Domain, Guard, Handle, Reclaims};
use buckets::{Buckets, RANKS};
use core::{
    fmt,
    hash::{BuildHasher, Hash},
    panic::{RefUnwindSafe, UnwindSafe},
};
use list::Table;
use node::Pinned;

/// An unordered map that threads share, without locks.
///
/// # Which values
/// In the default domain keys and values are `Send + 'static`, since any thread may drop them, at
/// any later time. With [`PrivateCollector`](crate::reclaim::PrivateCollector) as its last
/// parameter the map owns its domain: values may borrow, need not be `Send` while one thread uses
/// the map, and are all dropped with it.
///
/// # Consistency
/// All operations on single keys are linearizable. Iterators see each entry whose key is present
/// throughout exactly once, old or new value; they may or may not see what changes meanwhile.
/// `len` is exact when nobody changes the map.
///
/// # Progress
/// Every operation is lock-free: none waits for another thread, growth and bucket initialisation
/// included. Iterators write nothing, lookups nothing either once their bucket is in use; before,
/// they link its dummy, and unlink deleted entries on the way.
///
/// # Memory
/// An entry is one allocation, and a bucket a word. Where there is no memory for more buckets, they
/// get longer instead; for an entry, or for a capacity asked for, the program ends as with std's
/// collections.
///
/// # Panics and re-entrancy
/// `Hash`, `Eq` and closures run while nothing is half-done: when they panic, the map is as it was,
/// and what the call was given is dropped. They, and the destructors of keys and values, may call
/// back into the map. Keys whose hash or equality changes may be lost or doubled, never unsafe.
/// Destructors of what was removed run later, in the domain, where their panics are caught and
/// counted; those of what is in the map when it is dropped, drained or changed through `&mut self`
/// run there, and unwind from there.
///
/// # References
/// What the map returns is bounded by the map and by the guard: it stays valid, though perhaps no
/// longer in the map, until the guard ends.
///
/// # Examples
/// ```
/// # #[cfg(feature = "std")] {
/// use counterpoint::map::SplitOrderedMap;
///
/// let map = SplitOrderedMap::new();
/// std::thread::scope(|scope| {
///     for worker in 0..2 {
///         let map = &map;
///         scope.spawn(move || {
///             let map = map.pin();
///             (0..100).for_each(|key| drop(map.insert(key, worker)));
///         });
///     }
/// });
/// assert_eq!(map.len(), 100);
/// # }
/// ```
/// A reference does not outlive its guard:
/// ```compile_fail,E0505
/// # use counterpoint::{map::SplitOrderedMap, reclaim};
/// let map = SplitOrderedMap::from([(1, 2)]);
/// let guard = reclaim::pin();
/// let value = map.get(&1, &guard);
/// drop(guard);
/// println!("{value:?}");
/// ```
/// nor its map:
/// ```compile_fail,E0505
/// # use counterpoint::{map::SplitOrderedMap, reclaim};
/// let map = SplitOrderedMap::from([(1, 2)]);
/// let guard = reclaim::pin();
/// let value = map.get(&1, &guard);
/// drop(map);
/// println!("{value:?}");
/// ```
/// nor its view, nor the view's next repin:
/// ```compile_fail,E0502
/// # use counterpoint::map::SplitOrderedMap;
/// let map = SplitOrderedMap::from([(1, 2)]);
/// let mut view = map.pin();
/// let value = view.get(&1);
/// view.repin();
/// println!("{value:?}");
/// ```
/// A shared domain takes no value that another thread may not drop:
/// ```compile_fail,E0277
/// # use counterpoint::map::SplitOrderedMap;
/// let map = SplitOrderedMap::new();
/// map.pin().insert(1, std::rc::Rc::new(2));
/// ```
/// nor one that ends before the program:
/// ```compile_fail,E0597
/// # use counterpoint::map::SplitOrderedMap;
/// let map = SplitOrderedMap::new();
/// let text = String::from("short");
/// map.pin().insert(1, text.as_str());
/// ```
pub struct SplitOrderedMap<K, V, S = DefaultHashBuilder, D = Collector> {
    table: Table<K, V>,
    hasher: S,
    /// Dropped last: what still waits in a private domain runs then.
    domain: D,
}

// SAFETY: with the map go its keys and values, those that wait in a private domain included.
unsafe impl<K: Send, V: Send, S: Send, D: Send> Send for SplitOrderedMap<K, V, S, D> {}
// SAFETY: threads share references to keys and values (Sync), and may drop them (Send).
unsafe impl<K, V, S, D> Sync for SplitOrderedMap<K, V, S, D>
where
    K: Send + Sync,
    V: Send + Sync,
    S: Sync,
    D: Sync,
{
}

impl<K: RefUnwindSafe, V: RefUnwindSafe, S: UnwindSafe, D> UnwindSafe
    for SplitOrderedMap<K, V, S, D>
{
}
impl<K: RefUnwindSafe, V: RefUnwindSafe, S: RefUnwindSafe, D> RefUnwindSafe
    for SplitOrderedMap<K, V, S, D>
{
}

#[cfg(feature = "std")]
impl<K, V> SplitOrderedMap<K, V> {
    /// An empty map in the global domain, with a hasher that resists flooding.
    pub fn new() -> Self {
        Self::with_hasher(DefaultHashBuilder::new())
    }

    /// As [`new`](Self::new), with the buckets that `capacity` elements need from the start.
    ///
    /// # Panics
    /// When the buckets would not fit the address space.
    pub fn with_capacity(capacity: usize) -> Self {
        Self::with_capacity_and_hasher(capacity, DefaultHashBuilder::new())
    }
}

impl<K, V, S> SplitOrderedMap<K, V, S> {
    /// An empty map in the global domain. Allocates nothing.
    pub const fn with_hasher(hasher: S) -> Self {
        Self::with_hasher_in(hasher, Collector::global())
    }

    /// An empty map in the global domain, with the buckets that `capacity` elements need.
    ///
    /// # Panics
    /// When the buckets would not fit the address space.
    pub fn with_capacity_and_hasher(capacity: usize, hasher: S) -> Self {
        Self::with_capacity_and_hasher_in(capacity, hasher, Collector::global())
    }
}

impl<K, V, S, D> SplitOrderedMap<K, V, S, D> {
    /// An empty map whose nodes are reclaimed in `domain`. Allocates nothing.
    pub const fn with_hasher_in(hasher: S, domain: D) -> Self {
        SplitOrderedMap { table: Table::new(Buckets::new()), hasher, domain }
    }

    /// An empty map whose nodes are reclaimed in `domain`, with the buckets that
    /// `capacity` elements need.
    ///
    /// # Panics
    /// When the buckets would not fit the address space.
    pub fn with_capacity_and_hasher_in(capacity: usize, hasher: S, domain: D) -> Self {
        SplitOrderedMap { table: Table::new(Buckets::with_capacity(capacity)), hasher, domain }
    }

    /// The map's hasher.
    pub fn hasher(&self) -> &S {
        &self.hasher
    }

    /// How many entries there are: exact when nobody changes the map, otherwise one of the numbers
    /// it passed through, give or take the changes under way. Wait-free.
    pub fn len(&self) -> usize {
        self.table.len.sum()
    }

    /// Whether [`len`](Self::len) is zero. Wait-free.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<K, V, S> SplitOrderedMap<K, V, S> {
    /// The domain whose guards this map takes.
    ///
    /// A private one is not reachable:
    /// ```compile_fail,E0599
    /// # use counterpoint::{map::SplitOrderedMap, reclaim::PrivateCollector};
    /// # use std::hash::RandomState;
    /// let map = SplitOrderedMap::<u8, u8, _, _>::with_hasher_in(
    ///     RandomState::new(), PrivateCollector::new());
    /// map.collector();
    /// ```
    pub fn collector(&self) -> &Collector {
        &self.domain
    }
}

impl<K, V, S, D: Domain> SplitOrderedMap<K, V, S, D> {
    /// Makes the calling thread a member of the map's domain.
    pub fn register(&self) -> Handle<'_> {
        self.domain.register()
    }

    /// A view with the map's methods without their guards; keep it for a batch of operations.
    ///
    /// In the global domain with std this is cheap. In any other it registers
    /// for this one view: there, keep a handle and use [`with_guard`](Self::with_guard).
    #[inline]
    pub fn pin(&self) -> SplitOrderedMapRef<'_, K, V, S, D> {
        // SAFETY: the guard is of this domain.
        unsafe { SplitOrderedMapRef::new(self, self.domain.pin()) }
    }

    /// A view under a guard that the caller has made.
    ///
    /// # Panics
    /// When the guard belongs to another collector.
    #[track_caller]
    pub fn with_guard<'g>(&'g self, guard: Guard<'g>) -> SplitOrderedMapRef<'g, K, V, S, D> {
        guard.assert_from(self.domain.id());
        // SAFETY: asserted above.
        unsafe { SplitOrderedMapRef::new(self, guard) }
    }
}

impl<K, V, S: BuildHasher, D> SplitOrderedMap<K, V, S, D> {
    /// The order of a key's item.
    ///
    /// Buckets are the highest bits, which weak hashers leave poor (an identity hasher of small
    /// integers leaves them zero). One multiplication by an odd number, that of the golden ratio,
    /// carries every bit into them (Knuth, TAOCP 3, 6.4).
    #[inline(always)]
    fn order_of<Q: Hash + ?Sized>(&self, key: &Q) -> u64 {
        self.hasher.hash_one(key).wrapping_mul(0x9E37_79B9_7F4A_7C15) | RANKS
    }
}

impl<K, V, S, D: Reclaims<(K, V)>> SplitOrderedMap<K, V, S, D> {
    /// Admits a guard.
    #[inline(always)]
    #[track_caller]
    fn admit<'g>(&self, guard: &'g Guard<'_>) -> Pinned<'g, K, V> {
        guard.assert_from(self.domain.id());
        // SAFETY: the guard is of the map's domain, which may drop `(K, V)`.
        unsafe { Pinned::new(guard) }
    }
}

impl<K, V, S: Default, D: Default> Default for SplitOrderedMap<K, V, S, D> {
    fn default() -> Self {
        Self::with_hasher_in(S::default(), D::default())
    }
}

impl<K, V, S, D> fmt::Debug for SplitOrderedMap<K, V, S, D>
where
    K: fmt::Debug,
    V: fmt::Debug,
    D: Reclaims<(K, V)>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter(&self.domain.pin())).finish()
    }
}
