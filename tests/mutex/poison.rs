//! `poison::Mutex`: a panic of who has locked it is told to those who come.

use crate::common::{Task, block_on};
use counterpoint::sync::{
    Condvar,
    poison::{Mutex, PoisonError, TryLockError},
};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    thread,
    time::{Duration, Instant},
};

/// A thread locks it, changes it, and panics.
fn poisoned() -> Mutex<u32> {
    let mutex: Mutex<u32> = Mutex::new(0);
    let said = thread::scope(|scope| {
        let panics = || {
            *mutex.lock_blocking().expect("nobody has panicked") = 7;
            let _guard = mutex.lock_blocking();
            panic!("while it is locked");
        };
        scope.spawn(panics).join()
    });
    assert!(said.is_err());
    mutex
}

#[test]
fn each_form_says_that_it_is_poisoned_and_gives_the_guard() {
    let mutex = poisoned();
    assert!(mutex.is_poisoned());
    let unwrap = PoisonError::into_inner;
    assert_eq!(*mutex.lock_blocking().map_err(unwrap).expect_err("it is poisoned"), 7);
    assert_eq!(*block_on(mutex.lock()).map_err(unwrap).expect_err("it is poisoned"), 7);
    let forms: [&dyn Fn() -> _; 4] = [
        &|| mutex.try_lock(),
        &|| mutex.lock_timeout(Duration::ZERO),
        &|| mutex.lock_timeout(Duration::MAX),
        &|| mutex.lock_deadline(Instant::now()),
    ];
    for form in forms {
        let Err(TryLockError::Poisoned(mut error)) = form() else { panic!("it is poisoned") };
        assert_eq!((**error.get_ref(), **error.get_mut()), (7, 7));
    }
    assert_eq!(format!("{mutex:?}"), "Mutex { value: 7, is_poisoned: true }");
    let mut mutex = mutex;
    assert_eq!(*mutex.get_mut().expect_err("it is poisoned").into_inner(), 7);
    mutex.clear_poison();
    assert!(!mutex.is_poisoned() && mutex.lock_blocking().is_ok() && mutex.get_mut().is_ok());
    assert_eq!(poisoned().into_inner().expect_err("it is poisoned").into_inner(), 7);
}

#[test]
fn what_is_locked_would_block_poisoned_or_not() {
    for mutex in [Mutex::new(0), poisoned()] {
        let guard = mutex.lock_blocking();
        assert!(matches!(mutex.try_lock(), Err(TryLockError::WouldBlock)));
        assert!(matches!(mutex.lock_timeout(Duration::ZERO), Err(TryLockError::WouldBlock)));
        assert!(matches!(mutex.lock_deadline(Instant::now()), Err(TryLockError::WouldBlock)));
        assert!(Task::new(Box::pin(mutex.lock())).poll().is_pending());
        drop(guard);
        assert!(!matches!(mutex.try_lock(), Err(TryLockError::WouldBlock)));
    }
}

/// Only one that begins after it was locked counts.
#[test]
fn a_panic_that_had_begun_poisons_nothing() {
    struct Locks<'a>(&'a Mutex<u32>);
    impl Drop for Locks<'_> {
        fn drop(&mut self) {
            *self.0.lock_blocking().expect("nobody has panicked with it") += 1;
        }
    }
    let mutex: Mutex<u32> = Mutex::new(0);
    let said = catch_unwind(AssertUnwindSafe(|| {
        let _locks = Locks(&mutex);
        panic!("before it is locked");
    }));
    assert!(said.is_err() && !mutex.is_poisoned());
    assert_eq!(mutex.into_inner().expect("it is not poisoned"), 1);
}

/// As std's: a wait ends with what the mutex says.
#[test]
fn a_wait_for_a_condition_says_that_it_is_poisoned() {
    let (condvar, mutex): (Condvar, Mutex<u32>) = Default::default();
    thread::scope(|scope| {
        scope.spawn(|| {
            let waits = |value: &mut u32| *value == 0;
            let guard = mutex.lock_blocking().expect("nobody has panicked");
            let output = condvar.wait_while_blocking(guard, waits);
            // Though what it waits for is not there.
            assert_eq!(*output.expect_err("it is poisoned").into_inner(), 0);
        });
        while format!("{condvar:?}").contains("false") {
            thread::yield_now();
        }
        // It waits, and has unlocked the mutex.
        let said = catch_unwind(AssertUnwindSafe(|| {
            let _guard = mutex.lock_blocking();
            panic!("while somebody waits");
        }));
        assert!(said.is_err() && condvar.notify_one());
    });
    mutex.clear_poison();
    // As a task, and in time.
    let guard = mutex.lock_blocking().expect("it was cleared");
    let (output, result) = condvar.wait_timeout(guard, Duration::ZERO);
    assert!(result.has_timed_out() && output.is_ok());
    drop(output);
    let mut task = Task::new(condvar.wait(mutex.lock_blocking().expect("it was cleared")));
    assert!(task.poll().is_pending() && condvar.notify_one());
    assert!(matches!(task.poll(), std::task::Poll::Ready(Ok(_))));
}
