//! Every form of locking, and what guards do.

use crate::common::{Task, block_on, forget};
use counterpoint::{
    sync::{
        FairMutex, MappedMutexGuard, MutexGuard, OwnedMappedMutexGuard, OwnedMutexGuard,
        generic::Mutex,
    },
    wait::Spin,
};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::{Duration, Instant},
};

#[test]
fn each_form_locks_and_each_guard_unlocks() {
    let mutex: Arc<Mutex<u32>> = Arc::default();
    *mutex.try_lock().expect("it is free") += 1;
    *mutex.lock_blocking() += 1;
    *block_on(mutex.lock()) += 1;
    *mutex.lock_timeout(Duration::ZERO).expect("it is free") += 1;
    *mutex.lock_deadline(Instant::now()).expect("it is free") += 1;
    mutex.with(|value| *value += 1);
    *mutex.try_lock_owned().expect("it is free") += 1;
    *mutex.lock_owned_blocking() += 1;
    *block_on(mutex.lock_owned()) += 1;
    assert!(!mutex.is_locked());
    let mut mutex = Arc::into_inner(mutex).expect("no guard is left");
    *mutex.get_mut() += 1;
    assert_eq!(mutex.into_inner(), 10);
}

#[test]
fn who_has_no_luck_gives_up() {
    let mutex: Arc<Mutex<u32>> = Arc::new(Mutex::new(0));
    let guard = mutex.lock_blocking();
    assert!(mutex.is_locked());
    assert!(mutex.try_lock().is_none() && mutex.try_lock_owned().is_none());
    assert!(mutex.lock_timeout(Duration::ZERO).is_none());
    assert!(mutex.lock_timeout(Duration::from_millis(5)).is_none());
    assert!(mutex.lock_deadline(Instant::now()).is_none(), "a deadline that is gone");
    assert!(Task::new(mutex.lock()).poll().is_pending());
    assert_eq!(format!("{mutex:?}"), "Mutex { value: <locked> }");
    drop(guard);
    assert_eq!(format!("{mutex:?}"), "Mutex { value: 0 }");
    assert!(mutex.lock_timeout(Duration::MAX).is_some(), "no clock goes as far");
}

#[test]
fn a_guard_of_a_part_unlocks_the_whole() {
    let mutex: Mutex<(u32, Option<u32>)> = Mutex::new((1, None));
    let guard = match MutexGuard::try_map(mutex.lock_blocking(), |pair| pair.1.as_mut()) {
        Ok(_) => panic!("there is no such part"),
        Err(guard) => guard,
    };
    assert!(mutex.is_locked());
    let mut part = MutexGuard::map(guard, |pair| &mut pair.0);
    *part = 7;
    assert!(mutex.is_locked());
    drop(part);
    assert_eq!(*mutex.lock_blocking(), (7, None));
}

/// One after the other, each a guard of a part of the one before; and back, where there is no part.
#[test]
fn guards_of_parts_of_parts_keep_the_whole_locked() {
    let mutex: Arc<Mutex<(u32, Vec<u32>)>> = Arc::new(Mutex::new((1, vec![2, 3])));
    let list = MutexGuard::map(mutex.lock_blocking(), |pair| &mut pair.1);
    let Err(list) = MappedMutexGuard::try_map(list, |list| list.get_mut(2)) else {
        panic!("there is no such part");
    };
    let Ok(mut first) = MappedMutexGuard::try_map(list, |list| list.first_mut()) else {
        panic!("there is such a part");
    };
    *first += 10;
    assert!(mutex.is_locked() && format!("{first} {first:?}") == "12 12");
    drop(MappedMutexGuard::map(first, |first| first));
    assert!(!mutex.is_locked());

    let guard = mutex.lock_owned_blocking();
    let Err(guard) = OwnedMutexGuard::try_map(guard, |_| None::<&mut str>) else {
        panic!("there is no such part");
    };
    let list = OwnedMutexGuard::map(guard, |pair| &mut pair.1);
    let Err(list) = OwnedMappedMutexGuard::try_map(list, |list| list.get_mut(2)) else {
        panic!("there is no such part");
    };
    let list = OwnedMappedMutexGuard::map(list, |list| &mut list[..]);
    let Ok(mut last) = OwnedMappedMutexGuard::try_map(list, |list| list.last_mut()) else {
        panic!("there is such a part");
    };
    *last += 10;
    assert!(mutex.is_locked() && format!("{last} {last:?}") == "13 13");
    // The guard is the last owner.
    let alive = Arc::downgrade(&mutex);
    drop(mutex);
    assert!(alive.upgrade().expect("the guard keeps it").try_lock().is_none());
    drop(last);
    assert!(alive.upgrade().is_none(), "the guard was its last owner");
    let mutex: Arc<Mutex<u32>> = Arc::new(Mutex::new(4));
    assert_eq!(format!("{} {0:?}", mutex.lock_owned_blocking()), "4 4");
}

#[test]
fn a_panic_unlocks_and_poisons_nothing() {
    let mutex: Mutex<u32> = Mutex::new(0);
    let said = catch_unwind(AssertUnwindSafe(|| mutex.with(|_| panic!("while it is locked"))));
    assert!(said.is_err());
    assert_eq!(*mutex.try_lock().expect("it was unlocked"), 0);
    let guard = mutex.lock_blocking();
    let said = catch_unwind(AssertUnwindSafe(|| {
        MutexGuard::map(guard, |_| -> &mut u32 { panic!("while a part is looked for") })
    }));
    assert!(said.is_err() && !mutex.is_locked());
    let part = MutexGuard::map(mutex.lock_blocking(), |value| value);
    let said = catch_unwind(AssertUnwindSafe(|| {
        MappedMutexGuard::try_map(part, |_| -> Option<&mut u32> { panic!("and of the part") })
    }));
    assert!(said.is_err() && !mutex.is_locked());
}

#[test]
fn forgotten_guards_and_futures_do_no_harm() {
    let mutex: Mutex<String> = Mutex::new("kept".to_owned());
    forget(mutex.lock_blocking());
    assert!(mutex.try_lock().is_none());
    let mut lock = Task::new(mutex.lock());
    assert!(lock.poll().is_pending());
    forget(lock);
    assert_eq!(mutex.into_inner(), "kept", "moved away from a future that waits for ever");
}

#[test]
fn a_future_is_ready_once() {
    let mutex: Mutex<()> = Mutex::new(());
    let mut lock = Task::new(mutex.lock());
    assert!(lock.poll().is_ready());
    let said = catch_unwind(AssertUnwindSafe(|| drop(lock.poll())));
    assert!(said.is_err() && !mutex.is_locked());
}

#[test]
fn values_need_no_size_and_policies_no_system() {
    let slice: &Mutex<[u32]> = &Mutex::new([1, 2, 3]);
    slice.lock_blocking()[1] = 5;
    assert_eq!(*slice.lock_blocking(), [1, 5, 3]);
    static SPUN: Mutex<u32, Spin> = Mutex::new(3);
    assert_eq!(*SPUN.lock_blocking(), 3);
    static FAIR: FairMutex<u32> = FairMutex::new(4);
    assert_eq!(*FAIR.lock_blocking(), 4);
}

#[test]
#[cfg(all(target_pointer_width = "64", not(feature = "engine")))]
fn they_are_small() {
    assert_eq!(size_of::<Mutex<()>>(), 16);
    let mutex: Mutex<()> = Mutex::new(());
    assert!(size_of_val(&mutex.lock()) <= 96);
}
