//! The end of a queue: no push may claim in its last segment, and nothing follows that one.

use super::{
    Queue,
    segment::{END, Segment},
};
use crate::{
    facade::atomic::Ordering,
    reclaim::{Guard, Identified, Shared},
};

impl<T> Queue<T> {
    /// Ends all pushes: those that come later get their value back. What is in the queue stays, to be
    /// popped. Returns whether this call did it, and no earlier one. Lock-free.
    ///
    /// When this has returned, or [`is_closed`](Self::is_closed) has said so, and then the queue is found
    /// empty, it stays so: what was pushed has been popped.
    ///
    /// # Panics
    /// When the guard belongs to another collector.
    #[track_caller]
    pub fn close(&self, guard: &Guard<'_>) -> bool {
        guard.assert_from(self.collector.id());
        loop {
            let tail = self.last(guard);
            // SAFETY: not retired while it can be loaded [I3]; this thread is pinned.
            let Some(segment) = (unsafe { tail.as_ref() }) else {
                self.start(guard);
                continue;
            };
            let is_first = segment.close();
            if self.is_at_end(tail, guard) {
                return is_first;
            }
        }
    }

    /// Whether the queue is closed. Lock-free.
    ///
    /// # Panics
    /// When the guard belongs to another collector.
    #[track_caller]
    pub fn is_closed(&self, guard: &Guard<'_>) -> bool {
        guard.assert_from(self.collector.id());
        // SAFETY: not retired while it can be loaded [I3]; this thread is pinned.
        let last = unsafe { self.last(guard).as_ref() };
        // [P2] Acquire: that no push may claim.
        last.is_some_and(|segment| segment.next.load(Ordering::Acquire, guard).tag() == END)
    }

    /// Ends the queue there, where no push may claim, unless it goes on; then `tail` is moved on.
    #[cold]
    pub(super) fn is_at_end(&self, tail: Shared<'_, Segment<T>>, guard: &Guard<'_>) -> bool {
        // SAFETY: it was the tail while this thread was pinned [I3].
        let segment = unsafe { tail.deref() };
        // [P2] Release: who sees the end sees that no push may claim. Acquire on failure: a successor
        // is passed on.
        let ended = segment.next.compare_exchange(
            Shared::null(),
            Shared::null().with_tag(END),
            Ordering::Release,
            Ordering::Acquire,
            guard,
        );
        match ended {
            Ok(_) => true,
            Err(found) if found.current.is_null() => true,
            Err(found) => {
                self.move_tail(tail, found.current, guard); // [I2]
                false
            }
        }
    }
}
