//! No capacity and too much; batches of none and of a million; values of no size, of great alignment, of a megabyte.

use crate::common::{Identity, message, scaled};
use counterpoint::{
    bag::Bag,
    deque::{self, Steal, bounded},
    map::{SplitOrderedMap, SplitOrderedSet},
    queue::{ArrayQueue, MsQueue, Queue, spsc},
    stack::TreiberStack,
};
use std::{
    fmt::Debug,
    hash::Hash,
    panic::{AssertUnwindSafe, catch_unwind},
    thread,
};

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
        let ring = catch_unwind(|| spsc::ring::<u64>(capacity));
        assert!(message(&*ring.unwrap_err()).contains("capacity"));
        let array = catch_unwind(|| ArrayQueue::<u64>::new(capacity));
        assert!(message(&*array.unwrap_err()).contains("capacity"));
    }
}

/// Room for so many more than there are; what is there stays.
#[test]
fn room_beyond_the_address_space_is_refused_or_not_given() {
    let worker = deque::Worker::from([1, 2]);
    let (mut producer, mut consumer) = spsc::ring(3);
    assert_eq!(producer.push_many([1, 2]), 2);
    for count in [usize::MAX, usize::MAX - 2, usize::MAX / 2] {
        let grown = catch_unwind(AssertUnwindSafe(|| worker.reserve(count)));
        assert!(message(&*grown.unwrap_err()).contains("capacity"));
        assert_eq!(producer.reserve(count).len(), 1);
        assert_eq!(consumer.read_chunk(count).len(), 2);
    }
    assert_eq!((worker.pop(), worker.pop(), worker.pop()), (Some(2), Some(1), None));
    assert!(consumer.pop_many(usize::MAX).eq([1, 2]));
}

/// Batches of nothing, of a million, and of as many as there are.
#[test]
fn batches_may_have_any_length() {
    let count = scaled(1_000_000);
    let queue = Queue::new();
    let mut into = Vec::new();
    {
        let queue = queue.pin();
        assert!(queue.push_many([]).is_ok_and(|count| count == 0));
        assert_eq!((queue.pop_many(&mut into, 0), queue.pop_many(&mut into, usize::MAX)), (0, 0));
        assert!(queue.push_many(0..count).is_ok_and(|pushed| pushed == count));
        assert_eq!((queue.pop_many(&mut into, 0), queue.len()), (0, count));
        while queue.pop_many(&mut into, usize::MAX) > 0 {}
    }
    assert!(into.drain(..).eq(0..count));

    let array = ArrayQueue::new(count);
    assert!(array.push_many([]).is_ok_and(|count| count == 0));
    assert_eq!((array.pop_many(&mut into, 0), array.pop_many(&mut into, usize::MAX)), (0, 0));
    let rest = array.push_many(0..count + 2).map_err(|full| full.into_inner().count());
    assert_eq!(rest, Err(2));
    assert_eq!(array.pop_many(&mut into, 0), 0);
    assert_eq!((array.pop_many(&mut into, usize::MAX), array.is_empty()), (count, true));
    assert!(into.drain(..).eq(0..count));

    let (mut producer, mut consumer) = spsc::ring(count);
    assert_eq!((producer.push_many([]), producer.push_slice(&[])), (0, 0));
    assert!(producer.reserve(0).is_empty() && consumer.read_chunk(0).is_empty());
    assert_eq!((consumer.pop_many(0).count(), consumer.pop_many(usize::MAX).count()), (0, 0));
    assert_eq!(producer.push_many(0..count + 2), count);
    assert!(consumer.pop_many(usize::MAX).eq(0..count));

    let worker = deque::Worker::from_iter(0..count);
    let (stealer, loot) = (worker.stealer(), deque::Worker::new());
    assert_eq!(stealer.pin().steal_batch_with_limit(&loot, 0), Steal::Success(0));
    assert_eq!(stealer.pin().steal_batch(&loot), Steal::Success(count.div_ceil(2)));
    assert_eq!(stealer.pin().steal_batch_with_limit_and_pop(&loot, 0), {
        Steal::Success(count.div_ceil(2))
    });
    assert_eq!((worker.len(), loot.len()), (count / 2 - 1, count.div_ceil(2)));
    let (fixed, loot) = (bounded::Worker::new(count), bounded::Worker::new(count));
    (0..count).for_each(|value| assert!(fixed.push(value).is_ok()));
    let stealer = fixed.stealer();
    assert_eq!(stealer.steal_batch_with_limit(&loot, 0), Steal::Success(0));
    assert_eq!(stealer.steal_batch_with_limit(&loot, usize::MAX), {
        Steal::Success(count.div_ceil(2))
    });
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
    assert!(Bag::from_iter(Endless).is_empty());
    assert!(Queue::from_iter(Endless).pin().is_empty());
    assert!(deque::Worker::from_iter(Endless).is_empty());
    assert!(ArrayQueue::new(1).push_many(Endless).is_ok_and(|count| count == 0));
    assert_eq!(spsc::ring(1).0.push_many(Endless), 0);
}

/// An iterator that says it is empty, and is not: nothing is written where there is no room.
#[test]
fn an_iterator_that_is_longer_than_it_says_does_no_harm() {
    struct Longer(u8);
    impl Iterator for Longer {
        type Item = u8;
        fn next(&mut self) -> Option<u8> {
            self.0 = self.0.checked_sub(1)?;
            Some(self.0)
        }
        fn size_hint(&self) -> (usize, Option<usize>) {
            (0, Some(0))
        }
    }
    let all = || (0..100).rev();
    assert!(Queue::from_iter(Longer(100)).into_iter().eq(all()));
    assert!(deque::Worker::from_iter(Longer(100)).into_iter().eq(0..100));
    let array = ArrayQueue::new(3);
    assert!(array.push_many(Longer(100)).is_err());
    assert!(array.into_iter().eq(all().take(3)));
    let (mut producer, mut consumer) = spsc::ring(3);
    let pushed = producer.push_many(Longer(100));
    assert!(pushed <= 3 && consumer.drain().eq(all().take(pushed)));
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

    let mut segmented = Queue::from(values());
    segmented.iter_mut().for_each(|value| assert_aligned(value));
    assert_eq!(segmented.pin().pop(), Some(a.clone()));
    assert_eq!(segmented.peek(), Some(&b));
    assert!(segmented.pin().push(a.clone()).is_ok());
    assert_eq!(segmented.drain().collect::<Vec<_>>(), [b.clone(), a.clone()]);

    let array = ArrayQueue::new(2);
    assert!(array.push_many(values()).is_ok());
    assert_eq!(array.force_push(a.clone()), Some(a.clone()));
    assert_eq!(array.into_iter().collect::<Vec<_>>(), [b.clone(), a.clone()]);

    let (mut producer, mut consumer) = spsc::ring(2);
    assert_eq!(producer.push_many(values()), 2);
    let mut chunk = consumer.read_chunk(2);
    chunk.as_mut_slices().0.iter_mut().for_each(|value| assert_aligned(value));
    assert_eq!(chunk.into_iter().collect::<Vec<_>>(), [a.clone(), b.clone()]);

    let worker = deque::Worker::with_capacity(1);
    values().into_iter().for_each(|value| worker.push(value));
    assert_eq!(worker.stealer().pin().steal(), Steal::Success(a.clone()));
    assert_eq!((worker.pop(), worker.pop()), (Some(b.clone()), None));
    let fixed = bounded::Worker::new(2);
    values().into_iter().for_each(|value| assert!(fixed.push(value).is_ok()));
    assert_eq!(fixed.stealer().steal(), Steal::Success(a.clone()));
    assert_eq!((fixed.pop(), fixed.pop()), (Some(b.clone()), None));

    let mut stack = TreiberStack::from(values());
    stack.iter_mut().for_each(|value| assert_aligned(value));
    assert_eq!(stack.peek(), Some(&b));
    assert_eq!(stack.pin().pop(), Some(b.clone()));
    stack.pin().push(b.clone());
    assert_eq!(stack.pin().pop_all().collect::<Vec<_>>(), [b.clone(), a.clone()]);

    let mut bag = Bag::from(values());
    bag.iter_mut().for_each(|value| assert_aligned(value));
    assert_eq!(bag.register().pop(), Some(b.clone()));
    bag.register().push(b.clone());
    let mut rest = Vec::new();
    assert_eq!(bag.register().pop_many(&mut rest, 3), 2);
    assert_eq!(rest, [b.clone(), a.clone()]);

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
