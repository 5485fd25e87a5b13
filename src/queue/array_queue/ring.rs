//! The slots of a ring, and the arithmetic of positions in it.
//!
//! # State
//! A *position* is a lap beside an index: `lap * span + index`, where `span` is the power of two
//! from the capacity on, two at least, and the index is below the capacity. So positions count on
//! without a gap but at the end of a lap, wrap around with the word, and are told apart by their
//! laps for any capacity, one included.
//!
//! The *stamp* of a slot is a lap, times `span`, and one bit more:
//!
//! | stamp | the slot is |
//! |---|---|
//! | `lap * span` | free for the push of that lap |
//! | `lap * span + 1` | ready for the pop of that lap |
//!
//! Each slot begins with zero, so memory that the system zeroed is an empty ring. Stamps only grow,
//! in the order of the word around the one they are compared with. (A slot has a word at least, so
//! a span is at most the eighth part of the numbers of a word, on 16 bits the fourth: laps that are
//! in use at a time are told apart.)
//!
//! Limit: a thread that is stopped between its load of a position and its exchange, while others
//! move that position around the whole word and on to the very same number, takes it for unmoved.
//! That takes as many operations as the word has numbers, or down to half as many, by the capacity:
//! centuries of one each nanosecond on 64 bits, but seconds on 32.
//!
//! **Checked by**: the tests below, at the end of the word; `tests/array_queue.rs`.

use crate::facade::{
    atomic::{AtomicUsize, zeroed_slice},
    cell::UnsafeCell,
};
use alloc::{alloc::handle_alloc_error, boxed::Box, collections::TryReserveError, vec::Vec};
use core::{alloc::Layout, mem::MaybeUninit};

/// One place for a value.
pub(super) struct Slot<T> {
    pub(super) stamp: AtomicUsize,
    /// Set while the slot is ready; of whoever moved `head` or `tail` onto the slot in between.
    pub(super) value: UnsafeCell<MaybeUninit<T>>,
}

/// The slots.
pub(super) struct Ring<T> {
    slots: Box<[Slot<T>]>,
    /// `span - 1`: the bits of a position that are its index.
    mask: usize,
}

impl<T> Slot<T> {
    /// As zero bytes are.
    fn new() -> Self {
        Slot { stamp: AtomicUsize::new(0), value: UnsafeCell::new(MaybeUninit::uninit()) }
    }
}

#[track_caller]
fn assert_capacity(capacity: usize) {
    assert!(capacity > 0, "an ArrayQueue has a capacity of at least 1");
}

impl<T> Ring<T> {
    #[track_caller]
    pub(super) fn new(capacity: usize) -> Self {
        assert_capacity(capacity);
        // SAFETY: a word of zero, and a value that need not be one.
        let slots = unsafe { zeroed_slice(capacity, Slot::new) };
        Ring::of(slots.unwrap_or_else(|layout| handle_alloc_error(layout)))
    }

    #[track_caller]
    pub(super) fn try_new(capacity: usize) -> Result<Self, TryReserveError> {
        assert_capacity(capacity);
        if Layout::array::<Slot<T>>(capacity).is_ok() {
            // SAFETY: as above.
            if let Ok(slots) = unsafe { zeroed_slice(capacity, Slot::new) } {
                return Ok(Ring::of(slots));
            }
        }
        // Asked once more, for the error, which only std's collections make. (Or for the slots, if somebody
        // has given memory back.)
        let mut slots = Vec::new();
        slots.try_reserve_exact(capacity)?;
        slots.extend((0..capacity).map(|_| Slot::new()));
        Ok(Ring::of(slots.into_boxed_slice()))
    }

    fn of(slots: Box<[Slot<T>]>) -> Self {
        // No overflow: so many slots exist.
        let mask = slots.len().next_power_of_two().max(2) - 1;
        Ring { slots, mask }
    }

    #[inline(always)]
    pub(super) fn capacity(&self) -> usize {
        self.slots.len()
    }

    #[inline(always)]
    fn index(&self, position: usize) -> usize {
        position & self.mask
    }

    /// The slot of a position.
    #[inline(always)]
    pub(super) fn slot(&self, position: usize) -> &Slot<T> {
        debug_assert!(self.index(position) < self.slots.len());
        // SAFETY: positions are made here alone, and the index of each is below the capacity.
        unsafe { self.slots.get_unchecked(self.index(position)) }
    }

    /// The stamp of a slot that waits for the push of that position.
    #[inline(always)]
    pub(super) fn free(&self, position: usize) -> usize {
        position & !self.mask
    }

    /// The stamp of a slot that waits for the pop of that position.
    #[inline(always)]
    pub(super) fn ready(&self, position: usize) -> usize {
        self.free(position) | 1
    }

    #[inline(always)]
    pub(super) fn next(&self, position: usize) -> usize {
        if self.index(position) + 1 < self.slots.len() {
            position + 1 // The index has room in its bits.
        } else {
            (position | self.mask).wrapping_add(1)
        }
    }

    pub(super) fn previous(&self, position: usize) -> usize {
        match self.index(position) {
            0 => self.lap_before(position) + (self.slots.len() - 1),
            _ => position - 1,
        }
    }

    /// The position of the same slot, one lap later.
    #[inline(always)]
    pub(super) fn lap_after(&self, position: usize) -> usize {
        position.wrapping_add(self.mask).wrapping_add(1)
    }

    /// The position of the same slot, one lap earlier.
    #[inline(always)]
    pub(super) fn lap_before(&self, position: usize) -> usize {
        position.wrapping_sub(self.mask).wrapping_sub(1)
    }

    /// How many positions are between two, the capacity at most; none if `to` is the earlier one.
    pub(super) fn distance(&self, from: usize, to: usize) -> usize {
        if !is_later(to, from) {
            return 0;
        }
        let laps = self.free(to).wrapping_sub(self.free(from)) / (self.mask + 1);
        // Two laps or more are the capacity at least; so is one, if the index is not smaller.
        match (laps, self.index(from), self.index(to)) {
            (0, from, to) => to - from,
            (1, from, to) if to < from => self.slots.len() - from + to,
            _ => self.slots.len(),
        }
    }

    /// A ring whose first position is the first of the lap before the word wraps around.
    #[cfg(test)]
    fn at_the_end_of_the_word(capacity: usize) -> (Self, usize) {
        let mut ring = Ring::new(capacity);
        let last = ring.lap_before(0);
        ring.slots.iter_mut().for_each(|slot| slot.stamp.store_mut(last));
        (ring, last)
    }
}

/// Whether a position or a stamp is later than another one, which is less than half of the word away.
#[inline(always)]
pub(super) fn is_later(this: usize, other: usize) -> bool {
    // Reinterpreted: the difference is signed.
    this.wrapping_sub(other) as isize > 0
}

#[cfg(test)]
mod tests {
    use super::{super::ArrayQueue, Ring, is_later};
    use crate::base::CachePadded;
    use crate::facade::atomic::AtomicUsize;
    use alloc::vec::Vec;

    const CAPACITIES: [usize; 7] = [1, 2, 3, 4, 5, 8, 9];

    #[test]
    fn positions_go_on_and_back_and_are_told_apart_where_the_word_wraps_around() {
        for capacity in CAPACITIES {
            let (ring, first) = Ring::<()>::at_the_end_of_the_word(capacity);
            let mut positions: Vec<usize> = [first].into();
            for _ in 0..3 * capacity {
                positions.push(ring.next(*positions.last().unwrap()));
            }
            assert!(positions.contains(&0), "the word wraps around");
            for (number, &position) in positions.iter().enumerate() {
                assert_eq!(ring.index(position), number % capacity);
                assert!(!is_later(position, position));
                assert!(ring.free(position) != ring.ready(position));
                assert!(ring.ready(position) != ring.free(ring.lap_after(position)));
                if number > 0 {
                    assert_eq!(ring.previous(position), positions[number - 1]);
                }
                for (other, &earlier) in positions[..number].iter().enumerate() {
                    assert!(is_later(position, earlier) && !is_later(earlier, position));
                    let distance = number - other;
                    assert_eq!(ring.distance(earlier, position), distance.min(capacity));
                    assert_eq!(ring.distance(position, earlier), 0);
                    if distance == capacity {
                        assert_eq!(ring.lap_after(earlier), position);
                        assert_eq!(ring.lap_before(position), earlier);
                    }
                }
            }
        }
    }

    /// The whole queue over the end of the word.
    #[test]
    fn a_queue_works_where_the_word_wraps_around() {
        for capacity in CAPACITIES {
            let (ring, first) = Ring::at_the_end_of_the_word(capacity);
            let word = || CachePadded::new(AtomicUsize::new(first));
            let queue = ArrayQueue {
                head: word(),
                tail: word(),
                starts: ArrayQueue::<usize>::starts(),
                ring,
            };
            let (mut pushed, mut popped) = (0, 0);
            for round in 0..5 * capacity {
                while queue.push(pushed).is_ok() {
                    pushed += 1;
                    assert_eq!(queue.len(), pushed - popped);
                }
                assert!(queue.is_full() && pushed - popped == capacity);
                if round % 2 == 0 {
                    assert_eq!(queue.force_push(pushed), Some(popped));
                    (pushed, popped) = (pushed + 1, popped + 1);
                }
                for _ in 0..=round % capacity {
                    assert_eq!(queue.pop(), Some(popped));
                    popped += 1;
                }
                assert_eq!(queue.is_empty(), pushed == popped);
                assert!(pushed > popped || queue.pop().is_none());
            }
        }
    }
}
