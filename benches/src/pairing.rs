//! The paired runner: rounds in which all contestants of a cell take a turn.
//!
//! In every round each contestant runs once, and each round begins with the next one (A B C, B C A,
//! C A B, …), so that slow drift and what one leaves in the caches fall on all. The ratio to a peer
//! is computed within each round, the peer's time over ours, and the result is the median of these
//! with its quartiles: above 1, ours is faster. (Of shares, where more is better, it is ours over the
//! peer's.) Medians of the figures themselves are reported as well, but they move with the machine.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::crew::{Crew, Task};
use crate::workload::{Contestant, Entry, Figure, Workload};

/// The rounds that a cell gets however long they take.
const FEWEST_ROUNDS: usize = 5;

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Rounds in a cell, if time allows.
    pub rounds: usize,
    /// No further round begins in a cell after this time, once there are five rounds.
    pub limit: Duration,
    /// How long a contestant's turn should last.
    pub turn: Duration,
}

/// A median with its quartiles.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quartiles {
    /// A quarter of the values are below.
    pub q1: f64,
    /// The middle value.
    pub median: f64,
    /// A quarter of the values are above.
    pub q3: f64,
}

impl Quartiles {
    /// Of at least one value, none of them NaN; between two values, in proportion.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Quartiles {
        let mut sorted: Vec<f64> = values.into_iter().collect();
        sorted.sort_by(f64::total_cmp);
        let at = |share: f64| {
            let place = share * (sorted.len() - 1) as f64;
            let (low, high) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
            low + (high - low) * place.fract()
        };
        Quartiles { q1: at(0.25), median: at(0.5), q3: at(0.75) }
    }
}

/// What a cell yielded.
pub struct Outcome {
    /// What was measured.
    pub workload: Workload,
    /// On how many threads.
    pub threads: usize,
    /// In how many rounds.
    pub rounds: usize,
    /// Ours first.
    pub standings: Vec<Standing>,
}

impl Outcome {
    /// Ours.
    pub fn ours(&self) -> &Standing {
        &self.standings[0]
    }

    /// The others.
    pub fn peers(&self) -> &[Standing] {
        &self.standings[1..]
    }

    /// The peer of this name, if it competes in this cell.
    pub fn peer(&self, name: &str) -> Option<&Standing> {
        self.peers().iter().find(|peer| peer.name == name)
    }
}

/// The figures of one contestant.
pub struct Standing {
    /// Its name.
    pub name: &'static str,
    /// What the workload says is measured.
    pub figure: Quartiles,
    /// How many times better ours is, within rounds; 1 for ours.
    pub ratio: Quartiles,
}

/// Measures one cell.
pub fn measure(workload: Workload, threads: usize, settings: Settings) -> Outcome {
    let crew = Crew::new(threads);
    let mut racers: Vec<Racer> = (workload.field)(threads)
        .into_iter()
        .map(|contestant| Racer::calibrated(contestant, &crew, settings.turn))
        .collect();
    let field = racers.len();
    let start = Instant::now();
    for round in 0..settings.rounds {
        if round >= FEWEST_ROUNDS && start.elapsed() > settings.limit {
            break;
        }
        for turn in 0..field {
            racers[(round + turn) % field].take_turn(&crew, settings.turn);
        }
    }
    let rounds = racers[0].figures.len();
    let standings =
        racers.iter().map(|racer| racer.standing(&racers[0], workload.figure)).collect();
    Outcome { workload, threads, rounds, standings }
}

struct Racer {
    contestant: Contestant,
    plan: Plan,
    /// A value a round.
    figures: Vec<f64>,
}

/// What a turn consists of.
struct Plan {
    runs: usize,
    ops_per_worker: usize,
}

impl Racer {
    /// Warms the contestant up, and finds the plan that fills a turn.
    fn calibrated(contestant: Contestant, crew: &Crew, turn: Duration) -> Racer {
        let plan = match &contestant.entry {
            Entry::Steady(task) => Plan { runs: 1, ops_per_worker: fitting(task, crew, turn) },
            Entry::Fresh { ops, build } => {
                let ops_per_worker = ops / crew.threads();
                let once = crew.run(&build(), ops_per_worker);
                let runs = turn.as_secs_f64() / once.as_secs_f64();
                Plan { runs: (runs as usize).max(1), ops_per_worker }
            }
            Entry::Timed(work) => {
                work(crew, turn);
                Plan { runs: 1, ops_per_worker: 0 }
            }
        };
        Racer { contestant, plan, figures: Vec::new() }
    }

    fn take_turn(&mut self, crew: &Crew, turn: Duration) {
        let Plan { runs, ops_per_worker } = self.plan;
        let per_operation = |elapsed: Duration| {
            let ops = runs * ops_per_worker * crew.threads();
            elapsed.as_secs_f64() * 1e9 / ops as f64
        };
        self.figures.push(match &self.contestant.entry {
            Entry::Steady(task) => per_operation(crew.run(task, ops_per_worker)),
            Entry::Fresh { build, .. } => {
                per_operation((0..runs).map(|_| crew.run(&build(), ops_per_worker)).sum())
            }
            Entry::Timed(work) => work(crew, turn),
        });
    }

    fn standing(&self, ours: &Racer, figure: Figure) -> Standing {
        let rounds = self.figures.iter().zip(&ours.figures);
        let ratios = rounds.map(|(&peer, &ours)| figure.ratio(peer, ours));
        Standing {
            name: self.contestant.name,
            figure: Quartiles::of(self.figures.iter().copied()),
            ratio: Quartiles::of(ratios),
        }
    }
}

/// The operations per worker that take about `turn`.
fn fitting(task: &Arc<dyn Task>, crew: &Crew, turn: Duration) -> usize {
    let mut ops = 256;
    loop {
        let elapsed = crew.run(task, ops);
        if elapsed * 4 >= turn {
            let scale = turn.as_secs_f64() / elapsed.as_secs_f64();
            return ((ops as f64 * scale) as usize).max(1);
        }
        ops *= 4;
    }
}

#[cfg(test)]
mod tests {
    use super::Quartiles;

    #[test]
    fn quartiles_interpolate_between_neighbours() {
        let quartiles = Quartiles::of([4.0, 1.0, 3.0, 2.0]);
        assert_eq!(quartiles, Quartiles { q1: 1.75, median: 2.5, q3: 3.25 });
    }

    #[test]
    fn one_value_is_all_its_quartiles() {
        assert_eq!(Quartiles::of([7.0]), Quartiles { q1: 7.0, median: 7.0, q3: 7.0 });
    }
}
