//! A private domain: values that borrow, and values that stay on their thread. All end with it.

use crate::common::{Constant, Identity};
use counterpoint::{
    map::{SplitOrderedMap, SplitOrderedSet},
    reclaim::PrivateCollector,
};
use std::{cell::Cell, hash::RandomState, rc::Rc, thread};

crate::common::in_every_private_domain!(
    what_a_map_of_borrows_retired_is_dropped_before_what_it_borrows,
    what_a_map_of_rcs_retired_is_dropped_with_it,
    threads_share_values_that_borrow,
);

fn what_a_map_of_borrows_retired_is_dropped_before_what_it_borrows(
    domain: fn() -> PrivateCollector,
) {
    /// Writes, when dropped, to what it borrows.
    struct Mark<'a>(&'a Cell<u32>);
    impl Drop for Mark<'_> {
        fn drop(&mut self) {
            self.0.set(self.0.get() + 1);
        }
    }
    let (text, marks) = (String::from("a b a c a b"), Cell::new(0));
    {
        let map = SplitOrderedMap::with_hasher_in(RandomState::new(), domain());
        for word in text.split(' ') {
            map.pin().insert(word, Mark(&marks));
        }
        assert!(map.pin().remove("a").is_some());
        assert_eq!(map.len(), 2);
        let handle = map.register();
        crate::common::ignore(map.with_guard(handle.pin()).replace("b", Mark(&marks)));
    }
    assert_eq!(marks.get(), 7, "removed, replaced and present ones alike");
}

fn what_a_map_of_rcs_retired_is_dropped_with_it(domain: fn() -> PrivateCollector) {
    let (key, value) = (Rc::new(1), Rc::new(2));
    let map = SplitOrderedMap::with_hasher_in(Constant::new(), domain());
    for _ in 0..100 {
        map.pin().insert(key.clone(), value.clone());
    }
    for number in 100..200 {
        map.pin().insert(Rc::new(number), value.clone());
    }
    map.pin().remove(&key);
    assert_eq!(map.into_keys().map(|key| *key).max(), Some(199));
    assert_eq!((Rc::strong_count(&key), Rc::strong_count(&value)), (1, 1));

    let mut set = SplitOrderedSet::with_hasher_in(Identity::new(), domain());
    set.extend([key.clone(), value.clone()]);
    assert_eq!(set.pin().take(&key).map(|taken| **taken), Some(1));
    assert_eq!(set.drain().count(), 1);
    drop(set);
    assert_eq!((Rc::strong_count(&key), Rc::strong_count(&value)), (1, 1));
}

fn threads_share_values_that_borrow(domain: fn() -> PrivateCollector) {
    let text: Vec<String> = (0..100).map(|number| format!("word {number}")).collect();
    let map = SplitOrderedMap::with_hasher_in(RandomState::new(), domain());
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let handle = map.register();
                for word in &text {
                    let map = map.with_guard(handle.pin());
                    map.update_or_insert_with(word.as_str(), |count| count + 1, || 1);
                }
            });
        }
    });
    assert_eq!(map.len(), 100);
    assert!(map.pin().values().all(|count| *count == 4));
    assert_eq!(map.pin().get("word 7"), Some(&4));
}
