//! Waiting for a condition: as a future, and as a thread.

use super::{
    Condvar, CondvarGuard,
    state::{ONE, OtherMutex},
};
use crate::wait::{Adopts, Clock, Park, Policy, Waiter, Waiting};
use core::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

/// A future that waits for a [`Condvar`], and has the mutex's guard again then; see [`Condvar::wait`].
#[must_use = "futures do nothing unless they are awaited"]
pub struct CondvarWait<'c, G: CondvarGuard> {
    condvar: &'c Condvar<G::Policy>,
    /// It is there until the future is dropped, also if the guard is not.
    mutex: G::Mutex,
    /// Until it is polled first.
    guard: Option<G>,
    waiting: Waiting<G::Policy>,
    /// Whether it was notified, and as one or with all.
    notified: Option<usize>,
}

impl<'c, G: CondvarGuard> CondvarWait<'c, G> {
    pub(super) fn new(condvar: &'c Condvar<G::Policy>, guard: G) -> Self {
        let mutex = G::mutex_of(&guard);
        CondvarWait { condvar, mutex, guard: Some(guard), waiting: Waiting::new(0), notified: None }
    }

    fn waiting(self: Pin<&mut Self>) -> Pin<&mut Waiting<G::Policy>> {
        // SAFETY: it is pinned with the future.
        unsafe { self.map_unchecked_mut(|this| &mut this.waiting) }
    }

    /// Begins to wait, and unlocks the mutex.
    ///
    /// # Panics
    /// When others wait with another mutex.
    #[track_caller]
    fn enter(mut self: Pin<&mut Self>, waiter: Waiter<G::Policy>) {
        let condvar = self.condvar;
        let raw: *const (dyn Adopts<G::Policy> + 'static) = self.mutex.raw();
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
    fn locked(&self) -> G {
        // SAFETY: it waited for it, in the mutex's queue, and has no guard.
        unsafe { G::locked(self.mutex.clone()) }
    }

    /// Blocks the thread.
    #[track_caller]
    pub(super) fn block(mut self: Pin<&mut Self>) -> G {
        let thread = G::Policy::current();
        self.as_mut().enter(Waiter::Thread(G::Policy::share(&thread)));
        let condvar = self.condvar;
        self.as_mut().waiting().block_away(&condvar.queue, || {
            G::Policy::park(&thread);
            true
        });
        self.block_moved(&thread)
    }

    fn block_moved(self: Pin<&mut Self>, thread: &<G::Policy as Park>::Thread) -> G {
        // SAFETY: `waiting` is pinned with the future; the mutex is not moved.
        let (waiting, mutex) = unsafe {
            let this = self.get_unchecked_mut();
            (Pin::new_unchecked(&mut this.waiting), &this.mutex)
        };
        waiting.block_moved(mutex.raw(), thread);
        // SAFETY: it waited for it, in the mutex's queue, and has no guard.
        unsafe { G::locked(mutex.clone()) }
    }
}

impl<G: CondvarGuard<Policy: Clock>> CondvarWait<'_, G> {
    /// Blocks the thread, until then; `true`: it was not notified in time.
    #[track_caller]
    pub(super) fn block_until(
        mut self: Pin<&mut Self>,
        deadline: <G::Policy as Clock>::Instant,
    ) -> (G, bool) {
        let thread = G::Policy::current();
        self.as_mut().enter(Waiter::Thread(G::Policy::share(&thread)));
        let condvar = self.condvar;
        let is_moved = self.as_mut().waiting().block_away(&condvar.queue, || {
            let is_early = G::Policy::now() < deadline;
            if is_early {
                G::Policy::park_until(&thread, deadline);
            }
            is_early
        });
        let waiting = self.as_mut().waiting();
        if !is_moved && waiting.leave_away(&condvar.queue, |ring| condvar.have_left(ring)) {
            self.mutex.raw().lock();
            return (self.locked(), true);
        }
        (self.block_moved(&thread), false)
    }
}

impl<G: CondvarGuard> Future for CondvarWait<'_, G> {
    type Output = G::Output;

    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        // SAFETY: `waiting` is pinned with the future; nothing else is.
        let this = unsafe { self.as_mut().get_unchecked_mut() };
        if this.guard.is_some() {
            self.enter(Waiter::Task(context.waker().clone()));
            return Poll::Pending;
        }
        // SAFETY: as above.
        let mut waiting = unsafe { Pin::new_unchecked(&mut this.waiting) };
        if this.notified.is_none() {
            if waiting.as_mut().is_away(&this.condvar.queue, Some(context.waker())) {
                return Poll::Pending;
            }
            this.notified = waiting.as_mut().arrive();
        }
        // It waits for the lock. It is never closed.
        let polled = waiting.poll(this.mutex.raw(), context);
        polled.map(|_| G::into_output(this.locked()))
    }
}

impl<G: CondvarGuard> Drop for CondvarWait<'_, G> {
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

impl<G: CondvarGuard> fmt::Debug for CondvarWait<'_, G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CondvarWait").finish_non_exhaustive()
    }
}

/// A future that waits while a predicate is true of what a mutex guards; see [`Condvar::wait_while`].
#[must_use = "futures do nothing unless they are awaited"]
pub struct CondvarWaitWhile<'c, G: CondvarGuard, C> {
    condvar: &'c Condvar<G::Policy>,
    /// Dropped before it is replaced: it is pinned.
    wait: Option<CondvarWait<'c, G>>,
    /// Until it is polled first.
    guard: Option<G>,
    predicate: C,
}

impl<'c, G: CondvarGuard, C> CondvarWaitWhile<'c, G, C> {
    pub(super) fn new(condvar: &'c Condvar<G::Policy>, guard: G, predicate: C) -> Self {
        CondvarWaitWhile { condvar, wait: None, guard: Some(guard), predicate }
    }
}

impl<G: CondvarGuard, C: FnMut(&mut G::Target) -> bool> Future for CondvarWaitWhile<'_, G, C> {
    type Output = G::Output;

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
                let Poll::Ready(output) = waits.poll(context) else { return Poll::Pending };
                wait.set(None);
                match G::from_output(output) {
                    Ok(locked) => *guard = Some(locked),
                    Err(output) => return Poll::Ready(output),
                }
            }
            let mut locked = guard.take().expect("a future was polled after it was ready");
            if !predicate(&mut locked) {
                return Poll::Ready(G::into_output(locked));
            }
            wait.set(Some(CondvarWait::new(condvar, locked)));
        }
    }
}

impl<G: CondvarGuard, C> fmt::Debug for CondvarWaitWhile<'_, G, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CondvarWaitWhile").finish_non_exhaustive()
    }
}
