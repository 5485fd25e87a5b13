//! A queue that states share: two lists, the second one in reverse (Hood and Melville, "Real-time
//! queue operations in pure LISP", 1981, in its simpler, amortised form: Burton 1982).
//!
//! # Invariants
//! * `[I1]` The front is empty only when the back is.
//! * `[I2]` `digest` is the polynomial of all values from the first on, as a list's; `power` is the
//!   base to the number of values. So both are the same however the values lie in the two lists.

use super::{
    list::{BASE, List},
    number,
};
use core::{
    fmt,
    hash::{Hash, Hasher},
};

/// What undoes a multiplication by `BASE` modulo 2⁶⁴: by Newton's iteration, each step of which
/// doubles the bits that are right, from the three of the start.
const INVERSE: u64 = {
    let (mut inverse, mut step) = (BASE, 0);
    while step < 5 {
        inverse = inverse.wrapping_mul(2u64.wrapping_sub(BASE.wrapping_mul(inverse)));
        step += 1;
    }
    inverse
};

const _: () = assert!(BASE.wrapping_mul(INVERSE) == 1);

pub(super) struct Fifo<T> {
    front: List<T>,
    back: List<T>,
    digest: u64,
    power: u64,
}

impl<T> Fifo<T> {
    pub(super) fn new() -> Self {
        Fifo { front: List::new(), back: List::new(), digest: 0, power: 1 }
    }

    pub(super) fn len(&self) -> usize {
        self.front.len() + self.back.len()
    }

    pub(super) fn first(&self) -> Option<&T> {
        self.front.first() // [I1]
    }

    /// The values, first in first.
    fn to_vec(&self) -> Vec<&T> {
        let mut values: Vec<&T> = self.back.iter().collect();
        values.reverse();
        self.front.iter().chain(values).collect()
    }
}

impl<T: Clone + Hash> Fifo<T> {
    /// The queue with a value at its end.
    pub(super) fn with(&self, value: T) -> Self {
        let digest = self.digest.wrapping_add(self.power.wrapping_mul(number(&value)));
        let power = self.power.wrapping_mul(BASE);
        if self.front.len() == 0 {
            return Fifo { front: self.front.with(value), back: List::new(), digest, power };
        }
        Fifo { front: self.front.clone(), back: self.back.with(value), digest, power }
    }

    /// The first value, and the queue after it.
    pub(super) fn split(&self) -> Option<(T, Self)> {
        let (value, rest) = (self.front.first()?.clone(), self.front.rest()?);
        let digest = self.digest.wrapping_sub(number(&value)).wrapping_mul(INVERSE);
        let power = self.power.wrapping_mul(INVERSE);
        let (front, back) = if rest.len() > 0 {
            (rest.clone(), self.back.clone())
        } else {
            (
                self.back.iter().fold(List::new(), |list, value| list.with(value.clone())),
                List::new(),
            )
        };
        Some((value, Fifo { front, back, digest, power }))
    }
}

impl<T> Clone for Fifo<T> {
    fn clone(&self) -> Self {
        let (front, back) = (self.front.clone(), self.back.clone());
        Fifo { front, back, digest: self.digest, power: self.power }
    }
}

impl<T: PartialEq> PartialEq for Fifo<T> {
    fn eq(&self, other: &Self) -> bool {
        let is_same = || self.front.is_same(&other.front) && self.back.is_same(&other.back);
        (self.len(), self.digest) == (other.len(), other.digest)
            && (is_same() || self.to_vec() == other.to_vec())
    }
}

impl<T: Eq> Eq for Fifo<T> {}

impl<T> Hash for Fifo<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.digest); // [I2]
    }
}

impl<T: fmt::Debug> fmt::Debug for Fifo<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.to_vec()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::Fifo;
    use std::collections::VecDeque;

    #[test]
    fn it_is_a_queue_and_equal_by_its_values_alone() {
        let (mut queue, mut model) = (Fifo::new(), VecDeque::new());
        for step in 0..2000u32 {
            // Grows and shrinks in turns.
            if step % 7 < 3 + step / 500 % 2 * 2 {
                queue = queue.with(step % 5);
                model.push_back(step % 5);
            } else {
                let split = queue.split();
                assert_eq!(split.as_ref().map(|(value, _)| *value), model.pop_front());
                queue = split.map_or(queue, |(_, rest)| rest);
            }
            assert_eq!((queue.len(), queue.first()), (model.len(), model.front()));
            let fresh = model.iter().fold(Fifo::new(), |queue, value| queue.with(*value));
            assert_eq!((&queue, queue.digest), (&fresh, fresh.digest));
        }
    }
}
