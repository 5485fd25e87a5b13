//! A lock that all threads want all the time: each locks, adds 1 to a number and unlocks, until a
//! time is over that is the same for all.
//!
//! A time, not a number of operations: else whoever is favoured is done early, and the others end
//! with less contention. Nobody reads the clock at each operation, which costs more than some locks:
//! each reads it now and then, and the first to find the time over tells the others.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use crossbeam_utils::CachePadded;

use super::Lock;
use super::ours::Mutex;
use super::parking_lot::ParkingLot;
use super::saa::Saa;
use super::standard::Standard;
use crate::crew::Task;
use crate::workload::Contestant;

/// The operations between two looks at the clock.
const SPAN: u64 = 64;
/// How many turns long a spell is whose shares are taken: with more threads than cores these must
/// all have been on a core several times, or shares are the scheduler's.
const TURNS: u32 = 5;
/// All shares below are shown as this one: somebody starves.
const LEAST_SHARE: f64 = 0.001;

/// Nanoseconds per operation.
pub(super) fn throughput(threads: usize) -> Vec<Contestant> {
    field(threads, Spell::time, 1, || ())
}

/// As `throughput`, where who waits and who has the lock never run at a time.
#[cfg(target_os = "linux")]
pub(super) fn throughput_on_one_processor(threads: usize) -> Vec<Contestant> {
    field(threads, Spell::time, 1, super::pinned::Pinned::to_the_first_processor)
}

/// What the thread that did least did, as a share of what the one that did most did.
pub(super) fn evenness(threads: usize) -> Vec<Contestant> {
    field(threads, Spell::share, TURNS, || ())
}

/// Each thread keeps what `place` makes while it works.
fn field<P: 'static>(
    threads: usize,
    figure: fn(Spell) -> f64,
    turns: u32,
    place: fn() -> P,
) -> Vec<Contestant> {
    let mut field = vec![
        contestant::<Mutex, P>(figure, turns, place),
        contestant::<Standard, P>(figure, turns, place),
        contestant::<ParkingLot, P>(figure, turns, place),
    ];
    // With more threads than cores, a lock that is handed over in order takes a switch of threads
    // for each operation.
    if threads == 2 {
        field.push(contestant::<Saa, P>(figure, turns, place));
    }
    field
}

fn contestant<L: Lock, P: 'static>(
    figure: fn(Spell) -> f64,
    turns: u32,
    place: fn() -> P,
) -> Contestant {
    Contestant::timed(L::NAME, move |crew, turn| {
        let contention = Arc::new(Contention::<L, P>::new(crew.threads(), turn * turns, place));
        let task: Arc<dyn Task> = contention.clone();
        let elapsed = crew.run(&task, 0);
        figure(Spell { elapsed, done: contention.done() })
    })
}

/// What came of a spell.
struct Spell {
    elapsed: Duration,
    /// The operations of each thread.
    done: Vec<u64>,
}

impl Spell {
    fn time(self) -> f64 {
        self.elapsed.as_secs_f64() * 1e9 / self.done.iter().sum::<u64>() as f64
    }

    fn share(self) -> f64 {
        let least = self.done.iter().min().expect("a crew is not empty");
        let most = self.done.iter().max().expect("a crew is not empty");
        (*least as f64 / *most as f64).max(LEAST_SHARE)
    }
}

/// One spell on a new lock.
struct Contention<L, P = ()> {
    lock: L,
    place: fn() -> P,
    spell: Duration,
    /// The same for all: from when the first thread begins.
    end: OnceLock<Instant>,
    /// Apart from the lock, which is written all the time.
    is_over: CachePadded<AtomicBool>,
    /// Written once, when a thread ends.
    done: Vec<AtomicU64>,
}

impl<L: Lock, P> Contention<L, P> {
    fn new(threads: usize, spell: Duration, place: fn() -> P) -> Self {
        Contention {
            lock: L::default(),
            place,
            spell,
            end: OnceLock::new(),
            is_over: CachePadded::default(),
            done: (0..threads).map(|_| AtomicU64::new(0)).collect(),
        }
    }

    /// The operations of each thread, once all have ended.
    fn done(&self) -> Vec<u64> {
        // Relaxed: the crew has reported since.
        let done: Vec<u64> = self.done.iter().map(|done| done.load(Ordering::Relaxed)).collect();
        let sum: u64 = done.iter().sum();
        assert_eq!(*self.lock.lock(), sum, "{} let two threads in at once", L::NAME);
        done
    }

    /// Whether to stop, after so many operations.
    fn is_over(&self, done: u64, end: Instant) -> bool {
        // Relaxed: a hint, which guards nothing.
        if self.is_over.load(Ordering::Relaxed) {
            return true;
        }
        let is_over = done.is_multiple_of(SPAN) && Instant::now() >= end;
        if is_over {
            // Relaxed: as above.
            self.is_over.store(true, Ordering::Relaxed);
        }
        is_over
    }
}

impl<L: Lock, P> Task for Contention<L, P> {
    fn run(&self, worker: usize, _ops: usize) {
        let _place = (self.place)();
        let end = *self.end.get_or_init(|| Instant::now() + self.spell);
        let mut done = 0;
        loop {
            *self.lock.lock() += 1;
            done += 1;
            if self.is_over(done, end) {
                break;
            }
        }
        // Relaxed: the crew reports next.
        self.done[worker].store(done, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::{Contention, Duration, LEAST_SHARE, Mutex, Spell};
    use crate::crew::Task;

    #[test]
    fn a_share_is_of_the_least_in_the_most() {
        let share = |done: [u64; 3]| Spell { elapsed: Duration::ZERO, done: done.into() }.share();
        assert_eq!(share([30, 40, 120]), 0.25);
        assert_eq!(share([1, 1_000_000, 900_000]), LEAST_SHARE);
    }

    #[test]
    fn a_thread_that_comes_when_all_is_over_counts_once() {
        let contention = Contention::<Mutex>::new(2, Duration::ZERO, || ());
        contention.run(0, 0);
        contention.run(1, 0);
        assert_eq!(contention.done(), [super::SPAN, 1]);
    }
}
