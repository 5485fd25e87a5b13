//! The mutex: one owner at a time, a thread or a task.
//!
//! `raw.rs` is the lock itself; here are its value and its forms.

mod future;
mod guard;
#[cfg(target_has_atomic = "ptr")]
mod owned;
mod raw;
mod word;

use super::{
    Barging, Fair, Fairness,
    key::{Locked, Unlocks},
};
use crate::wait::{self, Clock, Policy};
use core::{cell::UnsafeCell, fmt, time::Duration};
pub(super) use raw::RawMutex;

pub use future::Lock;
pub use guard::{MappedMutexGuard, MutexGuard};
#[cfg(target_has_atomic = "ptr")]
pub use owned::{LockOwned, OwnedMappedMutexGuard, OwnedMutexGuard};

/// Mutual exclusion for threads and tasks.
///
/// | form | waits as | gives up |
/// |---|---|---|
/// | [`lock`](Mutex::lock) | a future | when it is dropped |
/// | [`lock_blocking`](Mutex::lock_blocking) | a blocked thread | never |
/// | [`lock_timeout`](Mutex::lock_timeout), [`lock_deadline`](Mutex::lock_deadline) | a blocked thread | then |
/// | [`try_lock`](Mutex::try_lock) | not at all | at once |
///
/// All but the timed ones have an `_owned` form, whose guard keeps an `Arc` of the mutex
/// (on targets that have it: those with compare-and-swap).
///
/// ```
/// use counterpoint::sync::Mutex;
///
/// static TOTAL: Mutex<u64> = Mutex::new(0);
/// std::thread::scope(|scope| {
///     for _ in 0..4 {
///         scope.spawn(|| *TOTAL.lock_blocking() += 1);
///     }
/// });
/// assert_eq!(*TOTAL.lock_blocking(), 4);
/// ```
///
/// # Fairness
/// A lock that is free goes to whoever comes; who waits is woken in order, and competes. A thread
/// that lost a few times goes before whoever comes later. No future is ever given the lock without
/// being polled: one that was woken and is not polled keeps nobody who comes from the lock, and those
/// queued behind it from a bounded number of releases. (If there are none they wait until it is polled
/// or dropped.) In exchange a task has no bound on how often it loses, though a future that comes new
/// may give way once, by being pending, to one that lost often.
///
/// # Cancellation
/// A [`Lock`] may be dropped at any time: it loses its place, and if it had just been woken, the next
/// one is.
///
/// # Panics and poison
/// A panic of the owner frees the lock, and poisons nothing. (With std, `sync::poison` has one that does.)
pub struct Mutex<T: ?Sized, P: Policy = wait::DefaultPolicy, F: Fairness = Barging> {
    raw: RawMutex<P, F>,
    value: UnsafeCell<T>,
}

// SAFETY: it holds a T, which moves with it.
unsafe impl<T: ?Sized + Send, P: Policy, F: Fairness> Send for Mutex<T, P, F> {}
// SAFETY: the lock gives the value to one thread at a time; `T: Send`, since each may take it out.
unsafe impl<T: ?Sized + Send, P: Policy, F: Fairness> Sync for Mutex<T, P, F> {}

impl<T, P: Policy, F: Fairness> Mutex<T, P, F> {
    /// A mutex that nobody has locked.
    pub const fn new(value: T) -> Self {
        Mutex { raw: RawMutex::new(), value: UnsafeCell::new(value) }
    }

    /// The value.
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }
}

/// A [`Mutex`] that goes to who has waited longest, thread or task.
///
/// It is slower where many want it: each hand-over waits until the next owner runs. And a future that
/// has been given the lock keeps it until it is polled or dropped: if whoever holds that future waits
/// for the lock by another one, both wait for ever ("futurelock"). Do not hold such a future unpolled.
pub type FairMutex<T, P = wait::DefaultPolicy> = Mutex<T, P, Fair>;

/// Its lock's.
impl<T: ?Sized, P: Policy, F: Fairness> Unlocks<Locked> for Mutex<T, P, F> {
    #[inline]
    unsafe fn release(&self, held: Locked) {
        // SAFETY: as the caller promises.
        unsafe { self.raw.unlock(held) }
    }

    unsafe fn release_fair(&self, held: Locked) {
        // SAFETY: as above.
        unsafe { self.raw.unlock_fair(held) }
    }

    unsafe fn bump(&self, held: Locked) -> Locked {
        // SAFETY: as above.
        unsafe { self.raw.bump(held) }
    }
}

/// For conditions.
impl<T: ?Sized, P: Policy, F: Fairness> Mutex<T, P, F> {
    /// The lock itself, for who waits in its queue.
    pub(super) fn raw(&self) -> &RawMutex<P, F> {
        &self.raw
    }
}

/// Locking.
impl<T: ?Sized, P: Policy, F: Fairness> Mutex<T, P, F> {
    /// Locks it if it is free. (It is not while it is kept for a thread that has waited long.)
    #[inline]
    pub fn try_lock(&self) -> Option<MutexGuard<'_, T, P, F>> {
        // SAFETY: locked.
        self.raw.try_lock().map(|held| unsafe { MutexGuard::new(self, held) })
    }

    /// Blocks the thread until it has locked it.
    ///
    /// A thread that has it already waits for ever.
    #[inline]
    pub fn lock_blocking(&self) -> MutexGuard<'_, T, P, F> {
        let held = self.raw.lock();
        // SAFETY: locked.
        unsafe { MutexGuard::new(self, held) }
    }

    /// A future that locks it.
    #[inline]
    pub fn lock(&self) -> Lock<'_, T, P, F> {
        Lock::new(self)
    }

    /// Runs `f` on the value, with the lock held; blocks the thread until it has it.
    pub fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        f(&mut self.lock_blocking())
    }

    /// The value: who has the mutex for itself needs no lock.
    pub fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }

    /// Whether somebody has locked it, at this moment.
    pub fn is_locked(&self) -> bool {
        self.raw.is_locked()
    }
}

/// Locking, for some time.
impl<T: ?Sized, P: Policy + Clock, F: Fairness> Mutex<T, P, F> {
    /// Blocks the thread until it has locked it, or for so long.
    pub fn lock_timeout(&self, timeout: Duration) -> Option<MutexGuard<'_, T, P, F>> {
        match self.try_lock() {
            Some(guard) => Some(guard),
            None => match P::after(P::now(), timeout) {
                Some(deadline) => self.lock_deadline(deadline),
                None => Some(self.lock_blocking()),
            },
        }
    }

    /// Blocks the thread until it has locked it, or until then. If that is over it tries for a moment.
    pub fn lock_deadline(&self, deadline: P::Instant) -> Option<MutexGuard<'_, T, P, F>> {
        let held = self.raw.lock_until(deadline)?;
        // SAFETY: locked.
        Some(unsafe { MutexGuard::new(self, held) })
    }
}

impl<T: Default, P: Policy, F: Fairness> Default for Mutex<T, P, F> {
    fn default() -> Self {
        Mutex::new(T::default())
    }
}

impl<T, P: Policy, F: Fairness> From<T> for Mutex<T, P, F> {
    fn from(value: T) -> Self {
        Mutex::new(value)
    }
}

impl<T: ?Sized + fmt::Debug, P: Policy, F: Fairness> fmt::Debug for Mutex<T, P, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Mutex");
        match self.try_lock() {
            Some(guard) => shown.field("value", &&*guard),
            None => shown.field("value", &format_args!("<locked>")),
        };
        shown.finish()
    }
}
