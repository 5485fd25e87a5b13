//! What the owner and its thieves share: counted, and dropped with the last of them.
//!
//! Not `Arc`: targets without compare-and-swap have none, and engines do not see its order.
//!
//! # Ordering
//! * `[P5]` *the last one*: who leaves hands over what it did; the last one's leaving takes it from all
//!   others, whose changes continue one release sequence. So what is left is dropped after every use.

use crate::facade::{
    atomic::{AtomicUsize, Ordering},
    engine::{self, Site},
};
use alloc::boxed::Box;
use core::{ops::Deref, ptr::NonNull};

struct Counted<D> {
    owners: AtomicUsize,
    data: D,
}

/// One of those who share `D`.
pub(super) struct Shared<D> {
    counted: NonNull<Counted<D>>,
}

// SAFETY: every thread may use the data, and the last one drops it.
unsafe impl<D: Send + Sync> Send for Shared<D> {}
// SAFETY: as above.
unsafe impl<D: Send + Sync> Sync for Shared<D> {}

impl<D> Shared<D> {
    #[track_caller]
    pub(super) fn new(data: D) -> Self {
        let counted = Box::new(Counted { owners: AtomicUsize::new(1), data });
        let counted = NonNull::from(Box::leak(counted));
        engine::heap::allocated(counted.as_ptr().cast(), Site::caller());
        Shared { counted }
    }

    #[inline(always)]
    fn counted(&self) -> &Counted<D> {
        // SAFETY: it lives while one of those who share it does.
        unsafe { self.counted.as_ref() }
    }

    /// Whether both are of the same.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.counted == other.counted
    }
}

impl<D> Deref for Shared<D> {
    type Target = D;
    #[inline(always)]
    fn deref(&self) -> &D {
        &self.counted().data
    }
}

impl<D> Clone for Shared<D> {
    fn clone(&self) -> Self {
        // Relaxed: the caller's own count keeps it alive.
        let owners = self.counted().owners.fetch_add(1, Ordering::Relaxed);
        if owners >= isize::MAX as usize {
            // Relaxed: as above. Who catches the panic may try again, and the count shall not wrap around.
            self.counted().owners.fetch_sub(1, Ordering::Relaxed);
            panic!("too many stealers of one deque");
        }
        Shared { counted: self.counted }
    }
}

impl<D> Drop for Shared<D> {
    fn drop(&mut self) {
        if engine::abandoned() {
            return;
        }
        // [P5] Release: what this one did. Acquire: what all others did, for the last one.
        if self.counted().owners.fetch_sub(1, Ordering::AcqRel) > 1 {
            return;
        }
        engine::heap::forget(self.counted.as_ptr().cast());
        // SAFETY: the box that `new` leaked; all others have left. Its memory is freed also when a
        // destructor panics.
        drop(unsafe { Box::from_raw(self.counted.as_ptr()) });
    }
}
