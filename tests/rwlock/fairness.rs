//! Who goes first, in numbers of operations; and how many are woken.

use crate::common::Task;
use counterpoint::{
    sync::{PhaseFair, Preference, ReaderPreferring, WriterPreferring, generic::RwLock},
    wait::DefaultPolicy,
};
use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    task::{Context, Poll, Wake, Waker},
};

type Lock<R> = RwLock<(), DefaultPolicy, R>;

/// Who reads, and comes to read again while a writer waits.
fn reads_again<R: Preference>() -> bool {
    let lock = Lock::<R>::new(());
    let reader = lock.try_read().expect("it is free");
    let mut writer = Task::new(lock.write());
    assert!(writer.poll().is_pending());
    let reads = lock.try_read().is_some();
    assert_eq!(lock.try_upgradable_read().is_some(), reads);
    assert_eq!(Task::new(lock.read()).poll().is_ready(), reads);
    drop(reader);
    assert!(writer.is_woken() && writer.poll().is_ready());
    reads
}

#[test]
fn who_reads_may_read_again_while_a_writer_waits_if_readers_are_preferred() {
    assert!(!reads_again::<PhaseFair>());
    assert!(!reads_again::<WriterPreferring>());
    assert!(reads_again::<ReaderPreferring>());
}

/// No reader passes a writer that waits.
#[test]
fn a_writer_waits_for_one_read_phase() {
    let lock = Lock::<PhaseFair>::new(());
    let reader = lock.try_read().expect("it is free");
    let mut writer = Task::new(lock.write());
    assert!(writer.poll().is_pending());
    let mut late = Vec::new();
    for _ in 0..100 {
        late.push(Task::new(lock.read()));
        assert!(late.iter_mut().all(|read| read.poll().is_pending()), "a reader passed");
    }
    drop(reader);
    assert!(late.iter().all(|read| !read.is_woken()), "it is the writer's turn");
    let Poll::Ready(guard) = writer.poll() else { panic!("a reader passed") };
    drop(guard);
    // All of them, together.
    let readers: Vec<_> = late.iter_mut().map(Task::poll).collect();
    assert!(readers.iter().all(Poll::is_ready));
}

/// However many writers wait, readers that wait enter when one writer has left.
#[test]
fn a_reader_waits_for_one_writer() {
    if cfg!(feature = "engine") {
        // Who lost once has waited long there, and is given way to.
        return;
    }
    let lock = Lock::<PhaseFair>::new(());
    let mut guard = lock.try_write().expect("it is free");
    let mut writers = [(); 20].map(|()| Task::new(lock.write()));
    assert!(writers.iter_mut().all(|write| write.poll().is_pending()));
    for _ in 0..10 {
        let mut reader = Task::new(lock.read());
        assert!(reader.poll().is_pending());
        drop(guard);
        let Poll::Ready(reading) = reader.poll() else { panic!("a second writer passed") };
        // A writer is next, and only then the readers that come now.
        let mut late = Task::new(lock.read());
        assert!(writers.iter_mut().all(|write| write.poll().is_pending()));
        assert!(late.poll().is_pending());
        drop(reading);
        assert!(!late.is_woken());
        let woken = writers.iter_mut().find(|write| write.is_woken()).expect("one is woken");
        let Poll::Ready(writing) = woken.poll() else { panic!("a reader passed") };
        guard = writing;
        *woken = Task::new(lock.write());
        assert!(woken.poll().is_pending());
    }
}

#[test]
fn a_writer_that_leaves_lets_a_writer_in_if_writers_are_preferred() {
    let lock = Lock::<WriterPreferring>::new(());
    let guard = lock.try_write().expect("it is free");
    let mut reader = Task::new(lock.read());
    let mut writer = Task::new(lock.write());
    assert!(reader.poll().is_pending() && writer.poll().is_pending());
    drop(guard);
    assert!(writer.is_woken() && !reader.is_woken());
    let Poll::Ready(guard) = writer.poll() else { panic!("nobody has it") };
    drop(guard);
    assert!(reader.is_woken() && reader.poll().is_ready());
}

/// A writer that loses again and again does not keep those behind it from being told.
#[test]
fn who_waits_behind_a_losing_task_is_told() {
    let lock = Lock::<PhaseFair>::new(());
    let mut guard = lock.try_write().expect("it is free");
    let mut loser = Task::new(lock.write());
    let mut behind = Task::new(lock.upgradable_read());
    assert!(loser.poll().is_pending() && behind.poll().is_pending());
    for losses in 0.. {
        assert!(losses < 100, "never told");
        drop(guard);
        if behind.is_woken() {
            break;
        }
        guard = lock.try_write().expect("it is free");
        assert!(loser.poll().is_pending());
    }
}

struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, SeqCst);
    }
}

/// Polls futures by one waker that counts.
struct Herd<F: Future>(Vec<Pin<Box<F>>>);

impl<F: Future> Herd<F> {
    fn poll(&mut self, count: &Arc<Count>) -> Vec<Poll<F::Output>> {
        let waker = Waker::from(count.clone());
        let poll =
            |future: &mut Pin<Box<F>>| future.as_mut().poll(&mut Context::from_waker(&waker));
        self.0.iter_mut().map(poll).collect()
    }
}

#[test]
fn a_release_wakes_those_who_may_enter_and_no_herd() {
    let lock = Lock::<PhaseFair>::new(());
    let guard = lock.try_write().expect("it is free");
    let [readers, writers] = [(); 2].map(|()| Arc::new(Count(AtomicUsize::new(0))));
    let mut reads = Herd((0..100).map(|_| Box::pin(lock.read())).collect());
    let mut writes = Herd((0..100).map(|_| Box::pin(lock.write())).collect());
    assert!(reads.poll(&readers).iter().all(Poll::is_pending));
    assert!(writes.poll(&writers).iter().all(Poll::is_pending));
    let woken = |count: &Arc<Count>| count.0.swap(0, SeqCst);
    drop(guard);
    assert_eq!((woken(&readers), woken(&writers)), (100, 1));
    let mut guards = reads.poll(&readers);
    assert!(guards.iter().all(Poll::is_ready));
    // The one that was told comes in vain.
    assert!(writes.poll(&writers).iter().all(Poll::is_pending));
    guards.truncate(1);
    assert_eq!((woken(&readers), woken(&writers)), (0, 0), "readers are left");
    drop(guards);
    assert_eq!((woken(&readers), woken(&writers)), (0, 1));
}
