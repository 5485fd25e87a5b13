//! A list that states share: a new one with a value more, or less, costs one node, and copying,
//! hashing and telling two lists apart costs nothing that grows with their length.
//!
//! Its hash is the polynomial `h₀ + B·h₁ + B²·h₂ + …` modulo 2⁶⁴ of the values' own.

use super::number;
use core::{
    fmt,
    hash::{Hash, Hasher},
    iter,
};
use std::sync::Arc;

/// The base of hashes: odd, so that it has an inverse.
pub(super) const BASE: u64 = 0x9E37_79B9_7F4A_7C15;

pub(super) struct List<T>(Option<Arc<Node<T>>>);

struct Node<T> {
    value: T,
    length: usize,
    hash: u64,
    next: List<T>,
}

impl<T> List<T> {
    pub(super) fn new() -> Self {
        List(None)
    }

    pub(super) fn len(&self) -> usize {
        self.0.as_ref().map_or(0, |node| node.length)
    }

    /// The hash of the values.
    pub(super) fn digest(&self) -> u64 {
        self.0.as_ref().map_or(0, |node| node.hash)
    }

    pub(super) fn first(&self) -> Option<&T> {
        self.0.as_ref().map(|node| &node.value)
    }

    /// The list after its first value.
    pub(super) fn rest(&self) -> Option<&Self> {
        self.0.as_ref().map(|node| &node.next)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        iter::successors(self.0.as_ref(), |node| node.next.0.as_ref()).map(|node| &node.value)
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (None, None) => true,
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            _ => false,
        }
    }
}

impl<T: Hash> List<T> {
    /// The list with a value in front.
    pub(super) fn with(&self, value: T) -> Self {
        let hash = self.digest().wrapping_mul(BASE).wrapping_add(number(&value));
        List(Some(Arc::new(Node { value, length: self.len() + 1, hash, next: self.clone() })))
    }
}

impl<T> Clone for List<T> {
    fn clone(&self) -> Self {
        List(self.0.clone())
    }
}

impl<T: PartialEq> PartialEq for List<T> {
    fn eq(&self, other: &Self) -> bool {
        if (self.len(), self.digest()) != (other.len(), other.digest()) {
            return false;
        }
        let (mut one, mut other) = (self, other);
        while !one.is_same(other) {
            match (&one.0, &other.0) {
                (Some(a), Some(b)) if a.value == b.value => (one, other) = (&a.next, &b.next),
                _ => return false,
            }
        }
        true
    }
}

impl<T: Eq> Eq for List<T> {}

impl<T> Hash for List<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.digest());
    }
}

impl<T: fmt::Debug> fmt::Debug for List<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// One node after the other: a long list must not exhaust the stack.
impl<T> Drop for List<T> {
    fn drop(&mut self) {
        let mut next = self.0.take();
        while let Some(mut node) = next.and_then(Arc::into_inner) {
            next = node.next.0.take();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::List;

    #[test]
    fn a_long_list_is_dropped_and_its_shared_tail_stays() {
        let tail = List::new().with(1).with(2);
        let long = (0..1_000_000).fold(tail.clone(), |list, value| list.with(value));
        assert_eq!(long.len(), 1_000_002);
        drop(long);
        assert_eq!(tail.iter().copied().collect::<Vec<_>>(), [2, 1]);
    }

    #[test]
    fn lists_are_equal_by_their_values_alone() {
        let list = |values: &[i32]| values.iter().rev().fold(List::new(), |l, v| l.with(*v));
        assert_eq!(list(&[1, 2, 3]), list(&[1, 2, 3]));
        assert_eq!(list(&[1, 2, 3]).digest(), list(&[1, 2, 3]).digest());
        assert_ne!(list(&[1, 2, 3]), list(&[1, 3, 2]));
        assert_ne!(list(&[1, 2, 3]).digest(), list(&[1, 3, 2]).digest());
    }
}
