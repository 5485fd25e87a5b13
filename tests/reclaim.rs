//! Reclamation: what is retired is freed once, not before every guard of then is gone, and then
//! soon; and the counters of what waits tell so.

mod common;

use common::{Accounts, Observed, THREADS, own_collectors, scaled};
use counterpoint::reclaim::{
    self, Atomic, Collector, Guard, Owned, PrivateCollector, Shared, unprotected,
};
use std::{
    cell::Cell,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Barrier,
        atomic::{
            AtomicBool, AtomicUsize,
            Ordering::{AcqRel, Acquire, Relaxed},
        },
    },
    thread,
};

common::in_every_own_collector!(
    a_pinned_reader_keeps_what_was_retired_since,
    a_reader_that_repins_keeps_nothing,
    only_the_last_of_nested_guards_unpins,
    without_a_pin_in_repin_after_garbage_goes,
    what_a_thread_retired_before_it_ended_is_freed_by_others,
    every_node_is_freed_once_and_no_reader_sees_a_freed_one,
    destructors_may_retire_more,
    destructors_that_pin_do_not_recurse,
    the_last_owner_frees_all_that_waits,
);

common::in_every_private_domain!(
    a_pinned_reader_keeps_what_was_retired_since,
    a_reader_that_repins_keeps_nothing,
    only_the_last_of_nested_guards_unpins,
    without_a_pin_in_repin_after_garbage_goes,
    what_a_thread_retired_before_it_ended_is_freed_by_others,
    every_node_is_freed_once_and_no_reader_sees_a_freed_one,
    the_last_owner_frees_all_that_waits,
);

/// Retires `count` values, and counts them.
fn retire(accounts: &Accounts, count: usize, guard: &Guard<'_>) {
    for content in 0..count as u64 {
        let value = accounts.value(content);
        guard.defer(move || drop(value));
    }
}

fn a_pinned_reader_keeps_what_was_retired_since<D: Observed>(domain: fn() -> D) {
    for count in [1, 63, 64, 65, 1000] {
        let (domain, accounts) = (domain(), Accounts::new());
        let (reader, writer) = (domain.register(), domain.register());
        let guard = reader.pin();
        assert_eq!(domain.garbage(), 0);
        retire(&accounts, count, &writer.pin());
        assert_eq!(domain.garbage(), count);
        for _ in 0..300 {
            writer.pin().flush(); // Enough pins for every backend to try and free.
        }
        assert_eq!((domain.garbage(), accounts.dropped()), (count, 0));
        drop(guard);
        domain.settle();
        assert_eq!((domain.garbage(), accounts.dropped()), (0, count));
    }
}

fn a_reader_that_repins_keeps_nothing<D: Observed>(domain: fn() -> D) {
    let (domain, accounts) = (domain(), Accounts::new());
    let (reader, writer) = (domain.register(), domain.register());
    let mut guard = reader.pin();
    retire(&accounts, 100, &writer.pin());
    drop(writer);
    for _ in 0..100 {
        guard.repin();
        guard.flush();
    }
    assert!(reader.is_pinned());
    assert_eq!((domain.garbage(), accounts.dropped()), (0, 100));
}

fn only_the_last_of_nested_guards_unpins<D: Observed>(domain: fn() -> D) {
    let (domain, accounts) = (domain(), Accounts::new());
    let (reader, writer) = (domain.register(), domain.register());
    assert!(!reader.is_pinned());
    let (mut first, second) = (reader.pin(), reader.pin());
    retire(&accounts, 100, &writer.pin());
    drop(second);
    for _ in 0..300 {
        let nested = reader.pin();
        first.repin(); // Has no effect while another guard of the handle lives.
        drop(nested);
        writer.pin().flush();
    }
    assert!(reader.is_pinned());
    assert_eq!((domain.garbage(), accounts.dropped()), (100, 0));
    drop(first);
    assert!(!reader.is_pinned());
    domain.settle();
    accounts.assert_all_dropped_once();
}

fn without_a_pin_in_repin_after_garbage_goes<D: Observed>(domain: fn() -> D) {
    let (domain, accounts) = (domain(), Accounts::new());
    let reader = domain.register();
    let mut guard = reader.pin();
    retire(&accounts, 100, &guard);
    guard.flush();
    let result = guard.repin_after(|| {
        assert!(!reader.is_pinned());
        domain.settle();
        accounts.dropped()
    });
    assert_eq!(result, 100);
    assert!(reader.is_pinned());

    let caught = catch_unwind(AssertUnwindSafe(|| guard.repin_after(|| panic!("inside"))));
    assert_eq!(common::message(&*caught.unwrap_err()), "inside");
    assert!(reader.is_pinned(), "pinned again, also after a panic");

    let _nested = reader.pin();
    guard.repin_after(|| assert!(reader.is_pinned(), "another guard keeps the pin"));
}

fn what_a_thread_retired_before_it_ended_is_freed_by_others<D: Observed + Sync>(domain: fn() -> D) {
    let (domain, accounts) = (domain(), Accounts::new());
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| retire(&accounts, 10, &domain.register().pin()));
        }
    });
    domain.settle();
    assert_eq!(accounts.dropped(), THREADS * 10);
    accounts.assert_all_dropped_once();
}

/// Threads exchange the node in a slot and read the one they find. A node that is dropped sets a
/// mark that its readers would see.
fn every_node_is_freed_once_and_no_reader_sees_a_freed_one<D: Observed + Sync>(domain: fn() -> D) {
    struct Node {
        live: AtomicBool,
        freed: Arc<AtomicUsize>,
    }
    impl Drop for Node {
        fn drop(&mut self) {
            assert!(self.live.swap(false, Relaxed), "freed twice");
            self.freed.fetch_add(1, Relaxed);
        }
    }
    let (domain, freed, each) = (domain(), Arc::new(AtomicUsize::new(0)), scaled(20_000));
    let node = || Node { live: AtomicBool::new(true), freed: freed.clone() };
    let slot = Atomic::new(node());
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (domain, slot, node) = (&domain, &slot, &node);
            scope.spawn(move || {
                let handle = domain.register();
                let mut guard = handle.pin();
                for number in 0..each {
                    if (number + thread) % 7 == 0 {
                        guard.repin();
                    }
                    let seen = slot.load(Acquire, &guard);
                    let old = slot.swap(Owned::new(node()), AcqRel, &guard);
                    // SAFETY: loaded under this guard from a slot that is never null, so it was
                    // live then. `old` was unlinked here and is retired once.
                    unsafe {
                        assert!(seen.deref().live.load(Relaxed), "a freed node was seen");
                        guard.defer_destroy(old);
                        assert!(old.deref().live.load(Relaxed), "freed under the guard");
                    }
                }
            });
        }
    });
    domain.settle();
    assert_eq!(freed.load(Relaxed), THREADS * each);
    // SAFETY: the threads have ended: the slot's last node is owned here.
    drop(unsafe { slot.into_owned() });
    assert_eq!(freed.load(Relaxed), THREADS * each + 1);
}

/// However long the chain, no destructor runs in the midst of another.
fn destructors_may_retire_more(collector: fn() -> Collector) {
    thread_local! {
        static RUNNING: Cell<bool> = const { Cell::new(false) };
    }
    fn chain(collector: &Collector, left: usize, ran: &Arc<AtomicUsize>) {
        let (same, ran) = (collector.clone(), ran.clone());
        collector.pin().defer(move || {
            // A panic here is counted below.
            assert!(!RUNNING.replace(true), "a destructor runs inside of another");
            ran.fetch_add(1, Relaxed);
            if left > 1 {
                chain(&same, left - 1, &ran);
            }
            RUNNING.set(false);
        });
    }
    let (collector, ran) = (collector(), Arc::new(AtomicUsize::new(0)));
    chain(&collector, 1000, &ran);
    collector.settle();
    assert_eq!((ran.load(Relaxed), collector.panics()), (1000, 0));
}

/// Each pin of a fresh handle collects, and so hands out further batches in the midst of one: they
/// were once run there, one inside the other, until the stack was full.
fn destructors_that_pin_do_not_recurse(collector: fn() -> Collector) {
    let collector = collector();
    let deep = move || {
        let (reader, writer) = (collector.pin(), collector.register());
        for _ in 0..scaled(20_000) {
            let same = collector.clone();
            writer.pin().defer(move || same.pin().flush());
        }
        drop(reader);
        writer.pin().flush();
        collector.settle();
        assert_eq!((collector.garbage(), collector.panics()), (0, 0));
    };
    thread::Builder::new().stack_size(256 << 10).spawn(deep).unwrap().join().unwrap();
}

fn the_last_owner_frees_all_that_waits<D: Observed>(domain: fn() -> D) {
    for count in [1, 64, 1000] {
        let (domain, accounts) = (domain(), Accounts::new());
        let (reader, writer) = (domain.register(), domain.register());
        let guard = reader.pin();
        retire(&accounts, count, &writer.pin());
        drop(writer);
        drop(guard);
        drop(reader);
        drop(domain);
        assert_eq!(accounts.dropped(), count);
        accounts.assert_all_dropped_once();
    }
}

#[test]
fn a_guard_keeps_its_collector() {
    let accounts = Accounts::new();
    let guard = Collector::new().pin();
    retire(&accounts, 100, &guard);
    assert_eq!(accounts.dropped(), 0);
    drop(guard);
    assert_eq!(accounts.dropped(), 100);
}

#[test]
fn clones_of_a_collector_are_one_domain_and_others_are_not() {
    let (one, other) = (Collector::new(), Collector::new());
    assert_eq!(one, one.clone());
    assert_ne!(one, other);
    assert_ne!(one, Collector::global());
    assert_eq!(Collector::global(), Collector::default());
    let guard = one.clone().pin();
    assert!(guard.is_from(&one) && !guard.is_from(&other) && !guard.is_from(&Collector::global()));
    assert!(reclaim::pin().is_from(&Collector::global()));
    let private = PrivateCollector::new();
    assert!(!private.pin().is_from(&Collector::global()));
    // SAFETY: nothing is retired through it.
    assert!(!unsafe { unprotected() }.is_from(&Collector::global()));
    guard.defer(|| {});
    assert_eq!((one.garbage(), other.garbage()), (1, 0));
}

#[test]
fn the_implicit_pin_is_the_threads_own() {
    assert!(!reclaim::is_pinned());
    let guard = reclaim::pin();
    assert!(reclaim::is_pinned());
    thread::scope(|scope| {
        scope.spawn(|| assert!(!reclaim::is_pinned()));
    });
    let nested = Collector::global().pin();
    drop(guard);
    assert!(reclaim::is_pinned());
    drop(nested);
    assert!(!reclaim::is_pinned());
}

#[test]
fn an_unprotected_guard_frees_at_once() {
    let accounts = Accounts::new();
    // SAFETY: nobody else knows the nodes.
    let guard = unsafe { unprotected() };
    retire(&accounts, 1, guard);
    assert_eq!(accounts.dropped(), 1);
    let node = Owned::new(accounts.value(0)).into_shared(guard);
    // SAFETY: nobody else knows the node.
    unsafe { guard.defer_destroy(node) };
    assert_eq!(accounts.dropped(), 2);
}

/// A destructor flushes another domain, all of whose owners may be gone when it has returned: so what is due
/// there runs at once, and waits for no frame of this domain.
#[test]
fn batches_of_another_domain_run_where_they_are_due() {
    struct Flushes(Collector, Arc<AtomicUsize>);
    impl Drop for Flushes {
        fn drop(&mut self) {
            let (handle, freed) = (self.0.register(), self.1.clone());
            handle.pin().defer(move || common::ignore(freed.fetch_add(1, Relaxed)));
            // As many as it takes epochs, and more.
            (0..100).for_each(|_| handle.pin().flush());
            assert_eq!(self.1.load(Relaxed), 1, "it waits for the outer domain");
        }
    }
    for outer in own_collectors() {
        for inner in own_collectors() {
            let freed = Arc::new(AtomicUsize::new(0));
            let flushes = Flushes(inner, freed.clone());
            outer.pin().defer(move || drop(flushes));
            outer.settle();
            assert_eq!((freed.load(Relaxed), outer.panics()), (1, 0));
        }
    }
}

#[test]
fn many_threads_come_and_go() {
    let collector = Collector::new();
    let (accounts, start) = (Accounts::new(), Barrier::new(THREADS));
    for _ in 0..scaled(50) {
        thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    start.wait();
                    retire(&accounts, 3, &collector.pin());
                });
            }
        });
    }
    collector.settle();
    accounts.assert_all_dropped_once();
}

#[test]
fn tags_survive_and_nodes_do_not_move() {
    let slot: Atomic<u64> = Owned::new(7).with_tag(1).into();
    let guard = reclaim::pin();
    let node = slot.load(Acquire, &guard);
    assert_eq!(node.tag(), 1);
    assert_eq!(slot.fetch_or(2, AcqRel, &guard), node);
    assert_eq!(slot.fetch_and(2, AcqRel, &guard).tag(), 3);
    assert_eq!(slot.fetch_xor(4, AcqRel, &guard).tag(), 2);
    let now = slot.load(Acquire, &guard);
    assert_eq!((now.tag(), now.as_raw()), (6, node.as_raw()));
    assert_eq!(now.with_tag(1), node);
    let lost = slot.compare_exchange(node, Shared::null(), AcqRel, Acquire, &guard).unwrap_err();
    assert_eq!((lost.current, lost.new), (now, Shared::null()));
    // SAFETY: nobody else knows the node.
    assert_eq!(*unsafe { slot.into_owned() }, 7);
}
