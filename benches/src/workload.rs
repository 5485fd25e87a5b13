//! What is measured: a workload is a task at several numbers of threads, and for each of them (a
//! *cell*) a field of contestants, the first of which is ours.

use std::sync::Arc;
use std::time::Duration;

use crate::crew::{Crew, Task};

/// The operations that one guard covers where a workload says "guard kept".
pub const KEPT: usize = usize::MAX;
/// The operations that one guard covers where a workload says "guard per 64".
pub const PER_64: usize = 64;
/// The operations that one guard covers where a workload says "pin per call".
pub const PER_CALL: usize = 1;

/// One kind of work on one subject.
#[derive(Clone, Copy)]
pub struct Workload {
    /// `queue`, `deque`, `stack`, `map`, `reclaim` or `sync`.
    pub subject: &'static str,
    /// Its name in filters and in the JSON.
    pub name: &'static str,
    /// Its heading in the report.
    pub title: &'static str,
    /// What its figures are.
    pub figure: Figure,
    /// The numbers of threads to measure at.
    pub threads: &'static [usize],
    /// Builds the contestants for a number of threads; ours comes first.
    pub field: fn(threads: usize) -> Vec<Contestant>,
}

impl Workload {
    /// The name that filters are matched against, as in `map/hit-10k-kept/2`.
    pub fn path(&self, threads: usize) -> String {
        format!("{}/{}/{threads}", self.subject, self.name)
    }

    /// Whether a quick run measures it: all but what waits for whole seconds.
    pub fn is_quick(&self) -> bool {
        !matches!(self.figure, Figure::ProcessorTime(_))
    }
}

/// What is measured of each contestant.
#[derive(Clone, Copy)]
pub enum Figure {
    /// Nanoseconds per operation of the whole crew, and what one operation is.
    Time(&'static str),
    /// Nanoseconds of one thread's processor time, and what they are spent on.
    ProcessorTime(&'static str),
    /// What the thread that did least did, as a share of what the one that did most did.
    Share,
    /// Nodes that were retired and not freed, the most at one time.
    Garbage,
}

impl Figure {
    /// Its unit.
    pub fn unit(self) -> &'static str {
        match self {
            Figure::Time(_) | Figure::ProcessorTime(_) => "ns",
            Figure::Share => "share",
            Figure::Garbage => "nodes",
        }
    }

    /// How many times better `ours` is than a peer's figure: below 1 it is worse.
    pub fn ratio(self, peer: f64, ours: f64) -> f64 {
        match self {
            Figure::Time(_) | Figure::ProcessorTime(_) | Figure::Garbage => peer / ours,
            Figure::Share => ours / peer,
        }
    }
}

/// One of the structures that compete in a cell.
pub struct Contestant {
    /// Its name in the report.
    pub name: &'static str,
    /// The work.
    pub entry: Entry,
}

/// How a contestant's task is obtained for a round.
pub enum Entry {
    /// One task for all rounds; the number of operations is calibrated.
    Steady(Arc<dyn Task>),
    /// A fresh task for every run (building and dropping it is not measured), which does exactly
    /// `ops` operations.
    Fresh {
        /// Operations in a run, all workers together.
        ops: usize,
        /// Makes the task.
        build: Box<dyn Fn() -> Arc<dyn Task>>,
    },
    /// Work for a time, not for a number of operations.
    Timed(Work),
}

/// What a crew does for about as long as it is told, and its figure.
pub type Work = Box<dyn Fn(&Crew, Duration) -> f64>;

impl Contestant {
    /// A contestant that keeps its state from round to round.
    pub fn steady(name: &'static str, task: impl Task + 'static) -> Contestant {
        Contestant { name, entry: Entry::Steady(Arc::new(task)) }
    }

    /// A contestant that begins every run anew.
    pub fn fresh<T: Task + 'static>(
        name: &'static str,
        ops: usize,
        build: impl Fn() -> T + 'static,
    ) -> Contestant {
        Contestant { name, entry: Entry::Fresh { ops, build: Box::new(move || Arc::new(build())) } }
    }

    /// A contestant that works for a time, not for a number of operations.
    pub fn timed(
        name: &'static str,
        work: impl Fn(&Crew, Duration) -> f64 + 'static,
    ) -> Contestant {
        Contestant { name, entry: Entry::Timed(Box::new(work)) }
    }
}

#[cfg(test)]
mod tests {
    use super::Figure;

    #[test]
    fn a_ratio_above_one_says_that_ours_is_better() {
        let (half_the_time, twice_the_share) = (Figure::Time("lock"), Figure::Share);
        assert_eq!(half_the_time.ratio(20.0, 10.0), 2.0);
        assert_eq!(twice_the_share.ratio(0.4, 0.8), 2.0);
    }
}
