//! `Notify`, of one: a notification is not lost.

use crate::tasks::{block_on, poll_once};
use counterpoint::{
    sync::generic::Notify,
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
use std::pin::{Pin, pin};

/// Things that are put somewhere, one after the other, and taken: a notification for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
enum Thing {
    Put,
    /// As a thread, if it is the only one that takes.
    Take,
    /// As a task that takes its place in the queue before it looks.
    TakeAsTask,
    /// As a task that takes its place in the queue and leaves; a permit it puts back.
    GiveUp,
}
use Thing::{GiveUp, Put, Take, TakeAsTask};

struct Things;

impl SequentialSpec for Things {
    type State = usize;
    type Operation = Thing;
    type Result = ();

    fn initial(&self) -> usize {
        0
    }

    fn step(
        &self,
        things: &usize,
        asked: &Thing,
        _: Option<&()>,
    ) -> impl IntoIterator<Item = ((), usize)> {
        match asked {
            Put => Some(((), things + 1)),
            Take | TakeAsTask => things.checked_sub(1).map(|left| ((), left)),
            GiveUp => Some(((), *things)),
        }
    }
}

struct Store<P: Policy> {
    things: AtomicUsize,
    put: Notify<P>,
}

impl<P: Policy> Store<P> {
    fn take(&self) -> bool {
        // Relaxed, all of them: the notification orders.
        let mut things = self.things.load(Ordering::Relaxed);
        while things > 0 {
            let taken = self.things.compare_exchange(
                things,
                things - 1,
                Ordering::Relaxed,
                Ordering::Relaxed,
            );
            match taken {
                Ok(_) => return true,
                Err(seen) => things = seen,
            }
        }
        false
    }

    async fn take_as_task(&self) {
        loop {
            let mut put: Pin<&mut _> = pin!(self.put.wait());
            put.as_mut().enable();
            if self.take() {
                return;
            }
            put.await;
        }
    }
}

fn things<P: Policy>(name: &str, threads: &[&[Thing]], bound: usize) {
    let make = || Store::<P> { things: AtomicUsize::new(0), put: Notify::new() };
    let apply = |store: &Store<P>, asked: &Thing| match asked {
        Put => {
            store.things.fetch_add(1, Ordering::Relaxed);
            store.put.notify_one();
        }
        Take => {
            while !store.take() {
                store.put.wait_blocking();
            }
        }
        TakeAsTask => block_on(pin!(store.take_as_task())),
        GiveUp => {
            if poll_once(pin!(store.put.wait())).is_some() {
                store.put.notify_one();
            }
        }
    };
    let mut scenario = Scenario::new(format!("notify one: {name}"), Things, make, apply);
    for thread in threads {
        scenario = scenario.thread(thread.iter().copied());
    }
    match threads.len() {
        2 => scenario.bound(bound).weak_bound(1).loom_limit(500),
        3 => scenario.bound(bound).only([Interleavings, Random, Pct, Threads]),
        _ => scenario.any_outcome().schedules(2_000).only([Random, Pct, Threads]),
    }
    .check();
}

#[test]
fn a_notification_of_one_is_not_lost() {
    things::<wait::Threads>("a thread takes two", &[&[Put, Put], &[Take, Take]], 3);
    things::<wait::Threads>("two tasks take", &[&[Put, Put], &[TakeAsTask], &[TakeAsTask]], 2);
    #[cfg(feature = "critical-section")]
    things::<wait::Critical>("critical section", &[&[Put, Put], &[TakeAsTask, TakeAsTask]], 3);
}

#[test]
fn who_leaves_hands_its_notification_on() {
    let threads: &[&[_]] = &[
        &[Put, TakeAsTask, Put, TakeAsTask],
        &[Put, GiveUp, Put],
        &[TakeAsTask, GiveUp, TakeAsTask],
        &[GiveUp, GiveUp],
    ];
    things::<wait::Threads>("tasks that come and go", threads, 2);
    things::<wait::Threads>("one gives up", &[&[Put], &[GiveUp], &[TakeAsTask]], 2);
}
