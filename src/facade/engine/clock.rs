//! Vector clocks: what happens before what (Lamport 1978; Mattern 1989), by the rules of C11 for
//! release and acquire, fences and release sequences, on executions in which every load reads the
//! newest value. SeqCst accesses are AcqRel here; SeqCst fences order among each other.

use core::sync::atomic::Ordering;

/// Threads of an execution, the main one included.
pub(super) const THREADS: usize = 8;

/// For each thread, how many of its steps are known.
#[derive(Clone, Copy, Default)]
pub(super) struct Clock([u32; THREADS]);

impl Clock {
    pub(super) fn join(&mut self, other: &Clock) {
        for (mine, theirs) in self.0.iter_mut().zip(other.0) {
            *mine = (*mine).max(theirs);
        }
    }

    /// A thread of which `self` knows steps that `other` does not.
    pub(super) fn ahead_of(&self, other: &Clock) -> Option<usize> {
        (0..THREADS).find(|&thread| self.0[thread] > other.0[thread])
    }
}

/// Whether an operation of that order takes what comes with the value.
fn acquires(order: Ordering) -> bool {
    // As C11 defines them.
    matches!(order, Ordering::Acquire | Ordering::AcqRel | Ordering::SeqCst)
}

/// Whether an operation of that order hands over what its thread has seen.
fn releases(order: Ordering) -> bool {
    // As C11 defines them.
    matches!(order, Ordering::Release | Ordering::AcqRel | Ordering::SeqCst)
}

/// What one thread knows.
#[derive(Clone, Copy, Default)]
pub(super) struct View {
    thread: usize,
    /// What happened before its next step.
    pub(super) seen: Clock,
    /// What its last release fence hands over with later relaxed stores.
    released: Clock,
    /// What its relaxed loads have met: an acquire fence takes it.
    met: Clock,
}

impl View {
    /// A thread that `parent` starts now.
    pub(super) fn child(parent: &mut View, thread: usize) -> Self {
        let mut child = View { thread, seen: parent.seen, ..View::default() };
        parent.step();
        child.step();
        child
    }

    /// What the thread does next is not known to those who know what it did before.
    pub(super) fn step(&mut self) {
        self.seen.0[self.thread] += 1;
    }

    /// A load of a value with that message.
    pub(super) fn load(&mut self, message: &Clock, order: Ordering) {
        if acquires(order) {
            self.seen.join(message);
        } else {
            self.met.join(message);
        }
    }

    /// The message of a stored value; the thread then steps.
    pub(super) fn store(&self, order: Ordering) -> Clock {
        if releases(order) { self.seen } else { self.released }
    }

    /// A fence. `fences` is what all SeqCst fences know.
    pub(super) fn fence(&mut self, fences: &mut Clock, order: Ordering) {
        if acquires(order) {
            self.seen.join(&self.met);
        }
        if order == Ordering::SeqCst {
            self.seen.join(fences);
            fences.join(&self.seen);
        }
        if releases(order) {
            self.released = self.seen;
            self.step();
        }
    }
}

/// The accesses to one place, of which some must be ordered.
#[derive(Clone, Copy, Default)]
pub(super) struct History {
    reads: Clock,
    writes: Clock,
}

impl History {
    /// A place that the thread makes.
    pub(super) fn made(view: &View) -> Self {
        History { reads: view.seen, writes: view.seen }
    }

    /// A shared access: every exclusive one happened before.
    pub(super) fn read(&mut self, view: &View, what: &str) {
        ordered(&self.writes, view, what);
        self.reads.0[view.thread] = view.seen.0[view.thread];
    }

    /// An exclusive access: every other one happened before.
    pub(super) fn write(&mut self, view: &View, what: &str) {
        ordered(&self.writes, view, what);
        ordered(&self.reads, view, what);
        self.writes = view.seen;
    }
}

/// Panics unless all of `earlier` happened before.
fn ordered(earlier: &Clock, view: &View, what: &str) {
    if let Some(other) = earlier.ahead_of(&view.seen) {
        let thread = view.thread;
        panic!("data race: nothing orders two accesses to {what}, by threads {other} and {thread}");
    }
}
