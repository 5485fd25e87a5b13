//! The recorder of concurrent runs: each thread writes a log of its own, and reads the clock before
//! and after each operation; nothing is shared until a log is dropped.
//!
//! # What a recorded call claims
//! Let `i` be the reading before an operation and `r` the one after it, and `u` the
//! [uncertainty](Clock::uncertainty). The history says that the call lasted from `i` to `r + u`. One
//! call then precedes another on a different thread if `r₁ + u < i₂`, strictly.
//!
//! *No order is false* where the premise holds, **that `u` covers the run**: the longest time for which
//! a store that precedes a reading `r` stays unseen by a thread that has read its clock is at most `u`.
//! That is measured on idle threads and multiplied, thus likely but not certain; see
//! [`Clock::uncertainty`] for what exceeds it. Suppose the second call missed an effect of the first, which was in the first
//! one's store buffer, or whose core has another clock. Its load of the old value came after `i₂`,
//! and the first one's store before `r₁`: that is what the two readings promise. This is the round
//! that was measured, so by the premise `i₂ - r₁ <= u`, hence `r₁ + u >= i₂`: no order is claimed. Widening once, at
//! the end, is enough, as the sum alone counts. Nanoseconds are ticks rounded down: `f(x) < f(y)`
//! only if `x < y`; and `u` is nanoseconds, rounded up, plus one for the two roundings.
//!
//! # Invariants
//! * `[I1]` An operation stands in the log before the clock is read and the operation begins. So what
//!   panics or never returns is there, pending.
//! * `[I2]` Between the two readings the recorder stores one word, the first reading, to its own log.
//!   The log grows, and results are cloned and stored, outside.
//! * `[I3]` The readings in a log do not decrease. Where the clock went back it was read as standing
//!   still, and all calls of the history begin earlier by the longest step back and are the more
//!   uncertain by it: intervals get wider only.
//!
//! # Departures
//! A call that is pending (it panicked, was cancelled) while its thread went on is that of a process
//! of its own: it may take effect during those that follow. It loses its order to those before it
//! that end within the uncertainty; all others of log `n` keep theirs, in process `n`.
//!
//! # Checked by
//! `tests/verify/history.rs`; the cost by `examples/recorder_cost.rs`.

use super::{Call, Clock, History, Returned};
use core::{fmt, mem};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Calls for which a log has room from the start.
const CAPACITY: usize = 1024;

/// Records what threads ask of a shared object.
///
/// The order that it claims between threads is as good as its clock: an estimate with a safety
/// factor, no bound. A violation that vanishes with a tenfold [uncertainty](Clock::uncertainty) should
/// be doubted.
///
/// ```
/// use counterpoint::{
///     queue::MsQueue,
///     verify::{
///         history::{History, Recorder},
///         spec::queue::{Answer, Operation},
///     },
/// };
///
/// let queue = MsQueue::new();
/// let recorder = Recorder::new();
/// std::thread::scope(|scope| {
///     for value in 0..2 {
///         let (mut log, queue) = (recorder.log(), &queue);
///         scope.spawn(move || {
///             log.call(Operation::Push(value), || queue.pin().push(value));
///             let popped = log.call(Operation::Pop, || queue.pin().pop());
///             assert!(popped.is_some());
///         });
///     }
/// });
/// let history: History<Operation<i32>, Answer<i32>> = recorder.finish().unwrap();
/// assert_eq!(history.len(), 4);
/// ```
pub struct Recorder<O, R> {
    desk: Arc<Desk<O, R>>,
}

/// Where logs are handed out and in.
struct Desk<O, R> {
    clock: Clock,
    start: u64,
    drawer: Mutex<Drawer<O, R>>,
}

struct Drawer<O, R> {
    /// The number of the next log.
    next: usize,
    /// The numbers of those that are out.
    out: Vec<usize>,
    /// What came in, by number.
    logs: Vec<(usize, Vec<Entry<O, R>>)>,
    backsteps: Backsteps,
}

/// One call, in ticks.
struct Entry<O, R> {
    operation: O,
    invoked: u64,
    returned: Option<(u64, R)>,
}

/// How often and how far a clock went back.
#[derive(Clone, Copy, Debug, Default)]
struct Backsteps {
    count: usize,
    longest: u64,
}

impl<O, R> Recorder<O, R> {
    /// A recorder on the best clock, which is measured first if it never was.
    pub fn new() -> Self {
        Recorder::with_clock(Clock::new())
    }

    /// A recorder on this clock.
    pub fn with_clock(clock: Clock) -> Self {
        let drawer =
            Drawer { next: 0, out: Vec::new(), logs: Vec::new(), backsteps: Backsteps::default() };
        Recorder {
            desk: Arc::new(Desk { clock, start: clock.before(), drawer: Mutex::new(drawer) }),
        }
    }

    /// The clock.
    pub fn clock(&self) -> Clock {
        self.desk.clock
    }

    /// A log for one thread or task. Take it before the threads start, or within them.
    pub fn log(&self) -> Log<O, R> {
        self.log_with_capacity(CAPACITY)
    }

    /// A log that does not grow before it holds so many calls.
    ///
    /// # Panics
    /// When there is no memory for them.
    pub fn log_with_capacity(&self, calls: usize) -> Log<O, R> {
        let mut drawer = self.desk.drawer();
        let number = drawer.next;
        drawer.next += 1;
        drawer.out.push(number);
        drop(drawer);
        let desk = self.desk.clone();
        let entries = Vec::with_capacity(calls);
        let (clock, last) = (desk.clock, desk.start);
        Log { entries, last, clock, backsteps: Backsteps::default(), number, desk }
    }

    /// How often the clock was seen to go back, in the logs that came in since the last history was
    /// made. (It is allowed for: intervals are widened. Often means a clock that is not worth much.)
    pub fn backsteps(&self) -> usize {
        self.desk.drawer().backsteps.count
    }

    /// All that was recorded, in nanoseconds since the recorder was made. The recorder is empty
    /// then, and can go on.
    ///
    /// # Errors
    /// While a log has not been dropped. Its calls are unknown, and without them the others may
    /// look wrong; so there is no history without it. An operation that never returns keeps its
    /// log: give it an end (a time limit, a closed channel), or let it panic.
    pub fn finish(&self) -> Result<History<O, R>, StillRecording> {
        let mut drawer = self.desk.drawer();
        if !drawer.out.is_empty() {
            return Err(StillRecording { logs: drawer.out.clone() });
        }
        let mut logs = mem::take(&mut drawer.logs);
        let (backsteps, next) = (mem::take(&mut drawer.backsteps), drawer.next);
        drop(drawer);
        logs.sort_by_key(|(number, _)| *number);
        Ok(self.desk.history(logs, next, backsteps))
    }
}

impl<O, R> Desk<O, R> {
    fn drawer(&self) -> MutexGuard<'_, Drawer<O, R>> {
        // Whoever panics with it changes nothing halfway.
        self.drawer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The calls of these logs; `unused` and all above it are numbers of no log.
    fn history(
        &self,
        logs: Vec<(usize, Vec<Entry<O, R>>)>,
        mut unused: usize,
        backsteps: Backsteps,
    ) -> History<O, R> {
        // No reading is before the recorder's own: [I3].
        let nanoseconds = |ticks: u64| self.clock.in_nanoseconds(ticks - self.start);
        let back = match backsteps.longest {
            0 => 0,
            ticks => self.clock.in_nanoseconds(ticks) + 1,
        };
        let late = (self.clock.uncertainty().as_nanos() as u64).saturating_add(1);
        let mut calls = Vec::with_capacity(logs.iter().map(|(_, log)| log.len()).sum());
        for (process, log) in logs {
            let entries = log.len();
            for (nth, Entry { operation, invoked, returned }) in log.into_iter().enumerate() {
                let invoked = nanoseconds(invoked).saturating_sub(back);
                let returned = returned.map(|(at, result)| {
                    // Below the end of a pending call.
                    let at = nanoseconds(at).saturating_add(late).min(u64::MAX - 1);
                    Returned { at, result }
                });
                let mut process = process;
                if returned.is_none() && nth + 1 < entries {
                    process = unused;
                    unused += 1;
                }
                calls.push(Call { process, operation, invoked, returned });
            }
        }
        let uncertainty = late.saturating_add(back);
        History::widened(calls, uncertainty).expect("a log's readings do not decrease") // [I3]
    }
}

impl<O, R> Default for Recorder<O, R> {
    fn default() -> Self {
        Recorder::new()
    }
}

/// A recorder more of the same history.
impl<O, R> Clone for Recorder<O, R> {
    fn clone(&self) -> Self {
        Recorder { desk: self.desk.clone() }
    }
}

impl<O, R> fmt::Debug for Recorder<O, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let out = self.desk.drawer().out.len();
        f.debug_struct("Recorder").field("clock", &self.clock()).field("logs_out", &out).finish()
    }
}

/// What one thread or task asks. Dropped, it hands its calls to the recorder.
pub struct Log<O, R> {
    entries: Vec<Entry<O, R>>,
    /// The last reading.
    last: u64,
    clock: Clock,
    backsteps: Backsteps,
    number: usize,
    desk: Arc<Desk<O, R>>,
}

impl<O, R> Log<O, R> {
    /// Does the operation and records it, with what it returns, converted to the specification's
    /// result (`queue.pop()` gives an `Option`, which `spec::queue::Answer` is made from). If it
    /// panics, the call is pending.
    ///
    /// Two readings of the clock, and some nanoseconds; now and then the log grows, before the first
    /// reading.
    #[inline]
    pub fn call<V: Clone + Into<R>>(&mut self, operation: O, act: impl FnOnce() -> V) -> V {
        let running = self.begin(operation);
        let value = act();
        let at = running.log.clock.after();
        running.end_at(at, value.clone().into());
        value
    }

    /// Begins an operation which ends where its result is known, possibly in another thread: for
    /// tasks. The call is pending if it is not ended.
    #[inline]
    pub fn begin(&mut self, operation: O) -> Running<'_, O, R> {
        // [I1] [I2] Growth is out of the interval. `last` stands for a reading that was never made.
        self.entries.push(Entry { operation, invoked: self.last, returned: None });
        let now = self.clock.before();
        let invoked = self.forward(now);
        if let Some(entry) = self.entries.last_mut() {
            entry.invoked = invoked;
        }
        Running { log: self }
    }

    /// The reading, or the last one if the clock went back.
    #[inline(always)]
    fn forward(&mut self, now: u64) -> u64 {
        if now < self.last {
            self.went_back(now);
        } else {
            self.last = now;
        }
        self.last
    }

    #[cold]
    fn went_back(&mut self, now: u64) {
        self.backsteps.count += 1;
        self.backsteps.longest = self.backsteps.longest.max(self.last - now);
    }
}

impl<O, R> Drop for Log<O, R> {
    fn drop(&mut self) {
        let mut drawer = self.desk.drawer();
        drawer.logs.push((self.number, mem::take(&mut self.entries)));
        drawer.out.retain(|&log| log != self.number);
        drawer.backsteps.count += self.backsteps.count;
        drawer.backsteps.longest = drawer.backsteps.longest.max(self.backsteps.longest);
    }
}

impl<O, R> fmt::Debug for Log<O, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (number, calls) = (&self.number, &self.entries.len());
        f.debug_struct("Log").field("number", number).field("calls", calls).finish()
    }
}

/// An operation that was begun. Dropped, it stays pending for ever.
#[must_use = "an operation that is not ended stays pending"]
pub struct Running<'a, O, R> {
    log: &'a mut Log<O, R>,
}

impl<O, R> Running<'_, O, R> {
    /// The operation has returned this, just now.
    #[inline]
    pub fn end(self, result: impl Into<R>) {
        let at = self.log.clock.after();
        self.end_at(at, result.into());
    }

    #[inline(always)]
    fn end_at(self, now: u64, result: R) {
        let at = self.log.forward(now);
        if let Some(entry) = self.log.entries.last_mut() {
            entry.returned = Some((at, result));
        }
    }
}

impl<O, R> fmt::Debug for Running<'_, O, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running").field("log", &self.log).finish()
    }
}

/// A history was asked for while logs were out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StillRecording {
    logs: Vec<usize>,
}

impl StillRecording {
    /// The numbers of those logs, counted from 0 in the order in which they were taken.
    pub fn logs(&self) -> &[usize] {
        &self.logs
    }
}

impl fmt::Display for StillRecording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.logs.len();
        write!(f, "{count} logs have not been dropped, by number: {:?}", self.logs)
    }
}

impl core::error::Error for StillRecording {}

#[cfg(test)]
mod tests {
    use super::{Clock, Recorder};
    use core::time::Duration;

    /// A clock that goes back, as when a thread moves to a core whose clock is behind.
    #[test]
    fn a_clock_that_goes_back_widens_and_is_counted() {
        const UNCERTAIN: u64 = 100;
        let clock = Clock::system().with_uncertainty(Duration::from_nanos(UNCERTAIN));
        let recorder = Recorder::<u8, ()>::with_clock(clock);
        let mut log = recorder.log();
        log.call(1, || ());
        // The last reading is now a second ahead of the next ones.
        let ahead = clock.after() + 1_000_000_000;
        log.last = ahead;
        log.call(2, || ());
        drop(log);
        assert_eq!(recorder.backsteps(), 2, "one at each end of the call");
        let history = recorder.finish().unwrap();
        assert_eq!(recorder.backsteps(), 0, "a new history, a new count");
        let call = |operation: u8| {
            history
                .calls()
                .iter()
                .find(|call| call.operation == operation)
                .expect("it was recorded")
        };
        let (before, back) = (call(1), call(2));
        assert!(back.invoked <= clock.in_nanoseconds(clock.after()), "it began too late");
        assert!(back.end() >= clock.in_nanoseconds(ahead - recorder.desk.start), "it ended early");
        assert_eq!(before.invoked, 0, "what came before may be as wrong");
        assert!(history.uncertainty() > 500_000_000, "{}", history.uncertainty());
        assert!(history.precedes(0, 1), "the order of a thread");
    }
}
