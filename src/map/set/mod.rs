//! `SplitOrderedSet`: a [`SplitOrderedMap`] of keys alone; its head says all about algorithm,
//! consistency and progress.
//!
//! **Checked by**: `tests/set.rs`, and as the map.
