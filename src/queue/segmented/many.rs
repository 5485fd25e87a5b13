//! Many values in one call.

use super::{Queue, segment::Claim};
use crate::{
    facade::{atomic::Ordering, tuning},
    queue::Closed,
    reclaim::{Guard, Identified},
};
use alloc::{collections::VecDeque, vec::Vec};
use core::{fmt, iter::FusedIterator, mem};

/// What was not pushed of an iterator: the values that were taken from it, then the iterator.
pub struct Unpushed<I: Iterator> {
    values: VecDeque<I::Item>,
    rest: I,
}

impl<I: Iterator> Iterator for Unpushed<I> {
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        self.values.pop_front().or_else(|| self.rest.next())
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let (lower, upper) = self.rest.size_hint();
        let held = self.values.len();
        (lower.saturating_add(held), upper.and_then(|upper| upper.checked_add(held)))
    }
}

impl<I: FusedIterator> FusedIterator for Unpushed<I> {}

impl<I: Iterator> fmt::Debug for Unpushed<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unpushed").finish_non_exhaustive()
    }
}

/// Values on their way into a queue; also when the iterator panics that they come from.
struct Push<'q, T> {
    queue: &'q Queue<T>,
    guard: &'q Guard<'q>,
    values: VecDeque<T>,
}

impl<T> Push<'_, T> {
    /// Pushes them; what the queue does not take, since it is closed, is left.
    fn push(&mut self) {
        while !self.values.is_empty() {
            // [P2] Acquire: the fields of the segment that `tail` passes on.
            let tail = self.queue.tail.load(Ordering::Acquire, self.guard);
            // SAFETY: `tail` is not retired while it can be loaded [I3], and this thread is pinned.
            let Some(segment) = (unsafe { tail.as_ref() }) else {
                self.queue.start(self.guard);
                continue;
            };
            let count = self.values.len();
            match segment.claim_for_push(count) {
                Claim::Slot(first) => {
                    for index in first..(first + count).min(segment.len()) {
                        // SAFETY: claimed above.
                        self.one(|value| unsafe { segment.store(index, value) });
                    }
                }
                Claim::Exhausted => self.one(|value| self.queue.extend(tail, value, self.guard)),
                Claim::Closed if self.queue.is_at_end(tail, self.guard) => return,
                Claim::Closed => {}
            }
        }
    }

    /// Pushes the first one; it stays the first if it comes back.
    fn one(&mut self, push: impl FnOnce(T) -> Result<(), T>) {
        if let Some(Err(back)) = self.values.pop_front().map(push) {
            self.values.push_front(back); // Its place is free.
        }
    }
}

impl<T> Drop for Push<'_, T> {
    fn drop(&mut self) {
        self.push();
    }
}

impl<T> Queue<T> {
    /// How many values are taken from an iterator, and then pushed together.
    const CHUNK: usize = {
        let fit = tuning::PUSH_BYTES / if size_of::<T>() == 0 { 1 } else { size_of::<T>() };
        if fit == 0 { 1 } else { fit }
    };

    /// Pushes values, some at a time by one claim; returns how many. Lock-free.
    ///
    /// They keep their order, but values of other threads may come between them. No slot is claimed while
    /// the iterator runs. If it panics, what it has yielded is in the queue, if that is open.
    ///
    /// # Errors
    /// With the values that were not pushed, if the queue is closed, also in the midst. Nothing is lost:
    /// ```
    /// # use counterpoint::queue::Queue;
    /// let queue = Queue::new();
    /// # #[cfg(feature = "std")] {
    /// let queue = queue.pin();
    /// assert_eq!(queue.push_many(1..=4).unwrap(), 4);
    /// queue.close();
    /// assert!(queue.push_many(5..=8).unwrap_err().into_inner().eq(5..=8));
    /// # }
    /// # drop(queue);
    /// ```
    ///
    /// # Panics
    /// When the guard belongs to another collector.
    #[track_caller]
    pub fn push_many<I: IntoIterator<Item = T>>(
        &self,
        values: I,
        guard: &Guard<'_>,
    ) -> Result<usize, Closed<Unpushed<I::IntoIter>>> {
        guard.assert_from(self.collector.id());
        let (mut rest, mut pushed) = (values.into_iter(), 0);
        let mut push = Push { queue: self, guard, values: VecDeque::new() };
        loop {
            push.values.extend(rest.by_ref().take(Self::CHUNK));
            let count = push.values.len();
            push.push();
            if !push.values.is_empty() {
                let values = mem::take(&mut push.values);
                return Err(Closed(Unpushed { values, rest }));
            }
            pushed += count;
            if count < Self::CHUNK {
                return Ok(pushed);
            }
        }
    }

    /// Pops up to `max` values onto the end of `into`; returns how many. Stops when the queue was empty at
    /// some moment, and so goes on while others push. Lock-free.
    ///
    /// Those that lie ready in one segment are taken by one exchange: they are contiguous.
    ///
    /// # Panics
    /// When the guard belongs to another collector, or `into` cannot grow; what was popped before is in it.
    #[track_caller]
    pub fn pop_many(&self, into: &mut Vec<T>, max: usize, guard: &Guard<'_>) -> usize {
        guard.assert_from(self.collector.id());
        let mut popped = 0;
        while popped < max {
            let Some((segment, front)) = self.front(guard) else { break };
            let count = segment.count_ready(front, max - popped);
            if count == 0 && segment.was_empty(front) {
                break;
            }
            into.reserve(count.max(1)); // Before the claim: it may panic.
            if count == 0 {
                let Some(value) = self.pop(guard) else { break };
                into.push(value);
                popped += 1;
            } else if segment.claim_for_pops(front, count) {
                // SAFETY: claimed here, and ready.
                into.extend((front..front + count).map(|index| unsafe { segment.read(index) }));
                popped += count;
            }
        }
        popped
    }
}
