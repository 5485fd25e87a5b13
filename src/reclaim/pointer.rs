//! What the three pointer types share: tags in the bits that alignment leaves free, and the trait
//! of what an `Atomic` can be given.

/// The bits of an address that alignment leaves free.
pub(super) const fn tag_mask<T>() -> usize {
    align_of::<T>() - 1
}

#[inline(always)]
pub(super) fn untagged<T>(data: *mut T) -> *mut T {
    data.map_addr(|address| address & !tag_mask::<T>())
}

#[inline(always)]
pub(super) fn tagged<T>(data: *mut T, tag: usize) -> *mut T {
    data.map_addr(|address| (address & !tag_mask::<T>()) | (tag & tag_mask::<T>()))
}

pub(super) mod sealed {
    /// A pointer that can be stored in an `Atomic`.
    pub trait Sealed<T> {
        /// The address and the tag; whoever holds them answers for the node.
        fn into_data(self) -> *mut T;
        /// # Safety
        /// `data` came from `into_data` of the same type and is used once.
        unsafe fn from_data(data: *mut T) -> Self;
    }
}

/// What an [`Atomic`](super::Atomic) can be given: [`Owned`](super::Owned) or
/// [`Shared`](super::Shared).
pub trait Pointer<T>: sealed::Sealed<T> {}
