//! A group of waiters, of which one shall get what it waits for: the core of
//! [`select`](mod@crate::select).
//!
//! Whoever hands something over ([`Ring::grant_first`](super::Ring::grant_first)) *decides* the group of that
//! waiter first, once, and passes over a waiter whose group is decided for another one: so a group that
//! sleeps is handed one thing, however many come before its owner runs. The owner, when it is decided for a
//! waiter, goes on with that one alone.
//!
//! The owner, when it is not decided, looks for itself, and may take something just as something else is
//! handed over. It keeps what it has taken; the waiter that was handed the other thing forwards it as it
//! leaves, as does any waiter that was told to try again. Nothing is lost, and nobody waits for what is there.
//!
//! A waiter of a decided group is *out*: it waits for nothing, and keeps nobody who comes from what it
//! wanted. Who had queued behind it before that goes on when it leaves, or when somebody looks again.
//!
//! # Invariants
//! * `[I1]` A group outlives the links of its waiters: they leave before it goes, and it is pinned.
//! * `[I2]` The word changes once, under the lock of a queue in which a waiter of the group is linked. That
//!   waiter is told under the same hold of the lock.
//!
//! # Orderings
//! All are relaxed. The owner that has seen a decision takes that queue's lock, or sees the notice: it comes
//! after the section that decided (if its own section came first, what it has read would have been written
//! after it).

use crate::facade::atomic::{AtomicUsize, Ordering};
use core::{future::Future, pin::Pin, ptr};

/// It is not decided. Else it is decided for the waiter in the place that is one less.
const OPEN: usize = 0;

/// Waiters, of which one shall get what it waits for.
#[derive(Debug)]
pub struct Group {
    word: AtomicUsize,
}

impl Group {
    pub(crate) fn new() -> Self {
        Group { word: AtomicUsize::new(OPEN) }
    }

    /// The place of the waiter that it is decided for.
    pub(crate) fn decided(&self) -> Option<usize> {
        // Relaxed: what was handed over comes with the notice.
        self.word.load(Ordering::Relaxed).checked_sub(1)
    }
}

/// A waiter's place in its group; or that it has none.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Member {
    pub(super) group: *const Group,
    pub(super) place: u32,
}

impl Member {
    /// Of no group.
    pub(super) const NONE: Member = Member { group: ptr::null(), place: 0 };

    /// # Safety
    /// The waiters that are given it have left their queues before the group is moved, or gone. [I1]
    pub(crate) unsafe fn new(group: &Group, place: u32) -> Self {
        Member { group, place }
    }

    /// Decides the group for this waiter, if there is one. `false`: it is decided for another one.
    ///
    /// # Safety
    /// The caller holds the lock of the queue in which the waiter is linked.
    pub(super) unsafe fn decide(&self) -> bool {
        // SAFETY: alive, since the waiter is linked. [I1]
        let Some(group) = (unsafe { self.group.as_ref() }) else { return true };
        let decided = self.place as usize + 1;
        // Relaxed: the waiter is told next, which hands over.
        group.word.compare_exchange(OPEN, decided, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }

    /// Whether the group is decided, for another one: this waiter waits for nothing.
    ///
    /// # Safety
    /// As [`decide`](Member::decide).
    pub(super) unsafe fn is_out(&self) -> bool {
        // SAFETY: alive, since the waiter is linked. [I1]
        let group = unsafe { self.group.as_ref() };
        // Relaxed: it hands nothing over. A read-modify-write, which sees the newest: whoever waits behind
        // this one is kept back if it is not seen.
        group.is_some_and(|group| group.word.fetch_or(0, Ordering::Relaxed) != OPEN)
    }
}

/// What waits, and may be a waiter of a group.
pub trait Joins: Future {
    /// Becomes one, if something could be handed to it; before it is polled first.
    fn join(self: Pin<&mut Self>, _: Membership) {}
}

/// What [`Joins::join`] is told; nobody else can make one.
#[derive(Debug)]
pub struct Membership(pub(crate) Member);
