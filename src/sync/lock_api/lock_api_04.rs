//! The raw locks in the terms of lock_api 0.4.
//!
//! # Safety of the traits
//! A mutex is locked by one at a time, and a read-write lock by one writer or many readers, of whom one may
//! be upgradable: as `sync::mutex::raw` and `sync::rwlock::raw` say. Any thread may unlock.

use super::{RawMutex, RawRwLock};
use crate::{
    sync::{
        Fairness, Preference, ReaderPreferring,
        rwlock::word::{READ, READER, UPGRADABLE, UPGRADABLE_READ, UPGRADE, WRITE, WRITER},
    },
    wait::{Clock, Policy},
};
use ::lock_api::{
    GuardSend, RawMutexFair, RawMutexTimed, RawRwLockDowngrade, RawRwLockFair, RawRwLockRecursive,
    RawRwLockRecursiveTimed, RawRwLockTimed, RawRwLockUpgrade, RawRwLockUpgradeDowngrade,
    RawRwLockUpgradeFair, RawRwLockUpgradeTimed,
};
use core::time::Duration;

// SAFETY: see the module's head.
unsafe impl<P: Policy, F: Fairness> ::lock_api::RawMutex for RawMutex<P, F> {
    #[allow(clippy::declare_interior_mutable_const, reason = "the trait's way to make one")]
    const INIT: Self = Self::new();

    type GuardMarker = GuardSend;

    #[inline]
    fn lock(&self) {
        self.take();
    }

    #[inline]
    fn try_lock(&self) -> bool {
        self.try_take()
    }

    #[inline]
    unsafe fn unlock(&self) {
        // SAFETY: as the caller promises.
        unsafe { self.give_back() };
    }

    fn is_locked(&self) -> bool {
        self.is_taken()
    }
}

// SAFETY: see the module's head.
unsafe impl<P: Policy, F: Fairness> RawMutexFair for RawMutex<P, F> {
    unsafe fn unlock_fair(&self) {
        // SAFETY: as the caller promises.
        unsafe { self.give_back_fair() };
    }

    unsafe fn bump(&self) {
        // SAFETY: as the caller promises.
        unsafe { self.let_others_go_first() };
    }
}

// SAFETY: see the module's head.
unsafe impl<P: Policy + Clock, F: Fairness> RawMutexTimed for RawMutex<P, F> {
    type Duration = Duration;
    type Instant = P::Instant;

    fn try_lock_for(&self, timeout: Duration) -> bool {
        self.take_within(timeout)
    }

    fn try_lock_until(&self, deadline: P::Instant) -> bool {
        self.take_until(deadline)
    }
}

// SAFETY: see the module's head.
unsafe impl<P: Policy, R: Preference> ::lock_api::RawRwLock for RawRwLock<P, R> {
    #[allow(clippy::declare_interior_mutable_const, reason = "the trait's way to make one")]
    const INIT: Self = Self::new();

    type GuardMarker = GuardSend;

    #[inline]
    fn lock_shared(&self) {
        self.take(READ);
    }

    #[inline]
    fn try_lock_shared(&self) -> bool {
        self.try_take(READ)
    }

    #[inline]
    unsafe fn unlock_shared(&self) {
        // SAFETY: as the caller promises.
        unsafe { self.give_back(READER) };
    }

    #[inline]
    fn lock_exclusive(&self) {
        self.take(WRITE);
    }

    #[inline]
    fn try_lock_exclusive(&self) -> bool {
        self.try_take(WRITE)
    }

    #[inline]
    unsafe fn unlock_exclusive(&self) {
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
    unsafe fn unlock_shared_fair(&self) {
        // SAFETY: as the caller promises.
        unsafe { self.give_back_fair(READER) };
    }

    unsafe fn unlock_exclusive_fair(&self) {
        // SAFETY: as the caller promises.
        unsafe { self.give_back_fair(WRITER) };
    }

    unsafe fn bump_shared(&self) {
        // SAFETY: as the caller promises.
        unsafe { self.let_others_go_first(READER) };
    }

    unsafe fn bump_exclusive(&self) {
        // SAFETY: as the caller promises.
        unsafe { self.let_others_go_first(WRITER) };
    }
}

// SAFETY: see the module's head.
unsafe impl<P: Policy, R: Preference> RawRwLockDowngrade for RawRwLock<P, R> {
    unsafe fn downgrade(&self) {
        // SAFETY: as the caller promises.
        unsafe { self.downgrade(READER) };
    }
}

// SAFETY: see the module's head.
unsafe impl<P: Policy + Clock, R: Preference> RawRwLockTimed for RawRwLock<P, R> {
    type Duration = Duration;
    type Instant = P::Instant;

    fn try_lock_shared_for(&self, timeout: Duration) -> bool {
        self.take_within(READ, timeout)
    }

    fn try_lock_shared_until(&self, deadline: P::Instant) -> bool {
        self.take_until(READ, deadline)
    }

    fn try_lock_exclusive_for(&self, timeout: Duration) -> bool {
        self.take_within(WRITE, timeout)
    }

    fn try_lock_exclusive_until(&self, deadline: P::Instant) -> bool {
        self.take_until(WRITE, deadline)
    }
}

// SAFETY: see the module's head; and who reads is kept out by a writer alone, which there is not while
// another reads.
unsafe impl<P: Policy> RawRwLockRecursive for RawRwLock<P, ReaderPreferring> {
    fn lock_shared_recursive(&self) {
        self.take(READ);
    }

    fn try_lock_shared_recursive(&self) -> bool {
        self.try_take(READ)
    }
}

// SAFETY: as above.
unsafe impl<P: Policy + Clock> RawRwLockRecursiveTimed for RawRwLock<P, ReaderPreferring> {
    fn try_lock_shared_recursive_for(&self, timeout: Duration) -> bool {
        self.take_within(READ, timeout)
    }

    fn try_lock_shared_recursive_until(&self, deadline: P::Instant) -> bool {
        self.take_until(READ, deadline)
    }
}

// SAFETY: see the module's head.
unsafe impl<P: Policy, R: Preference> RawRwLockUpgrade for RawRwLock<P, R> {
    fn lock_upgradable(&self) {
        self.take(UPGRADABLE_READ);
    }

    fn try_lock_upgradable(&self) -> bool {
        self.try_take(UPGRADABLE_READ)
    }

    unsafe fn unlock_upgradable(&self) {
        // SAFETY: as the caller promises.
        unsafe { self.give_back(UPGRADABLE) };
    }

    unsafe fn upgrade(&self) {
        self.take(UPGRADE);
    }

    unsafe fn try_upgrade(&self) -> bool {
        self.try_take(UPGRADE)
    }
}

// SAFETY: see the module's head.
unsafe impl<P: Policy, R: Preference> RawRwLockUpgradeFair for RawRwLock<P, R> {
    unsafe fn unlock_upgradable_fair(&self) {
        // SAFETY: as the caller promises.
        unsafe { self.give_back_fair(UPGRADABLE) };
    }

    unsafe fn bump_upgradable(&self) {
        // SAFETY: as the caller promises.
        unsafe { self.let_others_go_first(UPGRADABLE) };
    }
}

// SAFETY: see the module's head.
unsafe impl<P: Policy, R: Preference> RawRwLockUpgradeDowngrade for RawRwLock<P, R> {
    unsafe fn downgrade_upgradable(&self) {
        // SAFETY: as the caller promises.
        unsafe { self.become_a_reader() };
    }

    unsafe fn downgrade_to_upgradable(&self) {
        // SAFETY: as the caller promises.
        unsafe { self.downgrade(UPGRADABLE) };
    }
}

// SAFETY: see the module's head.
unsafe impl<P: Policy + Clock, R: Preference> RawRwLockUpgradeTimed for RawRwLock<P, R> {
    fn try_lock_upgradable_for(&self, timeout: Duration) -> bool {
        self.take_within(UPGRADABLE_READ, timeout)
    }

    fn try_lock_upgradable_until(&self, deadline: P::Instant) -> bool {
        self.take_until(UPGRADABLE_READ, deadline)
    }

    unsafe fn try_upgrade_for(&self, timeout: Duration) -> bool {
        self.take_within(UPGRADE, timeout)
    }

    unsafe fn try_upgrade_until(&self, deadline: P::Instant) -> bool {
        self.take_until(UPGRADE, deadline)
    }
}
