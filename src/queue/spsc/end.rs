//! What both ends are made of: the shared ring, and one end's view of it.

use super::{Consumer, Producer};
use crate::{
    base::{CachePadded, HeadStart},
    facade::{
        atomic::{AtomicUsize, Ordering},
        cell::UnsafeCell,
        engine::{self, Site},
    },
};
use alloc::{boxed::Box, vec::Vec};
use core::{
    mem::MaybeUninit,
    ptr::{self, NonNull},
};

/// Where positions begin: two before the wrap-around.
const FIRST: usize = usize::MAX - 1;

/// The slots that an engine watches: those of every ring that a model can afford.
const WATCHED: usize = 16;

/// What the ends share.
pub(super) struct Ring<T> {
    /// How far the producer has come [P1].
    pub(super) tail: CachePadded<AtomicUsize>,
    /// How far the consumer has come [P2].
    pub(super) head: CachePadded<AtomicUsize>,
    /// How many ends there are [P3].
    ends: AtomicUsize,
    /// A cell beside each slot, for engines: an access to the slot is one to the cell.
    marks: Vec<UnsafeCell<()>>,
    /// The memory of the slots; its length stays 0.
    _values: Vec<MaybeUninit<T>>,
}

/// The memory of a ring.
pub(super) struct Storage<T> {
    pub(super) capacity: usize,
    /// Of so much capacity.
    pub(super) values: Vec<MaybeUninit<T>>,
    /// Of the capacity that `Ring::marks` says.
    pub(super) marks: Vec<UnsafeCell<()>>,
    /// For the ring itself.
    pub(super) home: Vec<Ring<T>>,
}

impl<T> Ring<T> {
    /// How many cells a ring of such a capacity has.
    pub(super) fn marks(capacity: usize) -> usize {
        capacity.min(WATCHED)
    }

    /// Both ends of a new ring.
    #[track_caller]
    pub(super) fn ends(storage: Storage<T>) -> (Producer<T>, Consumer<T>) {
        let Storage { capacity, mut values, mut marks, mut home } = storage;
        debug_assert!(values.capacity() >= capacity);
        let slots = values.as_mut_ptr().cast();
        marks.resize_with(Self::marks(capacity), || UnsafeCell::new(()));
        home.push(Ring {
            tail: CachePadded::new(AtomicUsize::new(FIRST)),
            head: CachePadded::new(AtomicUsize::new(FIRST)),
            ends: AtomicUsize::new(2),
            marks,
            _values: values,
        });
        let ring = NonNull::from(Box::leak(home.into_boxed_slice())).cast::<Ring<T>>();
        engine::heap::allocated(ring.as_ptr().cast(), Site::caller());
        let end = |bound| {
            let start = HeadStart::new();
            End { ring, slots, capacity, position: FIRST, slot: 0, bound, start }
        };
        (Producer::new(end(FIRST.wrapping_add(capacity))), Consumer::new(end(FIRST)))
    }
}

/// One end. (Invariant in `T`, by `slots`: else a value could be pushed that does not live as long
/// as the other end takes it to.)
pub(super) struct End<T> {
    ring: NonNull<Ring<T>>,
    slots: *mut T,
    capacity: usize,
    /// How far this end has come; published by the end.
    position: usize,
    /// The slot that belongs to the position [I3].
    slot: usize,
    /// How far it may go, as far as it knows.
    bound: usize,
    start: HeadStart,
}

impl<T> End<T> {
    #[inline(always)]
    pub(super) fn ring(&self) -> &Ring<T> {
        // SAFETY: the ring lives while this end does [I4], and is only shared until then.
        unsafe { self.ring.as_ref() }
    }

    #[inline(always)]
    pub(super) fn capacity(&self) -> usize {
        self.capacity
    }

    #[inline(always)]
    pub(super) fn position(&self) -> usize {
        self.position
    }

    /// How many slots are this end's, as far as it knows.
    #[inline(always)]
    pub(super) fn left(&self) -> usize {
        self.bound.wrapping_sub(self.position)
    }

    /// Learns how far this end may go; returns how many slots that are.
    #[inline(always)]
    pub(super) fn set_bound(&mut self, bound: usize) -> usize {
        self.bound = bound;
        self.left()
    }

    /// Gives the other end a start, if this one has caught up with it just now; whether it did. Who moves
    /// many values at a time takes less time for as many.
    #[cold]
    pub(super) fn gives_a_start(&self, count: usize) -> bool {
        self.start.give(self.position, self.capacity / count.clamp(1, 4))
    }

    /// The next slot.
    #[inline(always)]
    #[track_caller]
    pub(super) fn next(&self) -> *mut T {
        self.touch(self.slot);
        // SAFETY: the slot is one of `capacity` in the ring's memory [I3].
        unsafe { self.slots.add(self.slot) }
    }

    /// Goes on by so many slots.
    #[inline(always)]
    pub(super) fn advance(&mut self, count: usize) {
        debug_assert!(count <= self.left());
        self.position = self.position.wrapping_add(count);
        let to_end = self.capacity - self.slot;
        self.slot = if count < to_end { self.slot + count } else { count - to_end };
    }

    /// The next slots, so many: up to the ring's last one, and from its first.
    #[inline]
    #[track_caller]
    pub(super) fn runs(&self, count: usize) -> (*mut [T], *mut [T]) {
        self.runs_from(self.slot, count)
    }

    #[inline]
    #[track_caller]
    fn runs_from(&self, slot: usize, count: usize) -> (*mut [T], *mut [T]) {
        debug_assert!(slot < self.capacity && count <= self.capacity);
        let first = count.min(self.capacity - slot);
        // No further than there are cells: of values without size there may be as many as a word counts.
        (slot..WATCHED.min(slot + first)).for_each(|slot| self.touch(slot));
        (0..WATCHED.min(count - first)).for_each(|slot| self.touch(slot));
        // SAFETY: the slot is one of `capacity` in the ring's memory.
        let start = unsafe { self.slots.add(slot) };
        (
            ptr::slice_from_raw_parts_mut(start, first),
            ptr::slice_from_raw_parts_mut(self.slots, count - first),
        )
    }

    /// Tells an engine that a slot is accessed by this end, which must have it to itself.
    #[inline(always)]
    #[track_caller]
    fn touch(&self, slot: usize) {
        // Without an engine a cell has no size, and nothing is left of this.
        if size_of::<UnsafeCell<()>>() > 0 {
            if let Some(mark) = self.ring().marks.get(slot) {
                mark.with_mut(|_| ());
            }
        }
    }

    /// Whether the other end has been dropped.
    #[inline]
    #[track_caller]
    pub(super) fn is_alone(&self) -> bool {
        // [P3] Acquire: the last position of the end that has left.
        self.ring().ends.load(Ordering::Acquire) < 2
    }
}

impl<T> Drop for End<T> {
    fn drop(&mut self) {
        if engine::abandoned() {
            return;
        }
        // [P3] Release: what this end did. Acquire: what the other did, for the last one.
        if self.ring().ends.fetch_sub(1, Ordering::AcqRel) == 2 {
            return;
        }
        engine::heap::forget(self.ring.as_ptr().cast());
        let ring = ptr::slice_from_raw_parts_mut(self.ring.as_ptr(), 1);
        // SAFETY: the box that `ends` leaked; the other end has left [I4], and this one leaves with it.
        // Its memory is freed also when a destructor panics below.
        let mut ring = unsafe { Box::from_raw(ring) };
        let (head, tail) = (ring[0].head.load_mut(), ring[0].tail.load_mut());
        // This end's position is `head`, or is as far behind it as values are left.
        let back = self.position.wrapping_sub(head);
        let slot =
            if back <= self.slot { self.slot - back } else { self.slot + (self.capacity - back) };
        // SAFETY: the values from `head` to `tail` are left [I2], and nobody else will see them.
        unsafe { drop_runs(self.runs_from(slot, tail.wrapping_sub(head))) };
    }
}

/// Drops the values of both runs, each once, also when a destructor panics.
///
/// # Safety
/// All of them hold values, which the caller owns and does not use again.
#[inline]
pub(super) unsafe fn drop_runs<T>((first, second): (*mut [T], *mut [T])) {
    struct Rest<T>(*mut [T]);
    impl<T> Drop for Rest<T> {
        #[inline]
        fn drop(&mut self) {
            // SAFETY: by the duty of the caller of `drop_runs`.
            unsafe { self.0.drop_in_place() };
        }
    }
    let rest = Rest(second);
    // SAFETY: by the caller's duty. A slice goes on with the rest when a destructor panics.
    unsafe { first.drop_in_place() };
    drop(rest);
}
