//! `counterpoint::bag::Bag`, in its global collector; a session is a handle.

use counterpoint::bag::{Bag as Inner, BagHandle};

#[derive(Default)]
pub(super) struct Bag(Inner<u64>);

impl super::Bag for Bag {
    const NAME: &'static str = "Bag";
    type Session<'b> = BagHandle<'b, u64>;

    #[inline]
    fn session(&self) -> Self::Session<'_> {
        self.0.register()
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
