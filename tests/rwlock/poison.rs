//! `poison::RwLock`: a panic of a writer is told to those who come; one of a reader is not.

use crate::common::block_on;
use counterpoint::sync::poison::{RwLock, RwLockWriteGuard, TryLockError};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::{Duration, Instant},
};

fn poisoned() -> RwLock<u32> {
    let lock: RwLock<u32> = RwLock::new(0);
    let said = catch_unwind(AssertUnwindSafe(|| {
        *lock.write_blocking().expect("nobody has panicked") = 7;
        let _reader = lock.read_blocking();
        panic!("while it is read");
    }));
    assert!(said.is_err() && !lock.is_poisoned(), "readers change nothing");
    let said = catch_unwind(AssertUnwindSafe(|| {
        let _reader = RwLockWriteGuard::downgrade(lock.write_blocking().expect("not poisoned"));
        panic!("while it is read");
    }));
    assert!(said.is_err() && !lock.is_poisoned(), "it was a reader by then");
    let said = catch_unwind(AssertUnwindSafe(|| {
        let _writer = lock.write_blocking();
        panic!("while it is written");
    }));
    assert!(said.is_err() && lock.is_poisoned());
    lock
}

#[test]
fn each_form_says_that_it_is_poisoned_and_gives_the_guard() {
    let mut lock = poisoned();
    assert_eq!(*lock.read_blocking().expect_err("it is poisoned").into_inner(), 7);
    assert_eq!(*block_on(lock.read()).expect_err("it is poisoned").into_inner(), 7);
    assert_eq!(*lock.write_blocking().expect_err("it is poisoned").into_inner(), 7);
    assert_eq!(*block_on(lock.write()).expect_err("it is poisoned").into_inner(), 7);
    let is_poisoned = |error| matches!(error, Some(TryLockError::Poisoned(_)));
    assert!(
        is_poisoned(lock.try_read().err()) && is_poisoned(lock.read_timeout(Duration::ZERO).err())
    );
    assert!(is_poisoned(lock.read_deadline(Instant::now()).err()));
    let is_poisoned = |error| matches!(error, Some(TryLockError::Poisoned(_)));
    assert!(
        is_poisoned(lock.try_write().err()) && is_poisoned(lock.write_timeout(Duration::MAX).err())
    );
    assert!(is_poisoned(lock.write_deadline(Instant::now()).err()));
    assert_eq!(*lock.get_mut().expect_err("it is poisoned").into_inner(), 7);
    lock.clear_poison();
    assert!(lock.read_blocking().is_ok() && lock.write_blocking().is_ok());
    let reader = lock.read_blocking();
    assert!(matches!(lock.try_write(), Err(TryLockError::WouldBlock)));
    assert!(matches!(lock.write_timeout(Duration::ZERO), Err(TryLockError::WouldBlock)));
    drop(reader);
    assert_eq!(lock.into_inner().expect("it was cleared"), 7);
}
