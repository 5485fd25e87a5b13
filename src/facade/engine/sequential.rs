//! Engine: sequentially consistent executions, on coroutines of our own.
//!
//! Every interleaving, one by one (no reduction, hence nothing to trust: the oracle), or one of each
//! class of equivalent ones, or those with few preemptions, or a single one by its schedule
//! (`path.rs`). Memory is that of `memory.rs`.

use super::{
    clock::THREADS,
    coroutine::{Coroutines, Threads},
    driver::{DrivenCell, DrivenWord, Driver, Marker},
    explore::{Engine, Settings},
    memory::{self, Scheduler},
    path::{Extent, Path, Step},
};
use core::{cell::RefCell, sync::atomic::Ordering};
use std::rc::Rc;

/// Runs `once` for each schedule; leaves that of the last execution in `schedule`. False when the
/// limit of executions came first.
pub(super) fn explore(
    extent: Extent,
    settings: &Settings,
    schedule: &RefCell<Vec<usize>>,
    once: impl Fn(Rc<dyn Driver>) + 'static,
) -> bool {
    let once = Rc::new(once);
    let is_seen = settings.engine != Engine::BruteForce;
    let (mut path, mut coroutines) = (Path::new(extent), Coroutines::default());
    for _ in 0..settings.limit.unwrap_or(usize::MAX) {
        schedule.borrow_mut().clear();
        let (threads, once) = (Rc::new(Threads::default()), once.clone());
        let driver = Sequential { threads: threads.clone(), is_seen };
        threads.add(Box::new(move || once(Rc::new(driver))));
        let pick = |steps: &[_]| {
            let picked = path.pick(steps);
            schedule.borrow_mut().push(picked);
            picked
        };
        execute(&threads, &mut coroutines, pick, settings.max_branches);
        if !path.advance() {
            return true;
        }
    }
    false
}

/// One execution.
fn execute(
    threads: &Threads,
    coroutines: &mut Coroutines,
    mut pick: impl FnMut(&[(usize, Step)]) -> usize,
    max_steps: usize,
) {
    for _ in 0..max_steps {
        threads.settle(coroutines);
        let steps = threads.steps();
        if steps.is_empty() {
            assert!(threads.are_over(), "deadlock: every thread waits for another one's end");
            return;
        }
        threads.resume(pick(&steps), coroutines);
    }
    panic!("no end after {max_steps} steps: raise `max_branches`, or a thread waits for ever");
}

struct Sequential {
    threads: Rc<Threads>,
    /// Whether markers are places to switch: not to the oracle, which looks at atomics only.
    is_seen: bool,
}

impl Driver for Sequential {
    fn word(&self, value: usize) -> Rc<dyn DrivenWord> {
        memory::word(&self.threads, value)
    }

    fn cell(&self) -> Rc<dyn DrivenCell> {
        memory::cell(&self.threads)
    }

    fn marker(&self) -> Rc<dyn Marker> {
        memory::marker(&self.threads, self.is_seen)
    }

    fn boundary(&self) -> Rc<dyn Marker> {
        memory::marker(&self.threads, true)
    }

    fn fence(&self, order: Ordering) {
        self.threads.views().fence(order);
    }

    fn wait(&self) {
        self.threads.wait();
    }

    fn spawn(&self, body: Box<dyn FnOnce()>) -> Box<dyn FnOnce()> {
        let (threads, thread) = (self.threads.clone(), self.threads.add(body));
        Box::new(move || threads.join(thread))
    }

    fn max_threads(&self) -> usize {
        THREADS
    }
}
