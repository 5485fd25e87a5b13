//! Who waits for a condition, and how they come to the queue of their mutex.
//!
//! # Algorithm
//! Who waits is linked in the condition's queue while it holds the mutex, and unlocks that then. To be
//! notified is to be moved to the mutex's queue (Lampson and Redell 1980, section 4.1, do so by a second
//! wake-up): nobody is woken only to find the mutex taken. If it is free one is told to try at once.
//!
//! The queue knows the mutex of those in it, by its address: it is alive as long as one of them is, and
//! whoever has been in the queue passes its lock before it goes, so that who moves it has done with the
//! mutex.
//!
//! # Invariants
//! * `[I1]` `waits` is 1 if and only if the ring is not empty, and then `mutex` is that of all in it; as
//!   the lock's holder sees it.
//! * `[I2]` Nobody leaves a wait without having passed the queue's lock after it was linked.
//! * `[I3]` Who was moved by `notify_one`, and leaves without the lock, notifies another.
//!
//! # Ordering
//! The mutex orders: who notifies after a change that it made under the mutex has locked that after each
//! waiter unlocked it, and so sees that somebody waits; or it has locked it before, and then the waiter
//! sees the change.

use super::Condvar;
use crate::{
    facade::atomic::Ordering,
    wait::{Adopts, Policy, Ring},
};
use core::ptr;

/// The mutex of those who wait.
pub(crate) struct Bound<P: Policy>(Option<*const dyn Adopts<P>>);

// SAFETY: a lock of a mutex, which any thread may use; by whoever finds somebody in the ring.
unsafe impl<P: Policy> Send for Bound<P> {}

/// Who wait use another mutex.
pub(super) struct OtherMutex;

/// What [`Request::want`](crate::wait::Request::want) is for who was moved by `notify_one` ...
pub(super) const ONE: usize = 1;
/// ... and by `notify_all`.
pub(super) const ALL: usize = 2;

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

    /// Moves so many to the queue of their mutex; says how many there were.
    #[cold]
    pub(super) fn move_on(&self, most: usize, want: usize) -> usize {
        let mut moved = 0;
        self.queue.notify(|ring, wakes| {
            let Some(mutex) = ring.guarded(|bound| bound.0) else { return false };
            let mut next = || {
                let moving = if moved < most { ring.take_front(want) } else { None };
                moved += usize::from(moving.is_some());
                moving
            };
            // SAFETY: somebody is in the ring, whose mutex it is, and stays until it has passed this lock.
            // [I1] [I2]
            unsafe { &*mutex }.adopt(&mut next, wakes);
            self.have_left(ring);
            moved < most && !ring.is_empty()
        });
        moved
    }
}
