//! The owner of a bounded deque.

use super::{Inner, Stealer};
use crate::deque::{
    ends::{Ends, FIRST, Taken},
    ring::{Ring, Slots},
    shared::Shared,
};
use core::{
    cell::Cell,
    fmt,
    marker::PhantomData,
    panic::{RefUnwindSafe, UnwindSafe},
};

/// Why nothing was pushed, and the value.
///
/// (It is not the error of bounded queues: there others push too, and to be busy is theirs.)
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum PushError<T> {
    /// The deque held its capacity at some moment of the call.
    Full(T),
    /// A thief has claimed the value in that slot, and is moving it out. Until it has, every push is
    /// answered so, though the deque be empty.
    Busy(T),
}

impl<T> PushError<T> {
    /// The value that was not pushed.
    pub fn into_inner(self) -> T {
        match self {
            PushError::Full(value) | PushError::Busy(value) => value,
        }
    }

    /// Whether it is for want of room.
    pub fn is_full(&self) -> bool {
        matches!(self, PushError::Full(_))
    }
}

impl<T> fmt::Debug for PushError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_full() { "Full(..)" } else { "Busy(..)" })
    }
}

impl<T> fmt::Display for PushError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_full() {
            "the deque is full"
        } else {
            "a thief is moving a value out of the slot"
        })
    }
}

impl<T> core::error::Error for PushError<T> {}

/// The owner of a bounded deque: pushes, and pops what is newest, or what is oldest.
///
/// All memory is allocated by [`new`](Self::new); nothing else allocates.
///
/// # Consistency
/// Linearizable, but for how much room there is: that a thief has just left a slot may be seen late.
/// [`PushError::Busy`] says that nothing was decided. (A thief may see late what has just been pushed:
/// who goes to sleep because it found nothing needs a protocol of its own.)
///
/// # Progress
/// Wait-free, but for [`pop_oldest`](Self::pop_oldest), which is lock-free.
///
/// # Examples
/// ```
/// use counterpoint::deque::{Steal, bounded::{PushError, Worker}};
///
/// let worker = Worker::new(2);
/// let stealer = worker.stealer();
/// assert_eq!(worker.push('a'), Ok(()));
/// assert_eq!(worker.push('b'), Ok(()));
/// assert_eq!(worker.push('c'), Err(PushError::Full('c')));
/// assert_eq!(stealer.steal(), Steal::Success('a'));
/// assert_eq!((worker.pop(), worker.pop()), (Some('b'), None));
/// ```
/// One thread owns it: it may be sent, but not shared,
/// ```compile_fail,E0277
/// fn share<T: Sync>(_: &T) {}
/// share(&counterpoint::deque::bounded::Worker::<u8>::new(1));
/// ```
/// and not doubled:
/// ```compile_fail,E0599
/// let worker = counterpoint::deque::bounded::Worker::<u8>::new(1);
/// let second = worker.clone();
/// ```
/// Values may borrow, but from what outlives the deque:
/// ```compile_fail,E0597
/// let worker = counterpoint::deque::bounded::Worker::new(1);
/// {
///     let text = String::from("short");
///     let _ = worker.push(text.as_str());
/// }
/// worker.pop();
/// ```
pub struct Worker<T> {
    shared: Shared<Inner<T>>,
    slots: Slots<T>,
    /// There is one owner.
    _not_sync: PhantomData<Cell<()>>,
}

// SAFETY: it goes with its values. (It is not `Sync`: there is one owner.)
unsafe impl<T: Send> Send for Worker<T> {}

impl<T> UnwindSafe for Worker<T> {}
impl<T> RefUnwindSafe for Worker<T> {}

impl<T> Worker<T> {
    /// An empty deque of so many slots, or of the next power of two.
    ///
    /// # Panics
    /// When `capacity` is 0, or there cannot be so many slots.
    #[track_caller]
    pub fn new(capacity: usize) -> Self {
        assert!(capacity > 0, "a deque has at least one slot");
        let shared = Shared::new(Inner { ends: Ends::new(), ring: Ring::new(capacity, FIRST) });
        let slots = shared.ring.slots();
        Worker { shared, slots, _not_sync: PhantomData }
    }

    /// One who steals from this deque. It may be cloned.
    pub fn stealer(&self) -> Stealer<T> {
        Stealer::new(self.shared.clone())
    }

    /// Adds `value` as the newest.
    ///
    /// # Errors
    /// There is no free slot; the error holds the value, and says why.
    #[inline]
    pub fn push(&self, value: T) -> Result<(), PushError<T>> {
        if !self.has_room() {
            return Err(self.refused(value));
        }
        // SAFETY: nothing has come between.
        unsafe { self.push_to_free(value) };
        Ok(())
    }

    /// Takes the newest value.
    #[inline]
    pub fn pop(&self) -> Option<T> {
        let value = match self.shared.ends.take_newest()? {
            // SAFETY: the ring lives; taken [I3], so that this copy is used [I10].
            Taken::Above(index) => unsafe { self.slots.read(index).assume_init() },
            // SAFETY: as above.
            Taken::Below(index) => unsafe { self.take(index) },
        };
        Some(value)
    }

    /// Takes the oldest value, as a stealer would. Lock-free.
    #[inline]
    pub fn pop_oldest(&self) -> Option<T> {
        let index = self.shared.ends.take_oldest()?;
        // SAFETY: claimed, so that this copy is used [I10].
        Some(unsafe { self.take(index) })
    }

    /// How many values there are. (There may be fewer at once: others steal.)
    #[inline]
    pub fn len(&self) -> usize {
        self.shared.ends.len()
    }

    /// Whether there is no value.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many values it holds at most.
    #[inline]
    pub fn capacity(&self) -> usize {
        self.slots.capacity()
    }

    /// Whether the slot of the next push is free.
    #[inline(always)]
    pub(super) fn has_room(&self) -> bool {
        // SAFETY: the ring lives.
        unsafe { self.slots.is_free(self.shared.ends.next()) }
    }

    /// Adds `value` as the newest.
    ///
    /// # Safety
    /// The slot of the next push is free.
    #[inline(always)]
    pub(super) unsafe fn push_to_free(&self, value: T) {
        let next = self.shared.ends.next();
        // SAFETY: the ring lives, its slot is free, and this is the owner.
        unsafe { self.slots.write(next, value) };
        self.shared.ends.publish(next.wrapping_add(1));
    }

    /// Why the slot is not free.
    #[cold]
    fn refused(&self, value: T) -> PushError<T> {
        let ends = &self.shared.ends;
        if ends.next().wrapping_sub(ends.top()) == self.capacity() {
            PushError::Full(value)
        } else {
            PushError::Busy(value)
        }
    }

    /// Takes what was claimed at `top`, and frees the slot.
    ///
    /// # Safety
    /// The index was claimed; the value is taken once.
    #[inline(always)]
    unsafe fn take(&self, index: usize) -> T {
        // SAFETY: the ring lives; by the caller's duties; the owner has written it.
        let value = unsafe { self.slots.read(index) };
        // SAFETY: claimed, and read.
        unsafe { self.slots.free_own(index) };
        // SAFETY: it was written before `bottom` passed it.
        unsafe { value.assume_init() }
    }
}

impl<T> fmt::Debug for Worker<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker")
            .field("len", &self.len())
            .field("capacity", &self.capacity())
            .finish_non_exhaustive()
    }
}
