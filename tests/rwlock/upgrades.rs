//! The reader who may become the writer.

use crate::common::{Task, block_on};
use counterpoint::{
    sync::{
        OwnedRwLockUpgradableReadGuard, OwnedRwLockWriteGuard, ReaderPreferring,
        RwLockUpgradableReadGuard, RwLockWriteGuard, generic::RwLock,
    },
    wait::DefaultPolicy,
};
use std::{sync::Arc, time::Duration};

#[test]
fn one_reader_is_upgradable_beside_others() {
    let lock: RwLock<u32> = RwLock::new(1);
    let upgradable = lock.try_upgradable_read().expect("it is free");
    assert!(lock.try_upgradable_read().is_none() && lock.try_write().is_none());
    let reader = lock.try_read().expect("it is only read");
    assert_eq!((*upgradable, *reader, lock.reader_count()), (1, 1, 2));
    let upgradable = RwLockUpgradableReadGuard::try_upgrade(upgradable).expect_err("one reads");
    drop(reader);
    let mut writer = RwLockUpgradableReadGuard::try_upgrade(upgradable).expect("it is alone");
    *writer += 1;
    assert!(lock.is_write_locked() && lock.try_read().is_none());
    let upgradable = RwLockWriteGuard::downgrade_to_upgradable(writer);
    assert!(lock.try_read().is_some() && lock.try_upgradable_read().is_none());
    let reader = RwLockUpgradableReadGuard::downgrade(upgradable);
    assert!(lock.try_upgradable_read().is_some() && lock.try_write().is_none());
    drop(reader);
    assert!(!lock.is_locked());
}

#[test]
fn each_form_upgrades() {
    let lock: Arc<RwLock<u32>> = Arc::default();
    let upgradable = || lock.try_upgradable_read().expect("it is free");
    *RwLockUpgradableReadGuard::upgrade_blocking(upgradable()) += 1;
    *block_on(RwLockUpgradableReadGuard::upgrade(upgradable())) += 1;
    *RwLockUpgradableReadGuard::upgrade_timeout(upgradable(), Duration::ZERO).expect("alone") += 1;
    *RwLockUpgradableReadGuard::upgrade_timeout(upgradable(), Duration::MAX).expect("alone") += 1;
    let owned = || lock.try_upgradable_read_owned().expect("it is free");
    *OwnedRwLockUpgradableReadGuard::upgrade_blocking(owned()) += 1;
    *block_on(OwnedRwLockUpgradableReadGuard::upgrade(owned())) += 1;
    let writer = OwnedRwLockUpgradableReadGuard::try_upgrade(owned()).expect("it is alone");
    let owned = OwnedRwLockWriteGuard::downgrade_to_upgradable(writer);
    let reader = OwnedRwLockUpgradableReadGuard::downgrade(owned);
    assert_eq!((*reader, lock.reader_count()), (6, 1));
    let also = lock.try_upgradable_read_owned().expect("the other is a reader now");
    let also = OwnedRwLockUpgradableReadGuard::try_upgrade(also).expect_err("one reads");
    drop((reader, also));
    assert!(!lock.is_locked());
}

#[test]
fn an_upgrade_that_has_no_luck_gives_the_guard_back() {
    let lock: RwLock<u32> = RwLock::new(0);
    let reader = lock.try_read().expect("it is free");
    let upgradable = lock.try_upgradable_read().expect("it is only read");
    let upgradable =
        RwLockUpgradableReadGuard::upgrade_timeout(upgradable, Duration::from_millis(5))
            .expect_err("one reads");
    assert_eq!(lock.reader_count(), 2);
    assert!(lock.try_read().is_some(), "readers are let in again");
    drop(reader);
    assert!(RwLockUpgradableReadGuard::try_upgrade(upgradable).is_ok());
}

/// While an upgrade waits readers wait; if it is dropped they are let in, and the lock is released.
#[test]
fn an_upgrade_that_is_dropped_lets_readers_in_and_releases_the_lock() {
    let lock: RwLock<u32> = RwLock::new(0);
    let reader = lock.try_read().expect("it is free");
    let upgradable = lock.try_upgradable_read().expect("it is only read");
    let mut upgrade = Task::new(RwLockUpgradableReadGuard::upgrade(upgradable));
    assert!(upgrade.poll().is_pending() && lock.try_read().is_none());
    let mut behind = Task::new(lock.read());
    let mut other = Task::new(lock.upgradable_read());
    assert!(behind.poll().is_pending() && other.poll().is_pending());
    drop(upgrade);
    assert!(behind.is_woken() && other.is_woken());
    assert!(behind.poll().is_ready() && other.poll().is_ready());
    drop(reader);
    assert!(!lock.is_locked());
}

/// Who upgrades goes before the writers that wait: nobody writes in between.
#[test]
fn an_upgrade_goes_before_writers_that_wait() {
    let lock: RwLock<u32> = RwLock::new(0);
    let reader = lock.try_read().expect("it is free");
    let upgradable = lock.try_upgradable_read().expect("it is only read");
    let mut writer = Task::new(lock.write());
    assert!(writer.poll().is_pending());
    let mut upgrade = Task::new(RwLockUpgradableReadGuard::upgrade(upgradable));
    assert!(upgrade.poll().is_pending());
    drop(reader);
    assert!(upgrade.is_woken() && !writer.is_woken());
    drop(upgrade.poll());
    assert!(writer.is_woken());
    assert!(writer.poll().is_ready());
}

/// One that was told to upgrade, and that nobody polls, keeps no reader out.
#[test]
fn an_upgrade_that_nobody_polls_keeps_no_reader_out() {
    let lock: RwLock<u32> = RwLock::new(0);
    let reader = lock.try_read().expect("it is free");
    let upgradable = lock.try_upgradable_read().expect("it is only read");
    let mut upgrade = Task::new(RwLockUpgradableReadGuard::upgrade(upgradable));
    assert!(upgrade.poll().is_pending());
    drop(reader);
    assert!(upgrade.is_woken());
    let reader = lock.try_read().expect("it is only read");
    assert!(upgrade.poll().is_pending() && lock.try_read().is_none());
    drop(reader);
    assert!(upgrade.poll().is_ready());
}

/// Where readers are preferred who reads may read again, also while somebody waits to upgrade.
#[test]
fn who_reads_may_read_again_while_an_upgrade_waits() {
    let lock: RwLock<u32, DefaultPolicy, ReaderPreferring> = RwLock::new(1);
    let reader = lock.read_blocking();
    let upgradable = lock.upgradable_read_blocking();
    let mut upgrade = Task::new(RwLockUpgradableReadGuard::upgrade(upgradable));
    assert!(upgrade.poll().is_pending());
    let again = lock.try_read();
    assert!(again.is_some() && *lock.read_blocking() == 1);
    drop(reader);
    assert!(!upgrade.is_woken());
    drop(again);
    assert!(upgrade.is_woken() && upgrade.poll().is_ready());
}
