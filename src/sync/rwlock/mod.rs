//! The read-write lock: one writer or many readers at a time, threads and tasks.
//!
//! `raw.rs` and `fair.rs` are the lock itself, and `word.rs` its word; here are its value and its forms.

mod fair;
mod future;
mod guard;
#[cfg(target_has_atomic = "ptr")]
mod owned;
#[cfg(target_has_atomic = "ptr")]
mod owned_part;
mod preference;
mod raw;
mod upgradable;
pub(super) mod word;

use crate::wait::{self, Clock, Policy, block_until};
use core::{cell::UnsafeCell, fmt, time::Duration};
pub(super) use raw::RawRwLock;
use word::{READ, UPGRADABLE_READ, WRITE};

pub use future::{ReadLock, UpgradableReadLock, WriteLock};
pub use guard::{MappedRwLockReadGuard, MappedRwLockWriteGuard, RwLockReadGuard, RwLockWriteGuard};
#[cfg(target_has_atomic = "ptr")]
pub use owned::{
    OwnedRwLockReadGuard, OwnedRwLockUpgradableReadGuard, OwnedRwLockWriteGuard, ReadLockOwned,
    UpgradableReadLockOwned, UpgradeOwned, WriteLockOwned,
};
#[cfg(target_has_atomic = "ptr")]
pub use owned_part::{OwnedMappedRwLockReadGuard, OwnedMappedRwLockWriteGuard};
pub use preference::{PhaseFair, Preference, ReaderPreferring, WriterPreferring};
pub use upgradable::{RwLockUpgradableReadGuard, Upgrade};

/// Many readers or one writer at a time, threads and tasks.
///
/// | form | waits as | gives up |
/// |---|---|---|
/// | [`read`](RwLock::read), [`write`](RwLock::write) | a future | when it is dropped |
/// | [`read_blocking`](RwLock::read_blocking), [`write_blocking`](RwLock::write_blocking) | a blocked thread | never |
/// | [`read_timeout`](RwLock::read_timeout), [`write_timeout`](RwLock::write_timeout), and `_deadline` | a blocked thread | then |
/// | [`try_read`](RwLock::try_read), [`try_write`](RwLock::try_write) | not at all | at once |
///
/// [`upgradable_read`](RwLock::upgradable_read) has the same forms: one reader, beside the others,
/// who may become the writer without anybody writing in between. All but the timed ones have an
/// `_owned` form, whose guard keeps an `Arc` of the lock (on targets that have it: those with
/// compare-and-swap).
///
/// ```
/// use counterpoint::sync::RwLock;
///
/// static LIMITS: RwLock<Vec<u32>> = RwLock::new(Vec::new());
/// LIMITS.write_blocking().push(7);
/// let (one, another) = (LIMITS.read_blocking(), LIMITS.read_blocking());
/// assert_eq!(one[0], another[0]);
/// assert!(LIMITS.try_write().is_none());
/// ```
///
/// # Fairness
/// [`PhaseFair`] unless the type says otherwise: while a writer waits new readers wait, and a
/// writer that leaves lets in all the readers that wait. Writers among themselves, and upgradable
/// readers, compete as in a [`Mutex`](super::Mutex): whoever comes may be first, but a thread that
/// lost a few times goes before whoever comes later (but with [`ReaderPreferring`]).
///
/// No future is ever given the lock without being polled. A task that was woken to write, and is
/// not polled, keeps nobody who comes from the lock for longer than a moment, and those queued
/// behind it for a bounded number of releases. (If there are none they wait until it is polled or
/// dropped.) In exchange a task has no bound on how often it loses, though who comes new gives way
/// to it for that moment.
///
/// # Reading twice
/// Who reads already must not wait to read again: a writer may have come in between, for whom the
/// second read waits, and who waits for the first. [`try_read`](RwLock::try_read) says `None` then.
/// With [`ReaderPreferring`] it is allowed.
///
/// # Cancellation
/// A future may be dropped at any time: it loses its place. If it had just been woken the next one is;
/// if readers waited only because of it they are let in.
///
/// # Panics and poison
/// A panic of who has the lock frees it, and poisons nothing. More readers than can be counted, which
/// takes guards that were forgotten, panic: 2¹⁷ on a processor of 32 bits, 2⁴⁹ on one of 64. (On one of
/// 16 bits they are seven, without any that was forgotten.)
///
/// # Wakers
/// While those who waited to read are woken the lock counts a reader more, also for a waker that uses the
/// lock itself: it must not wait to write.
pub struct RwLock<T: ?Sized, P: Policy = wait::DefaultPolicy, R: Preference = PhaseFair> {
    raw: RawRwLock<P, R>,
    value: UnsafeCell<T>,
}

// SAFETY: it holds a T, which moves with it.
unsafe impl<T: ?Sized + Send, P: Policy, R: Preference> Send for RwLock<T, P, R> {}
// SAFETY: readers share the value, hence `T: Sync`; each writer may take it out, hence `T: Send`.
unsafe impl<T: ?Sized + Send + Sync, P: Policy, R: Preference> Sync for RwLock<T, P, R> {}

impl<T, P: Policy, R: Preference> RwLock<T, P, R> {
    /// A lock that nobody has.
    pub const fn new(value: T) -> Self {
        RwLock { raw: RawRwLock::new(), value: UnsafeCell::new(value) }
    }

    /// The value.
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }
}

/// Reading.
impl<T: ?Sized, P: Policy, R: Preference> RwLock<T, P, R> {
    /// Reads, if no writer has the lock, or waits for it. (Only if none has it, with
    /// [`ReaderPreferring`].)
    #[inline]
    pub fn try_read(&self) -> Option<RwLockReadGuard<'_, T, P, R>> {
        let is_locked = self.raw.try_read_at_once() || self.raw.try_lock(READ);
        // SAFETY: locked.
        is_locked.then(|| unsafe { RwLockReadGuard::new(self) })
    }

    /// Blocks the thread until it may read.
    ///
    /// A thread that has the lock already may wait for ever, also if it only reads: see
    /// [above](RwLock#reading-twice).
    #[inline]
    pub fn read_blocking(&self) -> RwLockReadGuard<'_, T, P, R> {
        if !self.raw.try_read_at_once() {
            self.raw.lock_contended(READ);
        }
        // SAFETY: locked.
        unsafe { RwLockReadGuard::new(self) }
    }

    /// A future that waits until it may read.
    #[inline]
    pub fn read(&self) -> ReadLock<'_, T, P, R> {
        ReadLock::new(self)
    }
}

/// Writing.
impl<T: ?Sized, P: Policy, R: Preference> RwLock<T, P, R> {
    /// Writes, if nobody has the lock. (Nor is it kept for a thread that has waited long.)
    #[inline]
    pub fn try_write(&self) -> Option<RwLockWriteGuard<'_, T, P, R>> {
        let is_locked = self.raw.try_write_at_once() || self.raw.try_lock(WRITE);
        // SAFETY: locked.
        is_locked.then(|| unsafe { RwLockWriteGuard::new(self) })
    }

    /// Blocks the thread until it may write.
    ///
    /// A thread that has the lock already waits for ever.
    #[inline]
    pub fn write_blocking(&self) -> RwLockWriteGuard<'_, T, P, R> {
        if !self.raw.try_write_at_once() {
            self.raw.lock_contended(WRITE);
        }
        // SAFETY: locked.
        unsafe { RwLockWriteGuard::new(self) }
    }

    /// A future that waits until it may write.
    #[inline]
    pub fn write(&self) -> WriteLock<'_, T, P, R> {
        WriteLock::new(self)
    }
}

/// Reading, and perhaps writing later.
impl<T: ?Sized, P: Policy, R: Preference> RwLock<T, P, R> {
    /// Reads as the one who may become the writer, if no writer has the lock, or waits for it, and
    /// nobody else is that one.
    pub fn try_upgradable_read(&self) -> Option<RwLockUpgradableReadGuard<'_, T, P, R>> {
        // SAFETY: locked.
        self.raw.try_lock(UPGRADABLE_READ).then(|| unsafe { RwLockUpgradableReadGuard::new(self) })
    }

    /// Blocks the thread until it may read as the one who may become the writer.
    ///
    /// A thread that has the lock already may wait for ever.
    pub fn upgradable_read_blocking(&self) -> RwLockUpgradableReadGuard<'_, T, P, R> {
        if !self.raw.try_lock(UPGRADABLE_READ) {
            self.raw.lock_contended(UPGRADABLE_READ);
        }
        // SAFETY: locked.
        unsafe { RwLockUpgradableReadGuard::new(self) }
    }

    /// A future that waits until it may read as the one who may become the writer.
    pub fn upgradable_read(&self) -> UpgradableReadLock<'_, T, P, R> {
        UpgradableReadLock::new(self)
    }
}

impl<T: ?Sized, P: Policy, R: Preference> RwLock<T, P, R> {
    /// The value: who has the lock for itself needs not lock it.
    pub fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }

    /// Whether somebody reads or writes, at this moment.
    pub fn is_locked(&self) -> bool {
        self.is_write_locked() || self.reader_count() > 0
    }

    /// Whether somebody writes, at this moment.
    pub fn is_write_locked(&self) -> bool {
        self.raw.is_write_locked()
    }

    /// How many read, at this moment, with the one who may become the writer. (It may say one more
    /// while readers that waited are let in.)
    pub fn reader_count(&self) -> usize {
        self.raw.readers()
    }
}

/// For some time.
impl<T: ?Sized, P: Policy + Clock, R: Preference> RwLock<T, P, R> {
    /// Blocks the thread until it may read, or for so long.
    pub fn read_timeout(&self, timeout: Duration) -> Option<RwLockReadGuard<'_, T, P, R>> {
        match self.try_read() {
            Some(guard) => Some(guard),
            None => match P::after(P::now(), timeout) {
                Some(deadline) => self.read_deadline(deadline),
                None => Some(self.read_blocking()),
            },
        }
    }

    /// Blocks the thread until it may read, or until then. If that is over it tries for a moment.
    pub fn read_deadline(&self, deadline: P::Instant) -> Option<RwLockReadGuard<'_, T, P, R>> {
        let is_locked = self.raw.try_read_at_once() || self.lock_until(READ, deadline);
        // SAFETY: locked.
        is_locked.then(|| unsafe { RwLockReadGuard::new(self) })
    }

    /// Blocks the thread until it may write, or for so long.
    pub fn write_timeout(&self, timeout: Duration) -> Option<RwLockWriteGuard<'_, T, P, R>> {
        match self.try_write() {
            Some(guard) => Some(guard),
            None => match P::after(P::now(), timeout) {
                Some(deadline) => self.write_deadline(deadline),
                None => Some(self.write_blocking()),
            },
        }
    }

    /// Blocks the thread until it may write, or until then. If that is over it tries for a moment.
    pub fn write_deadline(&self, deadline: P::Instant) -> Option<RwLockWriteGuard<'_, T, P, R>> {
        let is_locked = self.raw.try_write_at_once() || self.lock_until(WRITE, deadline);
        // SAFETY: locked.
        is_locked.then(|| unsafe { RwLockWriteGuard::new(self) })
    }

    /// Blocks the thread until it may read as the one who may become the writer, or for so long.
    pub fn upgradable_read_timeout(
        &self,
        timeout: Duration,
    ) -> Option<RwLockUpgradableReadGuard<'_, T, P, R>> {
        match self.try_upgradable_read() {
            Some(guard) => Some(guard),
            None => match P::after(P::now(), timeout) {
                Some(deadline) => self.upgradable_read_deadline(deadline),
                None => Some(self.upgradable_read_blocking()),
            },
        }
    }

    /// Blocks the thread until it may read as the one who may become the writer, or until then. If
    /// that is over it tries for a moment.
    pub fn upgradable_read_deadline(
        &self,
        deadline: P::Instant,
    ) -> Option<RwLockUpgradableReadGuard<'_, T, P, R>> {
        let is_locked = self.lock_until(UPGRADABLE_READ, deadline);
        // SAFETY: locked.
        is_locked.then(|| unsafe { RwLockUpgradableReadGuard::new(self) })
    }

    fn lock_until(&self, want: usize, deadline: P::Instant) -> bool {
        self.raw.spin(want) || block_until(&self.raw, want, deadline).is_some()
    }
}

impl<T: Default, P: Policy, R: Preference> Default for RwLock<T, P, R> {
    fn default() -> Self {
        RwLock::new(T::default())
    }
}

impl<T, P: Policy, R: Preference> From<T> for RwLock<T, P, R> {
    fn from(value: T) -> Self {
        RwLock::new(value)
    }
}

impl<T: ?Sized + fmt::Debug, P: Policy, R: Preference> fmt::Debug for RwLock<T, P, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("RwLock");
        match self.try_read() {
            Some(guard) => shown.field("value", &&*guard),
            None => shown.field("value", &format_args!("<locked>")),
        };
        shown.finish()
    }
}
