//! Wakers that panic, and that use the mutex themselves.

use crate::common::{Panics, Task};
use counterpoint::sync::{Lock, Mutex, OwnedMutexGuard};
use std::{
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    task::{Context, RawWaker, RawWakerVTable, Wake, Waker},
};

#[test]
fn a_waker_that_panics_leaves_the_mutex_whole() {
    let mutex: Mutex<u32> = Mutex::new(0);
    let guard = mutex.try_lock().expect("it is free");
    let mut lock = Box::pin(mutex.lock());
    let waker = Waker::from(Arc::new(Panics));
    assert!(lock.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    let mut behind = Task::new(mutex.lock());
    assert!(behind.poll().is_pending());
    let said = catch_unwind(AssertUnwindSafe(|| drop(guard)));
    assert!(said.is_err(), "the panic is not swallowed");
    assert!(!mutex.is_locked());
    // Whose waker panicked was told all the same, and hands it on when it goes.
    drop(lock);
    assert!(behind.is_woken());
    assert!(behind.poll().is_ready());
}

/// A waker whose clone panics.
fn fragile() -> Waker {
    const TABLE: RawWakerVTable =
        RawWakerVTable::new(|_| panic!("the clone panics"), |_| (), |_| (), |_| ());
    // SAFETY: nothing is behind the pointer, and no function looks there.
    unsafe { Waker::from_raw(RawWaker::new(std::ptr::null(), &TABLE)) }
}

#[test]
fn a_waker_that_cannot_be_cloned_loses_nothing() {
    let mutex: Mutex<u32> = Mutex::new(0);
    let guard = mutex.try_lock().expect("it is free");
    let mut lock = Box::pin(mutex.lock());
    let polled = |lock: &mut Pin<Box<Lock<'_, u32>>>| {
        let waker = fragile();
        let mut context = Context::from_waker(&waker);
        catch_unwind(AssertUnwindSafe(|| lock.as_mut().poll(&mut context).is_ready()))
    };
    assert!(polled(&mut lock).is_err());
    let mut behind = Task::new(mutex.lock());
    assert!(behind.poll().is_pending());
    assert!(polled(&mut lock).is_err(), "as if it had not been polled");
    drop(guard);
    assert!(behind.is_woken());
    // It needs no waker now.
    assert!(matches!(polled(&mut lock), Ok(true)));
}

/// A waker that frees the lock when it is cloned, and panics when the clone is dropped.
struct Trap(Option<OwnedMutexGuard<u32>>);

fn trap(guard: OwnedMutexGuard<u32>) -> Waker {
    const CLONED: RawWakerVTable = RawWakerVTable::new(
        |data| RawWaker::new(data, &CLONED),
        |_| (),
        |_| (),
        |_| panic!("the drop panics"),
    );
    const TABLE: RawWakerVTable = RawWakerVTable::new(
        |data| {
            // SAFETY: the test keeps the box, and nobody else looks at it meanwhile.
            drop(unsafe { &mut *data.cast::<Trap>().cast_mut() }.0.take());
            RawWaker::new(data, &CLONED)
        },
        |_| (),
        |_| (),
        // SAFETY: made by `into_raw` below.
        |data| drop(unsafe { Box::from_raw(data.cast::<Trap>().cast_mut()) }),
    );
    let data = Box::into_raw(Box::new(Trap(Some(guard))));
    // SAFETY: the functions do what they should, but for the panic.
    unsafe { Waker::from_raw(RawWaker::new(data.cast_const().cast(), &TABLE)) }
}

#[test]
fn a_waker_whose_drop_panics_keeps_no_lock() {
    let mutex = Arc::new(Mutex::new(0));
    let waker = trap(mutex.lock_owned_blocking());
    let mut lock = Box::pin(mutex.lock());
    let mut context = Context::from_waker(&waker);
    let polled = catch_unwind(AssertUnwindSafe(|| lock.as_mut().poll(&mut context).is_ready()));
    assert!(polled.is_err(), "the panic is not swallowed");
    drop(lock);
    assert!(!mutex.is_locked());
}

/// Locks and unlocks when it is woken, and drops another future.
struct Reenters {
    mutex: Arc<Mutex<u32>>,
    wakes: AtomicUsize,
}

impl Wake for Reenters {
    fn wake(self: Arc<Self>) {
        self.wakes.fetch_add(1, SeqCst);
        let mut other = Task::new(self.mutex.lock());
        assert!(other.poll().is_ready(), "a waker is woken when the lock is free");
        *self.mutex.try_lock().expect("it is free") += 1;
    }
}

#[test]
fn a_waker_may_use_the_mutex() {
    let mutex = Arc::new(Mutex::new(0));
    let reenters = Arc::new(Reenters { mutex: mutex.clone(), wakes: AtomicUsize::new(0) });
    let guard = mutex.try_lock().expect("it is free");
    {
        let mut lock = pin!(mutex.lock());
        let waker = Waker::from(reenters.clone());
        assert!(lock.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        drop(guard);
    }
    assert_eq!((reenters.wakes.load(SeqCst), *mutex.lock_blocking()), (1, 1));
}

/// The newest waker of a future is the one that counts.
#[test]
fn a_waker_is_replaced() {
    let mutex: Mutex<()> = Mutex::new(());
    let guard = mutex.try_lock();
    let counts = [(); 2].map(|()| Arc::new(Count(AtomicUsize::new(0))));
    let mut lock = pin!(mutex.lock());
    for count in &counts {
        let waker = Waker::from(count.clone());
        assert!(lock.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    }
    drop(guard);
    assert_eq!(counts.map(|count| count.0.load(SeqCst)), [0, 1]);
}

struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, SeqCst);
    }
}
