//! `concurrent_queue::ConcurrentQueue`, unbounded; no guard to hold.

use concurrent_queue::ConcurrentQueue as Inner;

use super::Queue;

pub(super) struct ConcurrentQueue(Inner<u64>);

impl Default for ConcurrentQueue {
    fn default() -> Self {
        ConcurrentQueue(Inner::unbounded())
    }
}

impl Queue for ConcurrentQueue {
    const NAME: &'static str = "concurrent-queue";
    type Session<'q> = &'q Inner<u64>;

    #[inline]
    fn session(&self) -> Self::Session<'_> {
        &self.0
    }

    #[inline]
    fn push(session: &Self::Session<'_>, value: u64) {
        session.push(value).expect("the queue is never closed");
    }

    #[inline]
    fn pop(session: &Self::Session<'_>) -> Option<u64> {
        session.pop().ok()
    }
}
