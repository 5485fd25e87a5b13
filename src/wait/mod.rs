//! **Waiting**: the one core beneath every lock, semaphore and condition, for threads and tasks alike.
//!
//! A primitive is a word of state and a queue of who waits for it. A waiter is a
//! node on a thread's stack or in a future: nothing is allocated. It holds a thread or a `Waker`;
//! a thread and a task wait in the same queue, first come, first notified.
//!
//! # Parts
//! | file | what |
//! |---|---|
//! | `policy/` | how threads block, and what guards a queue: `Threads`, `Spin`, `Critical` |
//! | `node.rs` | one waiter, and what it is told |
//! | `queue.rs` | the queue: a ring of nodes behind one word |
//! | `wakes.rs` | those who are woken when the queue's lock is free |
//! | `waiting.rs` | the protocol: enter, be notified, try again, leave |
//! | `group.rs` | waiters of which one shall get what it waits for |
//! | `moving.rs` | waiting in one queue, and being moved to another |
//! | `source.rs` | what is waited for, as the protocol sees it |
//! | `word.rs` | marks in a source's word |
//!
//! # The protocol
//! `IDLE` → `WAITING` (linked) → a notice → `IDLE`; or `WAITING` → `IDLE`, when the waiter leaves.
//!
//! * **Enter.** Under the queue's lock the source takes what is wanted after all, or announces in its
//!   word that somebody waits ([`Source::take_or_announce`]), and the node is linked. Release and
//!   announcement are read-modify-writes of one word: whichever is second sees the first, so no
//!   fence is needed, and a release without waiters is one instruction.
//! * **Notify.** Under the lock a node is unlinked, its waiter moved out, and its notice stored. That
//!   store is the last touch of the node: its memory may be gone right after. The waiter is woken
//!   when the lock is free.
//! * **Leave.** Under the lock the node is unlinked, unless a notice has come: then the source must
//!   [forward](Source::forward) it, since somebody else may need it.
//! * **Serve.** Whenever somebody has left, or has come back in vain, others may be able to go on: the
//!   source [looks](Source::serve) when the lock is free.
//!
//! # Invariants
//! * `[I1]` Links, and the waiter of a node whose notice is `WAITING`, belong to who holds the queue's
//!   lock. All else of a node belongs to its owner.
//! * `[I2]` A node is linked if and only if its notice is `WAITING` (as the lock's holder sees it).
//! * `[I3]` A node is neither moved nor freed while it is linked: it is pinned, and its owner leaves
//!   the queue before it goes.
//! * `[I4]` No code of a user runs under a queue's lock: no waker is cloned, woken or dropped there.
//! * `[I5]` Whoever is notified tells the source: it takes, waits again, or forwards.
//!
//! # Orderings
//! * `[P1]` The lock: what one holder did, the next one sees.
//! * `[P2]` A notice: what came before it is seen by who reads it.
//!
//! # Rejected
//! Queues of segments (CQS, Koval, Khalanskiy, Alistarh, PLDI 2023) allocate and need reclamation,
//! and cannot requeue; a table by address (parking_lot) needs thread-locals and walks to cancel.

pub(crate) mod group;
mod moving;
pub(crate) mod node;
pub(crate) mod policy;
pub(crate) mod queue;
pub(crate) mod source;
pub(crate) mod waiting;
mod wakes;
mod word;

pub(crate) use group::{Group, Joins, Member, Membership};
pub(crate) use moving::{Adopts, Moving};
pub(crate) use node::{Notice, Request, Waiter};
#[cfg(feature = "critical-section")]
pub use policy::Critical;
#[cfg(feature = "std")]
pub use policy::Threads;
pub use policy::{Bit, Clock, DefaultPolicy, Exclude, Park, Policy, Spin};
pub(crate) use queue::{Queue, Ring};
pub(crate) use source::{Attempt, Closed, Source};
pub(crate) use waiting::{Wait, Waited, Waiting, block_on, block_until};
pub(crate) use wakes::Wakes;
pub(crate) use word::change;
