//! Threads and tasks on real threads.

use crate::common::{Random, THREADS, Task, block_on, scaled, seed};
use counterpoint::{
    sync::{Barging, Fair, Fairness, generic::Semaphore},
    wait::{DefaultPolicy, Policy, Spin},
};
use std::{
    sync::atomic::{AtomicUsize, Ordering::SeqCst},
    task::Poll,
    thread,
    time::Duration,
};

const PERMITS: usize = 3;

/// Every form at once; some give up. There are never more permits than there are, and all come back.
fn nothing_is_lost<P: Policy, F: Fairness>(
    give_up: impl Fn(&Semaphore<P, F>, usize, u64, &dyn Fn(usize)) + Sync,
) {
    let seed = seed();
    let semaphore: Semaphore<P, F> = Semaphore::new(PERMITS);
    let taken = AtomicUsize::new(0);
    let used = |permits: usize| {
        let before = taken.fetch_add(permits, SeqCst);
        assert!(before + permits <= PERMITS, "{} of {PERMITS} permits are taken", before + permits);
        taken.fetch_sub(permits, SeqCst);
    };
    thread::scope(|scope| {
        for worker in 0..THREADS {
            let (semaphore, give_up, used) = (&semaphore, &give_up, &used);
            scope.spawn(move || {
                let mut random = Random::new(seed, worker);
                let open = "nobody closes it";
                for _ in 0..scaled(20_000) {
                    let want = 1 + random.below(PERMITS as u64) as usize;
                    match random.below(5) {
                        0 | 1 => {
                            let permit = semaphore.acquire_many_blocking(want).expect(open);
                            used(permit.num_permits());
                        }
                        2 => {
                            let permit = block_on(semaphore.acquire_many(want)).expect(open);
                            used(permit.num_permits());
                        }
                        3 => {
                            let mut task = Task::new(semaphore.acquire_many(want));
                            if let Poll::Ready(permit) = task.poll() {
                                used(permit.expect(open).num_permits());
                            }
                        }
                        _ => give_up(semaphore, want, random.below(50), used),
                    }
                }
            });
        }
    });
    assert_eq!(semaphore.available_permits(), PERMITS);
}

fn in_time<F: Fairness>(
    semaphore: &Semaphore<DefaultPolicy, F>,
    want: usize,
    micros: u64,
    used: &dyn Fn(usize),
) {
    if let Ok(permit) = semaphore.acquire_many_timeout(want, Duration::from_micros(micros)) {
        used(permit.num_permits());
    }
}

#[test]
fn no_permit_and_no_wake_up_is_lost() {
    nothing_is_lost::<DefaultPolicy, Barging>(in_time);
}

#[test]
fn no_permit_and_no_wake_up_is_lost_fairly() {
    nothing_is_lost::<DefaultPolicy, Fair>(in_time);
}

fn at_once<P: Policy>(semaphore: &Semaphore<P>, want: usize, _: u64, used: &dyn Fn(usize)) {
    if let Ok(permit) = semaphore.try_acquire_up_to(want) {
        used(permit.num_permits());
    }
}

#[test]
fn no_permit_is_lost_without_a_system() {
    nothing_is_lost::<Spin, Barging>(at_once);
}

#[test]
#[cfg(feature = "critical-section")]
fn no_permit_is_lost_in_critical_sections() {
    nothing_is_lost::<counterpoint::wait::Critical, Barging>(at_once);
}

/// Permits that overlap, so that all are never there at a time, do not starve who wants all.
#[test]
fn a_large_request_of_a_thread_is_not_starved() {
    let semaphore: Semaphore = Semaphore::new(PERMITS);
    thread::scope(|scope| {
        let mut held = semaphore.try_acquire().expect("there are some");
        let large = scope.spawn(|| drop(semaphore.acquire_many_blocking(PERMITS)));
        let is_barred = (0..10_000_000).any(|_| {
            let Ok(next) = semaphore.try_acquire() else { return true };
            held = next;
            thread::yield_now();
            false
        });
        assert!(is_barred, "the large request is overtaken again and again");
        drop(held);
        large.join().expect("it has had all");
    });
    assert_eq!(semaphore.available_permits(), PERMITS);
}
