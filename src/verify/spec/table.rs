//! A table from keys to values that states share until one of them changes it, with a hash that is
//! the sum of its entries' hashes. A change copies the table if another state has it too.

use super::number;
use core::{
    fmt,
    hash::{Hash, Hasher},
};
use std::{collections::BTreeMap, sync::Arc};

pub(super) struct Table<K, V> {
    entries: Arc<BTreeMap<K, V>>,
    digest: u64,
}

impl<K, V> Table<K, V> {
    pub(super) fn new() -> Self {
        Table { entries: Arc::new(BTreeMap::new()), digest: 0 }
    }

    pub(super) fn entries(&self) -> &BTreeMap<K, V> {
        &self.entries
    }
}

impl<K: Clone + Ord + Hash, V: Clone + Hash> Table<K, V> {
    /// The table in which the key has this value, or none.
    pub(super) fn with(&self, key: &K, value: Option<V>) -> Self {
        let mut table = self.clone();
        let entries = Arc::make_mut(&mut table.entries);
        if let Some(value) = &value {
            table.digest = table.digest.wrapping_add(number(&(key, value)));
        }
        let previous = match value {
            Some(value) => entries.insert(key.clone(), value),
            None => entries.remove(key),
        };
        if let Some(previous) = previous {
            table.digest = table.digest.wrapping_sub(number(&(key, &previous)));
        }
        table
    }
}

impl<K, V> Clone for Table<K, V> {
    fn clone(&self) -> Self {
        Table { entries: self.entries.clone(), digest: self.digest }
    }
}

impl<K: PartialEq, V: PartialEq> PartialEq for Table<K, V> {
    fn eq(&self, other: &Self) -> bool {
        let is_same = Arc::ptr_eq(&self.entries, &other.entries);
        self.digest == other.digest && (is_same || self.entries == other.entries)
    }
}

impl<K: Eq, V: Eq> Eq for Table<K, V> {}

impl<K, V> Hash for Table<K, V> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.digest);
    }
}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for Table<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.entries.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn a_change_and_its_undoing_leave_the_table_as_it_was() {
        let table = Table::new().with(&1, Some(10)).with(&2, Some(20));
        let changed = table.with(&1, Some(11)).with(&3, Some(30));
        assert_ne!(table, changed);
        assert_eq!(table.entries().get(&1), Some(&10), "a shared table was changed");
        let undone = changed.with(&3, None).with(&1, Some(10));
        assert_eq!((&table, table.digest), (&undone, undone.digest));
        assert_eq!(table.with(&9, None), table);
    }
}
