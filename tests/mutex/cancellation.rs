//! Futures are polled once and dropped anywhere: no wake-up is lost, and nobody is left behind.

use crate::common::{Random, Task, scaled, seed};
use counterpoint::{
    sync::{Barging, Fair, Fairness, Lock, MutexGuard, generic::Mutex},
    wait::DefaultPolicy,
};
use std::task::Poll;

/// A mutex, who has it, and who waits.
struct World<'a, F: Fairness> {
    mutex: &'a Mutex<(), DefaultPolicy, F>,
    guard: Option<MutexGuard<'a, (), DefaultPolicy, F>>,
    waiting: Vec<Task<Lock<'a, (), DefaultPolicy, F>>>,
    cancelled: usize,
}

impl<'a, F: Fairness> World<'a, F> {
    fn new(mutex: &'a Mutex<(), DefaultPolicy, F>) -> Self {
        World { mutex, guard: None, waiting: Vec::new(), cancelled: 0 }
    }

    /// One step of somebody.
    fn step(&mut self, random: &mut Random) {
        let nth = random.below(self.waiting.len().max(1) as u64) as usize;
        let is_any = nth < self.waiting.len();
        match random.below(8) {
            0 | 1 if self.waiting.len() < 6 => {
                let mut task = Task::new(self.mutex.lock());
                match task.poll() {
                    Poll::Ready(guard) => self.has(guard),
                    Poll::Pending => self.waiting.push(task),
                }
            }
            2 | 3 if is_any => self.poll(nth),
            4 | 5 if is_any => {
                drop(self.waiting.swap_remove(nth));
                self.cancelled += 1;
            }
            6 => self.guard = None,
            7 => {
                if let Some(guard) = self.mutex.try_lock() {
                    self.has(guard);
                }
            }
            _ => {}
        }
    }

    fn has(&mut self, guard: MutexGuard<'a, (), DefaultPolicy, F>) {
        assert!(self.guard.replace(guard).is_none(), "two have the lock");
    }

    fn poll(&mut self, nth: usize) {
        if let Poll::Ready(guard) = self.waiting[nth].poll() {
            drop(self.waiting.swap_remove(nth));
            self.has(guard);
        }
    }

    /// While nobody has the lock, somebody who wants it knows that he shall come.
    fn is_well(&self) -> bool {
        self.guard.is_some()
            || self.waiting.is_empty()
            || self.waiting.iter().any(|task| task.is_woken())
    }

    /// All get the lock, if who is woken is polled.
    fn settle(&mut self) {
        while !self.waiting.is_empty() {
            self.guard = None;
            let woken = self.waiting.iter().position(Task::is_woken);
            self.poll(woken.expect("nobody has the lock, and nobody who waits was woken"));
        }
    }
}

fn futures_are_dropped_anywhere<F: Fairness>(name: &str) {
    let (seed, mut cancelled) = (seed(), 0);
    for round in 0..scaled(10_000) {
        let mut random = Random::new(seed, round);
        let mutex = Mutex::new(());
        let mut world = World::<F>::new(&mutex);
        for step in 0..400 {
            world.step(&mut random);
            assert!(world.is_well(), "{name}, round {round}, step {step}: a wake-up was lost");
        }
        world.settle();
        cancelled += world.cancelled;
        world.guard = None;
        assert!(mutex.try_lock().is_some(), "{name}, round {round}: it stays locked");
    }
    println!("{name}: {cancelled} cancellations, no wake-up lost");
}

#[test]
fn futures_are_dropped_anywhere_and_no_wake_up_is_lost() {
    futures_are_dropped_anywhere::<Barging>("mutex");
    futures_are_dropped_anywhere::<Fair>("fair mutex");
}

/// "Futurelock": a future that was woken, and that nobody polls, keeps the lock from nobody.
#[test]
fn a_future_that_nobody_polls_keeps_nobody_from_the_lock() {
    let mutex: Mutex<()> = Mutex::new(());
    let guard = mutex.try_lock().expect("it is free");
    let mut idle = Task::new(mutex.lock());
    assert!(idle.poll().is_pending());
    let mut behind = Task::new(mutex.lock());
    assert!(behind.poll().is_pending());
    drop(guard);
    assert!(idle.is_woken());
    // The same task takes it by another future, as `select` and `join` do.
    assert!(Task::new(mutex.lock()).poll().is_ready());
    // Who waits behind is woken after a bounded number of releases.
    let releases = (0..100).take_while(|_| {
        drop(mutex.try_lock().expect("nobody has it"));
        !behind.is_woken()
    });
    let releases = releases.count();
    assert!(releases <= 16, "not woken after {releases} releases");
    assert!(behind.poll().is_ready());
}

/// The one that was woken is not polled any more; another future of the task, which waited before the
/// release too, is.
#[test]
fn a_future_that_is_polled_takes_a_free_lock_though_another_was_woken() {
    let mutex: Mutex<()> = Mutex::new(());
    let guard = mutex.try_lock().expect("it is free");
    let mut idle = Task::new(mutex.lock());
    let mut polled = Task::new(mutex.lock());
    assert!(idle.poll().is_pending() && polled.poll().is_pending());
    drop(guard);
    assert!(idle.is_woken() && !polled.is_woken());
    assert!(polled.poll().is_ready());
    assert!(idle.poll().is_ready());
}

/// A task that loses again and again does not keep those behind it from being told.
#[test]
fn who_waits_behind_a_losing_task_is_told() {
    let mutex: Mutex<()> = Mutex::new(());
    let mut guard = mutex.try_lock().expect("it is free");
    let mut loser = Task::new(mutex.lock());
    let mut behind = Task::new(mutex.lock());
    assert!(loser.poll().is_pending() && behind.poll().is_pending());
    for losses in 0.. {
        assert!(losses < 100, "never told");
        drop(guard);
        if behind.is_woken() {
            break;
        }
        guard = mutex.try_lock().expect("it is free");
        assert!(loser.poll().is_pending());
    }
}

/// A task that lost often is given way to by those that come new, once.
#[test]
fn a_task_that_lost_often_is_given_way_to() {
    let mutex: Mutex<()> = Mutex::new(());
    let mut guard = mutex.try_lock().expect("it is free");
    let mut loser = Task::new(mutex.lock());
    assert!(loser.poll().is_pending());
    for losses in 0.. {
        assert!(losses < 100, "nobody gives way");
        drop(guard);
        assert!(loser.is_woken());
        let mut new = Task::new(mutex.lock());
        let Poll::Ready(taken) = new.poll() else {
            // It gave way: it is woken already, and takes the lock the next time.
            assert!(new.is_woken() && new.poll().is_ready());
            break;
        };
        guard = taken;
        assert!(loser.poll().is_pending());
    }
    assert!(loser.poll().is_ready());
    assert!(Task::new(mutex.lock()).poll().is_ready(), "there is nobody to give way to");
}

/// In a fair mutex the first to come is the first to have it, also if nobody polls it.
#[test]
fn a_fair_mutex_goes_to_who_came_first() {
    let mutex: Mutex<(), DefaultPolicy, Fair> = Mutex::new(());
    let guard = mutex.try_lock().expect("it is free");
    let mut first = Task::new(mutex.lock());
    let mut second = Task::new(mutex.lock());
    assert!(first.poll().is_pending() && second.poll().is_pending());
    drop(guard);
    assert!(first.is_woken() && !second.is_woken());
    assert!(mutex.try_lock().is_none() && second.poll().is_pending());
    // One that has been given it and goes hands it on.
    drop(first);
    assert!(second.is_woken());
    assert!(second.poll().is_ready());
}
