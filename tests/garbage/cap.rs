//! The cap: with a thread that is pinned and stalled, forms `_within` and removals keep what waits below
//! the bound that `Builder::garbage_cap` tells, exactly; what they refuse comes back; everything else
//! goes on, and its excess is counted.

use crate::common::{Identity, THREADS, scaled};
use counterpoint::{
    map::{SplitOrderedMap, SplitOrderedSet},
    queue::{Closed, MsQueue, PushWithinError, Queue},
    reclaim::{
        Builder, Collector, GarbageFull, Guard, Handle, Metrics, PrivateCollector, Reclaims,
    },
    stack::TreiberStack,
};
use std::{
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
    thread,
};

/// Shared domains of each kind, with a cap.
fn shared(cap: usize) -> Vec<Collector> {
    kinds().into_iter().map(|kind| kind.garbage_cap(cap).build()).collect()
}

/// Private domains of each kind, with a cap.
fn private(cap: usize) -> Vec<PrivateCollector> {
    kinds().into_iter().map(|kind| kind.garbage_cap(cap).build_private()).collect()
}

fn kinds() -> Vec<Builder> {
    vec![
        Collector::builder(),
        #[cfg(feature = "std")]
        Collector::builder().symmetric(),
        #[cfg(feature = "critical-section")]
        Collector::builder().critical_section(),
    ]
}

/// A structure in a domain with a cap.
trait Capped: Sync {
    fn register(&self) -> Handle<'_>;
    fn metrics(&self) -> Metrics;
    /// Adds a value; false if it was refused, and then it came back.
    fn put(&self, value: u64, guard: &Guard<'_>) -> bool;
    /// Adds a value, whatever waits.
    fn put_anyway(&self, value: u64, guard: &Guard<'_>);
    /// Takes a value out, if the one that was put in does not take the place of another one.
    fn take(&self, guard: &Guard<'_>);
    /// How many entries a thread may have on the way from `put` to their retirement.
    const UNDER_WAY: usize;
}

impl Capped for MsQueue<u64> {
    const UNDER_WAY: usize = 1;
    fn register(&self) -> Handle<'_> {
        self.register()
    }
    fn metrics(&self) -> Metrics {
        self.collector().metrics()
    }
    fn put(&self, value: u64, guard: &Guard<'_>) -> bool {
        self.push_within(value, guard).map_err(|back| assert_eq!(back, GarbageFull(value))).is_ok()
    }
    fn put_anyway(&self, value: u64, guard: &Guard<'_>) {
        self.push(value, guard);
    }
    fn take(&self, guard: &Guard<'_>) {
        assert!(self.pop(guard).is_some());
    }
}

impl Capped for TreiberStack<u64> {
    const UNDER_WAY: usize = 1;
    fn register(&self) -> Handle<'_> {
        self.register()
    }
    fn metrics(&self) -> Metrics {
        self.collector().metrics()
    }
    fn put(&self, value: u64, guard: &Guard<'_>) -> bool {
        self.push_within(value, guard).map_err(|back| assert_eq!(back, GarbageFull(value))).is_ok()
    }
    fn put_anyway(&self, value: u64, guard: &Guard<'_>) {
        self.push(value, guard);
    }
    fn take(&self, guard: &Guard<'_>) {
        assert!(self.pop(guard).is_some());
    }
}

/// So large that a segment has two, and not so large that each is handed over by itself.
type Large = [u64; 200];

impl Capped for Queue<Large> {
    /// Where a segment is linked, the one before is on its way out.
    const UNDER_WAY: usize = 2;
    fn register(&self) -> Handle<'_> {
        self.register()
    }
    fn metrics(&self) -> Metrics {
        self.collector().metrics()
    }
    fn put(&self, value: u64, guard: &Guard<'_>) -> bool {
        let pushed = self.push_within([value; 200], guard);
        let is_full = |error: PushWithinError<Large>| matches!(error, PushWithinError::GarbageFull(back) if back[199] == value);
        pushed.map_err(|error| assert!(is_full(error))).is_ok()
    }
    fn put_anyway(&self, value: u64, guard: &Guard<'_>) {
        self.push([value; 200], guard).expect("it is open");
    }
    fn take(&self, guard: &Guard<'_>) {
        assert!(self.pop(guard).is_some());
    }
}

/// One key, whose value is replaced.
struct Replaced<D>(SplitOrderedMap<u64, u64, Identity, D>);

impl<D: Reclaims<(u64, u64)> + Sync> Capped for Replaced<D> {
    /// A thread may unlink what another one has replaced, too.
    const UNDER_WAY: usize = 2;
    fn register(&self) -> Handle<'_> {
        self.0.register()
    }
    fn metrics(&self) -> Metrics {
        self.0.metrics()
    }
    fn put(&self, value: u64, guard: &Guard<'_>) -> bool {
        let put = self.0.insert_within(7, value, guard);
        put.map_err(|back| assert_eq!(back, GarbageFull((7, value)))).is_ok()
    }
    fn put_anyway(&self, value: u64, guard: &Guard<'_>) {
        self.0.insert(7, value, guard);
    }
    fn take(&self, _: &Guard<'_>) {}
}

/// Keys of the threads' own, which come and go.
struct Coming<D>(SplitOrderedSet<u64, Identity, D>);

impl<D: Reclaims<(u64, ())> + Sync> Capped for Coming<D> {
    const UNDER_WAY: usize = 2;
    fn register(&self) -> Handle<'_> {
        self.0.register()
    }
    fn metrics(&self) -> Metrics {
        self.0.metrics()
    }
    fn put(&self, value: u64, guard: &Guard<'_>) -> bool {
        let put = self.0.insert_within(value, guard);
        let put = put.map_err(|back| assert_eq!(back, GarbageFull(value)));
        put.map(|is_new| assert!(is_new && self.0.remove(&value, guard))).is_ok()
    }
    fn put_anyway(&self, value: u64, guard: &Guard<'_>) {
        assert!(self.0.insert(value, guard) && self.0.remove(&value, guard));
    }
    fn take(&self, _: &Guard<'_>) {}
}

type Make<'a> = &'a dyn Fn() -> Box<dyn Checked>;

/// Runs a check on each structure, in each kind of domain that it takes.
fn in_all(cap: usize, check: &dyn Fn(Make<'_>)) {
    for at in 0..kinds().len() {
        let shared = move || shared(cap).swap_remove(at);
        let private = move || private(cap).swap_remove(at);
        check(&|| Box::new(MsQueue::new_in(shared())));
        check(&|| Box::new(TreiberStack::new_in(shared())));
        check(&|| Box::new(Queue::<Large>::new_in(shared())));
        check(&|| {
            Box::new(Replaced(SplitOrderedMap::with_hasher_in(Identity::default(), shared())))
        });
        check(&|| {
            Box::new(Replaced(SplitOrderedMap::with_hasher_in(Identity::default(), private())))
        });
        check(&|| Box::new(Coming(SplitOrderedSet::with_hasher_in(Identity::default(), shared()))));
        check(&|| {
            Box::new(Coming(SplitOrderedSet::with_hasher_in(Identity::default(), private())))
        });
    }
}

/// What is checked of a structure, whichever it is.
trait Checked {
    fn stays_below_its_bound(&self, cap: usize);
    fn is_refused_exactly_at_the_cap(&self, cap: usize);
    fn counts_the_excess(&self, cap: usize);
    fn has_room_where_nobody_is_stalled(&self);
}

impl<C: Capped> Checked for C {
    /// This thread is the one that is pinned and stalled: it waits for the others.
    fn stays_below_its_bound(&self, cap: usize) {
        let (stalled, refused) = (self.register(), AtomicUsize::new(0));
        let guard = stalled.pin();
        let bound = cap + THREADS * (self.metrics().bag + C::UNDER_WAY - 1);
        let each = scaled(4_000).max(10 * cap);
        thread::scope(|scope| {
            for thread in 0..THREADS {
                let refused = &refused;
                scope.spawn(move || {
                    let handle = self.register();
                    let mut guard = handle.pin();
                    for number in 0..each {
                        if number % 3 == 0 {
                            guard.repin();
                        }
                        if self.put((thread * each + number) as u64, &guard) {
                            self.take(&guard);
                        } else {
                            refused.fetch_add(1, Relaxed);
                        }
                        let seen = self.metrics();
                        assert!(seen.waiting < bound, "{bound} wait, or more: {seen:?}");
                    }
                });
            }
        });
        let seen = self.metrics();
        assert!(seen.peak < bound && seen.peak >= cap, "the cap was reached: {seen:?}");
        assert_eq!((seen.freed, seen.cap), (0, Some(cap)));
        assert_eq!(seen.refused, refused.into_inner());
        assert!(seen.refused > 0);
        drop(guard);
        self.room_comes_again(&stalled);
    }

    /// Alone there is no other thread's bag, and nothing in the middle: the number is one.
    fn is_refused_exactly_at_the_cap(&self, cap: usize) {
        let (stalled, worker) = (self.register(), self.register());
        let (pinned, guard) = (stalled.pin(), worker.pin());
        let before = self.metrics();
        let mut number = 0;
        while self.put(number, &guard) {
            self.take(&guard);
            number += 1;
            assert!(number < 100_000, "never refused: {:?}", self.metrics());
        }
        let (seen, bag) = (self.metrics(), before.bag);
        assert_eq!(seen.handed_over, cap.div_ceil(bag) * bag, "{seen:?}");
        assert_eq!((seen.waiting, seen.refused), (seen.handed_over, before.refused + 1));
        drop(pinned);
        drop(guard);
        self.room_comes_again(&stalled);
    }

    fn counts_the_excess(&self, cap: usize) {
        const MORE: usize = 200;
        // A stack uses a node again, sixteen times, before it retires it.
        const USES: usize = 32;
        let (stalled, worker) = (self.register(), self.register());
        let pinned = stalled.pin();
        for number in 0..USES * (cap + MORE) {
            self.put_anyway(number as u64, &worker.pin());
            self.take(&worker.pin());
        }
        // A queue may have a slot left.
        let admitted = (0..10).take_while(|number| self.put(*number, &worker.pin())).count();
        assert!(admitted < 2, "{:?}", self.metrics());
        for number in 0..9 {
            assert!(!self.put(number, &worker.pin()));
        }
        worker.pin().flush();
        let seen = self.metrics();
        assert_eq!((seen.refused, seen.freed), (10, 0));
        assert_eq!((seen.handed_over, seen.excess), (seen.waiting, seen.waiting - cap));
        assert!(seen.excess > 0 && seen.peak - cap == seen.excess, "{seen:?}");
        drop(pinned);
        self.room_comes_again(&stalled);
        assert_eq!(self.metrics().excess, 0);
    }

    /// Though others idle with what they have in their bags.
    fn has_room_where_nobody_is_stalled(&self) {
        let idle: Vec<_> = (0..40).map(|_| self.register()).collect();
        for handle in &idle {
            self.put_anyway(0, &handle.pin());
            self.take(&handle.pin());
        }
        let worker = self.register();
        for number in 0..scaled(10_000) {
            assert!(self.put(number as u64, &worker.pin()), "refused: {:?}", self.metrics());
            self.take(&worker.pin());
        }
        drop(idle);
    }
}

/// What the checks have in common.
trait RoomComesAgain {
    fn room_comes_again(&self, handle: &Handle<'_>);
}

impl<C: Capped> RoomComesAgain for C {
    /// Nobody is pinned: so it does within a few tries.
    fn room_comes_again(&self, handle: &Handle<'_>) {
        let tries = (0..20).take_while(|number| !self.put(*number, &handle.pin())).count();
        assert!(tries < 20, "it stays full: {:?}", self.metrics());
    }
}

#[test]
fn what_waits_stays_below_the_bound_though_a_pinned_thread_is_stalled() {
    for cap in [1, 10, 100] {
        in_all(cap, &|make| make().stays_below_its_bound(cap));
    }
}

#[test]
fn a_thread_alone_is_refused_exactly_at_the_cap() {
    for cap in [1, 2, 15, 16, 31, 32, 33, 100, 1024, 1025] {
        in_all(cap, &|make| make().is_refused_exactly_at_the_cap(cap));
    }
}

#[test]
fn all_other_forms_go_on_and_their_excess_is_counted() {
    for cap in [1, 50] {
        in_all(cap, &|make| make().counts_the_excess(cap));
    }
}

#[test]
fn nobody_is_refused_where_nobody_is_stalled() {
    for cap in [64, 300] {
        in_all(cap, &|make| make().has_room_where_nobody_is_stalled());
    }
}

/// A push needs no segment while there is a slot, and a closed queue says so first.
#[test]
fn a_queue_of_segments_is_full_where_a_segment_ends() {
    let queue = Queue::<Large>::new_in(Collector::builder().garbage_cap(0).build());
    let queue = queue.pin();
    assert_eq!(queue.push_within([1; 200]), Ok(()));
    assert_eq!(queue.push_within([2; 200]), Ok(()));
    for _ in 0..10 {
        assert_eq!(queue.push_within([3; 200]), Err(PushWithinError::GarbageFull([3; 200])));
    }
    assert_eq!(queue.push([3; 200]), Ok(()));
    assert_eq!(queue.push_within([4; 200]), Ok(()), "into the segment of another one");
    assert_eq!(queue.push_within([5; 200]), Err(PushWithinError::GarbageFull([5; 200])));
    queue.close();
    assert_eq!(queue.push_within([5; 200]), Err(PushWithinError::Closed([5; 200])));
    assert_eq!(queue.push([5; 200]), Err(Closed([5; 200])));
    for number in 1..=4 {
        assert_eq!(queue.pop(), Some([number; 200]));
    }
    assert_eq!(queue.pop(), None);
}

/// A cap of zero lets nothing in; without one, and in the global domain, nothing is refused.
#[test]
fn no_cap_is_none() {
    let none = TreiberStack::new_in(Collector::builder().garbage_cap(0).build());
    assert_eq!(none.pin().push_within(1), Err(GarbageFull(1)));
    none.pin().push(1);
    assert_eq!(none.pin().pop(), Some(1));
    for collector in [Collector::new(), Collector::builder().build(), Collector::global()] {
        let stack = TreiberStack::new_in(collector.clone());
        let pinned = collector.pin();
        for number in 0..1_000 {
            assert_eq!(stack.pin().push_within(number), Ok(()));
            assert_eq!(stack.pin().pop(), Some(number));
        }
        assert_eq!((collector.metrics().cap, collector.metrics().refused), (None, 0));
        drop(pinned);
    }
}

#[test]
fn errors_say_what_is_wrong_and_give_the_value_back() {
    let (full, closed) = (PushWithinError::GarbageFull(7), PushWithinError::Closed(7));
    assert_eq!([full.into_inner(), closed.into_inner(), GarbageFull(7).into_inner()], [7; 3]);
    assert_eq!(GarbageFull(7).to_string(), "not added: the garbage that waits has reached its cap");
    assert_eq!(full.to_string(), "not pushed: the garbage that waits has reached its cap");
    assert_eq!(closed.to_string(), "not pushed: the queue is closed");
    assert_eq!(
        format!("{full:?} {closed:?} {:?}", GarbageFull(7)),
        "GarbageFull(..) Closed(..) GarbageFull(..)"
    );
}
