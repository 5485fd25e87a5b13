//! Every form of locking, and what guards do.

use crate::common::{Task, block_on, forget};
use counterpoint::{
    sync::{
        MappedRwLockReadGuard, MappedRwLockWriteGuard, OwnedMappedRwLockReadGuard,
        OwnedMappedRwLockWriteGuard, OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLockReadGuard,
        RwLockWriteGuard, generic::RwLock,
    },
    wait::Spin,
};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::{Duration, Instant},
};

#[test]
fn each_form_locks_and_each_guard_unlocks() {
    let lock: Arc<RwLock<u32>> = Arc::default();
    *lock.try_write().expect("it is free") += 1;
    *lock.write_blocking() += 1;
    *block_on(lock.write()) += 1;
    *lock.write_timeout(Duration::ZERO).expect("it is free") += 1;
    *lock.write_deadline(Instant::now()).expect("it is free") += 1;
    *lock.try_write_owned().expect("it is free") += 1;
    *lock.write_owned_blocking() += 1;
    *block_on(lock.write_owned()) += 1;
    assert!(!lock.is_locked());

    let readers = (
        lock.try_read().expect("it is only read"),
        lock.read_blocking(),
        block_on(lock.read()),
        lock.read_timeout(Duration::ZERO).expect("it is only read"),
        lock.read_deadline(Instant::now()).expect("it is only read"),
        lock.try_read_owned().expect("it is only read"),
        lock.read_owned_blocking(),
        block_on(lock.read_owned()),
    );
    assert_eq!((*readers.0, *readers.7, lock.reader_count()), (8, 8, 8));
    assert!(!lock.is_write_locked() && lock.try_write().is_none());
    drop(readers);

    drop(lock.try_upgradable_read().expect("it is free"));
    drop(lock.upgradable_read_blocking());
    drop(block_on(lock.upgradable_read()));
    drop(lock.upgradable_read_timeout(Duration::ZERO).expect("it is free"));
    drop(lock.upgradable_read_deadline(Instant::now()).expect("it is free"));
    drop(lock.try_upgradable_read_owned().expect("it is free"));
    drop(lock.upgradable_read_owned_blocking());
    drop(block_on(lock.upgradable_read_owned()));
    assert!(!lock.is_locked());

    let mut lock = Arc::into_inner(lock).expect("no guard is left");
    *lock.get_mut() += 1;
    assert_eq!(lock.into_inner(), 9);
}

#[test]
fn who_has_no_luck_gives_up() {
    let lock: Arc<RwLock<u32>> = Arc::new(RwLock::new(0));
    let writer = lock.write_blocking();
    assert!(lock.is_locked() && lock.is_write_locked());
    assert!(lock.try_read().is_none() && lock.try_read_owned().is_none());
    assert!(lock.try_write().is_none() && lock.try_write_owned().is_none());
    assert!(lock.try_upgradable_read().is_none() && lock.try_upgradable_read_owned().is_none());
    assert!(lock.read_timeout(Duration::ZERO).is_none());
    assert!(lock.read_timeout(Duration::from_millis(5)).is_none());
    assert!(lock.read_deadline(Instant::now()).is_none(), "a deadline that is gone");
    assert!(lock.upgradable_read_timeout(Duration::from_millis(5)).is_none());
    assert!(Task::new(lock.read()).poll().is_pending());
    assert!(Task::new(lock.upgradable_read()).poll().is_pending());
    assert_eq!(format!("{lock:?}"), "RwLock { value: <locked> }");
    drop(writer);
    assert_eq!(format!("{lock:?}"), "RwLock { value: 0 }");
    let reader = lock.read_blocking();
    assert!(lock.write_timeout(Duration::ZERO).is_none());
    assert!(lock.write_timeout(Duration::from_millis(5)).is_none());
    assert!(lock.write_deadline(Instant::now()).is_none(), "a deadline that is gone");
    assert!(Task::new(lock.write()).poll().is_pending());
    assert!(lock.try_read().is_some(), "those who gave up bar nobody");
    drop(reader);
    assert!(lock.write_timeout(Duration::MAX).is_some(), "no clock goes as far");
    assert!(lock.read_timeout(Duration::MAX).is_some(), "no clock goes as far");
}

#[test]
fn a_writer_goes_on_as_a_reader() {
    let lock: Arc<RwLock<u32>> = Arc::new(RwLock::new(1));
    let mut writer = lock.write_blocking();
    *writer = 2;
    let mut waits = Task::new(lock.read());
    assert!(waits.poll().is_pending());
    let reader = RwLockWriteGuard::downgrade(writer);
    assert!(waits.is_woken() && waits.poll().is_ready());
    assert_eq!((*reader, lock.reader_count()), (2, 1));
    assert!(lock.try_read().is_some() && lock.try_write().is_none());
    drop((reader, waits));
    let reader = OwnedRwLockWriteGuard::downgrade(lock.write_owned_blocking());
    assert_eq!((*reader, lock.reader_count()), (2, 1));
    drop(reader);
    assert!(!lock.is_locked());
    assert!(Arc::into_inner(lock).is_some(), "no guard keeps an owner");
}

#[test]
fn a_guard_of_a_part_unlocks_the_whole() {
    let lock: RwLock<(u32, Option<u32>)> = RwLock::new((1, None));
    let writer = RwLockWriteGuard::try_map(lock.write_blocking(), |pair| pair.1.as_mut());
    let writer = writer.expect_err("there is no such part");
    assert!(lock.is_write_locked());
    let mut part =
        MappedRwLockWriteGuard::map(RwLockWriteGuard::map(writer, |pair| pair), |pair| &mut pair.0);
    *part = 7;
    assert!(lock.is_write_locked());
    drop(part);
    assert!(!lock.is_locked());
    let reader = RwLockReadGuard::try_map(lock.read_blocking(), |pair| pair.1.as_ref());
    let reader = reader.expect_err("there is no such part");
    let part =
        MappedRwLockReadGuard::map(RwLockReadGuard::map(reader, |pair| pair), |pair| &pair.0);
    assert_eq!((*part, lock.reader_count()), (7, 1));
    drop(part);
    assert!(!lock.is_locked());
}

#[test]
fn a_panic_unlocks_and_poisons_nothing() {
    let lock: RwLock<u32> = RwLock::new(0);
    let said = catch_unwind(AssertUnwindSafe(|| {
        let _writer = lock.write_blocking();
        panic!("while it is locked")
    }));
    assert!(said.is_err() && !lock.is_locked());
    let writer = lock.write_blocking();
    let said = catch_unwind(AssertUnwindSafe(|| {
        drop(RwLockWriteGuard::map(writer, |_| -> &mut u32 {
            panic!("while a part is looked for")
        }));
    }));
    assert!(said.is_err() && !lock.is_locked());
    let reader = lock.read_blocking();
    let said = catch_unwind(AssertUnwindSafe(|| {
        drop(RwLockReadGuard::map(reader, |_| -> &u32 { panic!("while a part is looked for") }));
    }));
    assert!(said.is_err() && !lock.is_locked());
}

#[test]
fn forgotten_guards_and_futures_do_no_harm() {
    let lock: RwLock<String> = RwLock::new("kept".to_owned());
    forget(lock.read_blocking());
    let mut write = Task::new(lock.write());
    assert!(lock.try_write().is_none() && write.poll().is_pending());
    forget(write);
    assert_eq!(lock.into_inner(), "kept", "moved away from a future that waits for ever");
}

#[test]
fn a_future_is_ready_once() {
    let lock: RwLock<()> = RwLock::new(());
    let mut read = Task::new(lock.read());
    assert!(read.poll().is_ready());
    assert!(catch_unwind(AssertUnwindSafe(|| drop(read.poll()))).is_err());
    let guard = lock.try_upgradable_read().expect("it is free");
    let mut upgrade = Task::new(counterpoint::sync::RwLockUpgradableReadGuard::upgrade(guard));
    assert!(upgrade.poll().is_ready());
    assert!(catch_unwind(AssertUnwindSafe(|| drop(upgrade.poll()))).is_err());
    assert!(!lock.is_locked());
}

#[test]
fn values_need_no_size_and_policies_no_system() {
    let slice: &RwLock<[u32]> = &RwLock::new([1, 2, 3]);
    slice.write_blocking()[1] = 5;
    assert_eq!(*slice.read_blocking(), [1, 5, 3]);
    static SPUN: RwLock<u32, Spin> = RwLock::new(3);
    assert_eq!(format!("{}", SPUN.write_blocking()), "3");
    assert_eq!(format!("{:?}", SPUN.read_blocking()), "3");
}

#[test]
#[cfg(all(target_pointer_width = "64", not(feature = "engine")))]
fn they_are_small() {
    assert_eq!(size_of::<RwLock<()>>(), 16);
    let lock: RwLock<()> = RwLock::new(());
    assert!(size_of_val(&lock.read()) <= 104);
}

/// One after the other, each a guard of a part of the one before; and back, where there is no part.
#[test]
fn guards_of_parts_of_parts_keep_the_whole_locked() {
    let lock: Arc<RwLock<(u32, Vec<u32>)>> = Arc::new(RwLock::new((1, vec![2, 3])));
    let list = RwLockReadGuard::map(lock.read_blocking(), |pair| &pair.1);
    let Err(list) = MappedRwLockReadGuard::try_map(list, |list| list.get(2)) else {
        panic!("there is no such part");
    };
    let first = MappedRwLockReadGuard::try_map(list, |list| list.first()).expect("there is one");
    assert!(lock.try_write().is_none() && lock.reader_count() == 1 && *first == 2);
    MappedRwLockReadGuard::unlock_fair(first);
    assert!(!lock.is_locked());

    let list = RwLockWriteGuard::map(lock.write_blocking(), |pair| &mut pair.1);
    let Err(list) = MappedRwLockWriteGuard::try_map(list, |list| list.get_mut(2)) else {
        panic!("there is no such part");
    };
    let mut first =
        MappedRwLockWriteGuard::try_map(list, |list| list.first_mut()).expect("there is one");
    *first += 10;
    assert!(lock.is_write_locked() && format!("{first} {first:?}") == "12 12");
    MappedRwLockWriteGuard::unlock_fair(first);
    assert!(!lock.is_locked());
}

#[test]
fn owned_guards_of_parts_keep_the_lock_alive() {
    let lock: Arc<RwLock<(u32, Vec<u32>)>> = Arc::new(RwLock::new((1, vec![2, 3])));
    let guard = OwnedRwLockWriteGuard::try_map(lock.write_owned_blocking(), |_| None::<&mut str>);
    let list = OwnedRwLockWriteGuard::map(guard.expect_err("there is none"), |pair| &mut pair.1);
    let list = OwnedMappedRwLockWriteGuard::try_map(list, |list| list.get_mut(2));
    let list = OwnedMappedRwLockWriteGuard::map(list.expect_err("there is none"), |list| list);
    let mut last =
        OwnedMappedRwLockWriteGuard::try_map(list, |list| list.last_mut()).expect("there is one");
    *last += 10;
    assert!(lock.is_write_locked() && format!("{last} {last:?}") == "13 13");
    OwnedMappedRwLockWriteGuard::unlock_fair(last);

    let guard = OwnedRwLockReadGuard::try_map(lock.read_owned_blocking(), |_| None::<&str>);
    let list = OwnedRwLockReadGuard::map(guard.expect_err("there is none"), |pair| &pair.1);
    let list = OwnedMappedRwLockReadGuard::try_map(list, |list| list.get(2));
    let list = OwnedMappedRwLockReadGuard::map(list.expect_err("there is none"), |list| list);
    let last = OwnedMappedRwLockReadGuard::try_map(list, |list| list.last()).expect("there is one");
    assert!(lock.reader_count() == 1 && format!("{last} {last:?}") == "13 13");
    let alive = Arc::downgrade(&lock);
    drop(lock);
    assert!(alive.upgrade().expect("the guard keeps it").try_write().is_none());
    drop(last);
    assert!(alive.upgrade().is_none(), "the guard was its last owner");
}
