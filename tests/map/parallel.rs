//! Maps and sets in rayon's pool, in every domain.

use crate::common::{Accounts, Counted, Identity, THREADS, scaled};
use counterpoint::{
    map::{SplitOrderedMap, SplitOrderedSet},
    reclaim::{PrivateCollector, Reclaims},
};
use rayon::{ThreadPool, ThreadPoolBuilder, prelude::*};

crate::common::in_every_domain!(
    what_the_pool_removes_while_it_iterates_stays_readable,
    a_map_that_the_pool_fills_has_every_entry_once,
);

/// A pool whose threads end, so that what they have retired in the global domain is handed over.
fn pool() -> ThreadPool {
    ThreadPoolBuilder::new().num_threads(THREADS).build().expect("there are threads")
}

fn what_the_pool_removes_while_it_iterates_stays_readable<D>(domain: fn() -> D)
where
    D: Reclaims<(u64, Counted)> + Sync,
{
    let accounts = Accounts::new();
    let count = scaled(5_000) as u64;
    let map = SplitOrderedMap::with_hasher_in(Identity::new(), domain());
    map.pin().insert_many((0..count).map(|key| (key, accounts.value(key))));
    let view = map.pin();
    // The view's guard stays here, and its references go.
    let entries = (&view).into_par_iter().map(|(key, value)| {
        assert_eq!(map.pin().remove(key).map(|value| value.content), Some(*key));
        value.content
    });
    let sum: u64 = pool().install(|| entries.sum());
    assert_eq!((sum, map.len()), (count * (count - 1) / 2, 0));
    assert_eq!(accounts.dropped(), 0, "while the view was there");
    drop(view);
    drop(map);
    accounts.assert_all_dropped_once();
}

fn a_map_that_the_pool_fills_has_every_entry_once<D>(domain: fn() -> D)
where
    D: Reclaims<(u64, Counted)> + Sync + Send,
{
    let accounts = Accounts::new();
    let count = scaled(5_000) as u64;
    let mut map = SplitOrderedMap::with_hasher_in(Identity::new(), domain());
    map.extend((0..count / 2).map(|key| (key, accounts.value(0))));
    pool().install(|| {
        map.par_extend((0..count).into_par_iter().map(|key| (key, accounts.value(key))));
        assert_eq!(map.len() as u64, count);
        assert!((0..count).all(|key| map.pin().get(&key).map(|value| value.content) == Some(key)));
        (&mut map).into_par_iter().for_each(|(key, value)| value.content = key + 1);
        assert!(map.into_par_iter().all(|(key, value)| value.content == key + 1));
    });
    accounts.assert_all_dropped_once();
}

/// In a domain of its own a map may hold what borrows; the pool is done with it before it returns.
#[test]
fn entries_that_borrow_go_through_the_pool() {
    let text: String = (0..1_000).map(|number| format!("{number} ")).collect();
    let mut map: SplitOrderedMap<&str, usize, std::hash::RandomState, PrivateCollector> =
        text.par_split_whitespace().map(|word| (word, word.len())).collect();
    map.par_extend(text.par_split(' ').map(|word| (word, word.len())));
    assert_eq!(map.len(), 1_001, "and the empty one");
    assert_eq!((&map.pin()).into_par_iter().map(|(_, length)| length).sum::<usize>(), 2_890);
    let set: SplitOrderedSet<&str, std::hash::RandomState, PrivateCollector> =
        map.into_par_iter().map(|(word, _)| word).collect();
    assert!((&set.pin()).into_par_iter().all(|word| text.contains(word)));
    assert_eq!(set.into_par_iter().max(), Some("999"));
}

#[test]
fn maps_and_sets_are_filled_and_read_by_a_pool() {
    let mut map: SplitOrderedMap<u64, u64> = (0..1_000).into_par_iter().map(|n| (n, n)).collect();
    map.par_extend((500..2_000).into_par_iter().map(|n| (n, 1)));
    assert_eq!(map.len(), 2_000);
    assert_eq!(
        (&map.pin()).into_par_iter().map(|(_, value)| value).sum::<u64>(),
        499 * 250 + 1_500
    );
    (&mut map).into_par_iter().for_each(|(_, value)| *value = 2);
    assert_eq!(map.into_par_iter().map(|(_, value)| value).sum::<u64>(), 4_000);
    let mut set: SplitOrderedSet<u64> = (0..1_000).into_par_iter().collect();
    set.par_extend((0..1_500).into_par_iter());
    assert_eq!((&set.pin()).into_par_iter().count(), 1_500);
    assert_eq!(set.into_par_iter().max(), Some(1_499));
}
