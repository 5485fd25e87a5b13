//! Pushes that hold the cap of the domain's garbage: they link no segment beyond it.

use super::{Queue, QueueRef, segment::Claim};
use crate::{
    queue::PushWithinError,
    reclaim::{Guard, Identified},
};

impl<T> Queue<T> {
    /// As [`push`](Self::push), unless a new segment would be needed and the domain's garbage, of which the
    /// entries are segments here, has reached its cap; see
    /// [`Builder::garbage_cap`](crate::reclaim::Builder::garbage_cap). Lock-free; may free garbage.
    ///
    /// # Errors
    /// With the value, if the queue is closed, or the garbage is full.
    ///
    /// # Panics
    /// When the guard belongs to another collector.
    #[track_caller]
    pub fn push_within(&self, mut value: T, guard: &Guard<'_>) -> Result<(), PushWithinError<T>> {
        guard.assert_from(self.collector.id());
        let mut admitted = false;
        loop {
            let tail = self.last(guard);
            // SAFETY: `tail` is not retired while it can be loaded [I3], and this thread is pinned.
            let Some(segment) = (unsafe { tail.as_ref() }) else {
                self.start(guard);
                continue;
            };
            // A look before the claim: one in vain counts, and who is refused may ask for ever [S3].
            if segment.is_used_up() {
                admitted = admitted || guard.has_room();
                if !admitted {
                    return Err(PushWithinError::GarbageFull(value));
                }
                match self.extend(tail, value, guard) {
                    Ok(()) => return Ok(()),
                    Err(back) => value = back,
                }
                continue;
            }
            match segment.claim_for_push(1) {
                // SAFETY: claimed here.
                Claim::Slot(index) => match unsafe { segment.store(index, value) } {
                    Ok(()) => return Ok(()),
                    Err(back) => value = back,
                },
                Claim::Closed if self.is_at_end(tail, guard) => {
                    return Err(PushWithinError::Closed(value));
                }
                Claim::Exhausted | Claim::Closed => {}
            }
        }
    }
}

impl<T> QueueRef<'_, T> {
    /// Adds `value` at the end, unless the garbage has reached its cap; see [`Queue::push_within`].
    ///
    /// # Errors
    /// With the value, if the queue is closed, or the garbage is full.
    pub fn push_within(&self, value: T) -> Result<(), PushWithinError<T>> {
        self.queue().push_within(value, self.guard())
    }
}
