//! Futures that wait for a value.

use super::{Counter, Until};
use crate::wait::{self, Policy, Wait};
use core::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

/// A future that waits for a count; see [`Counter::wait`], [`Latch::wait`](crate::sync::Latch::wait),
/// [`WaitGroup::wait`](crate::sync::WaitGroup::wait) and [`Event::wait`](crate::sync::Event::wait).
#[must_use = "futures do nothing unless they are awaited"]
pub struct CounterWait<'a, P: Policy = wait::DefaultPolicy>(pub(super) Wait<&'a Counter<P>>);

impl<P: Policy> Future for CounterWait<'_, P> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        // SAFETY: the wait is pinned with the future.
        let wait = unsafe { self.map_unchecked_mut(|this| &mut this.0) };
        // It is never closed.
        wait.poll(context).map(|_| ())
    }
}

impl<P: Policy> fmt::Debug for CounterWait<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CounterWait").finish_non_exhaustive()
    }
}

/// A future that waits until a predicate is true of a count; see [`Counter::wait_until`].
#[must_use = "futures do nothing unless they are awaited"]
pub struct CounterWaitUntil<'a, F, P: Policy = wait::DefaultPolicy> {
    wait: Wait<&'a Counter<P>>,
    predicate: F,
    /// Whether `wait` waits for another value than the one that the predicate was asked about.
    is_waiting: bool,
}

impl<'a, F, P: Policy> CounterWaitUntil<'a, F, P> {
    pub(super) fn new(counter: &'a Counter<P>, predicate: F) -> Self {
        let wait = Wait::new(counter, Until::Not(0).want());
        CounterWaitUntil { wait, predicate, is_waiting: false }
    }
}

impl<F: FnMut(isize) -> bool, P: Policy> Future for CounterWaitUntil<'_, F, P> {
    type Output = isize;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<isize> {
        // SAFETY: `wait` is pinned with the future; the predicate is never pinned.
        let (mut wait, predicate, is_waiting) = unsafe {
            let this = self.get_unchecked_mut();
            (Pin::new_unchecked(&mut this.wait), &mut this.predicate, &mut this.is_waiting)
        };
        loop {
            if *is_waiting {
                if wait.as_mut().poll(context).is_pending() {
                    return Poll::Pending;
                }
                *is_waiting = false;
            }
            let value = wait.source().value();
            if predicate(value) {
                return Poll::Ready(value);
            }
            wait.as_mut().restart(Until::Not(value).want());
            *is_waiting = true;
        }
    }
}

impl<F, P: Policy> fmt::Debug for CounterWaitUntil<'_, F, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CounterWaitUntil").finish_non_exhaustive()
    }
}
