//! `TreiberStack`: an unbounded stack, one node per value. All threads meet at one word: where
//! order does not matter and threads are many, a queue or a bag spreads them better.
//!
//! **Algorithm**: Treiber, "Systems Programming: Coping with Parallelism", IBM RJ 5118, 1986, with
//! epochs and tags against the ABA problem; and after a lost race elimination and exponential backoff in
//! one (Hendler, Shavit, Yerushalmi, "A Scalable Lock-free Stack Algorithm", SPAA 2004): `elimination.rs`.
//!
//! # State
//! `head → top → … → bottom → null`. A pointer to a node has a tag: how often the node was used before.
//! Each participant keeps some nodes that it has unlinked, and pushes with them again on the same stack,
//! under the next tag, as long as there is one in the bits that the alignment of a node leaves free; then it retires
//! them. So most operations allocate nothing, and retire nothing.
//!
//! # Invariants
//! * `[I1]` A node's `next` does not change while the node is linked.
//! * `[I2]` The value of a node belongs to the stack until the node is unlinked, then to whoever
//!   unlinked it. A retired node holds no value: freeing it touches no `T`, so `T` needs to be
//!   neither `'static` nor, on one thread, `Send`.
//! * `[I3]` A node is in `head` once under each tag, between its allocation and its retirement; and while a
//!   thread that saw it there is pinned, it is not freed. So a compare-exchange from it succeeds only if
//!   it never left (no ABA), and then what was read of `next` is what stands there.
//!
//! # Ordering
//! * `[P1]` *node*: a push installs its node with Release; whoever reads it from `head` with
//!   Acquire sees its fields. `head` is changed by read-modify-writes only, each of which continues
//!   the release sequence of all pushes before it: so a pop passes older nodes on with Relaxed, and
//!   what it passes on is still acquired from the push that made it.
//! * `[P2]` *offer*: see `elimination.rs`. What a pop takes there was never in `head` under its tag; push and
//!   pop take effect there, one after the other, when it is taken.
//!
//! # Progress
//! All operations are lock-free; `is_empty` is wait-free. `pop_all` is one swap.
//!
//! # Rejected
//! Measured as pairs of push and pop, in nanoseconds of all threads together, on two processors:
//! * a new node for each push, retired by the pop: 40 on one thread and 69 on two, where it is now 17 and
//!   19. The allocator and the retirement were more than half of that on one thread.
//! * backoff from one pause on: the loser is back before the winner has made a second operation in its
//!   own cache. What counts is that it stays away for some; twice as long changed nothing.
//! * backoff without elimination: the same time, within the spread, on so few processors.
//! * nodes of their natural alignment, with half of the tags: a tenth more time.
//!
//! **Checked by**: `loom-tests/stack.rs`, `tests/stack.rs`, fuzz target `stack`.

mod elimination;
mod iter;
mod view;

pub use iter::{Drain, IntoIter, IterMut, PopAll};
pub use view::TreiberStackRef;

use crate::{
    base::CachePadded,
    facade::{atomic::Ordering, cell::UnsafeCell, engine, tuning},
    reclaim::{
        Atomic, Collector, Domain, GarbageFull, Guard, Handle, Identified, Owned, Shared,
        unprotected,
    },
};
use core::{
    alloc::Layout,
    fmt,
    marker::PhantomData,
    mem::ManuallyDrop,
    panic::{RefUnwindSafe, UnwindSafe},
    ptr,
};
use elimination::{Elimination, Lost};

/// As `Guard::keep_spare` wants it. Of 16 bytes, which allocators give anyhow, there are twice the tags.
#[cfg_attr(target_pointer_width = "64", repr(C, align(16)))]
#[cfg_attr(not(target_pointer_width = "64"), repr(C))]
struct Node<T> {
    next: Atomic<Node<T>>,
    /// Taken by whoever unlinks the node [I2].
    value: UnsafeCell<ManuallyDrop<T>>,
}

impl<T> Node<T> {
    /// What its value takes, if such nodes are used again.
    const KEPT: Option<Layout> =
        if size_of::<Self>() <= tuning::SPARE_BYTES { Some(Layout::new::<T>()) } else { None };

    /// The last tag that a node can have [I3].
    const LAST_TAG: usize = {
        let last = align_of::<Self>() - 1;
        if last < tuning::REUSES { last } else { tuning::REUSES }
    };

    /// A node with that value: one of the stack `owner` that this participant has kept, under a tag that it
    /// never had, or a new one.
    #[inline(always)]
    #[track_caller]
    fn with<'g>(owner: usize, value: T, guard: &'g Guard<'_>) -> Shared<'g, Self> {
        let value = ManuallyDrop::new(value);
        let spare = Self::KEPT.and_then(|layout| guard.take_spare::<Self>(owner, layout));
        let Some(spare) = spare else {
            let node = Node { next: Shared::null().into(), value: UnsafeCell::new(value) };
            return Owned::new(node).into_shared(guard);
        };
        // SAFETY: it was not retired, and this participant has it to itself but for its link.
        let node = unsafe { spare.deref() };
        // SAFETY: nobody else touches the value of a node that is unlinked.
        node.value.with_mut(|place| unsafe { place.write(value) });
        spare.with_tag(spare.tag() + 1)
    }

    /// # Safety
    /// The caller unlinked the node, and takes its value once [I2].
    #[inline(always)]
    unsafe fn take(&self) -> T {
        // SAFETY: by the caller's duty the value is there, and nobody else reads it.
        self.value.with_mut(|value| unsafe { ManuallyDrop::take(&mut *value) })
    }

    /// Keeps a node to be used again, while there are tags that it has not had; or retires it.
    ///
    /// # Safety
    /// The caller unlinked the node under the guard, and has taken its value.
    #[inline(always)]
    #[track_caller]
    unsafe fn leave(owner: usize, node: Shared<'_, Self>, guard: &Guard<'_>) {
        match Self::KEPT {
            // SAFETY: as below; others read its link alone, and by [I3] what they do then is in vain.
            Some(layout) if node.tag() < Self::LAST_TAG => unsafe {
                guard.keep_spare(owner, node, layout)
            },
            // SAFETY: `head` has left the node and never comes back to it under this tag; it is retired
            // by the one who unlinked it; it holds no value [I2].
            _ => unsafe { guard.defer_destroy(node) },
        }
    }
}

/// An unbounded lock-free stack, last in, first out.
///
/// # Consistency
/// Linearizable: each operation takes effect when it changes (or, finding none, reads) the head; or, a push
/// and a pop together, when one takes what the other offers.
///
/// # Memory
/// One node a value. Each handle keeps some small nodes that it has popped (thirty-two of 256 bytes at most;
/// fewer on small targets), and pushes with them again; the others are retired.
///
/// # Examples
/// ```
/// use counterpoint::stack::TreiberStack;
///
/// static FREE: TreiberStack<usize> = TreiberStack::new();
/// # #[cfg(feature = "std")] {
/// let free = FREE.pin();
/// free.push(1);
/// free.push(2);
/// assert_eq!(free.pop(), Some(2));
/// # }
/// ```
/// Values may borrow, and on one thread need not be `Send`; but then the stack stays there:
/// ```compile_fail,E0277
/// # use counterpoint::stack::TreiberStack;
/// fn share<T: Sync>(_: &T) {}
/// share(&TreiberStack::<std::rc::Rc<u8>>::new());
/// ```
/// There is no peek that a concurrent pop could pull the value from under:
/// ```compile_fail,E0596
/// # use counterpoint::stack::TreiberStack;
/// let stack = TreiberStack::from_iter([1]);
/// stack.peek();
/// ```
pub struct TreiberStack<T> {
    head: CachePadded<Atomic<Node<T>>>,
    elimination: Elimination<Node<T>>,
    collector: Collector,
    _values: PhantomData<T>,
}

// SAFETY: values pass through by move only; no `&T` is given to two threads, so `Send` suffices.
unsafe impl<T: Send> Send for TreiberStack<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for TreiberStack<T> {}

impl<T> UnwindSafe for TreiberStack<T> {}
impl<T> RefUnwindSafe for TreiberStack<T> {}

impl<T> TreiberStack<T> {
    /// An empty stack in the global domain. Allocates nothing.
    pub const fn new() -> Self {
        Self::new_in(Collector::global())
    }

    /// An empty stack whose nodes are reclaimed by `collector`. Allocates nothing.
    pub const fn new_in(collector: Collector) -> Self {
        TreiberStack {
            head: CachePadded::new(Atomic::null()),
            elimination: Elimination::new(),
            collector,
            _values: PhantomData,
        }
    }

    /// What tells this stack's spare nodes from those of others.
    #[inline(always)]
    fn address(&self) -> usize {
        ptr::from_ref(self).addr()
    }

    /// The domain whose guards this stack takes.
    pub fn collector(&self) -> &Collector {
        &self.collector
    }

    /// Makes the calling thread a member of the stack's domain.
    pub fn register(&self) -> Handle<'static> {
        self.collector.register()
    }

    /// A view with the stack's methods without their guards; keep it for a batch of operations.
    ///
    /// Costs what [`Collector::pin`] costs.
    #[inline]
    pub fn pin(&self) -> TreiberStackRef<'_, T> {
        TreiberStackRef::new(self, Domain::pin(&self.collector))
    }

    /// A view under a guard that the caller has made.
    ///
    /// # Panics
    /// When the guard belongs to another collector.
    #[track_caller]
    pub fn with_guard<'g>(&'g self, guard: Guard<'g>) -> TreiberStackRef<'g, T> {
        guard.assert_from(self.collector.id());
        TreiberStackRef::new(self, guard)
    }

    /// Puts `value` on top. Lock-free.
    ///
    /// # Panics
    /// When the guard belongs to another collector.
    #[inline]
    #[track_caller]
    pub fn push(&self, value: T, guard: &Guard<'_>) {
        guard.assert_from(self.collector.id());
        let node = Node::with(self.address(), value, guard);
        // SAFETY: it is this thread's until it is published, and not freed while the guard lives.
        let next = unsafe { &node.deref().next };
        // Relaxed: the pointer is stored and compared, not followed.
        let mut head = self.head.load(Ordering::Relaxed, guard);
        let mut lost = Lost::none();
        loop {
            // Relaxed: published with the node [P1].
            next.store(head, Ordering::Relaxed);
            // [P1] Release: hands over the node. Relaxed on failure: as for the load above.
            match self.head.compare_exchange_weak(
                head,
                node,
                Ordering::Release,
                Ordering::Relaxed,
                guard,
            ) {
                Ok(_) => return,
                Err(_) if self.elimination.offer(node, &mut lost, guard.stripe(), guard) => return,
                // Relaxed: as above.
                Err(_) => head = self.head.load(Ordering::Relaxed, guard),
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

    /// Takes the value on top. Lock-free.
    ///
    /// # Panics
    /// When the guard belongs to another collector.
    #[inline]
    #[track_caller]
    pub fn pop(&self, guard: &Guard<'_>) -> Option<T> {
        guard.assert_from(self.collector.id());
        let mut lost = Lost::none();
        // [P1] Acquire: the fields of the top node.
        let mut head = self.head.load(Ordering::Acquire, guard);
        loop {
            // SAFETY: it was in `head` while this thread was pinned, so it is not freed [I3].
            let top = unsafe { head.as_ref() }?;
            // Relaxed: written before the node was published [I1].
            let next = top.next.load(Ordering::Relaxed, guard);
            // [P1] Relaxed: continues the release sequence. Relaxed on failure: loaded again.
            match self.head.compare_exchange_weak(
                head,
                next,
                Ordering::Relaxed,
                Ordering::Relaxed,
                guard,
            ) {
                Ok(_) => {
                    // SAFETY: unlinked here, so the value is this thread's [I2].
                    let value = unsafe { top.take() };
                    // SAFETY: unlinked here; the value was taken above.
                    unsafe { Node::leave(self.address(), head, guard) };
                    return Some(value);
                }
                Err(_) => {
                    if let Some(offered) = self.elimination.take(&mut lost, guard.stripe(), guard) {
                        // SAFETY: taken here: value and node are this thread's [I2].
                        let value = unsafe { offered.deref().take() };
                        // SAFETY: as above.
                        unsafe { Node::leave(self.address(), offered, guard) };
                        return Some(value);
                    }
                    // [P1] Acquire: as above.
                    head = self.head.load(Ordering::Acquire, guard);
                }
            }
        }
    }

    /// Takes all values at once, from the top. What the iterator does not yield it drops.
    /// Wait-free where the target has a swap.
    ///
    /// # Panics
    /// When the guard belongs to another collector.
    #[inline]
    #[track_caller]
    pub fn pop_all<'g>(&self, guard: &'g Guard<'_>) -> PopAll<'g, T> {
        guard.assert_from(self.collector.id());
        // [P1] Acquire: the fields of all nodes, each from its push, through the release sequence.
        let chain = self.head.swap(Shared::null(), Ordering::Acquire, guard);
        // SAFETY: unlinked here: the chain is this thread's [I2].
        unsafe { PopAll::new(self.address(), chain, guard) }
    }

    /// Whether the stack had no value at some moment of the call. Wait-free.
    ///
    /// # Panics
    /// When the guard belongs to another collector.
    #[inline]
    #[track_caller]
    pub fn is_empty(&self, guard: &Guard<'_>) -> bool {
        guard.assert_from(self.collector.id());
        // Relaxed: the pointer is compared, not followed.
        self.head.load(Ordering::Relaxed, guard).is_null()
    }

    /// The value on top.
    pub fn peek(&mut self) -> Option<&T> {
        self.peek_mut().map(|value| &*value)
    }

    /// The value on top, to be changed.
    pub fn peek_mut(&mut self) -> Option<&mut T> {
        self.iter_mut().next()
    }

    /// The values from the top, to be changed.
    pub fn iter_mut(&mut self) -> IterMut<'_, T> {
        IterMut::new(self)
    }

    /// Takes all values, from the top. What the iterator does not yield it drops.
    pub fn drain(&mut self) -> Drain<'_, T> {
        Drain::new(self)
    }
}

impl<T> Default for TreiberStack<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Extend<T> for TreiberStack<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, values: I) {
        // SAFETY: `&mut self` keeps every other thread away, and pushing retires nothing.
        let guard = unsafe { unprotected() };
        values.into_iter().for_each(|value| self.push(value, guard));
    }
}

impl<T> FromIterator<T> for TreiberStack<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let mut stack = TreiberStack::new();
        stack.extend(values);
        stack
    }
}

impl<T, const N: usize> From<[T; N]> for TreiberStack<T> {
    fn from(values: [T; N]) -> Self {
        values.into_iter().collect()
    }
}

impl<T> fmt::Debug for TreiberStack<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TreiberStack").field("collector", &self.collector).finish_non_exhaustive()
    }
}

impl<T> Drop for TreiberStack<T> {
    fn drop(&mut self) {
        if engine::abandoned() {
            return;
        }
        self.drain().for_each(drop);
    }
}
