//! The queue: a ring of nodes behind one word.
//!
//! The word points to the first node, whose `previous` is the last one. All of it is under the
//! queue's lock, which is the policy's: a bit of the word, or the critical section.
//!
//! Nothing points back into the queue: it may be moved, or dropped, while a node is linked that was
//! leaked (whose memory is then never used again).

use super::{
    node::{Node, Notice, Waiter},
    policy::{Bit, Exclude, Policy},
};
use crate::facade::cell::UnsafeCell;
use core::{marker::PhantomData, ptr};

/// Those who wait, in order.
pub(crate) struct Queue<P: Policy> {
    first: Bit,
    _nodes: PhantomData<*const Node<P>>,
}

// SAFETY: nodes are reached under the lock alone; what they hold (wakers, threads) is Send.
unsafe impl<P: Policy> Send for Queue<P> {}
// SAFETY: as above.
unsafe impl<P: Policy> Sync for Queue<P> {}

impl<P: Policy> Queue<P> {
    pub(crate) const fn new() -> Self {
        Queue { first: Bit::new(), _nodes: PhantomData }
    }

    /// Runs a section under the lock. It calls no code of a user. [I4]
    pub(crate) fn exclusive<R>(&self, section: impl FnOnce(&mut Ring<'_, P>) -> R) -> R {
        <P as Exclude>::exclusive(&self.first, || section(&mut Ring { queue: self }))
    }
}

/// The ring, while its lock is held.
pub(crate) struct Ring<'a, P: Policy> {
    queue: &'a Queue<P>,
}

impl<P: Policy> Ring<'_, P> {
    fn first(&self) -> *const Node<P> {
        self.queue.first.pointer().cast()
    }

    fn set_first(&mut self, node: *const Node<P>) {
        self.queue.first.set_pointer(node.cast_mut().cast());
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

    /// Links a node, first or last.
    ///
    /// # Safety
    /// The node is not linked, and stays where it is until it is unlinked.
    pub(super) unsafe fn link(&mut self, node: *const Node<P>, is_first: bool) {
        let first = self.first();
        // SAFETY: the node is the caller's, who promises that it is alive; the others are linked. [I3]
        unsafe {
            if first.is_null() {
                set(&(*node).next, node);
                set(&(*node).previous, node);
                self.set_first(node);
            } else {
                let last = get(&(*first).previous);
                set(&(*node).next, first);
                set(&(*node).previous, last);
                set(&(*last).next, node);
                set(&(*first).previous, node);
                if is_first {
                    self.set_first(node);
                }
            }
            (*node).begin();
        }
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
        if first.is_null() {
            return None;
        }
        // SAFETY: it is linked, hence alive, until it is told. [I3]
        unsafe {
            self.unlink(first);
            let waiter = (*first).replace_waiter(None);
            Node::tell(first, notice);
            waiter
        }
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
