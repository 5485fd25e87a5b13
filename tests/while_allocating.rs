//! What others do while a structure waits for memory: here they do it inside the allocator.

use counterpoint::{
    deque::{Stealer, Worker},
    reclaim::Collector,
};
use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    sync::OnceLock,
};

/// The system's allocator, inside which a thief steals.
struct Busy;

static THIEF: OnceLock<Stealer<usize>> = OnceLock::new();

thread_local! {
    /// How many values the thief steals when this thread asks for a large block.
    static STEALS: Cell<usize> = const { Cell::new(0) };
}

/// Slots of the ring that is replaced.
const SLOTS: usize = 1024;
/// From so many bytes on a block is large: the ring that comes next is, and what pins is not.
const LARGE: usize = SLOTS * size_of::<[usize; 2]>();

// SAFETY: as the system's allocator; the thief uses it as anybody does.
unsafe impl GlobalAlloc for Busy {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.size() >= LARGE {
            // Not while the thread ends.
            let steals = STEALS.try_with(Cell::take).unwrap_or(0);
            for _ in 0..steals {
                let thief = THIEF.get().expect("there is one");
                assert!(thief.pin().steal().is_success());
            }
        }
        // SAFETY: the caller's duties are the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller's duties are the same.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static BUSY: Busy = Busy;

/// A thief that claims while the owner copies has the older ring. The slots of what it claimed were not
/// free in the newer one, for ever: that was replaced when the owner came round to them.
#[test]
fn a_ring_that_was_replaced_under_a_thief_is_not_replaced_again() {
    let collector = Collector::new();
    let worker = Worker::with_capacity_in(SLOTS, collector.clone());
    let thief = THIEF.get_or_init(|| worker.stealer());
    let guard = collector.pin(); // What is retired stays, to be counted.
    (0..SLOTS).for_each(|value| worker.push(value));
    STEALS.set(8);
    worker.push(SLOTS);
    assert_eq!((STEALS.get(), worker.len()), (0, SLOTS + 1 - 8), "the thief came between");
    assert_eq!((worker.capacity(), collector.garbage()), (2 * SLOTS, 1));
    // Around the ring, and once more.
    for value in SLOTS + 1..6 * SLOTS {
        worker.push(value);
        assert_eq!(thief.steal(&guard).success(), Some(value - (SLOTS + 1 - 8)));
    }
    assert_eq!((worker.capacity(), collector.garbage()), (2 * SLOTS, 1), "rings were replaced");
}
