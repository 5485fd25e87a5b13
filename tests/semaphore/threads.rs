//! Threads and tasks on real threads.

use crate::common::{Random, THREADS, Task, block_on, scaled, seed};
use counterpoint::{
    sync::{Barging, Fair, Fairness, Semaphore},
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

/// Small requests that come again and again do not starve a large one of a thread.
#[test]
fn a_large_request_of_a_thread_is_not_starved() {
    let semaphore: Semaphore = Semaphore::new(PERMITS);
    let is_over = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while is_over.load(SeqCst) == 0 {
                    let permit = semaphore.acquire_blocking();
                    thread::yield_now();
                    drop(permit);
                }
            });
        }
        // It would never end if it were starved.
        for _ in 0..scaled(50) {
            drop(semaphore.acquire_many_blocking(PERMITS).expect("nobody closes it"));
        }
        is_over.store(1, SeqCst);
    });
}
