//! An initialiser that asks for what it initialises panics, and never waits for itself.

use crate::common::{Task, ignore, message};
use counterpoint::{
    sync::{Lazy, Once, generic::OnceCell},
    wait::{DefaultPolicy, Park, Policy, Spin},
};
use std::{
    future::{pending, poll_fn, ready},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    task::Poll,
    thread,
    time::Duration,
};

/// Runs something that panics since it would wait for itself.
#[track_caller]
fn is_refused<R>(run: impl FnOnce() -> R) {
    match catch_unwind(AssertUnwindSafe(|| drop(run()))) {
        Ok(()) => panic!("it was not refused"),
        Err(payload) => {
            let said = message(&*payload);
            assert!(said.contains("was asked for by its own initialiser"), "{said}");
        }
    }
}

type Cell<P = DefaultPolicy> = OnceCell<u32, P>;

/// Every way of asking that waits: each would do so for ever.
fn ways<P: Policy>() -> Vec<fn(&Cell<P>)> {
    vec![
        |cell| ignore(cell.get_or_init_blocking(|| 1)),
        |cell| ignore(cell.get_or_try_init_blocking(|| Ok::<_, ()>(1))),
        |cell| ignore(cell.set_blocking(1)),
        |cell| ignore(cell.wait_blocking()),
        |cell| assert!(Task::new(cell.get_or_init(|| ready(1))).poll().is_ready()),
        |cell| assert!(Task::new(cell.set(1)).poll().is_ready()),
        |cell| assert!(Task::new(cell.wait()).poll().is_ready()),
    ]
}

fn the_initialiser_is_refused<P: Policy>() {
    for way in ways::<P>() {
        let cell = Cell::<P>::new();
        is_refused(|| {
            cell.get_or_init_blocking(|| {
                way(&cell);
                0
            })
        });
        let asking = || {
            Task::new(cell.get_or_init(async || {
                way(&cell);
                0
            }))
        };
        is_refused(|| asking().poll());
        // When the future is made, and when it is dropped.
        is_refused(|| {
            Task::new(cell.get_or_init(|| {
                way(&cell);
                ready(0)
            }))
            .poll()
        });
        struct Asks<'a, P: Policy>(&'a Cell<P>, fn(&Cell<P>));
        impl<P: Policy> Drop for Asks<'_, P> {
            fn drop(&mut self) {
                (self.1)(self.0);
            }
        }
        let asks = Asks(&cell, way);
        let mut dropped = Task::new(cell.get_or_init(|| {
            let asks = asks;
            async move {
                let _asks = asks;
                pending().await
            }
        }));
        assert!(dropped.poll().is_pending());
        is_refused(|| drop(dropped));
        // It is as if nobody had initialised.
        assert_eq!(cell.get(), None);
        assert_eq!(cell.get_or_init_blocking(|| 9), &9);
    }
}

#[test]
fn the_initialiser_is_refused_of_each_policy() {
    the_initialiser_is_refused::<DefaultPolicy>();
    the_initialiser_is_refused::<Spin>();
    #[cfg(feature = "critical-section")]
    the_initialiser_is_refused::<counterpoint::wait::Critical>();
}

#[test]
fn once_and_lazy_values_refuse_too() {
    let once: Once = Once::new();
    is_refused(|| once.call_once_blocking(|| once.call_once_blocking(|| ())));
    is_refused(|| once.call_once_blocking(|| once.wait_blocking()));
    is_refused(|| once.call_once_blocking(|| assert!(once.wait_timeout(Duration::MAX))));
    is_refused(|| Task::new(once.call_once(|| once.call_once(|| ready(())))).poll());
    is_refused(|| Task::new(once.call_once(|| once.wait())).poll());
    assert!(!once.is_completed());

    static LAZY: Lazy<u32> = Lazy::new(|| *LAZY + 1);
    is_refused(|| *LAZY);
    is_refused(|| Task::new(Lazy::force(&LAZY)).poll());
    static FORCED: Lazy<u32> = Lazy::new(|| {
        if let Poll::Ready(one) = Task::new(Lazy::force(&FORCED)).poll() { *one } else { 0 }
    });
    is_refused(|| *FORCED);
    is_refused(|| Task::new(Lazy::force(&FORCED)).poll());
}

/// The initialiser may look, and may catch what it was told.
#[test]
fn an_initialiser_that_was_refused_may_go_on() {
    let cell = Cell::<DefaultPolicy>::new();
    let value = cell.get_or_init_blocking(|| {
        assert!(cell.get().is_none() && cell.try_set(1).is_err());
        is_refused(|| cell.wait_blocking());
        2
    });
    assert_eq!(value, &2);
    let cell = Cell::<DefaultPolicy>::new();
    let mut init = Task::new(cell.get_or_init(async || {
        is_refused(|| cell.get_or_init_blocking(|| 1));
        let mut inner = pin!(cell.wait());
        poll_fn(|context| {
            is_refused(|| inner.as_mut().poll(context));
            Poll::Ready(())
        })
        .await;
        3
    }));
    assert_eq!(init.poll(), Poll::Ready(&3));
}

/// Between its polls an initialising future is in nobody's way: another future of its task waits.
#[test]
fn a_sibling_of_the_initialising_future_waits() {
    let cell = Cell::<DefaultPolicy>::new();
    let mut polls = 0;
    let init = poll_fn(|_| {
        polls += 1;
        if polls < 3 { Poll::Pending } else { Poll::Ready(polls) }
    });
    let mut init = Task::new(cell.get_or_init(|| init));
    let mut sibling = Task::new(cell.get_or_init(|| ready(0)));
    let mut watching = Task::new(cell.wait());
    for _ in 0..2 {
        assert!(init.poll().is_pending() && sibling.poll().is_pending());
        assert!(watching.poll().is_pending());
        assert_eq!(cell.wait_timeout(Duration::ZERO), None);
    }
    assert_eq!(init.poll(), Poll::Ready(&3));
    assert_eq!((sibling.poll(), watching.poll()), (Poll::Ready(&3), Poll::Ready(&3)));
}

/// The initialiser is whoever polls at this moment, not who polled first.
#[test]
fn an_initialising_future_goes_from_thread_to_thread() {
    let cell = Cell::<DefaultPolicy>::new();
    let is_here = |cell: &Cell| {
        catch_unwind(AssertUnwindSafe(|| cell.wait_timeout(Duration::ZERO).is_some())).is_err()
    };
    let mut init = Box::pin(cell.get_or_init(|| {
        let mut polls = 0;
        let cell = &cell;
        poll_fn(move |_| {
            polls += 1;
            assert!(is_here(cell), "the initialiser is not known");
            if polls < 3 { Poll::Pending } else { Poll::Ready(polls) }
        })
    }));
    for poll in 1..=3 {
        let value = thread::scope(|scope| {
            let init = init.as_mut();
            let polled = scope.spawn(|| {
                let mut init = init;
                let context = &mut std::task::Context::from_waker(std::task::Waker::noop());
                init.as_mut().poll(context).is_ready()
            });
            polled.join().expect("it is polled")
        });
        assert_eq!(value, poll == 3);
        assert!(!is_here(&cell));
    }
}

#[test]
fn cells_nest() {
    let outer = Cell::<DefaultPolicy>::new();
    let inner = Cell::<DefaultPolicy>::new();
    let value = outer.get_or_init_blocking(|| inner.get_or_init_blocking(|| 1) + 1);
    assert_eq!((value, inner.get()), (&2, Some(&1)));
    // Round about it is the same as by itself.
    let (first, second) = (Cell::<DefaultPolicy>::new(), Cell::<DefaultPolicy>::new());
    is_refused(|| {
        first.get_or_init_blocking(|| *second.get_or_init_blocking(|| *first.wait_blocking()))
    });
    assert_eq!((first.get(), second.get()), (None, None));
}

#[test]
fn two_threads_are_two() {
    let own = <DefaultPolicy as Park>::identity().expect("it is known");
    assert_eq!(<Spin as Park>::identity(), Some(own));
    let other = thread::scope(|scope| {
        scope.spawn(<DefaultPolicy as Park>::identity).join().expect("it ends")
    });
    assert_ne!(other, Some(own));
    assert_eq!(own.get() % 8, 0);
}
