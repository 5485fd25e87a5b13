//! The atomic types: a native word beside the seam's binding, and one path through both.
//!
//! # Invariant
//! * `[I1]` A pointer's word in an engine holds its exposed address, so that what `restore` makes of
//!   it has the provenance of the pointer that was stored.

#![allow(dead_code, reason = "a whole door, of which each build uses the part that it needs")]

use super::{
    backing,
    engine::{self, Access, Rmw, Word},
};
use alloc::{alloc::alloc_zeroed, boxed::Box, vec::Vec};
use core::{alloc::Layout, ptr};

pub use core::sync::atomic::Ordering;

/// A machine word that threads share; see [`core::sync::atomic::AtomicUsize`].
pub struct AtomicUsize {
    native: backing::AtomicUsize,
    word: Word,
}

/// A pointer that threads share; see [`core::sync::atomic::AtomicPtr`].
#[repr(C)] // As of a cell.
pub struct AtomicPtr<T> {
    native: backing::AtomicPtr<T>,
    word: Word,
}

const _: () = assert!(cfg!(feature = "engine") || size_of::<AtomicUsize>() == size_of::<usize>());
const _: () = assert!(cfg!(feature = "engine") || size_of::<AtomicPtr<u8>>() == size_of::<usize>());

impl AtomicUsize {
    /// Zero, in a container root or a static.
    pub const fn root() -> Self {
        Self::root_of(0)
    }

    /// That value, in a container root or a static.
    pub const fn root_of(value: usize) -> Self {
        AtomicUsize { native: backing::AtomicUsize::new(value), word: Word::root(value) }
    }

    /// A word in a node.
    #[inline(always)]
    pub fn new(value: usize) -> Self {
        AtomicUsize { native: backing::AtomicUsize::new(value), word: Word::new(value) }
    }

    /// Reads the value.
    #[inline(always)]
    #[track_caller]
    pub fn load(&self, order: Ordering) -> usize {
        let seen = match self.word.get() {
            None => self.native.load(order),
            Some(tracked) => tracked.load(order),
        };
        engine::note(Access::Load, seen);
        seen
    }

    /// Reads the value through an exclusive reference.
    #[inline(always)]
    #[track_caller]
    pub fn load_mut(&mut self) -> usize {
        match self.word.get() {
            None => *self.native.get_mut(),
            Some(tracked) => tracked.load_mut(),
        }
    }

    /// Writes the value.
    #[inline(always)]
    #[track_caller]
    pub fn store(&self, value: usize, order: Ordering) {
        match self.word.get() {
            None => self.native.store(value, order),
            Some(tracked) => tracked.store(value, order),
        }
        engine::note(Access::Store, value);
    }

    /// Writes the value through an exclusive reference.
    #[inline(always)]
    #[track_caller]
    pub fn store_mut(&mut self, value: usize) {
        match self.word.get() {
            None => *self.native.get_mut() = value,
            Some(tracked) => tracked.store_mut(value),
        }
    }

    /// Writes the value; returns the previous one.
    #[inline(always)]
    #[track_caller]
    pub fn swap(&self, value: usize, order: Ordering) -> usize {
        let seen = match self.word.get() {
            None => self.native.swap(value, order),
            Some(tracked) => tracked.rmw(Rmw::Swap(value), order),
        };
        engine::note(Access::Rmw, seen);
        seen
    }

    /// Adds, wrapping; returns the previous value.
    #[inline(always)]
    #[track_caller]
    pub fn fetch_add(&self, value: usize, order: Ordering) -> usize {
        let seen = match self.word.get() {
            None => self.native.fetch_add(value, order),
            Some(tracked) => tracked.rmw(Rmw::Add(value), order),
        };
        engine::note(Access::Rmw, seen);
        seen
    }

    /// Subtracts, wrapping; returns the previous value.
    #[inline(always)]
    #[track_caller]
    pub fn fetch_sub(&self, value: usize, order: Ordering) -> usize {
        let seen = match self.word.get() {
            None => self.native.fetch_sub(value, order),
            Some(tracked) => tracked.rmw(Rmw::Sub(value), order),
        };
        engine::note(Access::Rmw, seen);
        seen
    }

    /// Clears the bits that `value` does not have; returns the previous value.
    #[inline(always)]
    #[track_caller]
    pub fn fetch_and(&self, value: usize, order: Ordering) -> usize {
        let seen = match self.word.get() {
            None => self.native.fetch_and(value, order),
            Some(tracked) => tracked.rmw(Rmw::And(value), order),
        };
        engine::note(Access::Rmw, seen);
        seen
    }

    /// Sets the bits that `value` has; returns the previous value.
    #[inline(always)]
    #[track_caller]
    pub fn fetch_or(&self, value: usize, order: Ordering) -> usize {
        let seen = match self.word.get() {
            None => self.native.fetch_or(value, order),
            Some(tracked) => tracked.rmw(Rmw::Or(value), order),
        };
        engine::note(Access::Rmw, seen);
        seen
    }

    /// Flips the bits that `value` has; returns the previous value.
    #[inline(always)]
    #[track_caller]
    pub fn fetch_xor(&self, value: usize, order: Ordering) -> usize {
        let seen = match self.word.get() {
            None => self.native.fetch_xor(value, order),
            Some(tracked) => tracked.rmw(Rmw::Xor(value), order),
        };
        engine::note(Access::Rmw, seen);
        seen
    }

    /// Writes `new` if the value is `current`; returns the value seen.
    ///
    /// # Errors
    /// The value seen, which was another one; nothing was written.
    #[inline(always)]
    #[track_caller]
    pub fn compare_exchange(
        &self,
        current: usize,
        new: usize,
        success: Ordering,
        failure: Ordering,
    ) -> Result<usize, usize> {
        let seen = match self.word.get() {
            None => self.native.compare_exchange(current, new, success, failure),
            Some(tracked) => tracked.compare_exchange(current, new, success, failure),
        };
        engine::note(Access::CompareExchange(seen.is_ok()), seen.unwrap_or_else(|seen| seen));
        seen
    }
}

impl<T> AtomicPtr<T> {
    /// Null, in a container root or a static.
    pub const fn root() -> Self {
        AtomicPtr { native: backing::AtomicPtr::new(core::ptr::null_mut()), word: Word::root(0) }
    }

    /// A pointer in a node.
    #[inline(always)]
    pub fn new(value: *mut T) -> Self {
        AtomicPtr { native: backing::AtomicPtr::new(value), word: Word::new(expose(value)) }
    }

    /// Reads the pointer.
    #[inline(always)]
    #[track_caller]
    pub fn load(&self, order: Ordering) -> *mut T {
        let seen = match self.word.get() {
            None => self.native.load(order),
            Some(tracked) => restore(tracked.load(order)),
        };
        engine::note(Access::Load, seen.addr());
        seen
    }

    /// Reads the pointer through an exclusive reference.
    #[inline(always)]
    #[track_caller]
    pub fn load_mut(&mut self) -> *mut T {
        match self.word.get() {
            None => *self.native.get_mut(),
            Some(tracked) => restore(tracked.load_mut()),
        }
    }

    /// Writes the pointer.
    #[inline(always)]
    #[track_caller]
    pub fn store(&self, value: *mut T, order: Ordering) {
        match self.word.get() {
            None => self.native.store(value, order),
            Some(tracked) => tracked.store(expose(value), order),
        }
        engine::note(Access::Store, value.addr());
    }

    /// Writes the pointer through an exclusive reference.
    #[inline(always)]
    #[track_caller]
    pub fn store_mut(&mut self, value: *mut T) {
        match self.word.get() {
            None => *self.native.get_mut() = value,
            Some(tracked) => tracked.store_mut(expose(value)),
        }
    }

    /// Writes the pointer; returns the previous one.
    #[inline(always)]
    #[track_caller]
    pub fn swap(&self, value: *mut T, order: Ordering) -> *mut T {
        let seen = match self.word.get() {
            None => self.native.swap(value, order),
            Some(tracked) => restore(tracked.rmw(Rmw::Swap(expose(value)), order)),
        };
        engine::note(Access::Rmw, seen.addr());
        seen
    }

    /// Writes `new` if the pointer is `current`; returns the pointer seen.
    ///
    /// # Errors
    /// The pointer seen, which was another one; nothing was written.
    #[inline(always)]
    #[track_caller]
    pub fn compare_exchange(
        &self,
        current: *mut T,
        new: *mut T,
        success: Ordering,
        failure: Ordering,
    ) -> Result<*mut T, *mut T> {
        let seen = match self.word.get() {
            None => self.native.compare_exchange(current, new, success, failure),
            Some(tracked) => exchange(&tracked, current, new, success, failure),
        };
        note_exchange(seen);
        seen
    }

    /// As `compare_exchange`, but may fail for no reason.
    ///
    /// # Errors
    /// The pointer seen; nothing was written.
    #[inline(always)]
    #[track_caller]
    pub fn compare_exchange_weak(
        &self,
        current: *mut T,
        new: *mut T,
        success: Ordering,
        failure: Ordering,
    ) -> Result<*mut T, *mut T> {
        let seen = match self.word.get() {
            None => self.native.compare_exchange_weak(current, new, success, failure),
            Some(tracked) => exchange(&tracked, current, new, success, failure),
        };
        note_exchange(seen);
        seen
    }
}

impl core::fmt::Debug for AtomicUsize {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("AtomicUsize").finish_non_exhaustive()
    }
}

impl<T> core::fmt::Debug for AtomicPtr<T> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("AtomicPtr").finish_non_exhaustive()
    }
}

/// So many values of `make`, for a part of a structure that is published whole: from zeroed memory,
/// which the system gives untouched, where no engine needs to know each. The layout, when there is
/// no memory.
///
/// # Panics
/// When the size overflows.
///
/// # Safety
/// In a build without an engine, zero bytes are a `T` as `make` makes it.
pub(crate) unsafe fn zeroed_slice<T>(len: usize, make: impl Fn() -> T) -> Result<Box<[T]>, Layout> {
    let layout = Layout::array::<T>(len).expect("capacity overflow");
    if cfg!(feature = "engine") || layout.size() == 0 {
        let mut slice = Vec::new();
        slice.try_reserve_exact(len).map_err(|_| layout)?;
        slice.extend((0..len).map(|_| make()));
        return Ok(slice.into_boxed_slice());
    }
    // SAFETY: the size is not zero.
    let raw = unsafe { alloc_zeroed(layout) };
    if raw.is_null() {
        return Err(layout);
    }
    // SAFETY: allocated for `len` elements by the global allocator; zero bytes by the caller's duty.
    Ok(unsafe { Box::from_raw(ptr::slice_from_raw_parts_mut(raw.cast(), len)) })
}

/// Orders the accesses around it; see [`core::sync::atomic::fence`].
#[inline(always)]
pub fn fence(order: Ordering) {
    if !engine::fence(order) {
        backing::fence(order);
    }
}

/// A pointer's compare-exchange in an engine.
fn exchange<T>(
    tracked: &engine::Tracked,
    current: *mut T,
    new: *mut T,
    success: Ordering,
    failure: Ordering,
) -> Result<*mut T, *mut T> {
    tracked
        .compare_exchange(expose(current), expose(new), success, failure)
        .map(restore)
        .map_err(restore)
}

#[inline(always)]
fn note_exchange<T>(seen: Result<*mut T, *mut T>) {
    let value = seen.unwrap_or_else(|seen| seen).addr();
    engine::note(Access::CompareExchange(seen.is_ok()), value);
}

/// The word an engine keeps for a pointer [I1]. Folds away in a build without an engine.
#[inline(always)]
fn expose<T>(pointer: *mut T) -> usize {
    if cfg!(feature = "engine") { pointer.expose_provenance() } else { 0 }
}

/// The pointer for a word that `expose` gave [I1].
#[inline(always)]
fn restore<T>(word: usize) -> *mut T {
    core::ptr::with_exposed_provenance_mut(word)
}
