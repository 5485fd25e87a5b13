//! What an exclusive reference allows: values in place, and pushes and pops without a guard.

use super::{Queue, QueueDrain, QueueIterMut};
use crate::{queue::Closed, reclaim::unprotected};

impl<T> Queue<T> {
    /// The value at the front.
    pub fn peek(&mut self) -> Option<&T> {
        self.peek_mut().map(|value| &*value)
    }

    /// The value at the front, to be changed.
    pub fn peek_mut(&mut self) -> Option<&mut T> {
        self.iter_mut().next()
    }

    /// Adds `value` at the end, without a guard.
    ///
    /// # Errors
    /// With the value, if the queue is closed.
    ///
    /// # Examples
    /// ```
    /// let mut queue = counterpoint::queue::Queue::new();
    /// assert_eq!((queue.push_mut(1), queue.push_mut(2)), (Ok(()), Ok(())));
    /// assert_eq!((queue.pop_mut(), queue.drain().len()), (Some(1), 1));
    /// ```
    /// It needs the queue alone:
    /// ```compile_fail,E0596
    /// # use counterpoint::queue::Queue;
    /// let queue = Queue::from_iter([1]);
    /// queue.pop_mut();
    /// ```
    #[inline]
    pub fn push_mut(&mut self, value: T) -> Result<(), Closed<T>> {
        // SAFETY: `&mut` keeps every other thread away, and pushing retires nothing.
        self.push(value, unsafe { unprotected() })
    }

    /// Takes the value at the front, without a guard. A segment that is used up is freed at once.
    #[inline]
    pub fn pop_mut(&mut self) -> Option<T> {
        // SAFETY: `&mut` keeps every other thread away, so a segment may be freed at once.
        self.pop(unsafe { unprotected() })
    }

    /// The values from front to end, to be changed.
    pub fn iter_mut(&mut self) -> QueueIterMut<'_, T> {
        QueueIterMut::new(self)
    }

    /// Takes all values, from front to end. What the iterator does not yield it drops.
    pub fn drain(&mut self) -> QueueDrain<'_, T> {
        QueueDrain::new(self)
    }
}
