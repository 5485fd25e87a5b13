//! How many buckets there are, by wish.

use super::{
    SplitOrderedMap,
    buckets::{Buckets, bits_for},
    drain::Chain,
    node::{END, ITEM, MARK, is_marked, leads_to_item, plain},
};
use crate::{
    facade::{atomic::Ordering, tuning::BUCKETS_PER_ELEMENT},
    reclaim::{Shared, unprotected},
};
use alloc::alloc::handle_alloc_error;
use core::{alloc::Layout, error::Error, fmt, mem};

impl<K, V, S, D> SplitOrderedMap<K, V, S, D> {
    /// How many entries the map holds before it grows. There may be more of them: it does not grow as long as
    /// searches are short.
    pub fn capacity(&self) -> usize {
        self.bits().map_or(1, |bits| (1 << bits) / BUCKETS_PER_ELEMENT)
    }

    fn bits(&self) -> Option<u32> {
        self.table.buckets.current().map(|directory| directory.bits())
    }

    /// Makes the buckets that `additional` entries more need. They are linked by those who use them
    /// first. Lock-free.
    ///
    /// # Panics
    /// When the buckets would not fit the address space. Where there is no memory for them the program
    /// ends as with std's collections; see [`try_reserve`](Self::try_reserve).
    pub fn reserve(&self, additional: usize) {
        match self.grow_by(additional) {
            Ok(()) => {}
            Err(TryReserveError { layout: None }) => panic!("capacity overflow"),
            Err(TryReserveError { layout: Some(layout) }) => handle_alloc_error(layout),
        }
    }

    /// As [`reserve`](Self::reserve).
    ///
    /// # Errors
    /// When the buckets would not fit the address space, or there is no memory for them. The map is as it
    /// was.
    pub fn try_reserve(&self, additional: usize) -> Result<(), TryReserveError> {
        self.grow_by(additional)
    }

    fn grow_by(&self, additional: usize) -> Result<(), TryReserveError> {
        let bits = self.len().checked_add(additional).and_then(bits_for);
        let bits = bits.ok_or(TryReserveError { layout: None })?;
        let reserved = self.table.buckets.reserve(bits);
        reserved.map_err(|layout| TryReserveError { layout: Some(layout) })
    }

    /// Gives back the buckets that the entries do not need.
    pub fn shrink_to_fit(&mut self) {
        self.shrink_to(0);
    }

    /// Gives back the buckets that neither the entries nor a capacity of `min_capacity` need.
    ///
    /// Entries stay where they are: what it takes is a walk over all of them. Where there is no memory for
    /// the fewer buckets, the program ends as with std's collections.
    pub fn shrink_to(&mut self, min_capacity: usize) {
        let wanted = bits_for(self.len().max(min_capacity));
        if wanted.is_some_and(|bits| bits < self.bits().unwrap_or(0)) {
            self.set_buckets(Buckets::with_capacity(self.len().max(min_capacity)));
        }
    }

    /// Gives the list other buckets, which are untouched.
    fn set_buckets(&mut self, buckets: Buckets<K, V>) {
        // SAFETY: `&mut self` keeps every other thread away.
        let guard = unsafe { unprotected() };
        let mut dead = Shared::null();
        let mut place = &self.table.head;
        // Relaxed, here and below: nobody else is there.
        let mut next = place.load(Ordering::Relaxed, guard);
        // SAFETY: what is in the list lives, and is freed below at the earliest.
        while let Some(link) = unsafe { next.as_ref() } {
            // Relaxed: as above.
            let (current, after) = (next, link.next.load(Ordering::Relaxed, guard));
            next = plain(after);
            if !leads_to_item(current) {
                continue; // A dummy: it leaves with its directory.
            }
            if is_marked(after) {
                // Deleted, and nobody has unlinked it. Relaxed: as above.
                link.next.store(dead.with_tag(ITEM | MARK), Ordering::Relaxed);
                dead = current;
                continue;
            }
            // Relaxed: as above.
            place.store(current, Ordering::Relaxed);
            place = &link.next;
        }
        // Relaxed: as above.
        place.store(Shared::null().with_tag(END), Ordering::Relaxed);
        let old = mem::replace(&mut self.table.buckets, buckets);
        // Last, since destructors may panic.
        drop(Chain::of_deleted(dead, old));
    }
}

/// Why [`try_reserve`](SplitOrderedMap::try_reserve) could not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TryReserveError {
    /// What there is no memory for; none if it would not fit the address space.
    layout: Option<Layout>,
}

impl fmt::Display for TryReserveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.layout {
            None => f.write_str("the buckets for that capacity do not fit the address space"),
            Some(layout) => write!(f, "there are no {} bytes for more buckets", layout.size()),
        }
    }
}

impl Error for TryReserveError {}
