//! `MsQueue`: an unbounded queue, one node per value. For many small values under contention a
//! queue of segments is faster.
//!
//! **Algorithm**: Michael and Scott, "Simple, Fast, and Practical Non-Blocking and Blocking
//! Concurrent Queue Algorithms", PODC 1996, section 2. Departures: epochs in the place of counted
//! pointers, and nodes used again when their grace period is over; a dequeue looks at the tail after its
//! compare-exchange, not before; the sentinel is made by the first push, so that `new` is `const`.
//!
//! # State
//! `head → sentinel → v1 → v2 → … → last → null`, `tail → last or the one before`. The node that
//! `head` points to is the sentinel: its value is gone (or never was). Before the first push both
//! are null.
//!
//! # Invariants
//! * `[I1]` A node's `next` changes once, from null to its successor.
//! * `[I2]` `tail` is at most one node behind the last: a push links only where it found null, and
//!   whoever finds a successor first moves `tail` to it.
//! * `[I3]` `tail` is never behind `head` when a node is retired: the dequeuer that made it so moves
//!   `tail` before it retires. So no thread that pins later finds a retired node.
//! * `[I4]` The value of a node belongs to whoever moves `head` onto the node; before that, to the
//!   queue. A retired node holds no value: freeing it touches no `T`, so `T` needs to be neither
//!   `'static` nor, on one thread, `Send`.
//!
//! # Ordering
//! * `[P1]` *node*: a push links its node with Release; whoever reads `next` with Acquire sees the
//!   node's fields.
//! * `[P2]` *passing on by `tail`*: its moves are Release, its loads Acquire, since the pointer it
//!   passes on was itself acquired by `[P1]`. `[P4]` *passing on by `head`*: likewise.
//! * `[P3]` *tail seen by a dequeuer*: the Relaxed load of `tail` cannot be older than `head`'s old
//!   node `h`: the push that linked `h.next` had read `tail = h`, its Release and our Acquire of
//!   `h.next` order that read before ours, and reads of one location do not go backwards.
//!
//! # Progress
//! All operations are lock-free: each failed compare-exchange is another thread's success.
//!
//! # Rejected
//! `len`: a counter would cost each operation a contended increment. `peek` under a guard: the
//! guard keeps the node, but `pop` moves the value out of it; so `peek` takes `&mut self`.
//!
//! **Checked by**: `loom-tests/queue.rs`, `tests/queue.rs`, fuzz target `queue`.

mod iter;
mod view;

pub use iter::{MsDrain, MsIntoIter, MsIterMut};
pub use view::MsQueueRef;

use crate::{
    base::CachePadded,
    facade::{atomic::Ordering, cell::UnsafeCell, engine},
    reclaim::{
        Atomic, Collector, Domain, GarbageFull, Guard, Handle, Identified, Kind, Owned, Recyclable,
        Shared, unprotected,
    },
};
use core::{
    fmt,
    marker::PhantomData,
    mem::MaybeUninit,
    panic::{RefUnwindSafe, UnwindSafe},
};

struct Node<T> {
    /// Set while the node is between the sentinel and the end [I4].
    value: UnsafeCell<MaybeUninit<T>>,
    next: Atomic<Node<T>>,
}

impl<T> Node<T> {
    #[inline(always)]
    fn new(value: MaybeUninit<T>) -> Self {
        Node { value: UnsafeCell::new(value), next: Shared::null().into() }
    }
}

// SAFETY: a retired node holds no value [I4], and nothing else that is to be dropped.
unsafe impl<T> Recyclable for Node<T> {
    const KIND: Option<Kind> = Kind::bare::<Self>();
}

/// An unbounded lock-free queue, first in, first out.
///
/// # Consistency
/// Linearizable: a push takes effect when its node is linked, a pop when the head moves.
///
/// # Examples
/// ```
/// use counterpoint::queue::MsQueue;
///
/// static QUEUE: MsQueue<u32> = MsQueue::new();
/// # #[cfg(feature = "std")]
/// std::thread::scope(|scope| {
///     scope.spawn(|| QUEUE.pin().push(1));
///     scope.spawn(|| while QUEUE.pin().pop().is_none() { std::thread::yield_now() });
/// });
/// ```
/// Values may borrow, and on one thread need not be `Send`:
/// ```
/// # use counterpoint::queue::MsQueue;
/// use std::rc::Rc;
/// let queue = MsQueue::new();
/// let queue = queue.pin();
/// queue.push(Rc::new("a"));
/// assert_eq!(queue.pop().as_deref(), Some(&"a"));
/// ```
/// but then the queue stays on its thread:
/// ```compile_fail,E0277
/// # use counterpoint::queue::MsQueue;
/// fn share<T: Sync>(_: &T) {}
/// share(&MsQueue::<std::rc::Rc<u8>>::new());
/// ```
/// There is no peek that a concurrent pop could pull the value from under:
/// ```compile_fail,E0596
/// # use counterpoint::queue::MsQueue;
/// let queue = MsQueue::from_iter([1]);
/// queue.peek();
/// ```
pub struct MsQueue<T> {
    head: CachePadded<Atomic<Node<T>>>,
    tail: CachePadded<Atomic<Node<T>>>,
    collector: Collector,
    _values: PhantomData<T>,
}

// SAFETY: values pass through by move only; no `&T` is given to two threads, so `Send` suffices.
unsafe impl<T: Send> Send for MsQueue<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for MsQueue<T> {}

impl<T> UnwindSafe for MsQueue<T> {}
impl<T> RefUnwindSafe for MsQueue<T> {}

impl<T> MsQueue<T> {
    /// An empty queue in the global domain. Allocates nothing.
    pub const fn new() -> Self {
        Self::new_in(Collector::global())
    }

    /// An empty queue whose nodes are reclaimed by `collector`. Allocates nothing.
    pub const fn new_in(collector: Collector) -> Self {
        MsQueue {
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
    pub fn pin(&self) -> MsQueueRef<'_, T> {
        MsQueueRef::new(self, Domain::pin(&self.collector))
    }

    /// A view under a guard that the caller has made.
    ///
    /// # Panics
    /// When the guard belongs to another collector.
    #[track_caller]
    pub fn with_guard<'g>(&'g self, guard: Guard<'g>) -> MsQueueRef<'g, T> {
        guard.assert_from(self.collector.id());
        MsQueueRef::new(self, guard)
    }

    /// Adds `value` at the end. Lock-free.
    ///
    /// # Panics
    /// When the guard belongs to another collector.
    #[inline]
    #[track_caller]
    pub fn push(&self, value: T, guard: &Guard<'_>) {
        guard.assert_from(self.collector.id());
        let node = Owned::recycling(Node::new(MaybeUninit::new(value)), guard).into_shared(guard);
        loop {
            // [P2] Acquire: the fields of the node that `tail` passes on.
            let tail = self.tail.load(Ordering::Acquire, guard);
            if tail.is_null() {
                self.start(guard);
                continue;
            }
            // SAFETY: `tail` is not retired while it can be loaded [I3], and this thread is pinned.
            let last = unsafe { tail.deref() };
            // [P1] Acquire: `next` is passed on below.
            let next = last.next.load(Ordering::Acquire, guard);
            if !next.is_null() {
                self.move_tail(tail, next, guard); // [I2]
                continue;
            }
            // [P1] Release: hands over the node. Relaxed on failure: the loop loads again.
            if last
                .next
                .compare_exchange(Shared::null(), node, Ordering::Release, Ordering::Relaxed, guard)
                .is_ok()
            {
                self.move_tail(tail, node, guard);
                return;
            }
        }
    }

    /// As [`push`](Self::push), unless the domain's garbage has reached its cap; see
    /// [`Builder::garbage_cap`](crate::reclaim::Builder::garbage_cap). Lock-free; may free garbage.
    ///
    /// # Errors
    /// With the value, when the garbage is full.
    ///
    /// # Panics
    /// When the guard belongs to another collector.
    #[inline]
    #[track_caller]
    pub fn push_within(&self, value: T, guard: &Guard<'_>) -> Result<(), GarbageFull<T>> {
        guard.assert_from(self.collector.id());
        if !guard.has_room() {
            return Err(GarbageFull(value));
        }
        self.push(value, guard);
        Ok(())
    }

    /// Takes the value at the front. Lock-free.
    ///
    /// # Panics
    /// When the guard belongs to another collector.
    #[inline]
    #[track_caller]
    pub fn pop(&self, guard: &Guard<'_>) -> Option<T> {
        guard.assert_from(self.collector.id());
        loop {
            // [P4] Acquire: the fields of the sentinel.
            let head = self.head.load(Ordering::Acquire, guard);
            // SAFETY: a sentinel is retired after `head` has left it; this thread is pinned.
            let sentinel = unsafe { head.as_ref() }?;
            // [P1] Acquire: the fields of the front node.
            let next = sentinel.next.load(Ordering::Acquire, guard);
            // SAFETY: it follows a sentinel that was current while this thread was pinned.
            let front = unsafe { next.as_ref() }?;
            // [P4] Release: passes `next` on. Relaxed on failure: the loop loads again.
            let moved =
                self.head.compare_exchange(head, next, Ordering::Release, Ordering::Relaxed, guard);
            if moved.is_ok() {
                // [P3] Relaxed: not older than `head`, by the Acquire of `next`.
                if self.tail.load(Ordering::Relaxed, guard) == head {
                    self.move_tail(head, next, guard); // [I3]
                }
                // SAFETY: `head` moved onto `front` here, so the value is this thread's [I4].
                let value = front.value.with(|value| unsafe { value.read().assume_init() });
                // SAFETY: neither `head` [CAS above] nor `tail` [I3] leads there any more; the
                // node is retired by the one who moved `head` off it; it holds no value [I4].
                unsafe { guard.defer_recycling(head, size_of::<Node<T>>()) };
                return Some(value);
            }
        }
    }

    /// Whether the queue had no value at some moment of the call. Wait-free.
    ///
    /// # Panics
    /// When the guard belongs to another collector.
    #[inline]
    #[track_caller]
    pub fn is_empty(&self, guard: &Guard<'_>) -> bool {
        guard.assert_from(self.collector.id());
        // [P4] Acquire: the fields of the sentinel.
        let head = self.head.load(Ordering::Acquire, guard);
        // SAFETY: as in `pop`.
        let sentinel = unsafe { head.as_ref() };
        // Relaxed: the successor is only compared with null.
        sentinel.is_none_or(|node| node.next.load(Ordering::Relaxed, guard).is_null())
    }

    /// The value at the front.
    pub fn peek(&mut self) -> Option<&T> {
        self.peek_mut().map(|value| &*value)
    }

    /// The value at the front, to be changed.
    pub fn peek_mut(&mut self) -> Option<&mut T> {
        self.iter_mut().next()
    }

    /// The values from front to end, to be changed.
    pub fn iter_mut(&mut self) -> MsIterMut<'_, T> {
        MsIterMut::new(self)
    }

    /// Takes all values, from front to end. What the iterator does not yield it drops.
    pub fn drain(&mut self) -> MsDrain<'_, T> {
        MsDrain::new(self)
    }

    /// Moves `tail` on by one node, unless somebody has.
    #[inline]
    fn move_tail(&self, from: Shared<'_, Node<T>>, to: Shared<'_, Node<T>>, guard: &Guard<'_>) {
        // [P2] Release: passes `to` on. Relaxed on failure: somebody else has moved it.
        let _ = self.tail.compare_exchange(from, to, Ordering::Release, Ordering::Relaxed, guard);
    }

    /// Makes the first sentinel, or takes the one that another thread has made.
    #[cold]
    fn start(&self, guard: &Guard<'_>) {
        let sentinel = Owned::new(Node::new(MaybeUninit::uninit()));
        // [P4] Release: hands over the sentinel. Acquire on failure: the winner's is passed on.
        let installed = self.head.compare_exchange(
            Shared::null(),
            sentinel,
            Ordering::Release,
            Ordering::Acquire,
            guard,
        );
        let first = installed.unwrap_or_else(|lost| lost.current);
        // While `tail` is null nothing can be pushed, so `head` is still the first sentinel; and
        // `tail` never becomes null again, so a late attempt fails.
        self.move_tail(Shared::null(), first, guard);
    }
}

impl<T> Default for MsQueue<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Extend<T> for MsQueue<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, values: I) {
        // SAFETY: `&mut self` keeps every other thread away, and pushing retires nothing.
        let guard = unsafe { unprotected() };
        values.into_iter().for_each(|value| self.push(value, guard));
    }
}

impl<T> FromIterator<T> for MsQueue<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let mut queue = MsQueue::new();
        queue.extend(values);
        queue
    }
}

impl<T, const N: usize> From<[T; N]> for MsQueue<T> {
    fn from(values: [T; N]) -> Self {
        values.into_iter().collect()
    }
}

impl<T> fmt::Debug for MsQueue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MsQueue").field("collector", &self.collector).finish_non_exhaustive()
    }
}

impl<T> Drop for MsQueue<T> {
    fn drop(&mut self) {
        /// Frees the sentinel, also when the destructor of a value panics.
        struct Sentinel<'q, T>(&'q mut MsQueue<T>);
        impl<T> Drop for Sentinel<'_, T> {
            fn drop(&mut self) {
                // SAFETY: `&mut` keeps every other thread away, and the sentinel is owned here.
                drop(unsafe { self.0.head.load_mut().try_into_owned() });
            }
        }
        if engine::abandoned() {
            return;
        }
        Sentinel(self).0.drain().for_each(drop);
    }
}
