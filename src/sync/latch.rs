//! The latch: opens once, when so many have counted it down.

use super::{CounterWait, Until, generic::Counter};
use crate::wait::{self, Clock, Policy};
use core::{fmt, time::Duration};

/// Opens when it has been counted down to zero, and stays open.
///
/// ```
/// use counterpoint::sync::Latch;
///
/// let ready: Latch = Latch::new(2);
/// std::thread::scope(|scope| {
///     for _ in 0..2 {
///         scope.spawn(|| ready.count_down());
///     }
///     ready.wait_blocking();
/// });
/// assert!(ready.is_open());
/// ```
///
/// What was done before each count is seen by who finds it open. A wait that is dropped, or that gives
/// up, changes nothing.
pub struct Latch<P: Policy = wait::DefaultPolicy>(Counter<P>);

const OPEN: Until = Until::Equal(0);

impl<P: Policy> Latch<P> {
    /// A latch that opens when it has been counted down so often. One of zero is open.
    ///
    /// # Panics
    /// When that is more than [`Counter::MAX`].
    pub const fn new(count: usize) -> Self {
        assert!(count <= Counter::<P>::MAX as usize, "a latch has at most Counter::MAX counts");
        Latch(Counter::new(count as isize))
    }

    /// How many counts are left, at this moment.
    pub fn count(&self) -> usize {
        self.0.value().unsigned_abs()
    }

    /// Whether it is open.
    pub fn is_open(&self) -> bool {
        self.0.try_wait(OPEN)
    }

    /// Counts down by one.
    ///
    /// # Panics
    /// When it is open already; nothing was changed.
    #[track_caller]
    pub fn count_down(&self) {
        self.count_down_by(1);
    }

    /// Counts down by so many.
    ///
    /// # Panics
    /// When fewer are left; nothing was changed.
    #[track_caller]
    pub fn count_down_by(&self, counts: usize) {
        let after =
            |value: isize| value.unsigned_abs().checked_sub(counts).map(|left| left as isize);
        if let Err(left) = self.0.try_update(after) {
            panic!("a latch with {left} counts left was counted down by {counts}");
        }
    }

    /// As [`is_open`](Latch::is_open).
    pub fn try_wait(&self) -> bool {
        self.is_open()
    }

    /// A future that waits until it is open.
    pub fn wait(&self) -> CounterWait<'_, P> {
        self.0.wait(OPEN)
    }

    /// Blocks the thread until it is open.
    pub fn wait_blocking(&self) {
        self.0.wait_blocking(OPEN);
    }

    /// Counts down by one, at once; the future waits until it is open.
    ///
    /// # Panics
    /// When it is open already.
    #[track_caller]
    pub fn arrive_and_wait(&self) -> CounterWait<'_, P> {
        self.count_down();
        self.wait()
    }

    /// Counts down by one, and blocks the thread until it is open.
    ///
    /// # Panics
    /// When it is open already.
    #[track_caller]
    pub fn arrive_and_wait_blocking(&self) {
        self.count_down();
        self.wait_blocking();
    }
}

impl<P: Policy + Clock> Latch<P> {
    /// Blocks the thread until it is open (`true`), or for so long.
    pub fn wait_timeout(&self, timeout: Duration) -> bool {
        self.0.wait_timeout(OPEN, timeout)
    }

    /// Blocks the thread until it is open (`true`), or until then.
    pub fn wait_deadline(&self, deadline: P::Instant) -> bool {
        self.0.wait_deadline(OPEN, deadline)
    }
}

impl<P: Policy> fmt::Debug for Latch<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Latch").field("count", &self.count()).finish()
    }
}
