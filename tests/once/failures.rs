//! Initialisers that fail: the next one initialises, and nobody who could is kept from it.

use crate::common::{Task, block_on};
use counterpoint::{
    sync::{Lazy, Once, generic::OnceCell},
    wait::{Bit, Exclude, Park},
};
use std::{
    cell::Cell,
    future::{pending, ready},
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::atomic::{AtomicUsize, Ordering::SeqCst},
    task::Poll,
    thread,
};

/// Whether `run` panics.
fn panics<R>(run: impl FnOnce() -> R) -> bool {
    catch_unwind(AssertUnwindSafe(|| drop(run()))).is_err()
}

/// A panic that says nothing.
fn panic() -> ! {
    resume_unwind(Box::new("on purpose"))
}

#[test]
fn a_panic_poisons_nothing() {
    let cell: OnceCell<u32> = OnceCell::new();
    assert!(panics(|| cell.get_or_init_blocking(|| panic())));
    assert!(panics(|| block_on(cell.get_or_init(async || panic()))));
    assert!(panics(
        || Task::new(cell.get_or_init(|| -> std::future::Ready<u32> { panic() })).poll()
    ));
    assert_eq!(cell.get(), None);
    assert_eq!(cell.get_or_init_blocking(|| 1), &1);

    let once: Once = Once::new();
    assert!(panics(|| once.call_once_blocking(|| panic())));
    assert!(panics(|| block_on(once.call_once(async || panic()))));
    assert!(!once.is_completed());
    once.call_once_blocking(|| ());
    assert!(once.is_completed());
}

#[test]
fn a_lazy_closure_that_panics_runs_again() {
    let mut runs = 0;
    let lazy: Lazy<u32, _> = Lazy::new(move || {
        runs += 1;
        if runs < 3 { panic() } else { runs }
    });
    assert!(panics(|| *lazy));
    assert!(panics(|| block_on(Lazy::force(&lazy))));
    assert_eq!((*lazy, *lazy), (3, 3));
}

#[test]
fn an_error_is_returned_and_the_next_one_initialises() {
    let cell: OnceCell<u32> = OnceCell::new();
    assert_eq!(cell.get_or_try_init_blocking(|| Err("no")), Err("no"));
    assert_eq!(block_on(cell.get_or_try_init(|| ready(Err("no")))), Err("no"));
    assert_eq!(cell.get(), None);
    assert_eq!(block_on(cell.get_or_try_init(|| ready(Ok::<_, ()>(2)))), Ok(&2));
    assert_eq!(cell.get_or_try_init_blocking(|| Err("no")), Ok(&2));
}

/// Whether the next one in the queue is told, whatever the way in which the first one fails.
#[test]
fn whoever_fails_tells_the_next_one_and_nobody_who_watches() {
    let fail: [fn() -> Result<u32, ()>; 2] = [|| Err(()), || panic()];
    for fail in fail {
        let cell: OnceCell<u32> = OnceCell::new();
        let is_let = Cell::new(false);
        let mut first = Task::new(cell.get_or_try_init(async || {
            while !is_let.get() {
                yield_once().await;
            }
            fail()
        }));
        assert!(first.poll().is_pending());
        let mut watcher = Task::new(cell.wait());
        let mut second = Task::new(cell.get_or_try_init(|| ready(Ok::<_, ()>(2))));
        let mut third = Task::new(cell.get_or_try_init(|| ready(Ok::<_, ()>(3))));
        assert!(watcher.poll().is_pending());
        assert!(second.poll().is_pending() && third.poll().is_pending());
        is_let.set(true);
        assert!(panics(|| first.poll()) || cell.get().is_none());
        assert!(second.is_woken() && !third.is_woken() && !watcher.is_woken());
        // Who was told and goes hands it on.
        drop(second);
        assert!(third.is_woken() && !watcher.is_woken());
        assert_eq!(third.poll(), Poll::Ready(Ok(&3)));
        assert!(watcher.is_woken());
        assert_eq!(watcher.poll(), Poll::Ready(&3));
    }
}

/// Pending, once.
async fn yield_once() {
    let mut is_over = false;
    std::future::poll_fn(|_| {
        if is_over {
            return Poll::Ready(());
        }
        is_over = true;
        Poll::Pending
    })
    .await;
}

/// "Futurelock": a future that was told to initialise, and that nobody polls, keeps it from nobody who
/// comes or is polled.
#[test]
fn a_future_that_nobody_polls_keeps_nobody_from_initialising() {
    for is_new in [false, true] {
        let cell: OnceCell<u32> = OnceCell::new();
        let mut dropped = Task::new(cell.get_or_init(pending));
        assert!(dropped.poll().is_pending());
        let mut idle = Task::new(cell.get_or_init(|| ready(1)));
        let mut polled = Task::new(cell.get_or_init(|| ready(2)));
        assert!(idle.poll().is_pending() && polled.poll().is_pending());
        drop(dropped);
        assert!(idle.is_woken() && !polled.is_woken());
        if is_new {
            assert_eq!(cell.get_or_init_blocking(|| 3), &3);
            assert!(polled.is_woken());
        } else {
            assert_eq!(polled.poll(), Poll::Ready(&2));
        }
        assert_eq!(Some(*cell.wait_blocking()), cell.get().copied());
        assert!(idle.poll().is_ready());
    }
}

/// Threads of the system that say when they park, and that cannot be told from each other.
struct Counted;

static PARKED: AtomicUsize = AtomicUsize::new(0);
static UNPARKED: AtomicUsize = AtomicUsize::new(0);

impl Park for Counted {
    type Thread = thread::Thread;

    fn current() -> thread::Thread {
        thread::current()
    }

    fn share(thread: &thread::Thread) -> thread::Thread {
        thread.clone()
    }

    fn park(_: &thread::Thread) {
        PARKED.fetch_add(1, SeqCst);
        thread::park();
    }

    fn unpark(thread: &thread::Thread) {
        UNPARKED.fetch_add(1, SeqCst);
        thread.unpark();
    }

    fn relax(_: u32) -> bool {
        false
    }
}

// SAFETY: the bit is taken before the section, and given back after it.
unsafe impl Exclude for Counted {
    fn exclusive<R>(bit: &Bit, section: impl FnOnce() -> R) -> R {
        while !bit.try_acquire() {
            thread::yield_now();
        }
        let result = section();
        bit.release();
        result
    }
}

/// A thread that waits behind a future which was told, and which nobody polls, is told too.
#[test]
fn a_thread_behind_a_future_that_nobody_polls_initialises() {
    let cell: OnceCell<u32, Counted> = OnceCell::new();
    let mut dropped = Task::new(cell.get_or_init(pending));
    let mut idle = Task::new(cell.get_or_init(|| ready(1)));
    let mut between = Task::new(cell.get_or_init(|| ready(2)));
    assert!(dropped.poll().is_pending());
    assert!(idle.poll().is_pending() && between.poll().is_pending());
    let told = thread::scope(|scope| {
        let blocked = scope.spawn(|| cell.get_or_init_blocking(|| 3));
        while PARKED.load(SeqCst) == 0 {
            thread::yield_now();
        }
        drop(dropped);
        let told = UNPARKED.load(SeqCst);
        if told == 0 {
            // So that it ends, although the test fails.
            let _is_ready = idle.poll().is_ready();
        }
        assert!(blocked.join().is_ok());
        told
    });
    assert_eq!((told, cell.get()), (1, Some(&3)));
    assert_eq!((idle.poll(), between.poll()), (Poll::Ready(&3), Poll::Ready(&3)));
}
