//! Wakers that panic, and that use the semaphore themselves.

use crate::common::{Panics, Task};
use counterpoint::sync::{Barging, Fair, Fairness, generic::Semaphore};
use counterpoint::wait::DefaultPolicy;
use std::{
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    task::{Context, RawWaker, RawWakerVTable, Wake, Waker},
};

/// One waker panics; all others are woken all the same, those of later batches too.
#[test]
fn a_waker_that_panics_keeps_nobody_else_from_being_woken() {
    fn panics<F: Fairness>() {
        let semaphore: Semaphore<DefaultPolicy, F> = Semaphore::new(0);
        let mut first = Box::pin(semaphore.acquire());
        let waker = Waker::from(Arc::new(Panics));
        assert!(first.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        let mut behind: Vec<_> = (0..80).map(|_| Task::new(semaphore.acquire())).collect();
        assert!(behind.iter_mut().all(|task| task.poll().is_pending()));
        let said = catch_unwind(AssertUnwindSafe(|| semaphore.add_permits(80)));
        assert!(said.is_err(), "the panic is not swallowed");
        assert_eq!(behind.iter().filter(|task| task.is_woken()).count(), 79);
        // Whose waker panicked was told all the same, and hands it on when it goes.
        drop(first);
        assert!(behind.iter().all(Task::is_woken));
        assert!(behind.iter_mut().all(|task| task.poll().is_ready()));
        assert_eq!(semaphore.available_permits(), 80);
    }
    panics::<Barging>();
    panics::<Fair>();
}

/// A waker whose drop panics.
fn fragile() -> Waker {
    const TABLE: RawWakerVTable =
        RawWakerVTable::new(|data| RawWaker::new(data, &CLONED), |_| (), |_| (), |_| ());
    const CLONED: RawWakerVTable = RawWakerVTable::new(
        |data| RawWaker::new(data, &CLONED),
        |_| (),
        |_| (),
        |_| panic!("the drop panics"),
    );
    // SAFETY: nothing is behind the pointer, and no function looks there.
    unsafe { Waker::from_raw(RawWaker::new(std::ptr::null(), &TABLE)) }
}

#[test]
fn a_waker_whose_drop_panics_keeps_nobody_else_waiting() {
    let semaphore: Semaphore = Semaphore::new(0);
    let mut large = Box::pin(semaphore.acquire_many(2));
    let waker = fragile();
    assert!(large.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    let mut small = Task::new(semaphore.acquire());
    assert!(small.poll().is_pending());
    semaphore.add_permits(1);
    assert!(!small.is_woken());
    assert!(catch_unwind(AssertUnwindSafe(|| drop(large))).is_err());
    assert!(small.is_woken() && small.poll().is_ready());
}

/// Acquires and releases when it is woken, and closes at last.
struct Reenters {
    semaphore: Arc<Semaphore>,
    wakes: AtomicUsize,
}

impl Wake for Reenters {
    fn wake(self: Arc<Self>) {
        self.wakes.fetch_add(1, SeqCst);
        drop(self.semaphore.try_acquire());
        let mut other = Task::new(self.semaphore.acquire_many(2));
        assert!(other.poll().is_pending(), "there is one at most");
        self.semaphore.close();
        assert!(other.is_woken(), "closed");
    }
}

#[test]
fn a_waker_may_use_the_semaphore() {
    let semaphore: Arc<Semaphore> = Arc::new(Semaphore::new(0));
    let reenters = Arc::new(Reenters { semaphore: semaphore.clone(), wakes: AtomicUsize::new(0) });
    let waker = Waker::from(reenters.clone());
    let mut acquire = pin!(semaphore.acquire());
    assert!(acquire.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    semaphore.add_permits(1);
    assert_eq!(reenters.wakes.load(SeqCst), 1);
    assert!(acquire.as_mut().poll(&mut Context::from_waker(&waker)).is_ready());
}

/// Dropped with somebody in another executor who waits: that one keeps it alive.
#[test]
fn a_future_that_owns_the_semaphore_outlives_its_other_owners() {
    let semaphore: Arc<Semaphore> = Arc::new(Semaphore::new(0));
    let mut acquire = Task::new(semaphore.acquire_owned());
    assert!(acquire.poll().is_pending());
    let closer = semaphore.clone();
    drop(semaphore);
    closer.close();
    drop(closer);
    assert!(acquire.is_woken() && acquire.poll().is_ready());
}
