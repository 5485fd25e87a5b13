//! The end that pops.

use super::{
    end::{End, drop_runs},
    taken::{Chunk, Drain},
};
use crate::{
    base::CachePadded,
    facade::{atomic::Ordering, engine},
};
use core::{
    fmt,
    panic::{RefUnwindSafe, UnwindSafe},
    ptr,
};

/// The end of a [ring](super::ring) that pops.
///
/// # Consistency
/// What is popped is popped at one moment, all that one call pops; pushes and pops that succeed are
/// linearizable. How many values there are, is looked at before, and may be an older truth: what
/// has just been pushed may be seen late. (It would cost a fence in every operation.)
///
/// # Progress
/// All operations are wait-free.
///
/// # Examples
/// A producer that has left has pushed all that it ever will:
/// ```
/// let (mut producer, mut consumer) = counterpoint::queue::spsc::ring(2);
/// producer.push("last");
/// drop(producer);
/// assert!(consumer.is_abandoned());
/// assert_eq!((consumer.pop(), consumer.pop()), (Some("last"), None));
/// ```
/// What is looked at is not popped meanwhile:
/// ```compile_fail,E0499
/// let (_producer, mut consumer) = counterpoint::queue::spsc::ring::<u8>(2);
/// let front = consumer.peek();
/// consumer.pop();
/// drop(front);
/// ```
pub struct Consumer<T> {
    end: CachePadded<End<T>>,
}

// SAFETY: values come from the thread that pushed them.
unsafe impl<T: Send> Send for Consumer<T> {}
// SAFETY: `&Consumer` reads positions, and gives no value.
unsafe impl<T: Send> Sync for Consumer<T> {}

impl<T> UnwindSafe for Consumer<T> {}
impl<T> RefUnwindSafe for Consumer<T> {}

impl<T> Consumer<T> {
    pub(super) fn new(end: End<T>) -> Self {
        Consumer { end: CachePadded::new(end) }
    }

    /// Takes the value at the front.
    #[inline]
    pub fn pop(&mut self) -> Option<T> {
        let value = self.take()?;
        self.publish();
        Some(value)
    }

    /// The value at the front.
    #[inline]
    pub fn peek(&mut self) -> Option<&T> {
        self.peek_mut().map(|value| &*value)
    }

    /// The value at the front, to be changed.
    #[inline]
    pub fn peek_mut(&mut self) -> Option<&mut T> {
        if self.up_to(1) == 0 {
            return None;
        }
        // SAFETY: the slot holds a value and is this end's [I2]; it is borrowed exclusively with `self`.
        Some(unsafe { &mut *self.end.next() })
    }

    /// Takes up to `count` values, of those that are there when it is called. What the iterator does
    /// not yield it drops; when it is dropped the slots are free.
    pub fn pop_many(&mut self, count: usize) -> Drain<'_, T> {
        Drain::new(self.up_to(count), self)
    }

    /// Takes all values that are there when it is called; see [`pop_many`](Self::pop_many).
    pub fn drain(&mut self) -> Drain<'_, T> {
        self.pop_many(usize::MAX)
    }

    /// Moves values to the beginning of `values`, as many as there are and as have place; says how many.
    pub fn pop_slice(&mut self, values: &mut [T]) -> usize
    where
        T: Copy,
    {
        let count = self.up_to(values.len());
        let (first, second) = self.end.runs(count);
        let (from_first, from_second) = values[..count].split_at_mut(first.len());
        // SAFETY: the slots hold values and are this end's [I2]; the lengths agree; and `values`, which
        // is borrowed exclusively, is none of the slots.
        unsafe {
            ptr::copy_nonoverlapping(first.cast(), from_first.as_mut_ptr(), first.len());
            ptr::copy_nonoverlapping(second.cast(), from_second.as_mut_ptr(), second.len());
        }
        self.end.advance(count);
        self.publish();
        count
    }

    /// Up to `count` values, of those that are there, in place. Nothing is popped unless
    /// [`Chunk::commit`] is called.
    pub fn read_chunk(&mut self, count: usize) -> Chunk<'_, T> {
        Chunk::new(self.up_to(count), self)
    }

    /// How many values there are. (There may be more at once: the producer goes on.)
    #[inline]
    pub fn len(&self) -> usize {
        // Relaxed: no value is read by this; what reads looks again.
        self.end.ring().tail.load(Ordering::Relaxed).wrapping_sub(self.end.position())
    }

    /// Whether there is no value.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many values the ring holds at most.
    #[inline]
    pub fn capacity(&self) -> usize {
        self.end.capacity()
    }

    /// Whether the producer has been dropped: what the ring holds after that is all there will be. (So
    /// ask before the last look for values, not after.)
    #[inline]
    pub fn is_abandoned(&self) -> bool {
        self.end.is_alone()
    }

    pub(super) fn end(&self) -> &End<T> {
        &self.end
    }

    /// Takes the value at the front; its slot is free when that is published.
    #[inline(always)]
    pub(super) fn take(&mut self) -> Option<T> {
        if self.up_to(1) == 0 {
            return None;
        }
        // SAFETY: the slot holds a value and is this end's [I2]; the position leaves it at once.
        let value = unsafe { self.end.next().read() };
        self.end.advance(1);
        Some(value)
    }

    /// Drops the first `count` values, of those that this end knows of, and publishes, also when a
    /// destructor panics.
    #[inline]
    pub(super) fn discard(&mut self, count: usize) {
        /// Frees the slots after the destructors, which use them.
        struct Publish<'c, T>(&'c mut Consumer<T>);
        impl<T> Drop for Publish<'_, T> {
            #[inline]
            fn drop(&mut self) {
                self.0.publish();
            }
        }
        assert!(count <= self.end.left());
        let runs = self.end.runs(count);
        self.end.advance(count);
        let publish = Publish(self);
        // SAFETY: they hold values that are this end's [I2]; the position has left them.
        unsafe { drop_runs(runs) };
        drop(publish);
    }

    /// So many of `count` values as there are; looks for more if it knows of fewer.
    #[inline]
    fn up_to(&mut self, count: usize) -> usize {
        let left = self.end.left();
        if left >= count {
            return count;
        }
        if self.refresh() == 0 && self.end.gives_a_start(count) {
            self.refresh();
        }
        count.min(self.end.left())
    }

    /// How many values there are now.
    #[inline(always)]
    fn refresh(&mut self) -> usize {
        // [P1] Acquire: the values before `tail`.
        let tail = self.end.ring().tail.load(Ordering::Acquire);
        self.end.set_bound(tail)
    }

    /// Gives the slots before the own position back.
    #[inline(always)]
    pub(super) fn publish(&mut self) {
        // [P2] Release: the values are moved out.
        self.end.ring().head.store(self.end.position(), Ordering::Release);
    }
}

impl<T> Drop for Consumer<T> {
    fn drop(&mut self) {
        // A `Drain` that was forgotten has not published [I4].
        if !engine::abandoned() {
            self.publish();
        }
    }
}

impl<T> fmt::Debug for Consumer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Consumer")
            .field("capacity", &self.capacity())
            .field("len", &self.len())
            .field("is_abandoned", &self.is_abandoned())
            .finish_non_exhaustive()
    }
}
