//! Places in which a domain keeps boxes for whoever asks next: a few, which are lost to nobody and found by
//! most. Who finds none makes one, and who finds no place for one frees it.
//!
//! # State
//! Each place is null, or a box with some bits of its number in the pointer, so that who looks for another
//! number mostly sees that from afar.
//!
//! # Invariants
//! * `[I1]` Who exchanges a box out of its place owns it.
//!
//! # Ordering
//! * `[P1]` *contents*: put with Release, taken with Acquire.
//!
//! # Progress
//! Wait-free: each operation looks at two places, a few times.
//!
//! **Checked by**: `loom-tests/parts.rs`, which compiles this file.

use crate::facade::untracked::words::{AtomicPtr, Ordering};
use alloc::boxed::Box;
use core::{ptr, ptr::NonNull};

/// A power of two, ...
const PLACES: usize = 8;

/// ... in pairs, of which each is for some numbers.
const PAIRS: usize = PLACES / 2;

/// See the module's head.
pub(super) struct Shelf<T> {
    places: [AtomicPtr<T>; PLACES],
}

impl<T> Shelf<T> {
    /// The bits of a pointer that hold a part of the number.
    const TAG: usize = align_of::<T>() - 1;

    pub(super) const fn new() -> Self {
        Shelf { places: [const { AtomicPtr::new(ptr::null_mut()) }; PLACES] }
    }

    /// The places of boxes with that number, and the tag that they have there.
    fn places(&self, number: usize) -> (&[AtomicPtr<T>], usize) {
        let first = number % PAIRS * 2;
        (&self.places[first..first + 2], (number / PAIRS) & Self::TAG)
    }

    /// Keeps a box; in the place of one with another number, if there is no free one. What has no place
    /// then is given back.
    pub(super) fn put(&self, number: usize, item: Box<T>) -> Option<Box<T>> {
        let (places, tag) = self.places(number);
        let item = Box::into_raw(item).map_addr(|address| address | tag);
        for place in places {
            // Relaxed: a guess, which spares the exchange.
            if !place.load(Ordering::Relaxed).is_null() {
                continue;
            }
            // [P1] Release: the contents. Relaxed on failure: another one's stays.
            let (success, failure) = (Ordering::Release, Ordering::Relaxed);
            if place.compare_exchange(ptr::null_mut(), item, success, failure).is_ok() {
                return None;
            }
        }
        // Relaxed: only looked at.
        let is_other =
            |place: &&AtomicPtr<T>| place.load(Ordering::Relaxed).addr() & Self::TAG != tag;
        let left = match places.iter().find(is_other) {
            // [P1] Release: the contents. Acquire: those of what comes out.
            Some(place) => place.swap(item, Ordering::AcqRel),
            None => item,
        };
        // SAFETY: it came out of its place here, or was not put anywhere [I1].
        unsafe { Self::owned(left) }
    }

    /// Takes a box with that number; or one that has the same tag, or has just come in its place.
    #[inline]
    pub(super) fn take(&self, number: usize) -> Option<Box<T>> {
        let (places, tag) = self.places(number);
        places.iter().find_map(|place| {
            // Relaxed: a guess, which spares the exchange.
            let seen = place.load(Ordering::Relaxed);
            if seen.is_null() || seen.addr() & Self::TAG != tag {
                return None;
            }
            // [P1] Acquire: the contents.
            let taken = place.swap(ptr::null_mut(), Ordering::Acquire);
            // SAFETY: it came out of its place here [I1].
            unsafe { Self::owned(taken) }
        })
    }

    /// A box that was put, if it is not null.
    ///
    /// # Safety
    /// Who calls has taken it out of its place, or has not put it anywhere.
    unsafe fn owned(put: *mut T) -> Option<Box<T>> {
        let raw = put.map_addr(|address| address & !Self::TAG);
        // SAFETY: it was put as a box, and is taken once.
        NonNull::new(raw).map(|raw| unsafe { Box::from_raw(raw.as_ptr()) })
    }
}

impl<T> Drop for Shelf<T> {
    fn drop(&mut self) {
        for place in &self.places {
            // Relaxed: whoever drops comes after all that others did.
            let left = place.swap(ptr::null_mut(), Ordering::Relaxed);
            // SAFETY: it came out of its place here [I1].
            drop(unsafe { Self::owned(left) });
        }
    }
}
