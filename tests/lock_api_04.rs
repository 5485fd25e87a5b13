//! The raw locks under lock_api 0.4.

#[path = "common/mod.rs"]
mod common;
#[path = "lock_api/shared.rs"]
mod shared;

use common::Parked;
use counterpoint::sync::{RawRwLock, ReaderPreferring};
use lock_api as locks;
use std::{thread, time::Duration};

/// Also while a writer waits.
#[test]
fn who_reads_may_read_again_if_readers_are_preferred() {
    let lock: locks::RwLock<RawRwLock<Parked<6>, ReaderPreferring>, u32> = locks::RwLock::new(0);
    let reader = lock.read();
    thread::scope(|scope| {
        let before = Parked::<6>::sleeps();
        scope.spawn(|| *lock.write() += 1);
        Parked::<6>::wait(before);
        let again = lock.read_recursive();
        assert!(lock.try_read_recursive().is_some() && *again == 0);
        drop((reader, again));
    });
    assert_eq!(lock.into_inner(), 1);
    let lock: locks::RwLock<RawRwLock<_, ReaderPreferring>, u32> = locks::RwLock::new(0);
    let _: &locks::RwLock<RawRwLock<counterpoint::wait::DefaultPolicy, _>, _> = &lock;
    let writer = lock.write();
    assert!(lock.try_read_recursive_for(Duration::ZERO).is_none());
    drop(writer);
    assert!(lock.try_read_recursive_for(Duration::MAX).is_some());
}
