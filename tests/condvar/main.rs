//! `Condvar`: what it promises to threads and to tasks.

#[path = "../common/mod.rs"]
mod common;

use common::{Panics, Random, THREADS, Task, block_on, forget, scaled, seed};
use counterpoint::{
    sync::{
        Barging, CondvarWait, Fair, Fairness, MutexGuard,
        generic::{Condvar, Mutex},
    },
    wait::{Bit, DefaultPolicy, Exclude, Park, Policy, Spin},
};
use std::{
    cell::Cell,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
    thread,
    time::{Duration, Instant},
};

const NO_TIME: Duration = Duration::ZERO;

/// A task that waits, and has unlocked the mutex.
fn waits<'a, F: Fairness>(
    condvar: &'a Condvar,
    mutex: &'a Mutex<(), DefaultPolicy, F>,
) -> Task<CondvarWait<'a, MutexGuard<'a, (), DefaultPolicy, F>>> {
    let mut task = Task::new(condvar.wait(mutex.lock_blocking()));
    assert!(task.poll().is_pending() && !mutex.is_locked());
    task
}

#[test]
fn nobody_is_notified_who_does_not_wait() {
    let condvar: Condvar = Condvar::default();
    assert!(!condvar.notify_one());
    assert_eq!(condvar.notify_all(), 0);
    let mutex: Mutex<()> = Mutex::new(());
    // A future that was not polled has not unlocked the mutex.
    let unpolled = condvar.wait(mutex.lock_blocking());
    assert!(mutex.is_locked() && !condvar.notify_one());
    drop(unpolled);
    assert!(!mutex.is_locked());
    assert_eq!(format!("{condvar:?}"), "Condvar { is_awaited: false }");
}

#[test]
fn who_is_not_notified_in_time_has_the_mutex_all_the_same() {
    let (condvar, mutex): (Condvar, Mutex<u32>) = Default::default();
    let (guard, result) = condvar.wait_timeout(mutex.lock_blocking(), Duration::from_millis(5));
    assert!(result.has_timed_out() && mutex.is_locked());
    let (mut guard, result) = condvar.wait_deadline(guard, Instant::now());
    *guard += 1;
    assert!(result.has_timed_out());
    let (guard, result) = condvar.wait_while_timeout(guard, NO_TIME, |value| *value == 1);
    assert!(result.has_timed_out());
    let (guard, result) = condvar.wait_while_timeout(guard, NO_TIME, |value| *value == 0);
    assert!(!result.has_timed_out());
    let (guard, result) = condvar.wait_while_timeout(guard, Duration::MAX, |value| *value == 0);
    assert!(!result.has_timed_out() && *guard == 1);
    drop(guard);
    assert!(!mutex.is_locked() && !condvar.notify_one());
}

/// Each form waits until another thread has changed the value and notified.
#[test]
fn each_form_waits_until_it_is_notified() {
    let (condvar, mutex): (Condvar, Mutex<u32>) = Default::default();
    let is_even = |value: &mut u32| *value % 2 == 0;
    let forms: [&dyn Fn(); 5] = [
        &|| *condvar.wait_while_blocking(mutex.lock_blocking(), is_even) += 1,
        &|| *block_on(condvar.wait_while(mutex.lock_blocking(), is_even)) += 1,
        &|| *condvar.wait_while_timeout(mutex.lock_blocking(), Duration::MAX, is_even).0 += 1,
        &|| {
            let mut guard = mutex.lock_blocking();
            while is_even(&mut guard) {
                guard = block_on(condvar.wait(guard));
            }
            *guard += 1;
        },
        &|| {
            let hour = Instant::now() + Duration::from_secs(3_600);
            let (mut guard, result) =
                condvar.wait_while_deadline(mutex.lock_blocking(), hour, is_even);
            assert!(!result.has_timed_out());
            *guard += 1;
        },
    ];
    let rounds = forms.len();
    thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..rounds {
                let mut guard = mutex.lock_blocking();
                while !is_even(&mut guard) {
                    drop(guard);
                    thread::yield_now();
                    guard = mutex.lock_blocking();
                }
                *guard += 1;
                condvar.notify_one();
            }
        });
        for form in forms {
            form();
        }
    });
    assert_eq!(mutex.into_inner(), 2 * rounds as u32);
}

/// As above, with guards that own their mutex; it is theirs until the end.
#[test]
fn owned_guards_wait_in_each_form() {
    let condvar: Condvar = Condvar::new();
    let mutex: Arc<Mutex<u32>> = Arc::default();
    let is_even = |value: &mut u32| *value % 2 == 0;
    let forms: [&dyn Fn(); 4] = [
        &|| *condvar.wait_while_blocking(mutex.lock_owned_blocking(), is_even) += 1,
        &|| *block_on(condvar.wait_while(mutex.lock_owned_blocking(), is_even)) += 1,
        &|| *condvar.wait_while_timeout(mutex.lock_owned_blocking(), Duration::MAX, is_even).0 += 1,
        &|| {
            let mut guard = mutex.lock_owned_blocking();
            while is_even(&mut guard) {
                guard = block_on(condvar.wait(guard));
            }
            *guard += 1;
        },
    ];
    let rounds = forms.len();
    thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..rounds {
                while !is_even(&mut mutex.lock_blocking()) {
                    thread::yield_now();
                }
                *mutex.lock_blocking() += 1;
                condvar.notify_one();
            }
        });
        for form in forms {
            form();
        }
    });
    let (guard, result) = condvar.wait_timeout(mutex.lock_owned_blocking(), NO_TIME);
    assert!(result.has_timed_out() && *guard == 2 * rounds as u32);
    drop(guard);
    assert_eq!(Arc::into_inner(mutex).expect("no owner is left").into_inner(), 8);
}

/// Dropped, or forgotten, by who waits: the mutex lives as long as somebody may lock it.
#[test]
fn an_owned_guard_keeps_its_mutex_while_it_waits() {
    let condvar: Condvar = Condvar::new();
    let mutex: Arc<Mutex<u32>> = Arc::default();
    let alive = Arc::downgrade(&mutex);
    let waits = || {
        let mut task = Task::new(condvar.wait(mutex.lock_owned_blocking()));
        assert!(task.poll().is_pending() && !mutex.is_locked());
        task
    };
    let (mut ends, leaves, forgotten) = (waits(), waits(), waits());
    drop(mutex);
    assert!(condvar.notify_one());
    let Poll::Ready(guard) = ends.poll() else { panic!("it was notified") };
    drop(ends);
    let mutex = alive.upgrade().expect("three keep it");
    assert!(mutex.is_locked() && Arc::strong_count(&mutex) == 4);
    drop((guard, mutex));
    drop(leaves);
    assert_eq!(alive.strong_count(), 1, "the last one waits");
    forget(forgotten);
    assert!(condvar.notify_one());
    let mutex = alive.upgrade().expect("who was forgotten keeps it");
    assert!(mutex.try_lock().is_some() && !condvar.notify_one());
}

/// All threads are moved to the queue of the mutex: one is woken, and the others as it is unlocked.
#[test]
fn a_notification_of_all_is_no_thundering_herd_of_threads() {
    fn moves<F: Fairness>() {
        let (condvar, mutex) = (Condvar::<Counts>::new(), Mutex::<u32, Counts, F>::new(0));
        thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    let mut guard = mutex.lock_blocking();
                    *guard += 1;
                    // It is not woken for nothing: what it waits for is true when it is.
                    *condvar.wait_blocking(guard) -= 1;
                });
            }
            let all = THREADS as u32;
            while *mutex.lock_blocking() < all {
                thread::yield_now();
            }
            let guard = mutex.lock_blocking();
            let before = WAKES.with(Cell::get);
            assert_eq!(condvar.notify_all(), THREADS);
            assert_eq!(WAKES.with(Cell::get), before, "the mutex is locked");
            drop(guard);
            assert!(WAKES.with(Cell::get) <= before + 1, "one after the other");
        });
        assert_eq!(mutex.into_inner(), 0);
    }
    moves::<Barging>();
    moves::<Fair>();
}

thread_local! {
    /// How many threads this one has woken.
    static WAKES: Cell<usize> = const { Cell::new(0) };
}

/// The usual policy, which counts.
struct Counts;

impl Park for Counts {
    type Thread = <DefaultPolicy as Park>::Thread;

    fn current() -> Self::Thread {
        DefaultPolicy::current()
    }

    fn share(thread: &Self::Thread) -> Self::Thread {
        DefaultPolicy::share(thread)
    }

    fn park(thread: &Self::Thread) {
        DefaultPolicy::park(thread);
    }

    fn unpark(thread: &Self::Thread) {
        WAKES.with(|wakes| wakes.set(wakes.get() + 1));
        DefaultPolicy::unpark(thread);
    }

    fn relax(_: u32) -> bool {
        false
    }
}

// SAFETY: as the usual policy.
unsafe impl Exclude for Counts {
    fn exclusive<R>(bit: &Bit, section: impl FnOnce() -> R) -> R {
        DefaultPolicy::exclusive(bit, section)
    }
}

/// Tasks are all told, more than one batch of them; those who come after that are not.
#[test]
fn a_notification_of_all_reaches_those_who_wait() {
    let (condvar, mutex): (Condvar, Mutex<()>) = Default::default();
    let mut tasks: Vec<_> = (0..80).map(|_| waits(&condvar, &mutex)).collect();
    assert_eq!(condvar.notify_all(), 80);
    let mut late = waits(&condvar, &mutex);
    assert!(tasks.iter().all(Task::is_woken) && !late.is_woken());
    for task in &mut tasks {
        assert!(task.poll().is_ready());
    }
    assert!(late.poll().is_pending() && condvar.notify_one() && late.poll().is_ready());
}

/// A future that is forgotten waits for ever; what it borrowed may be gone.
#[test]
fn what_a_forgotten_future_borrowed_is_not_touched() {
    let condvar: Condvar = Condvar::new();
    let mutex: Box<Mutex<u32>> = Box::default();
    let mut forgotten = Box::pin(condvar.wait(mutex.lock_blocking()));
    let mut context = Context::from_waker(Waker::noop());
    assert!(forgotten.as_mut().poll(&mut context).is_pending());
    forget(forgotten);
    drop(mutex);
    let other: Mutex<()> = Mutex::new(());
    assert!(condvar.notify_one());
    assert!(!condvar.notify_one());
    let mut task = waits(&condvar, &other);
    assert!(condvar.notify_all() == 1 && task.poll().is_ready());
}

/// In order; and one that was told by `notify_one` and leaves has another one told.
#[test]
fn a_notification_of_one_is_handed_on() {
    let (condvar, mutex): (Condvar, Mutex<()>) = Default::default();
    let mut tasks: Vec<_> = (0..4).map(|_| waits(&condvar, &mutex)).collect();
    let guard = mutex.lock_blocking();
    assert!(condvar.notify_one());
    // It has been told, and leaves: the next one is told.
    drop(tasks.remove(0));
    let woken: Vec<_> = tasks.iter().map(Task::is_woken).collect();
    assert_eq!(woken, [true, false, false]);
    // It waits for the mutex, and leaves too.
    assert!(tasks[0].poll().is_pending());
    drop(guard);
    drop(tasks.remove(0));
    assert!(tasks[0].is_woken() && tasks[0].poll().is_ready());
    assert!(tasks[1].poll().is_pending() && condvar.notify_one());
    assert!(tasks[1].poll().is_ready());
    assert!(!condvar.notify_one() && !mutex.is_locked());
}

#[test]
fn a_condition_of_two_mutexes_is_refused() {
    let condvar: Condvar = Condvar::new();
    let (one, other): (Mutex<()>, Mutex<()>) = Default::default();
    let mut waits = Task::new(condvar.wait(one.lock_blocking()));
    assert!(waits.poll().is_pending());
    let said =
        catch_unwind(AssertUnwindSafe(|| drop(condvar.wait_blocking(other.lock_blocking()))));
    assert!(said.is_err() && !other.is_locked(), "refused, and unlocked");
    let mut refused = Task::new(condvar.wait(other.lock_blocking()));
    assert!(catch_unwind(AssertUnwindSafe(|| refused.poll().is_ready())).is_err());
    drop(refused);
    assert!(!other.is_locked());
    // When nobody waits it may be used with the other one.
    drop(waits);
    let mut waits = Task::new(condvar.wait(other.lock_blocking()));
    assert!(waits.poll().is_pending() && condvar.notify_one() && waits.poll().is_ready());
}

#[test]
fn a_waker_that_panics_keeps_nobody_else_from_the_mutex() {
    let (condvar, mutex): (Condvar, Mutex<()>) = Default::default();
    let mut first = Box::pin(condvar.wait(mutex.lock_blocking()));
    let waker = Waker::from(Arc::new(Panics));
    assert!(first.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    let mut behind = Task::new(condvar.wait(mutex.lock_blocking()));
    assert!(behind.poll().is_pending());
    assert!(catch_unwind(AssertUnwindSafe(|| condvar.notify_all())).is_err());
    drop(first);
    assert!(behind.is_woken() && behind.poll().is_ready());
    // One that leaves, and whose lock's waker panics, has notified another all the same.
    let mut leaves = waits(&condvar, &mutex);
    let mut next = waits(&condvar, &mutex);
    let guard = mutex.lock_blocking();
    assert!(condvar.notify_one() && leaves.poll().is_pending());
    let mut fragile = Box::pin(mutex.lock());
    assert!(fragile.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    drop(guard);
    assert!(catch_unwind(AssertUnwindSafe(|| drop(leaves))).is_err());
    assert!(next.is_woken());
    drop(fragile);
    assert!(next.poll().is_ready());
}

#[test]
fn a_waker_is_replaced() {
    let (condvar, mutex): (Condvar, Mutex<()>) = Default::default();
    let mut waits = pin!(condvar.wait(mutex.lock_blocking()));
    let waker = Waker::from(Arc::new(Panics));
    assert!(waits.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    assert!(waits.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    assert!(condvar.notify_one());
    assert!(waits.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready());
}

/// Waits are polled, notified and dropped anywhere: each notification ends a wait, or reaches another.
#[test]
fn futures_are_dropped_anywhere_and_no_notification_is_lost() {
    fn dropped<F: Fairness>(name: &str) {
        let (seed, mut cancelled) = (seed(), 0);
        for round in 0..scaled(3_000) {
            let mut random = Random::new(seed, round);
            let (condvar, mutex) =
                (Condvar::<DefaultPolicy>::new(), Mutex::<_, DefaultPolicy, F>::new(()));
            let (mut waits, mut guard) = (Vec::new(), None);
            for _ in 0..200 {
                let nth = random.below(waits.len().max(1) as u64) as usize;
                match random.below(8) {
                    0 | 1 if waits.len() < 8 => {
                        if let Some(locked) = guard.take().or_else(|| mutex.try_lock()) {
                            let mut task = Task::new(condvar.wait(locked));
                            assert!(task.poll().is_pending());
                            waits.push(task);
                        }
                    }
                    2 | 3 if nth < waits.len() => {
                        if let Poll::Ready(locked) = waits[nth].poll() {
                            assert!(guard.replace(locked).is_none(), "two have the lock");
                            drop(waits.swap_remove(nth));
                        }
                    }
                    4 if nth < waits.len() => {
                        drop(waits.swap_remove(nth));
                        cancelled += 1;
                    }
                    5 => guard = None,
                    6 => _ = condvar.notify_one(),
                    7 if random.below(4) == 0 => _ = condvar.notify_all(),
                    _ => {}
                }
            }
            // All who are left are told, and have the lock one after the other.
            condvar.notify_all();
            while !waits.is_empty() {
                guard = None;
                let woken = waits.iter().position(Task::is_woken);
                let woken =
                    woken.expect("the mutex is free, and nobody who waits for it was woken");
                if let Poll::Ready(locked) = waits[woken].poll() {
                    guard = Some(locked);
                    drop(waits.swap_remove(woken));
                }
            }
            drop(guard);
            assert!(mutex.try_lock().is_some(), "{name}, round {round}: it stays locked");
        }
        println!("condvar, {name}: {cancelled} cancellations, no wake-up lost");
    }
    dropped::<Barging>("mutex");
    dropped::<Fair>("fair mutex");
}

/// Threads and tasks put and take, some give up: as much is taken as was put.
fn nothing_is_lost<P: Policy, F: Fairness>() {
    let seed = seed();
    let (condvar, things) = (Condvar::<P>::new(), Mutex::<usize, P, F>::new(0));
    let rounds = scaled(10_000);
    thread::scope(|scope| {
        for worker in 0..THREADS {
            let (condvar, things) = (&condvar, &things);
            scope.spawn(move || {
                let mut random = Random::new(seed, worker);
                for _ in 0..rounds {
                    if worker % 2 == 0 {
                        *things.lock_blocking() += 1;
                        match random.below(8) {
                            0 => _ = condvar.notify_all(),
                            _ => _ = condvar.notify_one(),
                        }
                        continue;
                    }
                    let is_empty = |things: &mut usize| *things == 0;
                    if random.below(4) == 0 {
                        let mut task = Task::new(condvar.wait(things.lock_blocking()));
                        drop(task.poll());
                    }
                    if random.below(2) == 0 {
                        *condvar.wait_while_blocking(things.lock_blocking(), is_empty) -= 1;
                    } else {
                        *block_on(condvar.wait_while(things.lock_blocking(), is_empty)) -= 1;
                    }
                }
            });
        }
    });
    assert_eq!(things.into_inner(), 0);
}

#[test]
fn nothing_is_lost_among_threads_and_tasks() {
    nothing_is_lost::<DefaultPolicy, Barging>();
    nothing_is_lost::<DefaultPolicy, Fair>();
}

#[test]
fn nothing_is_lost_without_a_system() {
    nothing_is_lost::<Spin, Barging>();
}

/// The mutex is freed by who was notified, while who notifies is still at it.
#[test]
fn who_is_notified_may_free_the_mutex_at_once() {
    for _ in 0..scaled(300) {
        let condvar = Arc::new(Condvar::<DefaultPolicy>::new());
        let waiters: Vec<_> = (0..2)
            .map(|_| {
                let condvar = condvar.clone();
                thread::spawn(move || {
                    let own = Box::new(Mutex::<u32>::new(0));
                    let hour = Duration::from_secs(3_600);
                    // Whoever comes second may find the other's mutex there, and is refused.
                    let waits = AssertUnwindSafe(|| {
                        drop(condvar.wait_timeout(own.lock_blocking(), hour));
                    });
                    let is_refused = catch_unwind(waits).is_err();
                    drop(own);
                    is_refused
                })
            })
            .collect();
        while !waiters.iter().all(thread::JoinHandle::is_finished) {
            condvar.notify_all();
            thread::yield_now();
        }
        for waiter in waiters {
            waiter.join().expect("a refusal is caught");
        }
    }
}
