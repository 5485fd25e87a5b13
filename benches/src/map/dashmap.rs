//! `dashmap::DashMap`: shards behind locks, with its default number of shards; no guard to hold.

use dashmap::{DashMap as Inner, Entry};

use super::{Hasher, Map};

pub(super) struct DashMap(Inner<u64, u64, Hasher>);

impl Map for DashMap {
    const NAME: &'static str = "dashmap";
    type Session<'m> = &'m Inner<u64, u64, Hasher>;

    fn with_capacity(capacity: usize) -> Self {
        DashMap(Inner::with_capacity_and_hasher(capacity, Hasher::default()))
    }

    #[inline]
    fn session(&self) -> Self::Session<'_> {
        &self.0
    }

    #[inline]
    fn get(session: &Self::Session<'_>, key: u64) -> Option<u64> {
        session.get(&key).map(|value| *value)
    }

    #[inline]
    fn insert(session: &Self::Session<'_>, key: u64, value: u64) {
        session.insert(key, value);
    }

    #[inline]
    fn try_insert(session: &Self::Session<'_>, key: u64, value: u64) -> bool {
        match session.entry(key) {
            Entry::Occupied(_) => false,
            Entry::Vacant(entry) => {
                entry.insert(value);
                true
            }
        }
    }

    #[inline]
    fn remove(session: &Self::Session<'_>, key: u64) -> bool {
        session.remove(&key).is_some()
    }

    #[inline]
    fn update(session: &Self::Session<'_>, key: u64) -> bool {
        session.get_mut(&key).map(|mut value| *value += 1).is_some()
    }
}
