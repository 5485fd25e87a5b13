//! Deques for work stealing: one thread, the owner, pushes and pops; all others steal what is oldest.
//!
//! # Which one?
//! | deque | bounded | progress | choose it when |
//! |---|---|---|---|
//! | [`Worker`], [`Stealer`] | no | lock-free | tasks make tasks, and nobody knows how many |
//! | [`bounded::Worker`], [`bounded::Stealer`] | yes | lock-free, the owner wait-free | memory is fixed; what does not fit goes elsewhere |
//!
//! The owner chooses with each pop: the newest value ([`Worker::pop`], last in, first out, as
//! fork-join programs want), or the oldest one ([`Worker::pop_oldest`], first in, first out).
//!
//! Where any thread pushes, take a queue: a deque has one owner. Where nobody steals, take std's
//! `VecDeque`.
//!
//! Each operation of the `Stealer` of a deque that grows stands twice: with a guard, and on the view
//! that [`pin`](Stealer::pin) gives, without. The owner needs no guard; nothing of the bounded one does.
//!
//! # Parts
//! `ends` says who may take the value at which index, `ring` where it is, and when its place is free;
//! `shared` is what all hold. `growable` and `bounded` are made of these.

pub mod bounded;
mod ends;
mod growable;
mod ring;
mod shared;
mod steal;

pub use growable::{Drain, IntoIter, Stealer, StealerRef, Worker};
pub(crate) use steal::Looked;
pub use steal::Steal;
