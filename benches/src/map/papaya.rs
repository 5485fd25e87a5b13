//! `papaya::HashMap`; a session is its pinned view, kept as long as ours.

use papaya::{HashMap, HashMapRef, LocalGuard};

use super::{Hasher, Map};

pub(super) struct Papaya(HashMap<u64, u64, Hasher>);

impl Map for Papaya {
    const NAME: &'static str = "papaya";
    type Session<'m> = HashMapRef<'m, u64, u64, Hasher, LocalGuard<'m>>;

    fn with_capacity(capacity: usize) -> Self {
        Papaya(HashMap::with_capacity_and_hasher(capacity, Hasher::default()))
    }

    #[inline]
    fn session(&self) -> Self::Session<'_> {
        self.0.pin()
    }

    #[inline]
    fn get(session: &Self::Session<'_>, key: u64) -> Option<u64> {
        session.get(&key).copied()
    }

    #[inline]
    fn insert(session: &Self::Session<'_>, key: u64, value: u64) {
        session.insert(key, value);
    }

    #[inline]
    fn try_insert(session: &Self::Session<'_>, key: u64, value: u64) -> bool {
        session.try_insert(key, value).is_ok()
    }

    #[inline]
    fn remove(session: &Self::Session<'_>, key: u64) -> bool {
        session.remove(&key).is_some()
    }

    #[inline]
    fn update(session: &Self::Session<'_>, key: u64) -> bool {
        session.update(key, |value| value + 1).is_some()
    }
}
