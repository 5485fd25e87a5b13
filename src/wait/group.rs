//! A group of waiters, of which one shall get what it waits for: the core of
//! [`select`](mod@crate::select).
//!
//! A group is *decided* once, and whoever is decided for has what it waited for. Who hands something over
//! ([`Ring::grant_first`](super::Ring::grant_first)) decides the group of that waiter first, and passes
//! over one whose group it cannot decide: so nothing is ever handed to a waiter that has no use for it.
//! (A waiter that is told to try again has been given nothing: it forwards that when it leaves.)
//!
//! The owner decides its group when it has taken something itself. While it tries nobody else may, so that
//! it never takes two things: the group is *busy*. What could have been handed to a busy group may have
//! been left where it was; who passes over it says so, and the owner, when it is busy no more,
//! [serves](Joins::serve) the sources of all its waiters: then nobody waits for what is there.
//!
//! # The word
//! | value | |
//! |---|---|
//! | `OPEN` | it is not decided, and whoever hands something over may decide it |
//! | `BUSY` | the owner tries |
//! | `MISSED` | so it does, and somebody has passed over one of its waiters meanwhile |
//! | `DECIDED` + place | it is decided, for the waiter in that place |
//!
//! # Invariants
//! * `[I1]` A group outlives the links of its waiters: they leave before it goes, and it is pinned.
//! * `[I2]` Others change the word under the lock of a queue in which a waiter of the group is linked.
//!
//! # Orderings
//! All are relaxed: the locks of the queues order. The owner that has read what was written in a section
//! under such a lock, and then takes that lock, takes it after that section: if it came before, its read
//! would happen before the write that it has read, which no memory has.

use crate::facade::atomic::{AtomicUsize, Ordering};
use core::{future::Future, pin::Pin, ptr};

const OPEN: usize = 0;
const BUSY: usize = 1;
const MISSED: usize = 2;
const DECIDED: usize = 3;

/// Waiters, of which one shall get what it waits for.
#[derive(Debug)]
pub struct Group {
    word: AtomicUsize,
}

impl Group {
    pub(crate) fn new() -> Self {
        Group { word: AtomicUsize::new(OPEN) }
    }

    /// The owner is about to try. `Some`: it is decided, for the waiter in that place.
    pub(crate) fn begin(&self) -> Option<usize> {
        // Relaxed: the locks order.
        match self.word.compare_exchange(OPEN, BUSY, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => None,
            // It is busy if a waker has panicked while it was.
            Err(seen) => seen.checked_sub(DECIDED),
        }
    }

    /// The owner has tried in vain. `true`: one of its waiters was passed over meanwhile.
    pub(crate) fn end(&self) -> bool {
        // Relaxed: the locks order.
        self.word.swap(OPEN, Ordering::Relaxed) == MISSED
    }

    /// The owner, who is busy, has taken what the waiter in that place waits for.
    pub(crate) fn decide(&self, place: usize) {
        // Relaxed: who reads it passes over the waiter, no more.
        self.word.swap(DECIDED + place, Ordering::Relaxed);
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

    /// The group of a waiter that is linked.
    ///
    /// # Safety
    /// The caller holds the lock of the queue in which the waiter is linked.
    unsafe fn group(&self) -> Option<&Group> {
        // SAFETY: alive, since the waiter is linked. [I1]
        unsafe { self.group.as_ref() }
    }

    /// Decides the group for this waiter, if there is one. `false`: nothing may be handed to the waiter
    /// now; if its owner tries just now it will look again.
    ///
    /// # Safety
    /// As [`group`](Member::group).
    pub(super) unsafe fn decide(&self) -> bool {
        // SAFETY: as the caller promises.
        let Some(group) = (unsafe { self.group() }) else { return true };
        // Relaxed: a guess, which the exchange checks.
        let mut seen = group.word.load(Ordering::Relaxed);
        loop {
            let next = match seen {
                OPEN => DECIDED + self.place as usize,
                // Exchanged though it may be the same: the owner may be taking it back just now.
                BUSY | MISSED => MISSED,
                _ => return false,
            };
            // Relaxed: the locks order.
            match group.word.compare_exchange(seen, next, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return next != MISSED,
                Err(newer) => seen = newer,
            }
        }
    }

    /// Whether the group is decided, for another one: this waiter waits for nothing.
    ///
    /// # Safety
    /// As [`group`](Member::group).
    pub(super) unsafe fn is_out(&self) -> bool {
        // SAFETY: as the caller promises.
        let group = unsafe { self.group() };
        // Relaxed: it hands nothing over. A read-modify-write, which sees the newest: whoever waits behind
        // this one is kept back if it is not seen.
        group.is_some_and(|group| group.word.fetch_or(0, Ordering::Relaxed) >= DECIDED)
    }
}

/// What waits, and may be a waiter of a group.
pub trait Joins: Future {
    /// Becomes one, if something could be handed to it; before it is polled in the group.
    fn join(self: Pin<&mut Self>, _: Membership) {}

    /// Whoever can be handed something by its source is handed it.
    fn serve(&self) {}
}

/// What [`Joins::join`] is told; nobody else can make one.
#[derive(Debug)]
pub struct Membership(pub(crate) Member);
