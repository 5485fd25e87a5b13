//! The raw locks in the terms of lock_api 0.5.
//!
//! # Safety of the traits
//! As in `lock_api_04.rs`: who has locked is the only one, or one of the readers, and any thread may unlock.
//! A guard's state says nothing but that; no operation that takes one unwinds.

use super::{RawMutex, RawRwLock};
use crate::{
    sync::{
        Fairness, Preference,
        rwlock::word::{READ, READER, UPGRADABLE, UPGRADABLE_READ, UPGRADE, WRITE, WRITER},
    },
    wait::{Clock, Policy},
};
use core::time::Duration;
use lock_api_0_5::{
    GuardSend, RawMutexFair, RawMutexTimed, RawRwLockDowngrade, RawRwLockFair, RawRwLockTimed,
    RawRwLockUpgrade, RawRwLockUpgradeDowngrade, RawRwLockUpgradeFair, RawRwLockUpgradeTimed,
};

/// A guard, if the lock was taken.
fn if_taken(is_taken: bool) -> Option<GuardSend> {
    is_taken.then(GuardSend::new)
}

/// The guard that the lock is held by now, or the one that it was.
fn upgraded(is_taken: bool, guard: GuardSend) -> Result<GuardSend, GuardSend> {
    if is_taken { Ok(guard) } else { Err(guard) }
}

// SAFETY: see the module's head.
unsafe impl<P: Policy, F: Fairness> lock_api_0_5::RawMutex for RawMutex<P, F> {
    #[allow(clippy::declare_interior_mutable_const, reason = "the trait's way to make one")]
    const INIT: Self = Self::new();

    type Guard = GuardSend;

    #[inline]
    fn lock(&self) -> GuardSend {
        self.take();
        GuardSend::new()
    }

    #[inline]
    fn try_lock(&self) -> Option<GuardSend> {
        if_taken(self.try_take())
    }

    #[inline]
    unsafe fn unlock(&self, _: GuardSend) {
        // SAFETY: as the caller promises.
        unsafe { self.give_back() };
    }

    fn is_locked(&self) -> bool {
        self.is_taken()
    }
}

// SAFETY: see the module's head.
unsafe impl<P: Policy, F: Fairness> RawMutexFair for RawMutex<P, F> {
    unsafe fn unlock_fair(&self, _: GuardSend) {
        // SAFETY: as the caller promises.
        unsafe { self.give_back_fair() };
    }

    unsafe fn bump(&self, _: &mut GuardSend) {
        // SAFETY: as the caller promises.
        unsafe { self.let_others_go_first() };
    }
}

// SAFETY: see the module's head.
unsafe impl<P: Policy + Clock, F: Fairness> RawMutexTimed for RawMutex<P, F> {
    type Duration = Duration;
    type Instant = P::Instant;

    fn try_lock_for(&self, timeout: Duration) -> Option<GuardSend> {
        if_taken(self.take_within(timeout))
    }

    fn try_lock_until(&self, deadline: P::Instant) -> Option<GuardSend> {
        if_taken(self.take_until(deadline))
    }
}

// SAFETY: see the module's head.
unsafe impl<P: Policy, R: Preference> lock_api_0_5::RawRwLock for RawRwLock<P, R> {
    #[allow(clippy::declare_interior_mutable_const, reason = "the trait's way to make one")]
    const INIT: Self = Self::new();

    type SharedGuard = GuardSend;
    type ExclusiveGuard = GuardSend;

    #[inline]
    fn lock_shared(&self) -> GuardSend {
        self.take(READ);
        GuardSend::new()
    }

    #[inline]
    fn try_lock_shared(&self) -> Option<GuardSend> {
        if_taken(self.try_take(READ))
    }

    #[inline]
    unsafe fn unlock_shared(&self, _: GuardSend) {
        // SAFETY: as the caller promises.
        unsafe { self.give_back(READER) };
    }

    #[inline]
    fn lock_exclusive(&self) -> GuardSend {
        self.take(WRITE);
        GuardSend::new()
    }

    #[inline]
    fn try_lock_exclusive(&self) -> Option<GuardSend> {
        if_taken(self.try_take(WRITE))
    }

    #[inline]
    unsafe fn unlock_exclusive(&self, _: GuardSend) {
        // SAFETY: as the caller promises.
        unsafe { self.give_back(WRITER) };
    }

    fn is_locked(&self) -> bool {
        self.is_taken()
    }

    fn is_locked_exclusive(&self) -> bool {
        self.is_written()
    }
}

// SAFETY: see the module's head.
unsafe impl<P: Policy, R: Preference> RawRwLockFair for RawRwLock<P, R> {
    unsafe fn unlock_shared_fair(&self, _: GuardSend) {
        // SAFETY: as the caller promises.
        unsafe { self.give_back_fair(READER) };
    }

    unsafe fn unlock_exclusive_fair(&self, _: GuardSend) {
        // SAFETY: as the caller promises.
        unsafe { self.give_back_fair(WRITER) };
    }

    unsafe fn bump_shared(&self, _: &mut GuardSend) {
        // SAFETY: as the caller promises.
        unsafe { self.let_others_go_first(READER) };
    }

    unsafe fn bump_exclusive(&self, _: &mut GuardSend) {
        // SAFETY: as the caller promises.
        unsafe { self.let_others_go_first(WRITER) };
    }
}

// SAFETY: see the module's head.
unsafe impl<P: Policy, R: Preference> RawRwLockDowngrade for RawRwLock<P, R> {
    unsafe fn downgrade(&self, guard: GuardSend) -> GuardSend {
        // SAFETY: as the caller promises.
        unsafe { self.downgrade(READER) };
        guard
    }
}

// SAFETY: see the module's head.
unsafe impl<P: Policy + Clock, R: Preference> RawRwLockTimed for RawRwLock<P, R> {
    type Duration = Duration;
    type Instant = P::Instant;

    fn try_lock_shared_for(&self, timeout: Duration) -> Option<GuardSend> {
        if_taken(self.take_within(READ, timeout))
    }

    fn try_lock_shared_until(&self, deadline: P::Instant) -> Option<GuardSend> {
        if_taken(self.take_until(READ, deadline))
    }

    fn try_lock_exclusive_for(&self, timeout: Duration) -> Option<GuardSend> {
        if_taken(self.take_within(WRITE, timeout))
    }

    fn try_lock_exclusive_until(&self, deadline: P::Instant) -> Option<GuardSend> {
        if_taken(self.take_until(WRITE, deadline))
    }
}

// SAFETY: see the module's head.
unsafe impl<P: Policy, R: Preference> RawRwLockUpgrade for RawRwLock<P, R> {
    type UpgradableGuard = GuardSend;

    fn lock_upgradable(&self) -> GuardSend {
        self.take(UPGRADABLE_READ);
        GuardSend::new()
    }

    fn try_lock_upgradable(&self) -> Option<GuardSend> {
        if_taken(self.try_take(UPGRADABLE_READ))
    }

    unsafe fn unlock_upgradable(&self, _: GuardSend) {
        // SAFETY: as the caller promises.
        unsafe { self.give_back(UPGRADABLE) };
    }

    unsafe fn upgrade(&self, guard: GuardSend) -> GuardSend {
        self.take(UPGRADE);
        guard
    }

    unsafe fn try_upgrade(&self, guard: GuardSend) -> Result<GuardSend, GuardSend> {
        upgraded(self.try_take(UPGRADE), guard)
    }
}

// SAFETY: see the module's head.
unsafe impl<P: Policy, R: Preference> RawRwLockUpgradeFair for RawRwLock<P, R> {
    unsafe fn unlock_upgradable_fair(&self, _: GuardSend) {
        // SAFETY: as the caller promises.
        unsafe { self.give_back_fair(UPGRADABLE) };
    }

    unsafe fn bump_upgradable(&self, _: &mut GuardSend) {
        // SAFETY: as the caller promises.
        unsafe { self.let_others_go_first(UPGRADABLE) };
    }
}

// SAFETY: see the module's head.
unsafe impl<P: Policy, R: Preference> RawRwLockUpgradeDowngrade for RawRwLock<P, R> {
    unsafe fn downgrade_upgradable(&self, guard: GuardSend) -> GuardSend {
        // SAFETY: as the caller promises.
        unsafe { self.become_a_reader() };
        guard
    }

    unsafe fn downgrade_to_upgradable(&self, guard: GuardSend) -> GuardSend {
        // SAFETY: as the caller promises.
        unsafe { self.downgrade(UPGRADABLE) };
        guard
    }
}

// SAFETY: see the module's head.
unsafe impl<P: Policy + Clock, R: Preference> RawRwLockUpgradeTimed for RawRwLock<P, R> {
    fn try_lock_upgradable_for(&self, timeout: Duration) -> Option<GuardSend> {
        if_taken(self.take_within(UPGRADABLE_READ, timeout))
    }

    fn try_lock_upgradable_until(&self, deadline: P::Instant) -> Option<GuardSend> {
        if_taken(self.take_until(UPGRADABLE_READ, deadline))
    }

    unsafe fn try_upgrade_for(
        &self,
        guard: GuardSend,
        timeout: Duration,
    ) -> Result<GuardSend, GuardSend> {
        upgraded(self.take_within(UPGRADE, timeout), guard)
    }

    unsafe fn try_upgrade_until(
        &self,
        guard: GuardSend,
        deadline: P::Instant,
    ) -> Result<GuardSend, GuardSend> {
        upgraded(self.take_until(UPGRADE, deadline), guard)
    }
}
