//! Selects are polled once and dropped anywhere: nothing is lost, and nothing comes twice.

use crate::common::{Random, Task, scaled, seed};
use counterpoint::{
    select::{Select, Selected},
    sync::{
        AcquireError, AcquirePermits, Barging, Fair, Fairness, Lock, MutexGuard, Notified, Notify,
        SemaphorePermit,
        generic::{Mutex, Semaphore},
    },
    wait::DefaultPolicy as P,
};
use std::task::Poll;

type Operations<'a, F> = (Lock<'a, (), P, F>, AcquirePermits<'a, P, F>, Notified<'a>);
type Got<'a, F> =
    Selected<MutexGuard<'a, (), P, F>, Result<SemaphorePermit<'a, P, F>, AcquireError>, ()>;

/// What is shared, who has some of it, and who selects.
struct World<'a, F: Fairness> {
    mutex: &'a Mutex<(), P, F>,
    semaphore: &'a Semaphore<P, F>,
    notify: &'a Notify,
    held: Vec<Got<'a, F>>,
    /// Each with how many permits it would have.
    selects: Vec<(usize, Task<Select<Operations<'a, F>>>)>,
    notified: usize,
    cancelled: usize,
}

const PERMITS: usize = 2;

impl<F: Fairness> World<'_, F> {
    fn step(&mut self, random: &mut Random) {
        let nth = random.below(self.selects.len().max(1) as u64) as usize;
        let is_any = nth < self.selects.len();
        match random.below(9) {
            0 | 1 if self.selects.len() < 6 => {
                let want = 1 + random.below(PERMITS as u64) as usize;
                let operations =
                    (self.mutex.lock(), self.semaphore.acquire_many(want), self.notify.wait());
                self.selects.push((want, Task::new(Select::new(operations))));
                self.poll(self.selects.len() - 1);
            }
            2 | 3 if is_any => self.poll(nth),
            4 if is_any => {
                drop(self.selects.swap_remove(nth));
                self.cancelled += 1;
            }
            5 | 6 if !self.held.is_empty() => {
                let nth = random.below(self.held.len() as u64) as usize;
                drop(self.held.swap_remove(nth));
            }
            7 if self.notified == 0 => {
                self.notified = 1;
                self.notify.notify_one();
            }
            _ => {}
        }
    }

    fn poll(&mut self, nth: usize) {
        if let Poll::Ready(got) = self.selects[nth].1.poll() {
            drop(self.selects.swap_remove(nth));
            self.got(got);
        }
    }
}

impl<'a, F: Fairness> World<'a, F> {
    fn got(&mut self, got: Got<'a, F>) {
        match got {
            Selected::Third(()) => {
                assert_eq!(self.notified, 1, "a notification came twice");
                self.notified = 0;
            }
            Selected::Second(permit) => {
                self.held.push(Selected::Second(Ok(permit.expect("nobody closes it"))));
            }
            guard => self.held.push(guard),
        }
    }

    /// If nobody was woken, nobody could go on.
    fn is_well(&self) -> bool {
        let is_any_woken = self.selects.iter().any(|(_, select)| select.is_woken());
        let most = self.selects.iter().map(|(want, _)| *want).max();
        let is_nothing_there = self.mutex.is_locked()
            && most.is_none_or(|most| self.semaphore.available_permits() < most)
            && self.notified == 0;
        self.selects.is_empty() || is_any_woken || is_nothing_there
    }
}

fn selects_are_dropped_anywhere<F: Fairness>(name: &str) {
    let (seed, mut cancelled) = (seed(), 0);
    for round in 0..scaled(5_000) {
        let mut random = Random::new(seed, round);
        let (mutex, semaphore, notify) = (Mutex::new(()), Semaphore::new(PERMITS), Notify::new());
        let (held, selects) = (Vec::new(), Vec::new());
        let (mutex, semaphore, notify) = (&mutex, &semaphore, &notify);
        let mut world =
            World::<F> { mutex, semaphore, notify, held, selects, notified: 0, cancelled: 0 };
        for step in 0..400 {
            world.step(&mut random);
            assert!(world.is_well(), "{name}, round {round}, step {step}: a wake-up was lost");
        }
        cancelled += world.cancelled;
        world.selects.clear();
        world.held.clear();
        assert!(!mutex.is_locked(), "{name}, round {round}: the lock is gone");
        assert_eq!(semaphore.available_permits(), PERMITS, "{name}, round {round}: permits");
        assert_eq!(notify.try_wait(), world.notified == 1, "{name}, round {round}: notifications");
    }
    println!("{name}: {cancelled} cancellations, nothing lost");
}

#[test]
fn selects_are_dropped_anywhere_and_nothing_is_lost() {
    selects_are_dropped_anywhere::<Barging>("select, barging");
    selects_are_dropped_anywhere::<Fair>("select, fair");
}
