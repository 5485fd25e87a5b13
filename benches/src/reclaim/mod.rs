//! Reclamation: `counterpoint::reclaim` beside crossbeam-epoch and seize.
//!
//! *Pin*: begin and end a pinned section, on a thread's implicit handle or on one it keeps.
//! *Retire*: allocate a node, retire it and have it freed: one guard a node, or one for 64 nodes,
//! which are then flushed, since an epoch collector frees as it pins and so few pins would let its
//! garbage grow without end. What is put off is paid in later rounds.
//! *Stalled*: how much waits beside a reader that has stopped; see `stalled.rs`.
//! The backend without asymmetric fences stands beside the default one as if it were a peer.
//! seize has no handles: it enters its collector in all workloads.

mod crossbeam;
mod ours;
mod seize;
mod stalled;

use std::hint::black_box;

use self::seize::Seize;
use crate::crew::Task;
use crate::workload::{Contestant, Figure, PER_64, PER_CALL, Workload};

/// What a reclaimer must offer to be measured.
pub trait Reclaimer: Default + Send + Sync + 'static {
    /// Its name in the report.
    const NAME: &'static str;
    /// What a thread keeps: a handle, or just the collector.
    type Handle<'r>;
    /// A pinned section.
    type Guard<'h>;
    /// Once a thread and round.
    fn handle(&self) -> Self::Handle<'_>;
    /// Begins a pinned section.
    fn pin<'h>(handle: &'h Self::Handle<'_>) -> Self::Guard<'h>;
    /// Asks for what was retired to be freed soon.
    fn flush(guard: &Self::Guard<'_>);
    /// Whether a node may be made that will be retired: where garbage has a cap.
    #[inline]
    fn has_room(_guard: &Self::Guard<'_>) -> bool {
        true
    }
    /// Allocates a node and retires it.
    fn retire<T: Send + 'static>(guard: &Self::Guard<'_>, value: T);
}

/// The workloads of this subject.
pub const WORKLOADS: &[Workload] = &[
    Workload {
        subject: "reclaim",
        name: "pin",
        title: "Pin and unpin",
        figure: Figure::Time("pin"),
        threads: &[1, 2, 4, 8],
        field: |_| {
            vec![
                Pin::<ours::Implicit>::contestant(),
                Pin::<crossbeam::Implicit>::contestant(),
                Pin::<Seize>::contestant(),
            ]
        },
    },
    Workload {
        subject: "reclaim",
        name: "pin-handle",
        title: "Pin and unpin a handle",
        figure: Figure::Time("pin"),
        threads: &[1, 2, 4, 8],
        field: |_| {
            vec![
                Pin::<ours::Handled<false>>::contestant(),
                Pin::<ours::Handled<true>>::contestant(),
                Pin::<crossbeam::Handled>::contestant(),
                Pin::<Seize>::contestant(),
            ]
        },
    },
    Workload {
        subject: "reclaim",
        name: "retire-pin",
        title: "Allocate, retire and free a node, pin per node",
        figure: Figure::Time("node"),
        threads: &[1, 2, 4, 8],
        field: |_| retires::<PER_CALL>(),
    },
    Workload {
        subject: "reclaim",
        name: "retire-64",
        title: "Allocate, retire and free a node, guard and flush per 64",
        figure: Figure::Time("node"),
        threads: &[1, 2, 4, 8],
        field: |_| retires::<PER_64>(),
    },
    Workload {
        subject: "reclaim",
        name: "stalled-pinned",
        title: "Garbage beside a pinned reader that is stalled",
        figure: Figure::Garbage,
        threads: &[1, 2, 4],
        field: |_| stalls(true),
    },
    Workload {
        subject: "reclaim",
        name: "stalled-unpinned",
        title: "Garbage beside a reader that is stalled and not pinned",
        figure: Figure::Garbage,
        threads: &[1, 2, 4],
        field: |_| stalls(false),
    },
];

fn stalls(pinned: bool) -> Vec<Contestant> {
    vec![
        stalled::contestant::<ours::Handled<false>>(pinned),
        stalled::contestant::<ours::Handled<true>>(pinned),
        stalled::contestant::<ours::Capped>(pinned),
        stalled::contestant::<crossbeam::Handled>(pinned),
        stalled::contestant::<Seize>(pinned),
    ]
}

fn retires<const SPAN: usize>() -> Vec<Contestant> {
    vec![
        Retire::<ours::Implicit, SPAN>::contestant(),
        Retire::<ours::Handled<false>, SPAN>::contestant(),
        Retire::<crossbeam::Implicit, SPAN>::contestant(),
        Retire::<Seize, SPAN>::contestant(),
    ]
}

/// Each operation begins and ends a pinned section.
#[derive(Default)]
struct Pin<R>(R);

impl<R: Reclaimer> Pin<R> {
    fn contestant() -> Contestant {
        Contestant::steady(R::NAME, Self::default())
    }
}

impl<R: Reclaimer> Task for Pin<R> {
    fn run(&self, _worker: usize, ops: usize) {
        let handle = self.0.handle();
        for _ in 0..ops {
            black_box(&R::pin(&handle));
        }
    }
}

/// Each operation allocates a node and retires it.
#[derive(Default)]
struct Retire<R, const SPAN: usize>(R);

impl<R: Reclaimer, const SPAN: usize> Retire<R, SPAN> {
    fn contestant() -> Contestant {
        Contestant::steady(R::NAME, Self::default())
    }
}

impl<R: Reclaimer, const SPAN: usize> Task for Retire<R, SPAN> {
    fn run(&self, _worker: usize, ops: usize) {
        let handle = self.0.handle();
        for start in (0..ops).step_by(SPAN) {
            let guard = R::pin(&handle);
            for value in start..ops.min(start + SPAN) {
                R::retire(&guard, black_box(value as u64));
            }
            if SPAN > PER_CALL {
                R::flush(&guard);
            }
        }
    }
}
