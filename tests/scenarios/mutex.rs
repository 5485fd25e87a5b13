//! `Mutex`: threads and tasks, and those that give up.

use counterpoint::{
    sync::Mutex,
    verify::{
        scenario::{Runner, Scenario},
        shim::{AtomicUsize, Ordering, UnsafeCell, hint::spin_loop},
        spec::{
            Counter,
            counter::Operation::{self, Add, FetchAdd, Get},
        },
    },
    wait::{self, Policy},
};
use std::{
    future::Future,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
};

/// A task's wake-ups: a word that engines see.
struct Bell(AtomicUsize);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        // Release: what came before the wake-up.
        self.0.swap(1, Ordering::Release);
    }
}

/// Runs a future; between polls it waits for its waker.
fn block_on<F: Future>(mut future: Pin<&mut F>) -> F::Output {
    let bell = Arc::new(Bell(AtomicUsize::new(0)));
    let waker = Waker::from(bell.clone());
    loop {
        if let Poll::Ready(result) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return result;
        }
        // Acquire: what came before the wake-up.
        while bell.0.compare_exchange(1, 0, Ordering::Acquire, Ordering::Relaxed).is_err() {
            spin_loop();
        }
    }
}

/// A number that only the lock guards.
struct Guarded<P: Policy>(Mutex<UnsafeCell<i64>, P>);

// SAFETY: the lock guards the cell.
unsafe impl<P: Policy> Sync for Guarded<P> {}
// SAFETY: as above.
unsafe impl<P: Policy> Send for Guarded<P> {}

fn add(cell: &UnsafeCell<i64>, more: i64) -> i64 {
    // SAFETY: the lock is held.
    cell.with_mut(|number| unsafe { std::mem::replace(&mut *number, *number + more) })
}

/// `Add` as a thread, `FetchAdd` as a task, `Get` as one that gives up if it must wait, and then as
/// a thread.
fn scenario<P: Policy>(name: &str) -> Scenario<Counter, Guarded<P>> {
    let make = || Guarded(Mutex::new(UnsafeCell::new(0)));
    Scenario::new(name, Counter, make, |guarded: &Guarded<P>, asked: &Operation| match *asked {
        Add(more) => {
            add(&guarded.0.lock_blocking(), more);
            ().into()
        }
        FetchAdd(more) => {
            let guard = block_on(pin!(guarded.0.lock()));
            add(&guard, more).into()
        }
        Get => {
            let polled = {
                let mut lock = pin!(guarded.0.lock());
                let waker = Waker::from(Arc::new(Bell(AtomicUsize::new(0))));
                match lock.as_mut().poll(&mut Context::from_waker(&waker)) {
                    Poll::Ready(guard) => Some(add(&guard, 0)),
                    Poll::Pending => None,
                }
            };
            polled.unwrap_or_else(|| add(&guarded.0.lock_blocking(), 0)).into()
        }
    })
}

#[test]
fn threads_exclude_each_other() {
    scenario::<wait::Default>("mutex: two threads")
        .thread([Add(1)])
        .thread([Add(2)])
        .after([Get])
        .check();
}

#[test]
fn a_thread_and_a_task_exclude_each_other() {
    let scenario = scenario::<wait::Default>("mutex: a thread and a task");
    scenario.thread([Add(1)]).thread([FetchAdd(2)]).after([Get]).check();
}

#[test]
fn who_gives_up_wakes_another() {
    let scenario = scenario::<wait::Default>("mutex: one gives up");
    scenario.thread([FetchAdd(1)]).thread([Get]).after([Get]).check();
}

#[test]
fn a_wake_up_is_handed_on() {
    let scenario = scenario::<wait::Default>("mutex: a thread, a task, and one that gives up");
    scenario.thread([Add(1)]).thread([FetchAdd(2)]).thread([Get]).bound(2).check();
}

#[test]
fn who_waited_long_goes_first() {
    let scenario = scenario::<wait::Default>("mutex: one comes again and again");
    scenario.thread([Add(1), Add(1), Add(1)]).thread([Add(10)]).bound(2).check();
}

#[test]
fn many_threads_and_tasks() {
    let mut scenario = scenario::<wait::Default>("mutex: three threads, two tasks");
    for _ in 0..3 {
        scenario = scenario.thread([Add(1), Add(1), Get]);
    }
    for _ in 0..2 {
        scenario = scenario.thread([FetchAdd(1), Get, FetchAdd(1)]);
    }
    scenario.any_outcome().only([Runner::Random, Runner::Pct, Runner::Threads]).check();
}
