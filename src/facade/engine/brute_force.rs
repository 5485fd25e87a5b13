//! Engine: every sequentially consistent interleaving, one by one. No reduction, hence nothing to
//! trust: the oracle for the engines that reduce.
//!
//! # Algorithm
//! Threads are coroutines. Each stops right before each access to an atomic; the scheduler, on the
//! OS thread's own stack, picks who goes on. The picks form a path in the tree of schedules, which
//! is walked depth first: run, then change the last pick that has an alternative left.
//!
//! What a thread does between two accesses belongs to the first of them. Starting a thread and
//! joining one are no accesses: a newcomer runs to its first access at once, and who joins goes on
//! as soon as the other is over.
//!
//! A thread that waits (`spin_loop`, `yield_now`) is not picked until somebody has changed a word,
//! or nobody else can go on.
//!
//! # Invariants
//! * `[I1]` The body is deterministic but for the picks: the same path replays the same execution.
//! * `[I2]` No `RefCell` is borrowed while a coroutine is resumed or suspends itself.

use super::{
    Rmw,
    driver::{DrivenCell, DrivenWord, Driver, Marker},
};
use core::{
    cell::{Cell, RefCell},
    sync::atomic::Ordering,
};
use generator::{Generator, Gn};
use std::{collections::VecDeque, rc::Rc};

/// Words of stack for each thread.
const STACK: usize = 0x8000;

type Coroutine = Generator<'static, (), ()>;

/// Runs `once` for each interleaving.
pub(super) fn explore(max_steps: usize, once: impl Fn(Rc<dyn Driver>) + 'static) {
    let once = Rc::new(once);
    let (mut path, mut coroutines) = (Path::default(), Vec::new());
    loop {
        let (scheduler, once) = (Rc::new(Scheduler::default()), once.clone());
        let driver = BruteForce(scheduler.clone());
        scheduler.add(Box::new(move || once(Rc::new(driver))));
        execute(&scheduler, &mut coroutines, &mut path, max_steps);
        if !path.advance() {
            return;
        }
    }
}

/// One execution. `coroutines` are those of earlier ones, to be used again.
fn execute(
    scheduler: &Scheduler,
    coroutines: &mut Vec<Coroutine>,
    path: &mut Path,
    max_steps: usize,
) {
    for _ in 0..max_steps {
        while let Some(thread) = scheduler.ready_without_access() {
            if let Some(body) = scheduler.take_body(thread) {
                install(coroutines, thread, body);
            }
            scheduler.resume(thread, &mut coroutines[thread]);
        }
        let runnable = scheduler.runnable();
        if runnable.is_empty() {
            assert!(scheduler.is_over(), "deadlock: every thread waits for another one's end");
            return;
        }
        let thread = runnable[path.pick(runnable.len())];
        scheduler.resume(thread, &mut coroutines[thread]);
    }
    panic!("no end after {max_steps} steps: raise `max_branches`, or a thread waits for ever");
}

/// Gives the thread a coroutine that runs `body`.
fn install(coroutines: &mut Vec<Coroutine>, thread: usize, body: OneOsThread) {
    let body = move || body.run();
    if thread < coroutines.len() {
        coroutines[thread].init_code(body);
    } else {
        coroutines.push(Gn::new_opt(STACK, body));
    }
}

/// The body of a coroutine, which asks for `Send` where it needs none.
struct OneOsThread(Box<dyn FnOnce()>);

// SAFETY: `explore` creates, resumes and drops its coroutines on one OS thread.
unsafe impl Send for OneOsThread {}

impl OneOsThread {
    fn run(self) {
        (self.0)();
    }
}

/// The picks that lead to an execution.
#[derive(Default)]
struct Path {
    /// For each place with an alternative: which one was picked, of how many.
    picks: Vec<(usize, usize)>,
    /// How many of them this execution has passed.
    passed: usize,
}

impl Path {
    /// One of `count` alternatives.
    fn pick(&mut self, count: usize) -> usize {
        if count == 1 {
            return 0;
        }
        if self.passed == self.picks.len() {
            self.picks.push((0, count));
        }
        let (pick, of) = self.picks[self.passed];
        assert_eq!(of, count, "the model is not deterministic"); // [I1]
        self.passed += 1;
        pick
    }

    /// The next path, depth first; false after the last.
    fn advance(&mut self) -> bool {
        self.passed = 0;
        while let Some((pick, count)) = self.picks.pop() {
            if pick + 1 < count {
                self.picks.push((pick + 1, count));
                return true;
            }
        }
        false
    }
}

/// What a thread does when it is resumed.
#[derive(Clone, Copy, PartialEq)]
enum State {
    /// Starts.
    New,
    /// Makes an access.
    Access,
    /// Goes on after a wait.
    Waits,
    /// Goes on after the end of that thread.
    Joins(usize),
    /// Nothing: it is over.
    Over,
}

/// The threads of one execution.
#[derive(Default)]
struct Scheduler {
    states: RefCell<Vec<State>>,
    /// Bodies of new threads, in the order of their numbers.
    bodies: RefCell<VecDeque<OneOsThread>>,
    running: Cell<usize>,
}

impl Scheduler {
    fn add(&self, body: Box<dyn FnOnce()>) -> usize {
        self.bodies.borrow_mut().push_back(OneOsThread(body));
        let mut states = self.states.borrow_mut();
        states.push(State::New);
        states.len() - 1
    }

    /// The body of a thread that is new.
    fn take_body(&self, thread: usize) -> Option<OneOsThread> {
        let new = self.states.borrow()[thread] == State::New;
        new.then(|| self.bodies.borrow_mut().pop_front()).flatten()
    }

    /// A thread that can go on without making an access first.
    fn ready_without_access(&self) -> Option<usize> {
        let states = self.states.borrow();
        states.iter().position(|state| match *state {
            State::New => true,
            State::Joins(other) => states[other] == State::Over,
            _ => false,
        })
    }

    /// The threads among which to pick.
    fn runnable(&self) -> Vec<usize> {
        let states = self.states.borrow();
        let that = |wanted| -> Vec<usize> {
            (0..states.len()).filter(|&thread| states[thread] == wanted).collect()
        };
        let accessing = that(State::Access);
        if accessing.is_empty() { that(State::Waits) } else { accessing }
    }

    fn is_over(&self) -> bool {
        self.states.borrow().iter().all(|state| *state == State::Over)
    }

    /// Lets the thread run to its next stop.
    fn resume(&self, thread: usize, coroutine: &mut Coroutine) {
        self.running.set(thread);
        coroutine.resume();
        if coroutine.is_done() {
            self.states.borrow_mut()[thread] = State::Over;
        }
    }

    /// Called in a coroutine: stops the running thread.
    #[allow(deprecated, reason = "the other way needs a scope, which code this deep does not have")]
    fn stop(&self, state: State) {
        self.states.borrow_mut()[self.running.get()] = state;
        generator::yield_with(()); // [I2]
    }

    /// Somebody has changed a word: whoever waits may look again.
    fn changed(&self) {
        for state in self.states.borrow_mut().iter_mut().filter(|state| **state == State::Waits) {
            *state = State::Access;
        }
    }

    fn join(&self, other: usize) {
        if self.states.borrow()[other] != State::Over {
            self.stop(State::Joins(other));
        }
    }
}

struct BruteForce(Rc<Scheduler>);

impl Driver for BruteForce {
    fn word(&self, value: usize) -> Rc<dyn DrivenWord> {
        Rc::new(Word { scheduler: self.0.clone(), value: Cell::new(value) })
    }

    fn cell(&self) -> Rc<dyn DrivenCell> {
        Rc::new(Untracked)
    }

    fn marker(&self) -> Rc<dyn Marker> {
        Rc::new(Untracked)
    }

    fn fence(&self, _: Ordering) {}

    fn wait(&self) {
        self.0.stop(State::Waits);
    }

    fn spawn(&self, body: Box<dyn FnOnce()>) -> Box<dyn FnOnce()> {
        let (scheduler, thread) = (self.0.clone(), self.0.add(body));
        Box::new(move || scheduler.join(thread))
    }

    fn max_threads(&self) -> usize {
        usize::MAX
    }
}

struct Word {
    scheduler: Rc<Scheduler>,
    value: Cell<usize>,
}

impl Word {
    /// Stops before the access; the value then.
    fn read(&self) -> usize {
        self.scheduler.stop(State::Access);
        self.value.get()
    }

    fn write(&self, value: usize) {
        self.value.set(value);
        self.scheduler.changed();
    }
}

impl DrivenWord for Word {
    fn load(&self, _: Ordering) -> usize {
        self.read()
    }

    fn store(&self, value: usize, _: Ordering) {
        self.read();
        self.write(value);
    }

    fn rmw(&self, rmw: Rmw, _: Ordering) -> usize {
        let seen = self.read();
        self.write(rmw.apply(seen));
        seen
    }

    fn compare_exchange(
        &self,
        current: usize,
        new: usize,
        _: Ordering,
        _: Ordering,
    ) -> Result<usize, usize> {
        let seen = self.read();
        if seen != current {
            return Err(seen);
        }
        self.write(new);
        Ok(seen)
    }

    fn order(&self, _: Ordering) {}

    fn load_mut(&self) -> usize {
        self.value.get()
    }

    fn store_mut(&self, value: usize) {
        self.value.set(value);
    }
}

/// Cells and markers: this engine looks at atomics only.
struct Untracked;

impl DrivenCell for Untracked {
    fn read(&self, f: &mut dyn FnMut()) {
        f();
    }

    fn write(&self, f: &mut dyn FnMut()) {
        f();
    }
}

impl Marker for Untracked {
    fn visit(&self) {}

    fn visit_too(&self) {}
}
