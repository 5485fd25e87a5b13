//! Waiting for something, or for a timer.

use super::{Operation, Other, Select, Selected};
use crate::wait;
use core::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

/// A future that waits for an operation until a deadline; see [`Operation::with_deadline`].
#[must_use = "futures do nothing unless they are awaited"]
pub struct WithDeadline<O: Operation, D: Future>(
    // The policy says how threads block, which nobody does here.
    pub(super) Select<(O, Other<D>), wait::Spin>,
);

impl<O: Operation, D: Future> Future for WithDeadline<O, D> {
    /// # Errors
    /// What the deadline gave, since the operation could not go on before.
    type Output = Result<O::Output, D::Output>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        // SAFETY: the select is pinned with it.
        let select = unsafe { self.map_unchecked_mut(|this| &mut this.0) };
        select.poll(context).map(|selected| match selected {
            Selected::First(output) => Ok(output),
            Selected::Second(deadline) => Err(deadline),
        })
    }
}

impl<O: Operation, D: Future> fmt::Debug for WithDeadline<O, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WithDeadline").finish_non_exhaustive()
    }
}
