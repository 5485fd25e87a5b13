//! Backend: the adversary, in the place of `epoch` inside the executions of a model. It frees at the
//! earliest moment that the contract allows, and gives the threads no more order than epochs do.
//!
//! # Algorithm
//! A batch waits for two sets of guards, one after the other:
//! 1. the guards that were live when it was retired;
//! 2. when these are gone, the guards that are live *then*.
//!
//! The second set is for stale values: a guard that began after the retirement may still load the
//! pointer that was unlinked before, unless an epoch has passed in between. Freeing after the first
//! set alone would report correct code.
//!
//! # State
//! Per execution and collector: the serial numbers of live guards, the batches with the guards that
//! each waits for. All threads of an execution are one thread of the system, so the state is plain;
//! the engine sees the edges alone.
//!
//! # Ordering
//! * `[P1]` `passed`: whoever passes from the first set to the second releases, every pin acquires.
//!   A pin that comes after hence sees that the batch was unlinked. It registers *before* it
//!   acquires, so that a guard outside of the second set has seen.
//! * `[P2]` `left`, one for each thread: a retirement and the end of a guard release, whoever passes
//!   on or frees acquires those of all threads. A destructor hence comes after everything that was
//!   done under the guards that it waited for. (One edge for all threads would make their guards
//!   depend on each other, and cost schedules.)
//!
//! # Invariants
//! * `[I1]` No borrow lasts across an edge or a destructor: both may run other threads, or come back.
//!
//! Checked by: `loom-tests/adversary.rs`.

use super::super::{collector::Id, garbage::Batch};
use crate::facade::engine::{self, Edge};
use alloc::{boxed::Box, collections::BTreeMap, rc::Rc, vec::Vec};
use core::{
    cell::{Cell, RefCell},
    mem,
};

/// The serial number of a guard.
type Serial = usize;

/// One collector in one execution.
struct Domain {
    passed: Edge,
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    next: Serial,
    live: Vec<Serial>,
    waiting: Vec<Waiting>,
    left: BTreeMap<usize, Rc<Edge>>,
}

/// A batch, and the guards that it waits for.
struct Waiting {
    batch: Box<Batch>,
    guards: Vec<Serial>,
    /// Whether these are the second set.
    passed: bool,
}

impl Domain {
    fn new() -> Self {
        Domain { passed: Edge::new(), state: RefCell::default() }
    }

    /// The state for a collector, in the execution that runs.
    fn of(id: Id) -> Option<Rc<Self>> {
        engine::local(id.number(), Domain::new)
    }

    /// Begins a guard.
    fn enter(&self) -> Serial {
        let serial = {
            let mut state = self.state.borrow_mut();
            let serial = state.next;
            state.next += 1;
            state.live.push(serial);
            serial
        };
        self.passed.acquire(); // [P1]
        serial
    }

    /// Ends a guard, and frees what waited for it.
    fn leave(&self, guard: Serial) {
        self.release(); // [P2]
        let done = {
            let mut state = self.state.borrow_mut();
            state.live.retain(|live| *live != guard);
            for waiting in &mut state.waiting {
                waiting.guards.retain(|live| *live != guard);
            }
            take_done(&mut state.waiting)
        };
        self.proceed(done);
    }

    /// Takes a batch, retired under a live guard.
    fn retire(&self, batch: Box<Batch>) {
        self.release(); // [P2]
        let mut state = self.state.borrow_mut();
        let guards = state.live.clone();
        state.waiting.push(Waiting { batch, guards, passed: false });
    }

    /// Goes on with batches whose guards are gone.
    fn proceed(&self, done: Vec<Waiting>) {
        if done.is_empty() {
            return;
        }
        self.acquire(); // [P2]
        let (free, mut pass): (Vec<_>, Vec<_>) = done.into_iter().partition(|done| done.passed);
        free.into_iter().for_each(|done| drop(done.batch));
        if pass.is_empty() {
            return;
        }
        self.passed.release(); // [P1]
        let done = {
            let mut state = self.state.borrow_mut();
            for waiting in &mut pass {
                waiting.guards.clone_from(&state.live);
                waiting.passed = true;
            }
            state.waiting.append(&mut pass);
            take_done(&mut state.waiting)
        };
        self.proceed(done);
    }

    /// The running thread's edge hands over what it has done.
    fn release(&self) {
        let thread = engine::thread::current().unwrap_or_default();
        let edge = self.state.borrow_mut().left.entry(thread).or_insert_with(new_edge).clone();
        edge.release();
    }

    /// Takes what all threads have handed over.
    fn acquire(&self) {
        let edges: Vec<_> = self.state.borrow().left.values().cloned().collect();
        edges.iter().for_each(|edge| edge.acquire());
    }
}

fn new_edge() -> Rc<Edge> {
    Rc::new(Edge::new())
}

/// Takes out the batches whose guards are gone.
fn take_done(waiting: &mut Vec<Waiting>) -> Vec<Waiting> {
    let (done, left) = mem::take(waiting).into_iter().partition(|one| one.guards.is_empty());
    *waiting = left;
    done
}

/// The adversary's part of one handle. Outside of executions, and in one that unwinds, it does
/// nothing.
pub(in super::super) struct Participant {
    id: Id,
    /// `Some` between `pin` and `unpin`.
    guard: Cell<Option<Serial>>,
}

/// The adversary's participant, inside an execution.
pub(super) fn stand_in(id: Id) -> Option<Participant> {
    engine::active().then(|| Participant { id, guard: Cell::new(None) })
}

/// Frees all that waits in the collector, whose last owner has gone.
pub(super) fn close(id: Id) {
    let Some(domain) = engine::end_local::<Domain>(id.number()) else { return };
    if engine::abandoned() {
        return mem::forget(domain);
    }
    domain.acquire(); // [P2]
}

impl Participant {
    fn domain(&self) -> Option<Rc<Domain>> {
        if engine::abandoned() { None } else { Domain::of(self.id) }
    }
}

impl super::Participant for Participant {
    /// At once.
    const BATCH: usize = 1;
    const SEAL_ON_UNPIN: bool = false;

    fn pin(&self) {
        if let Some(domain) = self.domain() {
            self.guard.set(Some(domain.enter()));
        }
    }

    fn unpin(&self) {
        if let (Some(domain), Some(guard)) = (self.domain(), self.guard.take()) {
            domain.leave(guard);
        }
    }

    fn repin(&self) {
        self.unpin();
        self.pin();
    }

    fn retire(&self, batch: Box<Batch>) {
        match self.domain() {
            Some(domain) => domain.retire(batch),
            // Other threads may be in the midst of using what it holds, and never go on.
            None => mem::forget(batch),
        }
    }

    /// Nothing to do: a batch is never held back.
    fn flush(&self) {}
}
