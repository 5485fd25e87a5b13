//! Futures are polled once and dropped anywhere: nobody who may go on is left behind.

use crate::common::{Random, Task, scaled, seed};
use counterpoint::{
    sync::{
        PhaseFair, Preference, ReadLock, ReaderPreferring, RwLockReadGuard,
        RwLockUpgradableReadGuard, RwLockWriteGuard, UpgradableReadLock, Upgrade, WriteLock,
        WriterPreferring, generic::RwLock,
    },
    wait::DefaultPolicy,
};
use std::task::Poll;

type Lock<R> = RwLock<(), DefaultPolicy, R>;

#[allow(dead_code, reason = "a reader's guard is kept, and dropped")]
enum Has<'a, R: Preference> {
    Read(RwLockReadGuard<'a, (), DefaultPolicy, R>),
    Write(RwLockWriteGuard<'a, (), DefaultPolicy, R>),
    Upgradable(RwLockUpgradableReadGuard<'a, (), DefaultPolicy, R>),
}

enum Waits<'a, R: Preference> {
    Read(Task<ReadLock<'a, (), DefaultPolicy, R>>),
    Write(Task<WriteLock<'a, (), DefaultPolicy, R>>),
    Upgradable(Task<UpgradableReadLock<'a, (), DefaultPolicy, R>>),
    Upgrade(Task<Upgrade<'a, (), DefaultPolicy, R>>),
}

impl<'a, R: Preference> Waits<'a, R> {
    fn poll(&mut self) -> Poll<Has<'a, R>> {
        match self {
            Waits::Read(task) => task.poll().map(Has::Read),
            Waits::Write(task) => task.poll().map(Has::Write),
            Waits::Upgradable(task) => task.poll().map(Has::Upgradable),
            Waits::Upgrade(task) => task.poll().map(Has::Write),
        }
    }

    fn is_woken(&self) -> bool {
        match self {
            Waits::Read(task) => task.is_woken(),
            Waits::Write(task) => task.is_woken(),
            Waits::Upgradable(task) => task.is_woken(),
            Waits::Upgrade(task) => task.is_woken(),
        }
    }
}

/// A lock, who has it, and who waits.
struct World<'a, R: Preference> {
    lock: &'a Lock<R>,
    has: Vec<Has<'a, R>>,
    waits: Vec<Waits<'a, R>>,
    cancelled: usize,
}

impl<'a, R: Preference> World<'a, R> {
    fn new(lock: &'a Lock<R>) -> Self {
        World { lock, has: Vec::new(), waits: Vec::new(), cancelled: 0 }
    }

    /// One step of somebody.
    fn step(&mut self, random: &mut Random) {
        let waiter = random.below(self.waits.len().max(1) as u64) as usize;
        let owner = random.below(self.has.len().max(1) as u64) as usize;
        match random.below(16) {
            0..=4 if self.waits.len() < 8 => {
                let new = match random.below(4) {
                    0 | 1 => Waits::Read(Task::new(self.lock.read())),
                    2 => Waits::Write(Task::new(self.lock.write())),
                    _ => Waits::Upgradable(Task::new(self.lock.upgradable_read())),
                };
                self.waits.push(new);
                self.poll(self.waits.len() - 1);
            }
            5..=7 if waiter < self.waits.len() => self.poll(waiter),
            8 | 9 if waiter < self.waits.len() => {
                drop(self.waits.swap_remove(waiter));
                self.cancelled += 1;
            }
            10 | 11 if owner < self.has.len() => drop(self.has.swap_remove(owner)),
            12 | 13 if owner < self.has.len() => {
                let has = self.has.swap_remove(owner);
                self.changes(has, random);
            }
            14 => {
                let has = match random.below(3) {
                    0 => self.lock.try_read().map(Has::Read),
                    1 => self.lock.try_write().map(Has::Write),
                    _ => self.lock.try_upgradable_read().map(Has::Upgradable),
                };
                self.has.extend(has);
            }
            _ => {}
        }
    }

    /// Somebody who has the lock goes on as something else.
    fn changes(&mut self, has: Has<'a, R>, random: &mut Random) {
        let has = match (has, random.below(3)) {
            (Has::Write(guard), 0) => Has::Read(RwLockWriteGuard::downgrade(guard)),
            (Has::Write(guard), 1) => {
                Has::Upgradable(RwLockWriteGuard::downgrade_to_upgradable(guard))
            }
            (Has::Upgradable(guard), 0) => Has::Read(RwLockUpgradableReadGuard::downgrade(guard)),
            (Has::Upgradable(guard), 1) => match RwLockUpgradableReadGuard::try_upgrade(guard) {
                Ok(guard) => Has::Write(guard),
                Err(guard) => Has::Upgradable(guard),
            },
            (Has::Upgradable(guard), _) => {
                self.waits
                    .push(Waits::Upgrade(Task::new(RwLockUpgradableReadGuard::upgrade(guard))));
                return self.poll(self.waits.len() - 1);
            }
            (has, _) => has,
        };
        self.has.push(has);
    }

    fn poll(&mut self, nth: usize) {
        if let Poll::Ready(has) = self.waits[nth].poll() {
            drop(self.waits.swap_remove(nth));
            self.has.push(has);
        }
    }

    fn owners(&self, which: fn(&Has<'a, R>) -> bool) -> usize {
        self.has.iter().filter(|has| which(has)).count()
    }

    /// Somebody waits so, and whether one of them was woken, and whether all were.
    fn waiters(&self, which: fn(&Waits<'a, R>) -> bool) -> (bool, bool, bool) {
        let these = || self.waits.iter().filter(|waits| which(waits));
        let any = these().any(Waits::is_woken);
        (these().next().is_some(), any, these().all(Waits::is_woken))
    }

    /// A writer is alone, and one reader alone is upgradable.
    fn is_exclusive(&self) -> bool {
        let writers = self.owners(|has| matches!(has, Has::Write(_)));
        let upgrades = self.waits.iter().filter(|waits| matches!(waits, Waits::Upgrade(_))).count();
        let upgradable = self.owners(|has| matches!(has, Has::Upgradable(_))) + upgrades;
        let all = self.has.len() + upgrades;
        let readers = all - writers;
        (writers == 0 || writers == 1 && all == 1)
            && upgradable <= 1
            && self.lock.reader_count() == readers
            && self.lock.is_write_locked() == (writers == 1)
    }

    /// Whoever could go on knows that it shall come, or somebody whom it waits for.
    fn is_well(&self) -> bool {
        let (upgrades, is_woken, _) = self.waiters(|waits| matches!(waits, Waits::Upgrade(_)));
        if upgrades {
            let is_read = self.owners(|has| matches!(has, Has::Read(_))) > 0;
            return is_read || is_woken;
        }
        let is_any_woken = self.waits.iter().any(Waits::is_woken);
        if self.has.is_empty() && !self.waits.is_empty() && !is_any_woken {
            return false;
        }
        let is_written = self.owners(|has| matches!(has, Has::Write(_))) > 0;
        let (writers, ..) = self.waiters(|waits| matches!(waits, Waits::Write(_)));
        if is_written || writers {
            return true;
        }
        // Nobody writes, and nobody waits to write.
        let (_, _, all_readers) = self.waiters(|waits| matches!(waits, Waits::Read(_)));
        let (waits, is_one_woken, _) = self.waiters(|waits| matches!(waits, Waits::Upgradable(_)));
        let is_upgradable = self.owners(|has| matches!(has, Has::Upgradable(_))) > 0;
        all_readers && (!waits || is_upgradable || is_one_woken)
    }

    /// All get the lock, if who is woken is polled.
    fn settle(&mut self) {
        while !self.waits.is_empty() {
            self.has.clear();
            let woken = self.waits.iter().position(Waits::is_woken);
            self.poll(woken.expect("nobody has the lock, and nobody who waits was woken"));
        }
        self.has.clear();
    }
}

fn futures_are_dropped_anywhere<R: Preference>(name: &str) {
    let (seed, mut cancelled) = (seed(), 0);
    for round in 0..scaled(10_000) {
        let mut random = Random::new(seed, round);
        let lock = Lock::<R>::new(());
        let mut world = World::new(&lock);
        for step in 0..400 {
            world.step(&mut random);
            assert!(world.is_exclusive(), "{name}, round {round}, step {step}: two have the lock");
            assert!(world.is_well(), "{name}, round {round}, step {step}: a wake-up was lost");
        }
        world.settle();
        cancelled += world.cancelled;
        drop(world);
        assert!(!lock.is_locked(), "{name}, round {round}: it stays locked");
        // What was left of those who waited bars nobody for ever.
        for _ in 0..20 {
            drop(lock.try_read());
        }
        let readers = [(); 2].map(|()| lock.try_read());
        assert!(readers.iter().all(Option::is_some), "{name}, round {round}: readers are barred");
        drop(readers);
        assert!(lock.try_write().is_some(), "{name}, round {round}: writers are barred");
    }
    println!("{name}: {cancelled} cancellations, no wake-up lost");
}

#[test]
fn futures_are_dropped_anywhere_and_no_wake_up_is_lost() {
    futures_are_dropped_anywhere::<PhaseFair>("phase-fair");
    futures_are_dropped_anywhere::<ReaderPreferring>("reader-preferring");
    futures_are_dropped_anywhere::<WriterPreferring>("writer-preferring");
}

/// "Futurelock": a future that was woken, and that nobody polls, keeps the lock from nobody.
#[test]
fn a_writer_that_nobody_polls_keeps_nobody_from_the_lock() {
    let lock: RwLock<()> = RwLock::new(());
    let reader = lock.try_read().expect("it is free");
    let mut idle = Task::new(lock.write());
    assert!(idle.poll().is_pending());
    let mut behind = Task::new(lock.write());
    assert!(behind.poll().is_pending());
    drop(reader);
    assert!(idle.is_woken() && !behind.is_woken());
    // The same task goes on by other futures, as `select` and `join` do: a reader gives way once.
    let mut read = Task::new(lock.read());
    assert!(read.poll().is_pending() && read.is_woken() && read.poll().is_ready());
    assert!(Task::new(lock.write()).poll().is_ready());
    drop(lock.read_blocking());
    drop(lock.write_blocking());
    drop(lock.upgradable_read_blocking());
    if cfg!(feature = "engine") {
        // Two releases pass there, which have been above.
        return;
    }
    // Who waits behind is woken after a bounded number of releases, of readers that overlap too.
    let mut reader = lock.try_read().expect("nobody has it");
    let mut releases = 0;
    while let Some(next) = lock.try_read() {
        reader = next;
        releases += 1;
        assert!(releases <= 16, "readers pass for ever");
    }
    drop(reader);
    assert!(behind.is_woken() && behind.poll().is_ready());
    assert!(idle.poll().is_ready());
}

#[test]
fn a_woken_writer_that_is_never_polled_bars_readers_for_a_bounded_number_of_releases() {
    let lock: RwLock<()> = RwLock::new(());
    let reader = lock.try_read().expect("it is free");
    let mut idle = Task::new(lock.write());
    assert!(idle.poll().is_pending());
    drop(reader);
    assert!(idle.is_woken());
    for _ in 0..16 {
        drop(lock.try_read().expect("nobody has it"));
    }
    assert!(Task::new(lock.read()).poll().is_ready(), "readers give way for ever");
}

/// A reader that was let in, and that nobody polls, keeps no writer out.
#[test]
fn a_reader_that_nobody_polls_keeps_nobody_from_the_lock() {
    let lock: RwLock<()> = RwLock::new(());
    let writer = lock.try_write().expect("it is free");
    let mut idle = Task::new(lock.read());
    let mut next = Task::new(lock.write());
    assert!(idle.poll().is_pending() && next.poll().is_pending());
    drop(writer);
    assert!(idle.is_woken() && next.is_woken());
    assert!(next.poll().is_ready());
    assert!(idle.poll().is_ready());
}

/// The one that was woken is not polled any more; another future of the task, which waited before the
/// release too, is.
#[test]
fn a_future_that_is_polled_takes_a_free_lock_though_another_was_woken() {
    let lock: RwLock<()> = RwLock::new(());
    let reader = lock.try_read().expect("it is free");
    let mut idle = Task::new(lock.write());
    let mut polled = Task::new(lock.read());
    let mut writer = Task::new(lock.write());
    assert!(idle.poll().is_pending() && polled.poll().is_pending() && writer.poll().is_pending());
    drop(reader);
    assert!(idle.is_woken() && !polled.is_woken() && !writer.is_woken());
    assert!(polled.poll().is_ready());
    assert!(writer.poll().is_ready());
    assert!(idle.poll().is_ready());
}

#[test]
fn readers_that_waited_for_a_writer_that_gives_up_are_let_in() {
    let lock: RwLock<()> = RwLock::new(());
    let reader = lock.try_read().expect("it is free");
    let mut writer = Task::new(lock.write());
    let mut behind = [(); 3].map(|()| Task::new(lock.read()));
    assert!(writer.poll().is_pending() && behind.iter_mut().all(|read| read.poll().is_pending()));
    drop(writer);
    assert!(behind.iter().all(Task::is_woken));
    let guards = behind.each_mut().map(Task::poll);
    assert!(guards.iter().all(std::task::Poll::is_ready));
    drop(reader);
}
