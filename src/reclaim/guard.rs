//! `Guard`: the proof that its thread is pinned.
//!
//! # Soundness of the signatures
//! * A guard is neither `Send` nor `Sync`: its participant belongs to one thread.
//! * `'h` bounds it by its handle or its domain: a guard of a private domain cannot outlive the
//!   structure. There is no way from a guard to its collector.
//! * `repin` takes `&mut self`: every reference obtained under the guard has ended.
//! * `defer` takes `'static + Send` closures, since another thread may run them, at any later time.
//! * A forgotten guard stops all freeing in its domain for ever; nothing dangles.

use super::{
    collector::{Collector, Id},
    garbage::Retired,
    local::Local,
    recycling::Recyclable,
    shared::Shared,
};
use crate::facade::engine::{self, Site};
use core::{
    alloc::Layout,
    fmt,
    marker::PhantomData,
    mem,
    panic::{RefUnwindSafe, UnwindSafe},
    ptr::NonNull,
};

/// Proof that its thread is pinned: what it can reach is not freed while the guard lives.
///
/// A guard that is forgotten, or kept for ever, stops all freeing in its domain; nothing dangles.
///
/// References obtained under a guard end before it repins:
/// ```compile_fail,E0502
/// use counterpoint::reclaim::{Atomic, Collector};
/// let handle = Collector::new().register();
/// let mut guard = handle.pin();
/// let slot = Atomic::new(1);
/// let seen = slot.load(core::sync::atomic::Ordering::Acquire, &guard);
/// guard.repin();
/// seen.is_null();
/// ```
pub struct Guard<'h> {
    /// `None` for the unprotected guard.
    local: Option<NonNull<Local>>,
    _domain: PhantomData<(&'h (), *mut ())>,
}

impl<'h> Guard<'h> {
    /// # Safety
    /// `local` counts one guard, which is this one, and its domain outlives `'h`.
    #[inline(always)]
    pub(super) unsafe fn new(local: NonNull<Local>) -> Self {
        Guard { local: Some(local), _domain: PhantomData }
    }

    #[inline(always)]
    fn local(&self) -> Option<&Local> {
        // SAFETY: a guard keeps its participant alive.
        self.local.map(|local| unsafe { local.as_ref() })
    }

    /// Runs `f` after all guards of now are gone, on whichever thread of the domain comes by.
    ///
    /// A panic of `f` is caught and counted, see [`Collector::panics`]. Nobody promises when `f`
    /// runs: a guard that lives for ever delays it for ever. Lock-free; may run other garbage.
    #[track_caller]
    pub fn defer<F: FnOnce() + Send + 'static>(&self, f: F) {
        // SAFETY: `f` may be called anywhere and at any time.
        unsafe { self.defer_unchecked(f) };
    }

    /// As [`defer`](Self::defer), for closures that are not `'static + Send`.
    ///
    /// # Safety
    /// `f` may be called on every thread that uses the domain, until the domain is dropped.
    #[track_caller]
    pub unsafe fn defer_unchecked<F: FnOnce()>(&self, f: F) {
        match self.local() {
            Some(local) => {
                // SAFETY: by the caller's duty.
                let retired = unsafe { Retired::call(f, Site::caller()) };
                local.retire(retired, size_of::<F>());
            }
            None => f(),
        }
    }

    /// Drops and frees the node after all guards of now are gone.
    ///
    /// # Safety
    /// `node` is not null; no thread that pins from now on can reach it; it is retired once; and
    /// its value may be dropped on every thread that uses the domain, until the domain is dropped.
    #[inline(always)]
    #[track_caller]
    pub unsafe fn defer_destroy<T>(&self, node: Shared<'_, T>) {
        // SAFETY: by the caller's duties.
        unsafe { self.defer_destroy_of(node, size_of::<T>()) }
    }

    /// As [`defer_destroy`](Self::defer_destroy), of a node that with what it owns has so many bytes.
    ///
    /// # Safety
    /// As there.
    #[inline(always)]
    #[track_caller]
    pub(crate) unsafe fn defer_destroy_of<T>(&self, node: Shared<'_, T>, bytes: usize) {
        // SAFETY: by the caller's duties.
        let retired = unsafe { Retired::node(node.as_raw().cast_mut(), Site::caller()) };
        match self.local() {
            Some(local) => local.retire(retired, bytes),
            None => retired.run(),
        }
    }

    /// As [`defer_destroy`](Self::defer_destroy), of a node whose memory may be used again; it has so many
    /// bytes with what it owns.
    ///
    /// # Safety
    /// As there.
    #[inline(always)]
    #[track_caller]
    pub(crate) unsafe fn defer_recycling<N: Recyclable>(&self, node: Shared<'_, N>, bytes: usize) {
        // SAFETY: by the caller's duties.
        let retired = unsafe { Retired::recyclable(node.as_raw().cast_mut(), Site::caller()) };
        match self.local() {
            Some(local) => local.retire(retired, bytes),
            None => retired.run(),
        }
    }

    /// A node that was [recycled](Self::defer_recycling), from whatever structure of the domain: its memory,
    /// and in it what its kind says. It is the caller's, as from a box.
    #[inline(always)]
    pub(crate) fn recycled<N: Recyclable>(&self) -> Option<NonNull<N>> {
        let kind = N::KIND?;
        if engine::active() {
            return None;
        }
        NonNull::new(self.local()?.recycled(kind)?.cast::<N>())
    }

    /// A node that this participant has [kept](Self::keep_spare) of that structure, with the tag that it had.
    #[inline(always)]
    pub(crate) fn take_spare<N>(&self, owner: usize, value: Layout) -> Option<Shared<'_, N>> {
        let (node, tag) = self.local()?.take_spare(owner, value)?;
        Some(Shared::from_raw_data(node.into_data().cast::<N>()).with_tag(tag))
    }

    /// Keeps the node for [`take_spare`](Self::take_spare) by the same structure, told by its address, or
    /// retires it.
    ///
    /// # Safety
    /// As for [`defer_destroy`](Self::defer_destroy); and `N` is `repr(C)`: an `Atomic<N>`, and a cell with
    /// a value of that layout, which is not there any more. Others read the link alone, and get by with
    /// whatever is stored to it while they are pinned; who uses the node again stores to it. Those others are
    /// in the structure: none is left when somebody has that alone, who may free the node at once.
    #[inline(always)]
    #[track_caller]
    pub(crate) unsafe fn keep_spare<N>(&self, owner: usize, node: Shared<'_, N>, value: Layout) {
        // SAFETY: by the caller's duties.
        let retired = unsafe { Retired::node(node.as_raw().cast_mut(), Site::caller()) };
        match self.local() {
            Some(local) => {
                local.keep_spare(owner, (retired, node.tag()), value, size_of::<N>());
            }
            None => retired.run(),
        }
    }

    /// Hands over what this participant has collected, and frees some of what may be freed: the
    /// epoch backend up to eight batches a call, the one with asymmetric fences those of one epoch, if
    /// nobody is pinned with an older one, the critical-section backend nothing while anybody is
    /// pinned. [`Collector::garbage`] tells what waits.
    pub fn flush(&self) {
        if let Some(local) = self.local() {
            local.flush();
        }
    }

    /// Whether the garbage that has been handed over is below its cap; always, where there is none. What
    /// the structures' forms `_within` ask before they add anything: see
    /// [`Builder::garbage_cap`](super::Builder::garbage_cap).
    ///
    /// From half the cap on it tries to free some first, and so may run destructors; `false` is counted as
    /// a refusal. Lock-free.
    #[inline]
    pub fn has_room(&self) -> bool {
        self.local().is_none_or(Local::has_room)
    }

    /// Ends the pin and begins a new one, if this is the participant's only guard.
    pub fn repin(&mut self) {
        if let Some(local) = self.local() {
            local.repin();
        }
    }

    /// Ends the pin, runs `f`, and pins again, also when `f` panics. With other guards of the
    /// same participant alive the thread stays pinned throughout.
    pub fn repin_after<F: FnOnce() -> R, R>(&mut self, f: F) -> R {
        struct PinAgain(Option<NonNull<Local>>);
        impl Drop for PinAgain {
            fn drop(&mut self) {
                if let Some(local) = self.0 {
                    // SAFETY: the participant lives: `keep` below counts a handle.
                    unsafe { local.as_ref() }.pin();
                    // SAFETY: gives that handle back; the guard counts again.
                    unsafe { Local::release_handle(local) };
                }
            }
        }
        if let Some(local) = self.local() {
            local.keep();
            // SAFETY: live; this guard's count is taken again before anybody can use the guard.
            unsafe { Local::unpin(NonNull::from(local)) };
        }
        let again = PinAgain(self.local);
        let result = f();
        drop(again);
        result
    }

    /// Whether this guard protects what `collector` reclaims.
    pub fn is_from(&self, collector: &Collector) -> bool {
        self.local().is_some_and(|local| local.id() == collector.id())
    }

    /// Which stripe of a counter this thread should use.
    #[inline(always)]
    pub(crate) fn stripe(&self) -> usize {
        self.local().map_or(0, Local::index)
    }

    /// Refuses a guard of another domain before any memory is read.
    ///
    /// # Panics
    /// When the guard belongs to another collector than the structure.
    #[inline(always)]
    #[track_caller]
    pub(crate) fn assert_from(&self, id: Id) {
        if let Some(local) = self.local() {
            if local.id() != id {
                foreign();
            }
        }
    }
}

#[cold]
#[inline(never)]
#[track_caller]
fn foreign() -> ! {
    panic!("this guard belongs to another collector than the structure it was given to")
}

impl Drop for Guard<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        if let Some(local) = self.local {
            // SAFETY: live until this guard's count is given back, here.
            unsafe { Local::unpin(local) };
        }
    }
}

// A panic caught around a guard leaves its participant whole: each change is complete before code
// of users runs.
impl UnwindSafe for Guard<'_> {}
impl RefUnwindSafe for Guard<'_> {}

impl fmt::Debug for Guard<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard").field("protected", &self.local.is_some()).finish_non_exhaustive()
    }
}

/// A guard that protects nothing: what is retired through it is freed at once, and it is accepted
/// by every structure.
///
/// # Safety
/// While it is used, no other thread uses the structure, or none retires anything; and nothing
/// that was retired through it is used afterwards.
pub unsafe fn unprotected() -> &'static Guard<'static> {
    struct Unprotected(Guard<'static>);
    // SAFETY: a guard without a participant has no state.
    unsafe impl Sync for Unprotected {}
    static UNPROTECTED: Unprotected = Unprotected(Guard { local: None, _domain: PhantomData });
    &UNPROTECTED.0
}

const _: () = assert!(mem::size_of::<Guard<'_>>() == mem::size_of::<usize>());
