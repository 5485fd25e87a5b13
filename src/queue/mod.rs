//! Queues: first in, first out, many producers, many consumers.
//!
//! # Which one?
//! | queue | bounded | progress | choose it when |
//! |---|---|---|---|
//! | [`MsQueue`] | no | lock-free | values are few or large, memory must follow the contents exactly |
//!
//! Each operation stands twice: on the queue, with a guard, and on the view that
//! [`pin`](MsQueue::pin) gives, without.

mod ms_queue;

pub use ms_queue::{Drain, IntoIter, IterMut, MsQueue, MsQueueRef};
