//! `counterpoint::map::SplitOrderedMap`, in the global collector; a session is its pinned view.

use counterpoint::map::{SplitOrderedMap as Inner, SplitOrderedMapRef};

use super::{Hasher, Map};

pub(super) struct SplitOrderedMap(Inner<u64, u64, Hasher>);

impl Map for SplitOrderedMap {
    const NAME: &'static str = "SplitOrderedMap";
    type Session<'m> = SplitOrderedMapRef<'m, u64, u64, Hasher>;

    fn with_capacity(capacity: usize) -> Self {
        SplitOrderedMap(Inner::with_capacity_and_hasher(capacity, Hasher::default()))
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
