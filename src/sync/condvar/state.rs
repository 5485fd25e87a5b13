//! Who waits for a condition, and how they come to the queue of their mutex.
//!
//! # Algorithm
//! Who waits is linked in the condition's queue while it holds the mutex, and unlocks that then. A thread
//! that is notified is moved to the mutex's queue: no thread is woken only to find the mutex taken. If
//! that is free one is told to try at once. A task is told, and comes to the mutex by itself.
//!
//! The queue knows the mutex of those in it by its address. It is used on behalf of threads only, who are
//! there: a thread is blocked, and passes the queue's lock before it goes on, when who moves it has
//! done with the mutex. (What a future borrows may be gone while its node is in the ring: it may have
//! been forgotten.)
//!
//! # Invariants
//! * `[I1]` `waits` is 1 if and only if the ring is not empty, and then `mutex` is that of all in it; as
//!   the lock's holder sees it.
//! * `[I2]` No thread leaves a wait without having passed the queue's lock after it was linked.
//! * `[I3]` Who was notified by `notify_one`, and leaves without the lock, notifies another.
//!
//! # Ordering
//! The mutex orders: who notifies after a change that it made under the mutex has locked that after each
//! waiter unlocked it, and so sees that somebody waits; or it has locked it before, and then the waiter
//! sees the change.

use super::Condvar;
use crate::{
    facade::atomic::Ordering,
    wait::{Adopts, Moving, Notice, Policy, Ring, Wakes},
};
use core::{mem, ptr};

/// The mutex of those who wait.
pub(crate) struct Bound<P: Policy>(Option<*const dyn Adopts<P>>);

// SAFETY: a lock of a mutex, which any thread may use; by whoever finds somebody in the ring.
unsafe impl<P: Policy> Send for Bound<P> {}

/// Who wait use another mutex.
pub(super) struct OtherMutex;

/// What [`Request::want`](crate::wait::Request::want) is for who was notified by `notify_one` ...
pub(super) const ONE: usize = 1;
/// ... and by `notify_all`.
const ALL: usize = 2;

impl<P: Policy> Bound<P> {
    pub(super) const fn new() -> Self {
        Bound(None)
    }
}

impl<P: Policy> Condvar<P> {
    /// Under the queue's lock: somebody with that mutex is about to be linked.
    pub(super) fn announce(
        &self,
        ring: &mut Ring<'_, P, Bound<P>>,
        mutex: *const dyn Adopts<P>,
    ) -> Result<(), OtherMutex> {
        let is_empty = ring.is_empty();
        ring.guarded(|bound| {
            let is_same = bound.0.is_some_and(|other| ptr::addr_eq(other, mutex));
            if !is_empty && !is_same {
                return Err(OtherMutex);
            }
            bound.0 = Some(mutex);
            Ok(())
        })?;
        // Relaxed: the mutex orders.
        self.waits.swap(1, Ordering::Relaxed);
        Ok(())
    }

    /// Under the queue's lock: somebody has left the ring.
    pub(super) fn have_left(&self, ring: &mut Ring<'_, P, Bound<P>>) {
        if ring.is_empty() {
            ring.guarded(|bound| bound.0 = None);
            // Relaxed: the mutex orders.
            self.waits.swap(0, Ordering::Relaxed);
        }
    }

    /// Whether somebody waits.
    #[inline]
    pub(super) fn is_awaited(&self) -> bool {
        // Relaxed: the mutex orders.
        self.waits.load(Ordering::Relaxed) != 0
    }

    /// Somebody waits: notifies the first, if it waits still.
    #[cold]
    pub(super) fn notify_first(&self) -> bool {
        let mut is_any = false;
        self.queue.notify(|ring, wakes| {
            if let Some(moving) = ring.take_new(ONE) {
                is_any = true;
                self.deliver(ring, moving, wakes);
            }
            false
        });
        is_any
    }

    /// Somebody waits: notifies all who do; says how many.
    #[cold]
    pub(super) fn notify_each(&self) -> usize {
        let (mut has_begun, mut count) = (false, 0);
        self.queue.notify(|ring, wakes| {
            if !mem::replace(&mut has_begun, true) {
                ring.mark_due(|_| true);
            }
            while !wakes.is_full() {
                let Some(moving) = ring.take_due(ALL) else { break };
                count += 1;
                self.deliver(ring, moving, wakes);
            }
            ring.is_front_due()
        });
        count
    }

    /// Under the queue's lock: one that was unlinked there is moved, or told.
    fn deliver(&self, ring: &mut Ring<'_, P, Bound<P>>, moving: Moving<P>, wakes: &mut Wakes<P>) {
        match ring.guarded(|bound| bound.0) {
            Some(mutex) if moving.request().is_thread => {
                // SAFETY: the thread waits with it [I1], and is there until it has passed this lock. [I2]
                unsafe { &*mutex }.adopt(moving, wakes);
            }
            _ => moving.tell(Notice::Retry, wakes),
        }
        self.have_left(ring);
    }
}
