//! One waiter, and what it is told.

use super::{
    group::{Group, Member},
    policy::Park,
};
use crate::facade::{
    atomic::{AtomicUsize, Ordering},
    cell::UnsafeCell,
    tuning,
};
use core::{cell::Cell, marker::PhantomPinned, ptr, task::Waker};

/// Who waits.
pub(crate) enum Waiter<P: Park> {
    Task(Waker),
    Thread(P::Thread),
}

impl<P: Park> Waiter<P> {
    /// Lets it go on. This is code of a user.
    pub(crate) fn wake(self) {
        match self {
            Waiter::Task(waker) => waker.wake(),
            Waiter::Thread(thread) => P::unpark(&thread),
        }
    }
}

/// What a waiter wants.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request {
    /// How much, or what for: as its source reads it.
    pub(crate) want: usize,
    /// How often it was told to try again and had no luck, or was not told since too little was there.
    pub(crate) rounds: u32,
    /// Whether it is a thread, which will run when it is woken. A task may not.
    pub(crate) is_thread: bool,
    /// Whether it was told to try again, and tries now.
    pub(crate) is_told: bool,
}

impl Request {
    pub(super) fn new(want: usize, is_thread: bool) -> Self {
        Request { want, rounds: 0, is_thread, is_told: false }
    }

    /// Whether it has lost so often that it is to be given way to.
    pub(crate) fn has_waited_long(self) -> bool {
        self.rounds >= tuning::LONG_WAIT
    }

    /// Whether it goes first again when it comes back. A task that loses goes last from time to time: a
    /// thread behind it would not age otherwise.
    pub(crate) fn keeps_its_place(self) -> bool {
        self.is_thread || self.rounds % (tuning::LONG_WAIT + 1) != 0
    }
}

/// What a waiter is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notice {
    /// Try again.
    Retry,
    /// It is yours.
    Granted,
    /// It has come, for everybody.
    All,
    /// It will never come.
    Closed,
}

/// The values of [`Node::notice`].
const IDLE: usize = 0;
const WAITING: usize = 1;
const RETRY: usize = 2;
const GRANTED: usize = 3;
const ALL: usize = 4;
const CLOSED: usize = 5;
const AWAY: usize = 6;

/// A waiter in a queue, or on its way in or out. It is never moved while it is linked. (Its address leaves
/// room for the two bits of a queue's word.)
#[repr(align(4))]
pub(crate) struct Node<P: Park> {
    /// Its neighbours in the ring; under the queue's lock.
    pub(super) next: UnsafeCell<*const Node<P>>,
    pub(super) previous: UnsafeCell<*const Node<P>>,
    /// Under the queue's lock while it is linked, and the owner's otherwise. [I1]
    waiter: UnsafeCell<Option<Waiter<P>>>,
    /// Written before it is linked by the owner, and while it is by who holds the queue's lock; read by
    /// them.
    request: Cell<Request>,
    /// Whether it is about to be told; under the queue's lock.
    is_due: Cell<bool>,
    /// Its place in its group, and that; as `request`. (Apart, since so they are smaller.)
    place: Cell<u32>,
    group: Cell<*const Group>,
    notice: AtomicUsize,
    _pinned: PhantomPinned,
}

impl<P: Park> Node<P> {
    pub(super) fn new(request: Request) -> Self {
        Node {
            next: UnsafeCell::new(ptr::null()),
            previous: UnsafeCell::new(ptr::null()),
            waiter: UnsafeCell::new(None),
            request: Cell::new(request),
            is_due: Cell::new(false),
            place: Cell::new(0),
            group: Cell::new(ptr::null()),
            notice: AtomicUsize::new(IDLE),
            _pinned: PhantomPinned,
        }
    }

    pub(crate) fn request(&self) -> Request {
        self.request.get()
    }

    pub(super) fn set_request(&self, request: Request) {
        self.request.set(request);
    }

    pub(super) fn member(&self) -> Member {
        Member { group: self.group.get(), place: self.place.get() }
    }

    pub(super) fn set_member(&self, member: Member) {
        self.group.set(member.group);
        self.place.set(member.place);
    }

    /// Whether it is about to be told; under the queue's lock.
    pub(super) fn is_due(&self) -> bool {
        self.is_due.get()
    }

    /// It is about to be told; under the queue's lock.
    pub(super) fn set_due(&self) {
        self.is_due.set(true);
    }

    /// Puts a waiter in the place of another.
    ///
    /// # Safety
    /// The caller holds the queue's lock, or the node is not linked and is the caller's. [I1]
    pub(super) unsafe fn replace_waiter(&self, waiter: Option<Waiter<P>>) -> Option<Waiter<P>> {
        // SAFETY: as the caller promises, nobody else looks.
        self.waiter.with_mut(|place| unsafe { ptr::replace(place, waiter) })
    }

    /// Whether waking the waiter would wake this waker's task.
    ///
    /// # Safety
    /// As [`replace_waiter`](Node::replace_waiter).
    pub(super) unsafe fn would_wake(&self, waker: &Waker) -> bool {
        // SAFETY: as the caller promises, nobody changes it.
        self.waiter.with(|place| match unsafe { &*place } {
            Some(Waiter::Task(own)) => own.will_wake(waker),
            _ => false,
        })
    }

    /// What the owner has been told; `None` while it waits.
    ///
    /// # Panics
    /// When it does not wait at all.
    pub(super) fn notice(&self) -> Option<Notice> {
        // [P2] Acquire: what came before the notice.
        match self.notice.load(Ordering::Acquire) {
            WAITING => None,
            RETRY => Some(Notice::Retry),
            GRANTED => Some(Notice::Granted),
            ALL => Some(Notice::All),
            CLOSED => Some(Notice::Closed),
            _ => unreachable!("a node was asked for a notice, and does not wait for one"),
        }
    }

    /// Whether it neither waits nor was told anything; for the owner.
    pub(super) fn is_idle(&self) -> bool {
        // Relaxed: only the owner makes it so, or ends it.
        self.notice.load(Ordering::Relaxed) == IDLE
    }

    /// Whether it is linked; under the queue's lock. [I2]
    pub(super) fn is_linked(&self) -> bool {
        // Relaxed: notices are stored under the lock.
        self.notice.load(Ordering::Relaxed) == WAITING
    }

    /// Whether it is linked in a queue from which it will be moved, or is being moved.
    pub(super) fn is_away(&self) -> bool {
        // Relaxed: it is believed under the lock of that queue only, which who moves it holds.
        self.notice.load(Ordering::Relaxed) == AWAY
    }

    /// The node is linked now, in a queue from which it will be moved; under that one's lock.
    pub(super) fn begin_away(&self) {
        self.is_due.set(false);
        // Relaxed: the owner reads it itself, and others under the lock.
        self.notice.store(AWAY, Ordering::Relaxed);
    }

    /// The owner has taken it back, and it is not linked.
    pub(super) fn end_away(&self) {
        // Relaxed: the owner alone reads it.
        self.notice.store(IDLE, Ordering::Relaxed);
    }

    /// The node is linked now; under the queue's lock.
    pub(super) fn begin(&self) {
        self.is_due.set(false);
        // Relaxed: the owner reads it itself, and others under the lock.
        self.notice.store(WAITING, Ordering::Relaxed);
    }

    /// The owner has found out by itself, and has yet to let the waiter go.
    pub(super) fn settle(&self, notice: Notice) {
        // Relaxed: the owner alone reads it.
        self.notice.store(value_of(notice), Ordering::Relaxed);
    }

    /// Tells a node that was unlinked; under the queue's lock.
    ///
    /// # Safety
    /// The node is alive. This is the last touch of it: its owner may free it at once.
    pub(super) unsafe fn tell(node: *const Self, notice: Notice) {
        // SAFETY: alive until the store.
        // [P2] Release: the owner sees what came before, and that nobody touches the node any more.
        unsafe { &(*node).notice }.store(value_of(notice), Ordering::Release);
    }
}

fn value_of(notice: Notice) -> usize {
    match notice {
        Notice::Retry => RETRY,
        Notice::Granted => GRANTED,
        Notice::All => ALL,
        Notice::Closed => CLOSED,
    }
}
