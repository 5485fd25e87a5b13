//! No wait allocates: nodes are on the thread's stack, or in the future. Nor does an operation of a queue
//! or a deque that has room.

use counterpoint::{
    deque::{self, bounded},
    queue::{ArrayQueue, MsQueue, Queue, spsc},
    reclaim::{Collector, Handle},
    select::Select,
    sync::{
        Barrier, Condvar, Counter, Event, FairMutex, FairSemaphore, Latch, Mutex, Notify, OnceCell,
        RwLock, Semaphore, Until, WaitGroup,
    },
};
use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
    thread,
    time::Duration,
};

/// The system's allocator, which counts.
struct Counts;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: as the system's allocator does.
unsafe impl GlobalAlloc for Counts {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // Not while the thread ends.
        let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static COUNTS: Counts = Counts;

/// Allocations of this thread while that runs, the second time: std may make something at first.
#[track_caller]
fn allocates_nothing(what: &str, mut waits: impl FnMut()) {
    if cfg!(feature = "engine") {
        // There atomics and nodes have more to them.
        return;
    }
    waits();
    let before = ALLOCATIONS.with(Cell::get);
    waits();
    assert_eq!(ALLOCATIONS.with(Cell::get) - before, 0, "{what} allocates");
}

/// Polls a future twice, which is pending, and drops it.
fn pends<F: Future>(future: F) {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    assert!(future.as_mut().poll(&mut context).is_pending());
    assert!(future.as_mut().poll(&mut context).is_pending());
}

/// Polls one that is pending, does what ends the wait, and polls it again.
fn ends<F: Future>(future: F, end: impl FnOnce()) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    assert!(future.as_mut().poll(&mut context).is_pending());
    end();
    match future.as_mut().poll(&mut context) {
        Poll::Ready(result) => result,
        Poll::Pending => panic!("it waits still"),
    }
}

const SHORT: Duration = Duration::from_micros(100);

#[test]
fn futures_that_wait_allocate_nothing() {
    allocates_nothing("Mutex::lock", || {
        let mutex: Mutex<()> = Mutex::new(());
        let guard = mutex.try_lock();
        pends(mutex.lock());
        drop(ends(mutex.lock(), || drop(guard)));
    });
    allocates_nothing("FairMutex::lock", || {
        let mutex: FairMutex<()> = FairMutex::new(());
        let guard = mutex.try_lock();
        drop(ends(mutex.lock(), || drop(guard)));
    });
    allocates_nothing("RwLock", || {
        let lock: RwLock<()> = RwLock::new(());
        let guard = lock.try_write();
        pends(lock.read());
        pends(lock.upgradable_read());
        drop(ends(lock.write(), || drop(guard)));
    });
    allocates_nothing("Semaphore::acquire", || {
        let semaphore: Semaphore = Semaphore::new(0);
        pends(semaphore.acquire());
        drop(ends(semaphore.acquire_many(3), || semaphore.add_permits(3)));
        let fair: FairSemaphore = FairSemaphore::new(0);
        drop(ends(fair.acquire(), || fair.close()));
    });
    allocates_nothing("Condvar::wait", || {
        let (condvar, mutex): (Condvar, Mutex<()>) = Default::default();
        pends(condvar.wait(mutex.lock_blocking()));
        drop(ends(condvar.wait(mutex.lock_blocking()), || assert_eq!(condvar.notify_all(), 1)));
    });
    allocates_nothing("Notify::wait", || {
        let notify: Notify = Notify::new();
        pends(notify.wait());
        ends(notify.wait(), || notify.notify_one());
        ends(notify.wait(), || notify.notify_all());
    });
    allocates_nothing("Select", || {
        let (mutex, notify) = (Mutex::new(()), Notify::new());
        let held = mutex.lock_blocking();
        pends(Select::new((mutex.lock(), notify.wait())));
        notify.notify_one();
        Select::new((mutex.lock(), notify.wait())).wait_blocking();
        drop(held);
    });
    allocates_nothing("Counter::wait", || {
        let counter: Counter = Counter::new(0);
        pends(counter.wait_until(|value| value > 0));
        ends(counter.wait(Until::AtLeast(2)), || _ = counter.add(2));
        let (event, latch, group): (Event, Latch, WaitGroup) =
            (Event::new(), Latch::new(1), WaitGroup::new());
        ends(event.wait(), || _ = event.set());
        ends(latch.wait(), || latch.count_down());
        let member = group.join();
        ends(group.wait(), || drop(member));
    });
    allocates_nothing("Barrier::wait", || {
        let barrier: Barrier = Barrier::new(2);
        pends(barrier.wait());
        ends(barrier.wait(), || _ = barrier.wait_blocking());
    });
    allocates_nothing("OnceCell::wait", || {
        let cell: OnceCell<u32> = OnceCell::new();
        pends(cell.wait());
        ends(cell.wait(), || _ = cell.try_set(1));
    });
}

#[test]
fn threads_that_wait_allocate_nothing() {
    // A thread of std's, which has its handle already.
    let waits = || {
        allocates_nothing("a wait with a deadline", || {
            let (mutex, lock): (Mutex<()>, RwLock<()>) = Default::default();
            let (guard, writer) = (mutex.try_lock(), lock.try_write());
            assert!(mutex.lock_timeout(SHORT).is_none() && lock.read_timeout(SHORT).is_none());
            drop((guard, writer));
            let (semaphore, notify): (Semaphore, Notify) = Default::default();
            assert!(semaphore.acquire_timeout(SHORT).is_err() && !notify.wait_timeout(SHORT));
            let (condvar, counter, event): (Condvar, Counter, Event) = Default::default();
            assert!(condvar.wait_timeout(mutex.lock_blocking(), SHORT).1.has_timed_out());
            assert!(!counter.wait_timeout(Until::Equal(1), SHORT) && !event.wait_timeout(SHORT));
            let cell: OnceCell<u32> = OnceCell::new();
            assert!(cell.wait_timeout(SHORT).is_none());
        });
    };
    thread::spawn(waits).join().expect("nothing is allocated");
}

#[test]
fn operations_of_what_has_room_allocate_nothing() {
    let array = ArrayQueue::new(4);
    let mut into = Vec::with_capacity(8);
    allocates_nothing("ArrayQueue", || {
        assert!(array.push_many([1, 2, 3]).is_ok() && array.try_push(4).is_ok());
        assert!(array.force_push(5) == Some(1) && array.push(6).is_err() && array.is_full());
        assert!(array.pop() == Some(2) && array.try_pop().is_ok() && array.len() == 2);
        into.clear();
        assert!(array.pop_many(&mut into, 8) == 2 && array.is_empty() && array.pop().is_none());
    });
    let (mut producer, mut consumer) = spsc::ring(4);
    allocates_nothing("a ring", || {
        assert!(producer.push(1).is_ok() && producer.push_many([2, 3]) == 2);
        assert!(producer.push_slice(&[4, 5]) == 1 && producer.push(6).is_err());
        assert!(consumer.pop() == Some(1) && consumer.pop_many(1).count() == 1);
        consumer.read_chunk(1).commit(1);
        assert_eq!(consumer.drain().count(), 1);
    });
    let (worker, loot) = (bounded::Worker::new(4), bounded::Worker::new(4));
    let thief = worker.stealer();
    allocates_nothing("a bounded deque", || {
        (0..4).for_each(|value| assert!(worker.push(value).is_ok()));
        assert!(worker.push(4).is_err() && worker.pop() == Some(3));
        assert!(worker.pop_oldest() == Some(0) && thief.steal_batch(&loot).is_success());
        assert!(thief.steal().is_success() && thief.steal().is_empty() && loot.pop() == Some(1));
    });
    let (worker, loot) = (deque::Worker::with_capacity(4), deque::Worker::with_capacity(4));
    let thief = worker.stealer();
    let handle = thief.register();
    allocates_nothing("a deque below its capacity", || {
        (0..4).for_each(|value| worker.push(value));
        assert!(worker.pop() == Some(3) && worker.pop_oldest() == Some(0));
        let guard = handle.pin();
        assert!(thief.steal_batch(&loot, &guard).is_success());
        assert!(thief.steal(&guard).is_success() && thief.steal(&guard).is_empty());
        assert_eq!(loot.pop(), Some(1));
    });
    let queue = Queue::new();
    let handle = queue.register();
    allocates_nothing("Queue within a segment", || {
        let queue = queue.with_guard(handle.pin());
        assert!((0..8).all(|value| queue.push(value).is_ok()));
        assert!((0..8).all(|value| queue.pop() == Some(value)) && queue.pop().is_none());
    });
}

/// The nodes that were popped are pushed again, when their grace period is over.
#[test]
fn a_queue_of_nodes_that_is_in_balance_allocates_nothing() {
    let collector = Collector::new();
    let (queue, handle) = (MsQueue::new_in(collector.clone()), collector.register());
    allocates_nothing("MsQueue, a thousand pairs", || {
        for value in 0..1000 {
            let guard = handle.pin();
            queue.push(value, &guard);
            assert_eq!(queue.pop(&guard), Some(value));
        }
    });
}

/// Also where a domain is full of what another queue has left there.
#[test]
fn what_nobody_uses_makes_way() {
    if cfg!(feature = "engine") {
        return; // As above.
    }
    let collector = Collector::new();
    let handle = collector.register();
    // Kinds enough that some of them have the places of the last one.
    fn leave<const WORDS: usize>(collector: &Collector, handle: &Handle<'_>) {
        let queue = MsQueue::new_in(collector.clone());
        for value in 0..2000 {
            let guard = handle.pin();
            queue.push([value; WORDS], &guard);
            queue.pop(&guard);
        }
    }
    leave::<1>(&collector, &handle);
    leave::<3>(&collector, &handle);
    leave::<5>(&collector, &handle);
    leave::<7>(&collector, &handle);
    leave::<9>(&collector, &handle);
    leave::<11>(&collector, &handle);
    let segments = Queue::new_in(collector.clone());
    for value in 0..100_000 {
        let guard = handle.pin();
        segments.push(value, &guard).unwrap();
        segments.pop(&guard);
    }
    let queue = MsQueue::new_in(collector.clone());
    allocates_nothing("MsQueue, after others", || {
        for value in 0..2000 {
            let guard = handle.pin();
            queue.push([value; 21], &guard);
            assert_eq!(queue.pop(&guard), Some([value; 21]));
        }
    });
}

/// So are segments; what there is of allocations is of batches.
#[test]
fn a_queue_of_segments_that_is_in_balance_allocates_few() {
    if cfg!(feature = "engine") {
        return; // As above.
    }
    let collector = Collector::new();
    let (queue, handle) = (Queue::new_in(collector.clone()), collector.register());
    let allocations = || {
        let before = ALLOCATIONS.with(Cell::get);
        for value in 0..100_000 {
            let guard = handle.pin();
            queue.push(value, &guard).unwrap();
            assert_eq!(queue.pop(&guard), Some(value));
        }
        ALLOCATIONS.with(Cell::get) - before
    };
    let (first, second) = (allocations(), allocations());
    assert!(second * 10 < first, "{second} allocations, after {first}");
}

/// Where garbage is counted, nothing is kept beside it.
#[test]
fn a_domain_with_a_cap_keeps_no_memory() {
    if cfg!(feature = "engine") {
        return; // As above.
    }
    let collector = Collector::builder().garbage_cap(10_000).build();
    let (queue, handle) = (MsQueue::new_in(collector.clone()), collector.register());
    let mut allocations = Vec::with_capacity(2);
    for _ in 0..2 {
        let before = ALLOCATIONS.with(Cell::get);
        for value in 0..1000 {
            let guard = handle.pin();
            queue.push(value, &guard);
            queue.pop(&guard);
        }
        allocations.push(ALLOCATIONS.with(Cell::get) - before);
    }
    assert!(allocations.iter().all(|count| *count >= 1000), "{allocations:?}");
}
