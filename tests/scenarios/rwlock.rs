//! `RwLock`: readers, writers, and those who go from one to the other or give up.

use crate::tasks::{block_on, poll_once};
use counterpoint::{
    sync::{
        OwnedRwLockWriteGuard, PhaseFair, Preference, ReaderPreferring, RwLockReadGuard,
        RwLockUpgradableReadGuard, RwLockWriteGuard, WriterPreferring, generic::RwLock,
    },
    verify::{
        scenario::{
            Runner::{Interleavings, Pct, Random, Threads},
            Scenario,
        },
        shim::UnsafeCell,
        spec::{
            Counter,
            counter::{
                Answer,
                Operation::{self, Add, FetchAdd, Get},
            },
        },
    },
    wait::{self, Policy},
};
use std::{pin::pin, sync::Arc};

/// A number that only a lock guards.
struct Number(UnsafeCell<i64>);

// SAFETY: a lock guards it; that is what is tested.
unsafe impl Sync for Number {}

impl Number {
    fn new() -> Self {
        Number(UnsafeCell::new(0))
    }

    /// For the writer.
    fn add(&mut self, more: i64) -> i64 {
        // SAFETY: it is borrowed exclusively.
        self.0.with_mut(|number| unsafe { std::mem::replace(&mut *number, *number + more) })
    }

    /// For a reader.
    fn get(&self) -> i64 {
        // SAFETY: it is borrowed, and changes through an exclusive reference alone.
        self.0.with(|number| unsafe { *number })
    }
}

type Lock<P, R> = RwLock<Number, P, R>;

/// What operations do.
#[derive(Clone, Copy)]
enum Kind {
    /// `Add` writes as a thread, `FetchAdd` as a task, and `Get` reads as a thread. `Add(0)` is a
    /// task that wants to write and gives up if it must wait; `FetchAdd(0)` one that wants to read,
    /// gives up, and reads as a task.
    Plain,
    /// `Add` and `FetchAdd` read, and then become the writer, as a thread and as a task. `FetchAdd(0)`
    /// gives up if it must wait for that.
    Upgrade,
    /// `FetchAdd` writes as a thread, and then becomes a reader.
    Downgrade,
    /// Every release is a fair one. `Add` writes as a thread, `FetchAdd` as a task; `Get` reads as a
    /// thread, or as a task if that need not wait. `FetchAdd(0)` reads as a thread that may become the writer.
    Fair,
}

fn run<P: Policy, R: Preference>(lock: &Lock<P, R>, kind: Kind, asked: Operation) -> Answer {
    match (kind, asked) {
        (Kind::Plain, Add(0)) => {
            if let Some(mut guard) = poll_once(pin!(lock.write())) {
                guard.add(0);
            }
            ().into()
        }
        (Kind::Plain, FetchAdd(0)) => match poll_once(pin!(lock.read())) {
            Some(guard) => guard.get().into(),
            None => block_on(pin!(lock.read())).get().into(),
        },
        (Kind::Plain, FetchAdd(more)) => block_on(pin!(lock.write())).add(more).into(),
        (Kind::Upgrade, Add(more)) => {
            let reader = lock.upgradable_read_blocking();
            let before = reader.get();
            let mut writer = RwLockUpgradableReadGuard::upgrade_blocking(reader);
            assert_eq!(writer.add(more), before, "somebody wrote in between");
            ().into()
        }
        (Kind::Upgrade, FetchAdd(more)) => {
            let reader = block_on(pin!(lock.upgradable_read()));
            let before = reader.get();
            if more == 0 {
                drop(poll_once(pin!(RwLockUpgradableReadGuard::upgrade(reader))));
                return before.into();
            }
            let mut writer = block_on(pin!(RwLockUpgradableReadGuard::upgrade(reader)));
            assert_eq!(writer.add(more), before, "somebody wrote in between");
            before.into()
        }
        (Kind::Downgrade, FetchAdd(more)) => {
            let mut writer = lock.write_blocking();
            let before = writer.add(more);
            let reader = RwLockWriteGuard::downgrade(writer);
            assert_eq!(reader.get(), before + more, "somebody wrote in between");
            before.into()
        }
        (Kind::Fair, Add(more)) => {
            let mut writer = lock.write_blocking();
            writer.add(more);
            RwLockWriteGuard::unlock_fair(writer);
            ().into()
        }
        (Kind::Fair, FetchAdd(0)) => {
            let reader = lock.upgradable_read_blocking();
            let seen = reader.get();
            RwLockUpgradableReadGuard::unlock_fair(reader);
            seen.into()
        }
        (Kind::Fair, FetchAdd(more)) => {
            let mut writer = block_on(pin!(lock.write()));
            let before = writer.add(more);
            RwLockWriteGuard::unlock_fair(writer);
            before.into()
        }
        (Kind::Fair, Get) => {
            // The future is gone when the thread blocks.
            let polled = poll_once(pin!(lock.read()));
            let reader = polled.unwrap_or_else(|| lock.read_blocking());
            let seen = reader.get();
            RwLockReadGuard::unlock_fair(reader);
            seen.into()
        }
        (_, Add(more)) => {
            lock.write_blocking().add(more);
            ().into()
        }
        (_, Get) => lock.read_blocking().get().into(),
    }
}

type Declared<P, R> = Scenario<Counter, Lock<P, R>>;

/// Declares the threads, and how many preemptions are affordable.
#[derive(Clone, Copy)]
struct Run(Kind, &'static [&'static [Operation]], Option<usize>);

impl Run {
    fn check<P: Policy, R: Preference>(self, name: &str, which: &str) {
        let Run(kind, threads, bound) = self;
        let make = || Lock::new(Number::new());
        let act = move |lock: &Lock<P, R>, asked: &Operation| run(lock, kind, *asked);
        let mut scenario: Declared<P, R> =
            Scenario::new(format!("read-write lock: {name}, {which}"), Counter, make, act);
        for thread in threads {
            scenario = scenario.thread(thread.iter().copied());
        }
        scenario = scenario.after([Get]);
        match bound {
            Some(bound) if threads.len() > 2 => {
                scenario.bound(bound).only([Interleavings, Random, Pct, Threads])
            }
            Some(bound) => scenario.bound(bound).weak_bound(1).loom_limit(500),
            None => scenario,
        }
        .check();
    }

    fn each(self, name: &str) {
        self.check::<wait::Threads, PhaseFair>(name, "phase-fair");
        self.check::<wait::Threads, ReaderPreferring>(name, "reader-preferring");
        self.check::<wait::Threads, WriterPreferring>(name, "writer-preferring");
        #[cfg(feature = "critical-section")]
        self.check::<wait::Critical, PhaseFair>(name, "critical section");
    }
}

#[test]
fn a_reader_and_a_writer_exclude_each_other() {
    Run(Kind::Plain, &[&[Add(1)], &[Get]], None).each("a reader and a writer");
}

#[test]
fn a_reader_and_a_writer_that_are_tasks_exclude_each_other() {
    Run(Kind::Plain, &[&[FetchAdd(1)], &[FetchAdd(0)]], Some(3)).each("two tasks");
}

#[test]
fn two_readers_and_a_writer() {
    Run(Kind::Plain, &[&[Get], &[Get], &[Add(1)]], Some(2)).each("two readers and a writer");
}

#[test]
fn a_reader_and_two_writers() {
    Run(Kind::Plain, &[&[Add(1)], &[FetchAdd(2)], &[Get]], Some(2))
        .each("a reader and two writers");
}

#[test]
fn a_task_that_reads_and_two_writers() {
    Run(Kind::Plain, &[&[Add(1)], &[FetchAdd(0)], &[Add(2)]], Some(2))
        .each("a task that reads and two writers");
}

#[test]
fn a_writer_that_gives_up_lets_readers_in() {
    Run(Kind::Plain, &[&[Get], &[Add(0)], &[Get]], Some(2)).each("a writer gives up");
    Run(Kind::Plain, &[&[Add(1)], &[Add(0)], &[Get]], Some(2)).each("one of two writers gives up");
}

#[test]
fn an_upgrade_excludes_readers() {
    Run(Kind::Upgrade, &[&[Add(1)], &[Get]], None).each("an upgrade and a reader");
    Run(Kind::Upgrade, &[&[FetchAdd(1)], &[Get]], Some(2)).each("a task's upgrade and a reader");
    // Whichever leaves last lets it go on, and hands on what the other did.
    Run(Kind::Upgrade, &[&[Add(1)], &[Get], &[Get]], Some(2)).each("an upgrade and two readers");
}

#[test]
fn upgrades_exclude_each_other() {
    Run(Kind::Upgrade, &[&[Add(1)], &[FetchAdd(2)]], Some(2)).each("two upgrades");
    Run(Kind::Upgrade, &[&[Add(1)], &[FetchAdd(2)], &[Get]], Some(1))
        .each("two upgrades and a reader");
}

#[test]
fn an_upgrade_that_gives_up_lets_readers_in() {
    Run(Kind::Upgrade, &[&[FetchAdd(0)], &[Get], &[Get]], Some(2)).each("an upgrade gives up");
}

#[test]
fn who_goes_on_as_a_reader_lets_readers_in() {
    Run(Kind::Downgrade, &[&[FetchAdd(1)], &[Get]], None).each("a downgrade and a reader");
    Run(Kind::Downgrade, &[&[FetchAdd(1)], &[Get], &[Add(2)]], Some(2))
        .each("a downgrade, a reader and a writer");
}

/// A lock that is locked at first, by a guard that some thread drops.
struct Held<P: Policy, R: Preference> {
    lock: Arc<Lock<P, R>>,
    guard: std::sync::Mutex<Option<OwnedRwLockWriteGuard<Number, P, R>>>,
}

fn released<P: Policy, R: Preference>(which: &str, threads: &[&[Operation]], bound: usize) {
    let make = || {
        let lock = Arc::new(Lock::new(Number::new()));
        let guard = std::sync::Mutex::new(lock.try_write_owned());
        Held { lock, guard }
    };
    let act = |held: &Held<P, R>, asked: &Operation| match *asked {
        Add(0) => {
            let guard = held.guard.lock().expect("nobody panics").take();
            drop(guard);
            ().into()
        }
        asked => run(&held.lock, Kind::Plain, asked),
    };
    let name = format!("read-write lock: a release and {threads:?}, {which}");
    let mut scenario = Scenario::new(name, Counter, make, act).thread([Add(0)]);
    for thread in threads {
        scenario = scenario.thread(thread.iter().copied());
    }
    scenario.after([Get]).bound(bound).only([Interleavings, Random, Pct, Threads]).check();
}

fn released_in_each(threads: &[&[Operation]], bound: usize) {
    released::<wait::Threads, PhaseFair>("phase-fair", threads, bound);
    released::<wait::Threads, ReaderPreferring>("reader-preferring", threads, 1);
    released::<wait::Threads, WriterPreferring>("writer-preferring", threads, 1);
    #[cfg(feature = "critical-section")]
    released::<wait::Critical, PhaseFair>("critical section", threads, 1);
}

/// Who is told may look just then by itself, take the lock, and leave it to another, who waits: all
/// that before the one who told has gone on.
#[test]
fn who_is_told_may_be_faster_than_who_tells() {
    released_in_each(&[&[Add(1)], &[Add(2)]], 2);
}

#[test]
fn a_writer_leaves_the_lock_to_a_reader_and_a_writer() {
    released_in_each(&[&[Get], &[Add(1)]], 1);
}

#[test]
fn a_writer_leaves_the_lock_to_tasks() {
    released::<wait::Threads, PhaseFair>("phase-fair", &[&[FetchAdd(0)], &[FetchAdd(1)]], 1);
}

#[test]
fn fair_releases_exclude_and_leave_nobody_behind() {
    Run(Kind::Fair, &[&[Add(1), Get], &[FetchAdd(2)]], Some(2)).each("fair releases");
    Run(Kind::Fair, &[&[Add(1)], &[Add(2)], &[Get]], Some(2)).each("fair releases of three");
}

/// A reader gives the lock to a writer, who comes after all that other readers did.
#[test]
fn who_is_given_the_lock_comes_after_other_readers() {
    Run(Kind::Fair, &[&[Get], &[Get], &[Add(1)]], Some(2)).each("readers that release fairly");
}

/// A writer gives the lock to an upgradable reader, beside whom others read what was written.
#[test]
fn who_reads_beside_who_was_given_the_lock_sees_what_came_before() {
    Run(Kind::Fair, &[&[Add(1)], &[FetchAdd(0)], &[Get]], Some(2))
        .each("a writer that releases fairly");
}

/// More readers than are told under one hold of the queue's lock, while a writer waits too.
#[test]
fn many_readers_enter_together() {
    let threads: &[&[Operation]] = &[&[Get], &[Get], &[FetchAdd(0)], &[Get], &[Add(1)]];
    let make = || {
        let lock = Arc::new(Lock::<wait::Threads, PhaseFair>::new(Number::new()));
        let guard = std::sync::Mutex::new(lock.try_write_owned());
        Held { lock, guard }
    };
    let act = |held: &Held<_, _>, asked: &Operation| match *asked {
        Add(0) => {
            drop(held.guard.lock().expect("nobody panics").take());
            ().into()
        }
        asked => run(&held.lock, Kind::Plain, asked),
    };
    let name = "read-write lock: a release, many readers, and a writer";
    let mut scenario = Scenario::new(name, Counter, make, act).thread([Add(0)]);
    for thread in threads {
        scenario = scenario.thread(thread.iter().copied());
    }
    scenario.any_outcome().schedules(2_000).only([Random, Pct, Threads]).check();
}

#[test]
fn many_threads_and_tasks() {
    fn many<P: Policy, R: Preference>(which: &str, kind: Kind) {
        let make = || Lock::<P, R>::new(Number::new());
        let act = move |lock: &Lock<P, R>, asked: &Operation| run(lock, kind, *asked);
        let name = format!("read-write lock: threads and tasks, {which}");
        Scenario::new(name, Counter, make, act)
            .thread([Add(1), Get, Add(1)])
            .thread([FetchAdd(1), FetchAdd(0), FetchAdd(1)])
            .thread([Get, Add(1), FetchAdd(0)])
            .thread([FetchAdd(0), Get, FetchAdd(1)])
            .any_outcome()
            .schedules(2_000)
            .only([Random, Pct, Threads])
            .check();
    }
    many::<wait::Threads, PhaseFair>("phase-fair", Kind::Plain);
    many::<wait::Threads, ReaderPreferring>("reader-preferring", Kind::Plain);
    many::<wait::Threads, WriterPreferring>("writer-preferring", Kind::Plain);
    many::<wait::Threads, PhaseFair>("upgrades", Kind::Upgrade);
    many::<wait::Threads, WriterPreferring>("upgrades, writer-preferring", Kind::Upgrade);
    many::<wait::Threads, PhaseFair>("downgrades", Kind::Downgrade);
    #[cfg(feature = "critical-section")]
    many::<wait::Critical, PhaseFair>("critical section", Kind::Plain);
}
