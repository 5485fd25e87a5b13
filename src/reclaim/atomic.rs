//! `Atomic`: a pointer to a heap node that threads share, in the vocabulary of crossbeam-epoch.
//!
//! A pointer carries a *tag* in the bits that the alignment of `T` leaves free. Loading is safe,
//! dereferencing is not: the caller argues that what it points to was not retired before the guard
//! was made. Departures from crossbeam-epoch: `T` is sized, and `fetch_or` and its kin are
//! compare-exchange loops (lock-free), so that pointers keep their provenance.
//!
//! # Soundness of the signatures
//! `Atomic<T>` neither owns nor drops; `Send` and `Sync` need `T: Send + Sync`, since any holder
//! may reach `&T` or, through `unsafe`, own the value. What is read is bounded by the guard.

use super::{
    guard::Guard,
    owned::Owned,
    pointer::{Pointer, sealed::Sealed as _, untagged},
    shared::Shared,
};
use crate::facade::atomic::{AtomicPtr, Ordering};
use alloc::boxed::Box;
use core::{fmt, marker::PhantomData};

/// A pointer to a heap node that threads share.
///
/// ```
/// use counterpoint::reclaim::{self, Atomic, Owned};
/// # use core::sync::atomic::Ordering::{Acquire, AcqRel};
/// let slot = Atomic::new(1);
/// # #[cfg(feature = "std")] {
/// let guard = reclaim::pin();
/// let old = slot.swap(Owned::new(2), AcqRel, &guard);
/// // SAFETY: the guard was made before `old` was unlinked, and nobody else retires it.
/// unsafe {
///     assert_eq!(*old.deref(), 1);
///     guard.defer_destroy(old);
/// }
/// # }
/// // SAFETY: `slot` is owned and nobody else uses the node.
/// assert_eq!(*unsafe { slot.into_owned() }, 2);
/// ```
#[repr(transparent)]
pub struct Atomic<T> {
    data: AtomicPtr<T>,
    _marker: PhantomData<*mut T>,
}

// SAFETY: whoever shares the pointer may share the value (Sync) or come to own it (Send).
unsafe impl<T: Send + Sync> Send for Atomic<T> {}
// SAFETY: as above.
unsafe impl<T: Send + Sync> Sync for Atomic<T> {}

impl<T> Atomic<T> {
    /// The null pointer, for the root of a structure or a static.
    ///
    /// Inside a model an engine binds it late; a *node* should start with
    /// `Atomic::from(Shared::null())`, so that the engine sees a missing publication.
    pub const fn null() -> Self {
        Atomic { data: AtomicPtr::root(), _marker: PhantomData }
    }

    /// A pointer to `value`, moved to the heap.
    #[track_caller]
    pub fn new(value: T) -> Self {
        Owned::new(value).into()
    }

    #[inline(always)]
    fn from_data(data: *mut T) -> Self {
        Atomic { data: AtomicPtr::new(data), _marker: PhantomData }
    }

    /// Reads the pointer. Wait-free.
    #[inline(always)]
    #[track_caller]
    pub fn load<'g>(&self, order: Ordering, _: &'g Guard<'_>) -> Shared<'g, T> {
        Shared::from_raw_data(self.data.load(order))
    }

    /// Reads the pointer through an exclusive reference, which needs no guard.
    #[inline(always)]
    pub fn load_mut(&mut self) -> Shared<'_, T> {
        Shared::from_raw_data(self.data.load_mut())
    }

    /// Writes the pointer through an exclusive reference. What it pointed to is not dropped.
    pub(crate) fn store_mut(&mut self, new: Shared<'_, T>) {
        self.data.store_mut(new.into_data());
    }

    /// Writes the pointer. What it pointed to is neither dropped nor retired. Wait-free.
    #[inline(always)]
    #[track_caller]
    pub fn store<P: Pointer<T>>(&self, new: P, order: Ordering) {
        self.data.store(new.into_data(), order);
    }

    /// Writes the pointer and returns the previous one. Wait-free where the target has a swap.
    #[inline(always)]
    #[track_caller]
    pub fn swap<'g, P: Pointer<T>>(
        &self,
        new: P,
        order: Ordering,
        _: &'g Guard<'_>,
    ) -> Shared<'g, T> {
        Shared::from_raw_data(self.data.swap(new.into_data(), order))
    }

    /// Writes `new` if the pointer, tag included, is `current`.
    ///
    /// # Errors
    /// The pointer that was found instead, and `new` back.
    #[inline(always)]
    #[track_caller]
    pub fn compare_exchange<'g, P: Pointer<T>>(
        &self,
        current: Shared<'_, T>,
        new: P,
        success: Ordering,
        failure: Ordering,
        _: &'g Guard<'_>,
    ) -> Result<Shared<'g, T>, CompareExchangeError<'g, T, P>> {
        let new = new.into_data();
        match self.data.compare_exchange(current.into_data(), new, success, failure) {
            Ok(_) => Ok(Shared::from_raw_data(new)),
            Err(found) => Err(CompareExchangeError {
                current: Shared::from_raw_data(found),
                // SAFETY: `new` came from `into_data` above and was not stored.
                new: unsafe { P::from_data(new) },
            }),
        }
    }

    /// As [`compare_exchange`](Self::compare_exchange), but may fail for no reason: for loops.
    ///
    /// # Errors
    /// The pointer that was found instead, and `new` back.
    #[inline(always)]
    #[track_caller]
    pub fn compare_exchange_weak<'g, P: Pointer<T>>(
        &self,
        current: Shared<'_, T>,
        new: P,
        success: Ordering,
        failure: Ordering,
        _: &'g Guard<'_>,
    ) -> Result<Shared<'g, T>, CompareExchangeError<'g, T, P>> {
        let new = new.into_data();
        match self.data.compare_exchange_weak(current.into_data(), new, success, failure) {
            Ok(_) => Ok(Shared::from_raw_data(new)),
            Err(found) => Err(CompareExchangeError {
                current: Shared::from_raw_data(found),
                // SAFETY: `new` came from `into_data` above and was not stored.
                new: unsafe { P::from_data(new) },
            }),
        }
    }

    /// Applies `f` until a compare-exchange wins or `f` returns `None`; returns the pointer
    /// replaced. `f` may run many times. Lock-free.
    ///
    /// # Errors
    /// The pointer for which `f` returned `None`.
    #[track_caller]
    pub fn fetch_update<'g>(
        &self,
        set_order: Ordering,
        fetch_order: Ordering,
        guard: &'g Guard<'_>,
        mut f: impl FnMut(Shared<'g, T>) -> Option<Shared<'g, T>>,
    ) -> Result<Shared<'g, T>, Shared<'g, T>> {
        let mut current = self.load(fetch_order, guard);
        while let Some(new) = f(current) {
            match self.compare_exchange_weak(current, new, set_order, fetch_order, guard) {
                Ok(_) => return Ok(current),
                Err(error) => current = error.current,
            }
        }
        Err(current)
    }

    /// Bitwise *and* of the tag with `tag`; returns the previous pointer. Lock-free.
    #[track_caller]
    pub fn fetch_and<'g>(
        &self,
        tag: usize,
        order: Ordering,
        guard: &'g Guard<'_>,
    ) -> Shared<'g, T> {
        self.fetch_tag(order, guard, |current| current & tag)
    }

    /// Bitwise *or* of the tag with `tag`; returns the previous pointer. Lock-free.
    #[track_caller]
    pub fn fetch_or<'g>(&self, tag: usize, order: Ordering, guard: &'g Guard<'_>) -> Shared<'g, T> {
        self.fetch_tag(order, guard, |current| current | tag)
    }

    /// Bitwise *exclusive or* of the tag with `tag`; returns the previous pointer. Lock-free.
    #[track_caller]
    pub fn fetch_xor<'g>(
        &self,
        tag: usize,
        order: Ordering,
        guard: &'g Guard<'_>,
    ) -> Shared<'g, T> {
        self.fetch_tag(order, guard, |current| current ^ tag)
    }

    #[track_caller]
    fn fetch_tag<'g>(
        &self,
        order: Ordering,
        guard: &'g Guard<'_>,
        f: impl Fn(usize) -> usize,
    ) -> Shared<'g, T> {
        let failure = match order {
            Ordering::SeqCst => Ordering::SeqCst,
            Ordering::Acquire | Ordering::AcqRel => Ordering::Acquire,
            _ => Ordering::Relaxed,
        };
        let update = |current: Shared<'g, T>| Some(current.with_tag(f(current.tag())));
        self.fetch_update(order, failure, guard, update).unwrap_or_else(|current| current)
    }

    /// Takes the node.
    ///
    /// # Safety
    /// The pointer is not null, and nobody else uses the node now or later.
    pub unsafe fn into_owned(mut self) -> Owned<T> {
        // SAFETY: by the caller's duties.
        unsafe { Owned::from_raw_data(self.data.load_mut()) }
    }

    /// Takes the node, if the pointer is not null.
    ///
    /// # Safety
    /// Nobody else uses the node now or later.
    pub unsafe fn try_into_owned(mut self) -> Option<Owned<T>> {
        let data = self.data.load_mut();
        // SAFETY: not null; the rest by the caller's duty.
        (!untagged(data).is_null()).then(|| unsafe { Owned::from_raw_data(data) })
    }
}

impl<T> Default for Atomic<T> {
    fn default() -> Self {
        Shared::null().into()
    }
}

impl<T> From<T> for Atomic<T> {
    #[track_caller]
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T> From<Box<T>> for Atomic<T> {
    #[track_caller]
    fn from(value: Box<T>) -> Self {
        <Owned<T> as From<Box<T>>>::from(value).into()
    }
}

impl<T> From<Owned<T>> for Atomic<T> {
    #[inline(always)]
    fn from(owned: Owned<T>) -> Self {
        Self::from_data(owned.into_data())
    }
}

impl<T> From<Shared<'_, T>> for Atomic<T> {
    #[inline(always)]
    fn from(shared: Shared<'_, T>) -> Self {
        Self::from_data(shared.into_data())
    }
}

impl<T> fmt::Debug for Atomic<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Relaxed: only the address is shown.
        Shared::from_raw_data(self.data.load(Ordering::Relaxed)).fmt_as("Atomic", f)
    }
}

/// The loser's half of a failed compare-exchange.
pub struct CompareExchangeError<'g, T, P: Pointer<T>> {
    /// The pointer that was found.
    pub current: Shared<'g, T>,
    /// The pointer that was not stored.
    pub new: P,
}

impl<T, P: Pointer<T> + fmt::Debug> fmt::Debug for CompareExchangeError<'_, T, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CompareExchangeError")
            .field("current", &self.current)
            .field("new", &self.new)
            .finish()
    }
}
