//! A handle: one thread's place in a bag.
//!
//! # Soundness of the signatures
//! * It borrows the bag, whose methods that take `&mut self` therefore find no handle, unless it was
//!   forgotten: then its seat stays taken, and is still freed with the bag.
//! * `Send` with its values, and not `Sync`: the seat has one owner.

use super::{Bag, seat::Seat};
use crate::reclaim::{Guard, Identified};
use alloc::vec::Vec;
use core::{
    cell::Cell,
    fmt,
    panic::{RefUnwindSafe, UnwindSafe},
};

/// Pushes to a place of its own in a [`Bag`] and pops from there, or steals; made by [`Bag::register`].
///
/// What it leaves in its place when it is dropped stays in the bag, for all; the place goes to the next
/// handle.
///
/// ```
/// use counterpoint::bag::Bag;
/// let bag = Bag::new();
/// let (own, other) = (bag.register(), bag.register());
/// own.push(1);
/// own.push(2);
/// assert_eq!(own.pop(), Some(2));
/// assert_eq!(other.pop(), Some(1));
/// assert_eq!(own.pop(), None);
/// ```
/// One thread has it: it may be sent, but not shared,
/// ```compile_fail,E0277
/// fn share<T: Sync>(_: &T) {}
/// share(&counterpoint::bag::Bag::<u8>::new().register());
/// ```
/// and it does not outlive the bag:
/// ```compile_fail,E0597
/// let handle = {
///     let bag = counterpoint::bag::Bag::<u8>::new();
///     bag.register()
/// };
/// handle.pop();
/// ```
/// While it lives nobody has the bag alone:
/// ```compile_fail,E0502
/// let mut bag = counterpoint::bag::Bag::from([1]);
/// let handle = bag.register();
/// let values = bag.iter_mut();
/// handle.pop();
/// values.for_each(drop);
/// ```
pub struct BagHandle<'b, T> {
    bag: &'b Bag<T>,
    /// Taken by this handle.
    seat: &'b Seat<T>,
    /// Where something was stolen last.
    lucky: Cell<Option<&'b Seat<T>>>,
}

impl<T> UnwindSafe for BagHandle<'_, T> {}
impl<T> RefUnwindSafe for BagHandle<'_, T> {}

impl<'b, T> BagHandle<'b, T> {
    /// The caller has taken the seat, and gives it to the handle.
    pub(super) fn new(bag: &'b Bag<T>, seat: &'b Seat<T>) -> Self {
        BagHandle { bag, seat, lucky: Cell::new(None) }
    }

    /// The bag.
    pub fn bag(&self) -> &'b Bag<T> {
        self.bag
    }

    /// Adds a value. Lock-free.
    ///
    /// # Panics
    /// When the place must grow and there cannot be so many values in it.
    #[inline]
    pub fn push(&self, value: T) {
        // SAFETY: this handle's seat [I2]; it is not shared.
        unsafe { self.seat.push(value) };
    }

    /// Adds values one by one; returns how many.
    ///
    /// # Panics
    /// As [`push`](Self::push), or when the iterator does; what came before is in the bag.
    pub fn push_many<I: IntoIterator<Item = T>>(&self, values: I) -> usize {
        values.into_iter().map(|value| self.push(value)).count()
    }

    /// Takes a value: the newest of its own place, or another's oldest; `None` if the bag was empty at some
    /// moment of the call. Lock-free.
    ///
    /// When it has none of its own it pins the thread, which costs what
    /// [`Collector::pin`](crate::reclaim::Collector::pin) costs;
    /// [`pop_with`](Self::pop_with) takes a guard that the caller has.
    #[inline]
    pub fn pop(&self) -> Option<T> {
        self.pop_own().or_else(|| {
            let guard = self.bag.collector.pin();
            // Again: to pin may run destructors, which may push to this very handle.
            self.pop_own().or_else(|| self.steal(&guard))
        })
    }

    /// As [`pop`](Self::pop), under a guard that the caller has made.
    ///
    /// # Panics
    /// When the guard belongs to another collector.
    #[inline]
    #[track_caller]
    pub fn pop_with(&self, guard: &Guard<'_>) -> Option<T> {
        guard.assert_from(self.bag.collector.id());
        self.pop_own().or_else(|| self.steal(guard))
    }

    /// Pops up to `max` values onto the end of `into`; returns how many. Stops when the bag was empty at some
    /// moment, and so goes on while others push. Lock-free.
    ///
    /// # Panics
    /// When `into` cannot grow; what was popped before is in it.
    pub fn pop_many(&self, into: &mut Vec<T>, max: usize) -> usize {
        let (mut guard, mut popped) = (None, 0);
        while popped < max {
            into.reserve(1); // Before a value is taken: it may panic.
            let steal = || {
                let guard = guard.get_or_insert_with(|| self.bag.collector.pin());
                // Again: to pin may run destructors, which may push to this very handle.
                self.pop_own().or_else(|| self.steal(guard))
            };
            let Some(value) = self.pop_own().or_else(steal) else { break };
            into.push(value);
            popped += 1;
        }
        popped
    }

    /// The newest value of its own.
    #[inline(always)]
    fn pop_own(&self) -> Option<T> {
        // SAFETY: this handle's seat [I2]; it is not shared.
        unsafe { self.seat.pop() }
    }

    #[inline(never)]
    #[track_caller]
    fn steal(&self, guard: &Guard<'_>) -> Option<T> {
        let (value, lucky) = self.bag.steal(self.seat, self.lucky.get(), guard)?;
        self.lucky.set(Some(lucky));
        Some(value)
    }
}

impl<T> Extend<T> for BagHandle<'_, T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, values: I) {
        self.push_many(values);
    }
}

impl<T> fmt::Debug for BagHandle<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BagHandle").field("bag", self.bag).finish_non_exhaustive()
    }
}

impl<T> Drop for BagHandle<'_, T> {
    fn drop(&mut self) {
        // SAFETY: this handle has taken it, and ends.
        unsafe { self.seat.leave() };
    }
}
