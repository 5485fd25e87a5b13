//! Queues: first in, first out.
//!
//! # Which one?
//! | queue | bounded | progress | choose it when |
//! |---|---|---|---|
//! | [`Queue`] | no | lock-free | in doubt: fast, and can be closed |
//! | [`MsQueue`] | no | lock-free | values are few or large, memory must follow the contents closely |
//! | [`ArrayQueue`] | yes | waits for who is in the middle of a slot | speed; producers must be held back; no allocation after the first |
//! | [`spsc::ring`] | yes | wait-free | one thread pushes and one pops |
//!
//! Each operation of the unbounded ones stands twice: on the queue, with a guard, and on the view that
//! [`pin`](Queue::pin) gives, without. The bounded ones reclaim nothing and need no guard.

mod array_queue;
mod closed;
mod full;
mod ms_queue;
mod segmented;
pub mod spsc;

pub use array_queue::{ArrayDrain, ArrayIntoIter, ArrayQueue, ArrayTryIter, Rest};
pub use closed::{Closed, PushWithinError};
pub use full::{Busy, Full, TryPushError};
pub use ms_queue::{MsDrain, MsIntoIter, MsIterMut, MsQueue, MsQueueRef};
pub use segmented::{
    Queue, QueueDrain, QueueIntoIter, QueueIterMut, QueueRef, QueueTryIter, Unpushed,
};
