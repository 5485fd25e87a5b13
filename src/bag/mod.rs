//! `Bag`: an unordered pool of values, for many threads. Each has a place of its own and takes from the
//! others' places what it lacks. Where order matters take a queue or a stack; where one thread makes all
//! the work and the others only take it, a deque.
//!
//! **Algorithm**: after Sundell, Gidenstam, Papatriantafilou and Tsigas, "A Lock-Free Algorithm for
//! Concurrent Bags", SPAA 2011. Departures: the places are our deques (`src/deque/`), whose owner takes what
//! is newest and whose thieves take what is oldest; *empty* is proved by two passes over counters, not by
//! bits that pushes clear.
//!
//! # State
//! `first → seat → … → seat → null`: a seat has a deque. A handle has a seat to itself; `taken` says so.
//!
//! # Invariants
//! * `[I1]` Seats are added at the front, by the handle that finds none free, and freed with the bag.
//! * `[I2]` Who set `taken` is the owner of the seat's deque until it clears it.
//!
//! # When it was empty
//! A pop that finds nothing at once passes over all seats but its own, where it has found nothing and
//! nobody else pushes. Two passes, one after the other, show that all were empty *between* them, at a moment `M`, if
//! they have seen the same seats, each of them empty both times, with the same `top`, and `pushed` was the
//! same after the second look at each as before the first look:
//! * Say that a seat had a value at `M`. It was empty at the first look, so something was pushed between
//!   that and `M`; and empty at the second look, so the last value left between `M` and that. Who
//!   takes the last value moves `top`, which only grows, unless it is the owner, who lowers `bottom`
//!   first; but before that it has counted its push in `pushed`, which only grows. So one of the two
//!   would have been another number.
//! * A seat that was added before `M` is seen by the second pass.
//!
//! All counters only grow, so one sum stands for all of them. The moments of the proof are those of an
//! order that `[P2]` to `[P4]` allow: what is seen to have left some seat takes with it the sight of all
//! that was pushed before.
//!
//! Limit: the counters wrap around with the word, and the proof takes them for numbers that do not. A pop
//! could answer `None` of a bag that was never empty if others, between two of its looks, pushed and took
//! just so many values that the sum has gone around the whole word, or several times around it, and on to
//! the very same number. On 64 bits that takes centuries; on 32 the pop would have to be stopped for
//! seconds in which nothing else is done, and to go on at the one moment in four thousand million. Nothing
//! but that answer is at stake: it reads no value, and who pops again finds what is there.
//!
//! # Ordering
//! * `[P1]` *seat*: linked with Release, reached by Acquire. Its deque passes from one owner to the next by
//!   `taken`, cleared with Release and set with Acquire.
//! * `[P2]` *count*: `pushed` is stored after the push, with Release: a look that comes after the count was
//!   read, by its fence, sees the value or what became of it. It is stored before the owner's next
//!   pop, which lowers `bottom` with Release: who looks, with Acquire, and finds `bottom` lowered, then reads
//!   the count with that push.
//! * `[P3]` *two bags*: a SeqCst fence begins each pass. Who pushes to one bag and finds another one empty
//!   stores before its fence and loads after it; of two such threads on two bags one sees the other's
//!   value. (Where there is a seat to look at, the deque's fence would do.)
//! * `[P4]` The others are the deque's: a look at its ends sees as new a `bottom` as who moved `top` had
//!   seen, or stored.
//!
//! # Progress
//! All operations are lock-free: a pass is repeated when another thread has taken or pushed a value, or
//! come, since the one before. What a handle pushes and pops itself waits for nobody.
//!
//! # Rejected
//! Stealing half of what a victim has, as a scheduler would: what is on its way would be in no seat, and
//! others would find the bag empty that never was. Freeing seats that nobody has taken: each operation on
//! a foreign seat would have to be guarded.
//!
//! **Checked by**: `tests/scenarios/bag.rs`, `tests/bag.rs`, fuzz target `bag`.

mod handle;
mod iter;
mod seat;

pub use handle::BagHandle;
pub use iter::{Drain, IntoIter, IterMut};

use crate::{
    deque::Looked,
    facade::engine,
    reclaim::{Collector, Guard},
};
use core::{
    fmt,
    marker::PhantomData,
    panic::{RefUnwindSafe, UnwindSafe},
};
use seat::Seats;

/// An unordered lock-free pool of values, for many threads.
///
/// Each thread [registers](Bag::register) and pushes to a place of its own, without any locked instruction;
/// it pops its own newest value, and when it has none steals another's oldest. So threads that take
/// about as much as they bring hardly meet.
///
/// # Consistency
/// Linearizable. A pop takes some value; it answers `None` if the bag held nothing at some moment of the
/// call. `len` is exact when nobody else is at work.
///
/// # Progress
/// All operations are lock-free: a thread that is stopped anywhere makes nobody wait.
///
/// # Memory
/// A place is made for each handle that finds none free, and kept until the bag is dropped. It grows
/// with what one handle leaves in it and does not shrink.
///
/// # Examples
/// ```
/// use counterpoint::bag::Bag;
///
/// let bag = Bag::from_iter(0..100);
/// # #[cfg(feature = "std")]
/// std::thread::scope(|scope| {
///     for _ in 0..4 {
///         scope.spawn(|| {
///             let own = bag.register();
///             while let Some(number) = own.pop() {
///                 if number >= 2 {
///                     own.push(number / 2);
///                 }
///             }
///         });
///     }
/// });
/// # #[cfg(not(feature = "std"))]
/// # while bag.register().pop().is_some() {}
/// assert!(bag.is_empty());
/// ```
/// Values may borrow, and on one thread need not be `Send`; but then the bag stays there:
/// ```compile_fail,E0277
/// # use counterpoint::bag::Bag;
/// fn share<T: Sync>(_: &T) {}
/// share(&Bag::<std::rc::Rc<u8>>::new());
/// ```
/// What values borrow outlives the bag:
/// ```compile_fail,E0597
/// # use counterpoint::bag::Bag;
/// let bag = Bag::new();
/// {
///     let text = String::from("short");
///     bag.register().push(text.as_str());
/// }
/// bag.register().pop();
/// ```
pub struct Bag<T> {
    seats: Seats<T>,
    collector: Collector,
    _values: PhantomData<T>,
}

// SAFETY: values pass through by move only, each to one thread; no `&T` is given to two threads, so `Send`
// suffices.
unsafe impl<T: Send> Send for Bag<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for Bag<T> {}

impl<T> UnwindSafe for Bag<T> {}
impl<T> RefUnwindSafe for Bag<T> {}

impl<T> Bag<T> {
    /// An empty bag in the global domain. Allocates nothing.
    pub const fn new() -> Self {
        Self::new_in(Collector::global())
    }

    /// An empty bag, of which what was outgrown is reclaimed by `collector`. Allocates nothing.
    pub const fn new_in(collector: Collector) -> Self {
        Bag { seats: Seats::new(), collector, _values: PhantomData }
    }

    /// The domain in which what was outgrown is retired.
    pub fn collector(&self) -> &Collector {
        &self.collector
    }

    /// A handle: it takes over the place of one that was dropped, and what is in it, or makes one.
    /// Lock-free; looks at all places.
    pub fn register(&self) -> BagHandle<'_, T> {
        BagHandle::new(self, self.seats.take(&self.collector))
    }

    /// Whether the bag had no value at some moment of the call. Lock-free.
    ///
    /// `false` says no more than that this was not seen.
    pub fn is_empty(&self) -> bool {
        let look = |seat: &seat::Seat<T>| match seat.look() {
            Some(top) => Looked::Empty(top),
            None => Looked::Stolen(()),
        };
        self.seats.scan(None, look).is_none()
    }

    /// How many values there are; exact when no other operation is in progress. Otherwise a sum of what
    /// was in each place at some moment of the call. Wait-free, but for places that are added meanwhile.
    pub fn len(&self) -> usize {
        self.seats.iter().map(seat::Seat::len).sum()
    }

    /// Takes all values. What the iterator does not yield it drops.
    pub fn drain(&mut self) -> Drain<'_, T> {
        Drain::new(self)
    }

    /// The values, to be changed.
    pub fn iter_mut(&mut self) -> IterMut<'_, T> {
        IterMut::new(self)
    }

    /// Steals from a seat other than `own`, the last lucky one first; `None` if the bag was empty,
    /// provided that `own` is.
    fn steal<'b>(
        &'b self,
        own: &seat::Seat<T>,
        lucky: Option<&'b seat::Seat<T>>,
        guard: &Guard<'_>,
    ) -> Option<(T, &'b seat::Seat<T>)> {
        self.seats.scan(lucky, |seat| {
            if core::ptr::eq(seat, own) {
                return Looked::Empty(0);
            }
            match seat.steal(guard) {
                Looked::Stolen(value) => Looked::Stolen((value, seat)),
                Looked::Lost => Looked::Lost,
                Looked::Empty(top) => Looked::Empty(top),
            }
        })
    }
}

impl<T> Default for Bag<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Extend<T> for Bag<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, values: I) {
        self.register().push_many(values);
    }
}

impl<T> FromIterator<T> for Bag<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let mut bag = Bag::new();
        bag.extend(values);
        bag
    }
}

impl<T, const N: usize> From<[T; N]> for Bag<T> {
    fn from(values: [T; N]) -> Self {
        values.into_iter().collect()
    }
}

impl<T> fmt::Debug for Bag<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bag")
            .field("len", &self.len())
            .field("collector", &self.collector)
            .finish_non_exhaustive()
    }
}

impl<T> Drop for Bag<T> {
    fn drop(&mut self) {
        if !engine::abandoned() {
            self.seats.free();
        }
    }
}
