//! Waiting for a condition: as a future, and as a thread.

use super::{
    Condvar,
    state::{ONE, OtherMutex},
};
use crate::{
    sync::{Barging, Fairness, Mutex, MutexGuard},
    wait::{self, Adopts, Clock, Policy, Waiter, Waiting},
};
use core::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

/// A future that waits for a [`Condvar`], and has the mutex's guard again then; see [`Condvar::wait`].
#[must_use = "futures do nothing unless they are awaited"]
pub struct CondvarWait<'c, 'a, T: ?Sized, P: Policy = wait::DefaultPolicy, F: Fairness = Barging> {
    condvar: &'c Condvar<P>,
    mutex: &'a Mutex<T, P, F>,
    /// Until it is polled first.
    guard: Option<MutexGuard<'a, T, P, F>>,
    waiting: Waiting<P>,
    /// Whether it was notified, and as one or with all.
    notified: Option<usize>,
}

impl<'c, 'a, T: ?Sized, P: Policy, F: Fairness> CondvarWait<'c, 'a, T, P, F> {
    pub(super) fn new(condvar: &'c Condvar<P>, guard: MutexGuard<'a, T, P, F>) -> Self {
        let mutex = MutexGuard::mutex(&guard);
        CondvarWait { condvar, mutex, guard: Some(guard), waiting: Waiting::new(0), notified: None }
    }

    fn waiting(self: Pin<&mut Self>) -> Pin<&mut Waiting<P>> {
        // SAFETY: it is pinned with the future.
        unsafe { self.map_unchecked_mut(|this| &mut this.waiting) }
    }

    /// Begins to wait, and unlocks the mutex.
    ///
    /// # Panics
    /// When others wait with another mutex.
    #[track_caller]
    fn enter(mut self: Pin<&mut Self>, waiter: Waiter<P>) {
        let (condvar, mutex) = (self.condvar, self.mutex);
        let raw: *const (dyn Adopts<P> + 'static) = mutex.raw();
        let waiting = self.as_mut().waiting();
        let entered =
            waiting.enter_away(&condvar.queue, waiter, |ring| condvar.announce(ring, raw));
        if let Err(OtherMutex) = entered {
            panic!("a condition variable is used with two mutexes at a time");
        }
        // SAFETY: the guard is not pinned.
        drop(unsafe { self.get_unchecked_mut() }.guard.take());
    }

    /// It has the lock.
    fn locked(&self) -> MutexGuard<'a, T, P, F> {
        // SAFETY: it waited for it, in the mutex's queue, and has no guard.
        unsafe { self.mutex.guard() }
    }

    /// Blocks the thread.
    #[track_caller]
    pub(super) fn block(mut self: Pin<&mut Self>) -> MutexGuard<'a, T, P, F> {
        let thread = P::current();
        self.as_mut().enter(Waiter::Thread(P::share(&thread)));
        let condvar = self.condvar;
        self.as_mut().waiting().block_away(&condvar.queue, || {
            P::park(&thread);
            true
        });
        self.block_moved(&thread)
    }

    fn block_moved(mut self: Pin<&mut Self>, thread: &P::Thread) -> MutexGuard<'a, T, P, F> {
        let raw = self.mutex.raw();
        self.as_mut().waiting().block_moved(raw, thread);
        self.locked()
    }
}

impl<'c, 'a, T: ?Sized, P: Policy + Clock, F: Fairness> CondvarWait<'c, 'a, T, P, F> {
    /// Blocks the thread, until then; `true`: it was not notified in time.
    #[track_caller]
    pub(super) fn block_until(
        mut self: Pin<&mut Self>,
        deadline: P::Instant,
    ) -> (MutexGuard<'a, T, P, F>, bool) {
        let thread = P::current();
        self.as_mut().enter(Waiter::Thread(P::share(&thread)));
        let condvar = self.condvar;
        let is_moved = self.as_mut().waiting().block_away(&condvar.queue, || {
            let is_early = P::now() < deadline;
            if is_early {
                P::park_until(&thread, deadline);
            }
            is_early
        });
        let waiting = self.as_mut().waiting();
        if !is_moved && waiting.leave_away(&condvar.queue, |ring| condvar.have_left(ring)) {
            return (self.mutex.lock_blocking(), true);
        }
        (self.block_moved(&thread), false)
    }
}

impl<'c, 'a, T: ?Sized, P: Policy, F: Fairness> Future for CondvarWait<'c, 'a, T, P, F> {
    type Output = MutexGuard<'a, T, P, F>;

    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let (condvar, raw) = (self.condvar, self.mutex.raw());
        if self.guard.is_some() {
            self.as_mut().enter(Waiter::Task(context.waker().clone()));
            return Poll::Pending;
        }
        if self.notified.is_none() {
            if self.as_mut().waiting().is_away(&condvar.queue, Some(context.waker())) {
                return Poll::Pending;
            }
            let notified = self.as_mut().waiting().arrive();
            // SAFETY: nothing is moved.
            unsafe { self.as_mut().get_unchecked_mut() }.notified = notified;
        }
        // It waits for the lock. It is never closed.
        self.as_mut().waiting().poll(raw, context).map(|_| self.locked())
    }
}

impl<T: ?Sized, P: Policy, F: Fairness> Drop for CondvarWait<'_, '_, T, P, F> {
    fn drop(&mut self) {
        let condvar = self.condvar;
        // SAFETY: it is dropped, hence not moved any more.
        let mut waiting = unsafe { Pin::new_unchecked(&mut self.waiting) };
        if self.notified.is_none() {
            if waiting.as_mut().leave_away(&condvar.queue, |ring| condvar.have_left(ring)) {
                return;
            }
            self.notified = waiting.as_mut().arrive();
        }
        // Also if a waker panics below. [I3]
        let _next = (self.notified == Some(ONE) && !waiting.is_over()).then(|| NotifyNext(condvar));
        // SAFETY: as above.
        unsafe { waiting.get_unchecked_mut() }.leave(self.mutex.raw());
    }
}

/// Notifies another one when it is dropped.
struct NotifyNext<'a, P: Policy>(&'a Condvar<P>);

impl<P: Policy> Drop for NotifyNext<'_, P> {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

impl<T: ?Sized, P: Policy, F: Fairness> fmt::Debug for CondvarWait<'_, '_, T, P, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CondvarWait").finish_non_exhaustive()
    }
}

/// A future that waits while a predicate is true of what a mutex guards; see [`Condvar::wait_while`].
#[must_use = "futures do nothing unless they are awaited"]
pub struct CondvarWaitWhile<
    'c,
    'a,
    T: ?Sized,
    C,
    P: Policy = wait::DefaultPolicy,
    F: Fairness = Barging,
> {
    condvar: &'c Condvar<P>,
    /// Dropped before it is replaced: it is pinned.
    wait: Option<CondvarWait<'c, 'a, T, P, F>>,
    /// Until it is polled first.
    guard: Option<MutexGuard<'a, T, P, F>>,
    predicate: C,
}

impl<'c, 'a, T: ?Sized, C, P: Policy, F: Fairness> CondvarWaitWhile<'c, 'a, T, C, P, F> {
    pub(super) fn new(
        condvar: &'c Condvar<P>,
        guard: MutexGuard<'a, T, P, F>,
        predicate: C,
    ) -> Self {
        CondvarWaitWhile { condvar, wait: None, guard: Some(guard), predicate }
    }
}

impl<'c, 'a, T, C, P, F> Future for CondvarWaitWhile<'c, 'a, T, C, P, F>
where
    T: ?Sized,
    C: FnMut(&mut T) -> bool,
    P: Policy,
    F: Fairness,
{
    type Output = MutexGuard<'a, T, P, F>;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        // SAFETY: `wait` is pinned with the future, and dropped in its place; the others are not pinned.
        let (mut wait, guard, predicate, condvar) = unsafe {
            let this = self.get_unchecked_mut();
            let wait = Pin::new_unchecked(&mut this.wait);
            (wait, &mut this.guard, &mut this.predicate, this.condvar)
        };
        loop {
            if let Some(waits) = wait.as_mut().as_pin_mut() {
                match waits.poll(context) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(locked) => *guard = Some(locked),
                }
                wait.set(None);
            }
            let mut locked = guard.take().expect("a future was polled after it was ready");
            if !predicate(&mut locked) {
                return Poll::Ready(locked);
            }
            wait.set(Some(CondvarWait::new(condvar, locked)));
        }
    }
}

impl<T: ?Sized, C, P: Policy, F: Fairness> fmt::Debug for CondvarWaitWhile<'_, '_, T, C, P, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CondvarWaitWhile").finish_non_exhaustive()
    }
}
