//! Futures are polled once and dropped anywhere: no permit and no wake-up is lost.

use crate::common::{Random, Task, scaled, seed};
use counterpoint::{
    sync::{AcquirePermits, Barging, Fair, Fairness, SemaphorePermit, generic::Semaphore},
    wait::DefaultPolicy,
};
use std::task::Poll;

const PERMITS: usize = 4;

/// A semaphore, who has permits, and who waits for how many.
struct World<'a, F: Fairness> {
    semaphore: &'a Semaphore<DefaultPolicy, F>,
    held: Vec<SemaphorePermit<'a, DefaultPolicy, F>>,
    waiting: Vec<(usize, Task<AcquirePermits<'a, DefaultPolicy, F>>)>,
    cancelled: usize,
}

impl<'a, F: Fairness> World<'a, F> {
    fn new(semaphore: &'a Semaphore<DefaultPolicy, F>) -> Self {
        World { semaphore, held: Vec::new(), waiting: Vec::new(), cancelled: 0 }
    }

    /// One step of somebody.
    fn step(&mut self, random: &mut Random) {
        let nth = random.below(self.waiting.len().max(1) as u64) as usize;
        let is_any = nth < self.waiting.len();
        match random.below(9) {
            0 | 1 if self.waiting.len() < 6 => {
                let want = 1 + random.below(PERMITS as u64) as usize;
                self.waiting.push((want, Task::new(self.semaphore.acquire_many(want))));
                self.poll(self.waiting.len() - 1);
            }
            2 | 3 if is_any => self.poll(nth),
            4 | 5 if is_any => {
                drop(self.waiting.swap_remove(nth));
                self.cancelled += 1;
            }
            6 => drop(self.held.pop()),
            7 => self.held.extend(self.semaphore.try_acquire().ok()),
            8 => {
                // A part of what somebody has.
                if let Some(held) = self.held.last_mut() {
                    drop(held.split(1));
                }
            }
            _ => {}
        }
    }

    fn poll(&mut self, nth: usize) {
        if let Poll::Ready(permit) = self.waiting[nth].1.poll() {
            self.held.push(permit.expect("nobody closes it"));
            drop(self.waiting.swap_remove(nth));
        }
    }

    fn held(&self) -> usize {
        self.held.iter().map(SemaphorePermit::num_permits).sum()
    }

    /// Whoever is first in the queue can be satisfied if everybody can.
    fn is_well(&self) -> bool {
        let most = self.waiting.iter().map(|(want, _)| *want).max();
        most.is_none_or(|most| self.semaphore.available_permits() < most)
            || self.waiting.iter().any(|(_, task)| task.is_woken())
    }

    /// All get their permits, if who is woken is polled and who has some gives them back.
    fn settle(&mut self) {
        while !self.waiting.is_empty() {
            match self.waiting.iter().position(|(_, task)| task.is_woken()) {
                Some(woken) => self.poll(woken),
                None => drop(self.held.pop().expect("nobody has permits, and nobody was woken")),
            }
        }
    }
}

fn futures_are_dropped_anywhere<F: Fairness>(name: &str) {
    let (seed, mut cancelled) = (seed(), 0);
    for round in 0..scaled(10_000) {
        let mut random = Random::new(seed, round);
        let semaphore = Semaphore::new(PERMITS);
        let mut world = World::<F>::new(&semaphore);
        for step in 0..400 {
            world.step(&mut random);
            assert!(world.is_well(), "{name}, round {round}, step {step}: a wake-up was lost");
            let there = world.held() + semaphore.available_permits();
            // Those that were handed to a future that has yet to be polled are neither.
            assert!(
                there == PERMITS || (F::HANDS_OVER && there < PERMITS),
                "{name}: {there} permits"
            );
        }
        world.settle();
        cancelled += world.cancelled;
        world.held.clear();
        assert_eq!(
            semaphore.available_permits(),
            PERMITS,
            "{name}, round {round}: permits are gone"
        );
    }
    println!("{name}: {cancelled} cancellations, no permit and no wake-up lost");
}

#[test]
fn futures_are_dropped_anywhere_and_no_permit_is_lost() {
    futures_are_dropped_anywhere::<Barging>("semaphore");
    futures_are_dropped_anywhere::<Fair>("fair semaphore");
}

/// A large request in front keeps small ones behind it waiting; when it goes, they go on.
#[test]
fn who_waits_behind_a_large_request_goes_on_when_it_leaves() {
    fn leaves<F: Fairness>() {
        let semaphore: Semaphore<DefaultPolicy, F> = Semaphore::new(2);
        let one = semaphore.try_acquire().expect("there are two");
        let mut large = Task::new(semaphore.acquire_many(2));
        let mut small = Task::new(semaphore.acquire());
        assert!(large.poll().is_pending());
        if F::HANDS_OVER {
            assert!(small.poll().is_pending(), "there is one, but it is not its turn");
            drop(large);
            assert!(small.is_woken() && small.poll().is_ready());
            return;
        }
        // In a barging one it must come late to wait.
        let two = semaphore.try_acquire().expect("there is one");
        assert!(small.poll().is_pending());
        drop(two);
        assert!(!large.is_woken() && !small.is_woken(), "the first one wants two");
        drop(large);
        assert!(small.is_woken() && small.poll().is_ready());
        drop(one);
    }
    leaves::<Barging>();
    leaves::<Fair>();
}

/// "Futurelock": a future that was woken, and that nobody polls, keeps permits from nobody.
#[test]
fn a_future_that_nobody_polls_keeps_permits_from_nobody() {
    let semaphore: Semaphore = Semaphore::new(1);
    let permit = semaphore.try_acquire().expect("there is one");
    let mut idle = Task::new(semaphore.acquire());
    let mut behind = Task::new(semaphore.acquire());
    assert!(idle.poll().is_pending() && behind.poll().is_pending());
    drop(permit);
    assert!(idle.is_woken() && !behind.is_woken());
    // The same task takes it by another future, as `select` and `join` do.
    assert!(Task::new(semaphore.acquire()).poll().is_ready());
    // Who waits behind is woken after a bounded number of releases.
    let releases = (0..100).take_while(|_| {
        drop(semaphore.try_acquire().expect("nobody has it"));
        !behind.is_woken()
    });
    let releases = releases.count();
    assert!(releases <= 16, "not woken after {releases} releases");
    assert!(behind.poll().is_ready());
}

/// One permit that comes and goes does not wake all who wait for it.
#[test]
fn a_permit_that_comes_and_goes_wakes_few() {
    let semaphore: Semaphore = Semaphore::new(1);
    let permit = semaphore.try_acquire();
    let mut waiting: Vec<_> = (0..50).map(|_| Task::new(semaphore.acquire())).collect();
    assert!(waiting.iter_mut().all(|task| task.poll().is_pending()));
    drop(permit);
    for _ in 0..20 {
        drop(semaphore.try_acquire().expect("nobody has it"));
    }
    let woken = waiting.iter().filter(|task| task.is_woken()).count();
    // In a build for models a woken task is hardly waited for.
    let most = if cfg!(feature = "engine") { 50 } else { 4 };
    assert!((1..=most).contains(&woken), "{woken} were woken for one permit");
}

/// Many permits at once wake as many as they satisfy, more than one batch.
#[test]
fn many_permits_wake_as_many_as_they_satisfy() {
    fn wakes<F: Fairness>() {
        let semaphore: Semaphore<DefaultPolicy, F> = Semaphore::new(0);
        let mut waiting: Vec<_> = (0..100).map(|_| Task::new(semaphore.acquire())).collect();
        assert!(waiting.iter_mut().all(|task| task.poll().is_pending()));
        semaphore.add_permits(70);
        assert!(
            waiting[..70].iter().all(Task::is_woken) && !waiting[70..].iter().any(Task::is_woken)
        );
        let permits: Vec<_> = waiting[..70].iter_mut().map(Task::poll).collect();
        assert!(permits.iter().all(Poll::is_ready));
    }
    wakes::<Barging>();
    wakes::<Fair>();
}

/// A task that loses again and again does not keep those behind it from being told.
#[test]
fn who_waits_behind_a_losing_task_is_told() {
    let semaphore: Semaphore = Semaphore::new(1);
    let mut permit = semaphore.try_acquire();
    let mut loser = Task::new(semaphore.acquire());
    let mut behind = Task::new(semaphore.acquire());
    assert!(loser.poll().is_pending() && behind.poll().is_pending());
    for losses in 0.. {
        assert!(losses < 100, "never told");
        drop(permit);
        if behind.is_woken() {
            break;
        }
        permit = semaphore.try_acquire();
        assert!(permit.is_ok() && loser.poll().is_pending());
    }
}

/// A task that lost often is given way to by those that come new, once.
#[test]
fn a_task_that_lost_often_is_given_way_to() {
    let semaphore: Semaphore = Semaphore::new(1);
    let mut permit = semaphore.try_acquire();
    let mut loser = Task::new(semaphore.acquire());
    assert!(loser.poll().is_pending());
    for losses in 0.. {
        assert!(losses < 100, "nobody gives way");
        drop(permit);
        assert!(loser.is_woken());
        let mut new = Task::new(semaphore.acquire());
        if new.poll().is_pending() {
            // It gave way: it is woken already, and takes the permit the next time.
            assert!(new.is_woken() && new.poll().is_ready());
            break;
        }
        permit = semaphore.try_acquire();
        drop(new);
        if permit.is_err() {
            permit = semaphore.try_acquire();
        }
        assert!(permit.is_ok() && loser.poll().is_pending());
    }
    assert!(loser.poll().is_ready());
    assert!(Task::new(semaphore.acquire()).poll().is_ready(), "there is nobody to give way to");
}

/// As many as there are, however they come and go: never none if there is one.
#[test]
fn who_takes_what_is_there_takes_it_all() {
    let semaphore: Semaphore = Semaphore::new(3);
    let some = semaphore.try_acquire_up_to(2).expect("there are three");
    let rest = semaphore.try_acquire_up_to(2).expect("there is one");
    assert_eq!((some.num_permits(), rest.num_permits()), (2, 1));
    assert!(semaphore.try_acquire_up_to(2).is_err());
}
