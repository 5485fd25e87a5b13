//! The barrier: so many meet, and go on together.
//!
//! # Algorithm
//! All of it is under the queue's lock: how many have arrived in this round, and who waits. The last one
//! to arrive marks all others, begins the next round, and tells them when the lock is free. So it may be
//! used again at once: who arrives in the next round is behind those who have yet to be told.
//!
//! # Invariants
//! * `[I1]` `arrived` is the number of nodes in the ring that are not due.
//! * `[I2]` It is less than `parties` when the lock is free.
//!
//! # Ordering
//! What was done before an arrival is seen by all who go on: by the queue's lock, and by the notice.

use crate::wait::{self, Attempt, Notice, Policy, Queue, Request, Ring, Source, Wait, block_on};
use core::{
    cell::Cell,
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

/// So many threads and tasks wait for each other, again and again.
///
/// ```
/// use counterpoint::sync::Barrier;
///
/// static MEETING: Barrier = Barrier::new(3);
/// let leaders: usize = std::thread::scope(|scope| {
///     let each = [(); 3].map(|()| scope.spawn(|| MEETING.wait_blocking().is_leader()));
///     each.into_iter().map(|one| usize::from(one.join().unwrap())).sum()
/// });
/// assert_eq!(leaders, 1);
/// ```
///
/// # Cancellation
/// A future arrives when it is polled first. One that is dropped while it waits withdraws its arrival:
/// the others wait for somebody else. Dropped after the last one has arrived, it changes nothing.
pub struct Barrier<P: Policy = wait::DefaultPolicy> {
    parties: usize,
    /// How many have arrived.
    queue: Queue<P, usize>,
}

impl<P: Policy> Barrier<P> {
    /// A barrier at which so many meet. At one of zero, as at one of one, nobody waits.
    pub const fn new(parties: usize) -> Self {
        Barrier { parties, queue: Queue::new(0) }
    }

    /// How many meet.
    pub fn parties(&self) -> usize {
        self.parties
    }

    /// A future that arrives, and waits for the others.
    pub fn wait(&self) -> BarrierWait<'_, P> {
        BarrierWait(Wait::new(Arrival::new(self), 0))
    }

    /// Arrives, and blocks the thread until the others have.
    pub fn wait_blocking(&self) -> BarrierWaitResult {
        let arrival = Arrival::new(self);
        // It is never closed.
        let _ = block_on(&arrival, 0);
        arrival.go_on()
    }

    fn tell_others(&self) {
        self.queue.notify_due(Notice::All, |_| ());
    }
}

impl<P: Policy> fmt::Debug for Barrier<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Barrier").field("parties", &self.parties).finish_non_exhaustive()
    }
}

/// What [`Barrier::wait`] answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BarrierWaitResult {
    is_leader: bool,
}

impl BarrierWaitResult {
    /// Whether the caller was the last to arrive. One in each round is.
    pub fn is_leader(self) -> bool {
        self.is_leader
    }
}

/// Somebody who arrives, or has.
struct Arrival<'a, P: Policy> {
    barrier: &'a Barrier<P>,
    is_leader: Cell<bool>,
}

// SAFETY: the cell is used by who polls the wait, and has it exclusively.
unsafe impl<P: Policy> Sync for Arrival<'_, P> {}

impl<'a, P: Policy> Arrival<'a, P> {
    fn new(barrier: &'a Barrier<P>) -> Self {
        Arrival { barrier, is_leader: Cell::new(false) }
    }

    /// All have arrived.
    fn go_on(&self) -> BarrierWaitResult {
        let is_leader = self.is_leader.get();
        if is_leader {
            self.barrier.tell_others();
        }
        BarrierWaitResult { is_leader }
    }
}

impl<P: Policy> Source for Arrival<'_, P> {
    type Policy = P;
    type Guarded = usize;

    fn queue(&self) -> &Queue<P, usize> {
        &self.barrier.queue
    }

    /// One arrives when it enters.
    fn try_take(&self, _: Request) -> Attempt {
        Attempt::Blocked
    }

    fn take_or_announce(&self, ring: &mut Ring<'_, P, usize>, _: Request) -> Attempt {
        let is_last = ring.guarded(|arrived| {
            let is_last = *arrived + 1 >= self.barrier.parties;
            *arrived = if is_last { 0 } else { *arrived + 1 };
            is_last
        });
        if is_last {
            self.is_leader.set(true);
            ring.mark_due(|_| true);
        }
        Attempt::took_if(is_last)
    }

    fn has_left(&self, ring: &mut Ring<'_, P, usize>, request: Request) {
        // One that was due has gone on. [I1]
        if !request.is_told {
            ring.guarded(|arrived| *arrived -= 1);
        }
    }

    /// The last one to arrive goes before it has told the others.
    fn forward(&self, _: Notice, _: Request) {
        self.barrier.tell_others();
    }
}

/// A future that waits at a [`Barrier`]; see [`Barrier::wait`].
#[must_use = "futures do nothing unless they are awaited"]
pub struct BarrierWait<'a, P: Policy = wait::DefaultPolicy>(Wait<Arrival<'a, P>>);

impl<P: Policy> Future for BarrierWait<'_, P> {
    type Output = BarrierWaitResult;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<BarrierWaitResult> {
        // SAFETY: the wait is pinned with the future.
        let mut wait = unsafe { self.map_unchecked_mut(|this| &mut this.0) };
        // It is never closed.
        wait.as_mut().poll(context).map(|_| wait.source().go_on())
    }
}

impl<P: Policy> fmt::Debug for BarrierWait<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BarrierWait").finish_non_exhaustive()
    }
}
