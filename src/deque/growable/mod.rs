//! The deque that grows. For one whose memory is fixed, and which needs no guard, take `bounded`.
//!
//! **Algorithm**: Chase and Lev 2005, see `ends.rs` and `ring.rs`. Departure: the ring that was replaced
//! is retired through a guard, not left to a garbage collector or kept in a pool.
//!
//! # State
//! `ring` points to the newest ring. The owner replaces it when the slot of the next push is not free:
//! by one of twice the slots when more than half of them hold values, else by one of as many. (That
//! happens when a thief was stopped while it read: its slot is free when it goes on; or it had loaded
//! an older ring, and claimed when the newer one was published, whose slot is never freed. The slots of
//! what was claimed before are free in the newer ring from the start.)
//!
//! # Invariants
//! * `[I5]` A ring that was replaced is not written any more: what a thief finds at an index that it
//!   claimed is there for as long as its guard keeps the ring.
//! * `[I6]` Whichever ring a thief has loaded, the value at the index that it claims is in it: the ring
//!   is not older than the `bottom` that it saw [P1], so it has the value; or it is newer, and the copy
//!   began at a `top` that is not above what the thief's exchange found [P4].
//! * `[I7]` Each value is used once though there may be copies of it: by who claimed its index, in the
//!   ring that this one has. The copies at that index elsewhere are dead: `top` has passed them.
//!   What is dropped at last are the values of the newest ring that are not claimed.
//! * `[I8]` Values are never retired, only rings, whose values are not dropped with them. So `T` need be
//!   neither `'static` nor, on one thread, `Send`.
//! * `[I9]` A copy fits: a stamp that says free for the newest index has told the owner that `top`
//!   passed the index a ring's size below [P2], if it had not seen that itself, so it has no older `top`
//!   than that.
//!
//! # Ordering
//! * `[P4]` *ring*: its pointer is stored with Release, when the copies are made; a thief loads it with
//!   Acquire, after `bottom` and before it claims. So a claim that the owner has seen before it
//!   published a ring is of a thief that has an older one: had it loaded that ring, the owner would
//!   have seen the claim before it was made.
//! * The others are those of the parts.
//!
//! # Progress
//! All operations are lock-free: an exchange that fails is another one's success, and the owner waits
//! for no thief: it replaces the ring instead. `pop` is wait-free, and so is `push` where a slot is free.
//!
//! # Rejected
//! Reading before claiming, as in the literature: a data race. A stamp written by each push: the owner
//! alone would look at it. Owner's guards: who has the ring to itself needs none. Smaller rings after a
//! burst: a ring is replaced when a slot is not free, never on a pop.
//!
//! **Checked by**: `tests/scenarios/deque.rs`, `tests/deque.rs`, `tests/while_allocating.rs`, fuzz target `deque`.

mod iter;
mod stealer;
mod view;
mod worker;

pub use iter::{Drain, IntoIter};
pub use stealer::Stealer;
pub use view::StealerRef;
pub use worker::Worker;

use super::{ends::Ends, ring::Ring};
use crate::reclaim::{Atomic, Collector};

/// What the owner and its thieves share.
struct Inner<T> {
    ends: Ends,
    ring: Atomic<Ring<T>>,
    collector: Collector,
}

// SAFETY: values pass through by move only, each to one thread [I7].
unsafe impl<T: Send> Send for Inner<T> {}
// SAFETY: as above; what the owner alone may call is called by a `Worker`, which is not shared.
unsafe impl<T: Send> Sync for Inner<T> {}

impl<T> Drop for Inner<T> {
    fn drop(&mut self) {
        let (top, len) = self.ends.of_the_last();
        // SAFETY: the newest ring; the last one of those who share it frees it here.
        let ring = unsafe { self.ring.load_mut().into_owned() };
        // SAFETY: nobody else is left [P5], and these were not claimed [I7]; the ring is freed after them.
        unsafe { ring.slots().drop_values(top, len) };
    }
}
