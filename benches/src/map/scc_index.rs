//! `scc::HashIndex`: reads take no lock; a session is the map and a guard of its own collector.

use scc::hash_index::Entry;
use scc::{Guard, HashIndex};

use super::{Hasher, Map};

pub(super) struct SccIndex(HashIndex<u64, u64, Hasher>);

pub(super) struct Session<'m> {
    map: &'m HashIndex<u64, u64, Hasher>,
    guard: Guard,
}

impl Map for SccIndex {
    const NAME: &'static str = "scc HashIndex";
    type Session<'m> = Session<'m>;

    fn with_capacity(capacity: usize) -> Self {
        SccIndex(HashIndex::with_capacity_and_hasher(capacity, Hasher::default()))
    }

    #[inline]
    fn session(&self) -> Self::Session<'_> {
        Session { map: &self.0, guard: Guard::new() }
    }

    #[inline]
    fn get(session: &Self::Session<'_>, key: u64) -> Option<u64> {
        session.map.peek(&key, &session.guard).copied()
    }

    /// It has no upsert; the keys it is given are absent.
    #[inline]
    fn insert(session: &Self::Session<'_>, key: u64, value: u64) {
        let _ = session.map.insert_sync(key, value);
    }

    #[inline]
    fn try_insert(session: &Self::Session<'_>, key: u64, value: u64) -> bool {
        session.map.insert_sync(key, value).is_ok()
    }

    #[inline]
    fn remove(session: &Self::Session<'_>, key: u64) -> bool {
        session.map.remove_sync(&key)
    }

    #[inline]
    fn update(session: &Self::Session<'_>, key: u64) -> bool {
        match session.map.entry_sync(key) {
            Entry::Occupied(mut entry) => {
                let value = *entry.get() + 1;
                entry.update(value);
                true
            }
            Entry::Vacant(_) => false,
        }
    }
}
