//! The slots of a deque: each tells by its stamp for which index it is free.
//!
//! # State
//! A ring has a power of two of slots; index `i` is in slot `i mod slots`. The *stamp* of a slot is the
//! index for which it is free, or whose value it holds: which of both, the deque's ends know.
//!
//! | what | stamp |
//! |---|---|
//! | a push at `i` writes | must be `i`; stays |
//! | the owner takes `i` from above | stays: the next push is at `i` again |
//! | who claimed `i` at `top` has read | becomes `i + slots` |
//!
//! # Invariants
//! * `[R1]` A slot is written by the owner alone, and only for the index that is its stamp.
//! * `[R2]` A slot's stamp is changed by who claimed its index at `top`, after reading; or by the owner
//!   in a ring that nobody else knows.
//!
//! So a slot is not written while a thief reads it. (The literature's thief reads first and claims
//! then; what it read is thrown away if it lost, but the read races with the owner's write, which is
//! undefined behaviour for values that are not atomic.)
//!
//! # Ordering
//! * `[P2]` *room*: the stamp is stored with Release when the value has been read, and loaded with
//!   Acquire before another one is written. Then the owner also sees that `top` has passed the index.

use crate::facade::{
    atomic::{AtomicUsize, Ordering},
    cell::UnsafeCell,
};
use alloc::boxed::Box;
use core::{marker::PhantomData, mem::MaybeUninit, ptr::NonNull};

/// One place for a value.
struct Slot<T> {
    stamp: AtomicUsize,
    value: UnsafeCell<MaybeUninit<T>>,
}

/// The slots, owned. Values in them are not dropped.
pub(super) struct Ring<T>(Box<[Slot<T>]>);

/// A pointer to the slots of a ring.
pub(super) struct Slots<T> {
    first: NonNull<Slot<T>>,
    /// Their number less one.
    mask: usize,
    _values: PhantomData<*mut T>,
}

impl<T> Clone for Slots<T> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Slots<T> {}

impl<T> Ring<T> {
    /// At least so many slots, a power of two, free for the indices from `first` on.
    ///
    /// # Panics
    /// When there are no so many.
    #[track_caller]
    pub(super) fn new(capacity: usize, first: usize) -> Self {
        let capacity = capacity.checked_next_power_of_two().expect("capacity overflow");
        let mask = capacity - 1;
        let index = |slot: usize| first.wrapping_add(slot.wrapping_sub(first) & mask);
        let slot = |slot| Slot {
            stamp: AtomicUsize::new(index(slot)),
            value: UnsafeCell::new(MaybeUninit::uninit()),
        };
        Ring((0..capacity).map(slot).collect())
    }

    /// The slots. They live as long as the ring, wherever it is moved.
    #[inline(always)]
    pub(super) fn slots(&self) -> Slots<T> {
        let first = NonNull::from(&*self.0).cast();
        Slots { first, mask: self.0.len() - 1, _values: PhantomData }
    }
}

impl<T> Slots<T> {
    #[inline(always)]
    pub(super) fn capacity(&self) -> usize {
        self.mask + 1
    }

    /// How much memory they take.
    pub(super) fn bytes(&self) -> usize {
        self.capacity() * size_of::<Slot<T>>()
    }

    /// # Safety
    /// The ring lives for `'r`.
    #[inline(always)]
    unsafe fn slot<'r>(&self, index: usize) -> &'r Slot<T> {
        // SAFETY: the ring lives, and has so many slots.
        unsafe { self.first.add(index & self.mask).as_ref() }
    }

    /// Whether a push at `index` finds its slot free, to the owner.
    ///
    /// # Safety
    /// The ring lives.
    #[inline(always)]
    pub(super) unsafe fn is_free(&self, index: usize) -> bool {
        // SAFETY: by the caller's duty.
        let slot = unsafe { self.slot(index) };
        // [P2] Acquire: what was in it has been read.
        slot.stamp.load(Ordering::Acquire) == index
    }

    /// Writes a value.
    ///
    /// # Safety
    /// The ring lives; the caller is the owner, and the slot is free for `index`, which is the next
    /// push's.
    #[inline(always)]
    pub(super) unsafe fn write(&self, index: usize, value: T) {
        // SAFETY: by the caller's duty.
        let slot = unsafe { self.slot(index) };
        // SAFETY: nobody reads it: what thieves may claim is below [R1].
        slot.value.with_mut(|place| unsafe { (*place).write(value) });
    }

    /// Reads a value, which stays there as a copy.
    ///
    /// # Safety
    /// The ring lives and has been written at `index`; the caller sees that. Of all copies of that value
    /// one is used as a value.
    #[inline(always)]
    pub(super) unsafe fn read(&self, index: usize) -> MaybeUninit<T> {
        // SAFETY: by the caller's duty.
        let slot = unsafe { self.slot(index) };
        // SAFETY: it is not written meanwhile: the caller has claimed the index, or is the owner.
        slot.value.with(|place| unsafe { place.read() })
    }

    /// Where a value is.
    ///
    /// # Safety
    /// The ring lives and has been written at `index`; who uses the pointer has the value to itself.
    pub(super) unsafe fn value(&self, index: usize) -> *mut T {
        // SAFETY: by the caller's duty.
        let slot = unsafe { self.slot(index) };
        slot.value.with_mut(<*mut MaybeUninit<T>>::cast)
    }

    /// Frees the slot for its next index.
    ///
    /// # Safety
    /// The ring lives; the caller has claimed `index` at `top`, and has read.
    #[inline(always)]
    pub(super) unsafe fn free(&self, index: usize) {
        // SAFETY: by the caller's duty.
        let slot = unsafe { self.slot(index) };
        // [P2] Release: the value has been read.
        slot.stamp.store(index.wrapping_add(self.capacity()), Ordering::Release);
    }

    /// As `free`, by the owner, who alone looks at stamps.
    ///
    /// # Safety
    /// The ring lives; the caller is the owner. `index` was claimed at `top`, and nobody reads it here: the
    /// caller has, or who claimed it reads in another ring.
    #[inline(always)]
    pub(super) unsafe fn free_own(&self, index: usize) {
        // SAFETY: by the caller's duty.
        let slot = unsafe { self.slot(index) };
        // Relaxed: its own.
        slot.stamp.store(index.wrapping_add(self.capacity()), Ordering::Relaxed);
    }

    /// A ring of so many slots, with copies of `len` values from `top` on.
    ///
    /// # Safety
    /// The ring lives; the caller is the owner, and has written those values; there are not more of them
    /// than either ring has slots. Of all copies of a value one is used.
    pub(super) unsafe fn copied(&self, top: usize, len: usize, capacity: usize) -> Ring<T> {
        debug_assert!(len <= self.capacity() && len <= capacity, "[I9]");
        let ring = Ring::new(capacity, top);
        let slots = ring.slots();
        let mut index = top;
        for _ in 0..len {
            // SAFETY: this ring lives; its slot was written at `index`, by the caller. (A thief may have
            // claimed it: then nobody will use this copy.)
            let value = unsafe { self.read(index) };
            // SAFETY: a slot of the new ring, which nobody else knows.
            let slot = unsafe { slots.slot(index) };
            // SAFETY: as above.
            slot.value.with_mut(|place| unsafe { place.write(value) });
            index = index.wrapping_add(1);
        }
        ring
    }

    /// Drops `len` values from `top` on, each once, also when a destructor panics.
    ///
    /// # Safety
    /// The ring lives and has been written at those indices; nobody uses those values any more.
    pub(super) unsafe fn drop_values(self, top: usize, len: usize) {
        /// Goes on with the others when a destructor panics.
        struct Others<T> {
            slots: Slots<T>,
            index: usize,
            left: usize,
        }
        impl<T> Others<T> {
            fn go(&mut self) {
                while self.left > 0 {
                    let index = self.index;
                    self.index = index.wrapping_add(1);
                    self.left -= 1;
                    // SAFETY: by the duty of `drop_values`; each index comes once.
                    drop(unsafe { self.slots.read(index).assume_init() });
                }
            }
        }
        impl<T> Drop for Others<T> {
            fn drop(&mut self) {
                self.go();
            }
        }
        Others { slots: self, index: top, left: len }.go();
    }
}
