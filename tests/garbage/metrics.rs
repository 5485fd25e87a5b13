//! What is retired is counted until it is freed, whatever threads do.

use crate::{
    common::{self, Accounts, Observed, THREADS, scaled},
    retire,
};
use counterpoint::{
    queue::Queue,
    reclaim::{Collector, Metrics},
    stack::TreiberStack,
};
use std::thread;

common::in_every_own_collector!(
    metrics_follow_an_entry_from_its_retirement_to_its_end,
    the_peak_is_of_all_times,
    what_threads_retired_adds_up,
    participants_come_and_go,
    panics_are_counted,
);

common::in_every_private_domain!(
    metrics_follow_an_entry_from_its_retirement_to_its_end,
    the_peak_is_of_all_times,
    what_threads_retired_adds_up,
    participants_come_and_go,
    panics_are_counted,
);

/// More than any bag holds.
const BAG: usize = 64;

fn is_unused(seen: &Metrics) -> bool {
    let all = [seen.retired, seen.freed, seen.waiting, seen.handed_over, seen.bytes, seen.peak];
    all == [0; 6] && [seen.participants, seen.panics, seen.excess, seen.refused] == [0; 4]
}

fn metrics_follow_an_entry_from_its_retirement_to_its_end<D: Observed>(domain: fn() -> D) {
    let (domain, mut retired) = (domain(), 0);
    assert!(is_unused(&domain.metrics()));
    for count in [1, BAG - 1, BAG, BAG + 1, 10 * BAG] {
        let (reader, writer) = (domain.register(), domain.register());
        let (pinned, guard) = (reader.pin(), writer.pin());
        (0..count).for_each(|_| retire::<3>(&guard));
        let now = domain.metrics();
        assert_eq!((now.retired, now.freed, now.waiting), (retired + count, retired, count));
        assert!(now.waiting - now.handed_over < BAG, "a bag is not handed over: {now:?}");
        assert_eq!(now.bytes, now.handed_over * 3 * size_of::<usize>());
        drop(guard);
        drop(writer);
        let now = domain.metrics();
        assert_eq!((now.waiting, now.handed_over, domain.garbage()), (count, count, count));
        assert_eq!(now.bytes, count * 3 * size_of::<usize>());
        drop(pinned);
        drop(reader);
        domain.settle();
        retired += count;
        let now = domain.metrics();
        assert_eq!((now.retired, now.freed), (retired, retired));
        assert_eq!((now.waiting, now.handed_over, now.bytes, now.participants), (0, 0, 0, 0));
    }
}

fn the_peak_is_of_all_times<D: Observed>(domain: fn() -> D) {
    let domain = domain();
    for (count, peak) in [(100, 100), (30, 100), (200, 200), (199, 200)] {
        let reader = domain.register();
        let pinned = reader.pin();
        let writer = domain.register();
        (0..count).for_each(|_| retire::<1>(&writer.pin()));
        drop(writer);
        assert_eq!(domain.metrics().peak, peak);
        drop(pinned);
        domain.settle();
        assert_eq!(domain.metrics().peak, peak);
    }
}

fn what_threads_retired_adds_up<D: Observed + Sync>(domain: fn() -> D) {
    let (domain, each) = (domain(), scaled(10_000));
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                let handle = domain.register();
                for _ in 0..each {
                    retire::<2>(&handle.pin());
                    let seen = domain.metrics();
                    assert!(seen.retired <= THREADS * each && seen.waiting <= seen.retired);
                    assert!(seen.handed_over <= THREADS * each, "{seen:?}");
                }
            });
        }
    });
    let now = domain.metrics();
    assert_eq!((now.retired, now.retired - now.freed), (THREADS * each, now.waiting));
    assert_eq!((now.waiting, now.bytes), (now.handed_over, now.waiting * 2 * size_of::<usize>()));
    assert!((1..=THREADS * each).contains(&now.peak));
    domain.settle();
    assert_eq!((domain.metrics().freed, domain.metrics().bytes), (THREADS * each, 0));
}

fn participants_come_and_go<D: Observed>(domain: fn() -> D) {
    let domain = domain();
    let participants = || domain.metrics().participants;
    let (first, second) = (domain.register(), domain.register());
    let (_pinned, _nested) = (first.pin(), first.pin());
    assert_eq!(participants(), 2);
    let alone = domain.pin();
    assert_eq!(participants(), 3);
    drop(second);
    assert_eq!(participants(), 2);
    drop(alone);
    assert_eq!(participants(), 1);
}

fn panics_are_counted<D: Observed>(domain: fn() -> D) {
    let domain = domain();
    let handle = domain.register();
    handle.pin().defer(|| panic!("planted"));
    handle.pin().flush();
    drop(handle);
    domain.settle();
    let now = domain.metrics();
    assert_eq!((now.panics, now.freed, now.waiting), (1, 1, 0));
    // A private domain goes on with the panic.
    let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(domain)));
    common::ignore(ended);
}

/// A segment's slots are its memory, though they lie elsewhere.
#[test]
fn the_bytes_of_a_queue_are_those_of_its_slots() {
    let collector = Collector::new();
    let queue = Queue::new_in(collector.clone());
    let reader = collector.pin();
    {
        let queue = queue.pin();
        (0..10_000_u64).for_each(|number| queue.push(number).unwrap());
        assert!((0..10_000).all(|number| queue.pop() == Some(number)));
    }
    let seen = collector.metrics();
    assert!(seen.waiting < 10_000, "it has segments");
    let values = 10_000 * size_of::<u64>();
    // A slot has a word beside its value, and a segment some cache lines (in an engine's build more).
    let most = 2 * values + 1024 * seen.waiting;
    assert!((values..=most).contains(&seen.bytes), "{seen:?}");
    drop(reader);
}

/// Also of those that were kept to be used again, which wait from when their participant leaves, or keeps
/// another stack's; and where values take no room.
#[test]
fn the_bytes_of_stacks_are_those_of_their_nodes() {
    const COUNT: usize = 10;
    let waiting = |use_both: fn(&dyn Fn(), &dyn Fn())| {
        let collector = Collector::new();
        let (small, large) =
            (TreiberStack::new_in(collector.clone()), TreiberStack::new_in(collector.clone()));
        let reader = collector.pin(); // What is retired stays, to be counted.
        let writer = collector.register();
        let cycle = |push: &dyn Fn(), pop: &dyn Fn()| {
            (0..COUNT).for_each(|_| push());
            (0..COUNT).for_each(|_| pop());
        };
        let pin = || writer.pin();
        use_both(
            &|| cycle(&|| small.push((), &pin()), &|| assert!(small.pop(&pin()).is_some())),
            &|| cycle(&|| large.push([0_u64; 8], &pin()), &|| assert!(large.pop(&pin()).is_some())),
        );
        drop(writer);
        let seen = collector.metrics();
        drop(reader);
        assert_eq!(seen.waiting, seen.handed_over);
        (seen.waiting, seen.bytes)
    };
    let (nodes, link) = waiting(|small, _| small());
    assert!(nodes >= COUNT && link / nodes >= size_of::<usize>(), "{link} bytes of {nodes}");
    let small = link / nodes;
    let (nodes, bytes) = waiting(|_, large| large());
    let large = bytes / nodes;
    assert!(large >= small + size_of::<[u64; 8]>(), "{bytes} bytes of {nodes}");
    let (nodes, bytes) = waiting(|small, large| {
        small();
        large();
        small();
    });
    assert_eq!((nodes, bytes), (3 * COUNT, COUNT * (2 * small + large)));
}

/// A clone says the same, and another collector something else.
#[test]
fn metrics_are_of_a_domain() {
    let (one, other, accounts) = (Collector::new(), Collector::new(), Accounts::new());
    let value = accounts.value(0);
    let guard = one.pin();
    guard.defer(move || drop(value));
    assert_eq!((one.clone().metrics(), one.metrics().waiting), (one.metrics(), 1));
    assert!(is_unused(&other.metrics()));
}
