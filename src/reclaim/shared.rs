//! `Shared`: a pointer that a guard bounds.
//!
//! # Soundness of the signatures
//! It is `Copy`, bounded by the guard, and gives no access without `unsafe`; neither `Send` nor
//! `Sync`, as the guard is not.

use super::{
    heap,
    owned::Owned,
    pointer::{Pointer, sealed::Sealed, tag_mask, tagged, untagged},
};
use core::{fmt, marker::PhantomData, ptr};

/// A pointer to a node, valid to compare for ever and to dereference under the guard's argument.
pub struct Shared<'g, T> {
    data: *mut T,
    _marker: PhantomData<(&'g (), *const T)>,
}

impl<T> Pointer<T> for Shared<'_, T> {}

impl<T> Sealed<T> for Shared<'_, T> {
    #[inline(always)]
    fn into_data(self) -> *mut T {
        self.data
    }
    #[inline(always)]
    unsafe fn from_data(data: *mut T) -> Self {
        Shared::from_raw_data(data)
    }
}

impl<T> Clone for Shared<'_, T> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Shared<'_, T> {}

impl<'g, T> Shared<'g, T> {
    /// The null pointer.
    #[inline(always)]
    pub const fn null() -> Self {
        Shared { data: ptr::null_mut(), _marker: PhantomData }
    }

    #[inline(always)]
    pub(super) fn from_raw_data(data: *mut T) -> Self {
        Shared { data, _marker: PhantomData }
    }

    /// The address without its tag.
    #[inline(always)]
    pub fn as_raw(&self) -> *const T {
        untagged(self.data)
    }

    /// Whether the address is null, whatever the tag.
    #[inline(always)]
    pub fn is_null(&self) -> bool {
        untagged(self.data).is_null()
    }

    /// The tag.
    #[inline(always)]
    pub fn tag(&self) -> usize {
        self.data.addr() & tag_mask::<T>()
    }

    /// The same address with another tag; bits that do not fit are dropped.
    #[inline(always)]
    #[must_use]
    pub fn with_tag(&self, tag: usize) -> Self {
        Shared::from_raw_data(tagged(self.data, tag))
    }

    /// The same address and tag as a pointer to another type of the same or a lower alignment, or
    /// without tag. Whoever dereferences it answers for the type.
    #[inline(always)]
    pub(crate) fn cast<U>(self) -> Shared<'g, U> {
        Shared::from_raw_data(self.data.cast())
    }

    /// The node.
    ///
    /// # Safety
    /// The address is not null; the node was not retired before the guard was made and is not
    /// retired through an unprotected guard; its making happens before this call (an Acquire load
    /// of what a Release wrote); nobody writes to it but through its own interior mutability.
    #[inline(always)]
    #[track_caller]
    pub unsafe fn deref(&self) -> &'g T {
        heap::check(self.as_raw());
        // SAFETY: by the caller's duties.
        unsafe { &*self.as_raw() }
    }

    /// The node, to be changed.
    ///
    /// # Safety
    /// As for [`deref`](Self::deref), and nobody else uses the node while the reference lives.
    #[inline(always)]
    #[track_caller]
    pub unsafe fn deref_mut(&mut self) -> &'g mut T {
        heap::check(self.as_raw());
        // SAFETY: by the caller's duties.
        unsafe { &mut *untagged(self.data) }
    }

    /// The node, or `None` for the null pointer.
    ///
    /// # Safety
    /// As for [`deref`](Self::deref), except that the address may be null.
    #[inline(always)]
    #[track_caller]
    pub unsafe fn as_ref(&self) -> Option<&'g T> {
        if self.is_null() {
            return None;
        }
        // SAFETY: by the caller's duties.
        Some(unsafe { self.deref() })
    }

    /// Takes the node.
    ///
    /// # Safety
    /// The address is not null, and nobody else uses the node now or later.
    #[inline(always)]
    pub unsafe fn into_owned(self) -> Owned<T> {
        // SAFETY: by the caller's duties.
        unsafe { Owned::from_raw_data(self.data) }
    }

    /// Takes the node, or `None` for the null pointer.
    ///
    /// # Safety
    /// Nobody else uses the node now or later.
    #[inline(always)]
    pub unsafe fn try_into_owned(self) -> Option<Owned<T>> {
        // SAFETY: not null; the rest by the caller's duty.
        (!self.is_null()).then(|| unsafe { self.into_owned() })
    }

    pub(super) fn fmt_as(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(name).field("address", &self.as_raw()).field("tag", &self.tag()).finish()
    }
}

impl<T> From<*const T> for Shared<'_, T> {
    /// # Panics
    /// When the address is not aligned for `T`.
    fn from(raw: *const T) -> Self {
        assert_eq!(raw.addr() & tag_mask::<T>(), 0, "unaligned pointer");
        Shared::from_raw_data(raw.cast_mut())
    }
}

impl<T> PartialEq for Shared<'_, T> {
    /// Compares address and tag.
    #[inline(always)]
    fn eq(&self, other: &Self) -> bool {
        ptr::eq(self.data, other.data)
    }
}

impl<T> Eq for Shared<'_, T> {}

impl<T> PartialOrd for Shared<'_, T> {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Shared<'_, T> {
    fn cmp(&self, other: &Self) -> core::cmp::Ordering {
        self.data.addr().cmp(&other.data.addr())
    }
}

impl<T> Default for Shared<'_, T> {
    fn default() -> Self {
        Shared::null()
    }
}

impl<T> fmt::Debug for Shared<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fmt_as("Shared", f)
    }
}

impl<T> fmt::Pointer for Shared<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Pointer::fmt(&self.as_raw(), f)
    }
}
