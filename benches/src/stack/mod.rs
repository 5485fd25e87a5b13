//! Stacks: `TreiberStack` beside a locked Vec.
//!
//! Every thread pushes an element and pops one, again and again, on one stack; an operation is
//! such a pair.

mod locked;
mod ours;

use std::hint::black_box;

use self::locked::LockedVec;
use self::ours::TreiberStack;
use crate::crew::Task;
use crate::workload::{Contestant, Figure, PER_64, PER_CALL, Workload};

/// What a stack must offer to be measured.
pub trait Stack: Default + Send + Sync + 'static {
    /// Its name in the report.
    const NAME: &'static str;
    /// What a caller holds across operations: a guard, or just the stack.
    type Session<'s>;
    /// Begins a session.
    fn session(&self) -> Self::Session<'_>;
    /// Adds `value` on top.
    fn push(session: &Self::Session<'_>, value: u64);
    /// Takes the value on top.
    fn pop(session: &Self::Session<'_>) -> Option<u64>;
}

/// The workloads of this subject.
pub const WORKLOADS: &[Workload] = &[
    Workload {
        subject: "stack",
        name: "pair-64",
        title: "Every thread pushes and pops, guard per 64",
        figure: Figure::Time("push and pop"),
        threads: &[1, 2, 4, 8],
        field: |_| pairs::<PER_64>(),
    },
    Workload {
        subject: "stack",
        name: "pair-pin",
        title: "Every thread pushes and pops, pin per call",
        figure: Figure::Time("push and pop"),
        threads: &[1, 2, 4, 8],
        field: |_| pairs::<PER_CALL>(),
    },
];

fn pairs<const SPAN: usize>() -> Vec<Contestant> {
    vec![Pair::<TreiberStack, SPAN>::contestant(), Pair::<LockedVec, SPAN>::contestant()]
}

/// Each operation pushes an element, then pops one.
struct Pair<S, const SPAN: usize> {
    stack: S,
}

impl<S: Stack, const SPAN: usize> Pair<S, SPAN> {
    fn contestant() -> Contestant {
        Contestant::steady(S::NAME, Self { stack: S::default() })
    }
}

impl<S: Stack, const SPAN: usize> Task for Pair<S, SPAN> {
    fn run(&self, _worker: usize, ops: usize) {
        // With a pin per call, push and pop pin separately.
        if SPAN == PER_CALL {
            for value in 0..ops as u64 {
                S::push(&self.stack.session(), black_box(value));
                black_box(S::pop(&self.stack.session()));
            }
            return;
        }
        for start in (0..ops).step_by(SPAN) {
            let session = self.stack.session();
            for value in start..ops.min(start + SPAN) {
                S::push(&session, black_box(value as u64));
                black_box(S::pop(&session));
            }
        }
    }
}
