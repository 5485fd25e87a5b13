//! The event: a state, set or not, for which threads and tasks wait.

use super::{CounterWait, Until, generic::Counter};
use crate::wait::{self, Clock, Policy};
use core::{fmt, time::Duration};

/// Is set or not; who waits for it goes on when it is set. (A "manual-reset event". For a notification
/// that one waiter consumes see [`Notify`](crate::sync::Notify).)
///
/// ```
/// use counterpoint::sync::Event;
///
/// static STOP: Event = Event::new();
/// let worker = std::thread::spawn(|| STOP.wait_blocking());
/// STOP.set();
/// worker.join().unwrap();
/// assert!(STOP.is_set());
/// ```
///
/// Who waits (has blocked, or has polled its future) when it is set goes on, also if it is reset right
/// after. What was done before it was set is seen by who finds it so. A wait that is dropped, or that
/// gives up, changes nothing.
pub struct Event<P: Policy = wait::DefaultPolicy>(Counter<P>);

const SET: Until = Until::Equal(1);

impl<P: Policy> Event<P> {
    /// An event that is not set.
    pub const fn new() -> Self {
        Event(Counter::new(0))
    }

    /// Whether it is set.
    pub fn is_set(&self) -> bool {
        self.0.try_wait(SET)
    }

    /// Sets it; says whether it was set before.
    pub fn set(&self) -> bool {
        self.0.swap(1) == 1
    }

    /// Resets it; says whether it was set before.
    pub fn reset(&self) -> bool {
        self.0.swap(0) == 1
    }

    /// As [`is_set`](Event::is_set).
    pub fn try_wait(&self) -> bool {
        self.is_set()
    }

    /// A future that waits until it is set.
    pub fn wait(&self) -> CounterWait<'_, P> {
        self.0.wait(SET)
    }

    /// Blocks the thread until it is set.
    pub fn wait_blocking(&self) {
        self.0.wait_blocking(SET);
    }
}

impl<P: Policy + Clock> Event<P> {
    /// Blocks the thread until it is set (`true`), or for so long.
    pub fn wait_timeout(&self, timeout: Duration) -> bool {
        self.0.wait_timeout(SET, timeout)
    }

    /// Blocks the thread until it is set (`true`), or until then.
    pub fn wait_deadline(&self, deadline: P::Instant) -> bool {
        self.0.wait_deadline(SET, deadline)
    }
}

impl<P: Policy> Default for Event<P> {
    /// Not set.
    fn default() -> Self {
        Event::new()
    }
}

impl<P: Policy> fmt::Debug for Event<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event").field("is_set", &self.is_set()).finish()
    }
}
