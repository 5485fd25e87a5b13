//! Wakers that panic, and that use the lock themselves.

use crate::common::{Panics, Task};
use counterpoint::sync::{RwLock, RwLockWriteGuard};
use std::{
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    task::{Context, Wake, Waker},
};

/// More readers than are told at once, of which one's waker panics: all are told, and the lock is
/// whole.
#[test]
fn a_reader_whose_waker_panics_leaves_the_lock_whole() {
    for downgrades in [false, true] {
        let lock: RwLock<u32> = RwLock::new(0);
        let guard = lock.try_write().expect("it is free");
        let mut fragile = Box::pin(lock.read());
        let waker = Waker::from(Arc::new(Panics));
        assert!(fragile.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        let mut others: Vec<_> = (0..100).map(|_| Task::new(lock.read())).collect();
        assert!(others.iter_mut().all(|read| read.poll().is_pending()));
        let mut writer = Task::new(lock.write());
        assert!(writer.poll().is_pending());
        let said = catch_unwind(AssertUnwindSafe(|| {
            if downgrades {
                drop(RwLockWriteGuard::downgrade(guard));
            } else {
                drop(guard);
            }
        }));
        assert!(said.is_err(), "the panic is not swallowed");
        assert!(!lock.is_locked() && others.iter().all(Task::is_woken) && writer.is_woken());
        let readers: Vec<_> = others.iter_mut().map(Task::poll).collect();
        assert!(readers.iter().all(|reading| reading.is_ready()));
        drop((fragile, readers));
        assert!(writer.poll().is_ready());
    }
}

#[test]
fn a_writer_whose_waker_panics_leaves_the_lock_whole() {
    let lock: RwLock<u32> = RwLock::new(0);
    let reader = lock.try_read().expect("it is free");
    let mut fragile = Box::pin(lock.write());
    let waker = Waker::from(Arc::new(Panics));
    assert!(fragile.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    let mut behind = Task::new(lock.read());
    assert!(behind.poll().is_pending());
    assert!(catch_unwind(AssertUnwindSafe(|| drop(reader))).is_err());
    assert!(!lock.is_locked() && !behind.is_woken());
    // It was told all the same; when it goes the reader waits for nobody.
    drop(fragile);
    assert!(behind.is_woken() && behind.poll().is_ready());
}

/// Reads and writes when it is woken.
struct Reenters {
    lock: Arc<RwLock<u32>>,
    wakes: AtomicUsize,
}

impl Wake for Reenters {
    fn wake(self: Arc<Self>) {
        self.wakes.fetch_add(1, SeqCst);
        let reading = Task::new(self.lock.read()).poll();
        assert!(reading.is_ready(), "a waker is woken when the queue is free");
        drop(reading);
        drop(Task::new(self.lock.write()).poll());
    }
}

#[test]
fn a_waker_may_use_the_lock() {
    let lock = Arc::new(RwLock::new(0));
    let reenters = Arc::new(Reenters { lock: lock.clone(), wakes: AtomicUsize::new(0) });
    let guard = lock.try_write().expect("it is free");
    let waker = Waker::from(reenters.clone());
    let mut read = Box::pin(lock.read());
    assert!(read.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    drop(guard);
    assert_eq!(reenters.wakes.load(SeqCst), 1);
    assert!(read.as_mut().poll(&mut Context::from_waker(&waker)).is_ready());
}
