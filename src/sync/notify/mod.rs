//! The notification: tells one who waits, or all.
//!
//! `state.rs` is the notification itself; here are its forms.

mod future;
mod state;

use crate::{
    facade::atomic::AtomicUsize,
    wait::{self, Clock, Policy, Queue},
};
use core::{fmt, time::Duration};

pub use future::Notified;

/// Tells one who waits, or all, that something has happened. It carries no value; who is told looks at
/// what it waits for.
///
/// | form | waits as | gives up |
/// |---|---|---|
/// | [`wait`](Notify::wait) | a future, or a thread that blocks on it | when it is dropped |
/// | [`wait_blocking`](Notify::wait_blocking) | a blocked thread | never |
/// | [`wait_timeout`](Notify::wait_timeout), [`wait_deadline`](Notify::wait_deadline) | a blocked thread | then |
/// | [`try_wait`](Notify::try_wait) | not at all | at once |
///
/// * [`notify_one`](Notify::notify_one) tells the first who waits; if nobody does it leaves a permit,
///   which the next one takes instead of waiting. There is at most one permit.
/// * [`notify_all`](Notify::notify_all) tells all whose wait has begun, and leaves nothing.
///
/// A wait begins when [`wait`](Notify::wait) is called, not when its future is polled. So whoever first
/// begins to wait, and then looks at what it waits for, misses no `notify_all`:
///
/// ```
/// use counterpoint::sync::Notify;
/// use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
///
/// static READY: AtomicBool = AtomicBool::new(false);
/// static CHANGED: Notify = Notify::new();
///
/// let waiter = std::thread::spawn(|| loop {
///     let change = CHANGED.wait();
///     if READY.load(Relaxed) {
///         break;
///     }
///     change.wait_blocking(); // Or `change.await`.
/// });
/// READY.store(true, Relaxed);
/// CHANGED.notify_all();
/// waiter.join().unwrap();
/// ```
///
/// # Memory
/// What was done before a notification is seen by who is notified, and by who begins to wait after a
/// [`notify_all`](Notify::notify_all).
///
/// # Cancellation
/// A [`Notified`] may be dropped at any time. One that `notify_one` has told, and that makes no use of
/// it, hands it on to the next who waits, or leaves it as a permit. (One of which
/// [`enable`](Notified::enable) has said that it is notified has made use of it.)
///
/// # Progress
/// A notification that nobody waits for is one read-modify-write. (A load alone would not do: the
/// notifier might miss a waiter who misses what it was to be told of, since a store and a later load of
/// other words may be seen in the other order.)
pub struct Notify<P: Policy = wait::DefaultPolicy> {
    word: AtomicUsize,
    queue: Queue<P>,
}

impl<P: Policy> Notify<P> {
    /// Nobody waits, and there is no permit.
    pub const fn new() -> Self {
        Notify { word: AtomicUsize::root(), queue: Queue::new(()) }
    }

    /// Tells the first who waits; leaves a permit if nobody does.
    #[inline]
    pub fn notify_one(&self) {
        self.grant_one();
    }

    /// Tells all whose wait has begun.
    #[inline]
    pub fn notify_all(&self) {
        self.begin_round();
    }

    /// Takes the permit, if there is one.
    pub fn try_wait(&self) -> bool {
        self.is_over(self.round())
    }

    /// Begins to wait. The result is a future, and a thread may block on it.
    #[inline]
    pub fn wait(&self) -> Notified<'_, P> {
        Notified::new(self)
    }

    /// Blocks the thread until it is notified.
    pub fn wait_blocking(&self) {
        self.wait().wait_blocking();
    }
}

impl<P: Policy + Clock> Notify<P> {
    /// Blocks the thread until it is notified (`true`), or for so long.
    pub fn wait_timeout(&self, timeout: Duration) -> bool {
        self.wait().wait_timeout(timeout)
    }

    /// Blocks the thread until it is notified (`true`), or until then.
    pub fn wait_deadline(&self, deadline: P::Instant) -> bool {
        self.wait().wait_deadline(deadline)
    }
}

impl<P: Policy> Default for Notify<P> {
    fn default() -> Self {
        Notify::new()
    }
}

impl<P: Policy> fmt::Debug for Notify<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notify").finish_non_exhaustive()
    }
}
