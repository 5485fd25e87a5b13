//! How far two readings of a clock may contradict the order in which other threads saw what was
//! done between them, measured.
//!
//! # What goes wrong
//! A call has returned, and the clock was read; yet its last stores wait in the processor's store
//! buffer, so that a call that begins *later by the clock* does not see them. Clocks of two cores
//! that differ do the same. Whoever claims an order from such readings accuses correct code.
//!
//! # How it is measured
//! The way it hurts. A *writer* stores to [`STORES`] lines that the other thread wrote last, then to
//! a flag, then reads the clock as at a return. A *watcher* reads the clock as at an invocation, then
//! the flag, until it has changed, and remembers the last reading after which it saw the old value.
//! If that is later than the writer's, by so much the clock contradicts what was seen. The greatest
//! difference of some thousand rounds, in both directions, times [`SAFETY`], is the uncertainty.
//!
//! A thread that is interrupted between its two steps makes a round harmless, not worse: the writer
//! then reads a later time, the watcher has read an earlier one. So the maximum is no outlier of the
//! scheduler; but a busy machine may show less than there is, hence [`FLOOR`].
//!
//! # What it does not cover
//! A call that returns with many more stores to contended lines in the buffer than [`STORES`], none
//! of its instructions after them being a `lock`ed one; cores farther apart than those that ran the
//! two threads by more than [`SAFETY`]. On one machine (2.6 GHz, 2 cores) a single store gave 35 ns,
//! 8 gave 160 ns, 16 gave 300 ns, and a full buffer of 56 gave 900 ns. Always assuming the last would
//! make nearly all calls of a busy structure overlap, and then little is judged; who needs it says so
//! to the recorder.
//!
//! # Rejected
//! A fence after the later reading, and a third reading after it, would bound the stores of each
//! call exactly. It would also drain the buffer between any two operations of a thread.

use super::time::{Instant, Ticks};
use core::{
    hint,
    sync::atomic::{AtomicUsize, Ordering},
};
use std::{
    io,
    sync::{Mutex, PoisonError},
    thread,
};

/// Stores that a call may have left in the buffer besides its last one.
const STORES: usize = 8;
/// By what the greatest difference is multiplied.
const SAFETY: u64 = 2;
/// The least uncertainty, in nanoseconds.
const FLOOR: u64 = 100;
/// What is assumed where no second thread can be started, in nanoseconds.
const UNMEASURED: u64 = 1000;
/// Rounds of each direction.
const ROUNDS: usize = if cfg!(miri) { 10 } else { 1500 };
/// Nanoseconds after which a direction ends before its rounds do.
const LIMIT: u128 = 20_000_000;
/// The turn that sends the writer home.
const OVER: usize = usize::MAX;

/// What a clock is worth.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Calibration {
    /// So many nanoseconds...
    pub(crate) nanoseconds: u64,
    /// ...are so many ticks.
    pub(crate) ticks: u64,
    /// By so many nanoseconds may its readings contradict what threads saw.
    pub(crate) uncertainty: u64,
}

/// Measures a clock: a few milliseconds of two threads.
pub(crate) fn calibrate(ticks: Ticks) -> Calibration {
    let (start, first) = both_clocks(ticks);
    let there = greatest_difference(ticks, false);
    let back = greatest_difference(ticks, true);
    // The rate is as good as two pairs of readings that are at least this far apart.
    while start.elapsed().as_micros() < 1000 {
        hint::spin_loop();
    }
    let (end, last) = both_clocks(ticks);
    let nanoseconds = (end - start).as_nanos() as u64;
    let passed = last.saturating_sub(first).max(1);
    let mut calibration = Calibration { nanoseconds, ticks: passed, uncertainty: 0 };
    calibration.uncertainty = match (there, back) {
        (Ok(there), Ok(back)) => {
            // One more, as it was rounded down.
            let greatest = calibration.in_nanoseconds(there.max(back)) + 1;
            (greatest * SAFETY).max(FLOOR)
        }
        _ => UNMEASURED,
    };
    calibration
}

/// Both clocks at one moment, or as near to that as some attempts come.
fn both_clocks(ticks: Ticks) -> (Instant, u64) {
    let attempt = || {
        let (before, now, after) = (ticks.after(), Instant::now(), ticks.after());
        (after.saturating_sub(before), now, before)
    };
    let best = (0..16).map(|_| attempt()).min_by_key(|(gap, ..)| *gap);
    let (_, now, reading) = best.expect("there were attempts");
    (now, reading)
}

impl Calibration {
    /// So many ticks in nanoseconds, rounded down: greater only if the ticks were, so that an order
    /// of nanoseconds is one of ticks.
    pub(crate) fn in_nanoseconds(&self, ticks: u64) -> u64 {
        (u128::from(ticks) * u128::from(self.nanoseconds) / u128::from(self.ticks)) as u64
    }
}

/// A word with cache lines to itself.
#[repr(align(128))]
#[derive(Default)]
struct Line(AtomicUsize);

/// What the two threads share.
#[derive(Default)]
struct Board {
    /// The number of the round, given by the watcher.
    turn: Line,
    stores: [Line; STORES],
    /// The number of the last round whose stores were made.
    flag: Line,
    /// The writer's reading in that round.
    stored_at: Mutex<u64>,
    /// The number of the last round of which that is known.
    known: Line,
}

/// The greatest excess of the watcher's reading over the writer's, in ticks; 0 if there is none.
fn greatest_difference(ticks: Ticks, caller_writes: bool) -> io::Result<u64> {
    let board = Board::default();
    thread::scope(|scope| {
        if caller_writes {
            let watcher = thread::Builder::new().spawn_scoped(scope, || watch(&board, ticks))?;
            write(&board, ticks);
            Ok(watcher.join().expect("a watcher does not panic"))
        } else {
            thread::Builder::new().spawn_scoped(scope, || write(&board, ticks))?;
            Ok(watch(&board, ticks))
        }
    })
}

fn write(board: &Board, ticks: Ticks) {
    let mut round = 0;
    loop {
        round += 1;
        // Acquire: the watcher has made its stores.
        let turn =
            wait(|| Some(board.turn.0.load(Ordering::Acquire)).filter(|&turn| turn >= round));
        if turn == OVER {
            return;
        }
        // At another moment of the watcher's loop each time.
        (0..round * 37 % 101).for_each(|_| hint::spin_loop());
        for line in &board.stores {
            // Relaxed: what is measured is how long these stay unseen.
            line.0.store(round, Ordering::Relaxed);
        }
        // Relaxed: an order would be what a broken operation lacks.
        board.flag.0.store(round, Ordering::Relaxed);
        let now = ticks.after();
        *board.stored_at.lock().unwrap_or_else(PoisonError::into_inner) = now;
        // Release: ends the round.
        board.known.0.store(round, Ordering::Release);
    }
}

fn watch(board: &Board, ticks: Ticks) -> u64 {
    let start = Instant::now();
    let mut greatest = 0;
    for round in 1..=ROUNDS {
        if start.elapsed().as_nanos() > LIMIT {
            break;
        }
        for line in &board.stores {
            // Relaxed: the turn orders them.
            line.0.store(round, Ordering::Relaxed);
        }
        // Release: begins the round.
        board.turn.0.store(round, Ordering::Release);
        let mut unseen_at = 0;
        wait(|| {
            let now = ticks.before();
            // Relaxed: as the load of a broken operation.
            let is_old = board.flag.0.load(Ordering::Relaxed) != round;
            if is_old {
                unseen_at = now;
            }
            (!is_old).then_some(())
        });
        // Acquire: ends the round.
        wait(|| (board.known.0.load(Ordering::Acquire) == round).then_some(()));
        let stored_at = *board.stored_at.lock().unwrap_or_else(PoisonError::into_inner);
        greatest = greatest.max(unseen_at.saturating_sub(stored_at));
    }
    // Release: ends it all.
    board.turn.0.store(OVER, Ordering::Release);
    greatest
}

/// Asks until there is an answer; leaves the processor now and then, which the other may need.
fn wait<T>(mut answer: impl FnMut() -> Option<T>) -> T {
    let patience = if cfg!(miri) { 1 } else { 2000 };
    loop {
        for _ in 0..patience {
            if let Some(answer) = answer() {
                return answer;
            }
        }
        thread::yield_now();
    }
}

#[cfg(test)]
mod tests {
    use super::{Calibration, Ticks, calibrate};

    #[test]
    fn nanoseconds_keep_the_order_of_ticks() {
        let calibration = Calibration { nanoseconds: 385, ticks: 1001, uncertainty: 0 };
        let times: Vec<u64> = (0..5000).map(|ticks| calibration.in_nanoseconds(ticks)).collect();
        assert!(times.is_sorted());
        assert_eq!(calibration.in_nanoseconds(1001 * 1_000_000_000_000), 385 * 1_000_000_000_000);
    }

    #[test]
    fn a_calibrated_clock_keeps_std_s_time() {
        for ticks in [Ticks::counter(), Some(Ticks::nanoseconds())].into_iter().flatten() {
            let calibration = calibrate(ticks);
            println!("{ticks:?}: {calibration:?}");
            assert!(calibration.uncertainty >= super::FLOOR);
            let (outer, first) = (std::time::Instant::now(), ticks.before());
            let inner = std::time::Instant::now();
            (0..100_000).for_each(|_| std::hint::spin_loop());
            let least = inner.elapsed().as_nanos() as f64;
            let passed = calibration.in_nanoseconds(ticks.after() - first) as f64;
            let most = outer.elapsed().as_nanos() as f64;
            // The two readings of the calibration may each be off by an interruption of the thread.
            assert!(passed > 0.5 * least && passed < 2.0 * most, "{least} {passed} {most}");
        }
    }
}
