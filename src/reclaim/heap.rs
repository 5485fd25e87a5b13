//! Nodes on the heap, seen by engines: an execution never reuses an address, so that each access
//! to a freed node is found.

use crate::facade::engine::{self, Site};
use alloc::boxed::Box;
use core::alloc::Layout;

/// Moves `value` to the heap.
#[inline(always)]
#[track_caller]
pub(super) fn allocate<T>(value: T) -> *mut T {
    adopt(Box::new(value))
}

/// Takes over a box.
#[inline(always)]
#[track_caller]
pub(super) fn adopt<T>(value: Box<T>) -> *mut T {
    let raw = Box::into_raw(value);
    engine::heap::allocated(raw.cast(), Site::caller());
    raw
}

/// Drops the value and frees its memory, also when its destructor panics.
///
/// # Safety
/// `raw` came from `allocate` or `adopt`, nobody else uses it now or later.
#[inline(always)]
pub(super) unsafe fn release<T>(raw: *mut T, site: Site) {
    // SAFETY: the caller owns the node, which was boxed; on true only its value is dropped.
    if unsafe { engine::heap::quarantine(raw.cast(), Layout::new::<T>(), site) } {
        // SAFETY: the caller owns the value alone; the engine keeps its memory.
        unsafe { raw.drop_in_place() };
    } else {
        // SAFETY: by the caller's duty this is the box that was taken apart, owned alone.
        drop(unsafe { Box::from_raw(raw) });
    }
}

/// Gives the box back.
///
/// # Safety
/// As for `release`.
#[inline(always)]
pub(super) unsafe fn surrender<T>(raw: *mut T) -> Box<T> {
    engine::heap::forget(raw.cast());
    // SAFETY: by the caller's duty this is the box that was taken apart, owned alone.
    unsafe { Box::from_raw(raw) }
}

/// Reports an access to a node that was freed before.
#[inline(always)]
#[track_caller]
pub(super) fn check<T>(raw: *const T) {
    engine::heap::check(raw.cast(), Site::caller());
}
