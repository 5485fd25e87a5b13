//! The forms: tuples and arrays, tasks and threads, with a deadline and without.

use crate::common::{Task, block_on};
use counterpoint::{
    select::{Operation, Select, Selected, other},
    sync::{
        Barrier, Condvar, Counter, Event, Latch, RwLock, RwLockUpgradableReadGuard, Semaphore,
        Until, WaitGroup,
        generic::{Mutex, Notify},
    },
    wait::Spin,
};
use std::{
    future::{pending, poll_fn, ready},
    mem,
    sync::Arc,
    task::Poll,
    thread,
    time::{Duration, Instant},
};

#[test]
fn the_first_that_can_go_on_is_selected() {
    let (mutex, semaphore): (Mutex<_>, Semaphore) = (Mutex::new(1), Semaphore::new(0));
    let notify: Notify = Notify::new();
    let select = || Select::new((semaphore.acquire(), mutex.lock(), notify.wait()));
    assert!(matches!(select().try_wait(), Some(Selected::Second(guard)) if *guard == 1));
    let held = mutex.lock_blocking();
    assert!(select().try_wait().is_none());
    notify.notify_one();
    assert!(matches!(select().wait_blocking(), Selected::Third(())));
    semaphore.add_permits(1);
    assert!(matches!(select().wait_blocking(), Selected::First(Ok(_))));
    drop(held);
    assert!(matches!(select().try_wait(), Some(Selected::First(Ok(_)))), "it went back");
    semaphore.close();
    assert!(matches!(select().try_wait(), Some(Selected::First(Err(_)))));
}

#[test]
fn of_an_array_it_says_which() {
    let doors: [Notify; 3] = Default::default();
    let select = || Select::new(doors.each_ref().map(Notify::wait));
    assert!(select().try_wait().is_none());
    for nth in [2, 0, 1] {
        doors[nth].notify_one();
        assert_eq!(select().wait_blocking(), (nth, ()));
    }
    assert!(doors.iter().all(|door| !door.try_wait()), "a permit is left");
    let none: [counterpoint::sync::Notified<'_>; 0] = [];
    assert!(Select::new(none).try_wait().is_none());
}

#[test]
fn a_task_is_woken_by_whichever_comes() {
    let (one, two): (Notify, Event) = Default::default();
    for nth in 0..2 {
        let mut task = Task::new(Select::new((one.wait(), two.wait())));
        assert!(task.poll().is_pending() && !task.is_woken());
        match nth {
            0 => one.notify_one(),
            _ => assert!(!two.set(), "it was set before"),
        }
        assert!(task.is_woken());
        match task.poll() {
            Poll::Ready(Selected::First(())) => assert_eq!(nth, 0),
            Poll::Ready(Selected::Second(())) => assert_eq!(nth, 1),
            Poll::Pending => panic!("it was woken for nothing"),
        }
    }
}

#[test]
fn threads_block() {
    let (work, stop): (Semaphore, Event) = (Semaphore::new(0), Event::new());
    thread::scope(|scope| {
        let workers = [(); 3].map(|()| {
            scope.spawn(|| {
                let mut done = 0;
                loop {
                    match Select::new((work.acquire(), stop.wait())).wait_blocking() {
                        Selected::First(permit) => permit.expect("nobody closes it").forget(),
                        Selected::Second(()) => return done,
                    }
                    done += 1;
                }
            })
        });
        for _ in 0..1_000 {
            work.add_permits(1);
        }
        while work.available_permits() > 0 {
            thread::yield_now();
        }
        stop.set();
        let done: usize = workers.map(|worker| worker.join().expect("no panic")).iter().sum();
        assert_eq!(done, 1_000);
    });
}

#[test]
fn a_thread_gives_up() {
    let (mutex, notify): (Mutex<()>, Notify) = Default::default();
    let held = mutex.lock_blocking();
    let select = || Select::new((mutex.lock(), notify.wait()));
    assert!(select().wait_timeout(Duration::ZERO).is_none());
    assert!(select().wait_timeout(Duration::from_millis(1)).is_none());
    assert!(select().wait_deadline(Instant::now()).is_none());
    notify.notify_one();
    assert!(select().wait_deadline(Instant::now()).is_some(), "it is there");
    notify.notify_one();
    assert!(select().wait_timeout(Duration::MAX).is_some());
    drop(held);
    assert!(mutex.try_lock().is_some(), "who gave up has it");
}

#[test]
fn threads_spin() {
    let (mutex, notify): (Mutex<(), Spin>, Notify<Spin>) = Default::default();
    let held = mutex.lock_blocking();
    thread::scope(|scope| {
        let selects = scope.spawn(|| {
            let select: Select<_, Spin> = Select::with_policy((mutex.lock(), notify.wait()));
            matches!(select.wait_blocking(), Selected::Second(()))
        });
        notify.notify_one();
        assert!(selects.join().expect("no panic"));
    });
    drop(held);
}

#[test]
fn any_future_is_an_operation() {
    let mutex: Mutex<()> = Mutex::new(());
    let held = mutex.lock_blocking();
    let late = Select::new((mutex.lock(), other(ready(3)))).wait_blocking();
    assert!(matches!(late, Selected::Second(3)));
    drop(held);
    let early = Select::new((other(pending::<()>()), mutex.lock())).wait_blocking();
    assert!(matches!(early, Selected::Second(_)));
}

#[test]
fn a_future_has_a_deadline() {
    let mutex: Arc<Mutex<_>> = Arc::new(Mutex::new(0));
    let held = mutex.lock_blocking();
    let late = block_on(mutex.lock().with_deadline(ready("late")));
    assert_eq!(late.map(|guard| *guard), Err("late"));
    assert!(block_on(mutex.lock_owned().with_deadline(ready(()))).is_err());
    drop(held);
    assert!(block_on(mutex.lock().with_deadline(pending::<()>())).is_ok());
    assert!(block_on(mutex.lock().with_deadline(ready(()))).is_ok(), "in doubt it has it");
}

/// Whatever waits can be selected.
#[test]
fn all_that_wait_are_operations() {
    let (lock, counter, latch): (RwLock<()>, Counter, Latch) =
        (RwLock::new(()), Counter::new(0), Latch::new(1));
    let (group, barrier, condvar): (WaitGroup, Barrier, Condvar) =
        (WaitGroup::new(), Barrier::new(2), Condvar::new());
    let mutex: Arc<Mutex<()>> = Arc::default();
    let semaphore: Arc<Semaphore> = Arc::new(Semaphore::new(0));
    let shared: Arc<RwLock<()>> = Arc::default();
    let member = group.join();
    let (read, upgradable) = (lock.read_blocking(), lock.upgradable_read_blocking());
    let (_other_read, _held) = (shared.read_blocking(), mutex.lock_blocking());
    let own: Mutex<()> = Mutex::new(());
    let nothing = Select::new((
        lock.write(),
        RwLockUpgradableReadGuard::upgrade(upgradable),
        counter.wait(Until::AtLeast(1)),
        counter.wait_until(|value| value > 1),
    ));
    assert!(nothing.try_wait().is_none());
    let nothing = Select::new((
        latch.wait(),
        group.wait(),
        barrier.wait(),
        condvar.wait(own.lock_blocking()),
    ));
    assert!(nothing.try_wait().is_none());
    let nothing =
        Select::new((mutex.lock_owned(), semaphore.acquire_owned(), shared.write_owned()));
    assert!(nothing.try_wait().is_none());
    assert!(own.try_lock().is_some(), "the wait that was dropped unlocked it");
    drop((read, member));
    assert!(matches!(
        Select::new((lock.read(), lock.upgradable_read())).try_wait(),
        Some(Selected::First(_))
    ));
    assert!(matches!(
        Select::new((shared.read_owned(), group.wait())).try_wait(),
        Some(Selected::First(_))
    ));
    assert!(matches!(
        Select::new((barrier.wait(), group.wait())).try_wait(),
        Some(Selected::Second(()))
    ));
}

#[test]
#[should_panic(expected = "a select was polled after it was ready")]
fn to_poll_it_after_it_was_ready_panics() {
    let mutex: Mutex<()> = Mutex::new(());
    let mut task = Task::new(Select::new((mutex.lock(), mutex.lock())));
    assert!(task.poll().is_ready());
    let _ = task.poll();
}

/// Code of a user that is polled may park the thread, and take the token that a wake-up left.
#[test]
fn a_wake_up_is_not_taken_by_who_parks_meanwhile() {
    let (event, mut is_first): (Event, _) = (Event::new(), true);
    let parks = poll_fn(|_| {
        if mem::take(&mut is_first) {
            event.set();
            thread::park();
        }
        Poll::<()>::Pending
    });
    let selected = Select::new((event.wait(), other(parks))).wait_blocking();
    assert_eq!(selected, Selected::First(()));
}

/// A select within another one has a waker of its own.
#[test]
fn a_thread_selects_while_it_selects() {
    let (outer, inner): (Notify, Notify) = Default::default();
    let selects = poll_fn(|_| {
        outer.notify_one();
        inner.notify_one();
        Select::new([inner.wait()]).wait_blocking();
        Poll::<()>::Pending
    });
    let selected = Select::new((outer.wait(), other(selects))).wait_blocking();
    assert_eq!(selected, Selected::First(()));
}
