//! What is done once, without its value: a word, and those who wait for it.
//!
//! # The word
//! | bits | |
//! |---|---|
//! | `RUNNING` | somebody initialises |
//! | `DONE` | it is done, for ever; without either it is *incomplete* |
//! | `QUEUED` | somebody is in the queue |
//! | the others | while the initialiser's code runs: the [identity](Park::identity) of who runs it |
//!
//! # Algorithm
//! Whoever finds it incomplete and wants to initialise takes it, by one read-modify-write, whether it
//! was told to or not. The others wait: those who would *initialise*, and those who only *watch*.
//!
//! * **Done**: one read-modify-write, and if somebody waits everybody is told, so many at a time.
//!   Nobody enters the queue any more, so that nobody need be marked for it.
//! * **Failed** (the initialiser panicked, returned an error, or its future was dropped): it is
//!   incomplete again, and the first who would initialise is told to try; who watches sleeps on. If
//!   that first one is a task, which nobody may ever poll, the first thread behind it is told too:
//!   after a failure there may be no other event that would wake the thread. (To tell all would make
//!   failures in a row quadratic.) So a future that was told and is not polled keeps no blocked thread
//!   and nobody who comes or is polled from initialising; tasks behind it that nobody polls wait until
//!   it is polled or dropped, or somebody else has initialised.
//! * **Re-entrancy**: the identity is in the word while the closure runs, or while the initialising
//!   future is made, polled or dropped. Whoever would wait and finds its own identity would wait for
//!   itself, and panics.
//!
//! # Invariants
//! * `[I1]` If it is incomplete, and somebody in the queue would initialise, then somebody was told and
//!   has not tried, or is about to be told.
//! * `[I2]` Whoever is told to try takes it, waits again, or forwards.
//! * `[I3]` `QUEUED` is set under the queue's lock; it is cleared there when nobody is left, or for
//!   ever by `DONE`.
//! * `[I4]` There is one [`Running`] while `RUNNING`, and none otherwise.
//! * `[I5]` A thread's identity is written by that thread alone, and removed by it before it goes on. So
//!   it reads its own only while it is inside.
//!
//! # Orderings
//! * `[P1]` Who sees `DONE` sees what the initialiser did.
//! * `[P2]` Who initialises after a failure sees what the one before did.
//!
//! **Checked by**: `tests/scenarios/once.rs`, `tests/once/`.

use crate::{
    facade::{
        atomic::{AtomicUsize, Ordering},
        engine,
    },
    wait::{
        Attempt, Clock, Notice, Park, Policy, Queue, Request, Ring, Source, Wait, block_on,
        block_until, node::Waiter,
    },
};
use core::{
    future::Future,
    mem::{self, ManuallyDrop},
    panic::{RefUnwindSafe, UnwindSafe},
    pin::Pin,
    task::{Context, Poll},
};

const RUNNING: usize = 1;
const DONE: usize = 1 << 1;
const QUEUED: usize = 1 << 2;
const FLAGS: usize = RUNNING | DONE | QUEUED;

/// The values of [`Request::want`]: to initialise it if nobody else does, ...
const INITIALISE: usize = 0;
/// ... or that somebody has.
const WATCH: usize = 1;

/// Something that is done once.
pub(super) struct RawOnce<P: Policy> {
    state: AtomicUsize,
    queue: Queue<P>,
}

/// A panic of an initialiser leaves it as if nobody had tried.
impl<P: Policy> RefUnwindSafe for RawOnce<P> {}
impl<P: Policy> UnwindSafe for RawOnce<P> {}

/// What the word holds of the caller; 0: nothing can be told.
fn identity<P: Park>() -> usize {
    P::identity().map_or(0, |identity| identity.get() & !FLAGS)
}

impl<P: Policy> RawOnce<P> {
    pub(super) const fn new() -> Self {
        RawOnce { state: AtomicUsize::root(), queue: Queue::new(()) }
    }

    /// One that is done.
    pub(super) const fn done() -> Self {
        RawOnce { state: AtomicUsize::root_of(DONE), queue: Queue::new(()) }
    }

    #[inline]
    pub(super) fn is_done(&self) -> bool {
        // [P1] Acquire.
        self.state.load(Ordering::Acquire) & DONE != 0
    }

    /// Whether it is done: who has it for itself asks nobody.
    pub(super) fn is_done_mut(&mut self) -> bool {
        self.state.load_mut() & DONE != 0
    }

    /// Takes it, if it is incomplete; no waiting.
    pub(super) fn try_begin(&self) -> Result<Running<'_, P>, Refused> {
        match self.take(0) {
            Attempt::Took => Ok(Running { raw: self }),
            Attempt::Blocked => Err(Refused::Running),
            Attempt::Closed => Err(Refused::Done),
        }
    }

    /// Blocks the thread until it is its turn to initialise; `None`: it is done.
    pub(super) fn begin_blocking(&self) -> Option<Running<'_, P>> {
        let is_taken = match self.take(identity::<P>()) {
            Attempt::Took => true,
            Attempt::Closed => false,
            Attempt::Blocked => {
                self.forbid_own();
                block_on(self, INITIALISE).is_ok()
            }
        };
        is_taken.then(|| Running { raw: self })
    }

    /// Waits until it is the caller's turn to initialise; `None`: it is done.
    pub(super) fn begin(&self) -> Begin<'_, P> {
        Begin { wait: Wait::new(self, INITIALISE) }
    }

    /// Waits until it is done, which `None` says.
    pub(super) fn watch(&self) -> Begin<'_, P> {
        Begin { wait: Wait::new(self, WATCH) }
    }

    /// Blocks the thread until it is done.
    pub(super) fn watch_blocking(&self) {
        if !self.is_done() {
            self.forbid_own();
            // Nobody who watches takes it.
            let _ = block_on(self, WATCH);
        }
    }

    /// Blocks the thread until it is done, or until then: `false`.
    pub(super) fn watch_until(&self, deadline: P::Instant) -> bool
    where
        P: Clock,
    {
        if self.is_done() {
            return true;
        }
        self.forbid_own();
        block_until(self, WATCH, deadline).is_some() || self.is_done()
    }

    /// # Panics
    /// When the initialiser itself would wait.
    fn forbid_own(&self) {
        // Relaxed: its own identity a thread has written itself. [I5]
        let owner = self.state.load(Ordering::Relaxed) & !FLAGS;
        if owner != 0 && owner == identity::<P>() {
            asked_by_its_initialiser();
        }
    }

    /// Takes it, if it is incomplete, on behalf of who has that identity.
    fn take(&self, identity: usize) -> Attempt {
        // [P1] Acquire, if it is done.
        let mut state = self.state.load(Ordering::Acquire);
        loop {
            match state & (RUNNING | DONE) {
                0 => {}
                RUNNING => return Attempt::Blocked,
                _ => return Attempt::Closed,
            }
            let next = state | RUNNING | identity;
            // [P2] Acquire. [P1] Acquire, if it is done meanwhile.
            let (success, failure) = (Ordering::Acquire, Ordering::Acquire);
            match self.state.compare_exchange(state, next, success, failure) {
                Ok(_) => return Attempt::Took,
                Err(seen) => state = seen,
            }
        }
    }

    /// It is done: everybody is told.
    fn complete(&self) {
        // [P1] Release.
        if self.state.swap(DONE, Ordering::Release) & QUEUED != 0 {
            self.tell_all();
        }
    }

    #[cold]
    fn tell_all(&self) {
        self.queue.notify(|ring, wakes| {
            while !ring.is_empty() && !wakes.is_full() {
                ring.notify_front_into(Notice::Closed, wakes);
            }
            !ring.is_empty()
        });
    }

    /// It is incomplete again: somebody else may initialise.
    #[cold]
    fn fail(&self) {
        // [P2] Release.
        let before = self.state.fetch_and(QUEUED, Ordering::Release);
        debug_assert!(before & (RUNNING | DONE) == RUNNING, "nobody initialises");
        if before & QUEUED != 0 {
            self.tell_next();
        }
    }

    /// Tells the first who would initialise to try; and if that is a task, the first thread.
    fn tell_next(&self) {
        let would = |request: Request| request.want == INITIALISE;
        self.queue.notify(|ring, wakes| {
            // Relaxed: if somebody has taken it, that one sees `QUEUED` when it ends. [I1]
            if self.state.load(Ordering::Relaxed) & (RUNNING | DONE) != 0 {
                return false;
            }
            let Some(first) = ring.notify_first(would, Notice::Retry) else { return false };
            if matches!(first, Waiter::Task(_)) {
                let thread = |request: Request| would(request) && request.is_thread;
                if let Some(thread) = ring.notify_first(thread, Notice::Retry) {
                    wakes.push(thread);
                }
            }
            wakes.push(first);
            self.clear_if_empty(ring);
            false
        });
    }

    /// Under the queue's lock: says that nobody is left, if it is so. [I3]
    fn clear_if_empty(&self, ring: &Ring<'_, P>) {
        if ring.is_empty() {
            // Relaxed: it guards nothing.
            self.state.fetch_and(!QUEUED, Ordering::Relaxed);
        }
    }
}

/// Why it cannot be taken now.
pub(super) enum Refused {
    /// Somebody initialises.
    Running,
    /// It is done.
    Done,
}

#[cold]
fn asked_by_its_initialiser() -> ! {
    panic!("what is initialised once was asked for by its own initialiser")
}

/// What the request writes of its thread. (A task's code is marked when it runs.)
fn identity_of<P: Park>(request: Request) -> usize {
    if request.is_thread { identity::<P>() } else { 0 }
}

impl<P: Policy> Source for RawOnce<P> {
    type Policy = P;
    type Guarded = ();

    fn queue(&self) -> &Queue<P> {
        &self.queue
    }

    fn try_take(&self, request: Request) -> Attempt {
        match request.want {
            INITIALISE => self.take(identity_of::<P>(request)),
            _ if self.is_done() => Attempt::Closed,
            _ => Attempt::Blocked,
        }
    }

    fn take_or_announce(&self, _: &mut Ring<'_, P>, request: Request) -> Attempt {
        // [P1] Acquire, if it is done.
        let mut state = self.state.load(Ordering::Acquire);
        loop {
            if state & DONE != 0 {
                return Attempt::Closed;
            }
            let takes = state & RUNNING == 0 && request.want == INITIALISE;
            let mark = if takes { RUNNING | identity_of::<P>(request) } else { QUEUED };
            // [P2] Acquire, if it takes. [P1] Acquire, if it is done meanwhile.
            let (success, failure) = (Ordering::Acquire, Ordering::Acquire);
            match self.state.compare_exchange(state, state | mark, success, failure) {
                Ok(_) => return Attempt::took_if(takes),
                Err(seen) => state = seen,
            }
        }
    }

    fn has_left(&self, ring: &mut Ring<'_, P>, _: Request) {
        self.clear_if_empty(ring);
    }

    fn forward(&self, notice: Notice, _: Request) {
        match notice {
            // It had taken it.
            Notice::Granted => self.fail(),
            _ => self.tell_next(),
        }
    }
}

/// A future that waits.
pub(super) struct Begin<'a, P: Policy> {
    wait: Wait<&'a RawOnce<P>>,
}

impl<'a, P: Policy> Future for Begin<'a, P> {
    type Output = Option<Running<'a, P>>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let raw = *self.wait.source();
        raw.forbid_own();
        // SAFETY: `wait` is pinned with it.
        let wait = unsafe { self.map_unchecked_mut(|this| &mut this.wait) };
        wait.poll(context).map(|waited| waited.is_ok().then(|| Running { raw }))
    }
}

/// The right to initialise, and the duty to say what came of it: a drop says that it failed. [I4]
#[must_use = "to drop it says that the initialiser failed"]
pub(super) struct Running<'a, P: Policy> {
    raw: &'a RawOnce<P>,
}

impl<P: Policy> Running<'_, P> {
    pub(super) fn is_of(&self, raw: &RawOnce<P>) -> bool {
        core::ptr::eq(self.raw, raw)
    }

    /// It is done. A waker that panics does not change that.
    pub(super) fn complete(self) {
        let raw = self.raw;
        mem::forget(self);
        raw.complete();
    }

    /// Runs some code of the initialiser, on behalf of a task.
    pub(super) fn marked<R>(&self, code: impl FnOnce() -> R) -> R {
        let identity = identity::<P>();
        if identity == 0 {
            return code();
        }
        // Relaxed: only this thread asks for it. [I5]
        self.raw.state.fetch_or(identity, Ordering::Relaxed);
        let _unmark = Unmark(&self.raw.state);
        code()
    }

    /// Makes a future and runs it, all of it marked.
    pub(super) async fn run<F: Future>(&self, make: impl FnOnce() -> F) -> F::Output {
        let future = ManuallyDrop::new(self.marked(make));
        Initialiser { running: self, future }.await
    }
}

impl<P: Policy> Drop for Running<'_, P> {
    fn drop(&mut self) {
        if !engine::abandoned() {
            self.raw.fail();
        }
    }
}

/// Takes the identity back, also if the code panics.
struct Unmark<'a>(&'a AtomicUsize);

impl Drop for Unmark<'_> {
    fn drop(&mut self) {
        // Relaxed: only this thread asks for it. [I5]
        self.0.fetch_and(FLAGS, Ordering::Relaxed);
    }
}

/// A future that initialises: its code runs marked, its destructor too.
struct Initialiser<'a, 'r, P: Policy, F> {
    running: &'a Running<'r, P>,
    future: ManuallyDrop<F>,
}

impl<P: Policy, F: Future> Future for Initialiser<'_, '_, P, F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let running = self.running;
        // SAFETY: `future` is pinned with it: it is not moved, and dropped in its place.
        let future = unsafe { self.map_unchecked_mut(|this| &mut *this.future) };
        running.marked(|| future.poll(context))
    }
}

impl<P: Policy, F> Drop for Initialiser<'_, '_, P, F> {
    fn drop(&mut self) {
        let future = &mut self.future;
        // SAFETY: nobody uses it after this.
        self.running.marked(|| unsafe { ManuallyDrop::drop(future) });
    }
}
