//! What operations on an entry ask for and report.

use core::{error::Error, fmt};

/// What [`compute`](super::SplitOrderedMap::compute) shall do with the entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation<V, T> {
    /// Insert the value, or replace the present one by it.
    Insert(V),
    /// Remove the entry, if there is one.
    Remove,
    /// Leave everything as it is, and return this.
    Abort(T),
}

/// What [`compute`](super::SplitOrderedMap::compute) did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compute<'g, K, V, T> {
    /// The key was absent and is now there.
    Inserted(&'g K, &'g V),
    /// The entry was replaced.
    Updated {
        /// The entry that was there.
        old: (&'g K, &'g V),
        /// The entry that is there now.
        new: (&'g K, &'g V),
    },
    /// The entry was removed.
    Removed(&'g K, &'g V),
    /// The operation was [`Operation::Remove`], and the key was absent.
    Absent,
    /// The operation was [`Operation::Abort`].
    Aborted(T),
}

/// The key was there already; nothing has changed.
pub struct OccupiedError<'g, K, V> {
    /// The value that is there.
    pub current: &'g V,
    /// The key that was not inserted.
    pub key: K,
    /// The value that was not inserted.
    pub value: V,
}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for OccupiedError<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OccupiedError")
            .field("current", &self.current)
            .field("key", &self.key)
            .field("value", &self.value)
            .finish()
    }
}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Display for OccupiedError<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "key {:?} was not inserted with {:?}: it is there already, with {:?}",
            self.key, self.value, self.current,
        )
    }
}

impl<K: fmt::Debug, V: fmt::Debug> Error for OccupiedError<'_, K, V> {}
