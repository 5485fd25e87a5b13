//! Padding against false sharing.

use core::ops::{Deref, DerefMut};

/// Keeps its value alone on the cache lines that the processor fetches together.
///
/// 128 bytes where the adjacent-line prefetcher pairs 64-byte lines (x86-64, and the 128-byte
/// lines of big aarch64 and powerpc64 cores), nothing on targets without compare-and-swap, which
/// have one core and no data cache.
#[cfg_attr(
    any(target_arch = "x86_64", target_arch = "aarch64", target_arch = "powerpc64"),
    repr(align(128))
)]
#[cfg_attr(
    not(any(
        target_arch = "x86_64",
        target_arch = "aarch64",
        target_arch = "powerpc64",
        not(target_has_atomic = "ptr")
    )),
    repr(align(64))
)]
#[derive(Default)]
pub(crate) struct CachePadded<T>(T);

impl<T> CachePadded<T> {
    pub(crate) const fn new(value: T) -> Self {
        CachePadded(value)
    }
}

impl<T> Deref for CachePadded<T> {
    type Target = T;
    #[inline(always)]
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for CachePadded<T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}
