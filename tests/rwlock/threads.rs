//! Threads and tasks on real threads.

use crate::common::{Random, Running, THREADS, Task, block_on, scaled, seed};
use counterpoint::{
    sync::{
        PhaseFair, Preference, ReaderPreferring, RwLockUpgradableReadGuard, RwLockWriteGuard,
        WriterPreferring, generic::RwLock,
    },
    wait::{Clock, DefaultPolicy, Policy, Spin},
};
use std::{task::Poll, thread, time::Duration};

/// Two numbers, which are equal unless somebody writes.
#[derive(Default)]
struct Pair(u64, u64);

impl Pair {
    fn add(&mut self) -> u64 {
        assert_eq!(self.0, self.1, "two write");
        self.0 += 1;
        self.1 += 1;
        1
    }

    fn look(&self) -> u64 {
        assert_eq!(self.0, self.1, "somebody writes");
        0
    }
}

type Lock<P, R> = RwLock<Pair, P, R>;

/// One operation: how many it has added.
fn act<P: Policy, R: Preference>(lock: &Lock<P, R>, which: u64) -> u64 {
    match which {
        0..=3 => lock.read_blocking().look(),
        4 | 5 => block_on(lock.read()).look(),
        6 => match Task::new(lock.read()).poll() {
            Poll::Ready(guard) => guard.look(),
            Poll::Pending => 0,
        },
        7 => lock.write_blocking().add(),
        8 => block_on(lock.write()).add(),
        9 => match Task::new(lock.write()).poll() {
            Poll::Ready(mut guard) => guard.add(),
            Poll::Pending => 0,
        },
        10 => {
            let reader = lock.upgradable_read_blocking();
            let before = reader.0;
            let mut writer = RwLockUpgradableReadGuard::upgrade_blocking(reader);
            assert_eq!(writer.0, before, "somebody wrote in between");
            writer.add()
        }
        11 => {
            let reader = block_on(lock.upgradable_read());
            block_on(RwLockUpgradableReadGuard::upgrade(reader)).add()
        }
        12 => {
            let reader = lock.upgradable_read_blocking();
            match Task::new(RwLockUpgradableReadGuard::upgrade(reader)).poll() {
                Poll::Ready(mut writer) => writer.add(),
                Poll::Pending => 0,
            }
        }
        13 => {
            let mut writer = lock.write_blocking();
            let added = writer.add();
            added + RwLockWriteGuard::downgrade(writer).look()
        }
        14 => lock.try_read().map_or(0, |reader| reader.look()),
        _ => lock.try_write().map_or(0, |mut writer| writer.add()),
    }
}

/// As `act`; some give up at some time.
fn act_for_some_time<P: Policy + Clock, R: Preference>(lock: &Lock<P, R>, which: u64) -> u64 {
    let time = Duration::from_micros(which % 50);
    match which % 19 {
        16 => lock.read_timeout(time).map_or(0, |reader| reader.look()),
        17 => lock.write_timeout(time).map_or(0, |mut writer| writer.add()),
        18 => lock.upgradable_read_timeout(time).map_or(0, |reader| {
            RwLockUpgradableReadGuard::upgrade_timeout(reader, time)
                .map_or_else(|reader| reader.look(), |mut writer| writer.add())
        }),
        which => act(lock, which),
    }
}

/// Every form at once. What was added is there, and everybody comes to an end.
fn nothing_is_lost<P: Policy, R: Preference>(act: fn(&Lock<P, R>, u64) -> u64) {
    let seed = seed();
    let lock = Lock::<P, R>::default();
    let added: u64 = thread::scope(|scope| {
        let workers = (0..THREADS).map(|worker| {
            let lock = &lock;
            scope.spawn(move || {
                let mut random = Random::new(seed, worker);
                (0..scaled(20_000)).map(|_| act(lock, random.below(16 * 19))).sum::<u64>()
            })
        });
        let workers: Vec<_> = workers.collect();
        workers.into_iter().map(|worker| worker.join().expect("a worker ends")).sum()
    });
    let guard = lock.try_write().expect("all have unlocked");
    assert_eq!((guard.0, guard.1), (added, added));
}

#[test]
fn no_addition_and_no_wake_up_is_lost() {
    nothing_is_lost::<DefaultPolicy, PhaseFair>(act_for_some_time);
    nothing_is_lost::<DefaultPolicy, ReaderPreferring>(act_for_some_time);
    nothing_is_lost::<DefaultPolicy, WriterPreferring>(act_for_some_time);
}

#[test]
fn no_addition_is_lost_without_a_system() {
    nothing_is_lost::<Spin, PhaseFair>(|lock, which| act(lock, which % 16));
}

#[test]
#[cfg(feature = "critical-section")]
fn no_addition_is_lost_in_critical_sections() {
    nothing_is_lost::<counterpoint::wait::Critical, PhaseFair>(|lock, which| act(lock, which % 16));
}

/// Some come again and again until another has had the lock so often: it has.
fn is_not_starved<R: Preference>(rival: u64, patient: u64) {
    let lock = Lock::<DefaultPolicy, R>::default();
    let running = Running::new(1);
    thread::scope(|scope| {
        for _ in 1..THREADS {
            scope.spawn(|| {
                while running.any() {
                    act(&lock, rival);
                }
            });
        }
        let _shift = running.shift();
        for _ in 0..scaled(500) {
            act(&lock, patient);
        }
    });
}

const READS: u64 = 0;
const WRITES: u64 = 7;
const UPGRADES: u64 = 10;

#[test]
fn threads_are_not_starved() {
    is_not_starved::<PhaseFair>(READS, WRITES);
    is_not_starved::<PhaseFair>(WRITES, READS);
    is_not_starved::<PhaseFair>(WRITES, WRITES);
    is_not_starved::<PhaseFair>(READS, UPGRADES);
    is_not_starved::<PhaseFair>(WRITES, UPGRADES);
    is_not_starved::<WriterPreferring>(READS, WRITES);
    is_not_starved::<ReaderPreferring>(WRITES, READS);
}
