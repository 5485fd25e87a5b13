//! `Queue`: the unbounded queue to reach for. Where values are few or large, and memory must follow
//! the contents closely, take `MsQueue`.
//!
//! **Algorithm**: Correia and Ramalhete, "FAAArrayQueue", concurrencyfreaks.com, 2016, which simplifies
//! Morrison and Afek, "Fast Concurrent Queues for x86 Processors" (LCRQ), PPoPP 2013. Departures: values
//! of any type, in slots with a state; a pop looks at the slot at the front before it claims, and so
//! reads the producers' word only where it finds nothing, and spoils no slots of an empty queue; claims are
//! tried by an exchange first, and who loses one, or finds that it has caught up with the pushes, pauses,
//! so that words and slots stay in one processor's cache for several operations; pushes in
//! progress are waited for a little; epochs in the place of hazard pointers, and segments used again when
//! their grace period is over; the queue can be closed; batches; small first segment, made by the first
//! push, so that `new` is `const`.
//!
//! # State
//! `head → segment → … → segment → null`, `tail → last or the one before`. Each push and each pop claims
//! a slot of a segment (`segment.rs`). A push that finds all slots
//! claimed links a new segment; a pop moves `head` on. Both are null at first; then `head` is set, then
//! `tail`. The `next` of the last segment of a closed queue is null with the tag `END`.
//!
//! # Invariants
//! * `[I1]` A segment's `next` changes once: to its successor, which comes with the pusher's value, or to
//!   the end. It changes when all of the segment's slots are claimed for pushes, or no push may claim.
//! * `[I2]` `tail` is at most one segment behind the last: a segment is linked only by who came by `tail`,
//!   and whoever finds a successor first moves `tail` to it.
//! * `[I3]` `tail` is never behind `head` when a segment is retired: the pop that made it so moves `tail`
//!   before it retires. So no thread that pins later finds a retired segment.
//! * `[I4]` `head` leaves a segment when pops have claimed all of its slots. So a retired segment has
//!   values only of operations in progress, which are pinned: freeing it touches no `T`, and `T` needs
//!   to be neither `'static` nor, on one thread, `Send`.
//!
//! # What is in the queue
//! The values of the slots that are ready and not claimed by a pop, in the order of slots. A push takes
//! effect when its slot is ready, or with the pop that claimed the slot before, or before a `close`
//! that it meets; a pop when it claims, or when the push that it waits for takes effect.
//! * *Empty* is what a pop answers if no slot from `front` to the last one that is claimed for a push is
//!   ready, and there is no next segment if all are claimed. It was so when that last one was read, since a
//!   slot only becomes ready, and a segment linked; and all before `front` were claimed. That includes
//!   pushes that have claimed and not finished: it does not wait for them.
//! * *Closed* and empty is final: who sees that no push may claim any more gives up the slots of pushes
//!   in progress before it answers that the queue is empty. (A slot that another pop has claimed is that
//!   pop's: if the push ends, its value goes there.)
//!
//! # Ordering
//! * `[P1]` *value*: ready is stored with Release, and loaded with Acquire before the value is read.
//! * `[P2]` *segment*: linked, and passed on by `tail` and by `head`, with Release; each of the three is
//!   loaded with Acquire.
//! * `[P3]` *claims of pops seen by who finds nothing*: a pop claims with Release; the fence after the load
//!   is the Acquire. Then the pushes that came before that claim, in its thread, are seen: without that a
//!   value that was pushed before an older one was popped could be missed, and a queue that was never
//!   empty be seen empty.
//! * `[P4]` *two queues*: SeqCst fence before empty is answered. Who pushes to one queue and finds another
//!   one empty stores before its fence and loads after it; of two such threads on two queues one sees
//!   the other's value.
//! * `[P6]` *given up*: a push stores that it is ready, and then loads the slot's bit, a pop sets the bit and then loads
//!   the state: one sees the other (`facade/often_and_seldom.rs`, whose contract this is).
//! * `[P5]` *tail seen by a pop*: the Relaxed load of `tail` cannot be older than the segment `h` that `head`
//!   has left: who linked `h.next` had read `tail = h`, its Release and our Acquire of `h.next` order that
//!   read before ours, and reads of one location do not go backwards.
//!
//! # Progress
//! All operations are lock-free. An exchange is lost to an operation that succeeds. A push claims in vain if
//! a pop has given up the slot; if the segment is exhausted, once a segment; or at the end of a closed
//! queue. A pop gives up a slot if a later value was
//! there when it looked, which is its next or another pop's success; or, of the last segment, when the
//! queue is closed. (Where the system refuses a barrier that it had allowed, it waits for the push instead.)
//!
//! # Rejected
//! `peek` under a guard: as of `MsQueue`. A pop that answers empty only when no push has claimed: it would
//! give up, and so spoil, the slot of each push that a polling consumer meets. Measured as one value from one
//! thread to another, on two processors:
//! * claims by additions alone, without pauses: 46 ns, where it is now 9; pops then claimed slots that nobody
//!   had pushed to, too, and gave them up;
//! * a push that publishes by an exchange, which a pop that gives up may forestall: 16;
//! * used segments handed over eight at a time: 13, for the barriers that stop the other side.
//!
//! **Checked by**: `tests/scenarios/segmented.rs`, `tests/segmented.rs`, `tests/garbage/main.rs`, fuzz target `segmented`.

mod close;
mod iter;
mod many;
mod owned;
mod segment;
mod view;
mod within;

pub use iter::{QueueDrain, QueueIntoIter, QueueIterMut, QueueTryIter};
pub use many::Unpushed;
pub use view::QueueRef;

use super::closed::Closed;
use crate::{
    base::CachePadded,
    facade::{atomic::Ordering, engine, tuning},
    reclaim::{Atomic, Collector, Domain, Guard, Handle, Identified, Owned, Shared, unprotected},
};
use core::{
    fmt,
    marker::PhantomData,
    mem,
    panic::{RefUnwindSafe, UnwindSafe},
};
use segment::{Claim, Segment, look_again};

/// An unbounded lock-free queue, first in, first out, for many producers and many consumers.
///
/// Values lie in segments, of some hundred slots if they are small. An operation claims its slot in a shared
/// word, a push after one failure by an addition, which cannot fail; nothing is allocated in between.
///
/// # Consistency
/// Linearizable, all operations but `len` and those on many values, each value of which is an operation
/// of its own. `None` is answered if the queue held nothing at some moment of the call. A push that
/// another thread has begun and not finished does not count as a value.
///
/// # Progress
/// All operations are lock-free: a thread that is stopped anywhere makes nobody wait. (But where the system
/// has allowed barriers in other threads, see [`Collector::new`], and refuses them later, a pop waits for
/// the push that it has come upon.)
///
/// # Memory
/// Segments have a page of slots, the first one less. Those that are used up are retired in the queue's
/// domain: freed when the guards of then are gone, and when so many have come together
/// ([`Guard::flush`] frees them sooner); each by itself if two values fill a page. Up to two batches of them,
/// some hundred kilobytes, stay with the domain to be used again (not of one with a cap, nor on small targets).
///
/// # Examples
/// ```
/// use counterpoint::queue::{Closed, Queue};
///
/// static QUEUE: Queue<u32> = Queue::new();
/// # #[cfg(feature = "std")]
/// std::thread::scope(|scope| {
///     scope.spawn(|| {
///         let queue = QUEUE.pin();
///         (0..100).for_each(|number| queue.push(number).expect("it is open"));
///         queue.close();
///         assert_eq!(queue.push(100), Err(Closed(100)));
///     });
///     scope.spawn(|| {
///         // First whether it is closed, then whether it is empty: both together are final.
///         loop {
///             let (queue, was_closed) = (QUEUE.pin(), QUEUE.pin().is_closed());
///             while let Some(number) = queue.pop() {
///                 assert!(number < 100);
///             }
///             if was_closed {
///                 break;
///             }
///             std::thread::yield_now();
///         }
///     });
/// });
/// ```
/// Values may borrow, and on one thread need not be `Send`; but then the queue stays on its thread:
/// ```compile_fail,E0277
/// # use counterpoint::queue::Queue;
/// fn share<T: Sync>(_: &T) {}
/// share(&Queue::<std::rc::Rc<u8>>::new());
/// ```
/// What values borrow outlives the queue:
/// ```compile_fail,E0597
/// # use counterpoint::queue::Queue;
/// let queue = Queue::new();
/// {
///     let text = String::from("short");
///     queue.pin().push(text.as_str()).unwrap();
/// }
/// queue.pin().pop();
/// ```
/// There is no peek that a concurrent pop could pull the value from under:
/// ```compile_fail,E0596
/// # use counterpoint::queue::Queue;
/// let queue = Queue::from_iter([1]);
/// queue.peek();
/// ```
pub struct Queue<T> {
    head: CachePadded<Atomic<Segment<T>>>,
    tail: CachePadded<Atomic<Segment<T>>>,
    collector: Collector,
    _values: PhantomData<T>,
}

// SAFETY: values pass through by move only, each to one thread [S1]; no `&T` is given to two threads,
// so `Send` suffices.
unsafe impl<T: Send> Send for Queue<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for Queue<T> {}

impl<T> UnwindSafe for Queue<T> {}
impl<T> RefUnwindSafe for Queue<T> {}

/// The segment at the head, and its first slot that no pop has claimed.
type Front<'g, T> = (&'g Segment<T>, usize);

impl<T> Queue<T> {
    /// An empty queue in the global domain. Allocates nothing.
    pub const fn new() -> Self {
        Self::new_in(Collector::global())
    }

    /// An empty queue whose segments are reclaimed by `collector`. Allocates nothing.
    pub const fn new_in(collector: Collector) -> Self {
        Queue {
            head: CachePadded::new(Atomic::null()),
            tail: CachePadded::new(Atomic::null()),
            collector,
            _values: PhantomData,
        }
    }

    /// The domain whose guards this queue takes.
    pub fn collector(&self) -> &Collector {
        &self.collector
    }

    /// Makes the calling thread a member of the queue's domain.
    pub fn register(&self) -> Handle<'static> {
        self.collector.register()
    }

    /// A view with the queue's methods without their guards; keep it for a batch of operations.
    ///
    /// Costs what [`Collector::pin`] costs.
    #[inline]
    pub fn pin(&self) -> QueueRef<'_, T> {
        QueueRef::new(self, Domain::pin(&self.collector))
    }

    /// A view under a guard that the caller has made.
    ///
    /// # Panics
    /// When the guard belongs to another collector.
    #[track_caller]
    pub fn with_guard<'g>(&'g self, guard: Guard<'g>) -> QueueRef<'g, T> {
        guard.assert_from(self.collector.id());
        QueueRef::new(self, guard)
    }

    /// Adds `value` at the end. Lock-free.
    ///
    /// # Errors
    /// With the value, if the queue is closed.
    ///
    /// # Panics
    /// When the guard belongs to another collector.
    #[inline]
    #[track_caller]
    pub fn push(&self, mut value: T, guard: &Guard<'_>) -> Result<(), Closed<T>> {
        guard.assert_from(self.collector.id());
        loop {
            // [P2] Acquire: the fields of the segment that `tail` passes on.
            let tail = self.tail.load(Ordering::Acquire, guard);
            // SAFETY: `tail` is not retired while it can be loaded [I3], and this thread is pinned.
            let Some(segment) = (unsafe { tail.as_ref() }) else {
                self.start(guard);
                continue;
            };
            match segment.claim_for_push(1) {
                // SAFETY: claimed here.
                Claim::Slot(index) => match unsafe { segment.store(index, value) } {
                    Ok(()) => return Ok(()),
                    Err(back) => value = back,
                },
                Claim::Exhausted => match self.extend(tail, value, guard) {
                    Ok(()) => return Ok(()),
                    Err(back) => value = back,
                },
                Claim::Closed if self.is_at_end(tail, guard) => return Err(Closed(value)),
                Claim::Closed => {}
            }
        }
    }

    /// Takes the value at the front; `None` if the queue was empty at some moment of the call. Lock-free.
    ///
    /// # Panics
    /// When the guard belongs to another collector.
    #[inline]
    #[track_caller]
    pub fn pop(&self, guard: &Guard<'_>) -> Option<T> {
        guard.assert_from(self.collector.id());
        loop {
            let (segment, front) = self.front(guard)?;
            if !segment.is_ready(front) {
                segment.start.give(front, tuning::START_ROOM);
                if segment.was_empty(front) {
                    return None;
                }
            }
            // Only what was looked at: an addition may claim what nobody has pushed, and spoil it.
            if segment.claim_for_pops(front, 1) {
                // SAFETY: claimed here.
                if let Some(value) = unsafe { segment.take(front) } {
                    return Some(value);
                }
            }
        }
    }

    /// Whether the queue had no value at some moment of the call. Lock-free.
    ///
    /// `false` says no more than that this was not seen.
    ///
    /// # Panics
    /// When the guard belongs to another collector.
    #[inline]
    #[track_caller]
    pub fn is_empty(&self, guard: &Guard<'_>) -> bool {
        guard.assert_from(self.collector.id());
        let is_empty = |segment: &Segment<T>, at| !segment.is_ready(at) && segment.was_empty(at);
        self.front(guard).is_none_or(|(segment, front)| is_empty(segment, front))
    }

    /// How many values there are; exact when no other operation is in progress. Otherwise not more than
    /// there were at its beginning with those that were pushed during the call. Lock-free.
    ///
    /// # Panics
    /// When the guard belongs to another collector.
    #[track_caller]
    pub fn len(&self, guard: &Guard<'_>) -> usize {
        guard.assert_from(self.collector.id());
        // [P2] Acquire: the fields of the segment. `head` first: then `tail` is not behind it for long.
        let head = self.head.load(Ordering::Acquire, guard);
        // SAFETY: not retired while it can be loaded; this thread is pinned.
        let Some(first) = (unsafe { head.as_ref() }) else { return 0 };
        let (_, pops) = first.claimed();
        // SAFETY: as above [I3]. Until the first push has stored it there is no tail.
        let Some(last) = (unsafe { self.last(guard).as_ref() }) else { return 0 };
        let (pushes, _) = last.claimed();
        // Reinterpreted: pops of an empty segment may have claimed more than pushes.
        usize::try_from(pushes.wrapping_sub(pops) as isize).unwrap_or(0)
    }

    /// The first segment that has a slot which no pop has claimed, and that slot. `None` if the queue was
    /// empty.
    #[inline(always)]
    fn front<'g>(&self, guard: &'g Guard<'_>) -> Option<Front<'g, T>> {
        loop {
            // [P2] Acquire: the fields of the segment.
            let head = self.head.load(Ordering::Acquire, guard);
            // SAFETY: a segment is retired after `head` has left it; this thread is pinned.
            let Some(segment) = (unsafe { head.as_ref() }) else {
                if self.was_never_used(guard) {
                    return None;
                }
                continue;
            };
            if let Some(front) = segment.front() {
                return Some((segment, front));
            }
            if !self.move_head(head, guard) {
                return None;
            }
        }
    }

    /// Whether there is no segment.
    #[cold]
    fn was_never_used(&self, guard: &Guard<'_>) -> bool {
        look_again();
        // Relaxed: only compared.
        self.head.load(Ordering::Relaxed, guard).is_null()
    }

    /// Moves `head` on from a segment whose slots pops have claimed. `false` if there is no next segment.
    #[cold]
    fn move_head(&self, head: Shared<'_, Segment<T>>, guard: &Guard<'_>) -> bool {
        look_again();
        // SAFETY: it was the head while this thread was pinned.
        let segment = unsafe { head.deref() };
        // [P2] Acquire: the fields of the segment, which is passed on.
        let next = segment.next.load(Ordering::Acquire, guard);
        if next.is_null() {
            return false;
        }
        // [P2] Release: passes `next` on. Relaxed on failure: somebody else has moved it.
        let moved =
            self.head.compare_exchange(head, next, Ordering::Release, Ordering::Relaxed, guard);
        if moved.is_ok() {
            // [P5] Relaxed: not older than `head`, by the Acquire of `next`.
            if self.tail.load(Ordering::Relaxed, guard) == head {
                self.move_tail(head, next, guard); // [I3]
            }
            // SAFETY: neither `head` [above] nor `tail` [I3] leads there any more; it is retired by who
            // moved `head` off it; what values it has are of operations in progress [I4].
            unsafe {
                if segment.is_recyclable() {
                    guard.defer_recycling(head, segment.bytes());
                } else {
                    guard.defer_destroy_of(head, segment.bytes());
                }
            }
            if Segment::<T>::IS_LARGE {
                guard.flush();
            }
        }
        true
    }

    /// Links a segment that begins with the value after `tail`, whose slots are all claimed.
    ///
    /// # Errors
    /// With the value, if another thread did, or the queue was closed.
    #[cold]
    fn extend(&self, tail: Shared<'_, Segment<T>>, value: T, guard: &Guard<'_>) -> Result<(), T> {
        // SAFETY: it was the tail while this thread was pinned [I3].
        let segment = unsafe { tail.deref() };
        // [P2] Acquire: the fields of the segment, which is passed on.
        let next = segment.next.load(Ordering::Acquire, guard);
        if !next.is_null() {
            self.move_tail(tail, next, guard); // [I2]
            return Err(value);
        }
        let new = segment.successor(guard);
        // It has a slot, and nobody else claims there yet.
        let Claim::Slot(index) = new.claim_for_push(1) else { return Err(value) };
        // SAFETY: claimed here. No pop has given the slot up.
        unsafe { new.store(index, value) }?;
        // [P2] Release: hands over the segment. Acquire on failure: another one is passed on.
        let linked = segment.next.compare_exchange(
            Shared::null(),
            new,
            Ordering::Release,
            Ordering::Acquire,
            guard,
        );
        match linked {
            Ok(new) => {
                self.move_tail(tail, new, guard);
                Ok(())
            }
            Err(lost) => {
                if !lost.current.is_null() {
                    self.move_tail(tail, lost.current, guard); // [I2]
                }
                // SAFETY: stored above, and of this thread alone, which reads it once.
                Err(unsafe { lost.new.read(index) })
            }
        }
    }

    /// The last segment, to which `tail` is moved; null before the first push.
    fn last<'g>(&self, guard: &'g Guard<'_>) -> Shared<'g, Segment<T>> {
        loop {
            // [P2] Acquire: the fields of the segment.
            let tail = self.tail.load(Ordering::Acquire, guard);
            // SAFETY: not retired while it can be loaded [I3]; this thread is pinned.
            let Some(segment) = (unsafe { tail.as_ref() }) else { return tail };
            // [P2] Acquire: the fields of the segment, which is passed on.
            let next = segment.next.load(Ordering::Acquire, guard);
            if next.is_null() {
                return tail;
            }
            self.move_tail(tail, next, guard); // [I2]
        }
    }

    /// Moves `tail` on by one segment, unless somebody has.
    #[inline]
    fn move_tail(
        &self,
        from: Shared<'_, Segment<T>>,
        to: Shared<'_, Segment<T>>,
        guard: &Guard<'_>,
    ) {
        // [P2] Release: passes `to` on. Relaxed on failure: somebody else has moved it.
        let _ = self.tail.compare_exchange(from, to, Ordering::Release, Ordering::Relaxed, guard);
    }

    /// Makes the first segment, or takes the one that another thread has made.
    #[cold]
    fn start(&self, guard: &Guard<'_>) {
        // [P2] Release: hands over the segment. Acquire on failure: the winner's is passed on.
        let installed = self.head.compare_exchange(
            Shared::null(),
            Owned::new(Segment::first(self.collector.interrupts())),
            Ordering::Release,
            Ordering::Acquire,
            guard,
        );
        let first = installed.unwrap_or_else(|lost| lost.current);
        // While `tail` is null nothing can be pushed, so `head` is still the first segment; and `tail`
        // never becomes null again, so a late attempt fails.
        self.move_tail(Shared::null(), first, guard);
    }
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> FromIterator<T> for Queue<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let queue = Queue::new();
        // SAFETY: nobody else has the queue, and pushing retires nothing.
        let pushed = queue.push_many(values, unsafe { unprotected() });
        assert!(pushed.is_ok(), "nobody has closed it");
        queue
    }
}

impl<T, const N: usize> From<[T; N]> for Queue<T> {
    fn from(values: [T; N]) -> Self {
        values.into_iter().collect()
    }
}

impl<T> fmt::Debug for Queue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue").field("collector", &self.collector).finish_non_exhaustive()
    }
}

impl<T> Drop for Queue<T> {
    fn drop(&mut self) {
        /// Frees the segments, also when the destructor of a value panics.
        struct Segments<'q, T>(&'q mut Queue<T>);
        impl<T> Drop for Segments<'_, T> {
            fn drop(&mut self) {
                let mut next = self.0.head.load_mut();
                // SAFETY: `&mut` keeps every other thread away, and each segment is owned here once.
                while let Some(mut segment) = unsafe { next.try_into_owned() } {
                    next = Shared::from(segment.next.load_mut().as_raw());
                }
            }
        }
        if engine::abandoned() {
            return;
        }
        let all = Segments(self);
        if mem::needs_drop::<T>() {
            drop(all.0.drain());
        }
    }
}
