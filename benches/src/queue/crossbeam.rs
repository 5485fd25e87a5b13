//! `crossbeam_queue::SegQueue`: unbounded, segments, no guard to hold.

use crossbeam_queue::SegQueue as Inner;

use super::Queue;

#[derive(Default)]
pub(super) struct SegQueue(Inner<u64>);

impl Queue for SegQueue {
    const NAME: &'static str = "SegQueue";
    type Session<'q> = &'q Inner<u64>;

    #[inline]
    fn session(&self) -> Self::Session<'_> {
        &self.0
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
