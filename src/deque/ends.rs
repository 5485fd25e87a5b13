//! The two ends of a deque: who may take the value at which index. No value is touched here.
//!
//! **Algorithm**: Chase and Lev, "Dynamic Circular Work-Stealing Deque", SPAA 2005, with the orderings
//! of Lê, Pop, Cohen and Zappa Nardelli, "Correct and Efficient Work-Stealing for Weak Memory Models",
//! PPoPP 2013, figure 1. Departures: the owner claims the only value by an exchange alone and lowers
//! `bottom` for one of several only, so that each pop costs one locked instruction; exchanges are
//! Release, not SeqCst, since the fences order what must be ordered; `bottom` is lowered with Release,
//! since C++20 has no release sequence of plain stores any more; the owner may also claim at `top`.
//!
//! # State
//! `top` is the index of the oldest value, `bottom` that of the next push; the values are those from
//! `top` up to `bottom`. Indices wrap around with the word, and begin just below.
//!
//! # Invariants
//! * `[I1]` The *owner* alone writes `bottom`: its methods are called by one thread at a time.
//! * `[I2]` `top` only grows, by one exchange for each index. Hence an index that it has passed was
//!   claimed by who moved it, and by nobody else.
//! * `[I3]` An index that the owner takes without an exchange is claimed by no thief [P3], until the
//!   owner pushes at that index again.
//! * `[I4]` `top` never passes `bottom`, except while the owner has `bottom` lowered by one; then both
//!   are apart by one at most.
//!
//! # Ordering
//! * `[P1]` *value*: `bottom` is moved with Release; a thief that reads it with Acquire sees what was
//!   pushed below.
//! * `[P3]` *the last one*: the owner lowers `bottom` to `i`, then loads `top`; a thief loads `top`, then
//!   `bottom`.
//!
//!   | owner, pops `i` | thief, steals `i` |
//!   |---|---|
//!   | `bottom = i` | `top`: sees `i` |
//!   | fence | fence |
//!   | `top`: sees less than `i` | `bottom`: sees more than `i` |
//!
//!   That is impossible (`facade/store_load.rs`, [S1]): what the owner read is older than what the
//!   thief did, so the thief sees `bottom = i`, or what the owner stored later: a new value at `i`.
//!   The thief's fence does one more thing: a thread that has pushed to a deque of its own and then finds
//!   another one empty is seen by that one's owner if it does the same.
//!
//! * `[P6]` *never empty*: `top` is moved with Release; the fence after a thief's load of `top` is the
//!   Acquire. So the thief sees a `bottom` as new as the one that who moved `top` had seen, or stored:
//!   without that, a value that was pushed before an older one was taken could be missed, and a deque
//!   that never was empty be seen empty.
//!
//! # Who wins
//! An owner that lowers `bottom` onto `top` may have lost the value to a thief, which it learns by its
//! exchange. Whoever gets it has begun before `bottom` was lowered, so *empty*, which another thief
//! may answer meanwhile, comes after.
//!
//! # Limit
//! A thief that is stopped between its load of `top` and its exchange, while others move `top` around
//! the whole word and on to the very same number, takes it for unmoved: centuries of one steal each
//! nanosecond on 64 bits, but seconds on 32.

use crate::{
    base::CachePadded,
    facade::{
        atomic::{AtomicUsize, Ordering, fence},
        store_load::store_then_load,
    },
};

/// Where indices begin: two before the wrap-around.
pub(super) const FIRST: usize = usize::MAX - 1;

/// The two ends.
pub(super) struct Ends {
    top: CachePadded<AtomicUsize>,
    bottom: CachePadded<AtomicUsize>,
}

/// How an index was taken.
pub(super) enum Taken {
    /// From above: the next push is at the same index.
    Above(usize),
    /// `top` has passed it.
    Below(usize),
}

/// What a thief saw.
pub(super) struct Seen {
    /// The index of the oldest value, if there is any.
    pub(super) oldest: usize,
    /// How many values there were.
    pub(super) len: usize,
}

/// How many values are from `top` up to `bottom`; none if it is lower.
#[inline(always)]
fn distance(top: usize, bottom: usize) -> usize {
    // Reinterpreted: the difference is signed.
    let distance = bottom.wrapping_sub(top) as isize;
    distance.max(0) as usize
}

impl Ends {
    pub(super) fn new() -> Self {
        Ends {
            top: CachePadded::new(AtomicUsize::new(FIRST)),
            bottom: CachePadded::new(AtomicUsize::new(FIRST)),
        }
    }

    /// How many values there are. The owner's answer is not too small.
    #[inline]
    pub(super) fn len(&self) -> usize {
        // Relaxed, here and below: a number, by which nothing is taken.
        let top = self.top.load(Ordering::Relaxed);
        distance(top, self.bottom.load(Ordering::Relaxed))
    }

    /// The index of the oldest value, and how many there are, when nobody else is there.
    pub(super) fn of_the_last(&mut self) -> (usize, usize) {
        let top = self.top.load_mut();
        (top, distance(top, self.bottom.load_mut()))
    }
}

/// The owner's methods [I1].
impl Ends {
    /// The index of the next push.
    #[inline(always)]
    pub(super) fn next(&self) -> usize {
        // Relaxed: its own.
        self.bottom.load(Ordering::Relaxed)
    }

    /// An index at or below the oldest value's.
    #[inline(always)]
    pub(super) fn top(&self) -> usize {
        // Relaxed: an older one will do, but none from before what the caller knows to be taken.
        self.top.load(Ordering::Relaxed)
    }

    /// An index at or below the oldest value's, and how many values there are from that on.
    #[inline]
    pub(super) fn values(&self) -> (usize, usize) {
        let top = self.top();
        (top, distance(top, self.next()))
    }

    /// Hands over the values below `bottom`.
    #[inline(always)]
    pub(super) fn publish(&self, bottom: usize) {
        // [P1] Release: the values.
        self.bottom.store(bottom, Ordering::Release);
    }

    /// Takes the newest value's index.
    #[inline(always)]
    pub(super) fn take_newest(&self) -> Option<Taken> {
        let (top, bottom) = (self.top(), self.next());
        match distance(top, bottom) {
            0 => None, // `top` only grows.
            1 => self.claim(top).then_some(Taken::Below(top)),
            _ => self.take_above(bottom),
        }
    }

    /// Takes the newest value's index, of several when that was last seen.
    #[inline(always)]
    fn take_above(&self, bottom: usize) -> Option<Taken> {
        let newest = bottom.wrapping_sub(1);
        // [P3] Lowered before `top` is loaded, with Release [P1]: a thief may see the values below by it.
        let top = store_then_load(&self.bottom, newest, &self.top);
        let left = newest.wrapping_sub(top) as isize;
        if left > 0 {
            return Some(Taken::Above(newest));
        }
        self.take_contended(top, bottom)
    }

    /// Thieves have taken the other ones meanwhile, or all.
    #[cold]
    fn take_contended(&self, top: usize, bottom: usize) -> Option<Taken> {
        let is_claimed = top != bottom && self.claim(top);
        // Relaxed: `top` is there too, whoever has moved it. So nothing is claimed by this.
        self.bottom.store(bottom, Ordering::Relaxed);
        is_claimed.then_some(Taken::Below(top))
    }

    /// Takes the oldest value's index.
    #[inline]
    pub(super) fn take_oldest(&self) -> Option<usize> {
        loop {
            let top = self.top();
            if distance(top, self.next()) == 0 {
                return None;
            }
            if self.claim(top) {
                return Some(top);
            }
        }
    }
}

/// A thief's methods.
impl Ends {
    /// What there is, if anything.
    #[inline(always)]
    pub(super) fn find(&self) -> Option<Seen> {
        Some(self.look()).filter(|seen| seen.len > 0)
    }

    /// What there is.
    #[inline(always)]
    pub(super) fn look(&self) -> Seen {
        // [P3] Relaxed: before the fence, which makes it an Acquire [P6].
        let oldest = self.top.load(Ordering::Relaxed);
        // [P3] SeqCst: an owner that has not seen this `top` has its `bottom` seen here.
        fence(Ordering::SeqCst);
        // [P1] Acquire: the values.
        let len = distance(oldest, self.bottom.load(Ordering::Acquire));
        Seen { oldest, len }
    }

    /// Claims an index, which is that of the oldest value as far as the caller knows.
    #[inline(always)]
    #[must_use]
    pub(super) fn claim(&self, oldest: usize) -> bool {
        let next = oldest.wrapping_add(1);
        // [P6] Release: the `bottom` that was seen. Relaxed on failure: nothing is done then.
        self.top.compare_exchange(oldest, next, Ordering::Release, Ordering::Relaxed).is_ok()
    }
}
