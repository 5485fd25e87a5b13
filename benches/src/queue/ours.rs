//! `counterpoint::queue::MsQueue`, in its global collector; a session is its pinned view.

use counterpoint::queue::{MsQueue as Inner, MsQueueRef};

use super::Queue;

#[derive(Default)]
pub(super) struct MsQueue(Inner<u64>);

impl Queue for MsQueue {
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
