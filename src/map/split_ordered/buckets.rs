//! The directory: where in the list does a search for an order begin?
//!
//! # Layout
//! At `bits = b` there are `2^b` buckets; an order's bucket is its `b` highest bits, and the
//! bucket's own order is those bits followed by zeros. Hence a bucket keeps its order, its dummy
//! and its slot when `b` grows, and the new buckets fall between the old ones. Bucket 0 is the
//! list's head and needs no dummy.
//!
//! A bucket's *level* is the least `b` at which it exists: 64 less its trailing zeros. Slots of
//! levels up to `first_bits` lie in one segment, indexed by the order's highest `first_bits` bits;
//! level `l` above that has a segment of its own, of `2^(l-1)` slots, made on first use.
//!
//! # Invariants
//! * `[B1]` A slot is null or points to the one dummy of its order, which is in the list for good.
//! * `[B2]` A segment is made once and stays until the map is dropped.
//!
//! # Ordering
//! `growth` is Relaxed: it publishes nothing, since a search may begin at any bucket before its
//! order. `[P3]` slots and segments: stored with Release when complete, loaded with Acquire.

use super::node::Link;
use crate::{
    facade::{
        atomic::{AtomicPtr, AtomicUsize, Ordering},
        engine,
        tuning::FIRST_SEGMENT_BITS,
    },
    reclaim::{Atomic, Guard, Shared},
};
use alloc::boxed::Box;
use core::ptr;

/// The most buckets a map grows to, as a power of two.
const MAX_BITS: u32 = if usize::BITS > 48 { 48 } else { usize::BITS - 8 };

type Slot<K, V> = Atomic<Link<K, V>>;

/// See the module's head.
pub(super) struct Buckets<K, V> {
    /// log2 of the number of buckets, less one; never falls.
    growth: AtomicUsize,
    /// log2 of the slots in the first segment.
    first_bits: u32,
    /// `[0]` is the first segment; `[l]`, for `l > first_bits`, the one of level `l`.
    segments: [AtomicPtr<Slot<K, V>>; MAX_BITS as usize + 1],
}

impl<K, V> Buckets<K, V> {
    /// Two buckets, nothing allocated.
    pub(super) const fn new() -> Self {
        Buckets {
            growth: AtomicUsize::root(),
            first_bits: FIRST_SEGMENT_BITS,
            segments: [const { AtomicPtr::root() }; MAX_BITS as usize + 1],
        }
    }

    /// A bucket for each of `capacity` elements, their slots in one segment.
    ///
    /// # Panics
    /// When the slots would not fit the address space.
    pub(super) fn with_capacity(capacity: usize) -> Self {
        let mut buckets = Self::new();
        if capacity > 2 {
            let bits = capacity.checked_next_power_of_two().expect("capacity overflow").ilog2();
            assert!(bits <= MAX_BITS, "capacity overflow");
            buckets.first_bits = bits.max(FIRST_SEGMENT_BITS);
            buckets.growth.store_mut(bits as usize - 1);
            buckets.segment(0, 1 << buckets.first_bits);
        }
        buckets
    }

    #[inline(always)]
    fn bits(&self) -> u32 {
        // Relaxed: publishes nothing, see the module's head.
        self.growth.load(Ordering::Relaxed) as u32 + 1
    }

    /// The order of the bucket that `order` falls into now.
    #[inline(always)]
    pub(super) fn bucket_of(&self, order: u64) -> u64 {
        let shift = u64::BITS - self.bits();
        order >> shift << shift
    }

    /// Twice as many buckets, if `len` elements are more than there are and nobody else is faster.
    /// One compare-exchange; the new buckets are initialised by those who need them.
    #[cold]
    pub(super) fn grow_for(&self, len: usize) {
        let bits = self.bits();
        if bits < MAX_BITS && len > 1 << bits {
            // Relaxed: publishes nothing. A failure is somebody else's growth.
            let _ = self.growth.compare_exchange(
                bits as usize - 1,
                bits as usize,
                Ordering::Relaxed,
                Ordering::Relaxed,
            );
        }
    }

    /// Where the slot of a bucket lies: which segment, how long that is, and the index there.
    #[inline(always)]
    fn place(&self, bucket: u64) -> (usize, usize, usize) {
        let level = u64::BITS - bucket.trailing_zeros();
        if level <= self.first_bits {
            (0, 1 << self.first_bits, (bucket >> (u64::BITS - self.first_bits)) as usize)
        } else {
            let index = (bucket >> (u64::BITS - level) >> 1) as usize;
            (level as usize, 1 << (level - 1), index)
        }
    }

    /// The dummy of a bucket other than 0, or null.
    #[inline(always)]
    #[track_caller]
    pub(super) fn dummy<'g>(&self, bucket: u64, guard: &'g Guard<'_>) -> Shared<'g, Link<K, V>> {
        let (segment, _, index) = self.place(bucket);
        // [P3] Acquire: the slots.
        let slots = self.segments[segment].load(Ordering::Acquire);
        if slots.is_null() {
            return Shared::null();
        }
        // SAFETY: a segment has the length that `place` computed the index for, and stays [B2].
        // [P3] Acquire: the dummy.
        unsafe { &*slots.add(index) }.load(Ordering::Acquire, guard)
    }

    /// Remembers the dummy of a bucket. Whoever else does it stores the same one [B1].
    pub(super) fn remember(&self, bucket: u64, dummy: Shared<'_, Link<K, V>>) {
        let (segment, len, index) = self.place(bucket);
        let slots = self.segment(segment, len);
        // SAFETY: as in `dummy`. [P3] Release: hands over the dummy.
        unsafe { &*slots.add(index) }.store(dummy, Ordering::Release);
    }

    /// A segment, made if it is not there.
    fn segment(&self, segment: usize, len: usize) -> *const Slot<K, V> {
        let place = &self.segments[segment];
        // [P3] Acquire: the slots.
        let present = place.load(Ordering::Acquire);
        if !present.is_null() {
            return present;
        }
        let made = Box::into_raw(Slot::<K, V>::null_slice(len));
        // [P3] Release: hands over the slots. Acquire on failure: the winner's.
        match place.compare_exchange(
            ptr::null_mut(),
            made.cast(),
            Ordering::Release,
            Ordering::Acquire,
        ) {
            Ok(_) => made.cast(),
            Err(winner) => {
                // SAFETY: it was not published.
                drop(unsafe { Box::from_raw(made) });
                winner
            }
        }
    }

    /// Forgets all dummies, which the caller frees. The number of buckets stays.
    pub(super) fn free_segments(&mut self) {
        for level in 0..self.segments.len() {
            let slots = self.segments[level].load_mut();
            if !slots.is_null() {
                let len = if level == 0 { 1 << self.first_bits } else { 1 << (level - 1) };
                let slots = ptr::slice_from_raw_parts_mut(slots, len);
                // SAFETY: made by `segment` with this length; `&mut self` keeps everybody away.
                drop(unsafe { Box::from_raw(slots) });
                self.segments[level].store_mut(ptr::null_mut());
            }
        }
    }
}

impl<K, V> Drop for Buckets<K, V> {
    fn drop(&mut self) {
        if !engine::abandoned() {
            self.free_segments();
        }
    }
}
