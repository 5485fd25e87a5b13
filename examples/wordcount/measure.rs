//! Runs the three counts in turn and compares their times.
//!
//! One pass that is not measured comes first. Then the three alternate, round by round, and a
//! speed-up is the median of the rounds' own ratios, so that a machine that slows down slows both
//! sides of each. Where a run is too short to time, there is no ratio.

use std::fmt;
use std::io;
use std::time::Duration;

use crate::arguments::Arguments;
use crate::check::{Difference, differences};
use crate::corpus::Corpus;
use crate::count::{self, Counted, Counts};
use crate::progress::Progress;

/// Below this, starting threads and reading the clock weigh too much for a ratio to mean anything.
pub(crate) const SHORTEST: Duration = Duration::from_millis(100);

/// A way to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Sequential,
    /// Through the shared queue and map, with so many threads.
    Shared(u16),
}

/// What one way counted in the last round, and how long it took in each.
#[derive(Debug)]
pub(crate) struct Run<'text> {
    pub(crate) way: Way,
    pub(crate) counts: Counts<'text>,
    pub(crate) times: Vec<Duration>,
}

/// How a shared run differs from the sequential one of its round.
#[derive(Debug)]
pub(crate) struct Check {
    pub(crate) way: Way,
    pub(crate) round: u16,
    pub(crate) differences: Vec<Difference>,
}

/// How many times faster one way was than another: the median round, the slowest and the fastest.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct SpeedUp {
    pub(crate) median: f64,
    pub(crate) least: f64,
    pub(crate) most: f64,
}

/// All that was counted.
#[derive(Debug)]
pub(crate) struct Measurement<'text> {
    pub(crate) sequential: Run<'text>,
    pub(crate) one_thread: Run<'text>,
    pub(crate) threads: Run<'text>,
    /// With `--check`, one for each shared run of each round.
    pub(crate) checks: Option<Vec<Check>>,
}

/// Counts the corpus once unmeasured, and then as often as asked.
pub(crate) fn measure<'text>(
    corpus: &'text Corpus,
    arguments: &Arguments,
) -> io::Result<Measurement<'text>> {
    let chunks = corpus.chunks();
    let passes = 1 + 3 * usize::from(arguments.rounds);
    let progress = Progress::of_bytes(corpus.bytes() * passes);
    let mut sequential = Run::new(Way::Sequential);
    let mut one_thread = Run::new(Way::Shared(1));
    let mut threads = Run::new(Way::Shared(arguments.threads));
    let mut checks = arguments.check.then(Vec::new);

    progress.say("unmeasured pass");
    threads.way.count(&chunks, &progress)?;
    for round in 1..=arguments.rounds {
        for run in [&mut sequential, &mut one_thread, &mut threads] {
            progress.say(&format!("{}, round {round}", run.way));
            let Counted { counts, time } = run.way.count(&chunks, &progress)?;
            run.counts = counts;
            run.times.push(time);
        }
        if let Some(checks) = &mut checks {
            for run in [&one_thread, &threads] {
                let differences = differences(&sequential.counts, &run.counts);
                checks.push(Check { way: run.way, round, differences });
            }
        }
    }
    Ok(Measurement { sequential, one_thread, threads, checks })
}

impl Way {
    fn count<'text>(
        self,
        chunks: &[&'text str],
        progress: &Progress,
    ) -> io::Result<Counted<'text>> {
        match self {
            Way::Sequential => Ok(count::sequential(chunks, progress)),
            Way::Shared(threads) => count::shared(chunks, threads, progress),
        }
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Way::Sequential => f.pad("sequential HashMap"),
            Way::Shared(1) => f.pad("shared, 1 thread"),
            Way::Shared(threads) => f.pad(&format!("shared, {threads} threads")),
        }
    }
}

impl Run<'_> {
    fn new(way: Way) -> Self {
        Run { way, counts: Counts::new(), times: Vec::new() }
    }

    /// The median time.
    pub(crate) fn time(&self) -> Duration {
        let seconds = self.times.iter().map(Duration::as_secs_f64).collect();
        Duration::from_secs_f64(median(seconds))
    }

    /// How many times faster this run was than `other`; none if either was too short to tell.
    pub(crate) fn speed_up_over(&self, other: &Run<'_>) -> Option<SpeedUp> {
        if self.time() < SHORTEST || other.time() < SHORTEST {
            return None;
        }
        let rounds = other.times.iter().zip(&self.times);
        let ratios: Vec<f64> = rounds.map(|(b, a)| b.as_secs_f64() / a.as_secs_f64()).collect();
        Some(SpeedUp {
            least: ratios.iter().copied().fold(f64::INFINITY, f64::min),
            most: ratios.iter().copied().fold(0.0, f64::max),
            median: median(ratios),
        })
    }
}

impl Measurement<'_> {
    /// True if a check found a difference.
    pub(crate) fn differs(&self) -> bool {
        self.checks.iter().flatten().any(|check| !check.differences.is_empty())
    }
}

/// The middle, or the mean of the two in the middle; of at least one number.
fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    let (low, high) = ((numbers.len() - 1) / 2, numbers.len() / 2);
    (numbers[low] + numbers[high]) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(milliseconds: &[u64]) -> Run<'static> {
        let times = milliseconds.iter().map(|&time| Duration::from_millis(time)).collect();
        Run { times, ..Run::new(Way::Shared(2)) }
    }

    #[test]
    fn a_speed_up_is_the_median_of_the_ratios_of_the_rounds() {
        // The second round ran on a machine half as fast: its ratio is none the worse.
        let speed_up = run(&[200, 400, 200]).speed_up_over(&run(&[400, 800, 200])).unwrap();
        assert_eq!(speed_up, SpeedUp { median: 2.0, least: 1.0, most: 2.0 });
    }

    #[test]
    fn a_run_too_short_has_no_speed_up() {
        assert_eq!(run(&[99]).speed_up_over(&run(&[500])), None);
        assert_eq!(run(&[500]).speed_up_over(&run(&[0])), None);
    }

    #[test]
    fn a_difference_is_remembered() {
        let difference = Difference { word: "a".into(), expected: 1, found: 2 };
        let check = |differences| Check { way: Way::Shared(1), round: 1, differences };
        let mut measurement = Measurement {
            sequential: run(&[1]),
            one_thread: run(&[1]),
            threads: run(&[1]),
            checks: Some(vec![check(vec![]), check(vec![])]),
        };
        assert!(!measurement.differs());
        measurement.checks = Some(vec![check(vec![]), check(vec![difference])]);
        assert!(measurement.differs());
    }
}
