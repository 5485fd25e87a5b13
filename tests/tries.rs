//! What tries waits for nobody: no `try_` form reaches a queue, whose lock somebody may hold who does not
//! run (on one processor it would spin for ever).

use counterpoint::{
    sync::{
        Barging, Fair, Fairness, PhaseFair, Preference, ReaderPreferring,
        RwLockUpgradableReadGuard, Until, WriterPreferring,
        generic::{Counter, Event, Latch, Mutex, Notify, OnceCell, RwLock, Semaphore, WaitGroup},
    },
    wait::{Bit, Exclude, Park, Spin},
};
use std::cell::Cell;

thread_local! {
    /// How many sections under a queue's lock there were.
    static SECTIONS: Cell<usize> = const { Cell::new(0) };
}

/// As `Spin`, and counts.
struct Counts;

impl Park for Counts {
    type Thread = ();

    fn current() {}

    fn share((): &()) {}

    fn park((): &()) {
        panic!("it blocks");
    }

    fn unpark((): &()) {}

    fn relax(_: u32) -> bool {
        panic!("it waits");
    }
}

// SAFETY: as `Spin`.
unsafe impl Exclude for Counts {
    fn exclusive<R>(bit: &Bit, section: impl FnOnce() -> R) -> R {
        SECTIONS.with(|count| count.set(count.get() + 1));
        Spin::exclusive(bit, section)
    }
}

fn waits_for_nobody(tries: impl FnOnce()) {
    let before = SECTIONS.with(Cell::get);
    tries();
    assert_eq!(SECTIONS.with(Cell::get), before, "the lock of a queue was taken");
}

#[test]
fn who_tries_a_mutex_waits_for_nobody() {
    fn tries<F: Fairness>() {
        let mutex: Mutex<(), Counts, F> = Mutex::new(());
        waits_for_nobody(|| {
            let guard = mutex.try_lock();
            assert!(guard.is_some() && mutex.try_lock().is_none());
            drop(guard);
            assert!(mutex.try_lock().is_some());
        });
    }
    tries::<Barging>();
    tries::<Fair>();
}

#[test]
fn who_tries_a_read_write_lock_waits_for_nobody() {
    fn tries<R: Preference>() {
        let lock: RwLock<(), Counts, R> = RwLock::new(());
        waits_for_nobody(|| {
            let reader = lock.try_read();
            let upgradable = lock.try_upgradable_read().expect("a reader is in its way to nothing");
            assert!(reader.is_some() && lock.try_write().is_none());
            assert!(lock.try_upgradable_read().is_none());
            let upgradable = RwLockUpgradableReadGuard::try_upgrade(upgradable);
            let upgradable = upgradable.expect_err("there is a reader");
            drop(reader);
            let writer = RwLockUpgradableReadGuard::try_upgrade(upgradable);
            assert!(writer.is_ok() && lock.try_read().is_none());
        });
    }
    tries::<PhaseFair>();
    tries::<ReaderPreferring>();
    tries::<WriterPreferring>();
}

#[test]
fn who_tries_a_semaphore_waits_for_nobody() {
    fn tries<F: Fairness>() {
        let semaphore: Semaphore<Counts, F> = Semaphore::new(2);
        waits_for_nobody(|| {
            let one = semaphore.try_acquire();
            assert!(one.is_ok() && semaphore.try_acquire_many(2).is_err());
            assert!(semaphore.try_acquire_up_to(2).is_ok());
            semaphore.add_permits(1);
            assert_eq!(semaphore.forget_permits(1), 1);
            semaphore.close();
            assert!(semaphore.try_acquire().is_err());
        });
    }
    tries::<Barging>();
    tries::<Fair>();
}

#[test]
fn who_tries_a_condition_waits_for_nobody() {
    waits_for_nobody(|| {
        let counter: Counter<Counts> = Counter::new(0);
        assert!(counter.try_wait(Until::Equal(0)) && counter.increment() == 1);
        let notify: Notify<Counts> = Notify::new();
        assert!(!notify.try_wait());
        notify.notify_one();
        notify.notify_all();
        assert!(notify.try_wait());
        let (event, latch, group): (Event<Counts>, Latch<Counts>, WaitGroup<Counts>) =
            (Event::new(), Latch::new(1), WaitGroup::new());
        assert!(!event.try_wait() && !latch.try_wait() && group.try_wait());
        event.set();
        latch.count_down();
        drop(group.join());
        let cell: OnceCell<u32, Counts> = OnceCell::new();
        assert!(cell.try_set(1).is_ok() && cell.try_set(2).is_err());
    });
}
