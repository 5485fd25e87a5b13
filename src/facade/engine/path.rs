//! The tree of schedules, walked depth first, and which of its branches need not be walked.
//!
//! # Algorithm
//! Sleep sets (Godefroid, "Partial-order methods for the verification of concurrent systems", 1996,
//! section 5). When a thread has been explored at a place, it *sleeps* there: in the later siblings'
//! subtrees its step is not tried again until somebody has made a step that depends on it, since the
//! two orders of independent steps lead to the same state. Each class of equivalent executions is
//! then walked once. (An execution in which everybody sleeps has been walked in another order; it
//! runs to its end, without places.)
//!
//! With a bound, a thread that could go on is interrupted so many times only (Musuvathi, Qadeer,
//! "Iterative context bounding", 2007); then nobody sleeps, since the other order of two steps may
//! lie beyond the bound.
//!
//! # Invariants
//! * `[I1]` The body is deterministic but for the picks: the same picks replay the same execution.
//! * `[I2]` Steps are independent unless they touch the same object and one of them writes.

/// What a thread will do next.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Step {
    pub(super) object: usize,
    pub(super) writes: bool,
}

impl Step {
    fn depends_on(self, other: Step) -> bool {
        self.object == other.object && (self.writes || other.writes) // [I2]
    }
}

/// A place where more than one thread could go on.
struct Place {
    picked: usize,
    /// Those whose subtrees are done.
    done: Vec<usize>,
    /// Those that are yet to be picked.
    left: Vec<usize>,
}

/// Which schedules to walk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// All.
    Every,
    /// One of each class of equivalent ones.
    Classes,
    /// Those in which threads that could go on are interrupted at most so many times.
    Bounded(usize),
    /// A single one.
    Given(Given),
}

/// A schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Given {
    /// Who goes on at each step. At its end, threads go on until they wait or are over.
    pub(crate) schedule: Vec<usize>,
    /// Whether it was recorded, so that everybody can go on when it says so; else it counts modulo
    /// those who can.
    pub(crate) is_recorded: bool,
}

impl Given {
    /// Who goes on at that step, of those who are able.
    ///
    /// # Panics
    /// When it was recorded, and that of another program.
    pub(super) fn pick(&self, step: usize, last: usize, able: &[usize]) -> usize {
        match self.schedule.get(step) {
            Some(wanted) if able.contains(wanted) => *wanted,
            Some(wanted) if self.is_recorded => {
                panic!("the schedule does not fit: thread {wanted} cannot go on at step {step}")
            }
            Some(wanted) => able[wanted % able.len()],
            None if able.contains(&last) => last,
            None => able[0],
        }
    }
}

/// The picks that lead to an execution.
pub(super) struct Path {
    extent: Extent,
    places: Vec<Place>,
    /// How many of them this execution has passed.
    passed: usize,
    /// Who sleeps now.
    asleep: Vec<usize>,
    /// Whether this execution is the same as another one, in another order.
    redundant: bool,
    /// Who made the last step, and how often somebody was interrupted.
    last: usize,
    interruptions: usize,
}

impl Path {
    pub(super) fn new(extent: Extent) -> Self {
        let (places, asleep) = (Vec::new(), Vec::new());
        let (passed, last, interruptions, redundant) = (0, 0, 0, false);
        Path { extent, places, passed, asleep, redundant, last, interruptions }
    }

    /// Which of `threads`, each with its next step, goes on.
    pub(super) fn pick(&mut self, threads: &[(usize, Step)]) -> usize {
        if let Extent::Given(given) = &self.extent {
            let able: Vec<usize> = threads.iter().map(|(thread, _)| *thread).collect();
            self.last = given.pick(self.passed, self.last, &able);
            self.passed += 1;
            return self.last;
        }
        let step = |thread| threads.iter().find(|(other, _)| *other == thread).map(|one| one.1);
        if self.passed == self.places.len() && !self.redundant {
            match self.place(threads) {
                Some(place) => self.places.push(place),
                None => self.redundant = true,
            }
        }
        if self.redundant {
            return threads[0].0;
        }
        let place = &self.places[self.passed];
        self.passed += 1;
        let picked = place.picked;
        if self.extent == Extent::Classes {
            self.asleep.extend(&place.done);
            let picked = step(picked).expect("the model is deterministic"); // [I1]
            self.asleep.retain(|&one| step(one).is_some_and(|step| !step.depends_on(picked)));
        }
        if picked != self.last && step(self.last).is_some() {
            self.interruptions += 1;
        }
        self.last = picked;
        picked
    }

    /// A new place; `None` when everybody sleeps.
    fn place(&self, threads: &[(usize, Step)]) -> Option<Place> {
        let mut left: Vec<usize> = threads.iter().map(|(thread, _)| *thread).collect();
        if self.extent == Extent::Bounded(self.interruptions) && left.contains(&self.last) {
            left = vec![self.last];
        }
        left.retain(|thread| !self.asleep.contains(thread));
        if left.is_empty() {
            return None;
        }
        Some(Place { picked: left.remove(0), done: Vec::new(), left })
    }

    /// The next path, depth first; false after the last.
    pub(super) fn advance(&mut self) -> bool {
        (self.passed, self.redundant) = (0, false);
        (self.last, self.interruptions) = (0, 0);
        self.asleep.clear();
        while let Some(mut place) = self.places.pop() {
            if !place.left.is_empty() {
                place.done.push(place.picked);
                place.picked = place.left.remove(0);
                self.places.push(place);
                return true;
            }
        }
        false
    }
}
