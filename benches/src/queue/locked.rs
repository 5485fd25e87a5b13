//! `Mutex<VecDeque>`: the lock is taken for each operation.

use std::collections::VecDeque;
use std::sync::Mutex;

use super::Queue;

#[derive(Default)]
pub(super) struct LockedDeque(Mutex<VecDeque<u64>>);

impl Queue for LockedDeque {
    const NAME: &'static str = "Mutex<VecDeque>";
    type Session<'q> = &'q Mutex<VecDeque<u64>>;

    #[inline]
    fn session(&self) -> Self::Session<'_> {
        &self.0
    }

    #[inline]
    fn push(session: &Self::Session<'_>, value: u64) {
        session.lock().expect("no operation panics").push_back(value);
    }

    #[inline]
    fn pop(session: &Self::Session<'_>) -> Option<u64> {
        session.lock().expect("no operation panics").pop_front()
    }
}
