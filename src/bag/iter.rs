//! Iterators that own values, the bag, or have it to themselves.

use super::{Bag, seat::Seat};
use core::{fmt, iter::FusedIterator, marker::PhantomData};

/// Takes all values; made by [`Bag::drain`].
pub struct Drain<'b, T> {
    bag: &'b mut Bag<T>,
}

impl<'b, T> Drain<'b, T> {
    pub(super) fn new(bag: &'b mut Bag<T>) -> Self {
        Drain { bag }
    }
}

impl<T> Iterator for Drain<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.bag.seats.pop_mut()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.bag.len(), Some(self.bag.len()))
    }
}

impl<T> ExactSizeIterator for Drain<'_, T> {}
impl<T> FusedIterator for Drain<'_, T> {}

impl<T> Drop for Drain<'_, T> {
    fn drop(&mut self) {
        /// Goes on with the rest when the destructor of one value panics.
        struct Others<'a, 'b, T>(&'a mut Drain<'b, T>);
        impl<T> Drop for Others<'_, '_, T> {
            fn drop(&mut self) {
                self.0.by_ref().for_each(drop);
            }
        }
        Others(self).0.by_ref().for_each(drop);
    }
}

impl<T> fmt::Debug for Drain<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Drain").finish_non_exhaustive()
    }
}

/// Owns a bag and yields its values.
pub struct IntoIter<T> {
    bag: Bag<T>,
}

impl<T> Iterator for IntoIter<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.bag.seats.pop_mut()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.bag.len(), Some(self.bag.len()))
    }
}

impl<T> ExactSizeIterator for IntoIter<T> {}
impl<T> FusedIterator for IntoIter<T> {}

impl<T> fmt::Debug for IntoIter<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IntoIter").finish_non_exhaustive()
    }
}

impl<T> IntoIterator for Bag<T> {
    type Item = T;
    type IntoIter = IntoIter<T>;

    fn into_iter(self) -> IntoIter<T> {
        IntoIter { bag: self }
    }
}

/// The values, to be changed; made by [`Bag::iter_mut`].
pub struct IterMut<'b, T> {
    seat: Option<&'b Seat<T>>,
    /// The next value's place from the oldest one.
    nth: usize,
    _bag: PhantomData<&'b mut Bag<T>>,
}

impl<'b, T> IterMut<'b, T> {
    pub(super) fn new(bag: &'b mut Bag<T>) -> Self {
        IterMut { seat: bag.seats.first_mut(), nth: 0, _bag: PhantomData }
    }
}

impl<'b, T> Iterator for IterMut<'b, T> {
    type Item = &'b mut T;

    fn next(&mut self) -> Option<&'b mut T> {
        loop {
            let seat = self.seat?;
            // SAFETY: the bag is borrowed exclusively: no handle lives, and nothing is taken.
            if let Some(value) = unsafe { seat.value(self.nth) } {
                self.nth += 1;
                // SAFETY: as above; each is yielded once.
                return Some(unsafe { &mut *value });
            }
            (self.seat, self.nth) = (seat.next(), 0);
        }
    }
}

impl<T> FusedIterator for IterMut<'_, T> {}

impl<T> fmt::Debug for IterMut<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IterMut").finish_non_exhaustive()
    }
}

impl<'b, T> IntoIterator for &'b mut Bag<T> {
    type Item = &'b mut T;
    type IntoIter = IterMut<'b, T>;

    fn into_iter(self) -> IterMut<'b, T> {
        self.iter_mut()
    }
}
