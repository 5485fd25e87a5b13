//! Waiting in one queue, and being moved to another, as a thread that waits for a condition is moved to
//! the queue of the mutex that guards it.
//!
//! While a node is *away* it is linked in the first queue. Who moves it holds the lock of that queue from
//! before it is unlinked there until it is linked in the second one, or told: so whoever passes that
//! lock, and finds it away no more, knows that nobody touches it, or the second queue, on its behalf. The
//! owner does so before it goes.
//!
//! Only threads are moved. A future may be forgotten while its node is linked: the node's memory stays
//! then, but what the future borrows, the second queue among it, may be gone. A task is told, and goes to
//! the second queue by itself.
//!
//! Locks are taken in this order only: the first queue's, then the second one's.

use super::{
    group::Member,
    node::{Node, Notice, Request, Waiter},
    policy::{Park, Policy},
    queue::{Queue, Ring},
    source::Source,
    waiting::{State, Waiting},
    wakes::Wakes,
};
use crate::facade::engine;
use core::{pin::Pin, task::Waker};

/// A node that was unlinked in one queue, and is to be linked in another, or told.
#[must_use = "somebody waits"]
pub(crate) struct Moving<P: Park>(*const Node<P>);

impl<P: Policy> Moving<P> {
    pub(crate) fn request(&self) -> Request {
        // SAFETY: it is alive until its owner has passed the lock that the mover holds.
        unsafe { &*self.0 }.request()
    }

    /// Tells it something, under the lock of the queue that it would be moved to.
    pub(crate) fn tell(self, notice: Notice, wakes: &mut Wakes<P>) {
        // SAFETY: alive, as above, and linked nowhere: its waiter is the mover's.
        let waiter = unsafe {
            let waiter = (*self.0).replace_waiter(None);
            Node::tell(self.0, notice);
            waiter
        };
        if let Some(waiter) = waiter {
            wakes.push(waiter);
        }
    }
}

/// To whose queue threads are moved.
pub(crate) trait Adopts<P: Policy> {
    /// Takes a thread into its queue, or tells it, if it shall try at once; there is room in `wakes`.
    fn adopt(&self, moving: Moving<P>, wakes: &mut Wakes<P>);
}

impl<P: Policy, G> Ring<'_, P, G> {
    /// Unlinks the first node that is due, to move or to tell it; from then on it wants that.
    pub(crate) fn take_due(&mut self, want: usize) -> Option<Moving<P>> {
        let first = self.is_front_due().then(|| self.first())?;
        // SAFETY: linked, here.
        Some(unsafe { self.take(first, want) })
    }

    /// As [`take_due`](Ring::take_due), of those who are not due.
    pub(crate) fn take_new(&mut self, want: usize) -> Option<Moving<P>> {
        let first = self.first_after_due()?;
        // SAFETY: linked, here.
        Some(unsafe { self.take(first, want) })
    }

    /// # Safety
    /// The node is linked, here, and away.
    unsafe fn take(&mut self, node: *const Node<P>, want: usize) -> Moving<P> {
        // SAFETY: it is linked, hence alive.
        unsafe {
            self.unlink(node);
            (*node).set_request(Request { want, ..(*node).request() });
        }
        Moving(node)
    }

    /// Links a node that comes from elsewhere, last.
    pub(crate) fn adopt(&mut self, moving: Moving<P>) {
        // SAFETY: linked nowhere, and pinned until its owner unlinks it.
        unsafe { self.link(moving.0, false) };
    }
}

/// Waiting in a queue of which the waiter will be moved.
impl<P: Policy> Waiting<P> {
    /// Links the node there, last; `announce` runs under the same hold of the lock, before that. If it
    /// refuses nothing is linked.
    ///
    /// # Panics
    /// When it waits for something now.
    pub(crate) fn enter_away<G, E>(
        self: Pin<&mut Self>,
        queue: &Queue<P, G>,
        waiter: Waiter<P>,
        announce: impl FnOnce(&mut Ring<'_, P, G>) -> Result<(), E>,
    ) -> Result<(), E> {
        // SAFETY: the node is not moved out of its place.
        let this = unsafe { self.get_unchecked_mut() };
        assert!(!matches!(this.state, State::Entered(_)), "it still waits");
        let is_thread = matches!(waiter, Waiter::Thread(_));
        this.state = State::Entered(Node::new(Request::new(0, is_thread)));
        let State::Entered(node) = &this.state else { unreachable!("there is a node") };
        // SAFETY: it is not linked yet. [I1]
        drop(unsafe { node.replace_waiter(Some(waiter)) });
        let place: *const Node<P> = node;
        queue.exclusive(|ring| {
            announce(ring)?;
            // SAFETY: it is not linked, and pinned until it leaves. [I3]
            unsafe { ring.link_untold(place, false) };
            node.begin_away();
            Ok(())
        })
    }

    /// Whether it is there still, and not moved; passes that queue's lock in any case. If so, its newest
    /// waker is `waker`, if there is one.
    pub(crate) fn is_away<G>(
        self: Pin<&mut Self>,
        queue: &Queue<P, G>,
        waker: Option<&Waker>,
    ) -> bool {
        // SAFETY: the node is not moved out of its place.
        let State::Entered(node) = &unsafe { self.get_unchecked_mut() }.state else { return false };
        let mut would_wake = true;
        let is_away = queue.exclusive(|_| {
            if let (true, Some(waker)) = (node.is_away(), waker) {
                // SAFETY: under the lock, and linked. [I1]
                would_wake = unsafe { node.would_wake(waker) };
            }
            node.is_away()
        });
        let (true, false, Some(waker)) = (is_away, would_wake, waker) else { return is_away };
        let mut newest = Some(Waiter::Task(waker.clone()));
        // What is left of the two wakers is dropped when the lock is free. [I4]
        queue.exclusive(|_| {
            if node.is_away() {
                // SAFETY: under the lock, and linked. [I1]
                newest = unsafe { node.replace_waiter(newest.take()) };
            }
            node.is_away()
        })
    }

    /// Blocks the thread until it has been moved, and passes that queue's lock then. `false`: `pause`
    /// gave up; it returns when the thread was unparked, or for no reason.
    pub(crate) fn block_away<G>(
        mut self: Pin<&mut Self>,
        queue: &Queue<P, G>,
        pause: impl Fn() -> bool,
    ) -> bool {
        while matches!(&self.state, State::Entered(node) if node.is_away()) {
            if !pause() {
                return false;
            }
        }
        !self.as_mut().is_away(queue, None)
    }

    /// Leaves that queue, if it is there still (`true`); passes its lock in any case. `left` runs under
    /// the same hold.
    pub(crate) fn leave_away<G>(
        self: Pin<&mut Self>,
        queue: &Queue<P, G>,
        left: impl FnOnce(&mut Ring<'_, P, G>),
    ) -> bool {
        // SAFETY: the node is not moved out of its place while it is linked.
        let this = unsafe { self.get_unchecked_mut() };
        let State::Entered(node) = &this.state else { return false };
        if engine::abandoned() {
            return true;
        }
        let place: *const Node<P> = node;
        let was_away = queue.exclusive(|ring| {
            let is_away = node.is_away();
            if is_away {
                // SAFETY: linked, here.
                unsafe { ring.unlink(place) };
                node.end_away();
                left(ring);
            }
            is_away
        });
        if was_away {
            // With it goes the waiter, when the lock is free. [I4]
            this.state = State::Over;
        }
        was_away
    }

    /// Blocks the thread, which was moved, until it has got what it wants of the second queue's source.
    pub(crate) fn block_moved<S: Source<Policy = P>>(
        self: Pin<&mut Self>,
        source: &S,
        thread: &P::Thread,
    ) {
        // SAFETY: the node is not moved out of its place.
        let this = unsafe { self.get_unchecked_mut() };
        let pause = || {
            P::park(thread);
            true
        };
        // It is never closed, and does not give up.
        let _ = this.block(source, thread, pause);
    }

    /// What who moved it has said that it wants; for an owner that has found it away no more. A task was
    /// told, not moved: it waits for nothing now.
    pub(crate) fn arrive(self: Pin<&mut Self>) -> Option<usize> {
        // SAFETY: the node is not moved out of its place while it is linked.
        let this = unsafe { self.get_unchecked_mut() };
        let State::Entered(node) = &this.state else { return None };
        let Request { want, is_thread, .. } = node.request();
        if !is_thread {
            this.state = State::New(0, Member::NONE);
        }
        Some(want)
    }
}
