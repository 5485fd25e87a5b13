//! `unlock_fair` and `bump`: a thread that waits to claim the lock goes before whoever comes.

use crate::common::{Panics, Parked, Random, THREADS, Task, block_on, scaled, seed};
use counterpoint::{
    sync::{
        OwnedRwLockWriteGuard, PhaseFair, Preference, ReaderPreferring, RwLockReadGuard,
        RwLockUpgradableReadGuard, RwLockWriteGuard, WriterPreferring, generic::RwLock,
    },
    wait::{DefaultPolicy, Policy},
};
use std::{
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, mpsc},
    task::{Context, Waker},
    thread,
    time::Duration,
};

type Lock<R> = Arc<RwLock<u32, Parked<2>, R>>;

/// A thread waits (`claim`), and keeps what it has got until `look` has looked at the lock after the
/// release. In the end the lock has no mark left.
fn after<R: Preference, G, C>(
    lock: &Lock<R>,
    guard: G,
    claim: impl FnOnce(Lock<R>) -> C + Send,
    release: impl FnOnce(G),
    look: impl FnOnce(),
) {
    thread::scope(|scope| {
        let (seen, is_seen) = mpsc::channel::<()>();
        let before = Parked::<2>::sleeps();
        let theirs = lock.clone();
        scope.spawn(move || {
            let claimed = claim(theirs);
            let _ = is_seen.recv();
            drop(claimed);
        });
        Parked::<2>::wait(before);
        release(guard);
        look();
        drop(seen);
    });
    assert!(lock.try_write().is_some() && !lock.is_locked(), "a mark is left");
}

fn is_written<R: Preference>(lock: &Lock<R>) {
    assert!(lock.is_write_locked() && lock.try_read().is_none(), "it is free in between");
}

fn a_blocked_claimant<R: Preference>() {
    let lock: Lock<R> = Arc::default();
    let write = |lock: Lock<R>| lock.write_owned_blocking();
    let claim = |lock: Lock<R>| lock.upgradable_read_owned_blocking();
    let is_claimed = || {
        assert!(!lock.is_write_locked() && lock.reader_count() == 1);
        assert!(lock.try_upgradable_read().is_none(), "it is free in between");
    };
    // From each to a writer.
    let guard = lock.write_blocking();
    after(&lock, guard, write, RwLockWriteGuard::unlock_fair, || is_written(&lock));
    let guard = lock.write_owned_blocking();
    after(&lock, guard, write, OwnedRwLockWriteGuard::unlock_fair, || is_written(&lock));
    let guard = lock.read_blocking();
    after(&lock, guard, write, RwLockReadGuard::unlock_fair, || is_written(&lock));
    let guard = lock.upgradable_read_blocking();
    after(&lock, guard, write, RwLockUpgradableReadGuard::unlock_fair, || is_written(&lock));
    // From each that keeps an upgradable reader out.
    let guard = lock.write_blocking();
    after(&lock, guard, claim, RwLockWriteGuard::unlock_fair, is_claimed);
    let guard = lock.upgradable_read_blocking();
    after(&lock, guard, claim, RwLockUpgradableReadGuard::unlock_fair, is_claimed);
    // Not while another one reads.
    let (one, other) = (lock.read_blocking(), lock.read_blocking());
    let still_read = || assert!(!lock.is_write_locked() && lock.reader_count() == 1);
    after(
        &lock,
        (one, Some(other)),
        write,
        |(one, mut other)| {
            RwLockReadGuard::unlock_fair(one);
            still_read();
            RwLockReadGuard::unlock_fair(other.take().expect("it was there"));
        },
        || is_written(&lock),
    );
    // Nobody waits.
    RwLockReadGuard::unlock_fair(lock.read_blocking());
    RwLockWriteGuard::unlock_fair(lock.write_blocking());
    RwLockUpgradableReadGuard::unlock_fair(lock.upgradable_read_blocking());
    assert!(!lock.is_locked());
}

#[test]
fn a_blocked_claimant_is_given_the_lock() {
    a_blocked_claimant::<PhaseFair>();
    a_blocked_claimant::<WriterPreferring>();
    a_blocked_claimant::<ReaderPreferring>();
}

/// As by any release of a writer.
#[test]
fn readers_that_wait_are_let_in() {
    let lock: Lock<PhaseFair> = Arc::default();
    let guard = lock.write_blocking();
    let read = |lock: Lock<PhaseFair>| lock.read_owned_blocking();
    after(&lock, guard, read, RwLockWriteGuard::unlock_fair, || {
        assert!(lock.try_write().is_none(), "it is free in between");
        assert!(!lock.is_write_locked() && lock.reader_count() > 0);
    });
}

#[test]
fn a_task_is_woken_and_not_given_the_lock() {
    let lock: RwLock<u32> = RwLock::new(0);
    let guard = lock.write_blocking();
    let mut task = Task::new(lock.write());
    assert!(task.poll().is_pending());
    RwLockWriteGuard::unlock_fair(guard);
    assert!(task.is_woken() && lock.try_write().is_some() && task.poll().is_ready());
    let guard = lock.read_blocking();
    let mut task = Task::new(lock.write());
    assert!(task.poll().is_pending());
    RwLockReadGuard::unlock_fair(guard);
    assert!(task.is_woken() && lock.try_write().is_some() && task.poll().is_ready());
}

#[test]
fn a_bump_lets_a_blocked_thread_have_its_turn() {
    fn bumped<R: Preference>() {
        let lock: RwLock<u32, Parked<3>, R> = RwLock::new(0);
        let writes = |scope: &mut dyn FnMut()| {
            thread::scope(|threads| {
                let before = Parked::<3>::sleeps();
                threads.spawn(|| *lock.write_blocking() += 1);
                Parked::<3>::wait(before);
                scope();
            });
        };
        let mut writer = lock.write_blocking();
        writes(&mut || {
            RwLockWriteGuard::bump(&mut writer);
            assert_eq!(*writer, 1);
        });
        let mut reader = RwLockWriteGuard::downgrade(writer);
        writes(&mut || {
            RwLockReadGuard::bump(&mut reader);
            assert_eq!(*reader, 2);
        });
        drop(reader);
        let mut reader = lock.upgradable_read_blocking();
        writes(&mut || {
            RwLockUpgradableReadGuard::bump(&mut reader);
            assert_eq!(*reader, 3);
        });
        assert!(lock.try_upgradable_read().is_none() && lock.reader_count() == 1);
        drop(reader);
        assert!(!lock.is_locked());
    }
    bumped::<PhaseFair>();
    bumped::<WriterPreferring>();
    bumped::<ReaderPreferring>();
}

/// What a guard says is true also if somebody's waker panics.
#[test]
fn a_waker_that_panics_unlocks_once() {
    let lock: RwLock<u32> = RwLock::new(0);
    let waker = Waker::from(Arc::new(Panics));
    let mut context = Context::from_waker(&waker);
    let mut reader = lock.read_blocking();
    let mut fragile = Box::pin(lock.write());
    assert!(fragile.as_mut().poll(&mut context).is_pending());
    assert!(catch_unwind(AssertUnwindSafe(|| RwLockReadGuard::bump(&mut reader))).is_err());
    assert_eq!(lock.reader_count(), 1);
    drop(fragile);
    drop(reader);
    let writer = lock.write_blocking();
    let mut fragile = Box::pin(lock.write());
    assert!(fragile.as_mut().poll(&mut context).is_pending());
    assert!(catch_unwind(AssertUnwindSafe(|| RwLockWriteGuard::unlock_fair(writer))).is_err());
    drop(fragile);
    assert!(!lock.is_locked() && lock.try_write().is_some());
}

/// One turn of some kind: how much it has added. The two numbers are equal unless somebody writes.
fn turn<P: Policy, R: Preference>(lock: &RwLock<(u64, u64), P, R>, which: u64, end: u64) -> u64 {
    let add = |pair: &mut (u64, u64)| {
        assert_eq!(pair.0, pair.1, "two write");
        *pair = (pair.0 + 1, pair.1 + 1);
    };
    if which < 3 {
        let mut reader = if which == 0 { block_on(lock.read()) } else { lock.read_blocking() };
        assert_eq!(reader.0, reader.1, "somebody writes");
        match end {
            0 => drop(reader),
            1 => {
                RwLockReadGuard::bump(&mut reader);
                assert_eq!(reader.0, reader.1, "somebody writes");
            }
            _ => RwLockReadGuard::unlock_fair(reader),
        }
        return 0;
    }
    if which == 3 {
        let mut reader = lock.upgradable_read_blocking();
        match end {
            0 => {
                add(&mut RwLockUpgradableReadGuard::upgrade_blocking(reader));
                return 1;
            }
            1 => RwLockUpgradableReadGuard::bump(&mut reader),
            _ => return (RwLockUpgradableReadGuard::unlock_fair(reader), 0).1,
        }
        assert_eq!(reader.0, reader.1, "somebody writes");
        return 0;
    }
    let mut writer = if which == 4 { block_on(lock.write()) } else { lock.write_blocking() };
    add(&mut writer);
    match end {
        0 => drop(RwLockWriteGuard::downgrade(writer)),
        1 => {
            RwLockWriteGuard::bump(&mut writer);
            add(&mut writer);
            return 2;
        }
        _ => RwLockWriteGuard::unlock_fair(writer),
    }
    1
}

/// With those who give up, and with tasks.
fn nothing_is_lost<R: Preference>() {
    let seed = seed();
    let lock: RwLock<(u64, u64), DefaultPolicy, R> = RwLock::default();
    let added: u64 = thread::scope(|scope| {
        let work = |worker: usize| {
            let mut random = Random::new(seed, worker);
            let mut added = 0;
            for _ in 0..scaled(5_000) {
                added += turn(&lock, random.below(7), random.below(3));
                let time = Duration::from_micros(random.below(30));
                if random.below(4) == 0 {
                    if let Some(writer) = lock.write_timeout(time) {
                        RwLockWriteGuard::unlock_fair(writer);
                    }
                }
            }
            added
        };
        let workers: Vec<_> =
            (0..THREADS).map(|worker| scope.spawn(move || work(worker))).collect();
        workers.into_iter().map(|worker| worker.join().expect("a worker ends")).sum()
    });
    assert!(!lock.is_locked());
    assert_eq!(*lock.try_read().expect("all have unlocked"), (added, added));
}

#[test]
fn no_addition_and_no_wake_up_is_lost() {
    nothing_is_lost::<PhaseFair>();
    nothing_is_lost::<WriterPreferring>();
    nothing_is_lost::<ReaderPreferring>();
}
