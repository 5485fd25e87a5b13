//! Numbers for keys and values: their hashes, the same in every run.

use core::hash::{Hash, Hasher};
use std::hash::DefaultHasher;

/// The number of a key or a value, as [`part`](super::SequentialSpec::part) and
/// [`value`](super::SequentialSpec::value) want one: its hash, which is the same in every run of a
/// program.
pub fn number(value: &(impl Hash + ?Sized)) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
