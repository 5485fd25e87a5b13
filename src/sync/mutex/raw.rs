//! The mutex without its value: a word, and those who wait for it.
//!
//! # The word
//! | bit | |
//! |---|---|
//! | `LOCKED` | somebody has it |
//! | `QUEUED` | somebody is in the queue |
//! | `WOKEN` | somebody was told to try again, and has not tried yet |
//! | `TASK` | it is a task, which nobody may ever poll |
//! | `LONG` | a thread has waited long: who comes new may not take the lock |
//! | `COURTESY` | a task has waited long: tasks that come new give way once |
//! | `PASS`… | how many releases passed by a woken task |
//!
//! # Algorithm
//! *Barging*: a release frees the lock, then wakes the first waiter, who competes with whoever comes.
//! That is what makes a lock fast under contention: it is never reserved for somebody asleep. One
//! waiter at a time is on its way, the *designated waker* of nsync: releases wake nobody while `WOKEN`.
//! Bounds on what that costs the others:
//! * A thread that lost `LONG_WAIT` times sets `LONG`. Whoever comes then queues; the thread was
//!   blocked, so it will run.
//! * A task is never given that: whoever holds its future may not poll it, and may even be waiting
//!   for this lock ("futurelock"). A task that lost so often sets `COURTESY`: futures that are polled
//!   for the first time give way once, and then compete.
//! * A woken task that nobody polls keeps those behind it from so many releases as `PASS` counts; a
//!   future that is polled takes a free lock whether it was told or not. (Where nobody comes and
//!   nobody is polled, those behind wait until the woken one is polled or dropped.)
//! * A task that lost so often goes to the end, so that the others are told too.
//!
//! A *fair* mutex hands over: a release with waiters leaves it locked and grants it to the first, task
//! or thread. It uses `LOCKED` and `QUEUED` alone. One that is [out](crate::wait::group) is passed over.
//!
//! A *fair release* of a barging mutex does so if the first is a thread, which was blocked and will run;
//! for a task it is a release like any other. What it does to the marks:
//! * `LOCKED` stays, so [I1] has nothing to ask for, and the next release looks at the queue again.
//! * `WOKEN`, with `TASK` and `PASS`, is another's, who was told before and has yet to come: that one finds
//!   the lock taken, waits again, and clears it. [I2] The one that is given the lock was told nothing else:
//!   nothing is to be cleared on its behalf when it comes, and if it gives up it unlocks (`forward`).
//! * `LONG` goes with a thread that may have set it, as when that one takes the lock. [I3] speaks of who
//!   tries again; nobody is told to.
//!
//! # Invariants
//! * `[I1]` If `QUEUED`, and not `LOCKED`, then `WOKEN`, or somebody is about to wake, or all in the
//!   queue are out: no wake-up is lost.
//! * `[I2]` Whoever is told to try again clears `WOKEN`: by taking, waiting again, or forwarding.
//!   (Two may be woken; then it is cleared early, which costs a wake-up too many.)
//! * `[I3]` While `LONG`, no task is the only one who was told. `LONG` bars those only who were not told
//!   to try again: who was told takes the lock, or it is locked.
//! * `[I4]` `QUEUED`, `LONG` and `COURTESY` are set under the queue's lock.
//!
//! # Orderings
//! * `[P1]` What was done under the lock is seen by who takes it next.

use crate::{
    base::abort_on_panic,
    facade::{
        atomic::{AtomicUsize, Ordering},
        tuning,
    },
    sync::{
        Fairness,
        key::{Locked, Unlocks},
    },
    wait::{
        Adopts, Attempt, Moving, Notice, Policy, Queue, Request, Ring, Source, Wakes, block_on,
        change,
    },
};
use core::marker::PhantomData;

const LOCKED: usize = 1;
const QUEUED: usize = 1 << 1;
const WOKEN: usize = 1 << 2;
const TASK: usize = 1 << 3;
const LONG: usize = 1 << 4;
const COURTESY: usize = 1 << 5;
/// The counter is at the top, where it falls off.
const PASS: usize = 1 << (usize::BITS - tuning::PASSES_BITS);
const FLAGS: usize = PASS - 1;

/// A mutex without a value.
pub(crate) struct RawMutex<P: Policy, F: Fairness> {
    state: AtomicUsize,
    queue: Queue<P>,
    _fairness: PhantomData<fn() -> F>,
}

impl<P: Policy, F: Fairness> RawMutex<P, F> {
    pub(in crate::sync) const fn new() -> Self {
        RawMutex { state: AtomicUsize::root(), queue: Queue::new(()), _fairness: PhantomData }
    }

    pub(in crate::sync) fn is_locked(&self) -> bool {
        // Relaxed: it says nothing of what the lock guards.
        self.state.load(Ordering::Relaxed) & LOCKED != 0
    }

    #[inline]
    pub(in crate::sync) fn try_lock(&self) -> bool {
        // [P1] Acquire. Relaxed: nothing was taken.
        self.state.compare_exchange(0, LOCKED, Ordering::Acquire, Ordering::Relaxed).is_ok()
            || self.try_lock_slow()
    }

    #[cold]
    fn try_lock_slow(&self) -> bool {
        self.take(LONG, 0)
    }

    /// Takes the lock and clears `gone`, unless it is taken, or kept back by one of `obstacles`.
    fn take(&self, obstacles: usize, gone: usize) -> bool {
        // Relaxed: a guess, which the exchange checks.
        let mut state = self.state.load(Ordering::Relaxed);
        while state & (LOCKED | obstacles) == 0 {
            let next = (state | LOCKED) & !gone;
            // [P1] Acquire. Relaxed: a guess again.
            match self.state.compare_exchange(state, next, Ordering::Acquire, Ordering::Relaxed) {
                Ok(_) => return true,
                Err(seen) => state = seen,
            }
        }
        false
    }

    #[inline]
    pub(in crate::sync) fn lock(&self) {
        if !self.try_lock() {
            self.lock_contended();
        }
    }

    /// Waits for the lock a little, then in the queue.
    #[cold]
    pub(in crate::sync) fn lock_contended(&self) {
        if !self.spin() {
            // It is never closed.
            let _ = block_on(self, 0);
        }
    }

    /// Tries for a while, unless others wait.
    pub(in crate::sync) fn spin(&self) -> bool {
        let mut round = 0;
        loop {
            // Relaxed: a guess.
            let state = self.state.load(Ordering::Relaxed);
            if state & (LOCKED | LONG) == 0 && self.take(LONG, 0) {
                return true;
            }
            if state & QUEUED != 0 || !P::relax(round) {
                return false;
            }
            round += 1;
        }
    }

    /// # Safety
    /// The caller has the lock.
    #[inline]
    pub(in crate::sync) unsafe fn unlock(&self) {
        if F::HANDS_OVER {
            // [P1] Release. Relaxed: nothing was done.
            let freed =
                self.state.compare_exchange(LOCKED, 0, Ordering::Release, Ordering::Relaxed);
            if freed.is_err() {
                self.hand_over();
            }
            return;
        }
        // [P1] Release.
        let before = self.state.fetch_sub(LOCKED, Ordering::Release);
        if before & QUEUED != 0 {
            self.unlocked(before);
        }
    }

    /// Somebody waits: wakes the next one, unless one is on its way.
    #[cold]
    fn unlocked(&self, before: usize) {
        // A thread on its way will come; a task may not.
        let is_on_its_way = before & WOKEN != 0 && (before & TASK == 0 || !self.passes());
        if !is_on_its_way {
            self.wake();
        }
    }

    /// Counts a release that passes a woken task. `true`: another waiter shall be woken.
    fn passes(&self) -> bool {
        // Relaxed: a count.
        let mut state = self.state.load(Ordering::Relaxed);
        loop {
            if state & (WOKEN | TASK) != WOKEN | TASK {
                // It has come meanwhile, and looks itself.
                return false;
            }
            let is_enough = state.wrapping_add(PASS) <= FLAGS;
            let clear = if is_enough { COURTESY } else { 0 };
            let next = state.wrapping_add(PASS) & !clear;
            // Relaxed: a count.
            match self.state.compare_exchange(state, next, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return is_enough,
                Err(seen) => state = seen,
            }
        }
    }

    /// Tells the first waiter to try again, if the lock is free.
    fn wake(&self) {
        let woken = self.queue.exclusive(|ring| {
            // Relaxed: if somebody has taken it, that one sees `QUEUED` when it unlocks. [I1]
            if self.state.load(Ordering::Relaxed) & LOCKED != 0 {
                return None;
            }
            let is_thread = ring.front()?.request().is_thread;
            // Nobody is kept from the lock for a thread while a task is to take it.
            let (mark, long) = if is_thread { (WOKEN, 0) } else { (WOKEN | TASK, LONG) };
            // Before it is told, since it clears that at once if it looks just now. [I2]
            change(&self.state, mark, long | if ring.is_single() { QUEUED } else { 0 });
            ring.notify_front(Notice::Retry)
        });
        if let Some(waiter) = woken {
            waiter.wake();
        }
    }

    /// Gives the lock to the first waiter; frees it if all have left, or have no use for it.
    #[cold]
    fn hand_over(&self) {
        let next = self.queue.exclusive(|ring| {
            // The notice hands over what was done under the lock too.
            let next = ring.grant_first(|_| true, |_| {});
            let freed = if next.is_none() { LOCKED } else { 0 };
            let gone = freed | if ring.is_empty() { QUEUED } else { 0 };
            if gone != 0 {
                // [P1] Release.
                self.state.fetch_and(!gone, Ordering::Release);
            }
            next
        });
        if let Some(waiter) = next {
            waiter.wake();
        }
    }

    /// Unlocks, and gives the lock to the first waiter, if that is a thread.
    ///
    /// # Safety
    /// The caller has the lock.
    pub(in crate::sync) unsafe fn unlock_fair(&self) {
        // Relaxed: a guess. Who is not in the queue yet has not waited for long.
        let is_awaited = self.state.load(Ordering::Relaxed) & QUEUED != 0;
        if F::HANDS_OVER || !is_awaited || !self.give() {
            // SAFETY: as the caller promises; it was not given away.
            unsafe { self.unlock() };
        }
    }

    /// Unlocks, as [`unlock_fair`](RawMutex::unlock_fair), if somebody waits, and locks again.
    ///
    /// # Safety
    /// The caller has the lock; so it has when this unwinds.
    pub(in crate::sync) unsafe fn bump(&self) {
        // Relaxed: a guess, as above.
        if self.state.load(Ordering::Relaxed) & QUEUED == 0 {
            return;
        }
        // Also if a waker panics.
        let _again = LockAgain(self);
        // SAFETY: as the caller promises.
        unsafe { self.unlock_fair() };
    }

    /// Gives the lock, which the caller has, to the first waiter, if that is a thread.
    #[cold]
    fn give(&self) -> bool {
        let given = self.queue.exclusive(|ring| {
            let request = ring.front().map(|node| node.request()).filter(|it| it.is_thread)?;
            // Before it is told: it may unlock at once.
            change(
                &self.state,
                0,
                request.mark(LONG, COURTESY) | if ring.is_single() { QUEUED } else { 0 },
            );
            // The notice hands over what was done under the lock too.
            Some(ring.notify_front(Notice::Granted))
        });
        let is_given = given.is_some();
        if let Some(waiter) = given.flatten() {
            waiter.wake();
        }
        is_given
    }
}

impl<P: Policy, F: Fairness> Unlocks<Locked> for RawMutex<P, F> {
    #[inline]
    unsafe fn release(&self) {
        // SAFETY: as the caller promises.
        unsafe { self.unlock() }
    }

    unsafe fn release_fair(&self) {
        // SAFETY: as above.
        unsafe { self.unlock_fair() }
    }

    unsafe fn bump(&self) {
        // SAFETY: as above.
        unsafe { RawMutex::bump(self) }
    }
}

/// Locks when it is dropped. A guard is left that says that it has the lock: if that cannot be had
/// the program ends.
struct LockAgain<'a, P: Policy, F: Fairness>(&'a RawMutex<P, F>);

impl<P: Policy, F: Fairness> Drop for LockAgain<'_, P, F> {
    fn drop(&mut self) {
        abort_on_panic("a mutex could not be locked again", || self.0.lock());
    }
}

/// What a request is kept back by, and what it clears when it comes or goes.
fn bits(request: Request) -> (usize, usize) {
    let (obstacles, told) = if request.is_told { (0, WOKEN | TASK | !FLAGS) } else { (LONG, 0) };
    (obstacles, told | request.mark(LONG, COURTESY))
}

impl<P: Policy, F: Fairness> Source for RawMutex<P, F> {
    type Policy = P;
    type Guarded = ();

    fn queue(&self) -> &Queue<P> {
        &self.queue
    }

    fn try_take(&self, request: Request) -> Attempt {
        if !request.is_told {
            return Attempt::took_if(self.try_lock());
        }
        let (obstacles, gone) = bits(request);
        Attempt::took_if(self.take(obstacles, gone))
    }

    fn take_or_announce(&self, _: &mut Ring<'_, P>, request: Request) -> Attempt {
        let (obstacles, gone) = bits(request);
        let mark = QUEUED | request.mark(LONG, COURTESY);
        // Relaxed: a guess, which the exchange checks.
        let mut state = self.state.load(Ordering::Relaxed);
        loop {
            let is_free = state & (LOCKED | obstacles) == 0;
            let next = (state & !gone) | if is_free { LOCKED } else { mark };
            // [P1] Acquire, if it takes the lock. Relaxed: a guess again.
            match self.state.compare_exchange(state, next, Ordering::Acquire, Ordering::Relaxed) {
                Ok(_) => return Attempt::took_if(is_free),
                Err(seen) => state = seen,
            }
        }
    }

    fn has_left(&self, ring: &mut Ring<'_, P>, request: Request) {
        let (_, gone) = bits(request);
        let empty = if ring.is_empty() { QUEUED } else { 0 };
        change(&self.state, 0, gone | empty);
    }

    fn keeps_its_place(&self, request: Request) -> bool {
        request.keeps_its_place()
    }

    fn forward(&self, notice: Notice, request: Request) {
        if notice == Notice::Granted {
            // SAFETY: it was given the lock.
            unsafe { self.unlock() };
            return;
        }
        let (_, gone) = bits(Request { is_told: true, ..request });
        change(&self.state, 0, gone);
        self.wake();
    }

    fn asks_for_courtesy(&self) -> bool {
        // Relaxed: a hint.
        self.state.load(Ordering::Relaxed) & COURTESY != 0
    }
}

impl<P: Policy, F: Fairness> RawMutex<P, F> {
    /// Whether a thread that was notified may wait in the queue: the lock is taken, or another thread is
    /// on the way, who will release it. Announces it then. `false`: it is marked as being on the way.
    fn may_rest(&self) -> bool {
        // Relaxed, all of it: a guess, and marks that guard nothing.
        let mut state = self.state.load(Ordering::Relaxed);
        loop {
            let may_rest = state & LOCKED != 0 || state & (WOKEN | TASK) == WOKEN;
            let next = if may_rest { state | QUEUED } else { (state | WOKEN) & !TASK };
            match self.state.compare_exchange(state, next, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return may_rest,
                Err(seen) => state = seen,
            }
        }
    }
}

/// A thread that waited for a condition, and was notified, waits for the lock.
impl<P: Policy, F: Fairness> Adopts<P> for RawMutex<P, F> {
    fn adopt(&self, moving: Moving<P>, wakes: &mut Wakes<P>) {
        self.queue.exclusive(|ring| {
            let notice = if !F::HANDS_OVER {
                (!self.may_rest()).then_some(Notice::Retry)
            } else if self.take_or_announce(ring, moving.request()) == Attempt::Took {
                Some(Notice::Granted)
            } else {
                None
            };
            match notice {
                Some(notice) => moving.tell(notice, wakes),
                None => ring.adopt(moving),
            }
        });
    }
}

#[cfg(all(test, feature = "std"))]
mod tests {
    use super::*;
    use crate::{sync::Barging, wait::Threads};

    #[test]
    fn a_lock_is_kept_for_a_thread_that_has_waited_long() {
        let raw: RawMutex<Threads, Barging> = RawMutex::new();
        let long = Request { want: 0, rounds: tuning::LONG_WAIT, is_thread: true, is_told: true };
        assert!(raw.try_lock());
        let attempt = raw.queue.exclusive(|ring| raw.take_or_announce(ring, long));
        assert_eq!(attempt, Attempt::Blocked);
        // SAFETY: it was locked above.
        unsafe { raw.unlock() };
        assert!(!raw.is_locked() && !raw.try_lock() && !raw.spin(), "somebody else has it");
        assert_eq!(raw.try_take(long), Attempt::Took);
        // SAFETY: it was locked above.
        unsafe { raw.unlock() };
        assert!(raw.try_lock(), "it is kept though nobody waits");
    }
}
