//! Maps and sets as data, by serde: a map as a map, a set as a sequence.
//!
//! What is written is what an iterator finds. It is collected first, since formats want to know how many
//! entries there are, and others may change the map meanwhile. What is read goes into a new map or set of
//! the default hasher and domain; a key that comes twice has its last value.

use super::{SplitOrderedMap, SplitOrderedMapRef, SplitOrderedSet, SplitOrderedSetRef};
use crate::reclaim::{Domain, Reclaims};
use alloc::vec::Vec;
use core::{
    fmt,
    hash::{BuildHasher, Hash},
    marker::PhantomData,
};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{MapAccess, SeqAccess, Visitor},
};

/// The most entries that are reserved for because the data says so: it may lie.
const TRUSTED: usize = 4096;

impl<K, V, S, D> Serialize for SplitOrderedMap<K, V, S, D>
where
    K: Serialize,
    V: Serialize,
    D: Reclaims<(K, V)>,
{
    fn serialize<F: Serializer>(&self, serializer: F) -> Result<F::Ok, F::Error> {
        self.pin().serialize(serializer)
    }
}

impl<K, V, S, D> Serialize for SplitOrderedMapRef<'_, K, V, S, D>
where
    K: Serialize,
    V: Serialize,
    D: Reclaims<(K, V)>,
{
    fn serialize<F: Serializer>(&self, serializer: F) -> Result<F::Ok, F::Error> {
        serializer.collect_map(self.iter().collect::<Vec<_>>())
    }
}

impl<T, S, D> Serialize for SplitOrderedSet<T, S, D>
where
    T: Serialize,
    D: Reclaims<(T, ())> + Domain,
{
    fn serialize<F: Serializer>(&self, serializer: F) -> Result<F::Ok, F::Error> {
        self.pin().serialize(serializer)
    }
}

impl<T, S, D> Serialize for SplitOrderedSetRef<'_, T, S, D>
where
    T: Serialize,
    D: Reclaims<(T, ())>,
{
    fn serialize<F: Serializer>(&self, serializer: F) -> Result<F::Ok, F::Error> {
        serializer.collect_seq(self.iter().collect::<Vec<_>>())
    }
}

impl<'de, K, V, S, D> Deserialize<'de> for SplitOrderedMap<K, V, S, D>
where
    K: Deserialize<'de> + Hash + Eq,
    V: Deserialize<'de>,
    S: BuildHasher + Default,
    D: Default,
{
    fn deserialize<F: Deserializer<'de>>(deserializer: F) -> Result<Self, F::Error> {
        deserializer.deserialize_map(Entries(PhantomData))
    }
}

impl<'de, T, S, D> Deserialize<'de> for SplitOrderedSet<T, S, D>
where
    T: Deserialize<'de> + Hash + Eq,
    S: BuildHasher + Default,
    D: Default,
{
    fn deserialize<F: Deserializer<'de>>(deserializer: F) -> Result<Self, F::Error> {
        deserializer.deserialize_seq(Values(PhantomData))
    }
}

struct Entries<K, V, S, D>(PhantomData<SplitOrderedMap<K, V, S, D>>);

impl<'de, K, V, S, D> Visitor<'de> for Entries<K, V, S, D>
where
    K: Deserialize<'de> + Hash + Eq,
    V: Deserialize<'de>,
    S: BuildHasher + Default,
    D: Default,
{
    type Value = SplitOrderedMap<K, V, S, D>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let capacity = entries.size_hint().unwrap_or(0).min(TRUSTED);
        let mut map =
            SplitOrderedMap::with_capacity_and_hasher_in(capacity, S::default(), D::default());
        while let Some((key, value)) = entries.next_entry()? {
            map.insert_mut(key, value);
        }
        Ok(map)
    }
}

struct Values<T, S, D>(PhantomData<SplitOrderedSet<T, S, D>>);

impl<'de, T, S, D> Visitor<'de> for Values<T, S, D>
where
    T: Deserialize<'de> + Hash + Eq,
    S: BuildHasher + Default,
    D: Default,
{
    type Value = SplitOrderedSet<T, S, D>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sequence of the values of a set")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Self::Value, A::Error> {
        let capacity = values.size_hint().unwrap_or(0).min(TRUSTED);
        let mut set =
            SplitOrderedSet::with_capacity_and_hasher_in(capacity, S::default(), D::default());
        while let Some(value) = values.next_element()? {
            set.extend([value]);
        }
        Ok(set)
    }
}
