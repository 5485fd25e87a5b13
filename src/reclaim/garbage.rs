//! What is retired and not yet freed: one entry, a participant's bag of them, a batch on its way to
//! being freed, and the collector's ledger of all.
//!
//! # Invariants
//! * `[I1]` Each entry runs exactly once: a bag and a batch own theirs, and dropping runs them.
//! * `[I2]` A destructor that panics harms nobody: it is caught and counted (without std, where
//!   nothing can be caught, the program aborts).

use super::{
    metrics::{Account, Metrics},
    panics, runner,
};
use crate::facade::{engine::Site, tuning::BAG};
use alloc::boxed::Box;
use core::{
    mem::{self, MaybeUninit},
    ptr::NonNull,
};

/// One destructor that waits.
pub(super) struct Retired {
    data: *mut (),
    run: unsafe fn(*mut (), Site),
    site: Site,
}

impl Retired {
    /// Drops and frees the node `data`.
    ///
    /// # Safety
    /// When the entry runs, nobody uses the node any more, and `T` may be dropped there.
    #[inline(always)]
    pub(super) unsafe fn node<T>(data: *mut T, site: Site) -> Self {
        unsafe fn run<T>(data: *mut (), site: Site) {
            // SAFETY: by the duties of `node`, and each entry runs once [I1].
            unsafe { super::heap::release(data.cast::<T>(), site) }
        }
        Retired { data: data.cast(), run: run::<T>, site }
    }

    /// Calls `f`.
    ///
    /// # Safety
    /// When and where the entry runs, `f` may be called.
    pub(super) unsafe fn call<F: FnOnce()>(f: F, site: Site) -> Self {
        unsafe fn run<F: FnOnce()>(data: *mut (), _: Site) {
            // SAFETY: the box of `call`, taken back once [I1].
            let f = unsafe { Box::from_raw(data.cast::<F>()) };
            f();
        }
        Retired { data: Box::into_raw(Box::new(f)).cast(), run: run::<F>, site }
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
        unsafe { (self.run)(self.data, self.site) }
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

    /// Adds an entry to a bag that is not full.
    #[inline(always)]
    pub(super) fn push(&mut self, retired: Retired, bytes: usize) {
        self.entries[self.len].write(retired);
        self.len += 1;
        self.bytes = self.bytes.wrapping_add(bytes);
    }

    /// The entries as a batch, which is counted as handed over; the bag is empty afterwards. The ledger
    /// outlives the batch.
    pub(super) fn seal(&mut self, ledger: NonNull<Ledger>) -> Box<Batch> {
        // SAFETY: the ledger outlives the batch, and so it is there.
        unsafe { ledger.as_ref() }.account.hand_over(self.len, self.bytes);
        Box::new(Batch { bag: mem::replace(self, Bag::new()), ledger, next: None })
    }
}

/// A sealed bag. Dropping it runs its entries.
pub(super) struct Batch {
    bag: Bag,
    /// Outlives the batch: a backend runs or drops its batches before its collector's state goes.
    ledger: NonNull<Ledger>,
    /// The next batch of a list, of a backend or of the runner.
    pub(super) next: Option<Box<Batch>>,
}

impl Batch {
    pub(super) fn ledger(&self) -> NonNull<Ledger> {
        self.ledger
    }
}

// SAFETY: whoever retired answered for running the entries on any thread that the domain admits.
unsafe impl Send for Batch {}

impl Drop for Batch {
    fn drop(&mut self) {
        let (bag, mut next) = (&mut self.bag, 0);
        let len = mem::take(&mut bag.len);
        // SAFETY: the ledger outlives the batch.
        let ledger = unsafe { self.ledger.as_ref() };
        while next < len {
            panics::guarded(ledger, || {
                while next < len {
                    next += 1;
                    // SAFETY: entries below `len` were written, and each is taken once [I1].
                    unsafe { bag.entries[next - 1].assume_init_read() }.run();
                }
            });
        }
        ledger.account.free(len, bag.bytes);
    }
}

/// What a collector knows of its garbage.
pub(super) struct Ledger {
    pub(super) account: Account,
    pub(super) panics: panics::Panics,
    /// Where batches wait that come in the midst of another one.
    #[cfg_attr(feature = "std", allow(dead_code))]
    pub(super) seat: runner::Seat,
}

impl Ledger {
    pub(super) const fn new(cap: usize, keep_first: bool) -> Self {
        Ledger {
            account: Account::new(cap),
            panics: panics::Panics::new(keep_first),
            seat: runner::Seat::new(),
        }
    }
    pub(super) fn metrics(&self) -> Metrics {
        Metrics { panics: self.panics.count(), ..self.account.metrics() }
    }
}
