//! The pinned view: the stack's methods without their guards.

use super::{PopAll, TreiberStack};
use crate::reclaim::{GarbageFull, Guard};
use core::fmt;

/// A stack and a guard of its domain; made by [`TreiberStack::pin`].
///
/// While it lives, no node that anybody pops from now on is freed: keep it for a batch of
/// operations, not for ever, or [`repin`](Self::repin) it now and then.
///
/// ```
/// use counterpoint::stack::TreiberStack;
/// let stack = TreiberStack::new();
/// let stack = stack.pin();
/// stack.push('a');
/// stack.push('b');
/// assert!(stack.pop_all().eq(['b', 'a']));
/// ```
pub struct TreiberStackRef<'s, T> {
    stack: &'s TreiberStack<T>,
    guard: Guard<'s>,
}

impl<'s, T> TreiberStackRef<'s, T> {
    /// The guard is of the stack's domain.
    #[inline(always)]
    pub(super) fn new(stack: &'s TreiberStack<T>, guard: Guard<'s>) -> Self {
        TreiberStackRef { stack, guard }
    }

    /// The stack.
    pub fn stack(&self) -> &'s TreiberStack<T> {
        self.stack
    }

    /// The guard.
    pub fn guard(&self) -> &Guard<'s> {
        &self.guard
    }

    /// Lets go of what was popped so far; see [`Guard::repin`].
    pub fn repin(&mut self) {
        self.guard.repin();
    }

    /// Puts `value` on top. Lock-free.
    #[inline]
    pub fn push(&self, value: T) {
        self.stack.push(value, &self.guard);
    }

    /// Puts `value` on top, unless the garbage has reached its cap; see [`TreiberStack::push_within`].
    ///
    /// # Errors
    /// With the value, when the garbage is full.
    #[inline]
    pub fn push_within(&self, value: T) -> Result<(), GarbageFull<T>> {
        self.stack.push_within(value, &self.guard)
    }

    /// Takes the value on top. Lock-free.
    #[inline]
    pub fn pop(&self) -> Option<T> {
        self.stack.pop(&self.guard)
    }

    /// Takes all values at once, from the top. What the iterator does not yield it drops.
    /// Wait-free where the target has a swap.
    #[inline]
    pub fn pop_all(&self) -> PopAll<'_, T> {
        self.stack.pop_all(&self.guard)
    }

    /// Whether the stack had no value at some moment of the call. Wait-free.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.stack.is_empty(&self.guard)
    }
}

impl<T> Extend<T> for TreiberStackRef<'_, T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, values: I) {
        values.into_iter().for_each(|value| self.push(value));
    }
}

impl<T> fmt::Debug for TreiberStackRef<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TreiberStackRef").field("stack", self.stack).finish()
    }
}
