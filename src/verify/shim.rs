//! What a type of one's own is built from in order to run under every engine: the atomics, cells,
//! fences, hints and threads of this crate. Outside of a model they are the native ones.
//!
//! * `new` is for nodes, and for whatever the closure of a model makes itself. An object that was
//!   made outside of the closure, but is used inside, panics.
//! * `root` is `const`, starts at zero (null), and is for the roots of containers and for statics:
//!   each execution starts with a fresh one.
//!
//! Values of a weaker kind of memory appear only in the engine `Weak`.

#[cfg(feature = "engine")]
pub use super::model::thread;
pub use crate::facade::{
    atomic::{AtomicPtr, AtomicUsize, Ordering, fence},
    cell::UnsafeCell,
};

pub mod hint {
    //! Spin hints: `spin_loop` for who waits for another thread, `pause` for who only slows down.

    pub use crate::facade::hint::{pause, spin_loop};
}

pub mod heap {
    //! Nodes on the heap that an execution watches: an access after the release is reported with all
    //! three places, and so is a node that nobody has freed. Outside of a model, plain boxes.

    use crate::facade::engine::{self, Site};
    use core::alloc::Layout;

    /// Moves `value` to the heap. [`free`] or [`take`] gives the memory back.
    #[track_caller]
    pub fn alloc<T>(value: T) -> *mut T {
        let node = Box::into_raw(Box::new(value));
        engine::heap::allocated(node.cast(), Site::caller());
        node
    }

    /// Reports an access to a node that has been freed: to be called before every access to a node
    /// that others may free.
    #[track_caller]
    pub fn check<T>(node: *const T) {
        engine::heap::check(node.cast(), Site::caller());
    }

    /// Drops the value and frees its memory. Inside a model the memory is kept until the execution
    /// ends, so that no address comes twice.
    ///
    /// # Safety
    /// `node` came from [`alloc()`], and the caller owns it alone.
    #[track_caller]
    pub unsafe fn free<T>(node: *mut T) {
        // SAFETY: the caller owns the node, which `alloc` boxed; on true only the value is dropped.
        if unsafe { engine::heap::quarantine(node.cast(), Layout::new::<T>(), Site::caller()) } {
            // SAFETY: the caller owns the value alone.
            unsafe { node.drop_in_place() };
        } else {
            // SAFETY: the box that `alloc` took apart, owned by the caller alone.
            drop(unsafe { Box::from_raw(node) });
        }
    }

    /// The node as an ordinary box, which the execution no longer watches.
    ///
    /// # Safety
    /// As for [`free`].
    pub unsafe fn take<T>(node: *mut T) -> Box<T> {
        engine::heap::forget(node.cast());
        // SAFETY: the box that `alloc` took apart, owned by the caller alone.
        unsafe { Box::from_raw(node) }
    }
}
