//! `Owned`: a heap node that one place owns.
//!
//! # Soundness of the signatures
//! It is a `Box<T>` with a tag: same ownership, same `Send` and `Sync`, dropped with its owner.

use super::{
    guard::Guard,
    heap,
    pointer::{Pointer, sealed::Sealed, tag_mask, tagged, untagged},
    recycling::Recyclable,
    shared::Shared,
};
use crate::facade::engine::Site;
use alloc::boxed::Box;
use core::{
    fmt,
    marker::PhantomData,
    mem,
    ops::{Deref, DerefMut},
};

/// A heap node owned by one place, with a tag; otherwise like `Box`.
pub struct Owned<T> {
    data: *mut T,
    _marker: PhantomData<T>,
}

// SAFETY: it owns its `T` as a box does.
unsafe impl<T: Send> Send for Owned<T> {}
// SAFETY: as above.
unsafe impl<T: Sync> Sync for Owned<T> {}

impl<T> Pointer<T> for Owned<T> {}

impl<T> Sealed<T> for Owned<T> {
    #[inline(always)]
    fn into_data(self) -> *mut T {
        mem::ManuallyDrop::new(self).data
    }
    #[inline(always)]
    unsafe fn from_data(data: *mut T) -> Self {
        // SAFETY: by the trait's duty `data` was an `Owned`, and this is its only successor.
        unsafe { Owned::from_raw_data(data) }
    }
}

impl<T> Owned<T> {
    /// Moves `value` to the heap.
    #[inline(always)]
    #[track_caller]
    pub fn new(value: T) -> Self {
        Owned { data: heap::allocate(value), _marker: PhantomData }
    }

    /// Moves `value` to memory that was recycled, or else to the heap.
    #[inline(always)]
    #[track_caller]
    pub(crate) fn recycling(value: T, guard: &Guard<'_>) -> Self
    where
        T: Recyclable,
    {
        const { assert!(T::KIND.is_none() || T::KIND.unwrap().is_bare()) }
        let Some(memory) = guard.recycled::<T>() else { return Owned::new(value) };
        // SAFETY: memory of the layout, as from a box, and nobody else's.
        unsafe {
            memory.write(value);
            Owned::from_raw_data(memory.as_ptr())
        }
    }

    /// What was recycled, with what is in it.
    ///
    /// # Safety
    /// A node is a `T` when it is recycled as that kind.
    pub(crate) unsafe fn recycled(guard: &Guard<'_>) -> Option<Self>
    where
        T: Recyclable,
    {
        // SAFETY: it is a `T`, as from a box, and nobody else's.
        guard.recycled::<T>().map(|node| unsafe { Owned::from_raw_data(node.as_ptr()) })
    }

    /// # Safety
    /// `data` without its tag is not null, came from an `Owned`, and nobody else uses it.
    #[inline(always)]
    pub(super) unsafe fn from_raw_data(data: *mut T) -> Self {
        debug_assert!(!untagged(data).is_null(), "null cannot be owned");
        Owned { data, _marker: PhantomData }
    }

    /// Takes a pointer back.
    ///
    /// # Safety
    /// `raw` came from `Box::into_raw`, and nobody else uses it now or later.
    #[track_caller]
    pub unsafe fn from_raw(raw: *mut T) -> Self {
        // SAFETY: by the caller's duty `raw` is a box.
        Owned { data: heap::adopt(unsafe { Box::from_raw(raw) }), _marker: PhantomData }
    }

    /// Gives the pointer up to a guard's lifetime; nobody frees it until it is retired or owned.
    #[inline(always)]
    pub fn into_shared<'g>(self, _: &'g Guard<'_>) -> Shared<'g, T> {
        Shared::from_raw_data(self.into_data())
    }

    /// The node as a box, without the tag.
    pub fn into_box(self) -> Box<T> {
        let data = self.into_data();
        // SAFETY: an `Owned` is a box owned alone.
        unsafe { heap::surrender(untagged(data)) }
    }

    /// The tag.
    #[inline(always)]
    pub fn tag(&self) -> usize {
        self.data.addr() & tag_mask::<T>()
    }

    /// The same node with another tag; bits that do not fit are dropped.
    #[inline(always)]
    pub fn with_tag(self, tag: usize) -> Self {
        let data = self.into_data();
        Owned { data: tagged(data, tag), _marker: PhantomData }
    }
}

impl<T> Drop for Owned<T> {
    #[track_caller]
    fn drop(&mut self) {
        // SAFETY: it owns its node alone.
        unsafe { heap::release(untagged(self.data), Site::caller()) };
    }
}

impl<T> Deref for Owned<T> {
    type Target = T;
    #[inline(always)]
    fn deref(&self) -> &T {
        // SAFETY: it owns a live node.
        unsafe { &*untagged(self.data) }
    }
}

impl<T> DerefMut for Owned<T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: it owns a live node alone.
        unsafe { &mut *untagged(self.data) }
    }
}

impl<T> AsRef<T> for Owned<T> {
    fn as_ref(&self) -> &T {
        self
    }
}

impl<T> AsMut<T> for Owned<T> {
    fn as_mut(&mut self) -> &mut T {
        self
    }
}

impl<T: Clone> Clone for Owned<T> {
    fn clone(&self) -> Self {
        Owned::new((**self).clone()).with_tag(self.tag())
    }
}

impl<T> From<T> for Owned<T> {
    #[track_caller]
    fn from(value: T) -> Self {
        Owned::new(value)
    }
}

impl<T> From<Box<T>> for Owned<T> {
    #[track_caller]
    fn from(value: Box<T>) -> Self {
        Owned { data: heap::adopt(value), _marker: PhantomData }
    }
}

impl<T: fmt::Debug> fmt::Debug for Owned<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Owned").field("value", &**self).field("tag", &self.tag()).finish()
    }
}
