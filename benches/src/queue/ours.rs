//! `Queue` and `MsQueue` of counterpoint, in their global collector; a session is the pinned view.

use counterpoint::queue::{self, MsQueueRef, QueueRef};

#[derive(Default)]
pub(super) struct Queue(queue::Queue<u64>);

impl super::Queue for Queue {
    const NAME: &'static str = "Queue";
    type Session<'q> = QueueRef<'q, u64>;

    #[inline]
    fn session(&self) -> Self::Session<'_> {
        self.0.pin()
    }

    #[inline]
    fn push(session: &Self::Session<'_>, value: u64) {
        session.push(value).expect("the queue is never closed");
    }

    #[inline]
    fn pop(session: &Self::Session<'_>) -> Option<u64> {
        session.pop()
    }
}

#[derive(Default)]
pub(super) struct MsQueue(queue::MsQueue<u64>);

impl super::Queue for MsQueue {
    const NAME: &'static str = "MsQueue";
    type Session<'q> = MsQueueRef<'q, u64>;

    #[inline]
    fn session(&self) -> Self::Session<'_> {
        self.0.pin()
    }

    #[inline]
    fn push(session: &Self::Session<'_>, value: u64) {
        session.push(value);
    }

    #[inline]
    fn pop(session: &Self::Session<'_>) -> Option<u64> {
        session.pop()
    }
}
