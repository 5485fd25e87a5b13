//! `crossbeam_queue::SegQueue`: a queue, whose order a bag does not promise.

use crossbeam_queue::SegQueue as Inner;

use super::Bag;

#[derive(Default)]
pub(super) struct SegQueue(Inner<u64>);

impl Bag for SegQueue {
    const NAME: &'static str = "SegQueue";
    type Session<'b> = &'b Inner<u64>;

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
