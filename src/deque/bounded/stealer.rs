//! The thieves of a bounded deque.

use super::{Inner, Worker};
use crate::deque::{Steal, ends::Seen, shared::Shared};
use core::{
    fmt,
    panic::{RefUnwindSafe, UnwindSafe},
};

/// Steals from the deque of a [`Worker`], whichever thread has that; made by [`Worker::stealer`].
///
/// # Consistency
/// Linearizable: `Success` takes what was the oldest value, `Empty` is answered if there was none at
/// some moment of the call, and `Retry`, which changes nothing, only if another thread took the oldest
/// value meanwhile. Several values that one call takes are so many operations, one after the other.
///
/// # Progress
/// Lock-free: `Retry` is another thread's success.
///
/// # Examples
/// Values must be `Send`:
/// ```compile_fail,E0277
/// fn send<T: Send>(_: T) {}
/// send(counterpoint::deque::bounded::Worker::<std::rc::Rc<u8>>::new(1).stealer());
/// ```
pub struct Stealer<T> {
    shared: Shared<Inner<T>>,
}

impl<T> UnwindSafe for Stealer<T> {}
impl<T> RefUnwindSafe for Stealer<T> {}

impl<T> Clone for Stealer<T> {
    fn clone(&self) -> Self {
        Stealer { shared: self.shared.clone() }
    }
}

impl<T> Stealer<T> {
    pub(super) fn new(shared: Shared<Inner<T>>) -> Self {
        Stealer { shared }
    }

    /// Takes the oldest value.
    #[inline]
    pub fn steal(&self) -> Steal<T> {
        match self.shared.ends.find() {
            Some(Seen { oldest, .. }) => self.take(oldest),
            None => Steal::Empty,
        }
    }

    /// Moves the older half of the values, one at least, to the deque of `worker`, in their order; says
    /// how many.
    ///
    /// It takes a fence and an exchange for each: bound what one call does by a limit. It ends early, with
    /// what it has got, when another thread comes between, and when there is no
    /// room. (If there is none from the start that is `Success(0)`.)
    pub fn steal_batch(&self, worker: &Worker<T>) -> Steal<usize> {
        self.steal_batch_with_limit(worker, usize::MAX)
    }

    /// As [`steal_batch`](Self::steal_batch), but no more than `limit`.
    pub fn steal_batch_with_limit(&self, worker: &Worker<T>, limit: usize) -> Steal<usize> {
        let Some(Seen { len, .. }) = self.shared.ends.find() else { return Steal::Empty };
        let wanted = len.div_ceil(2).min(limit);
        let mut moved = 0;
        while moved < wanted && worker.has_room() {
            match self.steal() {
                // SAFETY: there is room, and nothing has come between.
                Steal::Success(value) => unsafe { worker.push_to_free(value) },
                Steal::Empty if moved == 0 => return Steal::Empty,
                Steal::Retry if moved == 0 => return Steal::Retry,
                _ => break,
            }
            moved += 1;
        }
        Steal::Success(moved)
    }

    /// Takes the oldest value, and moves the rest of the older half to the deque of `worker`, as far as
    /// there is room.
    pub fn steal_batch_and_pop(&self, worker: &Worker<T>) -> Steal<T> {
        self.steal_batch_with_limit_and_pop(worker, usize::MAX)
    }

    /// As [`steal_batch_and_pop`](Self::steal_batch_and_pop), but no more than `limit` with the one that
    /// is taken, and that one at least.
    pub fn steal_batch_with_limit_and_pop(&self, worker: &Worker<T>, limit: usize) -> Steal<T> {
        let Some(Seen { oldest, len }) = self.shared.ends.find() else { return Steal::Empty };
        let stolen = self.take(oldest);
        let more = len.div_ceil(2).min(limit).saturating_sub(1);
        if stolen.is_success() && more > 0 {
            // Whatever it answers: one was stolen.
            let _ = self.steal_batch_with_limit(worker, more);
        }
        stolen
    }

    /// How many values there are. (There may be more or fewer at once, and what the owner has just pushed
    /// may be seen late: a hint.)
    #[inline]
    pub fn len(&self) -> usize {
        self.shared.ends.len()
    }

    /// Whether there is no value; as much of a hint as [`len`](Self::len).
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many values the deque holds at most.
    pub fn capacity(&self) -> usize {
        self.shared.ring.slots().capacity()
    }

    /// Whether both steal from the same deque.
    pub fn is_same(&self, other: &Self) -> bool {
        self.shared.is_same(&other.shared)
    }

    /// Claims the oldest value, which was at that index, and takes it.
    #[inline(always)]
    fn take(&self, oldest: usize) -> Steal<T> {
        if !self.shared.ends.claim(oldest) {
            return Steal::Retry;
        }
        let slots = self.shared.ring.slots();
        // SAFETY: the ring lives; the value was pushed before the `bottom` that this thread saw [P1], and
        // is claimed, so that this copy is used [I10].
        let value = unsafe { slots.read(oldest) };
        // SAFETY: the ring lives; claimed, and read.
        unsafe { slots.free(oldest) };
        // SAFETY: as above.
        Steal::Success(unsafe { value.assume_init() })
    }
}

impl<T> fmt::Debug for Stealer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stealer")
            .field("len", &self.len())
            .field("capacity", &self.capacity())
            .finish_non_exhaustive()
    }
}
