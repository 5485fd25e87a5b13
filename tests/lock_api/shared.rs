//! What is true under either version of lock_api.

use super::{
    common::{Parked, Random, THREADS, scaled, seed},
    locks,
};
use counterpoint::{
    sync::{
        Barging, Fair, Fairness, PhaseFair, Preference, RawMutex, RawRwLock, ReaderPreferring,
        WriterPreferring,
    },
    wait::{DefaultPolicy, Spin},
};
use locks::{MutexGuard, RwLockReadGuard, RwLockUpgradableReadGuard, RwLockWriteGuard};
use std::{
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

type Mutex<T, P = DefaultPolicy, F = Barging> = locks::Mutex<RawMutex<P, F>, T>;
type RwLock<T, P = DefaultPolicy, R = PhaseFair> = locks::RwLock<RawRwLock<P, R>, T>;

fn additions<F: Fairness>() {
    let seed = seed();
    let mutex: Mutex<usize, DefaultPolicy, F> = Mutex::new(0);
    let work = |worker: usize| {
        let mut random = Random::new(seed, worker);
        for _ in 0..scaled(5_000) {
            let mut guard = match random.below(3) {
                0 => mutex.try_lock_for(Duration::from_micros(5)).unwrap_or_else(|| mutex.lock()),
                1 => mutex.try_lock().unwrap_or_else(|| mutex.lock()),
                _ => mutex.lock(),
            };
            *guard += 1;
            match random.below(3) {
                0 => MutexGuard::unlock_fair(guard),
                1 => MutexGuard::bump(&mut guard),
                _ => drop(guard),
            }
        }
    };
    thread::scope(|scope| {
        for worker in 0..THREADS {
            scope.spawn(move || work(worker));
        }
    });
    assert!(!mutex.is_locked());
    assert_eq!(mutex.into_inner(), THREADS * scaled(5_000));
}

#[test]
fn a_mutex_loses_no_addition() {
    additions::<Barging>();
    additions::<Fair>();
}

fn writes<R: Preference>() {
    let seed = seed();
    let lock: RwLock<(usize, usize), DefaultPolicy, R> = RwLock::new((0, 0));
    let work = |worker: usize| {
        let mut random = Random::new(seed, worker);
        let mut added = 0;
        for _ in 0..scaled(5_000) {
            let add = |pair: &mut (usize, usize)| *pair = (pair.0 + 1, pair.1 + 1);
            match random.below(5) {
                0 => {
                    let mut writer = lock.write();
                    add(&mut writer);
                    RwLockWriteGuard::unlock_fair(writer);
                    added += 1;
                }
                1 => {
                    let reader = lock.upgradable_read();
                    let mut writer = RwLockUpgradableReadGuard::upgrade(reader);
                    add(&mut writer);
                    drop(RwLockWriteGuard::downgrade(writer));
                    added += 1;
                }
                2 => {
                    let mut reader = lock.read();
                    RwLockReadGuard::bump(&mut reader);
                    assert_eq!(reader.0, reader.1, "somebody writes");
                }
                3 => {
                    if let Some(mut writer) = lock.try_write_for(Duration::from_micros(5)) {
                        add(&mut writer);
                        added += 1;
                    }
                }
                _ => {
                    let reader = lock.read();
                    assert_eq!(reader.0, reader.1, "somebody writes");
                    RwLockReadGuard::unlock_fair(reader);
                }
            }
        }
        added
    };
    let added: usize = thread::scope(|scope| {
        let workers: Vec<_> =
            (0..THREADS).map(|worker| scope.spawn(move || work(worker))).collect();
        workers.into_iter().map(|worker| worker.join().expect("a worker ends")).sum()
    });
    assert!(!lock.is_locked());
    assert_eq!(lock.into_inner(), (added, added));
}

#[test]
fn a_read_write_lock_loses_no_addition() {
    writes::<PhaseFair>();
    writes::<WriterPreferring>();
    writes::<ReaderPreferring>();
}

#[test]
fn who_has_no_luck_gives_up() {
    static MUTEX: Mutex<u32> = Mutex::new(0);
    let guard = MUTEX.lock();
    assert!(MUTEX.is_locked() && MUTEX.try_lock().is_none());
    assert!(MUTEX.try_lock_for(Duration::ZERO).is_none());
    assert!(MUTEX.try_lock_until(Instant::now()).is_none());
    drop(guard);
    assert!(MUTEX.try_lock_for(Duration::MAX).is_some(), "no clock goes as far");

    static LOCK: RwLock<u32> = RwLock::new(0);
    let reader = LOCK.read();
    assert!(LOCK.is_locked() && !LOCK.is_locked_exclusive());
    assert!(LOCK.try_write().is_none() && LOCK.try_write_for(Duration::ZERO).is_none());
    let upgradable = LOCK.try_upgradable_read().expect("it is only read");
    assert!(LOCK.try_upgradable_read().is_none());
    assert!(LOCK.try_upgradable_read_until(Instant::now()).is_none());
    let upgradable = RwLockUpgradableReadGuard::try_upgrade(upgradable).expect_err("one reads");
    let upgradable = RwLockUpgradableReadGuard::try_upgrade_for(upgradable, Duration::ZERO)
        .expect_err("one reads");
    drop(reader);
    let writer = RwLockUpgradableReadGuard::try_upgrade(upgradable).expect("it is alone");
    assert!(LOCK.is_locked_exclusive() && LOCK.try_read().is_none());
    assert!(LOCK.try_read_until(Instant::now()).is_none());
    let upgradable = RwLockWriteGuard::downgrade_to_upgradable(writer);
    assert!(LOCK.try_read().is_some() && LOCK.try_upgradable_read().is_none());
    let reader = RwLockUpgradableReadGuard::downgrade(upgradable);
    assert!(LOCK.try_upgradable_read().is_some() && LOCK.try_write().is_none());
    drop(reader);
    assert!(!LOCK.is_locked());
}

/// What the guards' types say: that they may be sent, is true.
#[test]
fn a_guard_is_dropped_by_another_thread() {
    let (mutex, lock): (Mutex<u32, Spin>, RwLock<u32>) = (Mutex::new(1), RwLock::new(2));
    let (one, two, three) = (mutex.lock(), lock.read(), lock.upgradable_read());
    thread::scope(|scope| {
        scope.spawn(move || assert_eq!(*one + *two + *three, 5));
    });
    assert!(!mutex.is_locked() && !lock.is_locked());
    let writer = lock.write();
    thread::scope(|scope| drop(scope.spawn(move || drop(writer))));
    assert!(lock.try_write().is_some());
}

#[test]
fn a_blocked_thread_is_given_the_lock() {
    let mutex: Mutex<u32, Parked<4>> = Mutex::new(0);
    let lock: RwLock<u32, Parked<4>> = RwLock::new(0);
    let waits = |claim: &(dyn Fn(mpsc::Receiver<()>) + Sync), release: &mut dyn FnMut()| {
        thread::scope(|scope| {
            let (seen, is_seen) = mpsc::channel();
            let before = Parked::<4>::sleeps();
            scope.spawn(move || claim(is_seen));
            Parked::<4>::wait(before);
            release();
            drop(seen);
        });
    };
    let mut guard = Some(mutex.lock());
    waits(
        &|is_seen| {
            let _guard = mutex.lock();
            let _ = is_seen.recv();
        },
        &mut || {
            MutexGuard::unlock_fair(guard.take().expect("once"));
            assert!(mutex.try_lock().is_none(), "it is free in between");
        },
    );
    let write = |is_seen: mpsc::Receiver<()>| {
        let _guard = lock.write();
        let _ = is_seen.recv();
    };
    let is_written = || assert!(lock.is_locked_exclusive() && lock.try_read().is_none());
    let mut guard = Some(lock.write());
    waits(&write, &mut || {
        RwLockWriteGuard::unlock_fair(guard.take().expect("once"));
        is_written();
    });
    let mut guard = Some(lock.read());
    waits(&write, &mut || {
        RwLockReadGuard::unlock_fair(guard.take().expect("once"));
        is_written();
    });
    let mut guard = Some(lock.upgradable_read());
    waits(&write, &mut || {
        RwLockUpgradableReadGuard::unlock_fair(guard.take().expect("once"));
        is_written();
    });
    assert!(!mutex.is_locked() && !lock.is_locked());
}

#[test]
fn a_bump_lets_a_blocked_thread_have_its_turn() {
    let lock: RwLock<u32, Parked<5>> = RwLock::new(0);
    let mut reader = lock.upgradable_read();
    thread::scope(|scope| {
        let before = Parked::<5>::sleeps();
        scope.spawn(|| *lock.write() += 1);
        Parked::<5>::wait(before);
        RwLockUpgradableReadGuard::bump(&mut reader);
        assert_eq!(*reader, 1);
    });
    let mut writer = RwLockUpgradableReadGuard::upgrade(reader);
    thread::scope(|scope| {
        let before = Parked::<5>::sleeps();
        scope.spawn(|| *lock.write() += 1);
        Parked::<5>::wait(before);
        RwLockWriteGuard::bump(&mut writer);
        assert_eq!(*writer, 2);
    });
    drop(writer);
    assert!(!lock.is_locked());
}
