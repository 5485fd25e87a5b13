//! `Condvar`: who waits for a change comes to the mutex, and a notification is not lost.

use crate::tasks::{block_on, poll_once};
use counterpoint::{
    sync::{
        Barging, Fair, Fairness,
        generic::{Condvar, Mutex},
    },
    verify::{
        scenario::{
            Runner::{Interleavings, Pct, Random, Threads},
            Scenario,
        },
        shim::UnsafeCell,
        spec::SequentialSpec,
    },
    wait::{self, Clock, Policy},
};
use serde::{Deserialize, Serialize};
use std::{pin::pin, time::Duration};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
enum Thing {
    /// Puts one, and notifies one while it has the mutex.
    Put,
    /// Puts two, unlocks, and notifies all.
    PutTwo,
    /// As a thread.
    Take,
    /// As a task.
    TakeAsTask,
    /// As a task that waits, and leaves; what it has been given it does not take.
    GiveUp,
    /// As a thread whose time is over when it waits; if it was notified all the same it notifies another.
    RunOut,
}
use Thing::{GiveUp, Put, PutTwo, RunOut, Take, TakeAsTask};

/// Things that are put somewhere and taken.
struct Things;

impl SequentialSpec for Things {
    type State = u32;
    type Operation = Thing;
    type Result = ();

    fn initial(&self) -> u32 {
        0
    }

    fn step(
        &self,
        things: &u32,
        asked: &Thing,
        _: Option<&()>,
    ) -> impl IntoIterator<Item = ((), u32)> {
        match asked {
            Put => Some(((), things + 1)),
            PutTwo => Some(((), things + 2)),
            Take | TakeAsTask => things.checked_sub(1).map(|left| ((), left)),
            GiveUp | RunOut => Some(((), *things)),
        }
    }
}

/// How many there are, which only the mutex guards.
struct Store<P: Policy, F: Fairness> {
    things: Mutex<UnsafeCell<u32>, P, F>,
    put: Condvar<P>,
}

fn add(cell: &UnsafeCell<u32>, more: u32) {
    // SAFETY: the mutex is locked.
    cell.with_mut(|things| unsafe { *things += more });
}

fn is_empty(cell: &mut UnsafeCell<u32>) -> bool {
    // SAFETY: the mutex is locked.
    cell.with(|things| unsafe { *things == 0 })
}

fn take(cell: &UnsafeCell<u32>) {
    // SAFETY: the mutex is locked.
    cell.with_mut(|things| unsafe { *things -= 1 });
}

fn apply<P: Policy, F: Fairness>(store: &Store<P, F>, asked: &Thing) {
    let Store { things, put } = store;
    match asked {
        Put => {
            let guard = things.lock_blocking();
            add(&guard, 1);
            put.notify_one();
        }
        PutTwo => {
            add(&things.lock_blocking(), 2);
            put.notify_all();
        }
        Take => take(&put.wait_while_blocking(things.lock_blocking(), is_empty)),
        TakeAsTask => {
            let waits = async { take(&*put.wait_while(things.lock().await, is_empty).await) };
            block_on(pin!(waits));
        }
        GiveUp => {
            let guard = things.lock_blocking();
            poll_once(pin!(put.wait(guard)));
        }
        RunOut => unreachable!("that is for who has a clock"),
    }
}

/// As `apply`, for who has a clock.
fn apply_timed<P: Policy + Clock, F: Fairness>(store: &Store<P, F>, asked: &Thing) {
    if *asked != RunOut {
        return apply(store, asked);
    }
    let waited = store.put.wait_timeout(store.things.lock_blocking(), Duration::ZERO);
    if !waited.1.has_timed_out() {
        store.put.notify_one();
    }
}

type Apply<P, F> = fn(&Store<P, F>, &Thing);

fn check<P: Policy, F: Fairness>(
    name: String,
    apply: Apply<P, F>,
    threads: &[&[Thing]],
    bound: usize,
) {
    let make = || Store::<P, F> { things: Mutex::new(UnsafeCell::new(0)), put: Condvar::new() };
    let mut scenario = Scenario::new(name, Things, make, apply);
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

fn each(name: &str, threads: &[&[Thing]], bound: usize) {
    timed(name, threads, bound);
    #[cfg(feature = "critical-section")]
    check::<wait::Critical, Barging>(
        format!("condvar: {name}, critical section"),
        apply,
        threads,
        bound,
    );
}

/// For who has a clock.
fn timed(name: &str, threads: &[&[Thing]], bound: usize) {
    let (barging, fair): (Apply<wait::Threads, Barging>, Apply<wait::Threads, Fair>) =
        (apply_timed, apply_timed);
    check(format!("condvar: {name}, barging"), barging, threads, bound);
    check(format!("condvar: {name}, fair"), fair, threads, bound);
}

#[test]
fn who_is_notified_has_the_mutex_again() {
    each("a thread waits", &[&[Put], &[Take]], 3);
    each("a task waits", &[&[Put], &[TakeAsTask]], 3);
}

#[test]
fn all_who_are_notified_have_the_mutex_one_after_the_other() {
    each("a thread and a task wait", &[&[PutTwo], &[Take], &[TakeAsTask]], 1);
}

#[test]
fn a_notification_of_who_leaves_reaches_another() {
    each("one gives up", &[&[Put], &[GiveUp], &[Take]], 2);
}

/// The time of a thread is over just as it is notified, or moved to the mutex.
#[test]
fn a_notification_of_whose_time_is_over_reaches_another() {
    timed("time runs out", &[&[PutTwo], &[RunOut]], 3);
    timed("time runs out while another waits", &[&[Put], &[RunOut], &[Take]], 1);
}

#[test]
fn many_threads_and_tasks_wait() {
    let threads: &[&[_]] = &[
        &[PutTwo, GiveUp, Put, Take],
        &[Put, GiveUp, PutTwo, TakeAsTask],
        &[Take, GiveUp, Take],
        &[TakeAsTask, TakeAsTask],
    ];
    each("threads and tasks that come and go", threads, 2);
}
