//! What is handed over is handed to one operation of a select, and no other is handed anything from then on.

use crate::common::{Panics, Task, forget};
use counterpoint::{
    select::{Operation, Select, Selected, other},
    sync::{FairMutex, FairSemaphore, Notify},
};
use std::{
    future::{Future, pending, poll_fn},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll, Waker},
};

#[test]
fn a_lock_is_not_handed_to_who_has_been_handed_another() {
    let (one, two): (FairMutex<u8>, FairMutex<u8>) = (FairMutex::new(1), FairMutex::new(2));
    let (held_one, held_two) = (one.lock_blocking(), two.lock_blocking());
    let mut task = Task::new(Select::new((one.lock(), two.lock())));
    assert!(task.poll().is_pending());
    drop(held_two);
    assert!(two.is_locked() && task.is_woken(), "it is handed over");
    drop(held_one);
    assert!(!one.is_locked(), "it is handed to somebody who has no use for it");
    // Nor does it take what is before it.
    let Poll::Ready(Selected::Second(guard)) = task.poll() else { panic!("it took another one") };
    assert_eq!(*guard, 2);
    drop(guard);
    assert!(one.try_lock().is_some() && two.try_lock().is_some());
}

#[test]
fn who_waits_behind_gets_what_another_has_no_use_for() {
    let (one, two): (FairMutex<()>, FairMutex<()>) = Default::default();
    let (held_one, held_two) = (one.lock_blocking(), two.lock_blocking());
    let mut task = Task::new(Select::new((one.lock(), two.lock())));
    let mut behind = Task::new(two.lock());
    assert!(task.poll().is_pending() && behind.poll().is_pending());
    drop(held_one);
    drop(held_two);
    // Though nobody polls the select.
    assert!(behind.is_woken() && behind.poll().is_ready());
    drop(task);
    assert!(!one.is_locked(), "who goes hands on what it was handed");
}

#[test]
fn permits_go_past_who_has_no_use_for_them() {
    let (one, two): (FairSemaphore, FairSemaphore) = (FairSemaphore::new(0), FairSemaphore::new(0));
    let mut task = Task::new(Select::new((one.acquire_many(2), two.acquire_many(5))));
    let mut behind = Task::new(two.acquire_many(1));
    assert!(task.poll().is_pending() && behind.poll().is_pending());
    one.add_permits(2);
    assert!(task.is_woken());
    // Too few for who has no use for them, who is first.
    two.add_permits(1);
    assert!(behind.is_woken() && matches!(behind.poll(), Poll::Ready(Ok(_))));
    // And who comes new does not wait for that one either.
    let mut new = Task::new(two.acquire_many(1));
    assert!(matches!(new.poll(), Poll::Ready(Ok(_))));
    two.add_permits(4);
    assert_eq!(two.available_permits(), 5 - 1 + 1);
    assert!(matches!(task.poll(), Poll::Ready(Selected::First(Ok(_)))));
}

#[test]
fn a_notification_goes_to_one() {
    let (one, two): (Notify, Notify) = Default::default();
    let mut task = Task::new(Select::new((one.wait(), two.wait())));
    assert!(task.poll().is_pending());
    two.notify_one();
    one.notify_one();
    assert!(one.try_wait(), "the select has two notifications");
    assert!(matches!(task.poll(), Poll::Ready(Selected::Second(()))));
    assert!(!two.try_wait() && !one.try_wait());
}

/// What was handed to a select that is forgotten is gone with it, and nothing else is.
#[test]
fn one_that_is_forgotten_takes_nothing_else() {
    let (one, two): (FairMutex<()>, FairMutex<()>) = Default::default();
    let (one, two): (&'static _, &'static _) = (Box::leak(Box::new(one)), Box::leak(Box::new(two)));
    let (held_one, held_two) = (one.lock_blocking(), two.lock_blocking());
    let mut select = Box::pin(Select::new((one.lock(), two.lock())));
    let mut context = Context::from_waker(Waker::noop());
    assert!(select.as_mut().poll(&mut context).is_pending());
    forget(select);
    drop((held_one, held_two));
    assert_eq!(u8::from(one.is_locked()) + u8::from(two.is_locked()), 1);
}

/// A waker that panics when it is woken: what was handed over is there.
#[test]
fn a_waker_that_panics_loses_nothing() {
    let (one, two): (FairMutex<()>, FairMutex<()>) = Default::default();
    let (held_one, held_two) = (one.lock_blocking(), two.lock_blocking());
    let mut select = pin!(Select::new((one.lock(), two.lock())));
    let bell = Waker::from(Arc::new(Panics));
    assert!(select.as_mut().poll(&mut Context::from_waker(&bell)).is_pending());
    assert!(catch_unwind(AssertUnwindSafe(|| drop(held_one))).is_err(), "the waker panics");
    drop(held_two);
    assert!(!two.is_locked() && one.is_locked());
    let mut context = Context::from_waker(Waker::noop());
    assert!(matches!(select.as_mut().poll(&mut context), Poll::Ready(Selected::First(_))));
}

/// Operations that were not selected are gone when there is a result.
#[test]
fn the_others_leave_at_once() {
    let (one, two) = (FairMutex::new(()), FairMutex::new(()));
    let held = two.lock_blocking();
    let mut select: Pin<Box<_>> = Box::pin(Select::new((two.lock(), one.lock())));
    let mut context = Context::from_waker(Waker::noop());
    let Poll::Ready(Selected::Second(_guard)) = select.as_mut().poll(&mut context) else {
        panic!("the second one is free")
    };
    drop(held);
    assert!(!two.is_locked(), "the select is handed it, and is over");
    drop(select);
}

/// What comes just as a select looks goes to it once, and the rest to others.
#[test]
fn two_notifications_come_while_it_looks() {
    let (notify, mut polls): (Notify, _) = (Notify::new(), 0);
    let meanwhile = poll_fn(|_| {
        polls += 1;
        if polls == 2 {
            notify.notify_one();
            notify.notify_one();
        }
        Poll::<()>::Pending
    });
    let mut task = Task::new(Select::new((notify.wait(), other(meanwhile))));
    assert!(task.poll().is_pending() && task.poll().is_pending() && task.is_woken());
    assert!(task.poll().is_ready());
    assert!(notify.try_wait(), "the second one is lost");
}

/// It takes one thing just as it is handed another one: that goes on to whoever waits.
#[test]
fn what_comes_while_it_takes_another_is_handed_on() {
    let (mutex, semaphore): (FairMutex<()>, FairSemaphore) =
        (FairMutex::new(()), FairSemaphore::new(0));
    let mut held = Some(mutex.lock_blocking());
    let mut polls = 0;
    let meanwhile = poll_fn(|_| {
        polls += 1;
        if polls == 2 {
            semaphore.add_permits(1);
            drop(held.take());
            return Poll::Ready(());
        }
        Poll::Pending
    });
    let operations = (mutex.lock(), semaphore.acquire(), other(meanwhile));
    let mut task = Task::new(Select::new(operations));
    assert!(task.poll().is_pending());
    assert!(matches!(task.poll(), Poll::Ready(Selected::Third(()))));
    drop(task);
    assert_eq!((mutex.is_locked(), semaphore.available_permits()), (false, 1));
}

/// Of an array, of shared owners, and before a deadline.
#[test]
fn whatever_the_form_it_is_decided_once() {
    let semaphores: [Arc<FairSemaphore>; 3] = [(); 3].map(|()| Arc::new(FairSemaphore::new(0)));
    let select = || Select::new(semaphores.each_ref().map(FairSemaphore::acquire_owned));
    let mut task = Task::new(select());
    assert!(task.poll().is_pending());
    semaphores[2].add_permits(1);
    semaphores[0].add_permits(1);
    assert_eq!(semaphores.each_ref().map(|one| one.available_permits()), [1, 0, 0]);
    assert!(matches!(task.poll(), Poll::Ready((2, Ok(_)))));

    let mutexes: [Arc<FairMutex<()>>; 2] = Default::default();
    let held = mutexes.each_ref().map(|mutex| mutex.lock_blocking());
    let mut task = Task::new(Select::new(mutexes.each_ref().map(|mutex| mutex.lock_owned())));
    assert!(task.poll().is_pending());
    drop(held);
    assert_eq!(mutexes.each_ref().map(|mutex| mutex.is_locked()), [true, false]);

    let mutex: FairMutex<()> = FairMutex::new(());
    let held = mutex.lock_blocking();
    let mut task = Task::new(mutex.lock().with_deadline(pending::<()>()));
    assert!(task.poll().is_pending());
    drop(held);
    assert!(mutex.is_locked() && matches!(task.poll(), Poll::Ready(Ok(_))));
}
