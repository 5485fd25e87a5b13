//! What a structure does when the system gives it no memory that it could do without. (A build with
//! an engine takes no zeroed blocks.)
#![cfg(not(feature = "engine"))]

use counterpoint::{
    deque::{self, bounded},
    map::SplitOrderedMap,
    queue::{ArrayQueue, Queue, spsc},
};
use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    process::Command,
    ptr,
};

/// Refuses large blocks to a thread, while told to.
struct Miser;

#[derive(Clone, Copy, PartialEq)]
enum Refuses {
    Nothing,
    /// Those that are to be of zero bytes: a map grows by such.
    Zeroed,
    All,
}

thread_local! {
    static REFUSES: Cell<Refuses> = const { Cell::new(Refuses::Nothing) };
    static REFUSED: Cell<usize> = const { Cell::new(0) };
}

/// From so many bytes on a block is large; what pins is not.
const LARGE: usize = 4096;

impl Miser {
    fn refuses(layout: Layout, least: Refuses) -> bool {
        // Not while the thread ends.
        let refuses = REFUSES.try_with(Cell::get).unwrap_or(Refuses::Nothing);
        let refuses = layout.size() >= LARGE && [least, Refuses::All].contains(&refuses);
        if refuses {
            REFUSED.set(REFUSED.get() + 1);
        }
        refuses
    }
}

// SAFETY: the system's allocator, or null, which is allowed at any time.
unsafe impl GlobalAlloc for Miser {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if Miser::refuses(layout, Refuses::All) {
            return ptr::null_mut();
        }
        // SAFETY: the caller's duties are the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if Miser::refuses(layout, Refuses::Zeroed) {
            return ptr::null_mut();
        }
        // SAFETY: the caller's duties are the same.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
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

#[test]
fn a_queue_that_gets_no_memory_is_an_error_to_who_tries() {
    REFUSES.set(Refuses::All);
    assert!(spsc::try_ring::<u64>(1000).is_err() && ArrayQueue::<u64>::try_new(1000).is_err());
    REFUSES.set(Refuses::Nothing);
    assert_eq!(REFUSED.get(), 2);
    assert!(spsc::try_ring::<u64>(1000).is_ok() && ArrayQueue::<u64>::try_new(1000).is_ok());
}

/// What nothing can be done without: the program ends, as it does where std's `Vec` grows. Each case is a
/// run of this test by itself.
#[test]
fn who_cannot_do_without_memory_ends_the_program() {
    const CASE: &str = "COUNTERPOINT_NO_MEMORY";
    /// Of which a segment or a ring is large.
    const WIDE: [u64; 512] = [7; 512];
    let cases: [(&str, fn()); 5] = [
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
    ];
    if let Ok(asked) = std::env::var(CASE) {
        let (_, run) = cases.iter().find(|(name, _)| *name == asked).expect("there is such a case");
        REFUSES.set(Refuses::All);
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
