//! Many values in one call.

use super::{ArrayQueue, Refused};
use crate::{base::Backoff, facade::atomic::Ordering, queue::Full};
use alloc::vec::Vec;
use core::{fmt, iter, option};

/// What was not pushed of an iterator: the value that did not fit, then the iterator.
pub struct Rest<I: Iterator>(iter::Chain<option::IntoIter<I::Item>, I>);

impl<I: Iterator> Iterator for Rest<I> {
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        self.0.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<I: Iterator> fmt::Debug for Rest<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rest").finish_non_exhaustive()
    }
}

impl<T> ArrayQueue<T> {
    /// Pushes values one by one, until one does not fit; returns how many.
    ///
    /// They are not contiguous: values of other threads may come between them. If the iterator
    /// panics, what it has yielded is in the queue, and the queue goes on.
    ///
    /// # Errors
    /// With the value that did not fit and all that come after it, if the queue was full; those
    /// before it are pushed. Nothing is lost:
    /// ```
    /// # use counterpoint::queue::ArrayQueue;
    /// let queue = ArrayQueue::new(2);
    /// let rest = queue.push_many(1..=4).unwrap_err().into_inner();
    /// assert!(rest.eq(3..=4));
    /// ```
    pub fn push_many<I: IntoIterator<Item = T>>(
        &self,
        values: I,
    ) -> Result<usize, Full<Rest<I::IntoIter>>> {
        let mut values = values.into_iter();
        let mut pushed = 0;
        while let Some(value) = values.next() {
            // No slot is claimed while the iterator runs.
            if let Err(Full(value)) = self.push(value) {
                return Err(Full(Rest(Some(value).into_iter().chain(values))));
            }
            pushed += 1;
        }
        Ok(pushed)
    }

    /// Pops up to `max` values, which were at the front together, onto the end of `into`; returns how
    /// many. None if `max` is 0, or if the queue was empty at some moment of the call.
    ///
    /// One exchange takes them all: they are contiguous, and cost less than as many pops. It takes
    /// what is ready, and does not wait for more. Waits, as `pop` does, for the first one.
    ///
    /// # Panics
    /// When `into` cannot grow; nothing is popped then.
    pub fn pop_many(&self, into: &mut Vec<T>, max: usize) -> usize {
        if max == 0 {
            return 0;
        }
        let Ok((mut position, count)) = self.waiting(|| self.claim_heads(into, max)) else {
            return 0;
        };
        for _ in 0..count {
            // SAFETY: claimed above, and ready. There is room in `into`: it neither allocates nor panics.
            into.push(unsafe { self.empty(position) });
            position = self.ring.next(position);
        }
        count
    }

    /// Claims positions of pops that follow each other, for which `into` has room.
    fn claim_heads(&self, into: &mut Vec<T>, max: usize) -> Result<(usize, usize), Refused> {
        let mut backoff = Backoff::new();
        loop {
            // Relaxed: a guess, which the exchange confirms; if it cannot, the fence is the Acquire [P3].
            let head = self.head.load(Ordering::Relaxed);
            let (mut end, mut count) = (head, 0);
            while count < max.min(self.capacity()) {
                // [P1] Acquire: the value.
                let stamp = self.ring.slot(end).stamp.load(Ordering::Acquire);
                if stamp != self.ring.ready(end) {
                    break;
                }
                end = self.ring.next(end);
                count += 1;
            }
            if count == 0 {
                // Or there is one by now, or `head` has moved: the caller looks again.
                return Err(if self.was_empty(head) { Refused::Settled } else { Refused::Busy });
            }
            into.reserve(count); // Before the claim: it may panic.
            // [P3] Release: who finds nothing here sees what this thread has pushed. Relaxed on
            // failure: the loop loads again.
            let claimed =
                self.head.compare_exchange(head, end, Ordering::Release, Ordering::Relaxed);
            if claimed.is_ok() {
                return Ok((head, count));
            }
            backoff.spin();
        }
    }
}
