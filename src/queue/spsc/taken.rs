//! What a consumer takes in one call: values that are moved out, or looked at in place.

use super::Consumer;
use core::{fmt, iter::FusedIterator, marker::PhantomData};

/// Takes values; made by [`Consumer::pop_many`] and [`Consumer::drain`]. What it does not yield it drops.
///
/// (Forgotten, it has popped what it yielded and nothing else; the slots become free with the last one
/// that it could yield, or else with the next operation that pops.)
pub struct Drain<'c, T> {
    /// How many are still to come: the consumer knows of so many.
    left: usize,
    consumer: &'c mut Consumer<T>,
}

impl<'c, T> Drain<'c, T> {
    pub(super) fn new(left: usize, consumer: &'c mut Consumer<T>) -> Self {
        Drain { left, consumer }
    }
}

impl<T> Iterator for Drain<'_, T> {
    type Item = T;

    #[inline]
    fn next(&mut self) -> Option<T> {
        self.left = self.left.checked_sub(1)?;
        let value = self.consumer.take();
        if self.left == 0 {
            self.consumer.publish(); // Lest it be forgotten now, and the ring be full and empty for ever.
        }
        value
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<T> ExactSizeIterator for Drain<'_, T> {}
impl<T> FusedIterator for Drain<'_, T> {}

impl<T> Drop for Drain<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.consumer.discard(self.left);
    }
}

impl<T> fmt::Debug for Drain<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Drain").field("left", &self.left).finish_non_exhaustive()
    }
}

/// Values at the front, in place; made by [`Consumer::read_chunk`]. Dropped, it pops nothing.
///
/// # Examples
/// ```
/// let (mut producer, mut consumer) = counterpoint::queue::spsc::ring(4);
/// producer.push_slice(b"ab\nc");
/// let chunk = consumer.read_chunk(4);
/// let (first, second) = chunk.as_slices();
/// let line = first.iter().chain(second).position(|byte| *byte == b'\n').unwrap();
/// chunk.commit(line + 1);
/// assert_eq!(consumer.pop(), Some(b'c'));
/// ```
/// It lends values to another thread only if they may be shared:
/// ```compile_fail,E0277
/// fn share<T: Sync>(_: &T) {}
/// let (_producer, mut consumer) = counterpoint::queue::spsc::ring::<std::cell::Cell<u8>>(4);
/// share(&consumer.read_chunk(4));
/// ```
/// and no longer than they are in their slots:
/// ```compile_fail,E0505
/// let (_producer, mut consumer) = counterpoint::queue::spsc::ring::<String>(4);
/// let chunk = consumer.read_chunk(4);
/// let (first, _) = chunk.as_slices();
/// chunk.commit(1);
/// drop(first);
/// ```
#[must_use = "nothing is popped unless it is committed"]
pub struct Chunk<'c, T> {
    /// The consumer knows of so many.
    count: usize,
    consumer: &'c mut Consumer<T>,
    /// It lends the values, which a consumer does not: so it is shared as they are.
    _values: PhantomData<&'c mut [T]>,
}

impl<'c, T> Chunk<'c, T> {
    pub(super) fn new(count: usize, consumer: &'c mut Consumer<T>) -> Self {
        Chunk { count, consumer, _values: PhantomData }
    }

    /// How many values.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The values: the first slice, then the second.
    pub fn as_slices(&self) -> (&[T], &[T]) {
        let (first, second) = self.consumer.end().runs(self.count);
        // SAFETY: the slots hold values and are the consumer's [I2], which `self` borrows, so that they
        // change only through `&mut self`.
        unsafe { (&*first, &*second) }
    }

    /// The values, to be changed: the first slice, then the second.
    pub fn as_mut_slices(&mut self) -> (&mut [T], &mut [T]) {
        let (first, second) = self.consumer.end().runs(self.count);
        // SAFETY: as above, and borrowed exclusively; the two runs are apart.
        unsafe { (&mut *first, &mut *second) }
    }

    /// Pops the first `count` values and drops them; the others stay.
    ///
    /// # Panics
    /// When `count` is more than there are in the chunk; nothing is popped then.
    pub fn commit(self, count: usize) {
        assert!(count <= self.count, "{count} values committed of {} in the chunk", self.count);
        self.consumer.discard(count);
    }
}

impl<T> fmt::Debug for Chunk<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chunk").field("len", &self.count).finish_non_exhaustive()
    }
}

/// Moves the values out, as [`Consumer::pop_many`] does.
impl<'c, T> IntoIterator for Chunk<'c, T> {
    type Item = T;
    type IntoIter = Drain<'c, T>;

    fn into_iter(self) -> Drain<'c, T> {
        Drain::new(self.count, self.consumer)
    }
}

/// Owns a consumer and yields what it pops: `None` when there is nothing at that moment.
pub struct IntoIter<T> {
    consumer: Consumer<T>,
}

impl<T> Iterator for IntoIter<T> {
    type Item = T;

    #[inline]
    fn next(&mut self) -> Option<T> {
        self.consumer.pop()
    }
}

impl<T> fmt::Debug for IntoIter<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IntoIter").field("consumer", &self.consumer).finish()
    }
}

impl<T> IntoIterator for Consumer<T> {
    type Item = T;
    type IntoIter = IntoIter<T>;

    fn into_iter(self) -> IntoIter<T> {
        IntoIter { consumer: self }
    }
}
