//! `Handle`: a thread's membership in a domain.
//!
//! # Soundness of the signatures
//! * A handle is neither `Send` nor `Sync`: its participant belongs to one thread.
//! * `'d` is the domain's lifetime: `'static` for a [`Collector`](super::Collector), whose state
//!   the handle keeps alive; the borrow of a [`PrivateCollector`](super::PrivateCollector), so that
//!   no handle, and no guard made from one, outlives the structure.
//! * A forgotten handle leaks its participant and what that has collected; nothing dangles.

use super::{guard::Guard, local::Local};
use core::{
    fmt,
    marker::PhantomData,
    panic::{RefUnwindSafe, UnwindSafe},
    ptr::NonNull,
};

/// A thread's membership in a domain, from which it makes guards cheaply.
///
/// ```
/// use counterpoint::reclaim::Collector;
/// let collector = Collector::new();
/// let handle = collector.register();
/// let guard = handle.pin();
/// guard.defer(|| println!("nobody who was pinned before is pinned now"));
/// ```
///
/// A handle stays on its thread:
/// ```compile_fail,E0277
/// fn send<T: Send>(_: T) {}
/// send(counterpoint::reclaim::Collector::new().register());
/// ```
pub struct Handle<'d> {
    local: NonNull<Local>,
    _domain: PhantomData<(&'d (), *mut ())>,
}

impl<'d> Handle<'d> {
    /// # Safety
    /// `local` counts one handle, which is this one, and its domain outlives `'d`.
    pub(super) unsafe fn new(local: NonNull<Local>) -> Self {
        Handle { local, _domain: PhantomData }
    }

    #[inline(always)]
    fn local(&self) -> &Local {
        // SAFETY: a handle keeps its participant alive.
        unsafe { self.local.as_ref() }
    }

    /// Pins the thread: until the guard is dropped, nothing that is retired from now on is freed.
    ///
    /// The first guard costs a load and a store, or, where the system does not help and in
    /// [`Collector::symmetric`](super::Collector::symmetric), a locked instruction; nested ones an
    /// increment. Lock-free; may run destructors of garbage.
    #[inline(always)]
    pub fn pin(&self) -> Guard<'_> {
        self.local().pin();
        // SAFETY: counted above; the handle's domain outlives its borrow.
        unsafe { Guard::new(self.local) }
    }

    /// As `pin`, for a guard that may outlive the handle.
    #[inline(always)]
    pub(super) fn pin_domain(&self) -> Guard<'d> {
        self.local().pin();
        // SAFETY: counted above, and the participant counts its guards; the domain outlives `'d`.
        unsafe { Guard::new(self.local) }
    }

    /// Whether a guard of this handle lives.
    pub fn is_pinned(&self) -> bool {
        self.local().is_pinned()
    }
}

impl Drop for Handle<'_> {
    fn drop(&mut self) {
        // SAFETY: live until the count of this handle is given back, here.
        unsafe { Local::release_handle(self.local) }
    }
}

// As for `Guard`.
impl UnwindSafe for Handle<'_> {}
impl RefUnwindSafe for Handle<'_> {}

impl fmt::Debug for Handle<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle").field("is_pinned", &self.is_pinned()).finish_non_exhaustive()
    }
}
