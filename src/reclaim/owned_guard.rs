//! `OwnedGuard`: a guard that may go from thread to thread.
//!
//! # Soundness of the signatures
//! * Its participant has no handle and no other guard, and nothing makes one from a guard: so who has
//!   the guard has the participant, whose fields one thread at a time uses.
//! * It is `Send`: participants of the backends that it admits know nothing of the thread that they are
//!   on, and whatever hands the guard over orders what was done under it before what is done then.
//!   crossbeam-epoch does not promise that of its participants, so `pin_owned` refuses its domains.
//! * What was retired through it goes with it, and may be freed where it ends: so it is of a shared domain
//!   only, in which any thread may run any destructor. (A private domain's owned views are of its
//!   structures, which know what their values allow.)
//! * It is not `Sync`: it lends `&Guard`, through which the participant is changed.
//! * It lends no `&mut Guard`: a guard of this thread, exchanged for the one within, would go with it.

use super::guard::Guard;
use core::{fmt, ops::Deref};

/// A guard that may be sent to another thread, and so be held across an `.await`; made by
/// [`Collector::pin_owned`](super::Collector::pin_owned).
///
/// Every operation takes it where it takes a [`Guard`], which it dereferences to. Like any guard it keeps
/// all that is retired from now on: hold it across what ends soon.
///
/// ```
/// # #[cfg(feature = "std")] {
/// use counterpoint::{map::SplitOrderedMap, reclaim::Collector};
/// let collector = Collector::new();
/// let map = SplitOrderedMap::with_hasher_in(std::hash::RandomState::new(), collector.clone());
/// map.pin().insert("answer", 42);
/// let guard = collector.pin_owned();
/// let sum = std::thread::scope(|scope| {
///     let map = &map;
///     scope.spawn(move || map.get("answer", &guard).copied()).join().unwrap()
/// });
/// assert_eq!(sum, Some(42));
/// # }
/// ```
/// Two threads do not share it:
/// ```compile_fail,E0277
/// # use counterpoint::reclaim::Collector;
/// fn share<T: Sync>(_: &T) {}
/// share(&Collector::new().pin_owned());
/// ```
/// What it lends stays on its thread:
/// ```compile_fail,E0277
/// # use counterpoint::reclaim::{Collector, Guard};
/// fn send<T: Send>(_: T) {}
/// let owned = Collector::new().pin_owned();
/// let lent: &Guard<'_> = &owned;
/// send(lent);
/// ```
/// and there it ends before the guard goes:
/// ```compile_fail,E0505
/// # use counterpoint::reclaim::{Collector, Guard};
/// let owned = Collector::new().pin_owned();
/// let lent: &Guard<'_> = &owned;
/// std::thread::spawn(move || drop(owned));
/// lent.flush();
/// ```
/// as do references obtained under it:
/// ```compile_fail,E0505
/// # use counterpoint::{map::SplitOrderedMap, reclaim::Collector};
/// let collector = Collector::new();
/// let map = SplitOrderedMap::with_hasher_in(std::hash::RandomState::new(), collector.clone());
/// map.pin().insert(1, 2);
/// let owned = collector.pin_owned();
/// let value = map.get(&1, &owned);
/// std::thread::spawn(move || drop(owned));
/// println!("{value:?}");
/// ```
/// and before it repins:
/// ```compile_fail,E0502
/// # use counterpoint::reclaim::{Atomic, Collector};
/// let mut owned = Collector::new().pin_owned();
/// let slot = Atomic::new(1);
/// let seen = slot.load(core::sync::atomic::Ordering::Acquire, &owned);
/// owned.repin();
/// seen.is_null();
/// ```
/// A guard of a thread does not take its place:
/// ```compile_fail,E0596
/// # use counterpoint::reclaim::Collector;
/// let mut owned = Collector::new().pin_owned();
/// std::mem::swap(&mut *owned, &mut Collector::new().pin());
/// ```
#[must_use = "what it protects is kept while it lives"]
pub struct OwnedGuard {
    guard: Guard<'static>,
}

// SAFETY: the participant is this guard's alone, and of a backend whose participants may go to another
// thread; what its bag holds may be freed on any thread. See the module's head.
unsafe impl Send for OwnedGuard {}

impl OwnedGuard {
    /// # Safety
    /// The guard is its participant's only user, of a shared domain whose backend lets guards move.
    pub(super) unsafe fn new(guard: Guard<'static>) -> Self {
        OwnedGuard { guard }
    }

    /// Ends the pin and begins a new one.
    pub fn repin(&mut self) {
        self.guard.repin();
    }
}

impl Deref for OwnedGuard {
    type Target = Guard<'static>;

    #[inline(always)]
    fn deref(&self) -> &Guard<'static> {
        &self.guard
    }
}

impl fmt::Debug for OwnedGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnedGuard").finish_non_exhaustive()
    }
}
