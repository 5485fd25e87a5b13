//! `Select`: a group is decided once, and what it has no use for goes to others.

use crate::tasks::{block_on, poll_once};
use counterpoint::{
    select::{Operation, Select, Selected, other},
    sync::{
        Barging, Fair, Fairness, OwnedMutexGuard,
        generic::{FairMutex, Mutex, Notify, Semaphore},
    },
    verify::{
        scenario::{
            Runner::{Interleavings, Pct, Random, Threads},
            Scenario,
        },
        shim::{AtomicUsize, Ordering, UnsafeCell, hint::spin_loop},
        spec::SequentialSpec,
    },
    wait::{self, Policy},
};
use serde::{Deserialize, Serialize};
use std::{
    future::poll_fn,
    mem,
    pin::pin,
    sync::{Arc, PoisonError},
    task::{Poll, Waker},
};

/// Things are put in two places, and one is taken from either.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
enum Thing {
    PutOne,
    PutTwo,
    /// By a task that selects, the first place first.
    Take,
    /// The second one first.
    TakeBack,
    /// By a thread.
    TakeBlocking,
    /// From the second place, by a task that does not select.
    TakeTwo,
    /// By a task that selects, and gives up if it must wait; puts back what it gets.
    GiveUp,
    /// What is left.
    Look,
}
use Thing::*;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
enum Answer {
    Done,
    One,
    Two,
    Left(usize, usize),
}

struct Places;

impl SequentialSpec for Places {
    type State = (usize, usize);
    type Operation = Thing;
    type Result = Answer;

    fn initial(&self) -> (usize, usize) {
        (0, 0)
    }

    fn step(
        &self,
        &(one, two): &(usize, usize),
        asked: &Thing,
        _: Option<&Answer>,
    ) -> impl IntoIterator<Item = (Answer, (usize, usize))> {
        let from_one = one.checked_sub(1).map(|left| (Answer::One, (left, two)));
        let from_two = two.checked_sub(1).map(|left| (Answer::Two, (one, left)));
        let next: [Option<_>; 2] = match asked {
            PutOne => [Some((Answer::Done, (one + 1, two))), None],
            PutTwo => [Some((Answer::Done, (one, two + 1))), None],
            Take | TakeBack | TakeBlocking => [from_one, from_two],
            TakeTwo => [None, from_two],
            GiveUp => [Some((Answer::Done, (one, two))), None],
            Look => [Some((Answer::Left(one, two), (one, two))), None],
        };
        next.into_iter().flatten()
    }
}

/// Where things are put.
trait Place: Send + Sync {
    /// Without a thing.
    fn new() -> Self;
    fn put(&self);
    /// What is got is a thing, which is put back when it is dropped, if `is_kept` does not say otherwise.
    type Got<'a>
    where
        Self: 'a;
    fn take(&self) -> impl Operation<Output = Self::Got<'_>>;
    fn keep(got: Self::Got<'_>);
    fn put_back(&self, got: Self::Got<'_>) {
        drop((self, got));
    }
    /// How many there are, when nobody takes.
    fn left(&self) -> usize;
}

impl<P: Policy, F: Fairness> Place for Semaphore<P, F> {
    type Got<'a> =
        Result<counterpoint::sync::SemaphorePermit<'a, P, F>, counterpoint::sync::AcquireError>;

    fn new() -> Self {
        Semaphore::new(0)
    }

    fn put(&self) {
        self.add_permits(1);
    }

    fn take(&self) -> impl Operation<Output = Self::Got<'_>> {
        self.acquire()
    }

    fn keep(got: Self::Got<'_>) {
        got.expect("nobody closes it").forget();
    }

    fn left(&self) -> usize {
        self.available_permits()
    }
}

impl<P: Policy> Place for Notify<P> {
    type Got<'a> = ();

    fn new() -> Self {
        Notify::new()
    }

    fn put(&self) {
        self.notify_one();
    }

    fn take(&self) -> impl Operation<Output = ()> {
        self.wait()
    }

    fn keep((): ()) {}

    fn put_back(&self, (): ()) {
        self.notify_one();
    }

    fn left(&self) -> usize {
        usize::from(self.try_wait())
    }
}

/// A lock that is a thing when it is free.
struct Door<P: Policy> {
    mutex: Arc<FairMutex<(), P>>,
    guard: std::sync::Mutex<Option<OwnedMutexGuard<(), P, Fair>>>,
}

impl<P: Policy> Place for Door<P> {
    type Got<'a> = OwnedMutexGuard<(), P, Fair>;

    fn new() -> Self {
        let mutex: Arc<Mutex<(), P, Fair>> = Arc::default();
        let guard = std::sync::Mutex::new(mutex.try_lock_owned());
        Door { mutex, guard }
    }

    fn put(&self) {
        drop(self.guard.lock().unwrap_or_else(PoisonError::into_inner).take());
    }

    fn take(&self) -> impl Operation<Output = Self::Got<'_>> {
        self.mutex.lock_owned()
    }

    fn keep(got: Self::Got<'_>) {
        mem::forget(got);
    }

    fn left(&self) -> usize {
        usize::from(!self.mutex.is_locked())
    }
}

fn got<T: Place>(got: Selected<T::Got<'_>, T::Got<'_>>) -> Answer {
    match got {
        Selected::First(got) => {
            T::keep(got);
            Answer::One
        }
        Selected::Second(got) => {
            T::keep(got);
            Answer::Two
        }
    }
}

fn scenario<T: Place + 'static>(name: String) -> Scenario<Places, (T, T)> {
    let make = || (T::new(), T::new());
    Scenario::new(name, Places, make, |(one, two): &(T, T), asked: &Thing| {
        match asked {
            PutOne => one.put(),
            PutTwo => two.put(),
            Take => return got::<T>(block_on(pin!(Select::new((one.take(), two.take()))))),
            TakeBack => {
                return match got::<T>(block_on(pin!(Select::new((two.take(), one.take()))))) {
                    Answer::One => Answer::Two,
                    _ => Answer::One,
                };
            }
            TakeBlocking => {
                return got::<T>(Select::new((one.take(), two.take())).wait_blocking());
            }
            TakeTwo => {
                T::keep(block_on(pin!(two.take())));
                return Answer::Two;
            }
            GiveUp => match poll_once(pin!(Select::new((one.take(), two.take())))) {
                Some(Selected::First(got)) => one.put_back(got),
                Some(Selected::Second(got)) => two.put_back(got),
                None => {}
            },
            Look => return Answer::Left(one.left(), two.left()),
        }
        Answer::Done
    })
}

fn run<T: Place + 'static>(name: &str, kind: &str, threads: &[&[Thing]], bound: usize) {
    let mut scenario = scenario::<T>(format!("select: {name}, {kind}"));
    for thread in threads {
        scenario = scenario.thread(thread.iter().copied());
    }
    let scenario = scenario.after([Look]);
    match threads.len() {
        2 => scenario.bound(bound).weak_bound(1).loom_limit(500),
        _ => scenario.bound(bound).only([Interleavings, Random, Pct, Threads]),
    }
    .check();
}

fn each(name: &str, threads: &[&[Thing]], bound: usize) {
    run::<Semaphore<wait::Threads, Fair>>(name, "fair semaphores", threads, bound);
    run::<Notify<wait::Threads>>(name, "notifications", threads, bound);
    run::<Door<wait::Threads>>(name, "fair mutexes", threads, bound);
    run::<Semaphore<wait::Threads, Barging>>(name, "semaphores", threads, bound);
    #[cfg(feature = "critical-section")]
    run::<Notify<wait::Critical>>(name, "critical section", threads, bound);
}

/// A thread that is woken, by a wake-up alone: it sees what came before.
fn rings<P: Policy>(kind: &str) {
    struct Shared {
        number: UnsafeCell<u32>,
        /// Whether somebody waits.
        waits: AtomicUsize,
        waker: std::sync::Mutex<Option<Waker>>,
    }
    // SAFETY: a wake-up comes between the write and the read; that is what the scenario shows.
    unsafe impl Sync for Shared {}
    let make = || Shared {
        number: UnsafeCell::new(0),
        waits: AtomicUsize::new(0),
        waker: std::sync::Mutex::new(None),
    };
    let apply = |shared: &Shared, asked: &Thing| {
        if *asked == PutOne {
            while shared.waits.load(Ordering::Acquire) == 0 {
                spin_loop();
            }
            // SAFETY: the other one waits.
            shared.number.with_mut(|number| unsafe { *number = 1 });
            let waker = shared.waker.lock().expect("nobody panics").take();
            waker.expect("somebody waits").wake();
            return Answer::Done;
        }
        let mut polls = 0;
        let woken = poll_fn(|context| {
            polls += 1;
            if polls == 1 {
                let waker = context.waker().clone();
                *shared.waker.lock().expect("nobody panics") = Some(waker);
                shared.waits.swap(1, Ordering::Release);
                return Poll::Pending;
            }
            // SAFETY: it was woken, after the write.
            assert_eq!(shared.number.with(|number| unsafe { *number }), 1);
            Poll::Ready(())
        });
        Select::<_, P>::with_policy([other(woken)]).wait_blocking();
        Answer::One
    };
    Scenario::new(format!("select: a wake-up, {kind}"), Places, make, apply)
        .thread([PutOne])
        .thread([TakeBlocking])
        .check();
}

#[test]
fn who_was_woken_sees_what_came_before() {
    rings::<wait::Threads>("threads");
    rings::<wait::Spin>("spin");
}

#[test]
fn something_comes_just_as_it_looks() {
    each("one of two", &[&[PutOne, PutTwo], &[Take]], 3);
}

#[test]
fn a_thread_selects() {
    each("a thread", &[&[PutTwo, PutOne], &[TakeBlocking]], 3);
}

#[test]
fn two_come_at_a_time() {
    each("two come", &[&[PutOne], &[PutTwo], &[Take]], 2);
}

#[test]
fn two_select() {
    each("two select", &[&[PutOne, PutTwo], &[Take], &[TakeBack]], 1);
}

#[test]
fn who_waits_behind_a_select_goes_on() {
    let threads: &[&[_]] = &[&[PutTwo, PutTwo], &[Take], &[TakeTwo]];
    run::<Semaphore<wait::Threads, Fair>>("one behind", "fair semaphores", threads, 1);
    run::<Semaphore<wait::Threads, Barging>>("one behind", "semaphores", threads, 1);
}

#[test]
fn who_gives_up_hands_on() {
    each("one gives up", &[&[PutOne, PutTwo], &[GiveUp], &[TakeTwo]], 1);
}
