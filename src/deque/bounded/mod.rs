//! The bounded deque: one ring for ever, no guard, no allocation after the first. For one that holds
//! whatever is pushed take [`Worker`](super::Worker) one module up.
//!
//! **Algorithm**: Chase and Lev 2005, see `ends.rs` and `ring.rs`, which hold the state, the invariants
//! and the orderings.
//!
//! # Invariants
//! * `[I10]` A value is used once: by who took its index [I2, I3]. What is dropped at last are the
//!   values from `top` up to `bottom`.
//!
//! # What a push answers
//! It looks at the stamp of its slot alone. If that is not free, then either the value one ring before
//! is still there, *full*; or `top` has passed that, and the thief has not finished, *busy*.
//!
//! # Progress
//! The owner's operations are wait-free, but `pop_oldest`, which is lock-free, as stealing is. Nobody waits;
//! but a thief that is stopped in the middle of a slot makes each push busy from when it is that slot's turn,
//! also of an empty deque, until the thief goes on.
//!
//! # Rejected
//! A push that waits while its slot is busy: what makes an owner push elsewhere when its deque is full
//! is right then too.
//!
//! **Checked by**: `tests/scenarios/deque.rs`, `tests/deque.rs`, fuzz target `rings`.

mod stealer;
mod worker;

pub use stealer::Stealer;
pub use worker::{PushError, Worker};

use super::{ends::Ends, ring::Ring};

/// What the owner and its thieves share.
struct Inner<T> {
    ends: Ends,
    ring: Ring<T>,
}

// SAFETY: values pass through by move only, each to one thread [I10].
unsafe impl<T: Send> Send for Inner<T> {}
// SAFETY: as above; what the owner alone may call is called by a `Worker`, which is not shared.
unsafe impl<T: Send> Sync for Inner<T> {}

impl<T> Drop for Inner<T> {
    fn drop(&mut self) {
        let (top, len) = self.ends.of_the_last();
        // SAFETY: nobody else is left [P5], and these are still there [I10]; the ring is freed later.
        unsafe { self.ring.slots().drop_values(top, len) };
    }
}
