//! What is measured: a workload is a task at several numbers of threads, and for each of them (a
//! *cell*) a field of contestants, the first of which is ours.

use std::sync::Arc;

use crate::crew::Task;

/// The operations that one guard covers where a workload says "guard kept".
pub const KEPT: usize = usize::MAX;
/// The operations that one guard covers where a workload says "guard per 64".
pub const PER_64: usize = 64;
/// The operations that one guard covers where a workload says "pin per call".
pub const PER_CALL: usize = 1;

/// One kind of work on one subject.
#[derive(Clone, Copy)]
pub struct Workload {
    /// `queue`, `stack`, `map` or `reclaim`.
    pub subject: &'static str,
    /// Its name in filters and in the JSON.
    pub name: &'static str,
    /// Its heading in the report.
    pub title: &'static str,
    /// What one operation is: the unit of "nanoseconds per …".
    pub operation: &'static str,
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
}

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
}
