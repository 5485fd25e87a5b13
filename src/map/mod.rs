//! Maps and sets: many threads, any keys that hash.
//!
//! # Which one?
//! | type | holds | order | progress | choose it when |
//! |---|---|---|---|---|
//! | [`SplitOrderedMap`] | keys and values | none | lock-free, growth included | threads share a table, and nobody may wait for a resize |
//! | [`SplitOrderedSet`] | keys alone | none | as the map | they share what was seen, not what was found |
//!
//! Each operation stands twice: on the structure, with a guard, and on the view that its `pin`
//! gives ([`SplitOrderedMap::pin`], [`SplitOrderedSet::pin`]), without.

#[cfg(not(feature = "std"))]
#[path = "hasher_bare.rs"]
mod hasher;
#[cfg(feature = "std")]
#[path = "hasher_std.rs"]
mod hasher;

#[cfg(feature = "rayon")]
mod parallel;
#[cfg(feature = "serde")]
mod serialization;
mod set;
mod split_ordered;

pub use hasher::DefaultHashBuilder;

pub use set::{
    SetDrain, SetGetMany, SetIntoIter, SetIter, SplitOrderedSet, SplitOrderedSetOwnedRef,
    SplitOrderedSetRef,
};

pub use split_ordered::{
    Compute, Drain, GetKeyValueMany, GetMany, IntoIter, IntoKeys, IntoValues, Iter, IterMut, Keys,
    OccupiedError, Operation, SplitOrderedMap, SplitOrderedMapOwnedRef, SplitOrderedMapRef,
    TryReserveError, Values, ValuesMut,
};
