//! What a reader costs in memory that has stopped: writers retire nodes, each under a guard of its own,
//! beside a thread that was pinned when they began, or had been pinned before. The figure is the most
//! nodes that were retired and not freed at one time.
//!
//! Beside a pinned one all must keep all, but for who refuses to make more; beside one that is not, all
//! should keep little. What a contestant holds back per thread, until it is worth its cost, counts. With
//! as many writers as processors, one that the system keeps off them is a reader that is stalled too.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::Reclaimer;
use crate::crew::Task;
use crate::workload::Contestant;

/// Retirements in a turn, all writers together, whatever a turn lasts.
const NODES: usize = 100_000;

pub(super) fn contestant<R: Reclaimer>(pinned: bool) -> Contestant {
    Contestant::timed(R::NAME, move |crew, _turn| {
        let writers = Arc::new(Writers::<R>::default());
        let task: Arc<dyn Task> = writers.clone();
        let handle = writers.reclaimer.handle();
        // Pinned once in any case: some reclaimers know nobody who never was.
        let guard = Some(R::pin(&handle)).filter(|_| pinned);
        crew.run(&task, NODES / crew.threads());
        drop(guard);
        writers.nodes.peak.load(Ordering::Relaxed) as f64
    })
}

#[derive(Default)]
struct Writers<R> {
    reclaimer: R,
    nodes: Arc<Nodes>,
}

/// How many there were.
#[derive(Default)]
struct Nodes {
    retired: AtomicUsize,
    freed: AtomicUsize,
    peak: AtomicUsize,
}

/// Says when it is freed.
struct Node(Arc<Nodes>);

impl Drop for Node {
    fn drop(&mut self) {
        // Relaxed, here and below: counts.
        self.0.freed.fetch_add(1, Ordering::Relaxed);
    }
}

impl<R: Reclaimer> Task for Writers<R> {
    fn run(&self, _worker: usize, ops: usize) {
        let handle = self.reclaimer.handle();
        for _ in 0..ops {
            let guard = R::pin(&handle);
            if !R::has_room(&guard) {
                continue;
            }
            R::retire(&guard, Node(self.nodes.clone()));
            let retired = self.nodes.retired.fetch_add(1, Ordering::Relaxed) + 1;
            let waiting = retired.saturating_sub(self.nodes.freed.load(Ordering::Relaxed));
            self.nodes.peak.fetch_max(waiting, Ordering::Relaxed);
        }
    }
}
