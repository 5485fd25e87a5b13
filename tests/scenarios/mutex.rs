//! `Mutex`: threads and tasks, and those that give up.

use crate::tasks::{block_on, poll_once};
use counterpoint::{
    sync::{Barging, Fair, Fairness, MutexGuard, OwnedMutexGuard, generic::Mutex},
    verify::{
        scenario::{
            Runner::{Interleavings, Pct, Random, Threads},
            Scenario,
        },
        shim::UnsafeCell,
        spec::{
            Counter,
            counter::Operation::{self, Add, FetchAdd, Get},
        },
    },
    wait::{self, Clock, Policy},
};
use std::{pin::pin, sync::Arc, time::Duration};

/// A number that only the lock guards.
struct Guarded<P: Policy, F: Fairness>(Mutex<UnsafeCell<i64>, P, F>);

fn add(cell: &UnsafeCell<i64>, more: i64) -> i64 {
    // SAFETY: the lock is held.
    cell.with_mut(|number| unsafe { std::mem::replace(&mut *number, *number + more) })
}

type Declared<P, F> = Scenario<Counter, Guarded<P, F>>;

/// `Add` as a thread, `FetchAdd` as a task, `Get` as a task that gives up if it must wait, and then
/// as a thread.
fn scenario<P: Policy, F: Fairness>(name: String) -> Declared<P, F> {
    let make = || Guarded(Mutex::new(UnsafeCell::new(0)));
    Scenario::new(name, Counter, make, |guarded: &Guarded<P, F>, asked: &Operation| match *asked {
        Add(more) => {
            add(&guarded.0.lock_blocking(), more);
            ().into()
        }
        FetchAdd(more) => add(&block_on(pin!(guarded.0.lock())), more).into(),
        Get => {
            let polled = poll_once(pin!(guarded.0.lock())).map(|guard| add(&guard, 0));
            polled.unwrap_or_else(|| add(&guarded.0.lock_blocking(), 0)).into()
        }
    })
}

/// What is declared of one kind of mutex, of every kind.
trait Declare {
    fn of<P: Policy, F: Fairness>(&self, scenario: Declared<P, F>) -> Declared<P, F>;
}

fn each(name: &str, declare: impl Declare) {
    fn one<P: Policy, F: Fairness>(name: &str, kind: &str, declare: &impl Declare) {
        declare.of(scenario::<P, F>(format!("mutex: {name}, {kind}"))).check();
    }
    one::<wait::Threads, Barging>(name, "barging", &declare);
    one::<wait::Threads, Fair>(name, "fair", &declare);
    #[cfg(feature = "critical-section")]
    one::<wait::Critical, Barging>(name, "critical section", &declare);
}

/// Declares the threads, and how many preemptions are affordable.
struct Run(&'static [&'static [Operation]], Option<usize>);

impl Declare for Run {
    fn of<P: Policy, F: Fairness>(&self, mut scenario: Declared<P, F>) -> Declared<P, F> {
        for thread in self.0 {
            scenario = scenario.thread(thread.iter().copied());
        }
        scenario = scenario.after([Get]);
        match self.1 {
            Some(bound) if self.0.len() > 2 => {
                scenario.bound(bound).only([Interleavings, Random, Pct, Threads])
            }
            Some(bound) => scenario.bound(bound).weak_bound(1).loom_limit(500),
            None => scenario,
        }
    }
}

#[test]
fn threads_exclude_each_other() {
    each("two threads", Run(&[&[Add(1)], &[Add(2)]], None));
}

#[test]
fn a_thread_and_a_task_exclude_each_other() {
    each("a thread and a task", Run(&[&[Add(1)], &[FetchAdd(2)]], None));
}

#[test]
fn who_gives_up_wakes_another() {
    each("one gives up", Run(&[&[FetchAdd(1)], &[Get]], Some(3)));
}

#[test]
fn a_wake_up_is_handed_on() {
    each(
        "a thread, a task, and one that gives up",
        Run(&[&[Add(1)], &[FetchAdd(2)], &[Get]], Some(2)),
    );
}

/// One may be told just as it looks by itself, while a third one comes.
#[test]
fn three_threads_leave_nobody_behind() {
    each("three threads", Run(&[&[Add(1)], &[Add(2)], &[Add(4)]], Some(2)));
}

/// A mutex that is locked at first, by a guard that some thread drops.
struct Held<P: Policy, F: Fairness> {
    mutex: Arc<Mutex<UnsafeCell<i64>, P, F>>,
    guard: std::sync::Mutex<Option<OwnedMutexGuard<UnsafeCell<i64>, P, F>>>,
}

fn released<P: Policy, F: Fairness>(
    kind: &str,
    release: fn(OwnedMutexGuard<UnsafeCell<i64>, P, F>),
) {
    let make = || {
        let mutex = Arc::new(Mutex::new(UnsafeCell::new(0)));
        let guard = std::sync::Mutex::new(mutex.try_lock_owned());
        Held { mutex, guard }
    };
    let scenario = Scenario::new(
        format!("mutex: a release and two that wait, {kind}"),
        Counter,
        make,
        move |held: &Held<P, F>, asked: &Operation| match *asked {
            Add(0) => {
                let guard = held.guard.lock().expect("nobody panics").take();
                if let Some(guard) = guard {
                    release(guard);
                }
                ().into()
            }
            Add(more) => {
                add(&held.mutex.lock_blocking(), more);
                ().into()
            }
            _ => add(&held.mutex.lock_blocking(), 0).into(),
        },
    );
    let scenario = scenario.thread([Add(0)]).thread([Add(1)]).thread([Add(2)]).after([Get]);
    scenario.bound(2).only([Interleavings, Random, Pct, Threads]).check();
}

/// Who is told may look just then by itself, take the lock, and leave it to another, who waits: all
/// that before the one who told has gone on.
#[test]
fn who_is_told_may_be_faster_than_who_tells() {
    released::<wait::Threads, Barging>("barging", drop);
    released::<wait::Threads, Fair>("fair", drop);
    #[cfg(feature = "critical-section")]
    released::<wait::Critical, Barging>("critical section", drop);
}

/// One that waits may be given the lock, or have been told before, or just leave.
#[test]
fn who_releases_fairly_leaves_nobody_behind() {
    released::<wait::Threads, Barging>("fair release", OwnedMutexGuard::unlock_fair);
    #[cfg(feature = "critical-section")]
    released::<wait::Critical, Barging>(
        "fair release, critical section",
        OwnedMutexGuard::unlock_fair,
    );
}

/// A thread whose time is over when it waits, and who then waits without a limit.
fn run_out<P: Policy + Clock, F: Fairness>(kind: &str, threads: &[&[Operation]], bound: usize) {
    let make = || Guarded::<P, F>(Mutex::new(UnsafeCell::new(0)));
    let apply = |Guarded(mutex): &Guarded<P, F>, asked: &Operation| match *asked {
        Add(more) => {
            add(&mutex.lock_blocking(), more);
            ().into()
        }
        FetchAdd(more) => add(&block_on(pin!(mutex.lock())), more).into(),
        Get => {
            let in_time = mutex.lock_timeout(Duration::ZERO).map(|guard| add(&guard, 0));
            in_time.unwrap_or_else(|| add(&mutex.lock_blocking(), 0)).into()
        }
    };
    let name = format!("mutex: time runs out, {} threads, {kind}", threads.len());
    let mut scenario = Scenario::new(name, Counter, make, apply).bound(bound);
    for thread in threads {
        scenario = scenario.thread(thread.iter().copied());
    }
    match threads.len() {
        2 => scenario.weak_bound(1).loom_limit(500),
        _ => scenario.only([Interleavings, Random, Pct, Threads]),
    }
    .check();
}

#[test]
fn a_thread_whose_time_is_over_wakes_another() {
    let (two, three): (&[&[_]], &[&[_]]) =
        (&[&[Add(1)], &[Get]], &[&[Add(1)], &[FetchAdd(2)], &[Get]]);
    run_out::<wait::Threads, Barging>("barging", two, 3);
    run_out::<wait::Threads, Fair>("fair", two, 3);
    run_out::<wait::Threads, Barging>("barging", three, 2);
    run_out::<wait::Threads, Fair>("fair", three, 2);
}

/// Every release is a fair one; `Get` gives up if it must wait, and then bumps.
fn fairly<P: Policy>(kind: &str, threads: &[&[Operation]], bound: Option<usize>) {
    let make = || Guarded::<P, Barging>(Mutex::new(UnsafeCell::new(0)));
    let done = |guard: MutexGuard<'_, UnsafeCell<i64>, P>, more| {
        let before = add(&guard, more);
        MutexGuard::unlock_fair(guard);
        before
    };
    let apply = move |Guarded(mutex): &Guarded<P, Barging>, asked: &Operation| match *asked {
        Add(more) => {
            done(mutex.lock_blocking(), more);
            ().into()
        }
        FetchAdd(more) => done(block_on(pin!(mutex.lock())), more).into(),
        Get => {
            // The future is gone when the thread blocks.
            let polled = poll_once(pin!(mutex.lock()));
            let mut guard = polled.unwrap_or_else(|| mutex.lock_blocking());
            MutexGuard::bump(&mut guard);
            done(guard, 0).into()
        }
    };
    let name = format!("mutex: fair releases, {kind}, {threads:?}");
    let mut scenario = Scenario::new(name, Counter, make, apply).after([Get]);
    for thread in threads {
        scenario = scenario.thread(thread.iter().copied());
    }
    match bound {
        Some(bound) if threads.len() == 3 => {
            scenario.bound(bound).only([Interleavings, Random, Pct, Threads])
        }
        Some(bound) => scenario.bound(bound).weak_bound(1).loom_limit(500),
        None => scenario.any_outcome().schedules(2_000).only([Random, Pct, Threads]),
    }
    .check();
}

#[test]
fn fair_releases_exclude_and_leave_nobody_behind() {
    fairly::<wait::Threads>("threads", &[&[Add(1), Add(2)], &[Get]], Some(3));
    fairly::<wait::Threads>("threads", &[&[Add(1)], &[FetchAdd(2)], &[Get]], Some(2));
    let many: &[&[_]] = &[
        &[Add(1), Add(1), Get],
        &[Add(1), Get, Add(1)],
        &[FetchAdd(1), Get, FetchAdd(1)],
        &[FetchAdd(1), Get, FetchAdd(1)],
    ];
    fairly::<wait::Threads>("threads and tasks", many, None);
    #[cfg(feature = "critical-section")]
    fairly::<wait::Critical>("critical section", &[&[Add(1), Add(2)], &[Get]], Some(2));
}

#[test]
fn who_comes_again_and_again_lets_others_in() {
    each("one comes again and again", Run(&[&[Add(1), Add(1), Add(1)], &[Add(10)]], Some(2)));
    each("one comes again, two wait", Run(&[&[Add(1), Add(8)], &[Add(2)], &[Add(4)]], Some(2)));
    each(
        "one comes again, a thread and a task wait",
        Run(&[&[Add(1), Add(8)], &[Add(2)], &[FetchAdd(4)]], Some(2)),
    );
}

struct Many;

impl Declare for Many {
    fn of<P: Policy, F: Fairness>(&self, mut scenario: Declared<P, F>) -> Declared<P, F> {
        for _ in 0..2 {
            scenario = scenario.thread([Add(1), Add(1), Get]);
            scenario = scenario.thread([FetchAdd(1), Get, FetchAdd(1)]);
        }
        scenario.any_outcome().schedules(2_000).only([Random, Pct, Threads])
    }
}

#[test]
fn many_threads_and_tasks() {
    each("two threads, two tasks", Many);
}
