//! Wakers that panic, and that use the cell themselves.

use crate::common::{Panics, Task};
use counterpoint::sync::OnceCell;
use std::{
    future::{Future, pending, ready},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    task::{Context, Poll, RawWaker, RawWakerVTable, Wake, Waker},
};

/// More than are told under one hold of the queue's lock.
const MANY: usize = 70;

#[test]
fn a_waker_that_panics_keeps_the_value_from_nobody() {
    let cell: OnceCell<usize> = OnceCell::new();
    let mut is_let = false;
    let mut init = Box::pin(cell.get_or_init(|| {
        std::future::poll_fn(move |_| {
            if std::mem::replace(&mut is_let, true) { Poll::Ready(1) } else { Poll::Pending }
        })
    }));
    let context = &mut Context::from_waker(Waker::noop());
    assert!(init.as_mut().poll(context).is_pending());
    let mut before: Vec<_> = (0..MANY).map(|_| Task::new(cell.wait())).collect();
    assert!(before.iter_mut().all(|task| task.poll().is_pending()));
    let mut panics = pin!(cell.wait());
    let waker = Waker::from(Arc::new(Panics));
    assert!(panics.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    let mut behind: Vec<_> = (0..MANY).map(|_| Task::new(cell.get_or_init(|| ready(2)))).collect();
    assert!(behind.iter_mut().all(|task| task.poll().is_pending()));
    let said = catch_unwind(AssertUnwindSafe(|| init.as_mut().poll(context).is_ready()));
    assert!(said.is_err(), "the panic is not swallowed");
    assert_eq!(cell.get(), Some(&1));
    assert!(before.iter().all(Task::is_woken) && behind.iter().all(Task::is_woken));
    assert!(before.iter_mut().all(|task| task.poll() == Poll::Ready(&1)));
    assert!(behind.iter_mut().all(|task| task.poll() == Poll::Ready(&1)));
    assert_eq!(panics.poll(context), Poll::Ready(&1));
}

#[test]
fn who_is_told_of_a_failure_by_a_waker_that_panics_hands_on() {
    let cell: OnceCell<u32> = OnceCell::new();
    let mut dropped = Task::new(cell.get_or_init(pending));
    assert!(dropped.poll().is_pending());
    let mut panics = Box::pin(cell.get_or_init(|| ready(1)));
    let waker = Waker::from(Arc::new(Panics));
    assert!(panics.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    let mut behind = Task::new(cell.get_or_init(|| ready(2)));
    assert!(behind.poll().is_pending());
    assert!(catch_unwind(AssertUnwindSafe(|| drop(dropped))).is_err());
    drop(panics);
    assert!(behind.is_woken());
    assert_eq!(behind.poll(), Poll::Ready(&2));
}

/// A waker that drops a future when it is cloned, and panics when the clone is dropped.
struct Trap<'a>(Option<Pin<Box<dyn Future<Output = &'a u32> + 'a>>>);

fn trap<'a>(future: impl Future<Output = &'a u32> + 'a) -> Waker {
    const CLONED: RawWakerVTable = RawWakerVTable::new(
        |data| RawWaker::new(data, &CLONED),
        |_| (),
        |_| (),
        |_| panic!("the drop panics"),
    );
    const TABLE: RawWakerVTable = RawWakerVTable::new(
        |data| {
            // SAFETY: the test keeps the box, and nobody else looks at it meanwhile.
            drop(unsafe { &mut *data.cast::<Trap<'_>>().cast_mut() }.0.take());
            RawWaker::new(data, &CLONED)
        },
        |_| (),
        |_| (),
        // SAFETY: made by `into_raw` below.
        |data| drop(unsafe { Box::from_raw(data.cast::<Trap<'_>>().cast_mut()) }),
    );
    let data = Box::into_raw(Box::new(Trap(Some(Box::pin(future)))));
    // SAFETY: the functions do what they should, but for the panic; the test drops it in time.
    unsafe { Waker::from_raw(RawWaker::new(data.cast_const().cast(), &TABLE)) }
}

/// It takes the right to initialise while its waker is cloned, and loses it while that is dropped.
#[test]
fn a_waker_whose_drop_panics_keeps_nobody_from_initialising() {
    let cell: OnceCell<u32> = OnceCell::new();
    let mut init = Box::pin(cell.get_or_init(pending));
    assert!(init.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    let waker = trap(init);
    let mut trapped = Box::pin(cell.get_or_init(|| ready(1)));
    let mut context = Context::from_waker(&waker);
    let polled = catch_unwind(AssertUnwindSafe(|| trapped.as_mut().poll(&mut context).is_ready()));
    assert!(polled.is_err(), "the panic is not swallowed");
    drop(trapped);
    assert_eq!(Task::new(cell.get_or_init(|| ready(2))).poll(), Poll::Ready(&2));
}

/// Looks at the cell when it is woken, and asks for it.
struct Asks {
    cell: Arc<OnceCell<u32>>,
    wakes: AtomicUsize,
}

impl Wake for Asks {
    fn wake(self: Arc<Self>) {
        self.wakes.fetch_add(1, SeqCst);
        assert_eq!(self.cell.get(), Some(&1));
        assert_eq!(Task::new(self.cell.get_or_init(pending)).poll(), Poll::Ready(&1));
        assert_eq!(self.cell.get_or_init_blocking(|| 2), &1);
    }
}

#[test]
fn a_waker_may_use_the_cell() {
    let cell = Arc::new(OnceCell::new());
    let asks = Arc::new(Asks { cell: cell.clone(), wakes: AtomicUsize::new(0) });
    let waker = Waker::from(asks.clone());
    let mut watching = pin!(cell.wait());
    assert!(watching.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    assert_eq!(cell.try_set(1), Ok(()));
    assert_eq!(asks.wakes.load(SeqCst), 1);
}
