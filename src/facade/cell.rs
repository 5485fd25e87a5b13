//! `UnsafeCell`, accessed in closures: an engine reports two accesses that nothing orders.

use super::engine;

/// A memory location that is written through a shared reference.
///
/// Unlike `core::cell::UnsafeCell` it hands its pointer to a closure, and the access counts as
/// lasting as long as the closure runs.
#[repr(C)] // Nodes of one form for many types have cells in them.
pub struct UnsafeCell<T> {
    native: core::cell::UnsafeCell<T>,
    binding: engine::CellBinding,
}

const _: () = assert!(cfg!(feature = "engine") || size_of::<UnsafeCell<u64>>() == 8); // [I1]

#[allow(dead_code, reason = "a whole door, of which each build uses the part that it needs")]
impl<T> UnsafeCell<T> {
    /// A cell in a node.
    pub fn new(value: T) -> Self {
        UnsafeCell {
            native: core::cell::UnsafeCell::new(value),
            binding: engine::CellBinding::new(),
        }
    }

    /// A cell in a container root or a static.
    pub const fn root(value: T) -> Self {
        UnsafeCell {
            native: core::cell::UnsafeCell::new(value),
            binding: engine::CellBinding::root(),
        }
    }

    /// A shared access: races with every unordered `with_mut`.
    #[inline(always)]
    #[track_caller]
    pub fn with<R>(&self, f: impl FnOnce(*const T) -> R) -> R {
        self.binding.read(|| f(self.native.get()))
    }

    /// An exclusive access: races with every unordered access.
    #[inline(always)]
    #[track_caller]
    pub fn with_mut<R>(&self, f: impl FnOnce(*mut T) -> R) -> R {
        self.binding.write(|| f(self.native.get()))
    }

    /// The value, through an exclusive reference: to an engine an access like `with_mut`.
    #[inline(always)]
    #[track_caller]
    pub fn get_mut(&mut self) -> &mut T {
        self.binding.write(|| ());
        self.native.get_mut()
    }

    /// The value, when the cell is taken apart: to an engine an access like `with_mut`.
    #[inline(always)]
    #[track_caller]
    pub fn into_inner(self) -> T {
        self.binding.write(|| ());
        self.native.into_inner()
    }
}

impl<T> core::fmt::Debug for UnsafeCell<T> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("UnsafeCell").finish_non_exhaustive()
    }
}
