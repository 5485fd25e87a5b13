//! The threads of one execution as coroutines, and how they stop and go on.
//!
//! A thread stops right before each step and says what it will do; whoever drives picks one and lets
//! it run to its next stop. What a thread does between two steps belongs to the first of them.
//! Starting a thread and joining one are no steps: a newcomer runs to its first step at once, and
//! who joins goes on as soon as the other is over.
//!
//! A thread that waits in vain (it waited before, and nothing was changed since) is not picked until
//! somebody has changed something, or nobody else can go on.
//!
//! # Invariants
//! * `[I1]` No `RefCell` is borrowed while a coroutine is resumed or stops.

use super::{
    clock::View,
    memory::{Scheduler, Views},
    path::Step,
};
use core::cell::{Cell, RefCell};
use generator::{Generator, Gn};
use std::collections::VecDeque;

/// Words of stack for each thread.
const STACK: usize = 0x8000;

/// The coroutines of all executions: one that is over is used again.
#[derive(Default)]
pub(super) struct Coroutines(Vec<Generator<'static, (), ()>>);

impl Coroutines {
    /// Gives the thread a coroutine that runs `body`.
    fn install(&mut self, thread: usize, body: OneOsThread) {
        let body = move || body.run();
        match self.0.get_mut(thread) {
            Some(coroutine) => coroutine.init_code(body),
            None => self.0.push(Gn::new_opt(STACK, body)),
        }
    }
}

/// The body of a coroutine, which asks for `Send` where it needs none.
struct OneOsThread(Box<dyn FnOnce()>);

// SAFETY: an exploration creates, resumes and drops its coroutines on one OS thread.
unsafe impl Send for OneOsThread {}

impl OneOsThread {
    fn run(self) {
        (self.0)();
    }
}

/// What a thread does when it goes on.
#[derive(Clone, Copy, PartialEq)]
enum State {
    /// Starts.
    New,
    /// Makes a step.
    Steps(Step),
    /// Looks again for what it waits for.
    Waits,
    /// Goes on after the end of that thread.
    Joins(usize),
    /// Nothing: it is over.
    Over,
}

/// A step that depends on nothing: of who looks again.
const LOOK: Step = Step { object: usize::MAX, writes: false };

/// The threads of one execution.
#[derive(Default)]
pub(super) struct Threads {
    states: RefCell<Vec<State>>,
    views: Views,
    /// Bodies of new threads, in the order of their numbers.
    bodies: RefCell<VecDeque<OneOsThread>>,
    /// How often something was changed, and how often at each thread's last wait.
    changes: Cell<usize>,
    waited: RefCell<Vec<Option<usize>>>,
}

/// From the coroutines' side.
impl Threads {
    /// Starts a thread; its number.
    pub(super) fn add(&self, body: Box<dyn FnOnce()>) -> usize {
        self.bodies.borrow_mut().push_back(OneOsThread(body));
        self.states.borrow_mut().push(State::New);
        self.waited.borrow_mut().push(None);
        self.views.add()
    }

    pub(super) fn wait(&self) {
        let now = Some(self.changes.get());
        if self.waited.borrow()[self.views.running()] == now {
            self.stop(State::Waits);
        }
        self.waited.borrow_mut()[self.views.running()] = Some(self.changes.get());
    }

    pub(super) fn join(&self, other: usize) {
        if self.states.borrow()[other] != State::Over {
            self.stop(State::Joins(other));
        }
        self.views.join(other);
    }

    #[allow(deprecated, reason = "the other way needs a scope, which code this deep does not have")]
    fn stop(&self, state: State) {
        self.states.borrow_mut()[self.views.running()] = state;
        generator::yield_with(()); // [I1]
    }
}

impl Scheduler for Threads {
    fn views(&self) -> &Views {
        &self.views
    }

    fn step(&self, object: usize, writes: bool) {
        self.stop(State::Steps(Step { object, writes }));
        self.views.with(View::step);
    }

    fn changed(&self) {
        self.changes.set(self.changes.get() + 1);
        for state in self.states.borrow_mut().iter_mut().filter(|state| **state == State::Waits) {
            *state = State::Steps(LOOK);
        }
    }
}

/// From the driver's side.
impl Threads {
    /// Lets everybody run who needs not make a step first.
    pub(super) fn settle(&self, coroutines: &mut Coroutines) {
        let ready = |states: &[State]| {
            states.iter().position(|state| match *state {
                State::New => true,
                State::Joins(other) => states[other] == State::Over,
                _ => false,
            })
        };
        loop {
            let next = ready(&self.states.borrow());
            let Some(thread) = next else { return };
            if self.states.borrow()[thread] == State::New {
                let body = self.bodies.borrow_mut().pop_front();
                coroutines.install(thread, body.expect("a new thread has a body"));
            }
            self.resume(thread, coroutines);
        }
    }

    /// The threads that can go on, each with its next step.
    pub(super) fn steps(&self) -> Vec<(usize, Step)> {
        let states = self.states.borrow();
        let steps: Vec<_> = (0..)
            .zip(states.iter())
            .filter_map(|(thread, state)| match *state {
                State::Steps(step) => Some((thread, step)),
                _ => None,
            })
            .collect();
        if !steps.is_empty() {
            return steps;
        }
        let waits = (0..).zip(states.iter()).filter(|(_, state)| **state == State::Waits);
        waits.map(|(thread, _)| (thread, LOOK)).collect()
    }

    pub(super) fn are_over(&self) -> bool {
        self.states.borrow().iter().all(|state| *state == State::Over)
    }

    /// Lets the thread run to its next stop.
    pub(super) fn resume(&self, thread: usize, coroutines: &mut Coroutines) {
        self.views.run(thread);
        let coroutine = &mut coroutines.0[thread];
        coroutine.resume();
        if coroutine.is_done() {
            self.states.borrow_mut()[thread] = State::Over;
        }
    }
}
