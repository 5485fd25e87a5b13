//! The read-write lock without its value: a word, and those who wait for it.
//!
//! What the bits of the word mean is in [`word`](super::word).
//!
//! # Algorithm
//! *Phases* (Brandenburg and Anderson, "Reader-Writer Synchronization for Shared-Memory Multiprocessor
//! Real-Time Systems", ECRTS 2009): while a writer waits new readers wait, and a writer that leaves
//! lets in all the readers that wait then. So a reader waits for one writer, and a writer for one read
//! phase, before each turn of a writer. The others prefer one side: see [`Preference`].
//!
//! * *Readers that wait* are let in together. A thread is given the lock: it is counted, and then
//!   told. A task is told to try again, and may then enter although writers wait: a future that
//!   nobody polls never has the lock. Whoever lets them in counts as a reader itself until all are
//!   told (a [`Phase`]), so that the phase does not end in between.
//! * *Claimants*, who exclude each other (writers, and upgradable readers), compete as in the
//!   mutex: one at a time is told to try again, in order, and whoever comes may be faster. `LONG`,
//!   `COURTESY` and `PASS` bound that as they do there: a thread that lost `LONG_WAIT` times bars
//!   newcomers, a task asks them to give way once, and so many releases pass by a task that was
//!   told and has not come. While a claimant is on its way others are told nothing.
//! * *A task that was told* bars nobody, since it may never be polled: new readers only give it
//!   some time, a thread by spinning, a task by being pending once. (Those that wait in the queue
//!   wait for it, until it is polled, dropped, or passed.)
//! * *A fair release* hands over, in [`fair`](super::fair).
//! * *An upgrade* waits for the readers to leave, and bars them meanwhile. A thread is given it, by
//!   the last reader; a task is told to try again, and bars nobody from then on. Whatever comes of
//!   it, who upgrades keeps `UPGRADABLE`.
//!
//! # Invariants
//! * `[I1]` Whoever ends what others wait for looks for them: the last reader and every release,
//!   who leaves the queue, who comes back in vain, and who forwards. A claimant that could go on is
//!   told, or one is `WOKEN`, or somebody is about to look; readers that wait could not enter if
//!   they came new, or a task is on its way, or somebody is about to look.
//! * `[I2]` Whoever is told to try again clears the marks of that, by taking, waiting again, or
//!   forwarding; they are set before it is told. (Two may be woken; then they are cleared early, which
//!   costs a wake-up too many.)
//! * `[I3]` `UPGRADING` and `WRITERS` say under the queue's lock who is in the queue. `READERS` may be
//!   set for nobody; the next phase clears it.
//! * `[I4]` A reader's release is one instruction without `QUEUED` and `TASK`, a writer's without any
//!   mark. All go: what is said of the queue with the last that waits, `TASK` and what comes with it
//!   with so many releases, and `LONG` and `COURTESY` with who set them.
//!
//! # Orderings
//! * `[P1]` What was done under the lock is seen by who takes it next: writers see what all the readers
//!   did, since every change of the word is a read-modify-write.
//! * `[P2]` Who gives the lock to another has seen what came before, and hands that on by the notice.

use super::{Preference, word::*};
use crate::{
    facade::atomic::{AtomicUsize, Ordering},
    wait::{Attempt, Notice, Policy, Queue, Request, Ring, Source, Waiter, block_on},
};
use core::{marker::PhantomData, mem};

/// A read-write lock without a value.
pub(in crate::sync) struct RawRwLock<P: Policy, R: Preference> {
    state: AtomicUsize,
    pub(super) queue: Queue<P>,
    _preference: PhantomData<fn() -> R>,
}

/// A reader among others, which lasts until those who wait are in: its drop lets them in, and leaves.
struct Phase<'a, P: Policy, R: Preference>(&'a RawRwLock<P, R>);

impl<P: Policy, R: Preference> Drop for Phase<'_, P, R> {
    fn drop(&mut self) {
        // It leaves also if a waker panics.
        let _reader = Reader(self.0);
        self.0.let_in();
    }
}

struct Reader<'a, P: Policy, R: Preference>(&'a RawRwLock<P, R>);

impl<P: Policy, R: Preference> Drop for Reader<'_, P, R> {
    fn drop(&mut self) {
        // SAFETY: whoever made it counts as a reader.
        unsafe { self.0.unlock_read() };
    }
}

/// Somebody who comes new, and is not in the queue.
fn new(want: usize) -> Request {
    Request { want, rounds: 0, is_thread: true, is_told: false }
}

/// The word, and taking.
impl<P: Policy, R: Preference> RawRwLock<P, R> {
    pub(in crate::sync) const fn new() -> Self {
        RawRwLock { state: AtomicUsize::root(), queue: Queue::new(()), _preference: PhantomData }
    }

    /// The word, at some moment.
    pub(super) fn seen(&self) -> usize {
        // Relaxed: it says nothing of what the lock guards.
        self.state.load(Ordering::Relaxed)
    }

    pub(in crate::sync) fn is_write_locked(&self) -> bool {
        self.seen() & WRITER != 0
    }

    /// How many readers there are, with the upgradable one.
    pub(in crate::sync) fn readers(&self) -> usize {
        let state = self.seen();
        (state & COUNT) / READER + usize::from(state & UPGRADABLE != 0)
    }

    /// # Panics
    /// If no more readers can be counted.
    #[inline]
    pub(super) fn assert_room(&self) {
        assert!(!is_full(self.seen()), "a read-write lock has too many readers");
    }

    /// Whether a writer that is a task was told to come.
    pub(super) fn is_for_a_task(&self) -> bool {
        self.seen() & (COMING | TASK) == COMING | TASK
    }

    /// Changes the word, unless `next` gives no other: the word before, or the one that it refused.
    #[inline]
    pub(super) fn fetch_change(
        &self,
        order: Ordering,
        next: impl Fn(usize) -> Option<usize>,
    ) -> Result<usize, usize> {
        // Relaxed: a guess, which the exchange checks.
        let mut state = self.state.load(Ordering::Relaxed);
        loop {
            let Some(to) = next(state) else { return Err(state) };
            // Relaxed: a guess again.
            match self.state.compare_exchange(state, to, order, Ordering::Relaxed) {
                Ok(_) => return Ok(state),
                Err(seen) => state = seen,
            }
        }
    }

    /// Clears bits, if any of them is set.
    fn clear(&self, bits: usize) {
        let next = |state| (state & bits != 0).then_some(state & !bits);
        // Relaxed: they guard nothing.
        let _ = self.fetch_change(Ordering::Relaxed, next);
    }

    fn take(&self, request: Request) -> bool {
        let next = |state| admits::<R>(state, request).then(|| taken(state, request));
        // [P1] Acquire.
        self.fetch_change(Ordering::Acquire, next).is_ok()
    }

    /// Reads, if nobody keeps readers out for any reason.
    #[inline]
    pub(in crate::sync) fn try_read_at_once(&self) -> bool {
        let enter = |state, next| {
            // [P1] Acquire. Relaxed: nothing was taken, and what was seen is a guess.
            self.state.compare_exchange(state, next, Ordering::Acquire, Ordering::Relaxed)
        };
        // Not a load first: after a release by the same thread it would wait for that.
        match enter(0, READER) {
            Ok(_) => true,
            Err(state) => {
                state & (WRITER | UPGRADING | WRITERS | COMING) == 0
                    && !is_full(state)
                    && enter(state, state + READER).is_ok()
            }
        }
    }

    #[inline]
    pub(super) fn try_write_at_once(&self) -> bool {
        // [P1] Acquire. Relaxed: nothing was taken.
        self.state.compare_exchange(0, WRITER, Ordering::Acquire, Ordering::Relaxed).is_ok()
    }

    #[cold]
    pub(in crate::sync) fn try_lock(&self, want: usize) -> bool {
        if want == READ {
            self.assert_room();
        }
        self.take(new(want))
    }

    /// Waits for the lock a little, then in the queue.
    #[cold]
    pub(in crate::sync) fn lock_contended(&self, want: usize) {
        if !self.spin(want) {
            // It is never closed.
            let _ = block_on(self, want);
        }
    }

    /// Tries for a while, also if others wait: what bars it keeps them their turn. (Measured with
    /// four threads on two processors: without that so many queue that operations took from ten to a
    /// hundred times as long.)
    pub(in crate::sync) fn spin(&self, want: usize) -> bool {
        let mut round = 0;
        loop {
            if want == READ {
                self.assert_room();
            }
            let state = self.seen();
            // A task that was told to write is given that time.
            let gives_way = want == READ && state & COMING != 0;
            if !gives_way && admits::<R>(state, new(want)) && self.take(new(want)) {
                return true;
            }
            if !P::relax(round) {
                return false;
            }
            round += 1;
        }
    }
}

/// Giving back.
impl<P: Policy, R: Preference> RawRwLock<P, R> {
    /// # Safety
    /// The caller has the lock as a reader.
    #[inline]
    pub(super) unsafe fn unlock_read(&self) {
        // [P1] Release.
        let before = self.state.fetch_sub(READER, Ordering::Release);
        if before & (QUEUED | TASK) != 0 {
            self.reader_has_left(before);
        }
    }

    #[cold]
    fn reader_has_left(&self, before: usize) {
        // Also if there were as many as can be counted: somebody may wait for that.
        if before & TASK != 0 || before & COUNT == READER || is_full(before) {
            self.released(before);
        }
    }

    /// # Safety
    /// The caller has the lock as a writer.
    #[inline]
    pub(super) unsafe fn unlock_write(&self) {
        // [P1] Release. Relaxed: nothing was done.
        if self.state.compare_exchange(WRITER, 0, Ordering::Release, Ordering::Relaxed).is_err() {
            // SAFETY: as the caller promises.
            unsafe { self.trade(WRITER, 0) };
        }
    }

    /// Gives back `given`, and keeps `kept`.
    ///
    /// # Safety
    /// The caller has `given`, which is `WRITER`, or `UPGRADABLE` and then nothing is kept.
    #[cold]
    pub(in crate::sync) unsafe fn trade(&self, given: usize, kept: usize) {
        let next = |state| {
            let phase = if opens::<R>(state, given) { READER } else { 0 };
            Some(state - given + kept + phase)
        };
        // [P1] Release.
        let (Ok(before) | Err(before)) = self.fetch_change(Ordering::Release, next);
        if opens::<R>(before, given) {
            drop(Phase(self));
        } else if before & (QUEUED | TASK) != 0 {
            self.released(before);
        }
    }

    /// Something was given back, and somebody waits or was told. [I1]
    fn released(&self, before: usize) {
        // A thread on its way will come; a task may not.
        let is_on_its_way = before & WOKEN != 0 && (before & TASK == 0 || !self.passes());
        if !is_on_its_way || before & (UPGRADING | READERS) != 0 {
            self.look_for_others();
        }
    }

    /// Counts a release that passes a woken task. `true`: it is waited for no longer.
    fn passes(&self) -> bool {
        // (If it has come meanwhile it looks itself.)
        let next = |state| (state & TASK != 0).then(|| passed(state).0);
        // Relaxed: a count.
        self.fetch_change(Ordering::Relaxed, next).is_ok_and(|before| passed(before).1)
    }
}

/// Those who wait.
impl<P: Policy, R: Preference> RawRwLock<P, R> {
    /// Tells those who can go on now. [I1]
    fn look_for_others(&self) {
        let (woken, _phase) = self.queue.exclusive(|ring| {
            let is_upgrading = self.seen() & UPGRADING != 0;
            let woken = self.call(ring);
            // A task that was told to upgrade goes before the readers that wait.
            let goes_first = is_upgrading && !R::READERS_FIRST;
            (woken, if goes_first { None } else { self.phase() })
        });
        // The phase comes after it, also if its waker panics.
        if let Some(waiter) = woken {
            waiter.wake();
        }
    }

    /// Begins a read phase, if readers wait and no more for somebody.
    fn phase(&self) -> Option<Phase<'_, P, R>> {
        let next = |state| {
            let upgrading = if R::READERS_FIRST { 0 } else { UPGRADING };
            let is_kept = state & (WRITER | upgrading | WRITERS | COMING) != 0 || is_full(state);
            (state & READERS != 0 && !is_kept).then_some(state + READER)
        };
        // [P1] [P2] Acquire.
        self.fetch_change(Ordering::Acquire, next).ok().map(|_| Phase(self))
    }

    /// Lets in all the readers that wait, and a claimant that need not wait for them to leave. The
    /// caller is a reader.
    fn let_in(&self) {
        let mut has_begun = false;
        self.queue.notify(|ring, wakes| {
            if !mem::replace(&mut has_begun, true) {
                ring.mark_due(|request| request.want == READ);
                self.clear(READERS);
                if let Some(waiter) = self.call(ring) {
                    wakes.push(waiter);
                }
            }
            while ring.is_front_due() && !wakes.is_full() {
                let is_thread = ring.front().is_some_and(|node| node.request().is_thread);
                let is_in = is_thread && self.add_reader();
                ring.notify_front_into(if is_in { Notice::Granted } else { Notice::Retry }, wakes);
            }
            let is_over = !ring.is_front_due();
            if is_over {
                self.tidy(ring);
            }
            !is_over
        });
    }

    /// Counts one more reader, unless they are too many; the caller is one.
    pub(in crate::sync) fn add_reader(&self) -> bool {
        let next = |state| (!is_full(state)).then(|| state + READER);
        // Relaxed: the caller has seen what came before, and its notice hands it on. [P2]
        self.fetch_change(Ordering::Relaxed, next).is_ok()
    }

    /// Under the queue's lock: tells the next who waits for others to leave, if they have. Whoever is
    /// returned is to be woken when the lock is free.
    fn call(&self, ring: &mut Ring<'_, P>) -> Option<Waiter<P>> {
        // If somebody has taken what is looked for, that one sees `QUEUED` when it gives it back. [I1]
        let state = self.seen();
        if state & UPGRADING != 0 {
            return self.call_upgrade(ring, state);
        }
        let next = if state & WOKEN == 0 { ring.find(is_claimant) } else { None };
        let request = next.filter(|&next| admits::<R>(state, Request { is_told: true, ..next }))?;
        // Before it is told, since it clears that at once if it looks just now. [I2]
        // Relaxed: it guards nothing.
        let _ = self.fetch_change(Ordering::Relaxed, |state| Some(called::<R>(state, request)));
        let woken = ring.notify_first(is_claimant, Notice::Retry);
        self.tidy(ring);
        woken
    }

    /// As `call`, for the upgrade: a thread is given it, a task is told.
    fn call_upgrade(&self, ring: &mut Ring<'_, P>, state: usize) -> Option<Waiter<P>> {
        let is_it = |request: Request| request.want == UPGRADE;
        let request = ring.find(is_it).filter(|_| state & COUNT == 0)?;
        let notice = if request.is_thread {
            // (A reader may have come where readers enter at any time: when it leaves it looks again.)
            let next = |state| (state & COUNT == 0).then(|| taken(state, request));
            // [P1] [P2] Acquire: what the readers did.
            self.fetch_change(Ordering::Acquire, next).ok()?;
            Notice::Granted
        } else {
            self.clear(UPGRADING);
            Notice::Retry
        };
        let woken = ring.notify_first(is_it, notice);
        self.tidy(ring);
        woken
    }

    /// Under the queue's lock: clears what is said of those who wait, if they do no more. [I3]
    pub(super) fn tidy(&self, ring: &mut Ring<'_, P>) {
        if ring.is_empty() {
            self.clear(QUEUED | READERS | WRITERS);
        } else if self.seen() & WRITERS != 0 && ring.find(|request| request.want == WRITE).is_none()
        {
            self.clear(WRITERS);
        }
    }
}

impl<P: Policy, R: Preference> Source for RawRwLock<P, R> {
    type Policy = P;
    type Guarded = ();

    fn queue(&self) -> &Queue<P> {
        &self.queue
    }

    #[inline]
    fn try_take(&self, request: Request) -> Attempt {
        let is_simple = request.want == READ && request.rounds == 0;
        Attempt::took_if((is_simple && self.try_read_at_once()) || self.take(request))
    }

    fn take_or_announce(&self, _: &mut Ring<'_, P>, request: Request) -> Attempt {
        let is_free = |state| admits::<R>(state, request);
        let next = |state| match is_free(state) {
            true => Some(taken(state, request)),
            false => Some(announced::<R>(state, request)),
        };
        // [P1] Acquire, if it takes the lock.
        let before = self.fetch_change(Ordering::Acquire, next);
        Attempt::took_if(before.is_ok_and(is_free))
    }

    fn has_left(&self, ring: &mut Ring<'_, P>, request: Request) {
        let upgrading = if request.want == UPGRADE { UPGRADING } else { 0 };
        self.clear(gone(request) | upgrading);
        self.tidy(ring);
    }

    fn keeps_its_place(&self, request: Request) -> bool {
        request.keeps_its_place()
    }

    fn forward(&self, notice: Notice, request: Request) {
        if notice == Notice::Granted {
            // SAFETY: it was given that.
            unsafe {
                match request.want {
                    READ => self.unlock_read(),
                    WRITE => self.unlock_write(),
                    UPGRADABLE_READ => self.trade(UPGRADABLE, 0),
                    // It is what it was.
                    _ => self.trade(WRITER, UPGRADABLE),
                }
            }
            return;
        }
        self.clear(gone(Request { is_told: true, ..request }));
        self.serve();
    }

    fn serve(&self) {
        if self.seen() & QUEUED != 0 {
            self.look_for_others();
        }
    }

    fn asks_for_courtesy(&self) -> bool {
        self.seen() & COURTESY != 0
    }
}

#[cfg(all(test, feature = "std"))]
mod tests {
    use super::{
        super::{PhaseFair, ReaderPreferring, RwLock},
        *,
    };
    use crate::{
        facade::tuning,
        wait::{DefaultPolicy, Threads},
    };
    use std::panic::{AssertUnwindSafe, catch_unwind};

    #[test]
    fn a_lock_is_kept_for_a_writer_that_has_waited_long() {
        let raw: RawRwLock<Threads, PhaseFair> = RawRwLock::new();
        let long = Request { rounds: tuning::LONG_WAIT, is_told: true, ..new(WRITE) };
        assert!(raw.try_write_at_once());
        let attempt = raw.queue.exclusive(|ring| raw.take_or_announce(ring, long));
        assert_eq!(attempt, Attempt::Blocked);
        // SAFETY: it was locked above. (The queue is empty: nobody is told.)
        unsafe { raw.trade(WRITER, 0) };
        for want in [WRITE, UPGRADABLE_READ] {
            assert!(!raw.try_lock(want) && !raw.spin(want), "somebody else has it");
        }
        assert_eq!(raw.try_take(long), Attempt::Took);
        // SAFETY: it was locked above.
        unsafe { raw.trade(WRITER, 0) };
        assert!(raw.try_lock(WRITE), "it is kept though nobody waits");
    }

    #[test]
    fn readers_that_cannot_be_counted_panic_and_change_nothing() {
        let lock: RwLock<()> = RwLock::new(());
        let upgradable = lock.try_upgradable_read();
        lock.raw.state.fetch_add(COUNT, Ordering::Relaxed);
        let before = lock.raw.seen();
        let said = [
            catch_unwind(AssertUnwindSafe(|| drop(lock.try_read()))),
            catch_unwind(AssertUnwindSafe(|| drop(lock.read_blocking()))),
            catch_unwind(AssertUnwindSafe(|| {
                let mut context = core::task::Context::from_waker(core::task::Waker::noop());
                let _ = core::future::Future::poll(core::pin::pin!(lock.read()), &mut context);
            })),
        ];
        assert!(said.iter().all(Result::is_err) && lock.raw.seen() == before);
        assert!(!lock.raw.add_reader() && lock.raw.seen() == before);
        lock.raw.state.fetch_sub(COUNT, Ordering::Relaxed);
        drop(upgradable);
        assert!(lock.try_write().is_some());
    }

    #[test]
    fn an_uncontended_lock_leaves_no_mark() {
        let raw: RawRwLock<DefaultPolicy, ReaderPreferring> = RawRwLock::new();
        assert!(raw.try_read_at_once() && raw.try_read_at_once());
        // SAFETY: two readers have it.
        unsafe {
            raw.unlock_read();
            raw.unlock_read();
        }
        assert!(raw.seen() == 0 && raw.try_write_at_once());
        // SAFETY: the writer has it.
        unsafe { raw.unlock_write() };
        assert_eq!(raw.seen(), 0);
    }
}
