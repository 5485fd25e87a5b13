//! Iterators that own values, the stack, or have it to themselves.

use super::{Node, TreiberStack};
use crate::{
    facade::{atomic::Ordering, engine},
    reclaim::{Guard, Shared, unprotected},
};
use core::{fmt, iter::FusedIterator, marker::PhantomData};

/// Owns the values of a chain that was unlinked; made by [`TreiberStack::pop_all`].
pub struct PopAll<'g, T> {
    /// The nodes from here on are unlinked and hold their values.
    chain: Shared<'g, Node<T>>,
    guard: &'g Guard<'g>,
    /// The stack, as its nodes are told.
    owner: usize,
    _values: PhantomData<T>,
}

impl<'g, T> PopAll<'g, T> {
    /// # Safety
    /// The caller unlinked the chain and gives it up; the guard was live when it did.
    #[inline]
    pub(super) unsafe fn new(
        owner: usize,
        chain: Shared<'g, Node<T>>,
        guard: &'g Guard<'_>,
    ) -> Self {
        PopAll { chain, guard, owner, _values: PhantomData }
    }
}

impl<T> Iterator for PopAll<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        let node = self.chain;
        // SAFETY: not retired yet: that happens here, once for each node.
        let top = unsafe { node.as_ref() }?;
        // Relaxed: acquired with the chain.
        self.chain = top.next.load(Ordering::Relaxed, self.guard);
        // SAFETY: the chain is this iterator's, and moves on above.
        let value = unsafe { top.take() };
        // SAFETY: unlinked before the guard's end; its value was taken above.
        unsafe { Node::leave(self.owner, node, self.guard) };
        Some(value)
    }
}

impl<T> FusedIterator for PopAll<'_, T> {}

impl<T> Drop for PopAll<'_, T> {
    fn drop(&mut self) {
        /// Goes on with the rest when the destructor of one value panics.
        struct Rest<'a, 'g, T>(&'a mut PopAll<'g, T>);
        impl<T> Drop for Rest<'_, '_, T> {
            fn drop(&mut self) {
                if !engine::abandoned() {
                    self.0.by_ref().for_each(drop);
                }
            }
        }
        Rest(self).0.by_ref().for_each(drop);
    }
}

impl<T> fmt::Debug for PopAll<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PopAll").finish_non_exhaustive()
    }
}

/// Takes all values; made by [`TreiberStack::drain`].
pub struct Drain<'s, T> {
    all: PopAll<'static, T>,
    _stack: PhantomData<&'s mut TreiberStack<T>>,
}

// SAFETY: it owns its nodes alone, and retires them through the unprotected guard, which belongs
// to no thread.
unsafe impl<T: Send> Send for Drain<'_, T> {}
// SAFETY: shared, it gives nothing.
unsafe impl<T: Send> Sync for Drain<'_, T> {}

impl<'s, T> Drain<'s, T> {
    pub(super) fn new(stack: &'s mut TreiberStack<T>) -> Self {
        // SAFETY: `&mut` keeps every other thread away, so nodes may be freed at once.
        Drain { all: stack.pop_all(unsafe { unprotected() }), _stack: PhantomData }
    }
}

impl<T> Iterator for Drain<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.all.next()
    }
}

impl<T> FusedIterator for Drain<'_, T> {}

impl<T> fmt::Debug for Drain<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Drain").finish_non_exhaustive()
    }
}

/// Owns a stack and yields its values.
pub struct IntoIter<T> {
    stack: TreiberStack<T>,
}

impl<T> Iterator for IntoIter<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        // SAFETY: the stack is owned, so a node may be freed at once.
        self.stack.pop(unsafe { unprotected() })
    }
}

impl<T> FusedIterator for IntoIter<T> {}

impl<T> fmt::Debug for IntoIter<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IntoIter").finish_non_exhaustive()
    }
}

impl<T> IntoIterator for TreiberStack<T> {
    type Item = T;
    type IntoIter = IntoIter<T>;

    fn into_iter(self) -> IntoIter<T> {
        IntoIter { stack: self }
    }
}

/// The values from the top, to be changed; made by [`TreiberStack::iter_mut`].
pub struct IterMut<'s, T> {
    node: Shared<'s, Node<T>>,
    _stack: PhantomData<&'s mut TreiberStack<T>>,
}

// SAFETY: it is a `&mut TreiberStack<T>` that yields `&mut T`.
unsafe impl<T: Send> Send for IterMut<'_, T> {}
// SAFETY: shared, it gives nothing.
unsafe impl<T: Send> Sync for IterMut<'_, T> {}

impl<'s, T> IterMut<'s, T> {
    pub(super) fn new(stack: &'s mut TreiberStack<T>) -> Self {
        IterMut { node: stack.head.load_mut(), _stack: PhantomData }
    }
}

impl<'s, T> Iterator for IterMut<'s, T> {
    type Item = &'s mut T;

    fn next(&mut self) -> Option<&'s mut T> {
        // SAFETY: the stack is borrowed exclusively: its nodes live. They are reached by shared
        // references only, so that the values already yielded, in their cells, stay exclusive.
        let node = unsafe { self.node.as_ref() }?;
        // SAFETY: as above. Relaxed: the exclusive borrow orders everything.
        self.node = node.next.load(Ordering::Relaxed, unsafe { unprotected() });
        // SAFETY: a linked node holds its value [I2], and each is yielded once.
        Some(node.value.with_mut(|value| unsafe { &mut **value }))
    }
}

impl<T> FusedIterator for IterMut<'_, T> {}

impl<T> fmt::Debug for IterMut<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IterMut").finish_non_exhaustive()
    }
}

impl<'s, T> IntoIterator for &'s mut TreiberStack<T> {
    type Item = &'s mut T;
    type IntoIter = IterMut<'s, T>;

    fn into_iter(self) -> IterMut<'s, T> {
        self.iter_mut()
    }
}
