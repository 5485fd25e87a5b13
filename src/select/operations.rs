//! Several operations as one.

use super::Operation;
use crate::wait::{Group, Joins, Member, Membership};
use core::{
    convert::Infallible,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

/// What was selected of a tuple: which operation, and what it gave.
///
/// (Of a tuple of two there is neither a `Third` nor a `Fourth`, and a `match` needs no arm for them.)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Selected<A, B, C = Infallible, D = Infallible> {
    /// The first one.
    First(A),
    /// The second one.
    Second(B),
    /// The third one.
    Third(C),
    /// The fourth one.
    Fourth(D),
}

/// Several [operations](Operation), of which one is selected: a tuple of two to four, or an array.
pub trait Operations: several::Several<Selected = Self::Output> {
    /// Which one, and what it gave.
    type Output;
}

impl<S: several::Several> Operations for S {
    type Output = S::Selected;
}

mod several {
    use super::*;

    /// There are no others.
    pub trait Several {
        type Selected;

        /// All become waiters of a group.
        ///
        /// # Safety
        /// It is dropped before the group is moved, or gone.
        unsafe fn join(self: Pin<&mut Self>, group: &Group);

        /// Polls them in order, or the one only whose place that is, until one is ready.
        fn poll(
            self: Pin<&mut Self>,
            only: Option<usize>,
            context: &mut Context<'_>,
        ) -> Poll<Self::Selected>;
    }
}

/// Polls one, unless another one only is to be polled.
fn poll_one<O: Operation>(
    operation: Pin<&mut O>,
    place: usize,
    only: Option<usize>,
    context: &mut Context<'_>,
) -> Poll<O::Output> {
    match only {
        Some(other) if other != place => Poll::Pending,
        _ => operation.poll(context),
    }
}

/// Tuples: for each operation its type, its field, its place and its variant.
macro_rules! tuples {
    ($($Selected:ty: $(($Operation:ident, $field:tt, $Variant:ident)),+;)+) => {$(
        impl<$($Operation: Operation),+> several::Several for ($($Operation,)+) {
            type Selected = $Selected;

            unsafe fn join(self: Pin<&mut Self>, group: &Group) {
                // SAFETY: each is pinned with the tuple; the group is as the caller promises.
                unsafe {
                    let this = self.get_unchecked_mut();
                    $(
                        let membership = Membership(Member::new(group, $field));
                        Pin::new_unchecked(&mut this.$field).join(membership);
                    )+
                }
            }

            fn poll(
                self: Pin<&mut Self>,
                only: Option<usize>,
                context: &mut Context<'_>,
            ) -> Poll<Self::Selected> {
                // SAFETY: each is pinned with the tuple.
                let this = unsafe { self.get_unchecked_mut() };
                $(
                    // SAFETY: as above.
                    let operation = unsafe { Pin::new_unchecked(&mut this.$field) };
                    if let Poll::Ready(output) = poll_one(operation, $field, only, context) {
                        return Poll::Ready(Selected::$Variant(output));
                    }
                )+
                Poll::Pending
            }
        }
    )+};
}

tuples! {
    Selected<A::Output, B::Output>: (A, 0, First), (B, 1, Second);
    Selected<A::Output, B::Output, C::Output>: (A, 0, First), (B, 1, Second), (C, 2, Third);
    Selected<A::Output, B::Output, C::Output, D::Output>:
        (A, 0, First), (B, 1, Second), (C, 2, Third), (D, 3, Fourth);
}

impl<O: Operation, const N: usize> several::Several for [O; N] {
    type Selected = (usize, O::Output);

    unsafe fn join(self: Pin<&mut Self>, group: &Group) {
        // SAFETY: each is pinned with the array; the group is as the caller promises.
        unsafe {
            for (place, operation) in self.get_unchecked_mut().iter_mut().enumerate() {
                let place = u32::try_from(place).expect("there is no room for as many");
                let membership = Membership(Member::new(group, place));
                Pin::new_unchecked(operation).join(membership);
            }
        }
    }

    fn poll(
        self: Pin<&mut Self>,
        only: Option<usize>,
        context: &mut Context<'_>,
    ) -> Poll<Self::Selected> {
        // SAFETY: each is pinned with the array.
        for (place, operation) in unsafe { self.get_unchecked_mut() }.iter_mut().enumerate() {
            // SAFETY: as above.
            let operation = unsafe { Pin::new_unchecked(operation) };
            if let Poll::Ready(output) = poll_one(operation, place, only, context) {
                return Poll::Ready((place, output));
            }
        }
        Poll::Pending
    }
}

/// An operation that is any future; see [`other`].
#[derive(Debug)]
#[must_use = "it does nothing unless it is selected"]
pub struct Other<F>(F);

/// Makes an operation of a future: a timer, what an `async` block does. It must lose nothing when it is
/// dropped, for it is, if another one is selected.
///
/// ```
/// use counterpoint::{select::{Select, Selected, other}, sync::Mutex};
/// use std::future::ready;
///
/// let mutex = Mutex::new(());
/// let _held = mutex.lock_blocking();
/// // For `ready(..)` take a timer of the executor.
/// let selected = Select::new((mutex.lock(), other(ready("too late")))).wait_blocking();
/// assert!(matches!(selected, Selected::Second("too late")));
/// ```
pub fn other<F: Future>(future: F) -> Other<F> {
    Other(future)
}

impl<F: Future> Future for Other<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        // SAFETY: the future is pinned with it.
        unsafe { self.map_unchecked_mut(|this| &mut this.0) }.poll(context)
    }
}

impl<F: Future> Joins for Other<F> {}
