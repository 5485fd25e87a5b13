//! Clocks for recorders: the processor's or the system's, each measured once in a process.

use crate::facade::{
    ticks::Ticks,
    time::Duration,
    uncertainty::{Calibration, calibrate},
};
use core::fmt;
use std::sync::OnceLock;

/// A clock for a [`Recorder`](super::Recorder), and how far it is to be trusted: by a measured
/// estimate, see [`uncertainty`](Clock::uncertainty).
///
/// Reading it takes no lock, and leaves the processor's store buffer as it is.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    ticks: Ticks,
    calibration: Calibration,
}

impl Clock {
    /// The best clock there is: the processor's time stamp counter if it is invariant and the
    /// operating system trusts it (x86-64), else [`system`](Clock::system).
    ///
    /// The first call in a process measures it: some milliseconds, a tenth of a second when busy.
    pub fn new() -> Self {
        static CLOCK: OnceLock<Clock> = OnceLock::new();
        *CLOCK.get_or_init(|| Ticks::counter().map_or_else(Clock::system, Clock::measured))
    }

    /// The monotonic clock of the operating system, which costs more.
    ///
    /// The first call in a process measures it: some milliseconds, a tenth of a second when busy.
    pub fn system() -> Self {
        static CLOCK: OnceLock<Clock> = OnceLock::new();
        *CLOCK.get_or_init(|| Clock::measured(Ticks::nanoseconds()))
    }

    fn measured(ticks: Ticks) -> Self {
        Clock { ticks, calibration: calibrate(ticks) }
    }

    /// The same clock, trusted more or less than was measured. More: for operations that end with
    /// an instruction which drains the store buffer, on cores whose clocks agree. Less: for
    /// operations that end with dozens of plain stores to places that other threads write, and for
    /// threads much farther apart than those that were measured.
    pub fn with_uncertainty(mut self, uncertainty: Duration) -> Self {
        self.calibration.uncertainty = u64::try_from(uncertainty.as_nanos()).unwrap_or(u64::MAX);
        self
    }

    /// By how much the calls that it times are widened: four times the longest time for which one
    /// thread was seen not to see what another had stored before it read the clock, and at least
    /// 1 µs; 4 µs where no two threads were seen to run at a time.
    ///
    /// This is an estimate with a safety factor, **not a bound**. It is measured once, with two
    /// threads and few stores. Operations that end with many plain stores to lines which other threads
    /// fight for can stay unseen for longer; so can those of a virtual processor which the host takes
    /// away while stores wait in its buffer, and of cores farther apart than those measured. Then a
    /// history claims an order that was not there. So doubt a violation that vanishes when the same
    /// program runs with a tenfold uncertainty
    /// ([`with_uncertainty`](Clock::with_uncertainty)).
    pub fn uncertainty(&self) -> Duration {
        Duration::from_nanos(self.calibration.uncertainty)
    }

    /// A reading, in ticks, that is not later than what the caller does next.
    #[inline(always)]
    pub fn before(&self) -> u64 {
        self.ticks.before()
    }

    /// A reading, in ticks, that is not earlier than what the caller did, except that stores may
    /// still wait to be seen.
    #[inline(always)]
    pub fn after(&self) -> u64 {
        self.ticks.after()
    }

    /// Ticks in nanoseconds, rounded down, so that an order of the latter is one of the former.
    pub fn in_nanoseconds(&self, ticks: u64) -> u64 {
        self.calibration.in_nanoseconds(ticks)
    }
}

impl Default for Clock {
    fn default() -> Self {
        Clock::new()
    }
}

/// Which clock it is, and its uncertainty.
impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.ticks {
            Ticks::Nanoseconds(_) => "system clock",
            #[allow(unreachable_patterns, reason = "the only other clock is one of x86-64")]
            _ => "time stamp counter",
        };
        write!(f, "{name}, uncertain by {:?}", self.uncertainty())
    }
}
