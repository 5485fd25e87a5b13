//! Reclamation inside models: the adversary frees as early as the contract allows, reports what is
//! wrong, and nothing that is right. (These fail when it frees too late, too early, or gives the
//! threads an order that epochs would not give, or takes one that they do give.)

use counterpoint::{
    reclaim::{Atomic, Collector, Guard, Owned, PrivateCollector, Shared},
    verify::{
        model::{Engine, Model, thread},
        shim::{AtomicUsize, Ordering, UnsafeCell},
    },
};
use std::sync::Arc;

const RELAXED: Ordering = Ordering::Relaxed;
const ACQUIRE: Ordering = Ordering::Acquire;
const ACQ_REL: Ordering = Ordering::AcqRel;

/// A node whose value counts its drops.
struct Node {
    value: usize,
    dropped: Arc<AtomicUsize>,
}

impl Drop for Node {
    fn drop(&mut self) {
        self.dropped.fetch_add(1, RELAXED);
    }
}

/// A slot with one node, in a collector of its own.
struct Slot {
    node: Atomic<Node>,
    collector: Collector,
    dropped: Arc<AtomicUsize>,
}

impl Slot {
    fn new() -> Arc<Self> {
        Self::over(Collector::new())
    }

    fn over(collector: Collector) -> Arc<Self> {
        let dropped = Arc::new(AtomicUsize::new(0));
        let node = Atomic::new(Node { value: 7, dropped: dropped.clone() });
        Arc::new(Slot { node, collector, dropped })
    }

    /// Reads the node under a guard.
    fn read(&self, order: Ordering) -> Option<usize> {
        let handle = self.collector.register();
        let guard = handle.pin();
        // SAFETY: a node that can be loaded is retired after it was unlinked.
        unsafe { self.node.load(order, &guard).as_ref() }.map(|node| node.value)
    }

    /// Unlinks the node and retires it.
    fn remove(&self) {
        let handle = self.collector.register();
        let guard = handle.pin();
        let node = self.node.swap(Shared::null(), ACQ_REL, &guard);
        // SAFETY: unlinked here, and nobody puts it back.
        unsafe { guard.defer_destroy(node) };
    }
}

/// A reader against one who removes: what was read, and how many nodes were dropped at the end.
fn read_against_remove(slot: Arc<Slot>) -> (Option<usize>, usize) {
    let remover = slot.clone();
    let remover = thread::spawn(move || remover.remove());
    let seen = slot.read(ACQUIRE);
    remover.join().unwrap();
    let dropped = slot.dropped.clone();
    drop(slot);
    (seen, dropped.load(RELAXED))
}

#[test]
fn a_reader_under_a_guard_is_never_reported_and_every_node_is_dropped() {
    let expected = [(None, 1), (Some(7), 1)];
    Model::new("read, remove").expect(&expected).check(|| read_against_remove(Slot::new()));
}

#[test]
fn it_stands_in_for_epochs_whose_pins_issue_fences_too() {
    let expected = [(None, 1), (Some(7), 1)];
    let slot = || Slot::over(Collector::symmetric());
    Model::new("read, remove over symmetric")
        .expect(&expected)
        .check(move || read_against_remove(slot()));
}

#[test]
fn two_readers_under_guards_are_never_reported() {
    Model::new("read, read, remove").bound(2).expect(&[1]).check(|| {
        let slot = Slot::new();
        let others = [0, 1].map(|_| {
            let slot = slot.clone();
            thread::spawn(move || slot.read(ACQUIRE))
        });
        slot.remove();
        others.into_iter().for_each(|other| assert!(other.join().is_ok()));
        let dropped = slot.dropped.clone();
        drop(slot);
        dropped.load(RELAXED)
    });
}

#[test]
fn garbage_is_freed_as_soon_as_the_guards_are_gone() {
    Model::new("freed early").expect(&[1]).check(|| {
        let slot = Slot::new();
        let other = slot.clone();
        let other = thread::spawn(move || other.read(ACQUIRE));
        slot.remove();
        other.join().unwrap();
        slot.dropped.load(RELAXED)
    });
}

/// What `use_slot` does against one who removes is reported in each pass.
fn is_reported(name: &str, use_slot: fn(&Slot)) {
    for engine in [Engine::Interleavings, Engine::Weak] {
        let found = Model::new(name).only(engine).counterexample(move || {
            let slot = Slot::new();
            let remover = slot.clone();
            let remover = thread::spawn(move || remover.remove());
            use_slot(&slot);
            remover.join().unwrap();
        });
        let message = &found.message;
        assert!(message.starts_with("use after free: allocated at "), "{found}");
        assert_eq!(message.matches("loom-tests/adversary.rs:").count(), 3, "{found}");
    }
}

#[test]
fn a_reader_without_a_guard_is_reported() {
    is_reported("no guard", |slot| {
        // SAFETY: wrong, and planted: nothing protects the node.
        let guard = unsafe { counterpoint::reclaim::unprotected() };
        // SAFETY: as above; the memory of a node stays until the execution ends.
        unsafe { slot.node.load(ACQUIRE, guard).as_ref() };
    });
}

#[test]
fn a_pointer_kept_beyond_its_guard_is_reported() {
    is_reported("guard gone", |slot| {
        let handle = slot.collector.register();
        let kept = slot.node.load(ACQUIRE, &handle.pin()).as_raw();
        // SAFETY: wrong, and planted: the guard is gone.
        unsafe { Shared::from(kept).as_ref() };
    });
}

#[test]
fn a_pointer_kept_beyond_a_repin_is_reported() {
    is_reported("repinned", |slot| {
        let handle = slot.collector.register();
        let mut guard = handle.pin();
        let kept = slot.node.load(ACQUIRE, &guard).as_raw();
        guard.repin();
        // SAFETY: wrong, and planted: the pin that protected it is over.
        unsafe { Shared::from(kept).as_ref() };
    });
}

#[test]
fn a_node_retired_while_it_can_be_reached_is_reported() {
    let found = Model::new("retired too early").counterexample(|| {
        let slot = Slot::new();
        let remover = slot.clone();
        let remover = thread::spawn(move || {
            let handle = remover.collector.register();
            let retire = |guard: &Guard<'_>| {
                let node = remover.node.load(ACQUIRE, guard);
                // SAFETY: wrong, and planted: it is still linked.
                unsafe { guard.defer_destroy(node) };
            };
            retire(&handle.pin());
            remover.node.store(Shared::null(), Ordering::Release);
        });
        slot.read(ACQUIRE);
        remover.join().unwrap();
    });
    assert!(found.message.starts_with("use after free: allocated at "), "{found}");
}

/// A value that is written under guards, and when it is dropped.
struct Touched(UnsafeCell<usize>);

impl Touched {
    fn read(&self) -> usize {
        // SAFETY: nobody writes while the node can be reached.
        self.0.with(|value| unsafe { *value })
    }
}

impl Drop for Touched {
    fn drop(&mut self) {
        *self.0.get_mut() = 0;
    }
}

// SAFETY: written by who owns it alone.
unsafe impl Sync for Touched {}
// SAFETY: plain data.
unsafe impl Send for Touched {}

#[test]
fn a_destructor_comes_after_what_was_done_under_the_guards() {
    Model::new("read, destroy").expect(&[None, Some(7)]).check(|| {
        let slot = Arc::new((Atomic::new(Touched(UnsafeCell::new(7))), Collector::new()));
        let remover = slot.clone();
        let remover = thread::spawn(move || {
            let handle = remover.1.register();
            let guard = handle.pin();
            let node = remover.0.swap(Shared::null(), ACQ_REL, &guard);
            // SAFETY: unlinked here, and nobody puts it back.
            unsafe { guard.defer_destroy(node) };
        });
        let seen = {
            let handle = slot.1.register();
            let guard = handle.pin();
            // SAFETY: a node that can be loaded is retired after it was unlinked.
            unsafe { slot.0.load(ACQUIRE, &guard).as_ref() }.map(Touched::read)
        };
        remover.join().unwrap();
        seen
    });
}

#[test]
fn a_guard_gives_no_order_that_epochs_would_not_give() {
    // Two guards, one after the other, in two threads: no message is passed by pinning alone.
    Model::new("pinning is no message")
        .expect(&[(0, 0), (0, 1), (1, 1)])
        .weak_only(&[(1, 0)])
        .check(|| {
            let words = Arc::new(([AtomicUsize::new(0), AtomicUsize::new(0)], Collector::new()));
            let writer = words.clone();
            let writer = thread::spawn(move || {
                let handle = writer.1.register();
                {
                    let _guard = handle.pin();
                    writer.0[0].store(1, RELAXED);
                }
                let _guard = handle.pin();
                writer.0[1].store(1, RELAXED);
            });
            let handle = words.1.register();
            let flag = {
                let _guard = handle.pin();
                words.0[1].load(RELAXED)
            };
            let _guard = handle.pin();
            let seen = (flag, words.0[0].load(RELAXED));
            writer.join().unwrap();
            seen
        });
}

#[test]
fn a_private_collector_runs_what_waits_when_it_drops() {
    Model::new("private").expect(&[2]).check(|| {
        let dropped = Arc::new(AtomicUsize::new(0));
        let collector = PrivateCollector::new();
        let guard = collector.pin();
        for value in 0..2 {
            let node = Owned::new(Node { value, dropped: dropped.clone() }).into_shared(&guard);
            // SAFETY: nobody else has seen the node.
            unsafe { guard.defer_destroy(node) };
        }
        let other = dropped.clone();
        let other = thread::spawn(move || other.load(RELAXED));
        assert_eq!(other.join().unwrap(), 0, "the guard keeps both");
        drop(guard);
        drop(collector);
        let other = dropped.clone();
        // Something shared, so that there is more than one schedule.
        let other = thread::spawn(move || other.load(RELAXED));
        let seen = dropped.load(RELAXED);
        other.join().unwrap();
        seen
    });
}

#[test]
fn what_a_forgotten_guard_delays_is_freed_when_the_execution_ends() {
    Model::new("forgotten").expect(&[0, 1]).check(|| {
        let slot = Slot::new();
        let (other, dropped) = (slot.clone(), slot.dropped.clone());
        let other = thread::spawn(move || {
            let handle = other.collector.register();
            std::mem::forget(handle.pin());
        });
        slot.remove();
        other.join().unwrap();
        dropped.load(RELAXED)
    });
}
