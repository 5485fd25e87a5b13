//! `Barrier`: who meets sees what the others did.

use crate::{conditions::Written, tasks::block_on};
use counterpoint::{
    sync::generic::Barrier,
    verify::{
        scenario::{
            Runner::{Interleavings, Pct, Random, Threads},
            Scenario,
        },
        shim::{AtomicUsize, Ordering},
        spec::SequentialSpec,
    },
    wait::{self, Policy},
};
use serde::{Deserialize, Serialize};
use std::pin::pin;

/// Everybody writes, meets the others, and sees what they have written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
enum Meeting {
    /// As a thread.
    Meet(usize),
    /// As a task.
    MeetAsTask(usize),
    /// As a thread that writes nothing.
    Again(usize),
    /// How many were the last to arrive.
    Leaders,
}
use Meeting::{Again, Leaders, Meet, MeetAsTask};

/// A barrier of so many, who meet so often.
struct Meetings {
    parties: usize,
    rounds: usize,
}

impl SequentialSpec for Meetings {
    type State = ();
    type Operation = Meeting;
    type Result = usize;

    fn initial(&self) {}

    fn step(
        &self,
        (): &(),
        asked: &Meeting,
        _: Option<&usize>,
    ) -> impl IntoIterator<Item = (usize, ())> {
        let answer = match asked {
            Meet(_) | MeetAsTask(_) => self.parties,
            Again(_) => 0,
            Leaders => self.rounds,
        };
        Some((answer, ()))
    }
}

struct Place<P: Policy> {
    barrier: Barrier<P>,
    written: Vec<Written>,
    leaders: AtomicUsize,
}

fn meetings<P: Policy>(name: &str, threads: &[&[Meeting]], bound: usize) {
    let parties = threads.len();
    let make = move || Place::<P> {
        barrier: Barrier::new(parties),
        written: (0..parties).map(|_| Written::new()).collect(),
        leaders: AtomicUsize::new(0),
    };
    let apply = |place: &Place<P>, asked: &Meeting| {
        let result = match *asked {
            Leaders => return place.leaders.load(Ordering::Relaxed),
            Again(_) => place.barrier.wait_blocking(),
            Meet(who) => {
                place.written[who].write(1);
                place.barrier.wait_blocking()
            }
            MeetAsTask(who) => {
                place.written[who].write(1);
                block_on(pin!(place.barrier.wait()))
            }
        };
        if result.is_leader() {
            place.leaders.fetch_add(1, Ordering::Relaxed);
        }
        match asked {
            Again(_) => 0,
            _ => place.written.iter().map(Written::read).sum::<u32>() as usize,
        }
    };
    let rounds = threads[0].len();
    let spec = Meetings { parties, rounds };
    let mut scenario = Scenario::new(format!("barrier: {name}"), spec, make, apply);
    for thread in threads {
        scenario = scenario.thread(thread.iter().copied());
    }
    let scenario = scenario.after([Leaders]).bound(bound);
    match threads.len() {
        2 => scenario.weak_bound(1).loom_limit(500),
        _ => scenario.only([Interleavings, Random, Pct, Threads]),
    }
    .check();
}

#[test]
fn who_meets_at_a_barrier_sees_what_the_others_did() {
    meetings::<wait::Threads>("two threads", &[&[Meet(0)], &[Meet(1)]], 3);
    meetings::<wait::Threads>("a thread and a task", &[&[Meet(0)], &[MeetAsTask(1)]], 3);
    #[cfg(feature = "critical-section")]
    meetings::<wait::Critical>("critical section", &[&[Meet(0)], &[MeetAsTask(1)]], 3);
}

#[test]
fn who_meets_again_does_not_overtake_who_has_yet_to_be_told() {
    let threads: &[&[_]] = &[&[Meet(0)], &[MeetAsTask(1)], &[MeetAsTask(2)]];
    meetings::<wait::Threads>("a thread and two tasks", threads, 2);
    let twice: &[&[_]] = &[&[Again(0), Again(0)], &[Again(1), Again(1)], &[Again(2), Again(2)]];
    meetings::<wait::Threads>("three threads, twice", twice, 1);
}
