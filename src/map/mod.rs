//! Maps and sets: many threads, any keys that hash.
//!
//! # Which one?
//! | map | order | progress | choose it when |
//! |---|---|---|---|
//! | [`SplitOrderedMap`] | none | lock-free, growth included | threads share a table, and nobody may wait for a resize |
//!
//! [`SplitOrderedSet`] is the same without values. Each operation stands twice: on the map, with a
//! guard, and on the view that [`pin`](SplitOrderedMap::pin) gives, without.

#[cfg(not(feature = "std"))]
#[path = "hasher_bare.rs"]
mod hasher;
#[cfg(feature = "std")]
#[path = "hasher_std.rs"]
mod hasher;

mod split_ordered;

pub use hasher::DefaultHasher;

pub use split_ordered::{
    Compute, Drain, IntoIter, IntoKeys, IntoValues, Iter, IterMut, Keys, OccupiedError, Operation,
    SplitOrderedMap, SplitOrderedMapRef, Values, ValuesMut,
};
