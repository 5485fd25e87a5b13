//! The two kinds of domains: `Collector`, shared, and `PrivateCollector`, owned by one structure.
//!
//! # Soundness of the signatures
//! * `Collector` is `Clone`, and its state lives as long as any clone, handle or guard; destructors
//!   may run on any thread at any later time. Structures over it therefore ask
//!   [`Reclaims`]: `T: Send + 'static`.
//! * `PrivateCollector` is neither `Clone` nor reachable from handles or guards, all of which
//!   borrow it. When it drops nobody is registered, and all pending destructors run *then*, so
//!   `T` needs to outlive the structure only. Handles or guards that were forgotten leak what was
//!   retired in the domain: it is never run later.
//!
//! A private collector is not `Clone`:
//! ```compile_fail,E0599
//! let private = counterpoint::reclaim::PrivateCollector::new();
//! let kept = private.clone();
//! ```
//! and no handle of it outlives it:
//! ```compile_fail,E0597
//! # use counterpoint::reclaim::PrivateCollector;
//! let handle = { let private = PrivateCollector::new(); private.register() };
//! ```
//! nor a guard:
//! ```compile_fail,E0505
//! # use counterpoint::reclaim::PrivateCollector;
//! let private = PrivateCollector::new();
//! let guard = private.pin();
//! drop(private);
//! guard.flush();
//! ```

use super::{
    backend::{Choice, Global},
    builder::Builder,
    garbage::Ledger,
    guard::Guard,
    handle::Handle,
    local::Local,
    metrics::Metrics,
    owned_guard::OwnedGuard,
    runner,
};
use crate::facade::{first_use::OnFirstUse, ref_count::RefCount};
use alloc::boxed::Box;
use core::{fmt, ptr, ptr::NonNull};

/// What tells domains apart: the address of a collector's state, null for the global one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Id(*const ());

impl Id {
    /// A number that no other live domain has.
    #[cfg_attr(not(feature = "engine"), allow(dead_code))]
    pub(super) fn number(self) -> usize {
        self.0.addr()
    }
}

/// The state of one collector.
pub(super) struct State {
    backend: Global,
    ledger: Ledger,
    owners: RefCount,
}

/// The state of `Collector::global`.
static GLOBAL: OnFirstUse<State> = OnFirstUse::new();

impl State {
    fn new(plan: Builder, keep_first_panic: bool) -> Self {
        State {
            backend: Global::new(plan.choice),
            ledger: Ledger::new(plan.cap, keep_first_panic),
            owners: RefCount::one(),
        }
    }
}

/// An owner of a state; the global one is owned by its static alone.
pub(super) struct StateRef {
    state: NonNull<State>,
    counted: bool,
}

// SAFETY: the state is Sync: a backend's global part is, and a ledger is.
unsafe impl Send for StateRef {}
// SAFETY: as above.
unsafe impl Sync for StateRef {}

impl StateRef {
    fn new(plan: Builder, keep_first_panic: bool) -> Self {
        let state = Box::leak(Box::new(State::new(plan, keep_first_panic)));
        StateRef { state: NonNull::from(state), counted: true }
    }

    fn global() -> Self {
        let state = GLOBAL.get_or_make(|| State::new(Builder::new(Choice::Default), false));
        StateRef { state: NonNull::from(state), counted: false }
    }

    #[inline(always)]
    fn get(&self) -> &State {
        // SAFETY: the state lives while it has owners; the global one for ever.
        unsafe { self.state.as_ref() }
    }

    pub(super) fn backend(&self) -> &Global {
        &self.get().backend
    }

    #[inline(always)]
    pub(super) fn ledger(&self) -> &Ledger {
        &self.get().ledger
    }

    pub(super) fn ledger_ptr(&self) -> NonNull<Ledger> {
        NonNull::from(&self.get().ledger)
    }

    #[track_caller]
    fn assert_moves(&self) {
        assert!(
            self.backend().lets_participants_move(),
            "guards of this domain stay on their threads; those of `Collector::new` with std do not",
        );
    }

    fn id(&self) -> Id {
        if self.counted { Id(self.state.as_ptr().cast_const().cast()) } else { Id(ptr::null()) }
    }
}

impl Clone for StateRef {
    fn clone(&self) -> Self {
        if self.counted {
            self.get().owners.acquire();
        }
        StateRef { state: self.state, counted: self.counted }
    }
}

impl Drop for StateRef {
    fn drop(&mut self) {
        if self.counted && self.get().owners.release() {
            let id = self.id();
            // SAFETY: this was the last owner, and a counted state came from a box.
            let state = self.state.as_ptr();
            // SAFETY: as above; the backend is taken out once, and its batches end before the
            // ledger they point to, which is freed last, with those that it keeps: they look at it no more.
            unsafe {
                let backend = (&raw const (*state).backend).read();
                runner::settle(self.ledger_ptr(), || backend.close(id));
                let ledger = (&raw const (*state).ledger).read();
                drop(Box::from_raw(state.cast::<core::mem::ManuallyDrop<State>>()));
                ledger.panics.resume();
            }
        }
    }
}

/// A shared domain of reclamation. Clones are the same domain.
///
/// Most programs need only the global one, which every structure uses by default, and which
/// `Collector::default()` is; a domain of
/// one's own keeps the garbage of one subsystem from waiting for the guards of another.
///
/// ```
/// use counterpoint::{queue::MsQueue, reclaim::Collector};
/// let collector = Collector::new();
/// let queue = MsQueue::new_in(collector.clone());
/// let handle = collector.register();
/// queue.push(1, &handle.pin());
/// assert_eq!(queue.pop(&handle.pin()), Some(1));
/// ```
#[derive(Clone, Default)]
pub struct Collector {
    /// `None` for the global one.
    state: Option<StateRef>,
}

impl Collector {
    /// The program's global domain. It is never dropped. What [`new`](Self::new) says of barriers, of filters
    /// of system calls and of `fork` holds for it too: where that will not do, give the structures a
    /// [`symmetric`](Self::symmetric) domain.
    pub const fn global() -> Self {
        Collector { state: None }
    }

    /// A domain of its own, which lives as long as any clone, handle or guard of it. Garbage that
    /// owns a clone of its own collector keeps it, and itself, for ever.
    ///
    /// With std its pins are cheap, as the global domain's: a [`Handle`] pins with a load and a store.
    /// Who retires pays for it instead, now and then, with a barrier in every thread of the process (of a
    /// microsecond or more, which interrupts other processors). In [`symmetric`](Self::symmetric) each
    /// pin takes a locked instruction instead.
    ///
    /// The barrier is Linux's membarrier. Where the system has none or refuses it, which is found out
    /// by the first such domain of the process, and without std, each pin issues a fence. With std
    /// nothing is freed by pinning: what waits goes when somebody retires more, or by [`Guard::flush`].
    ///
    /// * Make the first one early: the kernel may take tens of milliseconds to register a process that has
    ///   threads.
    /// * A filter of system calls that is installed later allows membarrier, or nothing is freed from then
    ///   on (or what the filter says happens).
    /// * In a child made by `fork`, threads of the parent that were pinned are so for ever.
    /// * A guard without a [`Handle`] of its own, such as [`pin`](Self::pin) makes, hands over what it has
    ///   retired when it goes: that is a barrier for each.
    ///
    /// ```
    /// use counterpoint::{queue::MsQueue, reclaim::Collector};
    /// let collector = Collector::new();
    /// let queue = MsQueue::new_in(collector.clone());
    /// let handle = collector.register();
    /// queue.push(1, &handle.pin());
    /// assert_eq!(queue.pop(&handle.pin()), Some(1));
    /// ```
    pub fn new() -> Self {
        Builder::new(Choice::Default).build()
    }

    /// A domain of its own that never interrupts other processors, and whose pins take a locked
    /// instruction each: for processes with real-time threads, or with a filter of system calls. Pinning
    /// frees what others have retired, too.
    pub fn symmetric() -> Self {
        Builder::new(Choice::Symmetric).build()
    }

    /// A domain of its own that counts its guards in critical sections, whatever the target: for
    /// structures that interrupts use.
    #[cfg(feature = "critical-section")]
    pub fn critical_section() -> Self {
        Builder::new(Choice::CriticalSection).build()
    }

    /// A domain of its own that is other than [`new`](Self::new)'s: with a cap on its garbage, say.
    pub fn builder() -> Builder {
        Builder::new(Choice::Default)
    }

    pub(super) fn of(plan: Builder) -> Self {
        Collector { state: Some(StateRef::new(plan, false)) }
    }

    /// Whether structures of this domain may interrupt other processors, as it does itself.
    pub(crate) fn interrupts(&self) -> bool {
        self.state().backend().interrupts()
    }

    fn state(&self) -> StateRef {
        self.state.clone().unwrap_or_else(StateRef::global)
    }

    #[inline(always)]
    pub(super) fn id(&self) -> Id {
        match &self.state {
            None => Id(ptr::null()),
            Some(state) => Id(state.state.as_ptr().cast_const().cast()),
        }
    }

    /// Makes the calling thread a member. Allocates; keep the handle.
    pub fn register(&self) -> Handle<'static> {
        // SAFETY: fresh, with one handle; it owns the domain's state.
        unsafe { Handle::new(Local::register(self.state(), self.id())) }
    }

    /// Pins the calling thread.
    ///
    /// For the global domain with std this takes the thread's own handle. Otherwise it registers for this one guard, which allocates: keep a
    /// [`Handle`] instead.
    #[inline]
    pub fn pin(&self) -> Guard<'static> {
        match self.state {
            None => super::default::pin(),
            Some(_) => self.register().pin_domain(),
        }
    }

    /// Pins for a guard that may be sent to another thread, and held across an `.await`. It registers for
    /// this one guard, which allocates.
    ///
    /// # Panics
    /// When guards of this domain stay on their threads: those of [`symmetric`](Self::symmetric) ones do,
    /// and, without std, those of all that have epochs.
    #[track_caller]
    pub fn pin_owned(&self) -> OwnedGuard {
        // SAFETY: alone by its contract; this domain is shared.
        unsafe { OwnedGuard::new(self.pin_alone()) }
    }

    #[track_caller]
    pub(super) fn pin_alone(&self) -> Guard<'static> {
        self.state().assert_moves();
        // The handle goes now, and the guard stays alone.
        self.register().pin_domain()
    }

    /// How many retired nodes and deferred functions wait to be freed.
    ///
    /// Exact when no thread retires or frees; otherwise give or take what others do meanwhile.
    pub fn garbage(&self) -> usize {
        self.peek(0, |ledger| ledger.account.waiting())
    }

    /// How much garbage there is, of which kind, and how much there was.
    ///
    /// Reads a few words that threads change as they retire: not for every operation, but as often as
    /// somebody looks. Wait-free.
    pub fn metrics(&self) -> Metrics {
        self.peek(Ledger::new(usize::MAX, false).metrics(), Ledger::metrics)
    }

    /// How many retired destructors and deferred functions have panicked.
    ///
    /// Their panics were caught: they harm nobody else's call, and this domain never re-raises
    /// them. Without std a panicking destructor aborts the program.
    pub fn panics(&self) -> usize {
        self.peek(0, |ledger| ledger.panics.count())
    }

    /// What the ledger says; `unused`, of the global domain that nobody has used yet.
    fn peek<R>(&self, unused: R, f: impl FnOnce(&Ledger) -> R) -> R {
        match &self.state {
            Some(state) => f(state.ledger()),
            None => GLOBAL.get().map_or(unused, |state| f(&state.ledger)),
        }
    }
}

impl PartialEq for Collector {
    /// Whether both are the same domain.
    fn eq(&self, other: &Self) -> bool {
        self.id() == other.id()
    }
}

impl Eq for Collector {}

impl fmt::Debug for Collector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Collector")
            .field("global", &self.state.is_none())
            .field("garbage", &self.garbage())
            .field("panics", &self.panics())
            .finish()
    }
}

/// A domain that one structure owns: values need not be `'static`, and its drop runs every pending
/// destructor.
///
/// If destructors panicked, its drop re-raises the first panic (with std, and unless the thread
/// unwinds already). A handle or a guard that was forgotten leaks what waits in the domain instead.
///
/// [`Builder::build_private`](super::Builder::build_private) makes one whose garbage has a cap.
///
/// ```
/// use counterpoint::{map::SplitOrderedMap, reclaim::PrivateCollector};
/// # use std::hash::RandomState;
/// let text = String::from("counterpoint");
/// let map = SplitOrderedMap::with_capacity_and_hasher_in(
///     8, RandomState::new(), PrivateCollector::new());
/// map.pin().insert(&text[..7], text.len());
/// assert_eq!(map.pin().get("counter"), Some(&12));
/// ```
pub struct PrivateCollector {
    state: StateRef,
}

impl PrivateCollector {
    /// A domain of its own, as [`Collector::new`].
    pub fn new() -> Self {
        Builder::new(Choice::Default).build_private()
    }

    /// A domain of its own, as [`Collector::symmetric`].
    pub fn symmetric() -> Self {
        Builder::new(Choice::Symmetric).build_private()
    }

    /// A domain of its own that counts its guards in critical sections, whatever the target.
    #[cfg(feature = "critical-section")]
    pub fn critical_section() -> Self {
        Builder::new(Choice::CriticalSection).build_private()
    }

    #[track_caller]
    pub(super) fn pin_alone(&self) -> Guard<'_> {
        self.state.assert_moves();
        self.register().pin_domain()
    }

    pub(super) fn of(plan: Builder) -> Self {
        PrivateCollector { state: StateRef::new(plan, true) }
    }

    /// Makes the calling thread a member. Allocates; keep the handle.
    pub fn register(&self) -> Handle<'_> {
        // SAFETY: fresh, with one handle; the domain outlives the borrow.
        unsafe { Handle::new(Local::register(self.state.clone(), self.state.id())) }
    }

    /// Pins the calling thread, registering for this one guard: keep a [`Handle`] instead where
    /// speed matters.
    pub fn pin(&self) -> Guard<'_> {
        self.register().pin_domain()
    }

    /// As [`Collector::garbage`].
    pub fn garbage(&self) -> usize {
        self.state.ledger().account.waiting()
    }

    /// As [`Collector::metrics`].
    pub fn metrics(&self) -> Metrics {
        self.state.ledger().metrics()
    }

    /// As [`Collector::panics`].
    pub fn panics(&self) -> usize {
        self.state.ledger().panics.count()
    }

    pub(super) fn id(&self) -> Id {
        self.state.id()
    }
}

impl Default for PrivateCollector {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for PrivateCollector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrivateCollector")
            .field("garbage", &self.garbage())
            .field("panics", &self.panics())
            .finish()
    }
}
