//! No capacity and too much; values of no size, of great alignment, of a megabyte.

use crate::common::{Identity, message};
use counterpoint::{
    map::{SplitOrderedMap, SplitOrderedSet},
    queue::MsQueue,
    stack::TreiberStack,
};
use std::{fmt::Debug, hash::Hash, panic::catch_unwind, thread};

#[test]
fn a_map_without_capacity_works() {
    let map = SplitOrderedMap::with_capacity_and_hasher(0, Identity::new());
    (0..100_u64).for_each(|key| assert!(map.pin().insert(key, key).is_none()));
    assert!((0..100).all(|key| map.pin().get(&key) == Some(&key)));
}

#[test]
fn a_capacity_beyond_the_address_space_is_refused() {
    for capacity in [usize::MAX, usize::MAX - 1, usize::MAX / 2 + 2, isize::MAX as usize] {
        let map = catch_unwind(|| SplitOrderedMap::<u8, u8>::with_capacity(capacity));
        assert!(message(&*map.unwrap_err()).contains("capacity"));
        let set = catch_unwind(|| SplitOrderedSet::<u8>::with_capacity(capacity));
        assert!(message(&*set.unwrap_err()).contains("capacity"));
    }
}

/// An iterator that says it is longer than any.
#[test]
fn an_iterator_that_lies_about_its_length_is_refused() {
    struct Endless;
    impl Iterator for Endless {
        type Item = (u8, u8);
        fn next(&mut self) -> Option<(u8, u8)> {
            None
        }
        fn size_hint(&self) -> (usize, Option<usize>) {
            (usize::MAX, None)
        }
    }
    let map = catch_unwind(|| SplitOrderedMap::<u8, u8>::from_iter(Endless));
    assert!(message(&*map.unwrap_err()).contains("capacity"));
    assert!(MsQueue::from_iter(Endless).pin().is_empty());
    assert!(TreiberStack::from_iter(Endless).pin().is_empty());
}

#[track_caller]
fn assert_aligned<T>(value: &T) {
    assert_eq!(std::ptr::from_ref(value).addr() % align_of::<T>(), 0);
}

/// Each structure takes, shows and gives back values of a type.
fn every_structure_takes<T>(values: impl Fn() -> [T; 2])
where
    T: Hash + Eq + Debug + Clone + Send + 'static,
{
    let [a, b] = values();
    let mut queue = MsQueue::from(values());
    queue.iter_mut().for_each(|value| assert_aligned(value));
    assert_eq!(queue.pin().pop(), Some(a.clone()));
    assert_eq!(queue.peek(), Some(&b));
    queue.pin().push(a.clone());
    assert_eq!(queue.drain().collect::<Vec<_>>(), [b.clone(), a.clone()]);

    let mut stack = TreiberStack::from(values());
    stack.iter_mut().for_each(|value| assert_aligned(value));
    assert_eq!(stack.peek(), Some(&b));
    assert_eq!(stack.pin().pop(), Some(b.clone()));
    stack.pin().push(b.clone());
    assert_eq!(stack.pin().pop_all().collect::<Vec<_>>(), [b.clone(), a.clone()]);

    let mut map = SplitOrderedMap::new();
    for key in 0..100_u64 {
        assert_eq!(map.pin().insert(key, a.clone()), None);
        assert_eq!(map.pin().replace(key, b.clone()), Some(&a));
    }
    map.values_mut().for_each(|value| assert_aligned(value));
    map.pin().values().for_each(|value| assert_aligned(value));
    assert_eq!(map.pin().remove(&7), Some(&b));
    assert_eq!(map.into_values().collect::<Vec<_>>(), vec![b.clone(); 99]);

    let set = SplitOrderedSet::from(values());
    assert_eq!(set.len(), if a == b { 1 } else { 2 });
    set.pin().iter().for_each(|value| assert_aligned(value));
    assert_eq!(set.pin().get(&a), Some(&a));
    assert_eq!(set.pin().take(&a), Some(&a));
    assert_eq!(set.pin().contains(&b), a != b);
}

#[test]
fn values_may_have_no_size() {
    every_structure_takes(|| [(), ()]);
    every_structure_takes(|| [[0_u64; 0]; 2]);
}

#[test]
fn values_may_have_a_great_alignment() {
    #[derive(Clone, Debug, PartialEq, Eq, Hash)]
    #[repr(align(256))]
    struct Aligned(u8);
    #[derive(Clone, Debug, PartialEq, Eq, Hash)]
    #[repr(align(4096))]
    struct Page;
    every_structure_takes(|| [Aligned(1), Aligned(2)]);
    every_structure_takes(|| [Page, Page]);
}

#[test]
fn values_may_be_of_a_megabyte() {
    // They pass through the stack by value, several at a time.
    let big = thread::Builder::new().stack_size(256 << 20);
    let run = || every_structure_takes(|| [[1_u8; 1 << 20], [2; 1 << 20]]);
    big.spawn(run).unwrap().join().unwrap();
}
