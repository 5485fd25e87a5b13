//! Every form of asking, and what cells do with their values.

use crate::common::{Accounts, Task, block_on, forget};
use counterpoint::{
    sync::{
        SetError,
        generic::{Lazy, Once, OnceCell},
    },
    wait::Spin,
};
use std::{
    cell::Cell,
    future::{pending, ready},
    task::Poll,
    time::{Duration, Instant},
};

#[test]
fn each_form_of_once_calls_once() {
    let calls = Cell::new(0);
    let call = || calls.set(calls.get() + 1);
    let once: Once = Once::new();
    assert!(!once.is_completed());
    assert_eq!(format!("{once:?}"), "Once { is_completed: false }");
    block_on(once.call_once(async || call()));
    once.call_once_blocking(call);
    block_on(once.call_once(|| async { call() }));
    block_on(once.wait());
    once.wait_blocking();
    assert!(once.wait_timeout(Duration::ZERO) && once.wait_deadline(Instant::now()));
    assert!(once.is_completed());
    let once: Once = Once::default();
    once.call_once_blocking(call);
    once.call_once_blocking(call);
    assert_eq!(calls.get(), 2);
}

#[test]
fn each_form_of_a_cell_initialises_once() {
    let forms: [fn(&OnceCell<u32>) -> u32; 7] = [
        |cell| *block_on(cell.get_or_init(|| ready(7))),
        |cell| *block_on(cell.get_or_try_init(|| ready(Ok::<_, ()>(7)))).expect("it succeeds"),
        |cell| *cell.get_or_init_blocking(|| 7),
        |cell| *cell.get_or_try_init_blocking(|| Ok::<_, ()>(7)).expect("it succeeds"),
        |cell| cell.try_set(7).map_or(7, |()| *cell.wait_blocking()),
        |cell| cell.set_blocking(7).map_or(7, |()| *block_on(cell.wait())),
        |cell| block_on(cell.set(7)).map_or(7, |()| *cell.get().expect("it is set")),
    ];
    for first in forms {
        let cell = OnceCell::new();
        assert_eq!((cell.get(), first(&cell)), (None, 7));
        assert!(forms.iter().all(|form| form(&cell) == 7));
        assert_eq!(block_on(cell.get_or_init(|| ready(8))), &7);
        assert_eq!(cell.get_or_init_blocking(|| 8), &7);
        assert_eq!(cell.try_insert(8), Err(SetError::Initialised(8)));
        assert_eq!((cell.set_blocking(8), block_on(cell.set(8))), (Err(8), Err(8)));
        assert_eq!(cell.wait_timeout(Duration::MAX), Some(&7));
        assert_eq!(cell.wait_deadline(Instant::now()), Some(&7));
    }
    assert_eq!(OnceCell::<_>::new().try_insert(3), Ok(&3));
}

type Counting<'a> = Lazy<u32, Box<dyn FnMut() -> u32 + 'a>>;

#[test]
fn each_form_of_a_lazy_value_makes_it_once() {
    let forms: [fn(&Counting<'_>) -> u32; 3] =
        [|lazy| **lazy, |lazy| *Lazy::force_blocking(lazy), |lazy| *block_on(Lazy::force(lazy))];
    for first in forms {
        let runs = Cell::new(0_u32);
        let init = Box::new(|| {
            runs.set(runs.get() + 1);
            runs.get()
        });
        let mut lazy = Counting::new(init);
        assert_eq!((Lazy::get(&lazy), format!("{lazy:?}")), (None, "Lazy(<uninit>)".to_owned()));
        assert_eq!(first(&lazy), 1);
        assert!(forms.iter().all(|form| form(&lazy) == 1));
        assert_eq!(format!("{lazy:?}"), "Lazy(1)");
        *Lazy::get_mut(&mut lazy).expect("it was made") = 5;
        assert_eq!(Lazy::into_inner(lazy).ok(), Some(5));
    }
    let lazy: Lazy<String> = Lazy::default();
    assert_eq!(*lazy, "");
    let unused: Lazy<u32> = Lazy::new(|| 4);
    let init = Lazy::into_inner(unused).expect_err("nobody has used it");
    assert_eq!(init(), 4);
}

#[test]
fn who_has_no_luck_gives_up() {
    let cell: OnceCell<u32> = OnceCell::new();
    assert_eq!(cell.wait_timeout(Duration::ZERO), None);
    let mut initialiser = Task::new(cell.get_or_init(pending));
    assert!(initialiser.poll().is_pending());
    assert_eq!(cell.try_set(1), Err(SetError::Initialising(1)));
    assert_eq!(cell.wait_timeout(Duration::from_millis(5)), None);
    assert_eq!(cell.wait_deadline(Instant::now()), None, "a deadline that is gone");
    let error = cell.try_insert(2).expect_err("somebody initialises");
    assert_eq!(error.to_string(), "not written: somebody initialises the cell now");
    assert_eq!((format!("{error:?}"), error.into_inner()), ("Initialising(..)".to_owned(), 2));
    assert!(Task::new(cell.wait()).poll().is_pending());
    assert_eq!(format!("{cell:?}"), "OnceCell(<uninit>)");
    let once: Once = Once::new();
    assert!(!once.wait_timeout(Duration::from_millis(5)) && !once.wait_deadline(Instant::now()));
}

#[test]
fn a_cell_is_compared_cloned_and_emptied() {
    static MADE: OnceCell<u32> = OnceCell::with_value(3);
    let mut cell: OnceCell<u32> = OnceCell::from(3);
    assert_eq!(cell, MADE);
    assert_eq!(format!("{cell:?}"), "OnceCell(3)");
    assert_ne!(cell, OnceCell::default());
    assert_eq!(cell.clone(), cell);
    *cell.get_mut().expect("it is there") += 1;
    assert_ne!(cell, MADE);
    assert_eq!((cell.take(), cell.take(), cell.get_mut()), (Some(4), None, None));
    assert_eq!(cell, cell.clone());
    assert_eq!(cell.get_or_init_blocking(|| 5), &5);
    assert_eq!(cell.into_inner(), Some(5));
    assert_eq!(OnceCell::<u32>::new().into_inner(), None);
}

#[test]
fn each_value_is_dropped_once() {
    let accounts = Accounts::new();
    let cell: OnceCell<_> = OnceCell::new();
    cell.get_or_init_blocking(|| accounts.value(1));
    drop(cell.try_set(accounts.value(2)));
    drop(cell.set_blocking(accounts.value(3)));
    drop(block_on(cell.set(accounts.value(4))));
    assert_eq!((accounts.made(), accounts.dropped()), (4, 3));
    drop(cell);
    let mut cell: OnceCell<_> = OnceCell::with_value(accounts.value(5));
    let taken = cell.take();
    assert!(cell.try_set(accounts.value(6)).is_ok());
    drop((taken, cell.into_inner()));
    drop(Lazy::<_, _>::into_inner({
        let lazy: Lazy<_, _> = Lazy::new(|| accounts.value(7));
        Lazy::force_blocking(&lazy);
        lazy
    }));
    let lazy: Lazy<_, _> = Lazy::new(|| accounts.value(8));
    assert_eq!(lazy.content, 8);
    drop(lazy);
    accounts.assert_all_dropped_once();
}

#[test]
fn forgotten_futures_do_no_harm() {
    let mut cell: OnceCell<String> = OnceCell::new();
    let mut initialiser = Task::new(cell.get_or_init(pending));
    let mut behind = Task::new(cell.wait());
    assert!(initialiser.poll().is_pending() && behind.poll().is_pending());
    forget((initialiser, behind));
    assert!(matches!(cell.try_set(String::new()), Err(SetError::Initialising(_))));
    assert_eq!(cell.take(), None);
    assert_eq!(cell.get_or_init_blocking(|| "as new".to_owned()), "as new");
}

#[test]
fn a_future_that_nobody_polls_initialises_nothing() {
    let cell: OnceCell<u32> = OnceCell::new();
    let asked = Cell::new(false);
    let idle = cell.get_or_init(|| {
        asked.set(true);
        ready(1)
    });
    assert_eq!(cell.try_set(2), Ok(()));
    drop(idle);
    assert!(!asked.get());
}

#[test]
fn values_may_be_of_any_size_and_policies_without_a_system() {
    #[derive(Debug, PartialEq)]
    #[repr(align(128))]
    struct Wide([u8; 4096]);

    static SPUN: OnceCell<Wide, Spin> = OnceCell::new();
    let value = SPUN.get_or_init_blocking(|| Wide([7; 4096]));
    assert_eq!((value.0[4095], std::ptr::from_ref(value).addr() % 128), (7, 0));
    let empty: OnceCell<(), Spin> = OnceCell::new();
    assert_eq!(Task::new(empty.get_or_init(|| ready(()))).poll(), Poll::Ready(&()));
    static ONCE: Once<Spin> = Once::new();
    ONCE.call_once_blocking(|| ());
    ONCE.wait_blocking();
    static LAZY: Lazy<u32, fn() -> u32, Spin> = Lazy::new(|| 4);
    assert_eq!(*LAZY, 4);
}

#[test]
#[cfg(all(target_pointer_width = "64", not(feature = "engine")))]
fn they_are_small() {
    assert_eq!(size_of::<Once>(), 16);
    assert_eq!(size_of::<OnceCell<u64>>(), 24);
    let cell: OnceCell<u64> = OnceCell::new();
    assert!(size_of_val(&cell.wait()) <= 128);
    assert!(size_of_val(&cell.get_or_init(|| ready(1))) <= 256);
}

/// As std's: what is initialised once may be looked at across a caught panic.
#[test]
fn a_panic_that_is_caught_leaves_nothing_half_done() {
    static CELL: OnceCell<u32> = OnceCell::new();
    static ONCE: Once = Once::new();
    let said = std::panic::catch_unwind(|| CELL.get().copied().or(Some(0)));
    assert!(said.is_ok_and(|value| value == Some(0)));
    assert!(std::panic::catch_unwind(|| ONCE.is_completed()).is_ok_and(|is_done| !is_done));
}
