//! `SplitOrderedMap`: what std's map does, for one thread exactly, and for many key by key.

mod common;

#[path = "map/iteration.rs"]
mod iteration;
#[path = "map/many.rs"]
mod many;
#[cfg(feature = "rayon")]
#[path = "map/parallel.rs"]
mod parallel;
#[path = "map/sequences.rs"]
mod sequences;
#[path = "map/threads.rs"]
mod threads;

use common::ignore;
use counterpoint::map::{OccupiedError, SplitOrderedMap};
use std::{
    hash::{Hash, Hasher},
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
};

#[test]
fn a_lookup_compares_only_keys_of_its_own_hash() {
    static COMPARED: AtomicUsize = AtomicUsize::new(0);
    #[derive(Clone, Copy)]
    struct Key(u64);
    impl PartialEq for Key {
        fn eq(&self, other: &Self) -> bool {
            COMPARED.fetch_add(1, Relaxed);
            self.0 == other.0
        }
    }
    impl Eq for Key {}
    impl Hash for Key {
        fn hash<H: Hasher>(&self, state: &mut H) {
            state.write_u64(self.0);
        }
    }
    let map = SplitOrderedMap::with_hasher(common::Identity::new());
    let view = map.pin();
    let count = common::scaled(10_000) as u64;
    (0..count).for_each(|key| ignore(view.insert(Key(key), key)));
    assert_eq!(COMPARED.swap(0, Relaxed), 0, "no two of these hashes are equal");
    assert!((0..count).all(|key| view.get(&Key(key)) == Some(&key)));
    assert_eq!(COMPARED.swap(0, Relaxed) as u64, count, "one comparison for a hit");
    assert!((count..2 * count).all(|key| !view.contains_key(&Key(key))));
    assert_eq!(COMPARED.load(Relaxed), 0, "none for a miss");
}

#[test]
fn copies_and_equality_follow_the_entries() {
    let map = SplitOrderedMap::from([("a", 1), ("b", 2)]);
    let copy = map.clone();
    assert_eq!(map, copy);
    copy.pin().insert("b", 3);
    assert_ne!(map, copy);
    copy.pin().remove("b");
    assert_ne!(map, copy);
    assert_eq!(copy, SplitOrderedMap::from([("a", 1)]));
    assert_eq!(map.pin().get("b"), Some(&2));
}

#[test]
fn what_is_shown_names_the_entries() {
    let map = SplitOrderedMap::from([("a", 1)]);
    assert_eq!(format!("{map:?}"), r#"{"a": 1}"#);
    let view = map.pin();
    assert_eq!(format!("{view:?}"), r#"{"a": 1}"#);
    assert_eq!(format!("{:?}", view.iter()), r#"[("a", 1)]"#);
    assert_eq!(format!("{:?}", view.keys()), r#"["a"]"#);
    assert_eq!(format!("{:?}", view.values()), "[1]");
    let error: OccupiedError<'_, _, _> = view.try_insert("a", 2).unwrap_err();
    assert_eq!(
        error.to_string(),
        r#"key "a" was not inserted with 2: it is there already, with 1"#
    );
}

#[test]
fn a_map_can_be_a_static() {
    static MAP: SplitOrderedMap<u64, usize, common::Identity> =
        SplitOrderedMap::with_hasher(common::Identity::new());
    std::thread::scope(|scope| {
        for thread in 0..common::THREADS {
            scope.spawn(move || {
                MAP.pin().update_or_insert_with(1, |sum| sum + thread, || thread);
            });
        }
    });
    assert_eq!(MAP.pin().get(&1), Some(&(0..common::THREADS).sum()));
}
