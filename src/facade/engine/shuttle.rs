//! Engine: random schedules by shuttle (uniform, or probabilistic concurrency testing).
//!
//! shuttle decides who goes on; memory is that of `memory.rs`, so that a schedule which reaches an
//! unordered access is reported here too. No value is ever stale: a missing Acquire shows only where
//! it orders accesses to a cell.

use super::{
    clock::{THREADS, View},
    driver::{DrivenCell, DrivenWord, Driver, Marker},
    explore::{Engine, Settings},
    memory::{self, Scheduler, Views},
    path::Given,
};
use core::{cell::RefCell, sync::atomic::Ordering};
use shuttle::{
    Config, FailurePersistence, MaxSteps, Runner, UngracefulShutdownConfig,
    scheduler::{PctScheduler, RandomScheduler, Schedule, Scheduler as Picks, Task, TaskId},
};
use std::{panic, rc::Rc, sync};

/// Bytes of stack for each thread.
const STACK: usize = 0x4_0000;
/// Changes of priority that PCT makes in an execution.
const DEPTH: usize = 3;
/// Executions, unless the settings say.
const EXECUTIONS: usize = 1_000;

/// Runs `once` under schedules drawn from the seed, or under the one that was given; leaves that of
/// the last execution in `schedule`.
pub(super) fn explore(
    settings: &Settings,
    schedule: &Rc<RefCell<Vec<usize>>>,
    once: impl Fn(Rc<dyn Driver>) + Send + Sync + 'static,
) {
    let (seed, executions) = (settings.seed, settings.limit.unwrap_or(EXECUTIONS));
    let picks: Box<dyn Picks> = match (&settings.given, settings.engine) {
        (Some(given), _) => Box::new(Once { given: given.clone(), next: 0, last: 0, ran: false }),
        (None, Engine::Pct) => Box::new(PctScheduler::new_from_seed(seed, DEPTH, executions)),
        (None, _) => Box::new(RandomScheduler::new_from_seed(seed, executions)),
    };
    without_its_hook();
    let runner = Runner::new(Recorded { picks, schedule: schedule.clone() }, config(settings));
    runner.run(move || {
        let threads = Rc::new(Threads::default());
        threads.views.add();
        once(Rc::new(Shuttle(threads)));
    });
}

fn config(settings: &Settings) -> Config {
    let mut config = Config::new();
    config.stack_size = STACK;
    config.failure_persistence = FailurePersistence::None;
    config.max_steps = MaxSteps::FailAfter(settings.max_branches);
    config.silence_warnings = true;
    config.ungraceful_shutdown_config = UngracefulShutdownConfig::new();
    config.ungraceful_shutdown_config.immediately_return_on_panic = true;
    config
}

/// The first execution of a process installs a hook that would speak at every later panic, of
/// whatever thread. Let it be an empty one, and take the hook away.
fn without_its_hook() {
    static ONCE: sync::Once = sync::Once::new();
    ONCE.call_once(|| {
        let hook = panic::take_hook();
        Runner::new(RandomScheduler::new(1), Config::new()).run(|| ());
        panic::set_hook(hook);
    });
}

/// Picks that are written down.
struct Recorded {
    picks: Box<dyn Picks>,
    schedule: Rc<RefCell<Vec<usize>>>,
}

impl Picks for Recorded {
    fn new_execution(&mut self) -> Option<Schedule> {
        let next = self.picks.new_execution()?;
        self.schedule.borrow_mut().clear();
        Some(next)
    }

    fn next_task(
        &mut self,
        runnable: &[&Task],
        current: Option<TaskId>,
        is_yielding: bool,
    ) -> Option<TaskId> {
        let picked = self.picks.next_task(runnable, current, is_yielding)?;
        self.schedule.borrow_mut().push(picked.into());
        Some(picked)
    }

    fn next_u64(&mut self) -> u64 {
        self.picks.next_u64()
    }
}

/// A single execution, by its schedule.
struct Once {
    given: Given,
    next: usize,
    last: usize,
    ran: bool,
}

impl Picks for Once {
    fn new_execution(&mut self) -> Option<Schedule> {
        (!std::mem::replace(&mut self.ran, true)).then(|| Schedule::new(0))
    }

    fn next_task(&mut self, runnable: &[&Task], _: Option<TaskId>, _: bool) -> Option<TaskId> {
        let able: Vec<usize> = runnable.iter().map(|task| task.id().into()).collect();
        self.last = self.given.pick(self.next, self.last, &able);
        self.next += 1;
        Some(self.last.into())
    }

    fn next_u64(&mut self) -> u64 {
        0
    }
}

/// The threads of one execution.
#[derive(Default)]
struct Threads {
    views: Views,
}

impl Threads {
    /// Does what lets others run.
    fn switching<R>(&self, operation: impl FnOnce() -> R) -> R {
        let me = self.views.running();
        let result = operation();
        self.views.run(me);
        result
    }
}

impl Scheduler for Threads {
    fn views(&self) -> &Views {
        &self.views
    }

    fn step(&self, _: usize, _: bool) {
        self.switching(switch);
        self.views.with(View::step);
    }

    fn changed(&self) {}
}

/// A place to switch, at which the thread does not ask to be passed over.
fn switch() {
    // Relaxed: the word is nobody's; the access is where shuttle looks up.
    shuttle::sync::atomic::AtomicBool::new(false).load(Ordering::Relaxed);
}

struct Shuttle(Rc<Threads>);

impl Driver for Shuttle {
    fn word(&self, value: usize) -> Rc<dyn DrivenWord> {
        memory::word(&self.0, value)
    }

    fn cell(&self) -> Rc<dyn DrivenCell> {
        memory::cell(&self.0)
    }

    fn marker(&self) -> Rc<dyn Marker> {
        memory::marker(&self.0, true)
    }

    fn fence(&self, order: Ordering) {
        self.0.views.fence(order);
    }

    fn wait(&self) {
        self.0.switching(shuttle::thread::yield_now);
    }

    fn spawn(&self, body: Box<dyn FnOnce()>) -> Box<dyn FnOnce()> {
        let number = self.0.views.add();
        let threads = self.0.clone();
        let body = OneOsThread(Box::new(move || {
            threads.views.run(number);
            body();
        }));
        let builder = shuttle::thread::Builder::new().stack_size(STACK);
        let thread = self.0.switching(|| builder.spawn(move || body.run()));
        let thread = thread.expect("shuttle starts a thread");
        let threads = self.0.clone();
        Box::new(move || {
            let joined = threads.switching(|| thread.join());
            joined.expect("a panic of any thread ends the execution");
            threads.views.join(number);
        })
    }

    fn max_threads(&self) -> usize {
        THREADS
    }
}

/// shuttle asks for `Send` where it needs none.
struct OneOsThread(Box<dyn FnOnce()>);

// SAFETY: shuttle's threads are coroutines which one OS thread creates, resumes and drops.
unsafe impl Send for OneOsThread {}

impl OneOsThread {
    fn run(self) {
        (self.0)();
    }
}
