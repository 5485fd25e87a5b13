//! `Semaphore`: permits of threads and tasks, large and small, and those that give up.

use crate::tasks::{block_on, poll_once};
use counterpoint::{
    sync::{AcquireError, Barging, Fair, Fairness, SemaphorePermit, generic::Semaphore},
    verify::{
        scenario::{
            Runner::{Interleavings, Pct, Random, Threads},
            Scenario,
        },
        shim::UnsafeCell,
        spec::{
            self, Counter,
            counter::Operation::{self, Add, FetchAdd, Get},
            semaphore::{
                self,
                Operation::{Acquire, Close, Release, TryAcquire},
            },
        },
    },
    wait::{self, Policy},
};
use std::pin::pin;

/// What is declared of a semaphore, of every kind.
trait Declare {
    fn of<P: Policy, F: Fairness>(&self, name: String);
}

fn each(name: &str, declare: impl Declare) {
    declare.of::<wait::Threads, Barging>(format!("semaphore: {name}, barging"));
    declare.of::<wait::Threads, Fair>(format!("semaphore: {name}, fair"));
    #[cfg(feature = "critical-section")]
    declare.of::<wait::Critical, Barging>(format!("semaphore: {name}, critical section"));
}

/// A number that the one permit guards.
struct Guarded<P: Policy, F: Fairness> {
    semaphore: Semaphore<P, F>,
    number: UnsafeCell<i64>,
}

// SAFETY: who has the permit alone uses the number; that is what the scenarios show.
unsafe impl<P: Policy, F: Fairness> Sync for Guarded<P, F> {}

impl<P: Policy, F: Fairness> Guarded<P, F> {
    fn add(&self, _: SemaphorePermit<'_, P, F>, more: i64) -> i64 {
        // SAFETY: there is one permit, which lasts until the end of this call.
        self.number.with_mut(|number| unsafe { std::mem::replace(&mut *number, *number + more) })
    }
}

/// `Add` as a thread, `FetchAdd` as a task, `Get` as a task that gives up if it must wait, and then
/// as a thread.
struct Lock(&'static [&'static [Operation]], Option<usize>);

impl Declare for Lock {
    fn of<P: Policy, F: Fairness>(&self, name: String) {
        let make = || Guarded { semaphore: Semaphore::new(1), number: UnsafeCell::new(0) };
        let apply = |guarded: &Guarded<P, F>, asked: &Operation| {
            let has = "nobody closes it";
            let semaphore = &guarded.semaphore;
            match *asked {
                Add(more) => {
                    guarded.add(semaphore.acquire_blocking().expect(has), more);
                    ().into()
                }
                FetchAdd(more) => {
                    guarded.add(block_on(pin!(semaphore.acquire())).expect(has), more).into()
                }
                Get => {
                    let permit = poll_once(pin!(semaphore.acquire()));
                    let permit = permit.unwrap_or_else(|| semaphore.acquire_blocking());
                    guarded.add(permit.expect(has), 0).into()
                }
            }
        };
        let mut scenario = Scenario::new(name, Counter, make, apply).after([Get]);
        for thread in self.0 {
            scenario = scenario.thread(thread.iter().copied());
        }
        match self.1 {
            Some(bound) if self.0.len() > 2 => {
                scenario.bound(bound).only([Interleavings, Random, Pct, Threads])
            }
            Some(bound) => scenario.bound(bound).weak_bound(1).loom_limit(500),
            None => scenario,
        }
        .check();
    }
}

#[test]
fn one_permit_is_a_lock_of_threads() {
    each("two threads, one permit", Lock(&[&[Add(1)], &[Add(2)]], None));
}

#[test]
fn one_permit_is_a_lock_of_a_thread_and_a_task() {
    each("a thread and a task, one permit", Lock(&[&[Add(1)], &[FetchAdd(2)]], Some(3)));
}

#[test]
fn who_gives_up_hands_the_permit_on() {
    let threads: &[&[_]] = &[&[Add(1)], &[FetchAdd(2)], &[Get]];
    each("a thread, a task, and one that gives up", Lock(threads, Some(2)));
}

struct Many;

impl Declare for Many {
    fn of<P: Policy, F: Fairness>(&self, name: String) {
        weighted::<P, F>(name, 3)
            .thread([Acquire(1), Release(1), Acquire(2), Release(2)])
            .thread([Acquire(3), Release(3), Acquire(1), Release(1)])
            .thread([Acquire(2), Release(2), Acquire(3), Release(3)])
            .thread([Acquire(1), Release(1), Acquire(1), Release(1)])
            .any_outcome()
            .schedules(2_000)
            .only([Random, Pct, Threads])
            .check();
    }
}

#[test]
fn many_threads_and_tasks_want_permits() {
    each("two threads, two tasks, three permits", Many);
}

/// An even number is acquired by a task, after one that gives up, an odd one by a thread.
fn weighted<P: Policy, F: Fairness>(
    name: String,
    permits: usize,
) -> Scenario<spec::Semaphore, Semaphore<P, F>> {
    let make = move || Semaphore::new(permits);
    let apply = |semaphore: &Semaphore<P, F>, asked: &semaphore::Operation| {
        let kept = |permit: Result<SemaphorePermit<'_, P, F>, AcquireError>| match permit {
            Ok(permit) => permit.forget().into(),
            Err(_) => semaphore::Answer::Closed,
        };
        match *asked {
            Acquire(count) if count % 2 == 0 => {
                let permit = poll_once(pin!(semaphore.acquire_many(count)));
                kept(permit.unwrap_or_else(|| block_on(pin!(semaphore.acquire_many(count)))))
            }
            Acquire(count) => kept(semaphore.acquire_many_blocking(count)),
            TryAcquire(count) => match semaphore.try_acquire_many(count) {
                Ok(permit) => {
                    permit.forget();
                    true.into()
                }
                Err(counterpoint::sync::TryAcquireError::NoPermits) => false.into(),
                Err(counterpoint::sync::TryAcquireError::Closed) => semaphore::Answer::Closed,
            },
            Release(count) => semaphore.add_permits(count).into(),
            Close => semaphore.close().into(),
        }
    };
    Scenario::new(name, spec::Semaphore::new(permits), make, apply)
}

struct Weighted {
    permits: usize,
    threads: &'static [&'static [semaphore::Operation]],
    after: &'static [semaphore::Operation],
    bound: usize,
}

impl Declare for Weighted {
    fn of<P: Policy, F: Fairness>(&self, name: String) {
        let mut scenario = weighted::<P, F>(name, self.permits);
        for thread in self.threads {
            scenario = scenario.thread(thread.iter().copied());
        }
        let scenario = scenario.after(self.after.iter().copied()).bound(self.bound);
        match self.threads.len() {
            2 => scenario.weak_bound(1).loom_limit(500),
            _ => scenario.only([Interleavings, Random, Pct, Threads]),
        }
        .check();
    }
}

/// The large one waits in front; when it gives up, the small one behind it goes on.
#[test]
fn who_waits_behind_a_large_request_goes_on_when_it_leaves() {
    each(
        "a large request and a small one",
        Weighted {
            permits: 1,
            threads: &[&[Acquire(2), Release(2)], &[Acquire(1), Release(1)], &[Release(1)]],
            after: &[TryAcquire(2)],
            bound: 2,
        },
    );
}

#[test]
fn two_releases_satisfy_one_large_request() {
    each(
        "two releases and a large request",
        Weighted {
            permits: 0,
            threads: &[&[Release(1)], &[Release(2)], &[Acquire(3)]],
            after: &[TryAcquire(1)],
            bound: 2,
        },
    );
}

#[test]
fn one_release_satisfies_two() {
    each(
        "one release and two that wait",
        Weighted {
            permits: 0,
            threads: &[&[Release(3)], &[Acquire(2)], &[Acquire(1)]],
            after: &[TryAcquire(1)],
            bound: 2,
        },
    );
}

#[test]
fn who_waits_learns_that_it_is_closed() {
    each(
        "closed while a thread and a task wait",
        Weighted {
            permits: 0,
            threads: &[&[Close], &[Acquire(2)], &[Acquire(1)]],
            after: &[TryAcquire(1), Acquire(0)],
            bound: 2,
        },
    );
}

#[test]
fn a_release_and_a_close_satisfy_or_refuse() {
    each(
        "a release, a close, and one that waits",
        Weighted {
            permits: 0,
            threads: &[&[Release(1), Close], &[Acquire(1)]],
            after: &[TryAcquire(0)],
            bound: 3,
        },
    );
}
