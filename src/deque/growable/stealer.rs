//! The thieves of a deque that grows.

use super::{Inner, StealerRef, Worker};
use crate::{
    deque::{Looked, Steal, ends::Seen, shared::Shared},
    facade::atomic::Ordering,
    reclaim::{Collector, Domain, Guard, Handle, Identified},
};
use core::{
    fmt,
    panic::{RefUnwindSafe, UnwindSafe},
};

/// Steals from the deque of a [`Worker`], whichever thread has that; made by [`Worker::stealer`].
///
/// Its operations take a guard of the deque's domain; [`pin`](Self::pin) gives a view without.
///
/// # Consistency
/// Linearizable: `Success` takes what was the oldest value, `Empty` is answered if there was none at
/// some moment of the call, and `Retry`, which changes nothing, only if another thread took the oldest
/// value meanwhile. Several values that one call takes are so many operations, one after the other.
///
/// # Progress
/// Lock-free: `Retry` is another thread's success. No thief makes another thread wait, wherever it is
/// stopped; a guard that is kept keeps rings from being freed.
///
/// # Examples
/// Half of what a victim has, and the oldest of it at once:
/// ```
/// use counterpoint::deque::{Steal, Worker};
///
/// let (victim, worker) = (Worker::from_iter(1..=6), Worker::new());
/// let stolen = victim.stealer().pin().steal_batch_and_pop(&worker);
/// assert_eq!(stolen, Steal::Success(1));
/// assert!(worker.into_iter().eq([3, 2]));
/// assert!(victim.into_iter().eq([6, 5, 4]));
/// ```
/// It takes values of its type with it, so they must be `Send`:
/// ```compile_fail,E0277
/// fn send<T: Send>(_: T) {}
/// send(counterpoint::deque::Worker::<std::rc::Rc<u8>>::new().stealer());
/// ```
/// The values may be needed as long as it lives:
/// ```compile_fail,E0597
/// use counterpoint::deque::Worker;
/// let stealer = {
///     let text = String::from("short");
///     let worker = Worker::from([text.as_str()]);
///     worker.stealer()
/// };
/// stealer.pin().steal();
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

    /// The domain whose guards its operations take.
    pub fn collector(&self) -> &Collector {
        &self.shared.collector
    }

    /// Makes the calling thread a member of the deque's domain.
    pub fn register(&self) -> Handle<'static> {
        self.shared.collector.register()
    }

    /// A view with these operations without their guards; keep it for a batch of them.
    ///
    /// Costs what [`Collector::pin`] costs.
    #[inline]
    pub fn pin(&self) -> StealerRef<'_, T> {
        StealerRef::new(self, Domain::pin(&self.shared.collector))
    }

    /// A view under a guard that the caller has made.
    ///
    /// # Panics
    /// When the guard belongs to another collector.
    #[track_caller]
    pub fn with_guard<'g>(&'g self, guard: Guard<'g>) -> StealerRef<'g, T> {
        guard.assert_from(self.shared.collector.id());
        StealerRef::new(self, guard)
    }

    /// Takes the oldest value.
    ///
    /// # Panics
    /// When the guard belongs to another collector.
    #[inline]
    #[track_caller]
    pub fn steal(&self, guard: &Guard<'_>) -> Steal<T> {
        guard.assert_from(self.shared.collector.id());
        match self.shared.ends.find() {
            Some(Seen { oldest, .. }) => self.take(oldest, guard),
            None => Steal::Empty,
        }
    }

    /// Takes the oldest value, or tells with what it has found nothing.
    #[inline]
    #[track_caller]
    pub(crate) fn steal_or_look(&self, guard: &Guard<'_>) -> Looked<T> {
        match self.shared.ends.look() {
            Seen { oldest, len: 0 } => Looked::Empty(oldest),
            Seen { oldest, .. } => match self.take(oldest, guard) {
                Steal::Success(value) => Looked::Stolen(value),
                _ => Looked::Lost,
            },
        }
    }

    /// The oldest value's index, if there was nothing; see [`Looked::Empty`].
    pub(crate) fn look(&self) -> Option<usize> {
        let Seen { oldest, len } = self.shared.ends.look();
        (len == 0).then_some(oldest)
    }

    /// Moves the older half of the values, one at least, to the deque of `worker`, in their order; says
    /// how many.
    ///
    /// It takes a fence and an exchange for each: bound what one call does by a limit. It ends early, with
    /// what it has got, when another thread comes between.
    ///
    /// # Panics
    /// When the guard belongs to another collector.
    #[track_caller]
    pub fn steal_batch(&self, worker: &Worker<T>, guard: &Guard<'_>) -> Steal<usize> {
        self.steal_batch_with_limit(worker, usize::MAX, guard)
    }

    /// As [`steal_batch`](Self::steal_batch), but no more than `limit`.
    ///
    /// # Panics
    /// When the guard belongs to another collector.
    #[track_caller]
    pub fn steal_batch_with_limit(
        &self,
        worker: &Worker<T>,
        limit: usize,
        guard: &Guard<'_>,
    ) -> Steal<usize> {
        guard.assert_from(self.shared.collector.id());
        let Some(Seen { len, .. }) = self.shared.ends.find() else { return Steal::Empty };
        let wanted = len.div_ceil(2).min(limit);
        let mut moved = 0;
        while moved < wanted {
            worker.make_room(); // Before the claim: it may panic, and run code of users.
            match self.steal(guard) {
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

    /// Takes the oldest value, and moves the rest of the older half to the deque of `worker`.
    ///
    /// # Panics
    /// When the guard belongs to another collector.
    #[track_caller]
    pub fn steal_batch_and_pop(&self, worker: &Worker<T>, guard: &Guard<'_>) -> Steal<T> {
        self.steal_batch_with_limit_and_pop(worker, usize::MAX, guard)
    }

    /// As [`steal_batch_and_pop`](Self::steal_batch_and_pop), but no more than `limit` with the one that
    /// is taken, and that one at least.
    ///
    /// # Panics
    /// When the guard belongs to another collector.
    #[track_caller]
    pub fn steal_batch_with_limit_and_pop(
        &self,
        worker: &Worker<T>,
        limit: usize,
        guard: &Guard<'_>,
    ) -> Steal<T> {
        guard.assert_from(self.shared.collector.id());
        let Some(Seen { oldest, len }) = self.shared.ends.find() else { return Steal::Empty };
        let stolen = self.take(oldest, guard);
        let more = len.div_ceil(2).min(limit).saturating_sub(1);
        if stolen.is_success() && more > 0 {
            // Whatever it answers: one was stolen.
            let _ = self.steal_batch_with_limit(worker, more, guard);
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

    /// Whether both steal from the same deque.
    pub fn is_same(&self, other: &Self) -> bool {
        self.shared.is_same(&other.shared)
    }

    /// Claims the oldest value, which was at that index, and takes it.
    #[inline(always)]
    fn take(&self, oldest: usize, guard: &Guard<'_>) -> Steal<T> {
        // [P4] Acquire: the values that were copied into it. After `bottom` [I6].
        let ring = self.shared.ring.load(Ordering::Acquire, guard);
        if !self.shared.ends.claim(oldest) {
            return Steal::Retry;
        }
        // SAFETY: it was reached under the guard, which keeps it if it was replaced since.
        let slots = unsafe { ring.deref() }.slots();
        // SAFETY: the ring lives, and has the value [I6], which is claimed: this copy is used [I7].
        let value = unsafe { slots.read(oldest) };
        // SAFETY: the ring lives; claimed, and read.
        unsafe { slots.free(oldest) };
        // SAFETY: it was written before `bottom` passed it [P1].
        Steal::Success(unsafe { value.assume_init() })
    }
}

impl<T> fmt::Debug for Stealer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stealer").field("len", &self.len()).finish_non_exhaustive()
    }
}
