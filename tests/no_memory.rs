//! What a structure does when the system gives it no memory that it could do without, and how much it asks
//! for. (A build with an engine takes no zeroed blocks.)
#![cfg(not(feature = "engine"))]

use counterpoint::{
    deque::{self, bounded},
    map::{SplitOrderedMap, SplitOrderedSet},
    queue::{ArrayQueue, MsQueue, Queue, spsc},
    reclaim::Collector,
};
use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    process::Command,
    ptr,
};

/// Refuses blocks to a thread, while told to, and counts.
struct Miser;

#[derive(Clone, Copy, PartialEq)]
enum Refuses {
    Nothing,
    /// Large ones that are to be of zero bytes: a map grows by such.
    Zeroed,
    /// Large ones.
    Large,
    /// Large and small, but for so many that come first.
    AllAfter(usize),
}

thread_local! {
    static REFUSES: Cell<Refuses> = const { Cell::new(Refuses::Nothing) };
    static REFUSED: Cell<usize> = const { Cell::new(0) };
    /// Bytes that the thread was given, less those that it gave back.
    static HELD: Cell<isize> = const { Cell::new(0) };
    /// Bytes of the largest block that it asked for.
    static LARGEST: Cell<usize> = const { Cell::new(0) };
}

/// From so many bytes on a block is large; what pins is not.
const LARGE: usize = 4096;

impl Miser {
    /// The block, unless it is refused. (While the thread ends nothing is refused or counted.)
    fn give(layout: Layout, zeroed: bool, block: impl FnOnce() -> *mut u8) -> *mut u8 {
        let large = layout.size() >= LARGE;
        let refuses = match REFUSES.try_with(Cell::get).unwrap_or(Refuses::Nothing) {
            Refuses::Nothing => false,
            Refuses::Zeroed => zeroed && large,
            Refuses::Large => large,
            Refuses::AllAfter(0) => true,
            Refuses::AllAfter(left) => {
                REFUSES.set(Refuses::AllAfter(left - 1));
                false
            }
        };
        let _ = LARGEST.try_with(|largest| largest.set(largest.get().max(layout.size())));
        if refuses {
            REFUSED.set(REFUSED.get() + 1);
            return ptr::null_mut();
        }
        let _ = HELD.try_with(|held| held.set(held.get() + layout.size() as isize));
        block()
    }
}

// SAFETY: the system's allocator, or null, which is allowed at any time.
unsafe impl GlobalAlloc for Miser {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's duties are the same.
        Miser::give(layout, false, || unsafe { System.alloc(layout) })
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's duties are the same.
        Miser::give(layout, true, || unsafe { System.alloc_zeroed(layout) })
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        let _ = HELD.try_with(|held| held.set(held.get() - layout.size() as isize));
        // SAFETY: the caller's duties are the same.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static MISER: Miser = Miser;

#[test]
fn a_map_that_gets_no_memory_for_buckets_works_with_those_it_has() {
    const KEYS: u32 = 5_000;
    let map = SplitOrderedMap::new();
    let fill = |keys: std::ops::Range<u32>| {
        let map = map.pin();
        keys.for_each(|key| assert_eq!(map.insert(key, key), None));
    };
    REFUSES.set(Refuses::Zeroed);
    fill(0..KEYS);
    REFUSES.set(Refuses::Nothing);
    assert!(REFUSED.get() > 0, "the map never asked for more buckets");
    // There is memory again: it grows.
    fill(KEYS..2 * KEYS);
    let map = map.pin();
    assert_eq!(map.len(), 2 * KEYS as usize);
    (0..2 * KEYS).for_each(|key| assert_eq!(map.get(&key), Some(&key)));
    assert!(!map.contains_key(&(2 * KEYS)));
}

/// Whichever block is the one that it does not get.
#[test]
fn a_map_that_gets_no_memory_to_reserve_is_as_it_was() {
    const WISH: usize = 100_000;
    for filled in [0, 1, 1_000] {
        let map = SplitOrderedMap::new();
        (0..filled).for_each(|key| assert_eq!(map.pin().insert(key, key), None));
        let mut got = 0;
        loop {
            let (capacity, held) = (map.capacity(), HELD.get());
            REFUSES.set(Refuses::AllAfter(got));
            let reserved = map.try_reserve(WISH);
            REFUSES.set(Refuses::Nothing);
            let kept = HELD.get() - held;
            assert!((0..filled).all(|key| map.pin().get(&key) == Some(&key)));
            assert_eq!((map.len(), map.pin().iter().count()), (filled, filled));
            let Err(error) = reserved else { break };
            assert!(error.to_string().contains("bytes for more buckets"), "{error}");
            assert_eq!((kept, map.capacity()), (0, capacity), "it was refused block {got}");
            // And it works.
            assert_eq!(map.pin().insert(filled, 7), None);
            assert_eq!(map.pin().remove(&filled), Some(&7));
            got += 1;
        }
        assert!(got > 4 && map.capacity() >= filled + WISH, "after {got} blocks");
        let wide = map.capacity();
        (filled..filled + WISH).for_each(|key| assert_eq!(map.pin().insert(key, key), None));
        assert_eq!(map.capacity(), wide);
        assert!((0..filled + WISH).all(|key| map.pin().get(&key) == Some(&key)));
    }
}

#[test]
fn a_set_that_gets_no_memory_to_reserve_is_as_it_was() {
    let set = SplitOrderedSet::from([1, 2, 3]);
    let (capacity, before) = (set.capacity(), REFUSED.get());
    REFUSES.set(Refuses::Large);
    let reserved = set.try_reserve(100_000);
    REFUSES.set(Refuses::Nothing);
    assert!(reserved.is_err() && REFUSED.get() > before);
    assert_eq!((set.capacity(), set.len()), (capacity, 3));
    assert!(set.pin().insert(4) && (1..=4).all(|value| set.pin().contains(&value)));
    assert!(set.try_reserve(100_000).is_ok() && set.capacity() >= 100_000);
}

/// Data that says of how many entries it is: more, or fewer, than come.
#[cfg(feature = "serde")]
#[test]
fn a_lie_about_its_length_makes_data_neither_huge_nor_wrong() {
    use serde::{
        Deserialize,
        de::value::{Error, MapDeserializer, SeqDeserializer},
    };
    struct Lying<I>(I, usize);
    impl<I: Iterator> Iterator for Lying<I> {
        type Item = I::Item;
        fn next(&mut self) -> Option<I::Item> {
            self.0.next()
        }
        fn size_hint(&self) -> (usize, Option<usize>) {
            (self.1, Some(self.1))
        }
    }
    for count in [0, 1, 5_000] {
        for said in [0, 1, 4_999, 5_001, 1 << 20, usize::MAX / 2, usize::MAX] {
            LARGEST.set(0);
            let entries = Lying((0..count).map(|key| (key, key + 1)), said);
            let map: Result<SplitOrderedMap<u64, u64>, Error> =
                Deserialize::deserialize(MapDeserializer::new(entries));
            let values = Lying(0..count, said);
            let set: Result<SplitOrderedSet<u64>, Error> =
                Deserialize::deserialize(SeqDeserializer::new(values));
            let most = 1 << 19; // As much as 5,000 entries need, which may be there.
            assert!(LARGEST.get() < most, "{} bytes of {said} entries", LARGEST.get());
            let (map, set) = (map.expect("it is whole"), set.expect("it is whole"));
            assert_eq!((map.len() as u64, set.len() as u64), (count, count));
            assert!((0..count).all(|key| map.pin().get(&key) == Some(&(key + 1))));
            assert!((0..count).all(|value| set.pin().contains(&value)));
        }
    }
}

#[test]
fn a_queue_that_gets_no_memory_is_an_error_to_who_tries() {
    let before = REFUSED.get();
    REFUSES.set(Refuses::Large);
    assert!(spsc::try_ring::<u64>(1000).is_err() && ArrayQueue::<u64>::try_new(1000).is_err());
    REFUSES.set(Refuses::Nothing);
    assert!(REFUSED.get() >= before + 2, "they never asked");
    assert!(spsc::try_ring::<u64>(1000).is_ok() && ArrayQueue::<u64>::try_new(1000).is_ok());
}

/// What the system gives untouched stays so: where each slot is written, a capacity of which a part is used
/// takes all of its memory.
#[test]
fn an_array_queue_that_is_tried_asks_for_zeroed_memory() {
    let before = REFUSED.get();
    REFUSES.set(Refuses::Zeroed);
    let written = ArrayQueue::<u64>::try_new(1000);
    let refused = REFUSED.get() - before;
    REFUSES.set(Refuses::Nothing);
    // There was memory for who writes it.
    assert!(refused == 1 && written.is_ok());
    for queue in [written, ArrayQueue::try_new(1000)].into_iter().flatten() {
        assert!(queue.push_many(0..1000).is_ok_and(|count| count == 1000));
        assert!(queue.push(1000).is_err() && queue.into_iter().eq(0..1000));
    }
}

/// What nothing can be done without: the program ends, as it does where std's `Vec` grows. Each case is a
/// run of this test by itself.
#[test]
fn who_cannot_do_without_memory_ends_the_program() {
    const CASE: &str = "COUNTERPOINT_NO_MEMORY";
    /// Of which a segment or a ring is large.
    const WIDE: [u64; 512] = [7; 512];
    let cases: [(&str, fn()); 7] = [
        ("queue", || {
            let queue = Queue::new();
            (0..1000).for_each(|_| assert!(queue.pin().push(WIDE).is_ok()));
        }),
        ("array queue", || drop(ArrayQueue::<u64>::new(1000))),
        ("ring", || drop(spsc::ring::<u64>(1000))),
        ("deque", || {
            let worker = deque::Worker::with_capacity(1);
            (0..1000).for_each(|_| worker.push(WIDE));
        }),
        ("bounded deque", || drop(bounded::Worker::<u64>::new(1000))),
        ("map with a capacity", || drop(SplitOrderedMap::<u64, u64>::with_capacity(100_000))),
        ("map that reserves", || SplitOrderedMap::<u64, u64>::new().reserve(100_000)),
    ];
    if let Ok(asked) = std::env::var(CASE) {
        let (_, run) = cases.iter().find(|(name, _)| *name == asked).expect("there is such a case");
        REFUSES.set(Refuses::Large);
        run();
        println!("it went on without memory");
        return;
    }
    for (name, run) in cases {
        run(); // There is memory.
        let ended = Command::new(std::env::current_exe().expect("this test has a path"))
            .args(["--exact", "who_cannot_do_without_memory_ends_the_program", "--nocapture"])
            .env(CASE, name)
            .output()
            .expect("this test can be started");
        let said = String::from_utf8_lossy(&ended.stderr);
        assert!(!ended.status.success(), "{name} went on without memory");
        assert!(said.contains("memory allocation of"), "{name}: {said}");
    }
}

/// Large nodes go back to the system; of small ones no more is kept than the docs say.
#[test]
fn what_a_queue_leaves_in_its_domain_is_bounded() {
    fn left<T>(make: impl Fn() -> T) -> isize {
        let before = HELD.get();
        let collector = Collector::new();
        let handle = collector.register();
        let queue = MsQueue::new_in(collector.clone());
        for _ in 0..4 {
            (0..400).for_each(|_| queue.push(make(), &handle.pin()));
            (0..400).for_each(|_| assert!(queue.pop(&handle.pin()).is_some()));
        }
        drop(queue);
        (0..20).for_each(|_| handle.pin().flush());
        assert_eq!(collector.garbage(), 0);
        HELD.get() - before
    }
    let (large, small) = (left(|| [0_u64; 1000]), left(|| [0_u64; 10]));
    assert!(large < 16 << 10, "{large} bytes of large nodes");
    assert!(small < 128 << 10, "{small} bytes of small nodes");
}
