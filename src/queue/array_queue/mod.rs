//! `ArrayQueue`: a bounded queue in one array, many producers, many consumers. For a queue that may
//! not wait for a thread that is held up in the middle of an operation take `MsQueue`.
//!
//! **Algorithm**: Dmitry Vyukov, "Bounded MPMC queue", 1024cores.net, 2010. Departures: any
//! capacity, one included; who finds no free slot or no value looks whether the queue is really full
//! or empty, so that both are linearizable; `force_push`, which takes its position first and then
//! takes the oldest value out; many values are popped by one exchange.
//!
//! # State
//! Two positions, `head` of the next pop and `tail` of the next push, and a stamp for each slot
//! (`ring.rs`). A slot's stamp is *free* for the push of one lap, then *ready* for the pop of that
//! lap, then free for the next lap. A position is *claimed* by who moves `tail` (push) or `head`
//! (pop) over it.
//!
//! # Invariants
//! * `[I1]` A push moves `tail` over `p` when the stamp of `p` is free for it; a `force_push` also
//!   when `p - lap` is ready and `head` is there (*overdraft*). A pop moves `head` over `p` when `p`
//!   is ready. So `head` never passes `tail`.
//! * `[I2]` The slot of `p` is of who claimed `p` for a push from when it is free until it is ready,
//!   and of who claimed it for a pop from when it is ready until it is free for the next lap.
//!   (`force_push` at `p` that claims `p - lap` for a pop has it for both, and stamps it once: ready
//!   for `p`.) Whoever has a slot runs no code of a user: none keeps it by a panic.
//! * `[I3]` There is one overdraft at a time: the second one waits until `head` has moved.
//!
//! # What is in the queue
//! From `head` up to the last position that is ready, or that a `force_push` filled which moved
//! `head` itself. So a push takes effect when its stamp says ready, or with a later one that does
//! so first; a pop when it moves `head`; `force_push` at one of both, as a whole.
//! * *Empty* is what a pop answers if from `head` to `tail` each slot is free. They were so when
//!   `tail` was read, since a slot that is free for a position only becomes ready; and `head`, whose slot
//!   was free, was there.
//!   That includes pushes that have claimed and not finished: it does not wait for them.
//! * *Full* is what a push answers if the slot a capacity after `head` is ready, and `head` is still
//!   there when that was seen.
//! * Otherwise somebody is in the middle of what decides the answer: *busy*.
//!
//! # Ordering
//! * `[P1]` *value*: ready is stored with Release, and loaded with Acquire before the value is read.
//! * `[P2]` *room*: free is stored with Release, and loaded with Acquire before a value is written.
//! * `[P3]` *head seen by who finds nothing*: `head` is moved with Release; the fence after its load is the
//!   Acquire. Then the pushes that came before that move, in its thread, are seen: without that, a
//!   value that was pushed before an older one was popped could be missed, and with it a queue that was
//!   never empty be seen empty.
//! * `[P4]` *newest seen by who finds no room*: Acquire of the newest slot's ready, then `head` again:
//!   the pops that came before that push are seen; and those before the pushes that it follows, since
//!   `tail` is moved with Acquire and Release.
//! * `[P5]` *two queues*: SeqCst fences before empty and before full are answered. Who pushes to one
//!   queue and finds another one empty stores before its fence and loads after it; of two such
//!   threads on two queues one sees the other's value. Full likewise.
//!
//! # Progress
//! Not lock-free. A thread that is stopped between the exchange and the stamp stops whoever needs its
//! slot: a pop, if a later push has finished; a push, one lap later. `try_push` and `try_pop` do
//! not wait, but say so. Else each lost exchange is another thread's success.
//!
//! # Rejected
//! `head` first in `force_push`: between its two moves a pop could find a queue empty that never was.
//! A pop that waits for each push that has claimed a position: a consumer would wait for a producer
//! that the system has taken off its processor, with nothing to take.
//!
//! **Checked by**: `tests/scenarios/array_queue.rs`, `tests/array_queue.rs`, fuzz target `rings`.

mod iter;
mod many;
mod ring;

pub use iter::{ArrayDrain, ArrayIntoIter, ArrayTryIter};
pub use many::Rest;

use super::full::{Busy, Full, TryPushError};
use crate::{
    base::{Backoff, CachePadded, HeadStart},
    facade::{
        atomic::{AtomicUsize, Ordering, fence},
        engine, hint,
    },
};
use alloc::collections::TryReserveError;
use core::{
    fmt,
    mem::{self, MaybeUninit},
    panic::{RefUnwindSafe, UnwindSafe},
};
use ring::{Ring, is_later};

/// A bounded queue, first in, first out, for many producers and many consumers.
///
/// All memory is allocated by [`new`](Self::new). An operation costs one exchange of a shared word; a
/// `force_push` into a full queue two.
///
/// # Consistency
/// Linearizable, all operations but `len` and those on many values, each value of which is an
/// operation of its own. [`Full`] is answered if the queue held its capacity at some moment of the
/// call, and `None` if it held nothing at some moment. A push that another thread has begun and not
/// finished does not count as a value, unless a later one has finished.
///
/// # Progress
/// Not lock-free: a thread that is stopped in the middle of an operation, which is a few
/// instructions long and runs no code of yours, can make others wait.
/// * [`pop`](Self::pop) waits while a push that has finished stands behind one that has not, or behind a
///   [`force_push`](Self::force_push) that is exchanging values; and for the pop that takes a value for
///   whose place a `force_push` waits.
/// * [`push`](Self::push) waits while the value one capacity before is being moved out, and
///   while the last push of a queue that is otherwise full has not finished.
/// * `force_push` waits as `push` does, and for another `force_push` that has taken a place and not yet
///   the value.
///
/// What works on many values waits as they do, at each.
///
/// They spin, then with `std` let other threads run. Where the other one cannot run meanwhile (in
/// an interrupt handler; in a thread of higher priority, on one processor) use
/// [`try_push`](Self::try_push) and [`try_pop`](Self::try_pop), which do not wait.
///
/// # Examples
/// ```
/// use counterpoint::queue::{ArrayQueue, Full};
///
/// let queue = ArrayQueue::new(2);
/// assert_eq!(queue.push('a'), Ok(()));
/// assert_eq!(queue.push('b'), Ok(()));
/// assert_eq!(queue.push('c'), Err(Full('c')));
/// assert_eq!(queue.force_push('d'), Some('a'));
/// assert_eq!(queue.pop(), Some('b'));
/// ```
/// Values need not be `Send`, but then the queue stays on its thread:
/// ```compile_fail,E0277
/// # use counterpoint::queue::ArrayQueue;
/// fn share<T: Sync>(_: &T) {}
/// share(&ArrayQueue::<std::rc::Rc<u8>>::new(1));
/// ```
/// They may borrow, but from what outlives the queue:
/// ```compile_fail,E0597
/// # use counterpoint::queue::ArrayQueue;
/// let queue = ArrayQueue::new(1);
/// {
///     let text = String::from("short");
///     queue.push(text.as_str()).unwrap();
/// }
/// queue.pop();
/// ```
/// What empties it as a whole needs it alone:
/// ```compile_fail,E0596
/// # use counterpoint::queue::ArrayQueue;
/// let queue = ArrayQueue::<u8>::new(1);
/// queue.drain();
/// ```
pub struct ArrayQueue<T> {
    /// Moved by pops.
    head: CachePadded<AtomicUsize>,
    /// Moved by pushes.
    tail: CachePadded<AtomicUsize>,
    /// Of the pops, and of the pushes, that catch up with the other side.
    starts: CachePadded<[HeadStart; 2]>,
    ring: Ring<T>,
}

// SAFETY: values pass through by move only, each to one thread [I2]; no `&T` is given to two
// threads, so `Send` suffices.
unsafe impl<T: Send> Send for ArrayQueue<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for ArrayQueue<T> {}

impl<T> UnwindSafe for ArrayQueue<T> {}
impl<T> RefUnwindSafe for ArrayQueue<T> {}

/// Why no position was claimed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Refused {
    /// The queue was full (to a push), or empty (to a pop).
    Settled,
    /// Another operation is in the middle of what decides it.
    Busy,
}

impl<T> ArrayQueue<T> {
    /// An empty queue that holds so many values at most, exactly.
    ///
    /// O(1) beside what the system needs to give the memory, which is not touched.
    ///
    /// # Panics
    /// When `capacity` is 0, or its size in memory overflows.
    #[track_caller]
    pub fn new(capacity: usize) -> Self {
        Self::of(Ring::new(capacity))
    }

    /// As [`new`](Self::new), which touches no memory either.
    ///
    /// # Errors
    /// There is no memory for so many values.
    ///
    /// # Panics
    /// When `capacity` is 0.
    ///
    /// # Examples
    /// ```
    /// use counterpoint::queue::ArrayQueue;
    ///
    /// assert!(ArrayQueue::<u64>::try_new(usize::MAX).is_err());
    /// ```
    #[track_caller]
    pub fn try_new(capacity: usize) -> Result<Self, TryReserveError> {
        Ring::try_new(capacity).map(Self::of)
    }

    fn of(ring: Ring<T>) -> Self {
        let word = || CachePadded::new(AtomicUsize::new(0));
        ArrayQueue { starts: Self::starts(), head: word(), tail: word(), ring }
    }

    /// How many values the queue holds at most.
    #[inline]
    pub fn capacity(&self) -> usize {
        self.ring.capacity()
    }

    /// Adds `value` at the end.
    ///
    /// Waits for who is in the middle of a slot; see [Progress](Self#progress).
    ///
    /// # Errors
    /// With the value, if the queue was full at some moment of the call.
    #[inline]
    pub fn push(&self, value: T) -> Result<(), Full<T>> {
        match self.waiting(|| self.claim_tail()) {
            Ok(position) => {
                // SAFETY: this call has claimed it, and it is free [I1].
                unsafe { self.fill(position, value) };
                Ok(())
            }
            Err(_) => Err(Full(value)),
        }
    }

    /// Adds `value` at the end. Never waits.
    ///
    /// # Errors
    /// With the value: if the queue was full at some moment of the call, or if another operation is
    /// in the middle of what decides that.
    #[inline]
    pub fn try_push(&self, value: T) -> Result<(), TryPushError<T>> {
        match self.claim_tail() {
            Ok(position) => {
                // SAFETY: this call has claimed it, and it is free [I1].
                unsafe { self.fill(position, value) };
                Ok(())
            }
            Err(Refused::Settled) => Err(TryPushError::Full(value)),
            Err(Refused::Busy) => Err(TryPushError::Busy(value)),
        }
    }

    /// Takes the value at the front; `None` if the queue was empty at some moment of the call.
    ///
    /// Waits for who is in the middle of a slot; see [Progress](Self#progress).
    #[inline]
    pub fn pop(&self) -> Option<T> {
        let position = self.waiting(|| self.claim_head()).ok()?;
        // SAFETY: this call has claimed it, and it was ready [I1].
        Some(unsafe { self.empty(position) })
    }

    /// Takes the value at the front; `None` if the queue was empty at some moment of the call. Never
    /// waits.
    ///
    /// # Errors
    /// If another operation is in the middle of what decides that.
    #[inline]
    pub fn try_pop(&self) -> Result<Option<T>, Busy> {
        match self.claim_head() {
            // SAFETY: this call has claimed it, and it was ready [I1].
            Ok(position) => Ok(Some(unsafe { self.empty(position) })),
            Err(Refused::Settled) => Ok(None),
            Err(Refused::Busy) => Err(Busy),
        }
    }

    /// Adds `value` at the end; if the queue is full, in the place of the value at the front, which
    /// is returned. Both happen at one moment.
    ///
    /// Waits for who is in the middle of a slot; see [Progress](Self#progress).
    pub fn force_push(&self, value: T) -> Option<T> {
        let mut turn = 0;
        loop {
            if let Ok(position) = self.claim_tail() {
                // SAFETY: this call has claimed it, and it is free [I1].
                unsafe { self.fill(position, value) };
                return None;
            }
            if let Some(position) = self.overdraw() {
                // SAFETY: this call has just overdrawn it.
                return unsafe { self.replace(position, value) };
            }
            hint::relax(turn);
            turn = turn.saturating_add(1);
        }
    }

    /// Whether the queue was empty at some moment of the call. As many steps as there are pushes in
    /// progress.
    ///
    /// `false` says no more than that this was not seen.
    #[inline]
    pub fn is_empty(&self) -> bool {
        // Relaxed: the fence in `was_empty` is the Acquire [P3].
        self.was_empty(self.head.load(Ordering::Relaxed))
    }

    /// Whether the queue was full at some moment of the call. Wait-free.
    ///
    /// `false` says no more than that this was not seen.
    #[inline]
    pub fn is_full(&self) -> bool {
        self.was_full()
    }

    /// How many values there are; exact when no other operation is in progress.
    ///
    /// Otherwise the number of positions that were taken at some moment of the call: a value that is
    /// being pushed counts already, one that is being popped does not. So it may be 1 where `pop` finds
    /// nothing. Lock-free.
    pub fn len(&self) -> usize {
        // [P3] Acquire: the pushes that came before that move of `head`.
        let mut head = self.head.load(Ordering::Acquire);
        loop {
            // [P4] Acquire: the pops that came before that move of `tail`.
            let tail = self.tail.load(Ordering::Acquire);
            // [P3] Acquire: as above, if it is not the same.
            let again = self.head.load(Ordering::Acquire);
            // Then the pair is of one moment, that of the load of `tail`.
            if again == head {
                return self.ring.distance(head, tail);
            }
            head = again;
        }
    }

    fn starts() -> CachePadded<[HeadStart; 2]> {
        CachePadded::new([HeadStart::new(), HeadStart::new()])
    }

    /// Claims the next position of a push.
    #[inline]
    fn claim_tail(&self) -> Result<usize, Refused> {
        let mut backoff = Backoff::new();
        // Relaxed: a guess, which the exchange confirms [P2].
        let mut tail = self.tail.load(Ordering::Relaxed);
        loop {
            // [P2] Acquire: what was in the slot has been read.
            let stamp = self.ring.slot(tail).stamp.load(Ordering::Acquire);
            if stamp == self.ring.free(tail) {
                // [P4] AcqRel: who sees this push sees the pops that came before it, and before those
                // that it follows. Relaxed on failure: the loop looks at the slot again.
                let claimed = self.tail.compare_exchange(
                    tail,
                    self.ring.next(tail),
                    Ordering::AcqRel,
                    Ordering::Relaxed,
                );
                match claimed {
                    Ok(_) => return Ok(tail),
                    Err(seen) => tail = seen,
                }
                backoff.spin();
            } else if is_later(stamp, self.ring.free(tail)) {
                // Relaxed: `tail` has moved on before the stamp was stored, so this sees it.
                tail = self.tail.load(Ordering::Relaxed);
            } else {
                self.starts[1].give(tail, self.capacity());
                if self.was_full() {
                    return Err(Refused::Settled);
                }
                // Relaxed, both: only compared. If neither has changed, somebody is in the middle.
                let now = self.tail.load(Ordering::Relaxed);
                if now == tail && self.ring.slot(tail).stamp.load(Ordering::Relaxed) == stamp {
                    return Err(Refused::Busy);
                }
                tail = now;
            }
        }
    }

    /// Claims the next position of a pop.
    #[inline]
    fn claim_head(&self) -> Result<usize, Refused> {
        let mut backoff = Backoff::new();
        // Relaxed: a guess, which the exchange confirms; if it cannot, the fence is the Acquire [P3].
        let mut head = self.head.load(Ordering::Relaxed);
        loop {
            // [P1] Acquire: the value.
            let stamp = self.ring.slot(head).stamp.load(Ordering::Acquire);
            if stamp == self.ring.ready(head) {
                // [P3] Release: who finds nothing here sees what this thread has pushed. Relaxed on
                // failure: as above.
                let claimed = self.head.compare_exchange(
                    head,
                    self.ring.next(head),
                    Ordering::Release,
                    Ordering::Relaxed,
                );
                match claimed {
                    Ok(_) => return Ok(head),
                    Err(seen) => head = seen,
                }
                backoff.spin();
            } else if is_later(stamp, self.ring.ready(head)) {
                // Relaxed: `head` has moved on before the stamp was stored, so this sees it.
                head = self.head.load(Ordering::Relaxed);
            } else {
                self.starts[0].give(head, self.capacity());
                if self.was_empty(head) {
                    return Err(Refused::Settled);
                }
                // Relaxed, both: only compared. If neither has changed, somebody is in the middle.
                let now = self.head.load(Ordering::Relaxed);
                if now == head && self.ring.slot(head).stamp.load(Ordering::Relaxed) == stamp {
                    return Err(Refused::Busy);
                }
                head = now;
            }
        }
    }

    /// Whether the queue was empty when `tail` is read here; `head` was read before.
    #[cold]
    fn was_empty(&self, head: usize) -> bool {
        // [P3] Acquire: what came before the move of `head`. [P5] SeqCst: of two threads that push to
        // one queue each, and then look into the other's, one sees the value.
        fence(Ordering::SeqCst);
        // Relaxed: if it is older than `head`, no push that this thread could know of is there.
        let tail = self.tail.load(Ordering::Relaxed);
        let mut position = head;
        while is_later(tail, position) {
            // Relaxed: only compared. What came before a slot was free came before the move of `head`
            // over it a lap before, which the fence has brought [P3].
            let stamp = self.ring.slot(position).stamp.load(Ordering::Relaxed);
            if stamp != self.ring.free(position) {
                return false;
            }
            position = self.ring.next(position);
        }
        true
    }

    /// Whether the queue was full when the newest slot was seen ready.
    #[cold]
    fn was_full(&self) -> bool {
        // [P5] SeqCst: as in `was_empty`, of two threads that pop.
        fence(Ordering::SeqCst);
        // Relaxed: confirmed below.
        let head = self.head.load(Ordering::Relaxed);
        let newest = self.ring.previous(self.ring.lap_after(head));
        // [P4] Acquire: what was popped before this was pushed.
        let stamp = self.ring.slot(newest).stamp.load(Ordering::Acquire);
        // [P4] Relaxed: after the Acquire, which brings what matters here.
        stamp == self.ring.ready(newest) && self.head.load(Ordering::Relaxed) == head
    }

    /// Moves `tail` over a position whose slot holds the value at the front [I1].
    fn overdraw(&self) -> Option<usize> {
        // Relaxed: guesses, which the exchange confirms. `head` is not before what is seen of it, so
        // that it has only to be compared with the front once more, when it is moved.
        let tail = self.tail.load(Ordering::Relaxed);
        let front = self.ring.lap_before(tail);
        // [P1] Acquire: the value, if it is this call that takes it out.
        let stamp = self.ring.slot(front).stamp.load(Ordering::Acquire);
        // Relaxed: as above. If `head` is not there yet, another overdraft is [I3].
        if stamp != self.ring.ready(front) || self.head.load(Ordering::Relaxed) != front {
            return None;
        }
        let next = self.ring.next(tail);
        // [P4] Acquire: as of a push. (Release: who sees this one sees the pop that has moved `head` to the
        // front, whose stamp was seen here.) Relaxed on failure: the caller looks again.
        self.tail.compare_exchange(tail, next, Ordering::Acquire, Ordering::Relaxed).ok()
    }

    /// Takes the value at the front out of the slot of `position`, unless a pop does; then stores
    /// `value` there.
    ///
    /// # Safety
    /// The caller has overdrawn `position`.
    unsafe fn replace(&self, position: usize, value: T) -> Option<T> {
        let front = self.ring.lap_before(position);
        let next = self.ring.next(front);
        let slot = self.ring.slot(position);
        // [P3] Release: who finds nothing at `head` sees that `tail` is further. Relaxed on failure:
        // a pop has moved it, and the stamp tells when it is done.
        let taken =
            self.head.compare_exchange(front, next, Ordering::Release, Ordering::Relaxed).is_ok();
        if !taken {
            let mut turn = 0;
            // [P2] Acquire: what was in the slot has been read.
            while slot.stamp.load(Ordering::Acquire) != self.ring.free(position) {
                hint::relax(turn);
                turn = turn.saturating_add(1);
            }
            // SAFETY: claimed by the caller, and free.
            unsafe { self.fill(position, value) };
            return None;
        }
        // SAFETY: `front` was ready, and `head` moved over it here: the slot is of this call [I2], and
        // holds a value.
        let oldest = slot.value.with_mut(|place| unsafe {
            mem::replace(&mut *place, MaybeUninit::new(value)).assume_init()
        });
        // [P1] Release: hands over the value.
        slot.stamp.store(self.ring.ready(position), Ordering::Release);
        Some(oldest)
    }

    /// Stores a value.
    ///
    /// # Safety
    /// The caller has claimed the position for a push, and its slot is free for it.
    #[inline(always)]
    unsafe fn fill(&self, position: usize, value: T) {
        let slot = self.ring.slot(position);
        // SAFETY: the slot is of the caller [I2].
        slot.value.with_mut(|place| unsafe { (*place).write(value) });
        // [P1] Release: hands over the value.
        slot.stamp.store(self.ring.ready(position), Ordering::Release);
    }

    /// Takes a value out.
    ///
    /// # Safety
    /// The caller has claimed the position for a pop.
    #[inline(always)]
    unsafe fn empty(&self, position: usize) -> T {
        let slot = self.ring.slot(position);
        // SAFETY: the slot is of the caller [I2], and was ready: it holds a value.
        let value = slot.value.with_mut(|place| unsafe { (*place).assume_init_read() });
        // [P2] Release: the value has been read.
        slot.stamp.store(self.ring.free(self.ring.lap_after(position)), Ordering::Release);
        value
    }

    /// Claims, and waits as long as others are in the middle of what decides it.
    #[inline(always)]
    fn waiting<R>(&self, mut claim: impl FnMut() -> Result<R, Refused>) -> Result<R, Refused> {
        let mut turn = 0;
        loop {
            match claim() {
                Err(Refused::Busy) => hint::relax(turn),
                settled => return settled,
            }
            turn = turn.saturating_add(1);
        }
    }
}

impl<T> fmt::Debug for ArrayQueue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ArrayQueue")
            .field("capacity", &self.capacity())
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

impl<T> Drop for ArrayQueue<T> {
    fn drop(&mut self) {
        if engine::abandoned() || !mem::needs_drop::<T>() {
            return;
        }
        drop(self.drain());
    }
}
