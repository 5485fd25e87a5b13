//! Threads and tasks on real threads.

use crate::common::{Random, THREADS, Task, block_on, scaled, seed};
use counterpoint::{
    sync::{Barging, Fair, Fairness, generic::Mutex},
    wait::{DefaultPolicy, Policy, Spin},
};
use std::{task::Poll, thread, time::Duration};

/// Every form at once; some give up. What was added is there, and everybody comes to an end.
fn nothing_is_lost<P: Policy, F: Fairness>(
    give_up: impl Fn(&Mutex<u64, P, F>, u64) -> bool + Sync,
) {
    let seed = seed();
    let mutex: Mutex<u64, P, F> = Mutex::new(0);
    let added: u64 = thread::scope(|scope| {
        let workers = (0..THREADS).map(|worker| {
            let (mutex, give_up) = (&mutex, &give_up);
            scope.spawn(move || {
                let mut random = Random::new(seed, worker);
                let mut added = 0;
                for _ in 0..scaled(20_000) {
                    added += match random.below(5) {
                        0 | 1 => {
                            *mutex.lock_blocking() += 1;
                            1
                        }
                        2 => {
                            *block_on(mutex.lock()) += 1;
                            1
                        }
                        3 => match Task::new(mutex.lock()).poll() {
                            Poll::Ready(mut guard) => {
                                *guard += 1;
                                1
                            }
                            Poll::Pending => 0,
                        },
                        _ => u64::from(give_up(mutex, random.below(50))),
                    };
                }
                added
            })
        });
        let workers: Vec<_> = workers.collect();
        workers.into_iter().map(|worker| worker.join().expect("a worker ends")).sum()
    });
    assert_eq!(*mutex.try_lock().expect("all have unlocked"), added);
}

#[test]
fn no_addition_and_no_wake_up_is_lost() {
    let until = |mutex: &Mutex<u64>, micros| {
        mutex.lock_timeout(Duration::from_micros(micros)).is_some_and(|mut guard| {
            *guard += 1;
            true
        })
    };
    nothing_is_lost::<DefaultPolicy, Barging>(until);
}

#[test]
fn no_addition_and_no_wake_up_is_lost_fairly() {
    let until = |mutex: &Mutex<u64, DefaultPolicy, Fair>, micros| {
        mutex.lock_timeout(Duration::from_micros(micros)).is_some_and(|mut guard| {
            *guard += 1;
            true
        })
    };
    nothing_is_lost::<DefaultPolicy, Fair>(until);
}

fn once<P: Policy>(mutex: &Mutex<u64, P>) -> bool {
    mutex.try_lock().is_some_and(|mut guard| {
        *guard += 1;
        true
    })
}

#[test]
fn no_addition_is_lost_without_a_system() {
    nothing_is_lost::<Spin, Barging>(|mutex, _| once(mutex));
}

#[test]
#[cfg(feature = "critical-section")]
fn no_addition_is_lost_in_critical_sections() {
    nothing_is_lost::<counterpoint::wait::Critical, Barging>(|mutex, _| once(mutex));
}
