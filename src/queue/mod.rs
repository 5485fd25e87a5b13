//! Queues: first in, first out.
//!
//! # Which one?
//! | queue | bounded | progress | choose it when |
//! |---|---|---|---|
//! | [`MsQueue`] | no | lock-free | values are few or large, memory must follow the contents exactly |
//! | [`ArrayQueue`] | yes | waits for who is in the middle of a slot | speed; producers must be held back; no allocation after the first |
//! | [`spsc::ring`] | yes | wait-free | one thread pushes and one pops |
//!
//! Each operation of `MsQueue` stands twice: on the queue, with a guard, and on the view that
//! [`pin`](MsQueue::pin) gives, without. The bounded ones reclaim nothing and need no guard.

mod array_queue;
mod full;
mod ms_queue;
pub mod spsc;

pub use array_queue::{ArrayDrain, ArrayIntoIter, ArrayQueue, ArrayTryIter, Rest};
pub use full::{Busy, Full, TryPushError};
pub use ms_queue::{Drain, IntoIter, IterMut, MsQueue, MsQueueRef};
