//! The condition variable: waits, with a mutex unlocked meanwhile, until somebody notifies.
//!
//! `state.rs` says how who waits is notified; here are the forms.

mod future;
mod guard;
mod state;

use crate::{
    facade::atomic::AtomicUsize,
    wait::{self, Clock, Policy, Queue},
};
use core::{fmt, pin::pin, time::Duration};
use state::Bound;

pub use future::{CondvarWait, CondvarWaitWhile};
pub use guard::CondvarGuard;
#[cfg(feature = "std")]
pub(super) use guard::sealed;

/// Waits until something is true of what a [`Mutex`](super::Mutex) guards, with that unlocked meanwhile.
///
/// | form | waits as | gives up |
/// |---|---|---|
/// | [`wait`](Condvar::wait), [`wait_while`](Condvar::wait_while) | a future | when it is dropped |
/// | [`wait_blocking`](Condvar::wait_blocking), [`wait_while_blocking`](Condvar::wait_while_blocking) | a blocked thread | never |
/// | [`wait_timeout`](Condvar::wait_timeout), [`wait_deadline`](Condvar::wait_deadline), … | a blocked thread | then |
///
/// ```
/// use counterpoint::sync::{Condvar, Mutex};
///
/// static LINES: Mutex<Vec<&str>> = Mutex::new(Vec::new());
/// static WRITTEN: Condvar = Condvar::new();
///
/// let reader = std::thread::spawn(|| {
///     let mut lines = WRITTEN.wait_while_blocking(LINES.lock_blocking(), |lines| lines.is_empty());
///     lines.pop()
/// });
/// LINES.lock_blocking().push("hello");
/// WRITTEN.notify_one();
/// assert_eq!(reader.join().unwrap(), Some("hello"));
/// ```
///
/// # Which notifications count
/// Those that come after the mutex was unlocked by the wait. (A future unlocks it when it is polled first.)
/// No wait ends without a notification, but for its deadline; what was true when it was notified may be
/// so no more when it has the mutex: [`wait_while`](Condvar::wait_while) looks again.
///
/// # Many
/// [`notify_all`](Condvar::notify_all) moves all threads that wait to the mutex's queue: they are woken one
/// after the other, as the mutex is unlocked; one is woken at once if it is free. Tasks are all woken, and
/// come to the mutex by themselves.
///
/// # Cancellation
/// A [`CondvarWait`] may be dropped at any time: the mutex is unlocked then. If `notify_one` had told it,
/// another one is notified. A wait with a deadline that was notified is not over time.
///
/// # Guards that own
/// An [`OwnedMutexGuard`](super::OwnedMutexGuard) waits as any other guard, and keeps the mutex alive
/// meanwhile: see [`CondvarGuard`].
/// ```
/// use counterpoint::sync::{Condvar, Mutex};
/// use std::sync::Arc;
///
/// let lines: Arc<Mutex<Vec<&str>>> = Arc::default();
/// let written: Condvar = Condvar::new();
/// std::thread::scope(|scope| {
///     scope.spawn(|| {
///         lines.lock_blocking().push("hello");
///         written.notify_one();
///     });
///     let guard = lines.lock_owned_blocking();
///     let guard = written.wait_while_blocking(guard, |lines| lines.is_empty());
///     assert_eq!(guard[0], "hello");
/// });
/// ```
///
/// # Two mutexes
/// All who wait at a time use the same mutex: to use another one panics. (A future that was forgotten
/// waits until it is notified.)
/// ```should_panic
/// use counterpoint::sync::{Condvar, Mutex};
/// use std::{future::Future, pin::pin, task::{Context, Waker}};
///
/// let (condvar, one, other): (Condvar, Mutex<()>, Mutex<()>) = Default::default();
/// let mut waits = pin!(condvar.wait(one.lock_blocking()));
/// assert!(waits.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
/// condvar.wait_blocking(other.lock_blocking()); // Panics.
/// ```
pub struct Condvar<P: Policy = wait::DefaultPolicy> {
    /// Whether somebody is in the queue.
    waits: AtomicUsize,
    queue: Queue<P, Bound<P>>,
}

impl<P: Policy> Condvar<P> {
    /// Nobody waits.
    pub const fn new() -> Self {
        Condvar { waits: AtomicUsize::root(), queue: Queue::new(Bound::new()) }
    }

    /// Notifies the first who waits; says whether there was one.
    #[inline]
    pub fn notify_one(&self) -> bool {
        self.is_awaited() && self.notify_first()
    }

    /// Notifies all who wait; says how many.
    #[inline]
    pub fn notify_all(&self) -> usize {
        if self.is_awaited() { self.notify_each() } else { 0 }
    }
}

/// Waiting.
impl<P: Policy> Condvar<P> {
    /// A future that unlocks the mutex when it is polled first, waits until it is notified, and locks the
    /// mutex again.
    ///
    /// # Panics
    /// It panics when it is polled while others wait with another mutex.
    pub fn wait<G: CondvarGuard<Policy = P>>(&self, guard: G) -> CondvarWait<'_, G> {
        CondvarWait::new(self, guard)
    }

    /// Unlocks the mutex, blocks the thread until it is notified, and locks the mutex again.
    ///
    /// # Panics
    /// When others wait with another mutex.
    #[track_caller]
    pub fn wait_blocking<G: CondvarGuard<Policy = P>>(&self, guard: G) -> G::Output {
        G::into_output(pin!(CondvarWait::new(self, guard)).block())
    }

    /// A future that waits, again and again, while `predicate` says `true`.
    ///
    /// # Panics
    /// As [`wait`](Condvar::wait).
    pub fn wait_while<G: CondvarGuard<Policy = P>, C: FnMut(&mut G::Target) -> bool>(
        &self,
        guard: G,
        predicate: C,
    ) -> CondvarWaitWhile<'_, G, C> {
        CondvarWaitWhile::new(self, guard, predicate)
    }

    /// Blocks the thread, again and again, while `predicate` says `true`.
    ///
    /// # Panics
    /// As [`wait_blocking`](Condvar::wait_blocking).
    #[track_caller]
    pub fn wait_while_blocking<G: CondvarGuard<Policy = P>>(
        &self,
        mut guard: G,
        mut predicate: impl FnMut(&mut G::Target) -> bool,
    ) -> G::Output {
        while predicate(&mut guard) {
            match G::from_output(self.wait_blocking(guard)) {
                Ok(locked) => guard = locked,
                Err(output) => return output,
            }
        }
        G::into_output(guard)
    }
}

/// Waiting, for some time.
impl<P: Policy + Clock> Condvar<P> {
    /// Unlocks the mutex, blocks the thread until it is notified, or for so long, and locks the mutex again.
    ///
    /// # Panics
    /// As [`wait_blocking`](Condvar::wait_blocking).
    #[track_caller]
    pub fn wait_timeout<G: CondvarGuard<Policy = P>>(
        &self,
        guard: G,
        timeout: Duration,
    ) -> (G::Output, WaitTimeoutResult) {
        match P::after(P::now(), timeout) {
            Some(deadline) => self.wait_deadline(guard, deadline),
            None => (self.wait_blocking(guard), WaitTimeoutResult(false)),
        }
    }

    /// Unlocks the mutex, blocks the thread until it is notified, or until then, and locks the mutex again.
    ///
    /// # Panics
    /// As [`wait_blocking`](Condvar::wait_blocking).
    #[track_caller]
    pub fn wait_deadline<G: CondvarGuard<Policy = P>>(
        &self,
        guard: G,
        deadline: P::Instant,
    ) -> (G::Output, WaitTimeoutResult) {
        let (guard, has_timed_out) = pin!(CondvarWait::new(self, guard)).block_until(deadline);
        (G::into_output(guard), WaitTimeoutResult(has_timed_out))
    }

    /// Blocks the thread, again and again, while `predicate` says `true`, or for so long.
    ///
    /// # Panics
    /// As [`wait_blocking`](Condvar::wait_blocking).
    #[track_caller]
    pub fn wait_while_timeout<G: CondvarGuard<Policy = P>>(
        &self,
        guard: G,
        timeout: Duration,
        predicate: impl FnMut(&mut G::Target) -> bool,
    ) -> (G::Output, WaitTimeoutResult) {
        match P::after(P::now(), timeout) {
            Some(deadline) => self.wait_while_deadline(guard, deadline, predicate),
            None => (self.wait_while_blocking(guard, predicate), WaitTimeoutResult(false)),
        }
    }

    /// Blocks the thread, again and again, while `predicate` says `true`, or until then.
    ///
    /// # Panics
    /// As [`wait_blocking`](Condvar::wait_blocking).
    #[track_caller]
    pub fn wait_while_deadline<G: CondvarGuard<Policy = P>>(
        &self,
        mut guard: G,
        deadline: P::Instant,
        mut predicate: impl FnMut(&mut G::Target) -> bool,
    ) -> (G::Output, WaitTimeoutResult) {
        let mut result = WaitTimeoutResult(false);
        while predicate(&mut guard) {
            if result.has_timed_out() {
                return (G::into_output(guard), result);
            }
            let output;
            (output, result) = self.wait_deadline(guard, deadline);
            match G::from_output(output) {
                Ok(locked) => guard = locked,
                Err(output) => return (output, result),
            }
        }
        (G::into_output(guard), WaitTimeoutResult(false))
    }
}

/// Whether a wait for a [`Condvar`] ended because of its deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaitTimeoutResult(bool);

impl WaitTimeoutResult {
    /// Whether nobody notified it in time (of `wait_while_…`: whether the predicate was true to the end).
    pub fn has_timed_out(self) -> bool {
        self.0
    }
}

impl<P: Policy> Default for Condvar<P> {
    fn default() -> Self {
        Condvar::new()
    }
}

impl<P: Policy> fmt::Debug for Condvar<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Condvar").field("is_awaited", &self.is_awaited()).finish()
    }
}
