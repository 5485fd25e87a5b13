//! The end that pushes.

use super::end::End;
use crate::queue::Full;
use crate::{base::CachePadded, facade::atomic::Ordering};
use core::{
    fmt,
    mem::MaybeUninit,
    panic::{RefUnwindSafe, UnwindSafe},
    ptr, slice,
};

/// The end of a [ring](super::ring) that pushes.
///
/// # Consistency
/// What is pushed is pushed at one moment, all that one call pushes; pushes and pops that succeed are
/// linearizable. How much room there is, is looked at before, and may be an older truth: that the
/// consumer has just popped may be seen late. (It would cost a fence in every operation.) The
/// same holds for the consumer, so that one end may say full when the other says empty.
///
/// # Progress
/// All operations are wait-free.
pub struct Producer<T> {
    end: CachePadded<End<T>>,
}

// SAFETY: values go to the thread that pops them, and to the one whose end is dropped last.
unsafe impl<T: Send> Send for Producer<T> {}
// SAFETY: `&Producer` reads positions, and gives no value.
unsafe impl<T: Send> Sync for Producer<T> {}

impl<T> UnwindSafe for Producer<T> {}
impl<T> RefUnwindSafe for Producer<T> {}

impl<T> Producer<T> {
    pub(super) fn new(end: End<T>) -> Self {
        Producer { end: CachePadded::new(end) }
    }

    /// Adds `value` at the end.
    ///
    /// # Errors
    /// There is no room; the error holds the value.
    #[inline]
    pub fn push(&mut self, value: T) -> Result<(), Full<T>> {
        if self.room_for(1) == 0 {
            return Err(Full(value));
        }
        // SAFETY: the slot is free and this end's [I2].
        unsafe { self.end.next().write(value) };
        self.end.advance(1);
        self.publish();
        Ok(())
    }

    /// Adds values at the end, as many as there is room for when it is called; says how many. What
    /// finds no room is not taken from the iterator. The consumer sees the values when the call ends,
    /// also if it ends because the iterator panics.
    ///
    /// ```
    /// let (mut producer, consumer) = counterpoint::queue::spsc::ring(3);
    /// let mut numbers = 1..;
    /// assert_eq!(producer.push_many(&mut numbers), 3);
    /// assert_eq!((consumer.len(), numbers.next()), (3, Some(4)));
    /// ```
    pub fn push_many(&mut self, values: impl IntoIterator<Item = T>) -> usize {
        /// Publishes what was written, also on unwinding.
        struct Batch<'p, T>(&'p mut Producer<T>);
        impl<T> Drop for Batch<'_, T> {
            fn drop(&mut self) {
                self.0.publish();
            }
        }
        let values = values.into_iter();
        let room = self.room_for(values.size_hint().1.unwrap_or(usize::MAX));
        let batch = Batch(self);
        let before = batch.0.end.position();
        for value in values.take(room) {
            // SAFETY: the slot is free and this end's [I2]: there are no more than `room`.
            unsafe { batch.0.end.next().write(value) };
            batch.0.end.advance(1);
        }
        batch.0.end.position().wrapping_sub(before)
    }

    /// Adds copies of the first of `values` at the end, as many as there is room for; says how many.
    pub fn push_slice(&mut self, values: &[T]) -> usize
    where
        T: Copy,
    {
        let count = self.room_for(values.len());
        let (first, second) = self.end.runs(count);
        let (to_first, to_second) = values[..count].split_at(first.len());
        // SAFETY: the slots are free and this end's [I2], so nobody refers to them; the lengths agree.
        unsafe {
            ptr::copy_nonoverlapping(to_first.as_ptr(), first.cast(), first.len());
            ptr::copy_nonoverlapping(to_second.as_ptr(), second.cast(), second.len());
        }
        self.end.advance(count);
        self.publish();
        count
    }

    /// Up to `count` free slots, to be written in place: fewer, or none, if there is no room. Nothing is
    /// pushed unless [`Reserved::commit`] is called.
    pub fn reserve(&mut self, count: usize) -> Reserved<'_, T> {
        let count = self.room_for(count);
        Reserved { producer: self, count }
    }

    /// How many values there is room for. (There may be more room at once: the consumer goes on.)
    #[inline]
    pub fn free_slots(&self) -> usize {
        // Relaxed: nothing is written to a slot by this; what writes looks again.
        let head = self.end.ring().head.load(Ordering::Relaxed);
        self.capacity() - self.end.position().wrapping_sub(head)
    }

    /// Whether there is no room.
    #[inline]
    pub fn is_full(&self) -> bool {
        self.free_slots() == 0
    }

    /// How many values the ring holds at most.
    #[inline]
    pub fn capacity(&self) -> usize {
        self.end.capacity()
    }

    /// Whether the consumer has been dropped: nobody will pop what is pushed. Values are dropped with
    /// this end then.
    #[inline]
    pub fn is_abandoned(&self) -> bool {
        self.end.is_alone()
    }

    /// So many of `count` as there is room for; looks for more room if it knows of less.
    #[inline]
    fn room_for(&mut self, count: usize) -> usize {
        let left = self.end.left();
        if left >= count {
            return count;
        }
        if self.refresh() == 0 && self.end.gives_a_start(count) {
            self.refresh();
        }
        count.min(self.end.left())
    }

    /// How many slots are free now.
    #[inline(always)]
    fn refresh(&mut self) -> usize {
        // [P2] Acquire: the consumer has moved the values out of the slots before `head`.
        let head = self.end.ring().head.load(Ordering::Acquire);
        let bound = head.wrapping_add(self.end.capacity());
        self.end.set_bound(bound)
    }

    /// Hands over what is written before the own position.
    #[inline(always)]
    fn publish(&mut self) {
        // [P1] Release: the values.
        self.end.ring().tail.store(self.end.position(), Ordering::Release);
    }
}

impl<T> fmt::Debug for Producer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Producer")
            .field("capacity", &self.capacity())
            .field("free_slots", &self.free_slots())
            .field("is_abandoned", &self.is_abandoned())
            .finish_non_exhaustive()
    }
}

/// Free slots, to be written in place; made by [`Producer::reserve`]. Dropped, it pushes nothing.
///
/// # Examples
/// ```
/// let (mut producer, mut consumer) = counterpoint::queue::spsc::ring(4);
/// let mut slots = producer.reserve(3);
/// let (first, second) = slots.as_mut_slices();
/// for (number, slot) in first.iter_mut().chain(second).enumerate() {
///     slot.write(number);
/// }
/// // SAFETY: all three are written.
/// unsafe { slots.commit(3) };
/// assert!(consumer.drain().eq([0, 1, 2]));
/// ```
#[must_use = "nothing is pushed unless it is committed"]
pub struct Reserved<'p, T> {
    producer: &'p mut Producer<T>,
    count: usize,
}

impl<T> Reserved<'_, T> {
    /// How many slots.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The slots in the order in which they are popped: the first slice, then the second. What they
    /// hold is uninitialised, or left over.
    pub fn as_mut_slices(&mut self) -> (&mut [MaybeUninit<T>], &mut [MaybeUninit<T>]) {
        let (first, second) = self.producer.end.runs(self.count);
        // SAFETY: the slots are free and this end's [I2], and borrowed exclusively with `self`; any
        // bytes are right for `MaybeUninit`; the two runs are apart.
        unsafe {
            (
                slice::from_raw_parts_mut(first.cast(), first.len()),
                slice::from_raw_parts_mut(second.cast(), second.len()),
            )
        }
    }

    /// Pushes the first `count` slots, all at once; the others stay free.
    ///
    /// # Safety
    /// The first `count` slots hold values: they were written since they were reserved.
    ///
    /// # Panics
    /// When `count` is more than were reserved.
    pub unsafe fn commit(self, count: usize) {
        assert!(count <= self.count, "{count} slots committed of {} reserved", self.count);
        self.producer.end.advance(count);
        self.producer.publish();
    }
}

impl<T> fmt::Debug for Reserved<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reserved").field("len", &self.count).finish_non_exhaustive()
    }
}
