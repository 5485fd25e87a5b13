//! A thread on one processor, for some time.

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// The thread that made it runs on the first processor that it may use, until this is dropped.
pub(super) struct Pinned {
    before: CpuSet,
}

impl Pinned {
    /// # Panics
    /// When the system refuses.
    pub(super) fn to_the_first_processor() -> Pinned {
        let before = sched_getaffinity(None).expect("a thread may ask where it runs");
        let first = (0..CpuSet::MAX_CPU).find(|&processor| before.is_set(processor));
        let mut one = CpuSet::new();
        one.set(first.expect("a thread runs somewhere"));
        sched_setaffinity(None, &one).expect("a thread may stay where it may run");
        Pinned { before }
    }
}

impl Drop for Pinned {
    fn drop(&mut self) {
        sched_setaffinity(None, &self.before).expect("a thread may run where it was allowed to");
    }
}
