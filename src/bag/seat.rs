//! The seats of a bag: a list that only grows, of deques that handles take and leave.

use crate::{
    base::CachePadded,
    deque::{Looked, Stealer, Worker},
    facade::{
        atomic::{AtomicPtr, AtomicUsize, Ordering, fence},
        cell::UnsafeCell,
        engine::{self, Site},
        tuning,
    },
    reclaim::{Collector, Guard},
};
use alloc::boxed::Box;
use core::{iter, ptr};

/// A place of values, with one owner at a time.
pub(super) struct Seat<T> {
    /// Not zero while a handle has it [I2].
    taken: AtomicUsize,
    /// The owner's end.
    worker: UnsafeCell<Worker<T>>,
    stealer: Stealer<T>,
    /// Does not change once `first` has pointed to this seat.
    next: *const Seat<T>,
    /// How many values were pushed. The owner alone writes.
    pushed: CachePadded<AtomicUsize>,
}

// SAFETY: values pass through by move only; the owner's end is used by who has taken the seat.
unsafe impl<T: Send> Sync for Seat<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Send for Seat<T> {}

impl<T> Seat<T> {
    /// Taken.
    fn new(collector: &Collector) -> Self {
        let worker = Worker::new_in(collector.clone());
        Seat {
            taken: AtomicUsize::new(1),
            stealer: worker.stealer(),
            worker: UnsafeCell::new(worker),
            next: ptr::null(),
            pushed: CachePadded::new(AtomicUsize::new(0)),
        }
    }

    /// Whether the caller has taken it.
    fn take(&self) -> bool {
        // [P1] Acquire: the deque as the owner before has left it. Relaxed: nothing is touched.
        self.taken.load(Ordering::Relaxed) == 0
            && self.taken.compare_exchange(0, 1, Ordering::Acquire, Ordering::Relaxed).is_ok()
    }

    /// Leaves it, with what is in it, to the next owner.
    ///
    /// # Safety
    /// The caller has taken it, and does not use it as the owner any more.
    pub(super) unsafe fn leave(&self) {
        // An engine sees that no two have it at a time.
        self.worker.with_mut(|_| ());
        // [P1] Release: the deque.
        self.taken.store(0, Ordering::Release);
    }

    /// Adds a value, and counts it.
    ///
    /// # Safety
    /// The caller has taken it.
    #[inline(always)]
    pub(super) unsafe fn push(&self, value: T) {
        // SAFETY: the owner's [I2]; it is shared with nobody but the owner itself, in code of users.
        self.worker.with(|worker| unsafe { &*worker }.push(value));
        // Relaxed: the owner's own.
        let pushed = self.pushed.load(Ordering::Relaxed).wrapping_add(1);
        // [P2] Release: what was pushed.
        self.pushed.store(pushed, Ordering::Release);
    }

    /// Takes the newest value.
    ///
    /// # Safety
    /// The caller has taken it.
    #[inline(always)]
    pub(super) unsafe fn pop(&self) -> Option<T> {
        // SAFETY: as of `push`.
        self.worker.with(|worker| unsafe { &*worker }.pop())
    }

    /// Takes the oldest value, as anybody.
    #[inline]
    pub(super) fn steal(&self, guard: &Guard<'_>) -> Looked<T> {
        self.stealer.steal_or_look(guard)
    }

    /// The index that `top` had, if there was no value.
    pub(super) fn look(&self) -> Option<usize> {
        self.stealer.look()
    }

    pub(super) fn len(&self) -> usize {
        self.stealer.len()
    }

    /// Where the value is that is the `nth` from the oldest.
    ///
    /// # Safety
    /// No handle lives, and nobody takes a value meanwhile.
    pub(super) unsafe fn value(&self, nth: usize) -> Option<*mut T> {
        // SAFETY: by the caller's duty.
        self.worker.with(|worker| unsafe { (*worker).value(nth) })
    }
}

/// The list.
pub(super) struct Seats<T> {
    first: AtomicPtr<Seat<T>>,
}

impl<T> Seats<T> {
    pub(super) const fn new() -> Self {
        Seats { first: AtomicPtr::root() }
    }

    /// The first one.
    fn first(&self) -> Option<&Seat<T>> {
        // [P1] Acquire: the seat, and through the release sequence all behind it.
        let first = self.first.load(Ordering::Acquire);
        // SAFETY: seats live as long as the list [I1].
        unsafe { first.as_ref() }
    }

    /// All of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Seat<T>> {
        Self::from(self.first())
    }

    /// A seat, and all behind it.
    fn from<'s>(first: Option<&'s Seat<T>>) -> impl Iterator<Item = &'s Seat<T>>
    where
        T: 's,
    {
        // SAFETY: seats live as long as the list [I1], for which the first one is borrowed.
        iter::successors(first, |seat| unsafe { seat.next.as_ref() })
    }

    /// A seat that the caller takes: one that is free, or a new one.
    pub(super) fn take(&self, collector: &Collector) -> &Seat<T> {
        if let Some(free) = self.iter().find(|seat| seat.take()) {
            // An engine sees that no two have it at a time.
            free.worker.with_mut(|_| ());
            return free;
        }
        let seat = Box::into_raw(Box::new(Seat::new(collector)));
        engine::heap::allocated(seat.cast(), Site::caller());
        // Relaxed: compared, and passed on in the release sequence.
        let mut first = self.first.load(Ordering::Relaxed);
        loop {
            // SAFETY: the box, which nobody else knows.
            unsafe { (*seat).next = first };
            // [P1] Release: the seat. Relaxed on failure: as above.
            match self.first.compare_exchange(first, seat, Ordering::Release, Ordering::Relaxed) {
                // SAFETY: it lives as long as the list [I1].
                Ok(_) => return unsafe { &*seat },
                Err(found) => first = found,
            }
        }
    }

    /// Looks at all seats, from `start` on, until it finds something; `None` if all were empty at some
    /// moment of the call. See the head of `bag`.
    pub(super) fn scan<'s, R>(
        &'s self,
        start: Option<&'s Seat<T>>,
        mut look: impl FnMut(&'s Seat<T>) -> Looked<R>,
    ) -> Option<R> {
        // Most find something at once, and do not touch what its owner writes with each push.
        for seat in (0..tuning::BAG_TRIES).flat_map(|_| Self::around(start, self.first())) {
            if let Looked::Stolen(found) = look(seat) {
                return Some(found);
            }
        }
        let mut before = None;
        loop {
            // [P3] SeqCst: what this thread has stored is seen by who does not see what is read here.
            fence(Ordering::SeqCst);
            let first = self.first();
            let (mut earlier, mut later, mut lost) = (0_usize, 0_usize, false);
            for seat in Self::around(start, first) {
                // [P2] Relaxed: before the fence of the look, which makes it an Acquire.
                let pushed = seat.pushed.load(Ordering::Relaxed);
                match look(seat) {
                    Looked::Stolen(found) => return Some(found),
                    Looked::Lost => lost = true,
                    Looked::Empty(top) => {
                        earlier = earlier.wrapping_add(top).wrapping_add(pushed);
                        // [P2] Relaxed: after the look, which is an Acquire.
                        let pushed = seat.pushed.load(Ordering::Relaxed);
                        later = later.wrapping_add(top).wrapping_add(pushed);
                    }
                }
            }
            let first = first.map(ptr::from_ref);
            if !lost && before == Some((first, later)) {
                return None;
            }
            before = (!lost).then_some((first, earlier));
        }
    }

    /// All seats once: from `start` to the last one, and from `first` on to `start`.
    fn around<'s>(
        start: Option<&'s Seat<T>>,
        first: Option<&'s Seat<T>>,
    ) -> impl Iterator<Item = &'s Seat<T>>
    where
        T: 's,
    {
        let start = start.or(first);
        let is_start = move |seat: &Seat<T>| start.is_some_and(|start| ptr::eq(start, seat));
        Self::from(start).chain(Self::from(first).take_while(move |seat| !is_start(seat)))
    }

    /// Takes some value.
    pub(super) fn pop_mut(&mut self) -> Option<T> {
        // SAFETY: `&mut`: there are no handles, so each seat is the caller's.
        self.iter().find_map(|seat| unsafe { seat.pop() })
    }

    /// The first one, and by `next` all others.
    pub(super) fn first_mut(&mut self) -> Option<&Seat<T>> {
        // SAFETY: seats live as long as the list [I1].
        unsafe { self.first.load_mut().as_ref() }
    }

    /// Frees all of them and drops what is in them, each value once, also when a destructor panics.
    pub(super) fn free(&mut self) {
        /// Goes on with the others when a destructor panics.
        struct Others<T>(*mut Seat<T>);
        impl<T> Others<T> {
            fn go(&mut self) {
                while !self.0.is_null() {
                    engine::heap::forget(self.0.cast());
                    // SAFETY: the box of `take`; the list is owned, and moves on here.
                    let seat = unsafe { Box::from_raw(self.0) };
                    self.0 = seat.next.cast_mut();
                    drop(seat);
                }
            }
        }
        impl<T> Drop for Others<T> {
            fn drop(&mut self) {
                self.go();
            }
        }
        let first = self.first.load_mut();
        self.first.store_mut(ptr::null_mut());
        Others(first).go();
    }
}

impl<T> Seat<T> {
    /// The one behind it.
    pub(super) fn next(&self) -> Option<&Seat<T>> {
        // SAFETY: seats live as long as their list, for which this one is borrowed.
        unsafe { self.next.as_ref() }
    }
}
