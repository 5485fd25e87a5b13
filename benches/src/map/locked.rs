//! `RwLock<HashMap>` of the standard library: the lock is taken for each operation.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::{Hasher, Map};

type Inner = HashMap<u64, u64, Hasher>;

pub(super) struct LockedMap(RwLock<Inner>);

fn read(map: &RwLock<Inner>) -> RwLockReadGuard<'_, Inner> {
    map.read().expect("no operation panics")
}

fn write(map: &RwLock<Inner>) -> RwLockWriteGuard<'_, Inner> {
    map.write().expect("no operation panics")
}

impl Map for LockedMap {
    const NAME: &'static str = "RwLock<HashMap>";
    type Session<'m> = &'m RwLock<Inner>;

    fn with_capacity(capacity: usize) -> Self {
        LockedMap(RwLock::new(HashMap::with_capacity_and_hasher(capacity, Hasher::default())))
    }

    #[inline]
    fn session(&self) -> Self::Session<'_> {
        &self.0
    }

    #[inline]
    fn get(session: &Self::Session<'_>, key: u64) -> Option<u64> {
        read(session).get(&key).copied()
    }

    #[inline]
    fn insert(session: &Self::Session<'_>, key: u64, value: u64) {
        write(session).insert(key, value);
    }

    #[inline]
    fn try_insert(session: &Self::Session<'_>, key: u64, value: u64) -> bool {
        match write(session).entry(key) {
            Entry::Occupied(_) => false,
            Entry::Vacant(entry) => {
                entry.insert(value);
                true
            }
        }
    }

    #[inline]
    fn remove(session: &Self::Session<'_>, key: u64) -> bool {
        write(session).remove(&key).is_some()
    }

    #[inline]
    fn update(session: &Self::Session<'_>, key: u64) -> bool {
        write(session).get_mut(&key).map(|value| *value += 1).is_some()
    }
}
