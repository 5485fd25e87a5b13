//! The seam of a build without an exploration engine: empty types that vanish.
//!
//! `engine/mod.rs` is the other side; both offer the same names. See there for what each means.

use core::sync::atomic::Ordering;

/// No operation is ever driven by an engine.
pub(crate) enum Tracked {}

/// A read-modify-write, as an engine sees it.
#[derive(Clone, Copy)]
#[allow(dead_code, reason = "nobody looks into it in this build")]
pub(crate) enum Rmw {
    Swap(usize),
    Add(usize),
    Sub(usize),
    And(usize),
    Or(usize),
    Xor(usize),
}

impl Tracked {
    pub(crate) fn load(&self, _: Ordering) -> usize {
        match *self {}
    }
    pub(crate) fn store(&self, _: usize, _: Ordering) {
        match *self {}
    }
    pub(crate) fn rmw(&self, _: Rmw, _: Ordering) -> usize {
        match *self {}
    }
    pub(crate) fn compare_exchange(
        &self,
        _: usize,
        _: usize,
        _: Ordering,
        _: Ordering,
    ) -> Result<usize, usize> {
        match *self {}
    }
    pub(crate) fn load_mut(&self) -> usize {
        match *self {}
    }
    pub(crate) fn store_mut(&self, _: usize) {
        match *self {}
    }
}

/// The binding of one atomic word.
pub(crate) struct Word;

impl Word {
    pub(crate) const fn root(_: usize) -> Self {
        Word
    }
    #[inline(always)]
    pub(crate) const fn new(_: usize) -> Self {
        Word
    }
    #[inline(always)]
    pub(crate) fn get(&self) -> Option<Tracked> {
        None
    }
}

/// The binding of one cell.
pub(crate) struct CellBinding;

impl CellBinding {
    pub(crate) const fn root() -> Self {
        CellBinding
    }
    #[inline(always)]
    pub(crate) const fn new() -> Self {
        CellBinding
    }
    #[inline(always)]
    pub(crate) fn read<R>(&self, f: impl FnOnce() -> R) -> R {
        f()
    }
    #[inline(always)]
    pub(crate) fn write<R>(&self, f: impl FnOnce() -> R) -> R {
        f()
    }
}

/// Whether the caller runs inside an execution of a model.
#[inline(always)]
pub(crate) const fn active() -> bool {
    false
}

/// Which thread of an execution the caller is, if it is one.
#[cfg(feature = "std")]
#[inline(always)]
pub(crate) const fn running() -> Option<usize> {
    None
}

/// Whether the caller unwinds inside an execution, where destructors of containers must do nothing.
#[inline(always)]
pub(crate) const fn abandoned() -> bool {
    false
}

/// Whether the caller holds what `key` stands for, in a model.
#[cfg(feature = "critical-section")]
#[inline(always)]
pub(crate) const fn is_holder(_: usize) -> bool {
    false
}

/// The caller holds it now, or nobody does, in a model.
#[cfg(feature = "critical-section")]
#[inline(always)]
pub(crate) const fn set_holder(_: usize, _: bool) {}

/// Runs `f`, which an engine shows as part of the caller's last step.
#[cfg(feature = "critical-section")]
#[inline(always)]
pub(crate) fn one_step<R>(f: impl FnOnce() -> R) -> R {
    f()
}

/// Lets the engine drive a fence; false when the caller shall issue the native one.
#[inline(always)]
pub(crate) fn fence(_: Ordering) -> bool {
    false
}

/// Lets the engine run others, since the caller waits for them; false when the caller shall issue
/// the native hint.
#[inline(always)]
pub(crate) fn spin() -> bool {
    false
}

/// Where in the source an operation stands. Empty here: only engines report it.
#[derive(Clone, Copy)]
pub(crate) struct Site;

impl Site {
    /// The caller's.
    #[inline(always)]
    pub(crate) const fn caller() -> Self {
        Site
    }
}

/// What a thread did to an atomic, for the record of its behaviour.
#[derive(Clone, Copy)]
#[allow(dead_code, reason = "nobody looks into it in this build")]
pub(crate) enum Access {
    Load,
    Store,
    Rmw,
    CompareExchange(bool),
}

/// Records an access and the value it saw.
#[inline(always)]
pub(crate) fn note(_: Access, _: usize) {}

/// The shadow heap: who allocated, who retired, who freed each node of an execution.
pub(crate) mod heap {
    use super::Site;

    /// Registers a fresh allocation.
    #[inline(always)]
    pub(crate) fn allocated(_: *const (), _: Site) {}

    /// Whether the memory must be kept until the execution ends; registers the release.
    ///
    /// # Safety
    /// None in this build; see the other side.
    #[inline(always)]
    pub(crate) unsafe fn quarantine(_: *mut u8, _: core::alloc::Layout, _: Site) -> bool {
        false
    }

    /// Registers that the node leaves for a plain box.
    #[inline(always)]
    pub(crate) fn forget(_: *const ()) {}

    /// Panics, naming both sites, when the node was released before this access.
    #[inline(always)]
    pub(crate) fn check(_: *const (), _: Site) {}
}
