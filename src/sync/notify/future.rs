//! A wait that has begun.

use super::Notify;
use crate::wait::{self, Clock, Joins, Membership, Policy, Wait, block_on, block_until};
use core::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll, Waker},
    time::Duration,
};

/// A wait for a [`Notify`] that has begun: a future, on which a thread may block too.
#[must_use = "it does nothing unless it is awaited"]
pub struct Notified<'a, P: Policy = wait::DefaultPolicy> {
    wait: Wait<&'a Notify<P>>,
    /// In which it began.
    round: usize,
    /// Whether `enable` has found out that it is over.
    is_over: bool,
}

impl<'a, P: Policy> Notified<'a, P> {
    #[inline]
    pub(super) fn new(notify: &'a Notify<P>) -> Self {
        let round = notify.round();
        Notified { wait: Wait::new(notify, round), round, is_over: false }
    }

    /// Takes its place in the queue, as if it were polled: from then on [`Notify::notify_one`] may tell
    /// it. `true`: it has been notified, and is ready when it is polled.
    pub fn enable(mut self: Pin<&mut Self>) -> bool {
        let is_over = self.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready();
        // SAFETY: nothing is moved.
        unsafe { self.get_unchecked_mut() }.is_over = is_over;
        is_over
    }

    /// Blocks the thread until it is notified.
    pub fn wait_blocking(self) {
        let notify: &Notify<P> = self.wait.source();
        if !notify.is_over(self.round) {
            // It is never closed.
            let _ = block_on(notify, self.round);
        }
    }
}

impl<P: Policy + Clock> Notified<'_, P> {
    /// Blocks the thread until it is notified (`true`), or for so long.
    pub fn wait_timeout(self, timeout: Duration) -> bool {
        match P::after(P::now(), timeout) {
            Some(deadline) => self.wait_deadline(deadline),
            None => {
                self.wait_blocking();
                true
            }
        }
    }

    /// Blocks the thread until it is notified (`true`), or until then.
    pub fn wait_deadline(self, deadline: P::Instant) -> bool {
        let notify: &Notify<P> = self.wait.source();
        notify.is_over(self.round) || block_until(notify, self.round, deadline).is_some()
    }
}

impl<P: Policy> Future for Notified<'_, P> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        // SAFETY: `wait` is pinned with the future, and nothing is moved.
        let (wait, is_over) = unsafe {
            let this = self.get_unchecked_mut();
            (Pin::new_unchecked(&mut this.wait), &mut this.is_over)
        };
        if core::mem::take(is_over) {
            return Poll::Ready(());
        }
        // It is never closed.
        wait.poll(context).map(|_| ())
    }
}

impl<P: Policy> Joins for Notified<'_, P> {
    fn join(self: Pin<&mut Self>, Membership(member): Membership) {
        // SAFETY: `wait` is pinned with the future, and goes with it; a member's group outlives that.
        unsafe { self.map_unchecked_mut(|this| &mut this.wait).join(member) };
    }
}

impl<P: Policy> fmt::Debug for Notified<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notified").finish_non_exhaustive()
    }
}
