//! The directory: where in the list does a search for an order begin?
//!
//! # Layout
//! At `b` bits there are `2^b` buckets; an order's bucket is its `b` highest bits, and the bucket's
//! own order is those bits followed by zeros. Hence a bucket keeps its order and its dummy when `b`
//! grows, and the new buckets fall between the old ones. Bucket 0 begins at the list's head.
//!
//! The dummy of every other bucket lies here, in a *segment*. A bucket's *level* is the least `b` at
//! which it exists: 64 less the trailing zeros of its order. Dummies of levels up to `first_bits`
//! share the first segment, indexed by the order's highest `first_bits` bits; level `l` above that
//! has a segment of `2^(l-1)` dummies, made on first use from zeroed memory.
//!
//! # Life of a dummy
//! A dummy is its `next`: null (untouched) → the list's end, by one claimer's compare-exchange →
//! linked by the claimer → with `READY`, by the claimer or by whoever else passes it in the list.
//! Only the claimer writes to it before it is linked, so no helper can link it in a place that has
//! gone stale.
//!
//! # Where a search ends
//! A pointer tells that it leads to a dummy, not to which. Mostly that is enough: see [B3]. Else the
//! address tells the order.
//!
//! # Invariants
//! * `[B1]` A dummy whose `next` is `READY` is in the list, for good.
//! * `[B2]` A segment is made once and stays until the map is dropped or drained.
//! * `[B3]` Who links a dummy of level `l` has read that there are `l` bits. Hence who has met
//!   it, by a link loaded with Acquire, reads that too. So while a thread reads no more than `d`
//!   bits, the dummies it has met are borders of buckets at `d` bits.
//!
//! # Ordering
//! `growth` is Relaxed: it publishes nothing, since a search may begin at any bucket before its
//! order, and [B3] needs no more than that one thread reads it in order. `[P3]` A segment is stored
//! with Release, loaded with Acquire. `[P4]` `READY` is set with Release and read with Acquire: who
//! begins at a dummy sees it in the list.

use super::node::{DUMMY, Link, READY};
use crate::{
    facade::{
        atomic::{AtomicPtr, AtomicUsize, Ordering, zeroed_slice},
        engine,
        tuning::{BUCKETS_PER_ELEMENT, FIRST_SEGMENT_BITS},
    },
    reclaim::{Atomic, Guard, Shared},
};
use alloc::boxed::Box;
use core::ptr;

/// The most buckets a map grows to, as a power of two.
const MAX_BITS: u32 = if usize::BITS > 48 { 48 } else { usize::BITS - 8 };

/// See the module's head.
pub(super) struct Buckets<K, V> {
    /// log2 of the number of buckets, less one; never falls.
    growth: AtomicUsize,
    /// log2 of the dummies in the first segment.
    first_bits: u32,
    /// `[0]` is the first segment; `[l]`, for `l > first_bits`, the one of level `l`.
    segments: [AtomicPtr<Link<K, V>>; MAX_BITS as usize + 1],
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

    /// Buckets for `capacity` elements, their dummies in one segment.
    ///
    /// # Panics
    /// When the dummies would not fit the address space.
    pub(super) fn with_capacity(capacity: usize) -> Self {
        let mut buckets = Self::new();
        if capacity > 1 {
            let wanted = capacity.checked_mul(BUCKETS_PER_ELEMENT);
            let count = wanted.and_then(usize::checked_next_power_of_two);
            let bits = count.expect("capacity overflow").ilog2();
            assert!(bits <= MAX_BITS, "capacity overflow");
            buckets.first_bits = bits.max(FIRST_SEGMENT_BITS);
            buckets.growth.store_mut(bits as usize - 1);
            buckets.segment(0, 1 << buckets.first_bits);
        }
        buckets
    }

    /// log2 of the number of buckets.
    #[inline(always)]
    pub(super) fn bits(&self) -> u32 {
        // Relaxed: publishes nothing, see the module's head.
        self.growth.load(Ordering::Relaxed) as u32 + 1
    }

    /// Twice as many buckets, if there are too few for `len` elements and nobody else is faster.
    /// One compare-exchange; the new buckets are initialised by those who need them.
    #[cold]
    pub(super) fn grow_for(&self, len: usize) {
        let bits = self.bits();
        if bits < MAX_BITS && len * BUCKETS_PER_ELEMENT > 1 << bits {
            // Relaxed: publishes nothing. A failure is somebody else's growth.
            let _ = self.growth.compare_exchange(
                bits as usize - 1,
                bits as usize,
                Ordering::Relaxed,
                Ordering::Relaxed,
            );
        }
    }

    /// Where the dummy of a bucket lies: which segment, how long that is, and the index there.
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

    /// The link of the dummy of a bucket other than 0, and what it is, if it is in the list.
    #[inline(always)]
    #[track_caller]
    pub(super) fn ready<'g>(
        &'g self,
        bucket: u64,
        guard: &'g Guard<'_>,
    ) -> Option<(&'g Atomic<Link<K, V>>, Shared<'g, Link<K, V>>)> {
        let (segment, _, index) = self.place(bucket);
        // [P3] Acquire: the dummies.
        let dummies = self.segments[segment].load(Ordering::Acquire);
        if dummies.is_null() {
            return None;
        }
        // SAFETY: a segment has the length that `place` computed the index for, and stays [B2].
        let dummy = unsafe { &*dummies.add(index) };
        // [P4] Acquire: it is in the list. [P1] Acquire: the node it leads to.
        let next = dummy.next.load(Ordering::Acquire, guard);
        (next.tag() & READY != 0).then_some((&dummy.next, next))
    }

    /// The place of the dummy of a bucket other than 0, whatever its state.
    pub(super) fn dummy(&self, bucket: u64) -> Shared<'_, Link<K, V>> {
        let (segment, len, index) = self.place(bucket);
        let dummies = self.segment(segment, len);
        // SAFETY: as in `ready`.
        Shared::from(unsafe { dummies.add(index) }).with_tag(DUMMY)
    }

    /// The order of a dummy that was met in the list: from its address, the reverse of `place`.
    #[cold]
    pub(super) fn order_of(&self, dummy: Shared<'_, Link<K, V>>) -> u64 {
        let dummy = dummy.as_raw().addr();
        let index = |segment: usize, len: usize| {
            // Relaxed: an address to compare with. Who has met the dummy sees its segment.
            let first = self.segments[segment].load(Ordering::Relaxed).addr();
            let index = dummy.wrapping_sub(first) / size_of::<Link<K, V>>();
            (first != 0 && index < len).then_some(index as u64)
        };
        if let Some(index) = index(0, 1 << self.first_bits) {
            return index << (u64::BITS - self.first_bits);
        }
        let mut level = self.bits();
        loop {
            debug_assert!(level > self.first_bits, "a dummy that is in no segment");
            if let Some(index) = index(level as usize, 1 << (level - 1)) {
                return (index << 1 | 1) << (u64::BITS - level);
            }
            level -= 1;
        }
    }

    /// A segment, made if it is not there.
    fn segment(&self, segment: usize, len: usize) -> *const Link<K, V> {
        let place = &self.segments[segment];
        // [P3] Acquire: the dummies.
        let present = place.load(Ordering::Acquire);
        if !present.is_null() {
            return present;
        }
        // SAFETY: without an engine, zero bytes are an untouched dummy.
        let made: *mut [Link<K, V>] = Box::into_raw(unsafe { zeroed_slice(len, Link::new) });
        // [P3] Release: hands over the dummies. Acquire on failure: the winner's.
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

    /// An empty directory of the same size; this one stays with its dummies.
    pub(super) fn renew(&mut self) -> Self {
        let mut fresh = Self::new();
        fresh.first_bits = self.first_bits;
        fresh.growth.store_mut(self.growth.load_mut());
        core::mem::replace(self, fresh)
    }
}

impl<K, V> Drop for Buckets<K, V> {
    fn drop(&mut self) {
        if engine::abandoned() {
            return;
        }
        // No bucket has had a higher level than there are bits.
        for level in 0..=self.bits() as usize {
            let dummies = self.segments[level].load_mut();
            if !dummies.is_null() {
                let len = if level == 0 { 1 << self.first_bits } else { 1 << (level - 1) };
                let dummies = ptr::slice_from_raw_parts_mut(dummies, len);
                // SAFETY: made by `segment` with this length; `&mut self` keeps everybody away.
                drop(unsafe { Box::from_raw(dummies) });
            }
        }
    }
}
