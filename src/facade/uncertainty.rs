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
//! scheduler. But rounds in which the watcher did not look while the writer stored show nothing; where
//! most are such (one processor, a busy machine), nothing was measured, and [`UNMEASURED`] is assumed.
//!
//! # Ordering
//! All Relaxed. Nobody reads the values of the lines, and of the turn, the flag and `known` each
//! thread needs only that it does not see them go back, which coherence gives.
//! * `[R1]` The readings are handed over by the lock. Who has seen `known` locks after the writer did:
//!   had it locked before, its load of `known` would happen before the store that it saw.
//! * `[R2]` On a processor that lets the watcher's stores to the lines come later than its turn, or
//!   the writer's `known` earlier than its stores, a round measures other contention. That is harmless,
//!   since the greatest of all rounds counts, and the writer's pause gives most of them the time.
//!
//! # What it does not cover
//! A call that returns with many more stores to contended lines in the buffer than [`STORES`], none
//! of its instructions after them being a `lock`ed one; cores farther apart than those that ran the
//! two threads by more than [`SAFETY`]; a virtual processor that is taken away with stores in its
//! buffer; several threads that store to the same lines at once. So it is an estimate, not a bound: on
//! a busy machine threads with [`STORES`] contended stores were seen to exceed twice the difference by
//! up to 1.8 µs, hence the factor and the floor. On one machine (2.6 GHz, 2 cores) a single store gave 35 ns,
//! 8 gave 160 to 240 ns, 16 gave 300 ns, and a full buffer of 56 gave 900 ns. Always assuming the
//! last would make nearly all calls of a busy structure overlap, and then little is judged; who
//! needs it says so to the recorder's clock.
//!
//! # Rejected
//! A fence after the later reading, and a third reading after it, would bound the stores of each
//! call exactly. It would also drain the buffer between any two operations of a thread.

use super::{ticks::Ticks, time::Instant};
use core::{
    hint,
    sync::atomic::{AtomicUsize, Ordering},
};
use std::{
    sync::{Mutex, PoisonError},
    thread,
};

/// Stores that a call may have left in the buffer besides its last one.
const STORES: usize = 8;
/// By what the greatest difference is multiplied.
const SAFETY: u64 = 4;
/// The least uncertainty, in nanoseconds.
const FLOOR: u64 = 1000;
/// What is assumed where two threads cannot be seen to run at a time, in nanoseconds.
const UNMEASURED: u64 = 4000;
/// One round in so many, at least, must show something.
const RARITY: usize = 10;
/// Rounds, in which the two threads take turns as the writer.
const ROUNDS: usize = if cfg!(miri) { 10 } else { 2000 };
/// Nanoseconds after which no new round begins.
const LIMIT: u128 = 100_000_000;
/// The turn after the last.
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

/// Measures a clock: some milliseconds of two threads, a tenth of a second on a busy machine.
pub(crate) fn calibrate(ticks: Ticks) -> Calibration {
    let (start, first) = both_clocks(ticks);
    let difference = greatest_difference(ticks);
    // The rate is as good as two pairs of readings that are at least this far apart.
    while start.elapsed().as_micros() < 1000 {
        hint::spin_loop();
    }
    let (end, last) = both_clocks(ticks);
    let nanoseconds = (end - start).as_nanos() as u64;
    let passed = last.saturating_sub(first).max(1);
    let mut calibration = Calibration { nanoseconds, ticks: passed, uncertainty: 0 };
    // One more, as it was rounded down.
    let widen = |ticks| ((calibration.in_nanoseconds(ticks) + 1) * SAFETY).max(FLOOR);
    calibration.uncertainty = difference.map_or(UNMEASURED, widen);
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
    /// The writer's readings in that round, before it stored and after.
    stored: Mutex<(u64, u64)>,
    /// The number of the last round of which that is known.
    known: Line,
}

/// What a thread saw as the watcher.
#[derive(Clone, Copy, Default)]
struct Sight {
    /// The greatest excess of its reading over the writer's, in ticks; 0 if there was none.
    greatest: u64,
    /// Rounds in which it looked while the writer stored.
    telling: usize,
}

/// The greatest difference in ticks; `None`: it could not be measured.
fn greatest_difference(ticks: Ticks) -> Option<u64> {
    if thread::available_parallelism().is_ok_and(|processors| processors.get() == 1) {
        return None;
    }
    let board = Board::default();
    let sights = thread::scope(|scope| {
        let other = thread::Builder::new().spawn_scoped(scope, || play(&board, ticks, 1)).ok()?;
        let own = play(&board, ticks, 0);
        Some([own, other.join().ok()?])
    })?;
    let have_told = sights.iter().all(|sight| sight.telling > ROUNDS / 2 / RARITY);
    have_told.then(|| sights[0].greatest.max(sights[1].greatest))
}

/// All rounds, as the writer and as the watcher in turns.
fn play(board: &Board, ticks: Ticks, seat: usize) -> Sight {
    let start = Instant::now();
    let mut sight = Sight::default();
    for round in 1..=ROUNDS {
        if round % 2 == seat {
            if !write(board, ticks, round) {
                return sight;
            }
        } else if start.elapsed().as_nanos() > LIMIT {
            break;
        } else {
            watch(board, ticks, round, &mut sight);
        }
    }
    // Relaxed: ends it all, for the one who may wait for another round, and hands nothing over.
    board.turn.0.store(OVER, Ordering::Relaxed);
    sight
}

/// False: there is no such round.
fn write(board: &Board, ticks: Ticks, round: usize) -> bool {
    let turn = wait(|| {
        hint::spin_loop();
        // Relaxed: the watcher has made its stores, as a rule [R2].
        Some(board.turn.0.load(Ordering::Relaxed)).filter(|&turn| turn >= round)
    });
    if turn == OVER {
        return false;
    }
    // At another moment of the watcher's loop each time.
    (0..round * 37 % 101).for_each(|_| hint::spin_loop());
    let begin = ticks.before();
    for line in &board.stores {
        // Relaxed: what is measured is how long these stay unseen.
        line.0.store(round, Ordering::Relaxed);
    }
    // Relaxed: an order would be what a broken operation lacks.
    board.flag.0.store(round, Ordering::Relaxed);
    let end = ticks.after();
    *board.stored.lock().unwrap_or_else(PoisonError::into_inner) = (begin, end);
    // Relaxed: ends the round; the lock orders the readings [R1].
    board.known.0.store(round, Ordering::Relaxed);
    true
}

fn watch(board: &Board, ticks: Ticks, round: usize, sight: &mut Sight) {
    for line in &board.stores {
        // Relaxed: they come before the turn, as a rule [R2].
        line.0.store(round, Ordering::Relaxed);
    }
    // Relaxed: begins the round [R2].
    board.turn.0.store(round, Ordering::Relaxed);
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
    // Relaxed: ends the round; the lock orders the readings [R1].
    wait(|| (board.known.0.load(Ordering::Relaxed) == round).then_some(()));
    let (begin, end) = *board.stored.lock().unwrap_or_else(PoisonError::into_inner);
    sight.telling += usize::from(unseen_at > begin);
    sight.greatest = sight.greatest.max(unseen_at.saturating_sub(end));
}

/// Asks until there is an answer. Leaves the processor at last, which the other may need; but late,
/// since a scheduler leaves two threads that share a processor politely where they are.
fn wait<T>(mut answer: impl FnMut() -> Option<T>) -> T {
    const PATIENCE: usize = if cfg!(miri) { 1 } else { 500_000 };
    loop {
        for _ in 0..PATIENCE {
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
