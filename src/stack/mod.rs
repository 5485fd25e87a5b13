//! Stacks: last in, first out, many threads.
//!
//! # Which one?
//! | stack | progress | choose it when |
//! |---|---|---|
//! | [`TreiberStack`] | lock-free | always, so far; where order does not matter, take a [bag](crate::bag) |
//!
//! Each operation stands twice: on the stack, with a guard, and on the view that
//! [`pin`](TreiberStack::pin) gives, without.

mod treiber;

pub use treiber::{Drain, IntoIter, IterMut, PopAll, TreiberStack, TreiberStackRef};
