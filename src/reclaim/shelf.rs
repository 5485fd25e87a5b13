//! Places in which a domain keeps boxes for whoever asks next: a few, which are lost to nobody and found by
//! most. Who finds none makes one, and who finds no place for one frees it.
//!
//! # Invariants
//! * `[I1]` A place is null or owns a box; who exchanges the pointer for null owns it then.
//!
//! # Ordering
//! * `[P1]` *contents*: put with Release, taken with Acquire.
//!
//! # Progress
//! Wait-free: each operation looks at two places, once.
//!
//! **Checked by**: `loom-tests/parts.rs`, which compiles this file.

use crate::facade::untracked::words::{AtomicPtr, Ordering};
use alloc::boxed::Box;
use core::{ptr, ptr::NonNull};

/// A power of two.
const PLACES: usize = 8;

/// See the module's head.
pub(super) struct Shelf<T> {
    places: [AtomicPtr<T>; PLACES],
}

impl<T> Shelf<T> {
    pub(super) const fn new() -> Self {
        Shelf { places: [const { AtomicPtr::new(ptr::null_mut()) }; PLACES] }
    }

    /// The places of boxes with that number.
    fn places(&self, number: usize) -> impl Iterator<Item = &AtomicPtr<T>> {
        let first = number.wrapping_mul(2) % PLACES;
        self.places[first..first + 2].iter()
    }

    /// Keeps a box.
    ///
    /// # Errors
    /// With the box, if its places are taken.
    pub(super) fn put(&self, number: usize, item: Box<T>) -> Result<(), Box<T>> {
        let item = Box::into_raw(item);
        for place in self.places(number) {
            // Relaxed: a guess, which spares the exchange.
            if place.load(Ordering::Relaxed).is_null() {
                // [P1] Release: the contents. Relaxed on failure: another one's stays.
                let (success, failure) = (Ordering::Release, Ordering::Relaxed);
                if place.compare_exchange(ptr::null_mut(), item, success, failure).is_ok() {
                    return Ok(());
                }
            }
        }
        // SAFETY: from a box, above, and not put anywhere [I1].
        Err(unsafe { Box::from_raw(item) })
    }

    /// Takes a box with that number.
    #[inline]
    pub(super) fn take(&self, number: usize) -> Option<Box<T>> {
        self.places(number).find_map(|place| {
            // Relaxed: a guess, which spares the exchange.
            if place.load(Ordering::Relaxed).is_null() {
                return None;
            }
            // [P1] Acquire: the contents.
            let taken = place.swap(ptr::null_mut(), Ordering::Acquire);
            // SAFETY: it was put as a box, and is taken once [I1].
            NonNull::new(taken).map(|taken| unsafe { Box::from_raw(taken.as_ptr()) })
        })
    }
}

impl<T> Drop for Shelf<T> {
    fn drop(&mut self) {
        for number in 0..PLACES / 2 {
            while self.take(number).is_some() {}
        }
    }
}
