//! **Select**: waiting for several things at a time, and getting one of them.
//!
//! ```
//! use counterpoint::{
//!     select::{Select, Selected},
//!     sync::{Mutex, Notify},
//! };
//!
//! let (mutex, stop) = (Mutex::new(1), Notify::new());
//! let held = mutex.lock_blocking();
//! stop.notify_one();
//! match Select::new((mutex.lock(), stop.wait())).wait_blocking() {
//!     Selected::First(guard) => panic!("somebody unlocked {guard:?}"),
//!     Selected::Second(()) => drop(held),
//! }
//! ```
//!
//! # Operations
//! The futures of [`sync`](crate::sync) are operations, and [`other`] makes one of any future (as of those
//! of `Once`, `OnceCell` and `Lazy`). A tuple of two, three or four operations gives a [`Selected`]; an
//! array of operations of one type gives its index and what it gave. (An empty one waits for ever.)
//!
//! # Deadlines
//! A future has a deadline if it is selected together with a timer, whichever the executor has:
//! [`with_deadline`](Operation::with_deadline). A thread has the clock of its policy.
//!
//! # Which one
//! The first, in order, that can go on when the select looks: one that always can starves those behind it.
//! When something has been handed to one of them (a fair mutex, permits in order, a notification), that is
//! the one, and nothing is handed to the others. (To a condition that waits for a fair mutex, and to
//! `other` futures, things may still be handed: they hand them on as they are dropped.)
//!
//! # Cancellation
//! The operations that were not selected are dropped before the result is given, as futures that wait: they
//! lose their places and nothing else. So is a [`Select`] that is dropped. (A `Condvar` that was not
//! selected unlocks the mutex; a `Barrier` may have been passed.)
//!
//! # Progress
//! A thread that blocks by [`wait_blocking`](Select::wait_blocking) and its kin waits as a task does: it is
//! given way to within the bounds that hold for tasks, not those for threads. Who queues behind an operation
//! of a select goes on when that one goes, also when it waits for nothing any more: poll a select that was
//! woken, or drop it.

mod deadline;
mod operations;

use crate::wait::{self, Clock, Group, Joins, Park, Policy};
use core::{
    fmt,
    future::Future,
    marker::{PhantomData, PhantomPinned},
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
    time::Duration,
};

pub use deadline::WithDeadline;
pub use operations::{Operations, Other, Selected, other};

/// What can be selected: whatever waits in [`sync`](crate::sync), and [`Other`] futures.
pub trait Operation: Joins + Sized {
    /// Waits for this, until a deadline: any future, as a timer of the executor.
    ///
    /// ```
    /// use counterpoint::{select::Operation, sync::Mutex};
    /// # fn main() { tasks::block_on(async {
    /// # async fn sleep(_: u32) {}
    /// # let mutex = Mutex::new(());
    /// # let _held = mutex.lock_blocking();
    /// match mutex.lock().with_deadline(sleep(10)).await {
    ///     Ok(guard) => drop(guard),
    ///     Err(()) => println!("too late"),
    /// }
    /// # }) }
    /// # mod tasks {
    /// #     pub fn block_on<F: Future<Output = ()>>(future: F) {
    /// #         use counterpoint::select::{Select, other};
    /// #         Select::new([other(future)]).wait_blocking();
    /// #     }
    /// # }
    /// ```
    fn with_deadline<D: Future>(self, deadline: D) -> WithDeadline<Self, D> {
        WithDeadline(Select::with_policy((self, other(deadline))))
    }
}

impl<O: Joins> Operation for O {}

/// Waits for several operations, and gets the result of one; see the [module](self).
///
/// A future, on which a thread may block too; `P` says how.
#[must_use = "it does nothing unless it is awaited"]
pub struct Select<O: Operations, P: Park = wait::DefaultPolicy> {
    /// Until one is selected. They go before the group does.
    operations: Option<O>,
    has_joined: bool,
    group: Group,
    _policy: PhantomData<fn() -> P>,
    _pinned: PhantomPinned,
}

impl<O: Operations> Select<O> {
    /// Selects one of them, when it is awaited.
    pub fn new(operations: O) -> Self {
        Select::with_policy(operations)
    }
}

impl<O: Operations, P: Park> Select<O, P> {
    /// As [`new`](Select::new), for threads that block by another policy.
    pub fn with_policy(operations: O) -> Self {
        Select {
            operations: Some(operations),
            has_joined: false,
            group: Group::new(),
            _policy: PhantomData,
            _pinned: PhantomPinned,
        }
    }

    /// Selects one that can go on now.
    pub fn try_wait(self) -> Option<O::Output> {
        let mut this = pin!(self);
        // Twice: one that comes new may give way to others once.
        (0..2).find_map(|_| match this.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(output) => Some(output),
            Poll::Pending => None,
        })
    }
}

impl<O: Operations, P: Policy> Select<O, P> {
    /// Blocks the thread until one is selected.
    pub fn wait_blocking(self) -> O::Output {
        let thread = P::current();
        let output = self.block(&thread, |parks| {
            if parks {
                P::park(&thread);
            }
            true
        });
        output.expect("it does not give up")
    }

    /// `pause` is that of [`Park::drive`].
    fn block(self, thread: &P::Thread, pause: impl FnMut(bool) -> bool) -> Option<O::Output> {
        let mut this = pin!(self);
        P::drive(thread, |waker| this.as_mut().poll(&mut Context::from_waker(waker)), pause)
    }
}

impl<O: Operations, P: Policy + Clock> Select<O, P> {
    /// Blocks the thread until one is selected, or for so long.
    pub fn wait_timeout(self, timeout: Duration) -> Option<O::Output> {
        match P::after(P::now(), timeout) {
            Some(deadline) => self.wait_deadline(deadline),
            None => Some(self.wait_blocking()),
        }
    }

    /// Blocks the thread until one is selected, or until then. If that is over it tries for a moment.
    pub fn wait_deadline(self, deadline: P::Instant) -> Option<O::Output> {
        let thread = P::current();
        self.block(&thread, |parks| {
            let is_early = P::now() < deadline;
            if is_early && parks {
                P::park_until(&thread, deadline);
            }
            is_early
        })
    }
}

impl<O: Operations, P: Park> Future for Select<O, P> {
    type Output = O::Output;

    /// # Panics
    /// When it was ready before.
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<O::Output> {
        // SAFETY: the operations and the group are pinned with it, and stay where they are.
        let this = unsafe { self.get_unchecked_mut() };
        let group = &this.group;
        let operations = this.operations.as_mut();
        // SAFETY: as above.
        let operations = operations.map(|operations| unsafe { Pin::new_unchecked(operations) });
        let mut operations = operations.expect("a select was polled after it was ready");
        if !this.has_joined {
            // SAFETY: the group is pinned, and goes after the operations.
            unsafe { operations.as_mut().join(group) };
            this.has_joined = true;
        }
        let polled = operations.poll(group.decided(), context);
        if polled.is_ready() {
            // The others leave, and forward what they were told.
            this.operations = None;
        }
        polled
    }
}

impl<O: Operations, P: Park> fmt::Debug for Select<O, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Select").finish_non_exhaustive()
    }
}
