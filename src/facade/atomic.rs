//! The atomic types: a native word beside the seam's binding, and one path through both.

use super::{
    backing,
    engine::{self, Access, Rmw, Word},
};

pub(crate) use core::sync::atomic::Ordering;

/// A machine word that threads share.
pub(crate) struct AtomicUsize {
    native: backing::AtomicUsize,
    word: Word,
}

/// A pointer that threads share.
pub(crate) struct AtomicPtr<T> {
    native: backing::AtomicPtr<T>,
    word: Word,
}

const _: () = assert!(cfg!(feature = "engine") || size_of::<AtomicUsize>() == size_of::<usize>());
const _: () = assert!(cfg!(feature = "engine") || size_of::<AtomicPtr<u8>>() == size_of::<usize>());

impl AtomicUsize {
    /// Zero, in a container root or a static.
    pub(crate) const fn root() -> Self {
        AtomicUsize { native: backing::AtomicUsize::new(0), word: Word::root() }
    }

    /// Reads the value.
    #[inline(always)]
    #[track_caller]
    pub(crate) fn load(&self, order: Ordering) -> usize {
        let seen = match self.word.get() {
            None => self.native.load(order),
            Some(tracked) => tracked.load(order),
        };
        engine::note(Access::Load, seen);
        seen
    }

    /// Writes the value through an exclusive reference.
    #[inline(always)]
    #[track_caller]
    pub(crate) fn store_mut(&mut self, value: usize) {
        match self.word.get_mut() {
            None => *self.native.get_mut() = value,
            // Relaxed: the exclusive reference orders this write.
            Some(tracked) => tracked.store(value, Ordering::Relaxed),
        }
    }

    /// Adds, wrapping; returns the previous value.
    #[inline(always)]
    #[track_caller]
    pub(crate) fn fetch_add(&self, value: usize, order: Ordering) -> usize {
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
    pub(crate) fn fetch_sub(&self, value: usize, order: Ordering) -> usize {
        let seen = match self.word.get() {
            None => self.native.fetch_sub(value, order),
            Some(tracked) => tracked.rmw(Rmw::Sub(value), order),
        };
        engine::note(Access::Rmw, seen);
        seen
    }

    /// Writes `new` if the value is `current`; returns the value seen.
    #[inline(always)]
    #[track_caller]
    pub(crate) fn compare_exchange(
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
    pub(crate) const fn root() -> Self {
        AtomicPtr { native: backing::AtomicPtr::new(core::ptr::null_mut()), word: Word::root() }
    }

    /// A pointer in a node.
    #[inline(always)]
    pub(crate) fn new(value: *mut T) -> Self {
        AtomicPtr { native: backing::AtomicPtr::new(value), word: Word::new(expose(value)) }
    }

    /// Reads the pointer.
    #[inline(always)]
    #[track_caller]
    pub(crate) fn load(&self, order: Ordering) -> *mut T {
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
    pub(crate) fn load_mut(&mut self) -> *mut T {
        match self.word.get_mut() {
            None => *self.native.get_mut(),
            // Relaxed: the exclusive reference orders this read.
            Some(tracked) => restore(tracked.load(Ordering::Relaxed)),
        }
    }

    /// Writes the pointer.
    #[inline(always)]
    #[track_caller]
    pub(crate) fn store(&self, value: *mut T, order: Ordering) {
        match self.word.get() {
            None => self.native.store(value, order),
            Some(tracked) => tracked.store(expose(value), order),
        }
        engine::note(Access::Store, value.addr());
    }

    /// Writes the pointer; returns the previous one.
    #[inline(always)]
    #[track_caller]
    pub(crate) fn swap(&self, value: *mut T, order: Ordering) -> *mut T {
        let seen = match self.word.get() {
            None => self.native.swap(value, order),
            Some(tracked) => restore(tracked.rmw(Rmw::Swap(expose(value)), order)),
        };
        engine::note(Access::Rmw, seen.addr());
        seen
    }

    /// Writes `new` if the pointer is `current`; returns the pointer seen.
    #[inline(always)]
    #[track_caller]
    pub(crate) fn compare_exchange(
        &self,
        current: *mut T,
        new: *mut T,
        success: Ordering,
        failure: Ordering,
    ) -> Result<*mut T, *mut T> {
        let seen = match self.word.get() {
            None => self.native.compare_exchange(current, new, success, failure),
            Some(tracked) => tracked
                .compare_exchange(expose(current), expose(new), success, failure)
                .map(restore)
                .map_err(restore),
        };
        let note = seen.unwrap_or_else(|seen| seen).addr();
        engine::note(Access::CompareExchange(seen.is_ok()), note);
        seen
    }

    /// As `compare_exchange`, but may fail for no reason.
    #[inline(always)]
    #[track_caller]
    pub(crate) fn compare_exchange_weak(
        &self,
        current: *mut T,
        new: *mut T,
        success: Ordering,
        failure: Ordering,
    ) -> Result<*mut T, *mut T> {
        let seen = match self.word.get() {
            None => self.native.compare_exchange_weak(current, new, success, failure),
            Some(tracked) => tracked
                .compare_exchange(expose(current), expose(new), success, failure)
                .map(restore)
                .map_err(restore),
        };
        let note = seen.unwrap_or_else(|seen| seen).addr();
        engine::note(Access::CompareExchange(seen.is_ok()), note);
        seen
    }
}

/// Orders the accesses around it; see `core::sync::atomic::fence`.
#[inline(always)]
#[allow(dead_code, reason = "part of the door; no structure of this floor needs a fence yet")]
pub(crate) fn fence(order: Ordering) {
    if !engine::fence(order) {
        backing::fence(order);
    }
}

/// The word an engine keeps for a pointer. Folds away in a build without an engine.
#[inline(always)]
fn expose<T>(pointer: *mut T) -> usize {
    if cfg!(feature = "engine") { pointer.expose_provenance() } else { 0 }
}

/// The pointer for a word that `expose` gave.
#[inline(always)]
fn restore<T>(word: usize) -> *mut T {
    core::ptr::with_exposed_provenance_mut(word)
}
