//! The buckets: where in the list does a search for an order begin?
//!
//! # Layout
//! A *directory* of `b` bits has `2^b` dummies, one at the beginning of each bucket; an order's
//! bucket is its `b` highest bits. The map begins without one: everything is in one bucket, at the
//! list's head. It grows by publishing a new directory with `GROWTH_BITS` more, which keeps the
//! older ones: their dummies stay in the list, and a new dummy is linked by a search that begins at
//! the one it *splits* from. All that split from one are linked together, on their first use.
//!
//! A dummy's order is its bucket's bits, then zeros, then its directory's *rank*: at the border of
//! several directories' buckets their dummies stand from the oldest to the newest, and the items
//! (whose last bits are ones) behind them all.
//!
//! # Life of a dummy
//! A dummy is its `next`: null (untouched) → `PENDING` → linked → without `PENDING`. Whoever makes
//! the first of siblings `PENDING`, by a compare-exchange, has claimed them all: nobody else writes
//! to them before they are linked, so no helper can link one in a place that has gone stale. Once
//! one is linked, `PENDING` goes, by the claimer or by whoever else passes it in the list. While a
//! claimer sleeps, others search from an ancestor: for longer, but they do not wait.
//!
//! # Where a search ends
//! A pointer tells that it leads to a dummy, not to which. Mostly that is enough: see [B3]. Else the
//! address tells the order.
//!
//! # Invariants
//! * `[B1]` A dummy whose `next` is neither null nor `PENDING` is in the list, for good.
//! * `[B2]` Directories stay until the map is dropped, drained or shrunk.
//! * `[B3]` Who links a dummy has read that its directory is published. So whoever has met it, by
//!   a link loaded with Acquire, reads a directory as new as that or newer from then on. Hence while
//!   a thread that began at a bucket of a directory still reads that one, the next dummy it meets
//!   is that bucket's end: older dummies of the same order stand before the begin, and all others
//!   that it may meet begin a bucket of this directory. From a parent's dummy to the border where
//!   one of its children stands, that holds for the children's directory too, for who claimed them.
//!
//! # Ordering
//! `[P3]` A directory is published with Release and loaded with Acquire. `[P4]` That a dummy is
//! ready is said with Release and read with Acquire: who begins at a dummy sees it in the list.

use super::node::{Link, Loaded, PENDING};
use crate::{
    facade::{
        atomic::{AtomicPtr, Ordering, zeroed_slice},
        cell::UnsafeCell,
        engine,
        tuning::{BUCKETS_PER_ELEMENT, BUCKETS_PER_PROMISED, FIRST_DIRECTORY_BITS, GROWTH_BITS},
    },
    reclaim::{Guard, Shared},
};
use alloc::{
    alloc::{alloc, handle_alloc_error},
    boxed::Box,
};
use core::{alloc::Layout, ops::Range, ptr};

/// The most buckets a map grows to, as a power of two.
const MAX_BITS: u32 = if usize::BITS > 48 { 48 } else { usize::BITS - 8 };

/// The last bits of an order, which tell what stands at one border; all ones in an item's.
pub(super) const RANKS: u64 = 63;
const _: () = assert!(MAX_BITS + RANKS.count_ones() <= u64::BITS, "ranks and buckets overlap");
const _: () = assert!((MAX_BITS as u64) < RANKS, "more directories than ranks");

/// How many bits the buckets for `capacity` elements take that were asked for; none if there would be more
/// elements than buckets at most.
pub(super) fn bits_for(capacity: usize) -> Option<u32> {
    if capacity <= 1 {
        return Some(0);
    }
    let (buckets, elements) = BUCKETS_PER_PROMISED;
    let wanted = capacity.checked_mul(buckets)?.div_ceil(elements);
    let bits = wanted.checked_next_power_of_two()?.ilog2();
    (capacity <= 1 << MAX_BITS).then_some(bits.clamp(FIRST_DIRECTORY_BITS, MAX_BITS))
}

/// See the module's head.
pub(super) struct Buckets<K, V> {
    /// The newest directory, owned with all older ones.
    current: AtomicPtr<Directory<K, V>>,
}

/// The dummies of all buckets at one size.
pub(super) struct Directory<K, V> {
    dummies: Box<[Link<K, V>]>,
    /// How many bits of an order are not the bucket's. Written before the directory is published;
    /// a cell, that an engine may see it.
    shift: UnsafeCell<u32>,
    rank: u32,
    /// The directory that this one has grown from, or null; owned.
    older: *mut Directory<K, V>,
}

impl<K, V> Directory<K, V> {
    /// One that has grown from an older one; the layout, when there is no memory.
    fn new(bits: u32, older: *mut Self) -> Result<Box<Self>, Layout> {
        // SAFETY: without an engine, zero bytes are an untouched dummy.
        let dummies = unsafe { zeroed_slice(1 << bits, Link::new) }?;
        // SAFETY: an older directory lives as long as a newer one [B2].
        let rank = unsafe { older.as_ref() }.map_or(0, |older| older.rank + 1);
        let directory =
            Directory { dummies, shift: UnsafeCell::new(u64::BITS - bits), rank, older };
        // As `Box::new`, which ends the program where there is no memory.
        let layout = Layout::new::<Self>();
        // SAFETY: its size is not zero.
        let place = unsafe { alloc(layout) }.cast::<Self>();
        if place.is_null() {
            return Err(layout);
        }
        // SAFETY: room for one, by the global allocator; written before it is a box.
        Ok(unsafe {
            place.write(directory);
            Box::from_raw(place)
        })
    }

    #[inline(always)]
    fn shift(&self) -> u32 {
        // SAFETY: not written any more once the directory is published [P3].
        self.shift.with(|shift| unsafe { *shift })
    }

    pub(super) fn bits(&self) -> u32 {
        u64::BITS - self.shift()
    }

    /// Which bucket an order falls into.
    #[inline(always)]
    pub(super) fn index(&self, order: u64) -> usize {
        (order >> self.shift()) as usize
    }

    /// The order of a bucket's dummy.
    pub(super) fn order(&self, index: usize) -> u64 {
        (index as u64) << self.shift() | u64::from(self.rank)
    }

    /// The directory that this one has grown from.
    #[inline(always)]
    pub(super) fn older(&self) -> Option<&Self> {
        // SAFETY: it lives as long as this one [B2].
        unsafe { self.older.as_ref() }
    }

    /// The buckets that split from the same older bucket as this one.
    pub(super) fn siblings(&self, index: usize) -> Range<usize> {
        let splits = self.older().map_or(self.bits(), |older| self.bits() - older.bits());
        let first = index >> splits << splits;
        first..first + (1 << splits)
    }

    /// A bucket's dummy, whatever its state.
    #[inline(always)]
    pub(super) fn dummy(&self, index: usize) -> &Link<K, V> {
        debug_assert!(index < self.dummies.len());
        // SAFETY: an index of so many bits as there are dummies for.
        unsafe { self.dummies.get_unchecked(index) }
    }

    /// The link of a bucket's dummy, if that is in the list.
    #[inline(always)]
    #[track_caller]
    pub(super) fn ready<'g>(
        &'g self,
        index: usize,
        guard: &'g Guard<'_>,
    ) -> Option<Loaded<'g, K, V>> {
        let link = &self.dummy(index).next;
        // [P4] Acquire: it is in the list. [P1] Acquire: the node it leads to.
        let first = link.load(Ordering::Acquire, guard);
        let ready = first != Shared::null() && first.tag() & PENDING == 0;
        ready.then_some(Loaded { link, first })
    }
}

impl<K, V> Buckets<K, V> {
    /// One bucket, nothing allocated.
    pub(super) const fn new() -> Self {
        Buckets { current: AtomicPtr::root() }
    }

    /// Buckets for `capacity` elements.
    ///
    /// # Panics
    /// When the dummies would not fit the address space.
    pub(super) fn with_capacity(capacity: usize) -> Self {
        Self::with_bits(bits_for(capacity).expect("capacity overflow"))
    }

    /// All directories up to one of so many bits, as if it had been grown to.
    fn with_bits(bits: u32) -> Self {
        let buckets = Self::new();
        buckets.reserve(bits).unwrap_or_else(|layout| handle_alloc_error(layout));
        buckets
    }

    /// Grows until there are so many bits, by one compare-exchange; the layout, when there is no memory,
    /// and then nothing has changed.
    pub(super) fn reserve(&self, bits: u32) -> Result<(), Layout> {
        loop {
            // [P3] Acquire: what is in it.
            let current = self.current.load(Ordering::Acquire);
            let mut steps = Steps { newest: current, published: current };
            while steps.bits() < bits {
                let last = bits - FIRST_DIRECTORY_BITS.min(bits);
                let next = match steps.bits() {
                    0 => bits - last / GROWTH_BITS * GROWTH_BITS,
                    reached => bits.min(reached + GROWTH_BITS),
                };
                steps.newest = Box::into_raw(Directory::new(next, steps.newest)?);
            }
            if ptr::eq(steps.newest, current) {
                return Ok(());
            }
            // [P3] Release: hands over the directories. Relaxed on failure: the loop looks again.
            let (success, failure) = (Ordering::Release, Ordering::Relaxed);
            let grown = self.current.compare_exchange(current, steps.newest, success, failure);
            if grown.is_ok() {
                steps.published = steps.newest;
                return Ok(());
            }
        }
    }

    /// As many buckets, and all of them untouched.
    pub(super) fn fresh(&self) -> Self {
        self.current().map_or_else(Self::new, |directory| Self::with_bits(directory.bits()))
    }

    /// The newest directory; none while there is but one bucket.
    #[inline(always)]
    #[track_caller]
    pub(super) fn current(&self) -> Option<&Directory<K, V>> {
        // SAFETY: directories stay [B2]. [P3] Acquire: what is in this one.
        unsafe { self.current.load(Ordering::Acquire).as_ref() }
    }

    /// Whether a directory is still the newest: see [B3].
    #[inline(always)]
    pub(super) fn is_current(&self, directory: *const Directory<K, V>) -> bool {
        // Relaxed: what the thread has met happens before this, and coherence does the rest [B3].
        ptr::eq(self.current.load(Ordering::Relaxed), directory)
    }

    /// A new directory, if there are too few buckets for `len` elements, there is memory for it, and
    /// nobody else is faster. One compare-exchange; the new dummies are linked by those who need
    /// them.
    #[cold]
    pub(super) fn grow_for(&self, len: usize) {
        // [P3] Acquire: what is in it.
        let older = self.current.load(Ordering::Acquire);
        // SAFETY: directories stay [B2].
        let bits = unsafe { older.as_ref() }.map_or(0, Directory::bits);
        let wanted = if bits == 0 { FIRST_DIRECTORY_BITS } else { bits + GROWTH_BITS };
        if wanted > MAX_BITS || len * BUCKETS_PER_ELEMENT <= 1 << bits {
            return;
        }
        let _ = self.reserve(wanted); // Without memory chains are longer.
    }

    /// The order of a dummy that was met in the list.
    #[cold]
    pub(super) fn order_of_dummy(&self, dummy: Shared<'_, Link<K, V>>) -> u64 {
        let mut directory = self.current();
        loop {
            // Met in the list, so its directory is published, and this thread sees that [B3].
            let searched = directory.expect("a dummy that is in no directory");
            let offset = dummy.as_raw().addr().wrapping_sub(searched.dummies.as_ptr().addr());
            let index = offset / size_of::<Link<K, V>>();
            if index < searched.dummies.len() {
                return searched.order(index);
            }
            directory = searched.older();
        }
    }
}

/// Directories that have grown from each other, the last from the one that is published; owned until they
/// are published too.
struct Steps<K, V> {
    newest: *mut Directory<K, V>,
    published: *mut Directory<K, V>,
}

impl<K, V> Steps<K, V> {
    fn bits(&self) -> u32 {
        // SAFETY: owned here, or published, and those stay [B2].
        unsafe { self.newest.as_ref() }.map_or(0, Directory::bits)
    }
}

impl<K, V> Drop for Steps<K, V> {
    fn drop(&mut self) {
        while !ptr::eq(self.newest, self.published) {
            // SAFETY: made by `Box::into_raw`, not published, and owned here.
            self.newest = unsafe { Box::from_raw(self.newest) }.older;
        }
    }
}

impl<K, V> Drop for Buckets<K, V> {
    fn drop(&mut self) {
        if engine::abandoned() {
            return;
        }
        let mut directory = self.current.load_mut();
        while !directory.is_null() {
            // SAFETY: made by `Box::into_raw`, and owned; `&mut self` keeps everybody away.
            directory = unsafe { Box::from_raw(directory) }.older;
        }
    }
}
