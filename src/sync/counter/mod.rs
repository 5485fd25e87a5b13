//! The counter, for whose value threads and tasks wait.
//!
//! `state.rs` is the counter itself; here are its forms.

mod future;
mod state;

use crate::{
    facade::atomic::AtomicUsize,
    wait::{self, Clock, Policy, Queue, Wait, block_on, block_until},
};
use core::{fmt, mem, time::Duration};
use state::word_of;

pub use future::{CounterWait, CounterWaitUntil};

/// A number that threads and tasks change, and for whose value they wait.
///
/// | form | waits as | gives up |
/// |---|---|---|
/// | [`wait`](Counter::wait), [`wait_until`](Counter::wait_until) | a future | when it is dropped |
/// | [`wait_blocking`](Counter::wait_blocking), … | a blocked thread | never |
/// | [`wait_timeout`](Counter::wait_timeout), [`wait_deadline`](Counter::wait_deadline), … | a blocked thread | then |
/// | [`try_wait`](Counter::try_wait) | not at all | at once |
///
/// ```
/// use counterpoint::sync::{Counter, Until};
///
/// let running: Counter = Counter::new(3);
/// std::thread::scope(|scope| {
///     for _ in 0..3 {
///         scope.spawn(|| running.decrement());
///     }
///     running.wait_blocking(Until::Equal(0));
/// });
/// assert_eq!(running.value(), 0);
/// ```
///
/// # Which values count
/// Who waits (has blocked, or has polled its future) with an [`Until`] goes on when a change makes it
/// true, also if the value is another one again before it wakes. A value that came and went before that
/// does not count; and a predicate of [`wait_until`](Counter::wait_until), which is code of the caller,
/// is asked about those values only that are there when it runs.
///
/// # Memory
/// What was done before a change is seen by whoever sees its value, or a later one: by reading it, by
/// changing it, or by waiting.
///
/// # Cancellation
/// A [`CounterWait`] may be dropped at any time; nothing is lost by that.
///
/// # Range
/// From [`MIN`](Counter::MIN) to [`MAX`](Counter::MAX), a quarter of what an `isize` holds. A change that
/// would leave it panics, and changes nothing.
pub struct Counter<P: Policy = wait::DefaultPolicy> {
    word: AtomicUsize,
    queue: Queue<P>,
}

/// Which values of a [`Counter`] are waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Until {
    /// This one.
    Equal(isize),
    /// Any other one.
    Not(isize),
    /// This one or a greater one.
    AtLeast(isize),
    /// This one or a lesser one.
    AtMost(isize),
}

impl Until {
    /// Whether the value is such a one.
    pub fn is_met_by(self, value: isize) -> bool {
        match self {
            Until::Equal(wanted) => value == wanted,
            Until::Not(wanted) => value != wanted,
            Until::AtLeast(wanted) => value >= wanted,
            Until::AtMost(wanted) => value <= wanted,
        }
    }

    /// What a request says.
    ///
    /// # Panics
    /// When no counter has that value.
    #[track_caller]
    fn checked(self) -> usize {
        let (Until::Equal(value)
        | Until::Not(value)
        | Until::AtLeast(value)
        | Until::AtMost(value)) = self;
        assert!(is_in_range(value), "{self:?}: no counter has that value");
        self.want()
    }
}

const MIN: isize = isize::MIN >> 2;
const MAX: isize = isize::MAX >> 2;

const fn is_in_range(value: isize) -> bool {
    MIN <= value && value <= MAX
}

impl<P: Policy> Counter<P> {
    /// The least value.
    pub const MIN: isize = MIN;
    /// The greatest value.
    pub const MAX: isize = MAX;

    /// A counter of that value.
    ///
    /// # Panics
    /// When it is out of range.
    pub const fn new(value: isize) -> Self {
        assert!(is_in_range(value), "a counter is between Counter::MIN and Counter::MAX");
        Counter { word: AtomicUsize::root_of(word_of(value)), queue: Queue::new(()) }
    }

    /// The value, at this moment.
    pub fn value(&self) -> isize {
        self.value_now()
    }

    /// Adds one; answers with the value after that.
    ///
    /// # Panics
    /// When that is out of range.
    pub fn increment(&self) -> isize {
        self.add(1)
    }

    /// Takes one away; answers with the value after that.
    ///
    /// # Panics
    /// When that is out of range.
    pub fn decrement(&self) -> isize {
        self.add(-1)
    }

    /// Adds so many, or takes away; answers with the value after that.
    ///
    /// # Panics
    /// When that is out of range.
    #[track_caller]
    pub fn add(&self, more: isize) -> isize {
        let add = |value: isize| value.checked_add(more).filter(|sum| is_in_range(*sum));
        match self.try_update(add) {
            Ok(before) => before + more,
            Err(value) => panic!("a counter at {value} and {more} more is out of range"),
        }
    }

    /// Puts a value in the place of another, which it answers with.
    ///
    /// # Panics
    /// When the new one is out of range.
    #[track_caller]
    pub fn swap(&self, value: isize) -> isize {
        assert!(is_in_range(value), "a counter at {value} is out of range");
        self.try_update(|_| Some(value)).unwrap_or_else(|before| before)
    }

    /// Changes the value as `change` says, which may be asked several times; answers with the value
    /// before.
    ///
    /// # Errors
    /// `change` has said `None` of this value.
    ///
    /// # Panics
    /// When what it said is out of range.
    #[track_caller]
    pub fn try_update(&self, change: impl Fn(isize) -> Option<isize>) -> Result<isize, isize> {
        let mut value = self.value_guess();
        loop {
            if let Some(new) = change(value) {
                assert!(is_in_range(new), "a counter at {new} is out of range");
                if self.exchange(value, new) {
                    return Ok(value);
                }
                value = self.value_guess();
            } else {
                let guess = mem::replace(&mut value, self.value());
                if guess == value {
                    return Err(value);
                }
            }
        }
    }
}

/// Waiting for a value.
impl<P: Policy> Counter<P> {
    /// Whether the value is such a one, at this moment.
    pub fn try_wait(&self, until: Until) -> bool {
        until.is_met_by(self.value())
    }

    /// A future that waits for such a value.
    ///
    /// # Panics
    /// When no counter has it.
    #[track_caller]
    pub fn wait(&self, until: Until) -> CounterWait<'_, P> {
        CounterWait(Wait::new(self, until.checked()))
    }

    /// Blocks the thread until there is such a value.
    ///
    /// # Panics
    /// When no counter has it.
    #[track_caller]
    pub fn wait_blocking(&self, until: Until) {
        let want = until.checked();
        if !self.try_wait(until) {
            // It is never closed.
            let _ = block_on(self, want);
        }
    }

    /// A future that waits until `predicate` says `true` of the value, which it answers with.
    ///
    /// Whenever the value changes all who wait so are woken: an [`Until`] is cheaper.
    pub fn wait_until<F: FnMut(isize) -> bool>(&self, predicate: F) -> CounterWaitUntil<'_, F, P> {
        CounterWaitUntil::new(self, predicate)
    }

    /// Blocks the thread until `predicate` says `true` of the value, which it answers with.
    pub fn wait_until_blocking(&self, mut predicate: impl FnMut(isize) -> bool) -> isize {
        loop {
            let value = self.value();
            if predicate(value) {
                return value;
            }
            self.wait_blocking(Until::Not(value));
        }
    }
}

/// Waiting for a value, for some time.
impl<P: Policy + Clock> Counter<P> {
    /// Blocks the thread until there is such a value (`true`), or for so long.
    ///
    /// # Panics
    /// When no counter has it.
    #[track_caller]
    pub fn wait_timeout(&self, until: Until, timeout: Duration) -> bool {
        match P::after(P::now(), timeout) {
            Some(deadline) => self.wait_deadline(until, deadline),
            None => {
                self.wait_blocking(until);
                true
            }
        }
    }

    /// Blocks the thread until there is such a value (`true`), or until then.
    ///
    /// # Panics
    /// When no counter has it.
    #[track_caller]
    pub fn wait_deadline(&self, until: Until, deadline: P::Instant) -> bool {
        let want = until.checked();
        self.try_wait(until) || block_until(self, want, deadline).is_some()
    }

    /// Blocks the thread until `predicate` says `true` of the value, which it answers with, or for so
    /// long.
    pub fn wait_until_timeout(
        &self,
        predicate: impl FnMut(isize) -> bool,
        timeout: Duration,
    ) -> Option<isize> {
        match P::after(P::now(), timeout) {
            Some(deadline) => self.wait_until_deadline(predicate, deadline),
            None => Some(self.wait_until_blocking(predicate)),
        }
    }

    /// Blocks the thread until `predicate` says `true` of the value, which it answers with, or until
    /// then.
    pub fn wait_until_deadline(
        &self,
        mut predicate: impl FnMut(isize) -> bool,
        deadline: P::Instant,
    ) -> Option<isize> {
        loop {
            let value = self.value();
            if predicate(value) {
                return Some(value);
            }
            if !self.wait_deadline(Until::Not(value), deadline) {
                return None;
            }
        }
    }
}

impl<P: Policy> Default for Counter<P> {
    /// Zero.
    fn default() -> Self {
        Counter::new(0)
    }
}

impl<P: Policy> fmt::Debug for Counter<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Counter").field(&self.value()).finish()
    }
}
