//! The owner of a deque that grows.

use super::{Drain, Inner, Stealer};
use crate::{
    deque::{
        ends::{Ends, FIRST, Taken},
        ring::{Ring, Slots},
        shared::Shared,
    },
    facade::{atomic::Ordering, tuning},
    reclaim::{Collector, Owned},
};
use core::{
    cell::Cell,
    fmt,
    mem::MaybeUninit,
    panic::{RefUnwindSafe, UnwindSafe},
};

/// The owner of a lock-free deque that grows: pushes, and pops what is newest, or what is oldest.
///
/// Its [stealers](Stealer) take what is oldest, from any thread.
///
/// # Consistency
/// Linearizable. A push takes effect when thieves can see it, a pop when it cannot lose the value any
/// more; `None` says that there was no value at some moment of the call. (A thief may see late what
/// has just been pushed: who goes to sleep because it found nothing needs a protocol of its own.)
///
/// # Progress
/// Every operation is lock-free; the owner waits for no thief. A push allocates when there is no free
/// slot, and then pins the thread for a moment and retires the old ring. Memory does not shrink.
///
/// A push may therefore run garbage of the deque's collector, as every pin may; what that pushes here
/// comes before.
///
/// # Examples
/// ```
/// use counterpoint::deque::{Steal, Worker};
///
/// let worker = Worker::new();
/// let stealer = worker.stealer();
/// worker.push(1);
/// worker.push(2);
/// worker.push(3);
/// # #[cfg(feature = "std")]
/// std::thread::scope(|scope| {
///     scope.spawn(move || assert_eq!(stealer.pin().steal(), Steal::Success(1)));
/// });
/// # #[cfg(not(feature = "std"))]
/// # assert_eq!(stealer.pin().steal(), Steal::Success(1));
/// assert_eq!(worker.pop(), Some(3));
/// assert_eq!(worker.pop(), Some(2));
/// ```
/// One thread owns it: it may be sent, but not shared,
/// ```compile_fail,E0277
/// fn share<T: Sync>(_: &T) {}
/// share(&counterpoint::deque::Worker::<u8>::new());
/// ```
/// and not doubled:
/// ```compile_fail,E0599
/// let worker = counterpoint::deque::Worker::<u8>::new();
/// let second = worker.clone();
/// ```
/// Values need not be `Send`, but then it stays on its thread:
/// ```compile_fail,E0277
/// fn send<T: Send>(_: T) {}
/// send(counterpoint::deque::Worker::<std::rc::Rc<u8>>::new());
/// ```
/// They may borrow, but from what outlives the deque:
/// ```compile_fail,E0597
/// let worker = counterpoint::deque::Worker::new();
/// {
///     let text = String::from("short");
///     worker.push(text.as_str());
/// }
/// worker.pop();
/// ```
pub struct Worker<T> {
    shared: Shared<Inner<T>>,
    /// Those of the newest ring, which this one alone replaces.
    slots: Cell<Slots<T>>,
}

// SAFETY: it goes with its values. (It is not `Sync`: there is one owner.)
unsafe impl<T: Send> Send for Worker<T> {}

impl<T> UnwindSafe for Worker<T> {}
impl<T> RefUnwindSafe for Worker<T> {}

impl<T> Worker<T> {
    /// An empty deque in the global domain.
    #[track_caller]
    pub fn new() -> Self {
        Self::new_in(Collector::global())
    }

    /// An empty deque in the global domain, which does not grow up to so many values.
    ///
    /// # Panics
    /// When there cannot be so many slots.
    #[track_caller]
    pub fn with_capacity(capacity: usize) -> Self {
        Self::with_capacity_in(capacity, Collector::global())
    }

    /// An empty deque, whose rings are reclaimed by `collector`.
    #[track_caller]
    pub fn new_in(collector: Collector) -> Self {
        Self::with_capacity_in(tuning::FIRST_RING, collector)
    }

    /// As both.
    ///
    /// # Panics
    /// When there cannot be so many slots.
    #[track_caller]
    pub fn with_capacity_in(capacity: usize, collector: Collector) -> Self {
        let ring = Owned::new(Ring::new(capacity, FIRST));
        let slots = Cell::new(ring.slots());
        let shared = Shared::new(Inner { ends: Ends::new(), ring: ring.into(), collector });
        Worker { shared, slots }
    }

    /// One who steals from this deque. It may be cloned.
    pub fn stealer(&self) -> Stealer<T> {
        Stealer::new(self.shared.clone())
    }

    /// The domain in which rings are retired, and whose guards stealers take.
    pub fn collector(&self) -> &Collector {
        &self.shared.collector
    }

    /// Adds `value` as the newest.
    ///
    /// # Panics
    /// When it must grow and there cannot be so many slots.
    #[inline]
    pub fn push(&self, value: T) {
        self.make_room();
        // SAFETY: nothing has come between.
        unsafe { self.push_to_free(value) };
    }

    /// Takes the newest value. Wait-free.
    #[inline]
    pub fn pop(&self) -> Option<T> {
        let slots = self.slots.get();
        let value = match self.shared.ends.take_newest()? {
            // SAFETY: the ring lives; taken [I3], so this copy is the one to be used [I7].
            Taken::Above(index) => unsafe { slots.read(index) },
            // SAFETY: as above.
            Taken::Below(index) => unsafe { Self::take(slots, index) },
        };
        // SAFETY: it was written before `bottom` passed it.
        Some(unsafe { value.assume_init() })
    }

    /// Takes the oldest value, as a stealer would.
    #[inline]
    pub fn pop_oldest(&self) -> Option<T> {
        let index = self.shared.ends.take_oldest()?;
        // SAFETY: the ring lives, and the index was claimed: this copy is the one to be used [I7].
        Some(unsafe { Self::take(self.slots.get(), index).assume_init() })
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

    /// How many values it holds at most without growing.
    pub fn capacity(&self) -> usize {
        self.slots.get().capacity()
    }

    /// Makes room for so many values more, so that pushing them allocates nothing (unless a thief meets
    /// the exchange of the rings, or is stopped in the middle of a slot).
    ///
    /// # Panics
    /// When there cannot be so many slots.
    pub fn reserve(&self, additional: usize) {
        let wanted = self.len().checked_add(additional).expect("capacity overflow");
        if wanted > self.capacity() {
            self.replace(|len| Some(wanted.max(len).max(self.capacity())));
        }
    }

    /// Pops all values, the newest first. What the iterator does not yield it drops.
    pub fn drain(&mut self) -> Drain<'_, T> {
        Drain::new(self)
    }

    /// Where the value is that is the `nth` from the oldest.
    ///
    /// # Safety
    /// Nobody steals meanwhile.
    pub(crate) unsafe fn value(&self, nth: usize) -> Option<*mut T> {
        let (top, len) = self.shared.ends.values();
        // SAFETY: the newest ring lives, and was written there.
        (nth < len).then(|| unsafe { self.slots.get().value(top.wrapping_add(nth)) })
    }

    /// The slot of the next push is free after this.
    #[inline(always)]
    pub(super) fn make_room(&self) {
        // SAFETY: the newest ring lives.
        while !unsafe { self.slots.get().is_free(self.shared.ends.next()) } {
            self.grow();
        }
    }

    /// Adds `value` as the newest.
    ///
    /// # Safety
    /// The slot of the next push is free.
    #[inline(always)]
    pub(super) unsafe fn push_to_free(&self, value: T) {
        let next = self.shared.ends.next();
        // SAFETY: the newest ring lives, its slot is free, and this is the owner.
        unsafe { self.slots.get().write(next, value) };
        self.shared.ends.publish(next.wrapping_add(1));
    }

    /// Reads what was claimed at `top`, and frees the slot.
    ///
    /// # Safety
    /// The slots are those of the newest ring; the index was claimed; the copy is used once.
    #[inline(always)]
    unsafe fn take(slots: Slots<T>, index: usize) -> MaybeUninit<T> {
        // SAFETY: by the caller's duties; the owner has written it.
        let value = unsafe { slots.read(index) };
        // SAFETY: claimed, and read.
        unsafe { slots.free_own(index) };
        value
    }

    /// A ring of twice the slots, or of as many, if the slot of the next push is not free.
    #[cold]
    #[inline(never)]
    fn grow(&self) {
        self.replace(|len| {
            let slots = self.slots.get();
            // SAFETY: the newest ring lives.
            let is_free = unsafe { slots.is_free(self.shared.ends.next()) };
            let factor = if len > slots.capacity() / 2 { 2 } else { 1 };
            (!is_free).then(|| slots.capacity().checked_mul(factor).expect("capacity overflow"))
        });
    }

    /// Replaces the ring by one of so many slots, given how many values there are, if at all.
    fn replace(&self, capacity: impl FnOnce(usize) -> Option<usize>) {
        // Code of users may run here, and where the ring is retired: garbage of the domain. It may use
        // this deque, so nothing is known before, and all is done before.
        let guard = self.shared.collector.pin();
        let (top, len) = self.shared.ends.values();
        let Some(capacity) = capacity(len) else { return };
        // SAFETY: the newest ring lives; this is the owner; there are not more than it holds [I9], nor
        // more than the new one does.
        let ring = Owned::new(unsafe { self.slots.get().copied(top, len, capacity) });
        let claimed = self.shared.ends.top().wrapping_sub(top);
        debug_assert!(claimed <= len, "[I4]");
        for index in (0..claimed).map(|nth| top.wrapping_add(nth)) {
            // SAFETY: the ring lives, and this is the owner. The index was claimed meanwhile, by a thief
            // that has another ring [P4]: nobody reads this copy.
            unsafe { ring.slots().free_own(index) };
        }
        let bytes = self.slots.get().bytes();
        self.slots.set(ring.slots());
        // Relaxed: this is who stored it.
        let old = self.shared.ring.load(Ordering::Relaxed, &guard);
        // [P4] Release: the copies and their stamps.
        self.shared.ring.store(ring, Ordering::Release);
        // SAFETY: `ring` led there alone, and is stored by the owner alone. No value is dropped with it
        // [I8]: it may be freed anywhere, at any time.
        unsafe { guard.defer_destroy_of(old, bytes) };
        if bytes > tuning::LARGE_RING {
            guard.flush(); // Lest it wait until many have come together.
        }
    }
}

impl<T> Default for Worker<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Extend<T> for Worker<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, values: I) {
        values.into_iter().for_each(|value| self.push(value));
    }
}

impl<T> FromIterator<T> for Worker<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let mut worker = Worker::new();
        worker.extend(values);
        worker
    }
}

impl<T, const N: usize> From<[T; N]> for Worker<T> {
    fn from(values: [T; N]) -> Self {
        values.into_iter().collect()
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
