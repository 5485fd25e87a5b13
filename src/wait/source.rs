//! What is waited for, as the protocol sees it.

use super::{
    node::{Notice, Request},
    policy::Policy,
    queue::{Queue, Ring},
};

/// What is waited for will never come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Closed;

/// What came of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attempt {
    /// It was there, and is the caller's now.
    Took,
    /// It is not there.
    Blocked,
    /// It will never be there again.
    Closed,
}

impl Attempt {
    pub(crate) fn took_if(has_taken: bool) -> Self {
        if has_taken { Attempt::Took } else { Attempt::Blocked }
    }
}

/// What is waited for.
///
/// A source has a word of state, in which a bit says whether anybody waits. All changes of the word
/// are read-modify-writes.
pub(crate) trait Source {
    /// How threads block.
    type Policy: Policy;
    /// What the queue's lock guards beside the queue.
    type Guarded: Send;

    /// Who waits.
    fn queue(&self) -> &Queue<Self::Policy, Self::Guarded>;

    /// Takes what is wanted, if it is there and this one may have it. Also called under the queue's
    /// lock.
    fn try_take(&self, request: Request) -> Attempt;

    /// Under the queue's lock: takes it, or announces that somebody waits, in one step.
    fn take_or_announce(
        &self,
        ring: &mut Ring<'_, Self::Policy, Self::Guarded>,
        request: Request,
    ) -> Attempt;

    /// Under the queue's lock: a waiter that was told nothing has left.
    fn has_left(&self, ring: &mut Ring<'_, Self::Policy, Self::Guarded>, request: Request);

    /// Whether a waiter that comes back goes first again, rather than last.
    fn keeps_its_place(&self, _request: Request) -> bool {
        true
    }

    /// A waiter that was told something ([`Retry`](Notice::Retry) or [`Granted`](Notice::Granted))
    /// makes no use of it: whoever needs it now shall have it.
    fn forward(&self, notice: Notice, request: Request);

    /// Somebody has left, or waits again: others may be able to go on now.
    fn serve(&self) {}

    /// Whether a task that comes new shall give way to others first, once.
    fn asks_for_courtesy(&self) -> bool {
        false
    }
}

impl<S: Source> Source for &S {
    type Policy = S::Policy;
    type Guarded = S::Guarded;

    fn queue(&self) -> &Queue<S::Policy, S::Guarded> {
        (**self).queue()
    }

    fn try_take(&self, request: Request) -> Attempt {
        (**self).try_take(request)
    }

    fn take_or_announce(
        &self,
        ring: &mut Ring<'_, S::Policy, S::Guarded>,
        request: Request,
    ) -> Attempt {
        (**self).take_or_announce(ring, request)
    }

    fn has_left(&self, ring: &mut Ring<'_, S::Policy, S::Guarded>, request: Request) {
        (**self).has_left(ring, request);
    }

    fn keeps_its_place(&self, request: Request) -> bool {
        (**self).keeps_its_place(request)
    }

    fn forward(&self, notice: Notice, request: Request) {
        (**self).forward(notice, request);
    }

    fn serve(&self) {
        (**self).serve();
    }

    fn asks_for_courtesy(&self) -> bool {
        (**self).asks_for_courtesy()
    }
}
