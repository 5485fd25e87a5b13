//! The read-write lock without a value.

use super::{whole, within};
use crate::{
    sync::{
        PhaseFair, Preference,
        rwlock::{
            self,
            word::{READ, UPGRADABLE, WRITER},
        },
    },
    wait::{self, Clock, Policy, block_until},
};
use core::{fmt, time::Duration};

/// An [`RwLock`](crate::sync::RwLock) without its value, for lock_api (features `lock_api`,
/// `lock_api-0_5`): threads alone wait for it.
///
/// It has every trait that lock_api has for a read-write lock; the timed ones if the policy has a
/// [`Clock`]; those for reading recursively with [`ReaderPreferring`](crate::sync::ReaderPreferring),
/// of which alone that is true. A guard may be sent to another thread, and dropped there.
///
/// ```
/// # #[cfg(feature = "lock_api")] {
/// use counterpoint::sync::RawRwLock;
///
/// static LIMITS: lock_api::RwLock<RawRwLock, Vec<u32>> = lock_api::RwLock::new(Vec::new());
/// LIMITS.write().push(7);
/// assert_eq!(LIMITS.read()[0], LIMITS.upgradable_read()[0]);
/// # }
/// ```
///
/// With the others who reads must not wait to read again:
#[cfg_attr(feature = "lock_api", doc = "```compile_fail,E0277")]
#[cfg_attr(feature = "lock_api", doc = "use counterpoint::sync::RawRwLock;")]
#[cfg_attr(feature = "lock_api", doc = "fn recursive<R: lock_api::RawRwLockRecursive>() {}")]
#[cfg_attr(feature = "lock_api", doc = "recursive::<RawRwLock>();")]
#[cfg_attr(feature = "lock_api", doc = "```")]
///
/// # Panics
/// More readers than can be counted end the program, as does a policy that panics while a thread blocks
/// or is woken.
pub struct RawRwLock<P: Policy = wait::DefaultPolicy, R: Preference = PhaseFair> {
    raw: rwlock::RawRwLock<P, R>,
}

/// What is wanted is `READ`, `WRITE`, `UPGRADABLE_READ` or `UPGRADE`; what is held `READER`, `WRITER` or
/// `UPGRADABLE`: see [`word`](rwlock::word).
impl<P: Policy, R: Preference> RawRwLock<P, R> {
    /// A lock that nobody has.
    pub const fn new() -> Self {
        RawRwLock { raw: rwlock::RawRwLock::new() }
    }

    pub(super) fn is_written(&self) -> bool {
        self.raw.is_write_locked()
    }

    pub(super) fn is_taken(&self) -> bool {
        self.raw.is_write_locked() || self.raw.readers() > 0
    }

    #[inline]
    pub(super) fn try_take(&self, want: usize) -> bool {
        (want == READ && self.raw.try_read_at_once()) || whole(|| self.raw.try_lock(want))
    }

    #[inline]
    pub(super) fn take(&self, want: usize) {
        if !self.try_take(want) {
            whole(|| self.raw.lock_contended(want));
        }
    }

    /// # Safety
    /// The caller holds that.
    #[inline]
    pub(super) unsafe fn give_back(&self, held: usize) {
        // SAFETY: as the caller promises.
        whole(|| unsafe { self.raw.unlock(held) });
    }

    /// # Safety
    /// The caller holds that.
    pub(super) unsafe fn give_back_fair(&self, held: usize) {
        // SAFETY: as the caller promises.
        whole(|| unsafe { self.raw.unlock_fair(held) });
    }

    /// # Safety
    /// The caller holds that.
    pub(super) unsafe fn let_others_go_first(&self, held: usize) {
        // SAFETY: as the caller promises.
        whole(|| unsafe { self.raw.bump(held) });
    }

    /// Goes on as what is `kept`.
    ///
    /// # Safety
    /// The caller is the writer.
    pub(super) unsafe fn downgrade(&self, kept: usize) {
        // SAFETY: as the caller promises.
        whole(|| unsafe { self.raw.trade(WRITER, kept) });
    }

    /// # Safety
    /// The caller is the upgradable reader, and one of the others from then on.
    pub(super) unsafe fn become_a_reader(&self) {
        whole(|| {
            assert!(self.raw.add_reader(), "a read-write lock has too many readers");
            // SAFETY: as the caller promises.
            unsafe { self.raw.unlock(UPGRADABLE) };
        });
    }
}

impl<P: Policy + Clock, R: Preference> RawRwLock<P, R> {
    pub(super) fn take_until(&self, want: usize, deadline: P::Instant) -> bool {
        whole(|| {
            self.raw.try_lock(want)
                || self.raw.spin(want)
                || block_until(&self.raw, want, deadline).is_some()
        })
    }

    pub(super) fn take_within(&self, want: usize, timeout: Duration) -> bool {
        self.try_take(want)
            || within::<P>(timeout, |deadline| self.take_until(want, deadline), || self.take(want))
    }
}

impl<P: Policy, R: Preference> Default for RawRwLock<P, R> {
    fn default() -> Self {
        RawRwLock::new()
    }
}

impl<P: Policy, R: Preference> fmt::Debug for RawRwLock<P, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawRwLock").field("is_locked", &self.is_taken()).finish()
    }
}
