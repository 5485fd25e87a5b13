//! `unlock_fair` and `bump`: a thread that waits goes before whoever comes, a task does not.

use crate::common::{Panics, Parked, Random, THREADS, Task, block_on, scaled, seed};
use counterpoint::{
    sync::{
        FairMutex, MappedMutexGuard, MutexGuard, OwnedMappedMutexGuard, OwnedMutexGuard,
        generic::Mutex,
    },
    wait::{Bit, DefaultPolicy, Exclude, Park},
};
use std::{
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, mpsc},
    task::{Context, Waker},
    thread,
    time::Duration,
};

type Shared = Arc<Mutex<u32, Parked<0>>>;

/// A thread waits for the mutex, and keeps it until it has been seen to have it.
fn is_given_on<'m, G>(mutex: &'m Shared, guard: impl FnOnce(&'m Shared) -> G, release: fn(G)) {
    let guard = guard(mutex);
    thread::scope(|scope| {
        let (seen, is_seen) = mpsc::channel::<()>();
        let before = Parked::<0>::sleeps();
        scope.spawn(move || {
            let mut guard = mutex.lock_blocking();
            let _ = is_seen.recv();
            *guard += 1;
        });
        Parked::<0>::wait(before);
        release(guard);
        assert!(mutex.is_locked() && mutex.try_lock().is_none(), "it is free in between");
        drop(seen);
    });
    assert!(mutex.try_lock().is_some(), "a mark is left");
}

#[test]
fn a_blocked_thread_is_given_the_mutex() {
    let mutex: Shared = Arc::default();
    is_given_on(&mutex, |mutex| mutex.lock_blocking(), MutexGuard::unlock_fair);
    is_given_on(
        &mutex,
        |mutex| MutexGuard::map(mutex.lock_blocking(), |value| value),
        MappedMutexGuard::unlock_fair,
    );
    is_given_on(&mutex, Mutex::lock_owned_blocking, OwnedMutexGuard::unlock_fair);
    is_given_on(
        &mutex,
        |mutex| OwnedMutexGuard::map(mutex.lock_owned_blocking(), |value| value),
        OwnedMappedMutexGuard::unlock_fair,
    );
    assert_eq!(*mutex.lock_blocking(), 4);
    MutexGuard::unlock_fair(mutex.lock_blocking());
    assert!(!mutex.is_locked(), "nobody waits");
}

#[test]
fn a_task_is_woken_and_not_given_the_mutex() {
    let mutex: Mutex<u32> = Mutex::new(0);
    let guard = mutex.lock_blocking();
    let mut task = Task::new(mutex.lock());
    assert!(task.poll().is_pending());
    MutexGuard::unlock_fair(guard);
    assert!(task.is_woken() && mutex.try_lock().is_some());
    assert!(task.poll().is_ready());
    // A fair mutex is given on in any case.
    let mutex: FairMutex<u32> = FairMutex::new(0);
    let guard = mutex.lock_blocking();
    let mut task = Task::new(mutex.lock());
    assert!(task.poll().is_pending());
    MutexGuard::unlock_fair(guard);
    assert!(task.is_woken() && mutex.try_lock().is_none());
    assert!(task.poll().is_ready() && !mutex.is_locked());
}

#[test]
fn a_bump_lets_a_blocked_thread_have_its_turn() {
    let mutex: Mutex<u32, Parked<1>> = Mutex::new(0);
    let mut guard = mutex.lock_blocking();
    MutexGuard::bump(&mut guard);
    assert!(mutex.is_locked(), "nobody waits: nothing happens");
    thread::scope(|scope| {
        let before = Parked::<1>::sleeps();
        scope.spawn(|| *mutex.lock_blocking() += 1);
        Parked::<1>::wait(before);
        assert_eq!(*guard, 0);
        MutexGuard::bump(&mut guard);
        assert_eq!(*guard, 1, "it is the caller's before it was the other's");
        assert!(mutex.try_lock().is_none());
    });
    drop(guard);
    assert!(!mutex.is_locked());
    // A task is woken; it competes.
    let mut guard = mutex.lock_blocking();
    let mut task = Task::new(mutex.lock());
    assert!(task.poll().is_pending());
    MutexGuard::bump(&mut guard);
    assert!(task.is_woken() && mutex.is_locked() && task.poll().is_pending());
    drop(guard);
    assert!(task.poll().is_ready());
}

/// What a guard says is true also if somebody's waker panics.
#[test]
fn a_waker_that_panics_unlocks_once() {
    let mutex: Mutex<u32> = Mutex::new(0);
    let waker = Waker::from(Arc::new(Panics));
    let mut context = Context::from_waker(&waker);
    let mut guard = mutex.lock_blocking();
    let mut fragile = Box::pin(mutex.lock());
    assert!(fragile.as_mut().poll(&mut context).is_pending());
    assert!(catch_unwind(AssertUnwindSafe(|| MutexGuard::bump(&mut guard))).is_err());
    assert!(mutex.is_locked() && mutex.try_lock().is_none(), "the guard is still there");
    drop((guard, fragile));
    assert!(!mutex.is_locked());
    let guard = mutex.lock_blocking();
    let mut fragile = Box::pin(mutex.lock());
    assert!(fragile.as_mut().poll(&mut context).is_pending());
    assert!(catch_unwind(AssertUnwindSafe(|| MutexGuard::unlock_fair(guard))).is_err());
    assert!(!mutex.is_locked());
    drop(fragile);
    let guard = mutex.try_lock().expect("it was unlocked once");
    assert!(mutex.try_lock().is_none());
    drop(guard);
}

/// With those who give up, and with tasks.
#[test]
fn no_addition_and_no_wake_up_is_lost() {
    let seed = seed();
    let mutex: Mutex<u64, DefaultPolicy> = Mutex::new(0);
    let added: u64 = thread::scope(|scope| {
        let work = |worker: usize| {
            let mut random = Random::new(seed, worker);
            let mut added = 0;
            for _ in 0..scaled(10_000) {
                let mut guard = match random.below(4) {
                    0 => block_on(mutex.lock()),
                    1 => match mutex.lock_timeout(Duration::from_micros(random.below(30))) {
                        Some(guard) => guard,
                        None => continue,
                    },
                    _ => mutex.lock_blocking(),
                };
                *guard += 1;
                added += 1;
                match random.below(3) {
                    0 => MutexGuard::unlock_fair(guard),
                    1 => {
                        MutexGuard::bump(&mut guard);
                        *guard += 1;
                        added += 1;
                    }
                    _ => drop(guard),
                }
            }
            added
        };
        let workers: Vec<_> =
            (0..THREADS).map(|worker| scope.spawn(move || work(worker))).collect();
        workers.into_iter().map(|worker| worker.join().expect("a worker ends")).sum()
    });
    assert_eq!(*mutex.try_lock().expect("all have unlocked"), added);
}

/// The usual policy; but who is about to wake a thread locks the mutex before, if it can.
struct Snatches;

static MUTEX: Mutex<u32, Snatches> = Mutex::new(0);
static HELD: std::sync::Mutex<Option<MutexGuard<'static, u32, Snatches>>> =
    std::sync::Mutex::new(None);

impl Park for Snatches {
    type Thread = <DefaultPolicy as Park>::Thread;

    fn current() -> Self::Thread {
        DefaultPolicy::current()
    }

    fn share(thread: &Self::Thread) -> Self::Thread {
        DefaultPolicy::share(thread)
    }

    fn park(thread: &Self::Thread) {
        Parked::<7>::park(thread);
    }

    fn unpark(thread: &Self::Thread) {
        if let Some(guard) = MUTEX.try_lock() {
            *HELD.lock().expect("nobody panics") = Some(guard);
        }
        DefaultPolicy::unpark(thread);
    }

    fn relax(_: u32) -> bool {
        false
    }
}

// SAFETY: as the usual policy.
unsafe impl Exclude for Snatches {
    fn exclusive<R>(bit: &Bit, section: impl FnOnce() -> R) -> R {
        DefaultPolicy::exclusive(bit, section)
    }
}

/// The lock is kept for it then; when it has had its turn nobody is kept from it any more.
#[test]
fn a_thread_that_has_lost_often_is_given_the_mutex_and_leaves_no_mark() {
    let held = || HELD.lock().expect("nobody panics").take();
    let guard = MUTEX.lock_blocking();
    thread::scope(|scope| {
        let before = Parked::<7>::sleeps();
        scope.spawn(|| *MUTEX.lock_blocking() += 1);
        Parked::<7>::wait(before);
        let mut guard = Some(guard);
        let losses = if cfg!(feature = "engine") { 1 } else { 8 };
        for _ in 0..losses {
            let before = Parked::<7>::sleeps();
            drop(guard.take());
            guard = held();
            assert!(guard.is_some(), "the other one has not waited long yet");
            Parked::<7>::wait(before);
        }
        // Released like any other time it would be kept for the one that waits. It is given it.
        MutexGuard::unlock_fair(guard.expect("it was there above"));
        assert!(held().is_none());
    });
    assert_eq!(*MUTEX.try_lock().expect("it is kept for one that had its turn"), 1);
}
