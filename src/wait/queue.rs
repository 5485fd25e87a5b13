//! The queue: a ring of nodes behind one word.
//!
//! The word points to the first node, whose `previous` is the last one. All of it is under the
//! queue's lock, which is the policy's: a bit of the word, or the critical section.
//!
//! Nothing points back into the queue: it may be moved, or dropped, while a node is linked that was
//! leaked (whose memory is then never used again).
//!
//! # Many at once
//! What comes for many waiters is decided for all of them under one hold of the lock, which marks them
//! as *due* and puts them first. Then they are told and woken, so many at a time. One that is due is
//! still linked, and may leave. The decision takes as long as there are nodes: with
//! [`Critical`](super::Critical) interrupts wait for it.

use super::{
    node::{Node, Notice, Request, Waiter},
    policy::{Bit, Exclude, Policy},
    wakes::Wakes,
};
use crate::facade::cell::UnsafeCell;
use core::{marker::PhantomData, ptr};

/// Those who wait, in order; and `G`, which the queue's lock guards too.
pub(crate) struct Queue<P: Policy, G = ()> {
    first: Bit,
    guarded: UnsafeCell<G>,
    _nodes: PhantomData<*const Node<P>>,
}

// SAFETY: nodes are reached under the lock alone; what they hold (wakers, threads) is Send.
unsafe impl<P: Policy, G: Send> Send for Queue<P, G> {}
// SAFETY: as above; the lock gives `G` to one at a time.
unsafe impl<P: Policy, G: Send> Sync for Queue<P, G> {}

impl<P: Policy, G> Queue<P, G> {
    pub(crate) const fn new(guarded: G) -> Self {
        Queue { first: Bit::new(), guarded: UnsafeCell::root(guarded), _nodes: PhantomData }
    }

    /// Whether somebody waits here, or may be about to, and there is no [mark](Ring::is_marked): a guess.
    #[inline]
    pub(crate) fn may_be_awaited_unmarked(&self) -> bool {
        self.first.is_used_unmarked()
    }

    /// Runs a section under the lock. It calls no code of a user. [I4]
    pub(crate) fn exclusive<R>(&self, section: impl FnOnce(&mut Ring<'_, P, G>) -> R) -> R {
        <P as Exclude>::exclusive(&self.first, || section(&mut Ring { queue: self }))
    }

    /// Runs a section under the lock, and wakes whom it has told; again as long as it says that there
    /// are more, also if a waker panics.
    pub(crate) fn notify(&self, section: impl FnMut(&mut Ring<'_, P, G>, &mut Wakes<P>) -> bool) {
        Rounds { queue: self, section, is_over: false }.run();
    }

    /// Tells and wakes those who are due; `left` runs under the lock when they have been told.
    pub(crate) fn notify_due(&self, notice: Notice, left: impl Fn(&mut Ring<'_, P, G>)) {
        self.notify(|ring, wakes| {
            while ring.is_front_due() && !wakes.is_full() {
                ring.notify_front_into(notice, wakes);
            }
            left(ring);
            ring.is_front_due()
        });
    }
}

/// The rounds of [`Queue::notify`].
struct Rounds<'a, P: Policy, G, F: FnMut(&mut Ring<'_, P, G>, &mut Wakes<P>) -> bool> {
    queue: &'a Queue<P, G>,
    section: F,
    is_over: bool,
}

impl<P: Policy, G, F: FnMut(&mut Ring<'_, P, G>, &mut Wakes<P>) -> bool> Rounds<'_, P, G, F> {
    fn run(&mut self) {
        while !self.is_over {
            let mut wakes = Wakes::new();
            let section = &mut self.section;
            self.is_over = !self.queue.exclusive(|ring| section(ring, &mut wakes));
        }
    }
}

impl<P: Policy, G, F: FnMut(&mut Ring<'_, P, G>, &mut Wakes<P>) -> bool> Drop
    for Rounds<'_, P, G, F>
{
    /// There is something left if a waker has panicked.
    fn drop(&mut self) {
        self.run();
    }
}

/// The ring, while its lock is held.
pub(crate) struct Ring<'a, P: Policy, G = ()> {
    queue: &'a Queue<P, G>,
}

impl<P: Policy, G> Ring<'_, P, G> {
    pub(super) fn first(&self) -> *const Node<P> {
        self.queue.first.pointer().cast()
    }

    fn set_first(&mut self, node: *const Node<P>) {
        self.queue.first.set_pointer(node.cast_mut().cast());
    }

    /// What the lock guards beside the ring.
    pub(crate) fn guarded<R>(&mut self, f: impl FnOnce(&mut G) -> R) -> R {
        // SAFETY: under the lock, and the ring is borrowed exclusively: there is one for each hold.
        self.queue.guarded.with_mut(|guarded| f(unsafe { &mut *guarded }))
    }

    /// A mark of the source's own, beside the ring.
    pub(crate) fn is_marked(&self) -> bool {
        self.queue.first.is_marked()
    }

    pub(crate) fn set_marked(&mut self, is_marked: bool) {
        self.queue.first.set_marked(is_marked);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.first().is_null()
    }

    /// Whether there is one node and no more.
    pub(crate) fn is_single(&self) -> bool {
        let first = self.first();
        // SAFETY: linked, hence alive while the lock is held. [I3]
        !first.is_null() && ptr::eq(unsafe { get(&(*first).next) }, first)
    }

    /// The node that is notified next.
    pub(crate) fn front(&self) -> Option<&Node<P>> {
        let first = self.first();
        // SAFETY: linked, hence alive while the lock is held. [I3]
        (!first.is_null()).then(|| unsafe { &*first })
    }

    /// The first one has waited in vain once more; its request.
    pub(crate) fn age_front(&mut self) -> Option<Request> {
        let front = self.front()?;
        let request = front.request();
        let aged = Request { rounds: request.rounds.saturating_add(1), ..request };
        front.set_request(aged);
        Some(aged)
    }

    /// Links a node, first or last; behind those who are due in any case.
    ///
    /// # Safety
    /// The node is not linked, and stays where it is until it is unlinked.
    pub(super) unsafe fn link(&mut self, node: *const Node<P>, is_first: bool) {
        // SAFETY: as the caller promises.
        unsafe {
            self.link_untold(node, is_first);
            (*node).begin();
        }
    }

    /// As [`link`](Ring::link), but for what the node says of itself.
    ///
    /// # Safety
    /// As there.
    pub(super) unsafe fn link_untold(&mut self, node: *const Node<P>, is_first: bool) {
        let first = self.first();
        // SAFETY: the node is the caller's, who promises that it is alive; the others are linked. [I3]
        unsafe {
            if first.is_null() {
                set(&(*node).next, node);
                set(&(*node).previous, node);
                self.set_first(node);
            } else {
                match if is_first { self.first_after_due() } else { None } {
                    Some(rest) => self.link_before(node, rest),
                    None => link_between(get(&(*first).previous), node, first),
                }
            }
        }
    }

    /// # Safety
    /// The node is not linked, `next` is, here; the node stays where it is until it is unlinked.
    unsafe fn link_before(&mut self, node: *const Node<P>, next: *const Node<P>) {
        // SAFETY: as the caller promises.
        unsafe { link_between(get(&(*next).previous), node, next) };
        if ptr::eq(next, self.first()) {
            self.set_first(node);
        }
    }

    /// Goes through the ring, in order, as long as `look` says `true` of a node. It may unlink that
    /// node.
    fn walk(&mut self, mut look: impl FnMut(&mut Self, *const Node<P>) -> bool) {
        let mut node = self.first();
        if node.is_null() {
            return;
        }
        // SAFETY: all are linked, hence alive while the lock is held. [I3]
        let last = unsafe { get(&(*node).previous) };
        loop {
            // SAFETY: as above.
            let next = unsafe { get(&(*node).next) };
            let is_last = ptr::eq(node, last);
            if !look(self, node) || is_last {
                return;
            }
            node = next;
        }
    }

    /// The first one that is not due.
    pub(super) fn first_after_due(&mut self) -> Option<*const Node<P>> {
        let mut found = None;
        self.walk(|_, node| {
            // SAFETY: linked, hence alive while the lock is held. [I3]
            let is_due = unsafe { &*node }.is_due();
            found = (!is_due).then_some(node);
            is_due
        });
        found
    }

    /// Marks those who match as due, and puts them first, in their order.
    pub(crate) fn mark_due(&mut self, matches: impl Fn(Request) -> bool) {
        let mut rest = None;
        self.walk(|ring, node| {
            // SAFETY: linked, hence alive while the lock is held. [I3]
            let looked_at = unsafe { &*node };
            if !looked_at.is_due() && !matches(looked_at.request()) {
                rest.get_or_insert(node);
                return true;
            }
            looked_at.set_due();
            if let Some(rest) = rest {
                // SAFETY: both are linked here, and they are not the same.
                unsafe {
                    ring.unlink(node);
                    ring.link_before(node, rest);
                }
            }
            true
        });
    }

    /// Whether the first one is due.
    pub(crate) fn is_front_due(&self) -> bool {
        self.front().is_some_and(Node::is_due)
    }

    /// Unlinks a node.
    ///
    /// # Safety
    /// It is linked, here.
    pub(super) unsafe fn unlink(&mut self, node: *const Node<P>) {
        // SAFETY: it and its neighbours are linked, hence alive. [I3]
        unsafe {
            let (next, previous) = (get(&(*node).next), get(&(*node).previous));
            if ptr::eq(next, node) {
                self.set_first(ptr::null());
                return;
            }
            set(&(*previous).next, next);
            set(&(*next).previous, previous);
            if ptr::eq(self.first(), node) {
                self.set_first(next);
            }
        }
    }

    /// Unlinks the first node and tells it something. Whoever is returned is to be woken when the
    /// lock is free.
    pub(crate) fn notify_front(&mut self, notice: Notice) -> Option<Waiter<P>> {
        let first = self.first();
        // SAFETY: linked, here.
        (!first.is_null()).then(|| unsafe { self.tell(first, notice) }).flatten()
    }

    /// As [`notify_front`](Ring::notify_front), for a batch that has room.
    pub(crate) fn notify_front_into(&mut self, notice: Notice, wakes: &mut Wakes<P>) {
        if let Some(waiter) = self.notify_front(notice) {
            wakes.push(waiter);
        }
    }

    /// The first request that matches, of a node that is not due.
    pub(crate) fn find(&mut self, matches: impl Fn(Request) -> bool) -> Option<Request> {
        let mut found = None;
        self.walk(|_, node| {
            // SAFETY: linked, hence alive while the lock is held. [I3]
            let looked_at = unsafe { &*node };
            let is_it = !looked_at.is_due() && matches(looked_at.request());
            found = is_it.then(|| looked_at.request());
            !is_it
        });
        found
    }

    /// Unlinks the first node that matches, and is not due, and tells it something. `None`: there is
    /// none.
    pub(crate) fn notify_first(
        &mut self,
        matches: impl Fn(Request) -> bool,
        notice: Notice,
    ) -> Option<Waiter<P>> {
        let mut told = None;
        self.walk(|ring, node| {
            // SAFETY: linked, hence alive while the lock is held. [I3]
            let looked_at = unsafe { &*node };
            let is_it = !looked_at.is_due() && matches(looked_at.request());
            if is_it {
                // SAFETY: linked, here.
                told = unsafe { ring.tell(node, notice) };
            }
            !is_it
        });
        told
    }

    /// Hands something to the first one, in order, who is neither due nor [out](super::group). `take` sets it
    /// aside for a request (`false`: it is not there, and nobody is handed anything); `put_back` undoes
    /// that, for one that is out by then. `None`: nobody was handed anything.
    pub(crate) fn grant_first(
        &mut self,
        take: impl Fn(Request) -> bool,
        put_back: impl Fn(Request),
    ) -> Option<Waiter<P>> {
        let mut told = None;
        self.walk(|ring, node| {
            // SAFETY: linked, hence alive while the lock is held. [I3]
            let looked_at = unsafe { &*node };
            let (request, member) = (looked_at.request(), looked_at.member());
            // SAFETY: linked, under the lock.
            if looked_at.is_due() || unsafe { member.is_out() } {
                return true;
            }
            if !take(request) {
                return false;
            }
            // SAFETY: as above.
            if !unsafe { member.decide() } {
                put_back(request);
                return true;
            }
            // SAFETY: linked, here.
            told = unsafe { ring.tell(node, Notice::Granted) };
            false
        });
        told
    }

    /// Whether somebody is here who waits: all may be out.
    pub(crate) fn is_awaited(&mut self) -> bool {
        let mut is_awaited = false;
        self.walk(|_, node| {
            // SAFETY: linked, hence alive while the lock is held. [I3]
            is_awaited = unsafe { !(*node).member().is_out() };
            !is_awaited
        });
        is_awaited
    }

    /// Unlinks a node and tells it something. There is a waiter.
    ///
    /// # Safety
    /// It is linked, here.
    unsafe fn tell(&mut self, node: *const Node<P>, notice: Notice) -> Option<Waiter<P>> {
        // SAFETY: it is linked, hence alive, until it is told. [I3]
        unsafe {
            self.unlink(node);
            let waiter = (*node).replace_waiter(None);
            Node::tell(node, notice);
            waiter
        }
    }
}

/// # Safety
/// The caller holds the queue's lock; the neighbours are linked, one after the other, or are the one
/// node of the ring.
unsafe fn link_between<P: Policy>(
    previous: *const Node<P>,
    node: *const Node<P>,
    next: *const Node<P>,
) {
    // SAFETY: as the caller promises.
    unsafe {
        set(&(*node).next, next);
        set(&(*node).previous, previous);
        set(&(*previous).next, node);
        set(&(*next).previous, node);
    }
}

/// # Safety
/// The caller holds the queue's lock.
unsafe fn get<P: Policy>(link: &UnsafeCell<*const Node<P>>) -> *const Node<P> {
    // SAFETY: links change under the lock alone. [I1]
    link.with(|link| unsafe { *link })
}

/// # Safety
/// The caller holds the queue's lock.
unsafe fn set<P: Policy>(link: &UnsafeCell<*const Node<P>>, to: *const Node<P>) {
    // SAFETY: as above.
    link.with_mut(|link| unsafe { *link = to });
}
