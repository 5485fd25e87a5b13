//! The mutex without its value: a word, and those who wait for it.
//!
//! The word is in [`word`](super::word).
//!
//! # Algorithm
//! *Barging*: a release frees the lock, then wakes the first waiter, who competes with whoever comes.
//! That is what makes a lock fast under contention: it is never reserved for somebody asleep. One
//! waiter at a time is on its way, the *designated waker* of nsync.
//!
//! A thread on its way has taken `QUEUED` off the word, and is to put it there again when it comes: until
//! then who locks and unlocks finds the word as if nobody waited, and does nothing else. That it is on its
//! way is the *mark* of the queue, so that who announces itself meanwhile leaves the word alone too.
//! (Where others wait a word that says so would cost each of them a failed exchange: half as much again.)
//!
//! Bounds on what barging costs who waits:
//! * A thread that lost `LONG_WAIT` times, as it tried again or as a release found the lock taken before it
//!   could tell it, sets `LONG`. Whoever comes then queues; the thread was blocked, so it will run.
//! * A task is never given that: whoever holds its future may not poll it, and may even be waiting
//!   for this lock ("futurelock"). A task that lost so often sets `COURTESY`: futures that are polled
//!   for the first time give way once, and then compete.
//! * A task on its way that nobody polls keeps those behind it from so many releases as `PASS` counts,
//!   for which `QUEUED` stays; a future that is polled takes a free lock whether it was told or not.
//!   (Where nobody comes and nobody is polled, those behind wait until the woken one is polled or dropped.)
//! * A task that lost so often goes to the end, so that the others are told too.
//!
//! A *fair* mutex hands over: a release with waiters leaves it locked and grants it to the first, task
//! or thread. It uses `LOCKED` and `QUEUED` alone. One that is [out](crate::wait::group) is passed over.
//!
//! A *fair release* of a barging mutex does so if the first is a thread, which was blocked and will run;
//! for a task, and where no `QUEUED` says that somebody is there, as a thread is on its way, it is a release
//! like any other. What it does to the marks:
//! * `LOCKED` stays, so [I1] has nothing to ask for, and the next release looks at the queue again.
//! * `TASK`, with `PASS`, is another's, who was told before and has yet to come: that one finds the lock
//!   taken, waits again, and clears it. [I2] The one that is given the lock was told nothing else: nothing
//!   is to be cleared on its behalf when it comes, and if it gives up it unlocks (`forward`).
//! * `LONG` goes with a thread that may have set it, as when that one takes the lock. [I3] speaks of who
//!   tries again; nobody is told to.
//!
//! # Invariants
//! * `[I1]` If somebody is in the queue, and not `LOCKED`, then a thread is on its way, or `TASK`, or
//!   somebody is about to wake, or all in the queue are out: no wake-up is lost.
//! * `[I2]` Whoever is told to try again clears `TASK`, and a thread sets `QUEUED`, if somebody is in the
//!   queue: by taking, waiting again, or forwarding. (Two may be on their way; then that is done early,
//!   which costs a wake-up too many.)
//! * `[I3]` Never both `LONG` and `TASK`: nobody is kept from the lock for a thread while releases wait for a
//!   task. `LONG` bars those only who were not told to try again: who was told takes the lock, or it is
//!   locked.
//! * `[I4]` `QUEUED`, `LONG` and `COURTESY` are set under the queue's lock; but a thread that was told sets
//!   `QUEUED` as it takes the lock.
//! * `[I5]` If the queue is marked, then a thread is on its way, or `QUEUED`, or somebody is about to wake:
//!   that one has come, and the next release looks. So whoever clears `QUEUED` takes the mark off, or tells a
//!   thread, or is about to look. No mark says nothing: who announces itself sets `QUEUED` then.
//! * `[I6]` Who found the word and the queue empty when it locked ([`Locked::Alone`]) exchanges the word for 0,
//!   which is faster than to subtract. What was set meanwhile is lost, but not that somebody waits: such a
//!   release looks, and the first waiter's own marks are set again when it is told, or left to the next owner.
//!   Until it has looked others find an empty word, but not an empty queue: they subtract, and look too. So a
//!   thread that has waited long and is first in the queue is overtaken by those alone who come before the
//!   first of them has looked. That a task is on its way is forgotten, for which another is woken, perhaps
//!   in vain.
//!
//! Left open: a thread that was told and finds the lock taken may be held up before it is back in the queue; if
//! one that is told meanwhile is faster each time, it loses each time.
//!
//! # Orderings
//! * `[P1]` What was done under the lock is seen by who takes it next.

use super::word::{
    Bits, COURTESY, FLAGS, LOCKED, LONG, NEW, PASS, QUEUED, TASK, TOLD, left_to_the_owner, marks,
};
use crate::{
    base::abort_on_panic,
    facade::atomic::{AtomicUsize, Ordering},
    sync::{
        Fairness,
        key::{Locked, Unlocks},
    },
    wait::{
        Adopts, Attempt, Clock, Moving, Notice, Policy, Queue, Request, Ring, Source, Waiter,
        Wakes, block_on, block_until, change,
    },
};
use core::marker::PhantomData;

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
    pub(in crate::sync) fn try_lock(&self) -> Option<Locked> {
        self.try_lock_at_once().or_else(|| self.try_lock_slow())
    }

    /// Locks it if the word says nothing.
    #[inline]
    pub(super) fn try_lock_at_once(&self) -> Option<Locked> {
        // [P1] Acquire. Relaxed: nothing was taken.
        self.state.compare_exchange(0, LOCKED, Ordering::Acquire, Ordering::Relaxed).ok()?;
        // [I6]
        let is_awaited = self.queue.may_be_awaited_unmarked();
        Some(if is_awaited { Locked::Among } else { Locked::Alone })
    }

    #[cold]
    fn try_lock_slow(&self) -> Option<Locked> {
        self.take(NEW).then_some(Locked::Among)
    }

    /// Takes the lock, unless it is taken, or kept back.
    fn take(&self, bits: Bits) -> bool {
        // Relaxed: a guess, which the exchange checks.
        let mut state = self.state.load(Ordering::Relaxed);
        while state & (LOCKED | bits.obstacles) == 0 {
            let next = (state & !bits.gone) | LOCKED | bits.owed;
            // [P1] Acquire. Relaxed: a guess again.
            match self.state.compare_exchange(state, next, Ordering::Acquire, Ordering::Relaxed) {
                Ok(_) => return true,
                Err(seen) => state = seen,
            }
        }
        false
    }

    #[inline]
    pub(in crate::sync) fn lock(&self) -> Locked {
        match self.try_lock_at_once() {
            Some(held) => held,
            None => self.lock_contended(),
        }
    }

    /// Waits for the lock a little, then in the queue.
    #[cold]
    pub(in crate::sync) fn lock_contended(&self) -> Locked {
        if !self.spin() {
            // It is never closed.
            let _ = block_on(self, 0);
        }
        Locked::Among
    }

    /// As `lock`; gives up then.
    pub(in crate::sync) fn lock_until(&self, deadline: P::Instant) -> Option<Locked>
    where
        P: Clock,
    {
        let is_locked = || self.spin() || block_until(self, 0, deadline).is_some();
        self.try_lock().or_else(|| is_locked().then_some(Locked::Among))
    }

    /// Tries for a while, unless others wait.
    pub(in crate::sync) fn spin(&self) -> bool {
        let mut round = 0;
        loop {
            // Relaxed: a guess.
            let state = self.state.load(Ordering::Relaxed);
            if state & (LOCKED | LONG) == 0 && self.take(NEW) {
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
    pub(in crate::sync) unsafe fn unlock(&self, held: Locked) {
        if F::HANDS_OVER {
            // [P1] Release. Relaxed: nothing was done.
            let freed =
                self.state.compare_exchange(LOCKED, 0, Ordering::Release, Ordering::Relaxed);
            if freed.is_err() {
                self.hand_over();
            }
            return;
        }
        match held {
            Locked::Alone => {
                // [P1] Release. What was set meanwhile goes too; it is made up for where it matters. [I6]
                if self.state.swap(0, Ordering::Release) & QUEUED != 0 {
                    self.wake();
                }
            }
            Locked::Among => self.unlock_among(),
        }
    }

    /// Unlocks, where others have marked the word.
    #[cold]
    fn unlock_among(&self) {
        // [P1] Release.
        let before = self.state.fetch_sub(LOCKED, Ordering::Release);
        // An exchange may have taken it off. [I6]
        if before & QUEUED != 0 || self.queue.may_be_awaited_unmarked() {
            self.unlocked(before);
        }
    }

    /// Somebody waits: wakes the next one, unless one is on its way.
    #[cold]
    fn unlocked(&self, before: usize) {
        debug_assert!(
            before & (LONG | TASK) != LONG | TASK,
            "[I3] a task may keep all from the lock"
        );
        // A task may not come.
        let is_on_its_way = before & TASK != 0 && !self.passes();
        if !is_on_its_way {
            self.wake();
        }
    }

    /// Counts a release that passes a woken task. `true`: another waiter shall be woken.
    fn passes(&self) -> bool {
        // Relaxed: a count.
        let mut state = self.state.load(Ordering::Relaxed);
        loop {
            if state & TASK == 0 {
                // It has come meanwhile, and looks itself; or it is waited for no more.
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
    #[cold]
    fn wake(&self) {
        let woken = self.queue.exclusive(|ring| self.tell_first(ring));
        if let Some(waiter) = woken {
            waiter.wake();
        }
    }

    /// Tells the first waiter to try again, if the lock is free; who has it looks when it unlocks.
    fn tell_first(&self, ring: &mut Ring<'_, P>) -> Option<Waiter<P>> {
        let Some(first) = ring.front().map(|node| node.request()) else {
            change(&self.state, 0, QUEUED);
            ring.set_marked(false); // [I5]
            return None;
        };
        let (mark, _) = marks(first); // [I6]
        let queued = if ring.is_single() { 0 } else { QUEUED };
        // Relaxed, all of it: a guess, which the exchange checks, and marks that guard nothing. If the owner
        // has `QUEUED`, then who frees the lock sees that.
        let mut state = self.state.load(Ordering::Relaxed);
        let is_taken = loop {
            let is_taken = state & LOCKED != 0;
            let next = match first.is_thread {
                _ if is_taken => left_to_the_owner(state, first),
                true => (state & !(QUEUED | TOLD)) | mark,
                false => (state & !(QUEUED | LONG)) | TASK | queued | mark, // [I3]
            };
            // Relaxed: as above.
            match self.state.compare_exchange(state, next, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => break is_taken,
                Err(seen) => state = seen,
            }
        };
        if is_taken {
            ring.age_front();
            ring.set_marked(false); // Who forwards was on its way.
            return None;
        }
        // The word is changed before it is told, since it comes at once if it looks just now. [I2]
        ring.set_marked(first.is_thread); // [I5]
        ring.notify_front(Notice::Retry)
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
    pub(in crate::sync) unsafe fn unlock_fair(&self, held: Locked) {
        // Relaxed: a guess. Who is not in the queue yet has not waited for long.
        let is_awaited = self.state.load(Ordering::Relaxed) & QUEUED != 0;
        if F::HANDS_OVER || !is_awaited || !self.give() {
            // SAFETY: as the caller promises; it was not given away.
            unsafe { self.unlock(held) };
        }
    }

    /// Unlocks, as [`unlock_fair`](RawMutex::unlock_fair), if somebody waits, and locks again.
    ///
    /// # Safety
    /// The caller has the lock; so it has when this unwinds.
    pub(in crate::sync) unsafe fn bump(&self, held: Locked) -> Locked {
        // Relaxed: a guess, as above.
        if self.state.load(Ordering::Relaxed) & QUEUED == 0 {
            return held;
        }
        // Also if a waker panics.
        let _again = LockAgain(self);
        // SAFETY: as the caller promises.
        unsafe { self.unlock_fair(held) };
        Locked::Among
    }

    /// Gives the lock, which the caller has, to the first waiter, if that is a thread.
    #[cold]
    fn give(&self) -> bool {
        let given = self.queue.exclusive(|ring| {
            let request = ring.front().map(|node| node.request()).filter(|it| it.is_thread)?;
            let is_last = ring.is_single();
            // Before it is told: it may unlock at once.
            let (mark, _) = marks(request);
            change(&self.state, 0, if is_last { mark | QUEUED } else { mark });
            if is_last {
                ring.set_marked(false); // [I5]
            }
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
    unsafe fn release(&self, held: Locked) {
        // SAFETY: as the caller promises.
        unsafe { self.unlock(held) }
    }

    unsafe fn release_fair(&self, held: Locked) {
        // SAFETY: as above.
        unsafe { self.unlock_fair(held) }
    }

    unsafe fn bump(&self, held: Locked) -> Locked {
        // SAFETY: as above.
        unsafe { RawMutex::bump(self, held) }
    }
}

/// Locks when it is dropped. A guard is left that says that it has the lock: if that cannot be had
/// the program ends.
struct LockAgain<'a, P: Policy, F: Fairness>(&'a RawMutex<P, F>);

impl<P: Policy, F: Fairness> Drop for LockAgain<'_, P, F> {
    fn drop(&mut self) {
        abort_on_panic("a mutex could not be locked again", || {
            self.0.lock();
        });
    }
}

impl<P: Policy, F: Fairness> Source for RawMutex<P, F> {
    type Policy = P;
    type Guarded = ();

    fn queue(&self) -> &Queue<P> {
        &self.queue
    }

    fn try_take(&self, request: Request) -> Attempt {
        if !request.is_told {
            return Attempt::took_if(self.try_lock().is_some());
        }
        Attempt::took_if(self.take(Bits::of(request)))
    }

    fn take_or_announce(&self, ring: &mut Ring<'_, P>, request: Request) -> Attempt {
        let Bits { obstacles, gone, owed } = Bits::of(request);
        if owed != 0 {
            ring.set_marked(false);
        }
        let owed = if ring.is_empty() { 0 } else { owed };
        // [I5]
        let queued = if ring.is_marked() { 0 } else { QUEUED };
        // Who has waited long was told: what that clears is gone. [I3]
        let mark = queued | marks(request).0;
        // Relaxed: a guess, which the exchange checks.
        let mut state = self.state.load(Ordering::Relaxed);
        loop {
            let is_free = state & (LOCKED | obstacles) == 0;
            let next = (state & !gone) | if is_free { LOCKED | owed } else { mark };
            // [P1] Acquire, if it takes the lock. Relaxed: a guess again.
            match self.state.compare_exchange(state, next, Ordering::Acquire, Ordering::Relaxed) {
                Ok(_) => return Attempt::took_if(is_free),
                Err(seen) => state = seen,
            }
        }
    }

    fn has_left(&self, ring: &mut Ring<'_, P>, request: Request) {
        let Bits { gone, .. } = Bits::of(request);
        let is_last = ring.is_empty();
        change(&self.state, 0, if is_last { gone | QUEUED } else { gone });
        if is_last {
            ring.set_marked(false); // [I5]
        }
    }

    fn keeps_its_place(&self, request: Request) -> bool {
        request.keeps_its_place()
    }

    fn forward(&self, notice: Notice, request: Request) {
        if notice == Notice::Granted {
            // SAFETY: it was given the lock.
            unsafe { self.unlock(Locked::Among) };
            return;
        }
        let Bits { gone, .. } = Bits::of(Request { is_told: true, ..request });
        let woken = self.queue.exclusive(|ring| {
            change(&self.state, 0, gone);
            self.tell_first(ring)
        });
        if let Some(waiter) = woken {
            waiter.wake();
        }
    }

    fn asks_for_courtesy(&self) -> bool {
        // Relaxed: a hint.
        self.state.load(Ordering::Relaxed) & COURTESY != 0
    }
}

impl<P: Policy, F: Fairness> RawMutex<P, F> {
    /// Whether a thread that was notified may wait in the queue: another thread is on its way, who will
    /// release the lock, or somebody has it, or will have it before: who waits is about to be told [I1].
    /// `false`: it is marked as being on its way.
    fn may_rest(&self, ring: &mut Ring<'_, P>) -> bool {
        if ring.is_marked() {
            return true;
        }
        let is_awaited = !ring.is_empty();
        // Relaxed, all of it: a guess, which the exchange checks, and a mark that guards nothing.
        let mut state = self.state.load(Ordering::Relaxed);
        loop {
            let is_awaited = is_awaited && state & TASK == 0;
            if state & (LOCKED | LONG) == 0 && !is_awaited {
                ring.set_marked(true);
                return false;
            }
            let next = state | QUEUED;
            // Relaxed: as above.
            match self.state.compare_exchange(state, next, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return true,
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
                (!self.may_rest(ring)).then_some(Notice::Retry)
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
    use crate::{facade::tuning, sync::Barging, wait::Threads};

    const LONG_WAITER: Request =
        Request { want: 0, rounds: tuning::LONG_WAIT, is_thread: true, is_told: true };

    /// It would be locked to all while releases wait for a task that nobody may poll.
    #[test]
    fn no_task_is_waited_for_while_a_lock_is_kept_for_a_thread() {
        let raw: RawMutex<Threads, Barging> = RawMutex::new();
        assert!(raw.try_lock().is_some());
        let marked = || raw.state.load(Ordering::Relaxed) & (LONG | TASK);
        change(&raw.state, TASK | QUEUED, 0);
        let attempt = raw.queue.exclusive(|ring| raw.take_or_announce(ring, LONG_WAITER));
        assert_eq!((attempt, marked()), (Attempt::Blocked, LONG), "it comes again");
        let left = left_to_the_owner(LOCKED | QUEUED | TASK, LONG_WAITER);
        assert_eq!(left, LOCKED | QUEUED | LONG, "it is the first in the queue");
    }

    #[test]
    fn a_lock_is_kept_for_a_thread_that_has_waited_long() {
        let raw: RawMutex<Threads, Barging> = RawMutex::new();
        let long = LONG_WAITER;
        assert!(raw.try_lock().is_some());
        let attempt = raw.queue.exclusive(|ring| raw.take_or_announce(ring, long));
        assert_eq!(attempt, Attempt::Blocked);
        // SAFETY: it was locked above.
        unsafe { raw.unlock(Locked::Among) };
        assert!(
            !raw.is_locked() && raw.try_lock().is_none() && !raw.spin(),
            "somebody else has it"
        );
        assert_eq!(raw.try_take(long), Attempt::Took);
        // SAFETY: it was locked above.
        unsafe { raw.unlock(Locked::Among) };
        assert!(raw.try_lock().is_some(), "it is kept though nobody waits");
    }
}
