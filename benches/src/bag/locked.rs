//! `Mutex<Vec>`: the lock is taken for each operation.

use std::sync::Mutex;

use super::Bag;

#[derive(Default)]
pub(super) struct LockedVec(Mutex<Vec<u64>>);

impl Bag for LockedVec {
    const NAME: &'static str = "Mutex<Vec>";
    type Session<'b> = &'b Mutex<Vec<u64>>;

    #[inline]
    fn session(&self) -> Self::Session<'_> {
        &self.0
    }

    #[inline]
    fn push(session: &Self::Session<'_>, value: u64) {
        session.lock().expect("no operation panics").push(value);
    }

    #[inline]
    fn pop(session: &Self::Session<'_>) -> Option<u64> {
        session.lock().expect("no operation panics").pop()
    }
}
