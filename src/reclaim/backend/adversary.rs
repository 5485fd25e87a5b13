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
//! set alone would report correct code. Where no value is stale there is no second set: it would
//! shield a thread that, pinned later, still finds the node, because somebody retired it too early.
//!
//! # State
//! Per execution and collector: the serial numbers of live guards, the batches with the guards that
//! each waits for. All threads of an execution are one thread of the system, so the state is plain.
//! Each change of it (a guard begins or ends, a batch is retired) is one step: it starts with a
//! *turn*, so that the engine tries every order of the changes. A change that an engine could not
//! move is how a use after free hides: were a guard registered before its turn, in one step with
//! whatever its thread did before, then no schedule would free between the two.
//!
//! # Ordering
//! * `[P1]` `passed`: whoever passes from the first set to the second releases, every guard acquires
//!   when it begins. A guard outside of the second set hence sees that the batch was unlinked.
//! * `[P2]` `left`: the end of a guard releases; whoever passes on or frees acquires. A destructor
//!   hence comes after everything that was done under the guards that it waited for, the
//!   retirement itself included.
//!
//! Nothing else: the end of a guard does not acquire, and its beginning does not release.
//!
//! # Invariants
//! * `[I1]` No borrow lasts across a turn, an edge or a destructor.
//!
//! Checked by: `loom-tests/adversary.rs`.

use super::super::{collector::Id, garbage::Batch};
use crate::facade::engine::{self, Edge, Turn};
use alloc::{boxed::Box, rc::Rc, vec::Vec};
use core::{
    cell::{Cell, RefCell},
    mem,
};

/// The serial number of a guard.
type Serial = usize;

/// One collector in one execution.
struct Domain {
    turn: Turn,
    passed: Edge,
    left: Edge,
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    next: Serial,
    live: Vec<Serial>,
    waiting: Vec<Waiting>,
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
        let (passed, left) = (Edge::new(), Edge::new());
        Domain { turn: Turn::new(), passed, left, state: RefCell::default() }
    }

    /// The state for a collector, in the execution that runs.
    fn of(id: Id) -> Option<Rc<Self>> {
        engine::local(id.number(), Domain::new)
    }

    /// Begins a guard.
    fn enter(&self) -> Serial {
        self.turn.take();
        self.passed.acquire(); // [P1]
        let mut state = self.state.borrow_mut();
        let serial = state.next;
        state.next += 1;
        state.live.push(serial);
        serial
    }

    /// Ends a guard, and frees what waited for it alone.
    fn leave(&self, guard: Serial) {
        self.turn.take();
        self.left.release(); // [P2]
        let done = self.state.borrow_mut().end(guard);
        if done.is_empty() {
            return;
        }
        self.left.acquire(); // [P2]
        let is_free = |done: &Waiting| done.passed || !engine::shows_stale_values();
        let (mut free, pass): (Vec<_>, Vec<_>) = done.into_iter().partition(is_free);
        if !pass.is_empty() {
            self.passed.release(); // [P1]
            free.append(&mut self.state.borrow_mut().pass(pass));
        }
        free.into_iter().for_each(|done| drop(done.batch)); // [I1]
    }

    /// Takes a batch, retired under a live guard.
    fn retire(&self, batch: Box<Batch>) {
        self.turn.take();
        let mut state = self.state.borrow_mut();
        let guards = state.live.clone();
        state.waiting.push(Waiting { batch, guards, passed: false });
    }
}

impl State {
    /// Ends a guard; the batches that waited for it alone.
    fn end(&mut self, guard: Serial) -> Vec<Waiting> {
        self.live.retain(|live| *live != guard);
        for waiting in &mut self.waiting {
            waiting.guards.retain(|live| *live != guard);
        }
        let all = mem::take(&mut self.waiting).into_iter();
        let (done, waiting) = all.partition(|waiting| waiting.guards.is_empty());
        self.waiting = waiting;
        done
    }

    /// Lets batches wait for their second set of guards; those for which it is empty.
    fn pass(&mut self, batches: Vec<Waiting>) -> Vec<Waiting> {
        if self.live.is_empty() {
            return batches;
        }
        let guards = || self.live.clone();
        let second = |first: Waiting| Waiting { guards: guards(), passed: true, ..first };
        self.waiting.extend(batches.into_iter().map(second));
        Vec::new()
    }
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

/// The collector's last owner has gone. Nothing waits, since whoever has a guard is an owner; but
/// the collector's address may come again.
pub(super) fn close(id: Id) {
    let domain = engine::end_local::<Domain>(id.number());
    if engine::abandoned() {
        mem::forget(domain);
    }
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
