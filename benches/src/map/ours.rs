//! `counterpoint::map::SplitOrderedMap`, in the global collector; a session is its pinned view.

use std::hint::black_box;

use counterpoint::map::{SplitOrderedMap as Inner, SplitOrderedMapRef};

use super::{Hasher, Map};

/// Lookups one after the other.
pub(super) type SplitOrderedMap = Ours<false>;
/// Lookups of many together, by `get_many`.
pub(super) type Many = Ours<true>;

pub(super) struct Ours<const MANY: bool>(Inner<u64, u64, Hasher>);

impl<const MANY: bool> Map for Ours<MANY> {
    const NAME: &'static str = if MANY { "get_many" } else { "SplitOrderedMap" };
    type Session<'m> = SplitOrderedMapRef<'m, u64, u64, Hasher>;

    fn with_capacity(capacity: usize) -> Self {
        Ours(Inner::with_capacity_and_hasher(capacity, Hasher::default()))
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
    fn get_all(session: &Self::Session<'_>, keys: &[u64]) -> usize {
        if MANY {
            return session.get_many(keys).filter(|value| black_box(value).is_some()).count();
        }
        keys.iter().filter(|key| black_box(Self::get(session, **key)).is_some()).count()
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
