//! What is retired and not yet freed: one entry, a participant's bag of them, a batch on its way to
//! being freed, and the collector's ledger of all.
//!
//! # Invariants
//! * `[I1]` Each entry runs exactly once, or gives its memory away instead (`recycling.rs`): a bag and a batch
//!   own theirs, and dropping runs them.
//! * `[I2]` A destructor that panics harms nobody: it is caught and counted (without std, where
//!   nothing can be caught, the program aborts).

use super::{
    metrics::{Account, Metrics},
    panics,
    recycling::{Kind, Recyclable},
    runner,
    shelf::Shelf,
};
use crate::{
    base::CachePadded,
    facade::{
        engine::{self, Site},
        tuning::{BAG, RECYCLES},
    },
};
use alloc::boxed::Box;
use core::{
    mem::{self, MaybeUninit},
    ptr::NonNull,
};

/// So many nodes of a batch are worth a place on the shelf.
const WORTH_KEEPING: usize = BAG / 4;

/// One destructor that waits.
pub(super) struct Retired {
    data: *mut (),
    end: &'static End,
    site: Site,
}

/// How an entry ends.
struct End {
    run: unsafe fn(*mut (), Site),
    /// What its memory is good for, if it does not run.
    kind: Option<Kind>,
}

impl Retired {
    /// Drops and frees the node `data`.
    ///
    /// # Safety
    /// When the entry runs, nobody uses the node any more, and `T` may be dropped there.
    #[inline(always)]
    pub(super) unsafe fn node<T>(data: *mut T, site: Site) -> Self {
        let end = const { &End { run: Self::release::<T>, kind: None } };
        Retired { data: data.cast(), end, site }
    }

    /// Drops and frees the node `data`, or keeps its memory.
    ///
    /// # Safety
    /// As for `node`.
    #[inline(always)]
    pub(super) unsafe fn recyclable<N: Recyclable>(data: *mut N, site: Site) -> Self {
        let end = const { &End { run: Self::release::<N>, kind: N::KIND } };
        Retired { data: data.cast(), end, site }
    }

    /// # Safety
    /// As for `node`, now.
    unsafe fn release<T>(data: *mut (), site: Site) {
        // SAFETY: by the duties of `node`, and each entry runs once [I1].
        unsafe { super::heap::release(data.cast::<T>(), site) }
    }

    /// Calls `f`.
    ///
    /// # Safety
    /// When and where the entry runs, `f` may be called.
    pub(super) unsafe fn call<F: FnOnce()>(f: F, site: Site) -> Self {
        let end = const { &End { run: Self::run_closure::<F>, kind: None } };
        Retired { data: Box::into_raw(Box::new(f)).cast(), end, site }
    }

    /// # Safety
    /// As for `call`, now.
    unsafe fn run_closure<F: FnOnce()>(data: *mut (), _: Site) {
        // SAFETY: the box of `call`, taken back once [I1].
        let f = unsafe { Box::from_raw(data.cast::<F>()) };
        f();
    }

    /// The node, which is not destroyed then.
    #[inline(always)]
    pub(super) fn into_data(self) -> *mut () {
        self.data
    }

    /// Runs the destructor now.
    #[inline(always)]
    pub(super) fn run(self) {
        // SAFETY: `run` was made for `data`; the maker answers for the time and place.
        unsafe { (self.end.run)(self.data, self.site) }
    }
}

/// The entries that one participant has collected.
pub(super) struct Bag {
    entries: [MaybeUninit<Retired>; BAG],
    len: usize,
    /// Of the entries, as their makers say.
    bytes: usize,
}

impl Bag {
    pub(super) const fn new() -> Self {
        Bag { entries: [const { MaybeUninit::uninit() }; BAG], len: 0, bytes: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The kind of the first entry that has one.
    fn kind(&self) -> Option<Kind> {
        self.entries[..self.len].iter().find_map(|entry| {
            // SAFETY: entries below `len` were written.
            unsafe { entry.assume_init_ref() }.end.kind
        })
    }

    /// Adds an entry to a bag that is not full.
    #[inline(always)]
    pub(super) fn push(&mut self, retired: Retired, bytes: usize) {
        self.entries[self.len].write(retired);
        self.len += 1;
        self.bytes = self.bytes.wrapping_add(bytes);
    }

    /// The entries as a batch, which is counted as handed over; the bag is empty afterwards. The ledger
    /// outlives the batch. There may be a box for it.
    pub(super) fn seal(
        &mut self,
        ledger: NonNull<Ledger>,
        used_up: Option<Box<Batch>>,
    ) -> Box<Batch> {
        // SAFETY: the ledger outlives the batch, and so it is there.
        unsafe { ledger.as_ref() }.account.hand_over(self.len, self.bytes);
        let batch = Batch { bag: mem::replace(self, Bag::new()), ledger, next: None, kept: None };
        match used_up {
            Some(mut place) => {
                *place = batch;
                place
            }
            None => Box::new(batch),
        }
    }
}

/// A sealed bag. Dropping it runs its entries.
pub(super) struct Batch {
    bag: Bag,
    /// Outlives the batch until that has ended: a backend ends its batches before its collector's state goes.
    /// After that, when it is kept, nobody goes there by this pointer.
    ledger: NonNull<Ledger>,
    /// The next batch of a list, of a backend or of the runner.
    pub(super) next: Option<Box<Batch>>,
    /// What the entries are kept for; then they have been counted as freed.
    kept: Option<Kind>,
}

impl Batch {
    pub(super) fn ledger(&self) -> NonNull<Ledger> {
        self.ledger
    }

    /// Runs the entries, but keeps the memory of those of one kind, if the domain does that. The grace period
    /// is over.
    pub(super) fn end(mut self: Box<Self>) {
        // SAFETY: the ledger outlives the batch.
        let ledger = unsafe { self.ledger.as_ref() };
        let Some(kind) = self.bag.kind().filter(|_| ledger.recycles()) else { return };
        self.run_all_but(Some(kind));
        self.kept = Some(kind);
        if self.bag.len >= WORTH_KEEPING {
            self.put_back(ledger);
        }
    }

    /// The memory of an entry that is kept as that kind.
    #[inline(always)]
    pub(super) fn take(&mut self, kind: Kind) -> Option<*mut ()> {
        if self.kept != Some(kind) {
            return None;
        }
        self.bag.len = self.bag.len.checked_sub(1)?;
        // SAFETY: those below `len` were written, and each is taken once [I1].
        Some(unsafe { self.bag.entries[self.bag.len].assume_init_read() }.into_data())
    }

    /// Whether all that was kept has been taken.
    pub(super) fn is_used_up(&self) -> bool {
        self.bag.len == 0
    }

    /// Gives a batch that is kept back to who may need it.
    pub(super) fn put_back(self: Box<Self>, ledger: &Ledger) {
        if let Some(kind) = self.kept.filter(|_| self.bag.len > 0) {
            drop(ledger.shelf.put(kind.number(), self)); // What has no place there.
        }
    }

    /// Runs the entries, but for those of one kind, and counts them all as freed.
    fn run_all_but(&mut self, spared: Option<Kind>) {
        let (bag, mut next, mut left) = (&mut self.bag, 0, 0);
        let len = mem::take(&mut bag.len);
        // SAFETY: the ledger outlives the batch.
        let ledger = unsafe { self.ledger.as_ref() };
        while next < len {
            panics::guarded(ledger, || {
                while next < len {
                    next += 1;
                    // SAFETY: entries below `len` were written, and each is taken once [I1].
                    let entry = unsafe { bag.entries[next - 1].assume_init_read() };
                    if spared.is_some() && entry.end.kind == spared {
                        bag.entries[left].write(entry);
                        left += 1;
                    } else {
                        entry.run();
                    }
                }
            });
        }
        bag.len = left;
        ledger.account.free(len, mem::take(&mut bag.bytes));
    }
}

// SAFETY: whoever retired answered for running the entries on any thread that the domain admits.
unsafe impl Send for Batch {}

impl Drop for Batch {
    fn drop(&mut self) {
        if self.kept.is_none() {
            return self.run_all_but(None);
        }
        // The ledger may be gone. No code of users runs here, so nothing panics.
        for entry in &mut self.bag.entries[..mem::take(&mut self.bag.len)] {
            // SAFETY: entries below `len` were written, and each is taken once [I1].
            unsafe { entry.assume_init_read() }.run();
        }
    }
}

/// What a collector knows of its garbage.
pub(super) struct Ledger {
    pub(super) account: Account,
    pub(super) panics: panics::Panics,
    /// Where batches wait that come in the midst of another one.
    #[cfg_attr(feature = "std", allow(dead_code))]
    pub(super) seat: runner::Seat,
    /// Batches whose memory is used again.
    shelf: CachePadded<Shelf<Batch>>,
}

impl Ledger {
    pub(super) const fn new(cap: usize, keep_first: bool) -> Self {
        Ledger {
            account: Account::new(cap),
            panics: panics::Panics::new(keep_first),
            seat: runner::Seat::new(),
            shelf: CachePadded::new(Shelf::new()),
        }
    }

    /// Whether memory is used again here and now.
    #[inline(always)]
    pub(super) fn recycles(&self) -> bool {
        self.account.lets_keep_nodes() && !engine::active() && RECYCLES
    }

    /// A batch of that kind that was kept.
    #[inline]
    pub(super) fn take_kept(&self, kind: Kind) -> Option<Box<Batch>> {
        let batch = self.shelf.take(kind.number())?;
        if batch.kept == Some(kind) {
            return Some(batch);
        }
        batch.put_back(self);
        None
    }

    pub(super) fn metrics(&self) -> Metrics {
        Metrics { panics: self.panics.count(), ..self.account.metrics() }
    }
}
