//! Queues: first in, first out.
//!
//! # Which one?
//! | queue | bounded | progress | choose it when |
//! |---|---|---|---|
//! | [`MsQueue`] | no | lock-free | values are few or large, memory must follow the contents exactly |
//! | [`spsc::ring`] | yes | wait-free | one thread pushes and one pops |
//!
//! Each operation of a queue for many threads stands twice: on the queue, with a guard, and on the view
//! that [`pin`](MsQueue::pin) gives, without. A ring has two ends, and needs no guard.

mod ms_queue;
pub mod spsc;

pub use ms_queue::{Drain, IntoIter, IterMut, MsQueue, MsQueueRef};
