//! `Counter`, `Latch`, `WaitGroup`, `Event`, `Notify` of all, and what is closed: who waits goes on, and sees what
//! came before.

use crate::tasks::{block_on, poll_once};
use counterpoint::{
    sync::{
        Until,
        generic::{Counter, Event, Latch, Notify, Semaphore, WaitGroup},
    },
    verify::{
        scenario::{
            Runner::{Interleavings, Pct, Random, Threads},
            Scenario,
        },
        shim::{AtomicUsize, Ordering, UnsafeCell},
        spec::SequentialSpec,
    },
    wait::{self, Policy},
};
use serde::{Deserialize, Serialize};
use std::pin::pin;

/// What one side writes before it lets the other go on.
pub(crate) struct Written(UnsafeCell<u32>);

// SAFETY: it is read when its writer has let the reader go on; that is what the scenarios show.
unsafe impl Sync for Written {}

impl Written {
    pub(crate) fn new() -> Self {
        Written(UnsafeCell::new(0))
    }

    pub(crate) fn write(&self, value: u32) {
        // SAFETY: nobody reads yet.
        self.0.with_mut(|place| unsafe { *place = value });
    }

    pub(crate) fn read(&self) -> u32 {
        // SAFETY: nobody writes any more.
        self.0.with(|place| unsafe { *place })
    }
}

/// Somebody opens, several times if it must; who waits reads what was written before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
enum Asked {
    Write(u32),
    Open,
    Shut,
    /// Opens; who is the last to do so, of as many as are needed, reads.
    OpenAndRead,
    /// Reads, if it is open, in this way or in that.
    ReadNow(usize),
    /// Changes nothing, but looks who waits.
    Stir,
    /// As a thread, when it is open.
    Read,
    /// As a task that gives up once, when it is open.
    ReadAsTask,
}
use Asked::{Open, OpenAndRead, Read, ReadAsTask, ReadNow, Shut, Stir, Write};

/// Open when it was opened so often.
#[derive(Clone, Copy)]
struct Gate {
    needed: usize,
}

impl SequentialSpec for Gate {
    /// What was written, and how often it was opened.
    type State = (u32, usize);
    type Operation = Asked;
    type Result = u32;

    fn initial(&self) -> (u32, usize) {
        (0, 0)
    }

    fn step(
        &self,
        &(written, opened): &(u32, usize),
        asked: &Asked,
        _: Option<&u32>,
    ) -> impl IntoIterator<Item = (u32, (u32, usize))> {
        match *asked {
            Write(value) => Some((0, (value, opened))),
            Open => Some((0, (written, opened + 1))),
            OpenAndRead => {
                let is_last = opened + 1 == self.needed;
                Some((if is_last { written } else { 0 }, (written, opened + 1)))
            }
            ReadNow(_) => {
                Some((if opened >= self.needed { written } else { 0 }, (written, opened)))
            }
            Shut => Some((0, (written, 0))),
            Stir => Some((0, (written, opened))),
            Read | ReadAsTask => (opened >= self.needed).then_some((written, (written, opened))),
        }
    }
}

/// How each primitive opens.
trait Opens: Send + Sync + 'static {
    const NAME: &'static str;
    const NEEDED: usize = 1;
    fn new() -> Self;
    fn open(&self);
    fn shut(&self) {
        unreachable!("{} stays open", Self::NAME)
    }
    /// Opens it; whether it is open then.
    fn open_last(&self) -> bool {
        unreachable!("{} does not say", Self::NAME)
    }
    /// Whether it is open now.
    fn is_open_now(&self, _: usize) -> bool {
        unreachable!("{} is not asked", Self::NAME)
    }
    fn stir(&self) {
        unreachable!("{} is not stirred", Self::NAME)
    }
    fn wait_blocking(&self);
    fn wait(&self) -> impl Future<Output = ()>;
}

/// A semaphore that is empty opens when there are permits.
struct Granted<P: Policy>(Semaphore<P>);

impl<P: Policy> Opens for Granted<P> {
    const NAME: &'static str = "permits";
    fn new() -> Self {
        Granted(Semaphore::new(0))
    }
    fn open(&self) {
        self.0.add_permits(2);
    }
    fn is_open_now(&self, way: usize) -> bool {
        match way {
            0 => self.0.try_acquire_up_to(2).is_ok(),
            _ => self.0.forget_permits(1) == 1,
        }
    }
    fn wait_blocking(&self) {
        self.0.acquire_blocking().expect("nobody closes it").forget();
    }
    async fn wait(&self) {
        self.0.acquire().await.expect("nobody closes it").forget();
    }
}

/// A semaphore opens when it is closed.
impl<P: Policy> Opens for Semaphore<P> {
    const NAME: &'static str = "closed semaphore";
    fn new() -> Self {
        Semaphore::new(0)
    }
    fn open(&self) {
        self.close();
    }
    fn stir(&self) {
        self.add_permits(0);
    }
    fn wait_blocking(&self) {
        assert!(self.acquire_blocking().is_err(), "there are no permits");
    }
    async fn wait(&self) {
        assert!(self.acquire().await.is_err(), "there are no permits");
    }
}

impl<P: Policy> Opens for Counter<P> {
    const NAME: &'static str = "counter";
    fn new() -> Self {
        Counter::new(-1)
    }
    fn open(&self) {
        self.increment();
    }
    fn shut(&self) {
        self.swap(-1);
    }
    fn wait_blocking(&self) {
        self.wait_blocking(Until::Equal(0));
    }
    fn wait(&self) -> impl Future<Output = ()> {
        self.wait(Until::Equal(0))
    }
}

/// A counter, by predicates.
struct Predicate<P: Policy>(Counter<P>);

impl<P: Policy> Opens for Predicate<P> {
    const NAME: &'static str = "predicate";
    const NEEDED: usize = 2;
    fn new() -> Self {
        Predicate(Counter::new(-2))
    }
    fn open(&self) {
        self.0.increment();
    }
    fn open_last(&self) -> bool {
        self.0.increment() == 0
    }
    fn wait_blocking(&self) {
        assert!(self.0.wait_until_blocking(|value| value >= 0) >= 0);
    }
    async fn wait(&self) {
        assert!(self.0.wait_until(|value| value >= 0).await >= 0);
    }
}

impl<P: Policy> Opens for Latch<P> {
    const NAME: &'static str = "latch";
    const NEEDED: usize = 2;
    fn new() -> Self {
        Latch::new(2)
    }
    fn open(&self) {
        self.count_down();
    }
    fn wait_blocking(&self) {
        self.wait_blocking();
    }
    fn wait(&self) -> impl Future<Output = ()> {
        self.wait()
    }
}

impl<P: Policy> Opens for WaitGroup<P> {
    const NAME: &'static str = "wait group";
    const NEEDED: usize = 2;
    fn new() -> Self {
        let group = WaitGroup::new();
        group.add(2);
        group
    }
    fn open(&self) {
        self.done();
    }
    fn wait_blocking(&self) {
        self.wait_blocking();
    }
    fn wait(&self) -> impl Future<Output = ()> {
        self.wait()
    }
}

impl<P: Policy> Opens for Event<P> {
    const NAME: &'static str = "event";
    fn new() -> Self {
        Event::new()
    }
    fn open(&self) {
        self.set();
    }
    fn shut(&self) {
        self.reset();
    }
    fn wait_blocking(&self) {
        self.wait_blocking();
    }
    fn wait(&self) -> impl Future<Output = ()> {
        self.wait()
    }
}

/// A flag, and a notification of all. Who is notified looks at the flag without ordering: it is the
/// notification that orders.
struct Flagged<P: Policy> {
    flag: AtomicUsize,
    changed: Notify<P>,
}

impl<P: Policy> Flagged<P> {
    /// For who was not notified yet.
    fn is_open(&self) -> bool {
        // Acquire: what came before it was opened.
        self.flag.load(Ordering::Acquire) != 0
    }

    fn is_notified(&self) {
        // Relaxed: the notification orders.
        assert!(self.flag.load(Ordering::Relaxed) != 0, "notified before it was open");
    }
}

impl<P: Policy> Opens for Flagged<P> {
    const NAME: &'static str = "notify all";
    fn new() -> Self {
        Flagged { flag: AtomicUsize::new(0), changed: Notify::new() }
    }
    fn open(&self) {
        // Release: what came before.
        self.flag.fetch_add(1, Ordering::Release);
        self.changed.notify_all();
    }
    fn wait_blocking(&self) {
        let change = self.changed.wait();
        if !self.is_open() {
            change.wait_blocking();
            self.is_notified();
        }
    }
    async fn wait(&self) {
        let change = self.changed.wait();
        if !self.is_open() {
            change.await;
            self.is_notified();
        }
    }
}

struct Object<O> {
    opens: O,
    written: Written,
}

/// Declares the threads, and how many preemptions are affordable.
#[derive(Clone, Copy)]
struct Run(&'static str, &'static [&'static [Asked]], usize);

impl Run {
    fn of<O: Opens>(self, kind: &str) {
        let Run(name, threads, bound) = self;
        let make = || Object { opens: O::new(), written: Written::new() };
        let apply = |object: &Object<O>, asked: &Asked| {
            match *asked {
                Write(value) => object.written.write(value),
                Open => object.opens.open(),
                OpenAndRead => {
                    return if object.opens.open_last() { object.written.read() } else { 0 };
                }
                ReadNow(way) => {
                    let is_open = object.opens.is_open_now(way);
                    return if is_open { object.written.read() } else { 0 };
                }
                Shut => object.opens.shut(),
                Stir => object.opens.stir(),
                Read => {
                    object.opens.wait_blocking();
                    return object.written.read();
                }
                ReadAsTask => {
                    if poll_once(pin!(object.opens.wait())).is_none() {
                        block_on(pin!(object.opens.wait()));
                    }
                    return object.written.read();
                }
            }
            0
        };
        let spec = Gate { needed: O::NEEDED };
        let name = format!("{}: {name}, {kind}", O::NAME);
        let mut scenario = Scenario::new(name, spec, make, apply).bound(bound);
        for thread in threads {
            scenario = scenario.thread(thread.iter().copied());
        }
        match threads.len() {
            2 => scenario.weak_bound(1).loom_limit(500),
            _ => scenario.only([Interleavings, Random, Pct, Threads]),
        }
        .check();
    }
}

/// One opens, and one waits.
const ONE: [Run; 2] = [
    Run("a thread waits", &[&[Write(1), Open], &[Read]], 3),
    Run("a task waits", &[&[Write(1), Open], &[ReadAsTask]], 3),
];

/// One opens, and two wait.
const TWO: [Run; 1] =
    [Run("a thread and a task wait", &[&[Write(1), Open], &[Read], &[ReadAsTask]], 2)];

/// Two open.
const BOTH: [Run; 2] = [
    Run("a thread waits for two", &[&[Write(1), Open], &[Open], &[Read]], 2),
    Run("a task waits for two", &[&[Write(1), Open], &[Open], &[ReadAsTask]], 2),
];

#[test]
fn who_waits_for_a_count_sees_what_came_before() {
    for run in ONE.iter().chain(&TWO) {
        run.of::<Counter<wait::Threads>>("threads");
        #[cfg(feature = "critical-section")]
        run.of::<Counter<wait::Critical>>("critical section");
    }
}

#[test]
fn who_waits_for_a_predicate_sees_what_came_before() {
    for run in BOTH {
        run.of::<Predicate<wait::Threads>>("threads");
    }
}

/// Who changes a counter sees what those did who changed it before.
#[test]
fn who_is_the_last_to_change_a_count_sees_what_came_before() {
    let changes: [Run; 2] = [
        Run("the last one reads", &[&[Write(1), Open], &[OpenAndRead]], 3),
        Run("the last one reads, and one waits", &[&[Write(1), Open], &[OpenAndRead], &[Read]], 2),
    ];
    for run in changes {
        run.of::<Predicate<wait::Threads>>("threads");
    }
}

#[test]
fn a_latch_opens_when_all_have_counted_down() {
    for run in BOTH {
        run.of::<Latch<wait::Threads>>("threads");
    }
}

#[test]
fn a_wait_group_ends_when_all_members_are_done() {
    for run in BOTH {
        run.of::<WaitGroup<wait::Threads>>("threads");
    }
}

#[test]
fn who_waits_for_an_event_sees_what_came_before() {
    for run in ONE.iter().chain(&TWO) {
        run.of::<Event<wait::Threads>>("threads");
    }
}

/// Permits that were added hand on what came before, however they are taken.
#[test]
fn who_has_a_permit_that_was_added_sees_what_came_before() {
    let now: [Run; 2] = [
        Run("all that are there", &[&[Write(1), Open], &[ReadNow(0)]], 3),
        Run("one that is forgotten", &[&[Write(1), Open], &[ReadNow(1)]], 3),
    ];
    for run in ONE.iter().chain(&TWO).chain(&now) {
        run.of::<Granted<wait::Threads>>("threads");
    }
}

/// Whoever learns that it is closed sees what came before, also if it is told by another.
#[test]
fn who_waits_for_a_semaphore_that_is_closed_sees_what_came_before() {
    for run in ONE.iter().chain(&TWO) {
        run.of::<Semaphore<wait::Threads>>("threads");
    }
    let stirred = Run("told by another", &[&[Write(1), Open], &[Stir], &[Read]], 2);
    stirred.of::<Semaphore<wait::Threads>>("threads");
}

/// Whoever waited when it was set goes on though it is reset at once; the last one sets it again.
#[test]
fn a_pulse_reaches_who_waited() {
    let pulse = Run("a pulse, and one that waits", &[&[Open, Shut, Open], &[Read, ReadAsTask]], 3);
    pulse.of::<Event<wait::Threads>>("threads");
    pulse.of::<Counter<wait::Threads>>("threads");
}

#[test]
fn who_began_to_wait_misses_no_notification_of_all() {
    for run in ONE.iter().chain(&TWO) {
        run.of::<Flagged<wait::Threads>>("threads");
        #[cfg(feature = "critical-section")]
        run.of::<Flagged<wait::Critical>>("critical section");
    }
}
