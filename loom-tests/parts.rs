//! Models of single files of the crate that the structures' models do not reach: what engines are
//! not shown there, and what a build with std does not compile. Each file is compiled here as it
//! stands, over words that an engine drives and stand-ins of its neighbours.

extern crate alloc;

#[path = "../src/facade/first_use.rs"]
mod first_use;
#[path = "../src/facade/ref_count.rs"]
mod ref_count;
#[path = "../src/reclaim/runner_bare.rs"]
mod runner;
#[path = "../src/reclaim/shelf.rs"]
mod shelf;

use counterpoint::verify::{
    model::{Model, thread},
    shim::{self, UnsafeCell},
};
use first_use::OnFirstUse;
use garbage::{Batch, Ledger};
use ref_count::RefCount;
use shelf::Shelf;
use std::{ptr::NonNull, sync::Arc};

/// What `ref_count`, `first_use` and `shelf` take from the facade.
mod backing {
    use super::shim;
    use std::sync::atomic::Ordering;

    pub(crate) use super::shim::AtomicUsize;

    /// A static's pointer: null in each execution.
    pub(crate) struct AtomicPtr<T>(shim::AtomicPtr<T>);

    impl<T> AtomicPtr<T> {
        pub(crate) const fn new(null: *mut T) -> Self {
            assert!(null.is_null());
            AtomicPtr(shim::AtomicPtr::root())
        }

        pub(crate) fn load(&self, order: Ordering) -> *mut T {
            self.0.load(order)
        }

        pub(crate) fn compare_exchange(
            &self,
            current: *mut T,
            new: *mut T,
            success: Ordering,
            failure: Ordering,
        ) -> Result<*mut T, *mut T> {
            self.0.compare_exchange(current, new, success, failure)
        }

        pub(crate) fn swap(&self, new: *mut T, order: Ordering) -> *mut T {
            self.0.swap(new, order)
        }
    }
}

/// What `runner` and `shelf` take from the facade.
mod facade {
    pub(crate) mod atomic {
        pub(crate) use counterpoint::verify::shim::{AtomicPtr, AtomicUsize, Ordering};
    }

    pub(crate) mod untracked {
        pub(crate) mod words {
            pub(crate) use super::super::super::backing::AtomicPtr;
            pub(crate) use std::sync::atomic::Ordering;
        }
    }
}

/// What `runner` takes from `garbage`: batches, each with a word of its own and one of all.
mod garbage {
    use super::{Cell, runner::Seat};
    use std::ptr::NonNull;

    /// Counts the batches that ran.
    pub(crate) struct Ledger {
        pub(crate) seat: Seat,
        pub(crate) ran: Cell,
    }

    /// Dropping it runs it.
    pub(crate) struct Batch {
        pub(crate) retired: Cell,
        pub(crate) ledger: NonNull<Ledger>,
        pub(crate) next: Option<Box<Batch>>,
    }

    impl Batch {
        pub(crate) fn ledger(&self) -> NonNull<Ledger> {
            self.ledger
        }

        #[allow(clippy::boxed_local, reason = "as the one that it stands in for")]
        pub(crate) fn end(self: Box<Self>) {}
    }

    impl Drop for Batch {
        fn drop(&mut self) {
            // SAFETY: the models keep the ledger until all threads have ended.
            let ledger = unsafe { self.ledger.as_ref() };
            ledger.ran.add(self.retired.get());
        }
    }
}

/// A number that is changed without an atomic: an engine reports who is not ordered.
struct Cell(UnsafeCell<usize>);

// SAFETY: the engine reports any race on the cell.
unsafe impl Send for Cell {}
// SAFETY: as above.
unsafe impl Sync for Cell {}

impl Cell {
    fn new(value: usize) -> Self {
        Cell(UnsafeCell::new(value))
    }

    fn get(&self) -> usize {
        // SAFETY: the engine reports a write that is not ordered.
        self.0.with(|value| unsafe { *value })
    }

    fn add(&self, value: usize) {
        // SAFETY: as above.
        self.0.with_mut(|sum| unsafe { *sum += value });
    }
}

/// `ref_count.rs` [P1].
#[test]
fn the_last_owner_comes_after_all_that_the_others_did() {
    Model::new("owners").expect(&[(false, true), (true, false)]).check(|| {
        let shared = Arc::new((RefCount::one(), Cell::new(1), Cell::new(2)));
        let release = |count: &RefCount, [mine, theirs]: [&Cell; 2]| {
            mine.add(10);
            let is_last = count.release();
            if is_last {
                assert_eq!(mine.get() + theirs.get(), 23, "the other one had not ended");
                theirs.add(100); // frees it
            }
            is_last
        };
        shared.0.acquire();
        let other = shared.clone();
        let other = thread::spawn(move || release(&other.0, [&other.1, &other.2]));
        let mine = release(&shared.0, [&shared.2, &shared.1]);
        (mine, other.join().unwrap())
    });
}

/// `first_use.rs` [P1].
#[test]
fn who_loses_the_race_to_make_a_static_sees_the_winners_value() {
    static STATIC: OnFirstUse<Cell> = OnFirstUse::new();
    Model::new("made on first use").expect(&[(1, 1), (2, 2)]).check(|| {
        let other = thread::spawn(|| STATIC.get_or_make(|| Cell::new(1)).get());
        let mine = STATIC.get_or_make(|| Cell::new(2)).get();
        (mine, other.join().unwrap())
    });
}

/// `first_use.rs` [P1].
#[test]
fn who_finds_a_static_made_sees_its_value() {
    static STATIC: OnFirstUse<Cell> = OnFirstUse::new();
    Model::new("found on first use").expect(&[None, Some(1)]).check(|| {
        let maker = thread::spawn(|| STATIC.get_or_make(|| Cell::new(1)).get());
        let found = STATIC.get().map(Cell::get);
        assert_eq!(maker.join().unwrap(), 1);
        found
    });
}

fn ledger() -> Arc<Ledger> {
    Arc::new(Ledger { seat: runner::Seat::new(), ran: Cell::new(0) })
}

/// Runs a batch that adds `value` to its ledger's sum.
fn run(ledger: &Arc<Ledger>, value: usize) {
    let ledger = NonNull::from(&**ledger);
    runner::run(Box::new(Batch { retired: Cell::new(value), ledger, next: None }));
}

/// `runner_bare.rs` [I1], [P1] and [P2]: who runs a batch sees what it holds and what the one before
/// has done, whoever retired it and wherever it runs.
#[test]
fn batches_of_two_threads_run_one_after_the_other_and_once() {
    Model::new("batches, run").expect(&[11]).check(|| {
        let ledger = ledger();
        let other = ledger.clone();
        let other = thread::spawn(move || run(&other, 10));
        run(&ledger, 1);
        other.join().unwrap();
        runner::settle(NonNull::from(&*ledger), || {});
        ledger.ran.get()
    });
}

/// `runner_bare.rs`: a batch whose runner has left waits, and is not lost.
#[test]
fn a_batch_that_nobody_runs_is_settled() {
    Model::new("batches, settled").expect(&[1, 10, 11]).check(|| {
        let ledger = ledger();
        let other = ledger.clone();
        let other = thread::spawn(move || run(&other, 10));
        run(&ledger, 1);
        other.join().unwrap();
        let before = ledger.ran.get();
        runner::settle(NonNull::from(&*ledger), || run(&ledger, 100));
        assert_eq!(ledger.ran.get(), 111);
        before
    });
}

/// `shelf.rs` [I1], [P1]: a box is taken once, with what its last owner wrote, or found by nobody.
#[test]
fn a_box_is_taken_from_a_shelf_once_and_whole() {
    Model::new("shelf, taken").expect(&[(None, None), (None, Some(1)), (Some(1), None)]).check(
        || {
            let shelf = Arc::new(Shelf::new());
            let take = |shelf: &Shelf<Cell>| {
                shelf.take(3).map(|taken| {
                    taken.add(1); // whoever has it has it alone
                    taken.get() - 1
                })
            };
            let other = shelf.clone();
            let giver = thread::spawn(move || {
                let given = Box::new(Cell::new(0));
                given.add(1);
                assert!(other.put(3, given).is_none(), "there is room");
            });
            let other = shelf.clone();
            let taker = thread::spawn(move || take(&other));
            let mine = take(&shelf);
            giver.join().unwrap();
            (mine, taker.join().unwrap())
        },
    );
}

/// `shelf.rs` [I1]: two who put meet in one place, and neither's box is lost.
#[test]
fn what_finds_no_place_on_a_shelf_comes_back() {
    Model::new("shelf, full").expect(&[(None, Some(2), 11), (Some(1), None, 12)]).check(|| {
        let shelf = Arc::new(Shelf::new());
        let put = |shelf: &Shelf<Cell>, value| {
            shelf.put(3, Box::new(Cell::new(value))).map(|back| back.get())
        };
        assert_eq!(put(&shelf, 10), None);
        let other = shelf.clone();
        let other = thread::spawn(move || put(&other, 2));
        let mine = put(&shelf, 1);
        let theirs = other.join().unwrap();
        (mine, theirs, sum(&shelf, 3))
    });
}

/// `shelf.rs` [I1], [P1]: who comes with another number takes an old one's place, and gets it whole, also while
/// others take.
#[test]
fn who_comes_to_a_full_shelf_takes_the_place_of_another_number() {
    // What comes back to the giver is not counted: it is the hundred.
    let outcomes = [
        (None, None, 11),
        (None, Some(1), 10),
        (None, Some(1), 110),
        (None, Some(10), 1),
        (None, Some(10), 101),
        (Some(1), None, 110),
        (Some(1), Some(10), 100),
        (Some(1), Some(100), 10),
    ];
    Model::new("shelf, another's place").expect(&outcomes).check(|| {
        let shelf = Arc::new(Shelf::new());
        let other = shelf.clone();
        let giver = thread::spawn(move || {
            for value in [1, 10] {
                let given = Box::new(Cell::new(0));
                given.add(value);
                let left = other.put(3, given);
                assert!(left.is_none_or(|left| left.get() == 100), "there is room for two");
            }
        });
        let other = shelf.clone();
        let taker = thread::spawn(move || other.take(3).map(|taken| taken.get()));
        // A number that shares its places with the other one.
        let mine = shelf.put(7, Box::new(Cell::new(100))).map(|left| left.get());
        giver.join().unwrap();
        let theirs = taker.join().unwrap();
        (mine, theirs, sum(&shelf, 3) + sum(&shelf, 7))
    });
}

/// What is left with that number.
fn sum(shelf: &Shelf<Cell>, number: usize) -> usize {
    std::iter::from_fn(|| shelf.take(number)).map(|taken| taken.get()).sum()
}
