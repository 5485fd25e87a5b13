//! `scc::HashMap`: locks a bucket; no guard to hold.

use scc::HashMap;

use super::{Hasher, Map};

pub(super) struct SccMap(HashMap<u64, u64, Hasher>);

impl Map for SccMap {
    const NAME: &'static str = "scc HashMap";
    type Session<'m> = &'m HashMap<u64, u64, Hasher>;

    fn with_capacity(capacity: usize) -> Self {
        SccMap(HashMap::with_capacity_and_hasher(capacity, Hasher::default()))
    }

    #[inline]
    fn session(&self) -> Self::Session<'_> {
        &self.0
    }

    #[inline]
    fn get(session: &Self::Session<'_>, key: u64) -> Option<u64> {
        session.read_sync(&key, |_, value| *value)
    }

    #[inline]
    fn insert(session: &Self::Session<'_>, key: u64, value: u64) {
        session.upsert_sync(key, value);
    }

    #[inline]
    fn try_insert(session: &Self::Session<'_>, key: u64, value: u64) -> bool {
        session.insert_sync(key, value).is_ok()
    }

    #[inline]
    fn remove(session: &Self::Session<'_>, key: u64) -> bool {
        session.remove_sync(&key).is_some()
    }

    #[inline]
    fn update(session: &Self::Session<'_>, key: u64) -> bool {
        session.update_sync(&key, |_, value| *value += 1).is_some()
    }
}
