//! What a structure does when the system gives it no memory that it could do without. (A build with
//! an engine takes no zeroed blocks.)
#![cfg(not(feature = "engine"))]

use counterpoint::map::SplitOrderedMap;
use std::{
    alloc::{GlobalAlloc, Layout, System},
    ptr,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
};

/// Refuses large zeroed blocks, which are what a map grows by, while told to.
struct Miser;

static REFUSES: AtomicBool = AtomicBool::new(false);
static REFUSED: AtomicUsize = AtomicUsize::new(0);

// SAFETY: the system's allocator, or null, which is allowed at any time.
unsafe impl GlobalAlloc for Miser {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's duties are the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if REFUSES.load(Relaxed) && layout.size() >= 1024 {
            REFUSED.fetch_add(1, Relaxed);
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
    REFUSES.store(true, Relaxed);
    fill(0..KEYS);
    REFUSES.store(false, Relaxed);
    assert!(REFUSED.load(Relaxed) > 0, "the map never asked for more buckets");
    // There is memory again: it grows.
    fill(KEYS..2 * KEYS);
    let map = map.pin();
    assert_eq!(map.len(), 2 * KEYS as usize);
    (0..2 * KEYS).for_each(|key| assert_eq!(map.get(&key), Some(&key)));
    assert!(!map.contains_key(&(2 * KEYS)));
}
