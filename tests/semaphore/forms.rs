//! Every form of acquiring, what permits do, and what is refused.

use crate::common::{Task, block_on};
use counterpoint::{
    sync::{
        Barging, Fair, FairSemaphore, Fairness, SemaphorePermit, TimedAcquireError,
        TryAcquireError, generic::Semaphore,
    },
    wait::{DefaultPolicy, Spin},
};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

const MAX: usize = Semaphore::<Spin>::MAX_PERMITS;

#[test]
fn each_form_acquires_and_each_permit_gives_back() {
    let semaphore: Arc<Semaphore> = Arc::new(Semaphore::new(3));
    let open = "it is open";
    let time = Duration::ZERO;
    let each: [SemaphorePermit<'_>; 10] = [
        semaphore.try_acquire().expect(open),
        semaphore.try_acquire_many(0).expect(open),
        semaphore.acquire_blocking().expect(open),
        semaphore.acquire_many_blocking(0).expect(open),
        block_on(semaphore.acquire()).expect(open),
        block_on(semaphore.acquire_many(0)).expect(open),
        semaphore.acquire_many_timeout(0, time).expect(open),
        semaphore.acquire_many_deadline(0, Instant::now()).expect(open),
        semaphore.acquire_many_timeout(0, Duration::MAX).expect(open),
        semaphore.try_acquire_up_to(0).expect(open),
    ];
    assert_eq!(each.iter().map(SemaphorePermit::num_permits).sum::<usize>(), 3);
    assert_eq!(semaphore.available_permits(), 0);
    drop(each);
    let each = [
        semaphore.try_acquire_owned().expect(open),
        semaphore.try_acquire_many_owned(0).expect(open),
        semaphore.acquire_owned_blocking().expect(open),
        semaphore.acquire_many_owned_blocking(0).expect(open),
        block_on(semaphore.acquire_owned()).expect(open),
        block_on(semaphore.acquire_many_owned(0)).expect(open),
        semaphore.acquire_many_owned_timeout(0, time).expect(open),
        semaphore.acquire_many_owned_deadline(0, Instant::now()).expect(open),
    ];
    assert_eq!(semaphore.available_permits(), 0);
    drop(each);
    assert_eq!(semaphore.available_permits(), 3);
    assert_eq!(semaphore.acquire_timeout(time).expect(open).num_permits(), 1);
    assert_eq!(semaphore.acquire_deadline(Instant::now()).expect(open).num_permits(), 1);
}

#[test]
fn who_has_no_luck_gives_up() {
    let semaphore: Semaphore = Semaphore::new(1);
    let permit = semaphore.try_acquire().expect("there is one");
    assert_eq!(semaphore.try_acquire().err(), Some(TryAcquireError::NoPermits));
    assert_eq!(semaphore.try_acquire_up_to(5).err(), Some(TryAcquireError::NoPermits));
    let time = Duration::from_millis(5);
    assert_eq!(semaphore.acquire_timeout(time).err(), Some(TimedAcquireError::TimedOut));
    assert_eq!(semaphore.acquire_deadline(Instant::now()).err(), Some(TimedAcquireError::TimedOut));
    assert!(Task::new(semaphore.acquire()).poll().is_pending());
    drop(permit);
    assert_eq!(semaphore.try_acquire_many(2).err(), Some(TryAcquireError::NoPermits));
    assert_eq!(semaphore.available_permits(), 1);
}

#[test]
fn permits_are_split_merged_and_forgotten() {
    let semaphore: Arc<Semaphore> = Arc::new(Semaphore::new(5));
    let mut some = semaphore.try_acquire_up_to(9).expect("there are some");
    assert_eq!(some.num_permits(), 5);
    assert!(some.split(6).is_none());
    let two = some.split(2).expect("there are five");
    assert_eq!((some.num_permits(), two.num_permits()), (3, 2));
    drop(two);
    assert_eq!(semaphore.available_permits(), 2);
    some.merge(semaphore.try_acquire_many(2).expect("there are two"));
    some.split(4).expect("there are five").forget();
    assert!(std::ptr::eq(some.semaphore(), &*semaphore));
    drop(some);
    assert_eq!(semaphore.available_permits(), 1, "four were forgotten");

    let mut owned = semaphore.try_acquire_owned().expect("there is one");
    semaphore.add_permits(2);
    owned.merge(semaphore.try_acquire_many_owned(2).expect("there are two"));
    owned.split(1).expect("there are three").forget();
    drop(owned);
    assert_eq!(semaphore.forget_permits(9), 2);
    assert_eq!((semaphore.forget_permits(9), semaphore.available_permits()), (0, 0));
}

#[test]
fn permits_of_two_semaphores_are_not_merged() {
    let (one, other): (Semaphore, Semaphore) = (Semaphore::new(1), Semaphore::new(1));
    let mut permit = one.try_acquire().expect("there is one");
    let foreign = other.try_acquire().expect("there is one");
    let said = catch_unwind(AssertUnwindSafe(|| permit.merge(foreign)));
    assert!(said.is_err());
    assert_eq!(other.available_permits(), 1, "given back to where it came from");
}

/// What would be too much is refused, and nothing is changed.
#[test]
fn more_permits_than_fit_are_refused() {
    assert!(catch_unwind(|| Semaphore::<Spin>::new(MAX + 1)).is_err());
    let semaphore: Semaphore<Spin> = Semaphore::new(MAX);
    assert!(catch_unwind(AssertUnwindSafe(|| semaphore.add_permits(1))).is_err());
    assert!(catch_unwind(AssertUnwindSafe(|| semaphore.add_permits(usize::MAX))).is_err());
    assert!(catch_unwind(AssertUnwindSafe(|| semaphore.try_acquire_many(MAX + 1))).is_err());
    assert!(catch_unwind(AssertUnwindSafe(|| drop(semaphore.acquire_many(usize::MAX)))).is_err());
    assert_eq!(semaphore.available_permits(), MAX);
    // Others may be added while all are out: those that come back are too many, and nothing breaks.
    let all = semaphore.try_acquire_many(MAX).expect("there are as many");
    semaphore.add_permits(MAX);
    drop(all);
    assert_eq!(semaphore.available_permits(), 2 * MAX);
    assert!(!semaphore.is_closed(), "the other bits are as they were");
    assert!(catch_unwind(AssertUnwindSafe(|| semaphore.add_permits(1))).is_err());
}

#[test]
fn who_waits_or_comes_later_learns_that_it_is_closed() {
    fn closes<F: Fairness>(semaphore: Semaphore<DefaultPolicy, F>) {
        let mut task = Task::new(semaphore.acquire_many(2));
        assert!(task.poll().is_pending());
        thread::scope(|scope| {
            let waiter = scope.spawn(|| semaphore.acquire_many_blocking(2).is_err());
            semaphore.close();
            semaphore.close();
            assert!(waiter.join().expect("it ends"), "it is closed");
        });
        assert!(semaphore.is_closed() && task.is_woken());
        assert!(matches!(task.poll(), std::task::Poll::Ready(Err(_))));
        assert_eq!(semaphore.try_acquire().err(), Some(TryAcquireError::Closed));
        assert_eq!(semaphore.try_acquire_many(0).err(), Some(TryAcquireError::Closed));
        let timed = semaphore.acquire_timeout(Duration::ZERO);
        assert_eq!(timed.err(), Some(TimedAcquireError::Closed));
        assert_eq!(semaphore.available_permits(), 1, "what is there stays");
        semaphore.add_permits(3);
        assert_eq!(semaphore.forget_permits(9), 4);
    }
    closes::<Barging>(Semaphore::new(1));
    closes::<Fair>(FairSemaphore::new(1));
}

#[test]
fn what_they_print_says_what_they_are() {
    let semaphore: Semaphore = Semaphore::default();
    let said = format!("{semaphore:?}");
    assert!(said.contains("available_permits: 0") && said.contains("is_closed: false"), "{said}");
    assert_eq!(TryAcquireError::NoPermits.to_string(), "the semaphore has too few permits now");
    semaphore.close();
    let error = semaphore.acquire_blocking().expect_err("it is closed");
    assert_eq!(error.to_string(), "the semaphore is closed");
}

/// Futures are as small as they may be, and semaphores too.
#[test]
fn sizes_are_small() {
    if cfg!(feature = "engine") {
        return;
    }
    assert!(size_of::<Semaphore<Spin>>() <= 40, "{}", size_of::<Semaphore<Spin>>());
    let future = size_of::<counterpoint::sync::AcquirePermits<'_>>();
    assert!(future <= 112, "{future}");
}
