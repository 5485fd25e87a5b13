//! `counterpoint::stack::TreiberStack`, in its global collector; a session is its pinned view.

use counterpoint::stack::{TreiberStack as Inner, TreiberStackRef};

use super::Stack;

#[derive(Default)]
pub(super) struct TreiberStack(Inner<u64>);

impl Stack for TreiberStack {
    const NAME: &'static str = "TreiberStack";
    type Session<'s> = TreiberStackRef<'s, u64>;

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
