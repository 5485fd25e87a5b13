//! The backend `asymmetric` with real threads, in both rows of the table of `facade/barrier.rs`: a
//! process has but one of them, so the other one is met here alone.

use super::{
    super::garbage::{Bag, Ledger, Retired},
    Batch, Participant as _,
    asymmetric::{Global, Participant},
};
use crate::facade::{
    atomic::{AtomicPtr, AtomicUsize, Ordering},
    barrier::Barrier,
    engine::Site,
    thread, tuning,
};
use alloc::{boxed::Box, sync::Arc};
use core::ptr::NonNull;

const THREADS: usize = 4;
const EACH: usize = if cfg!(feature = "engine") { 2_000 } else { 20_000 };

/// A node that says whether it lives, and counts the dead.
struct Node {
    lives: AtomicUsize,
    freed: Arc<AtomicUsize>,
}

impl Drop for Node {
    fn drop(&mut self) {
        // Relaxed: a mark, and a count that is read when the threads have ended.
        assert_eq!(self.lives.swap(0, Ordering::Relaxed), 1, "freed twice");
        self.freed.fetch_add(1, Ordering::Relaxed);
    }
}

/// A domain with its ledger, which ends later and does not move, and a place for one node.
struct World {
    domain: Option<Global>,
    ledger: Ledger,
    place: AtomicPtr<Node>,
    freed: Arc<AtomicUsize>,
}

impl World {
    fn new(barrier: Barrier) -> Self {
        let freed = Arc::new(AtomicUsize::new(0));
        let (domain, ledger) = (Some(Global::new(barrier)), Ledger::new(usize::MAX, false));
        let place = AtomicPtr::new(node(&freed));
        World { domain, ledger, place, freed }
    }

    /// Looks at the node at the place, and exchanges it. The caller is pinned.
    fn exchange(&self) -> Retired {
        // Acquire: the node.
        let seen = self.place.load(Ordering::Acquire);
        // Release: the new node. Acquire: the old one.
        let old = self.place.swap(node(&self.freed), Ordering::AcqRel);
        // SAFETY: loaded under the pin from a place that is never empty. Relaxed: a mark.
        assert_eq!(unsafe { &(*seen).lives }.load(Ordering::Relaxed), 1, "a freed node was seen");
        // SAFETY: unlinked here, retired once, and any thread may drop it.
        unsafe { Retired::node(old, Site::caller()) }
    }

    fn retire(&self, bag: &mut Bag, participant: &Participant) {
        (0..bag.len()).for_each(|_| self.ledger.account.retire(0));
        let batch: Box<Batch> = bag.seal(NonNull::from(&self.ledger), None);
        participant.retire(batch);
    }

    /// Exchanges nodes; pins anew each time, or only now and then.
    fn work(&self, repins: bool) {
        let (participant, mut bag) = (self.domain.as_ref().unwrap().register(), Bag::new());
        participant.pin();
        for number in 0..EACH {
            bag.push(self.exchange(), size_of::<Node>());
            if bag.len() == tuning::BAG {
                self.retire(&mut bag, &participant);
            }
            if repins {
                participant.repin();
            } else if number % 100 == 0 {
                participant.unpin();
                participant.pin();
            }
        }
        self.retire(&mut bag, &participant);
        participant.unpin();
    }
}

fn node(freed: &Arc<AtomicUsize>) -> *mut Node {
    let node = Node { lives: AtomicUsize::new(1), freed: freed.clone() };
    super::super::heap::allocate(node)
}

fn every_node_is_freed_once_and_none_is_seen_dead(barrier: Barrier) {
    let mut world = World::new(barrier);
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let world = &world;
            scope.spawn(move || world.work(thread % 2 == 0));
        }
    });
    // Relaxed, here and below: the threads have ended.
    let early = world.freed.load(Ordering::Relaxed);
    assert!(early > 0, "nothing was freed while the threads worked");
    drop(world.domain.take());
    let freed = world.freed.load(Ordering::Relaxed);
    assert_eq!((freed, world.ledger.account.waiting()), (THREADS * EACH, 0));
    let last = world.place.load(Ordering::Relaxed);
    // SAFETY: the last one, never retired.
    unsafe { super::super::heap::release(last, Site::caller()) };
}

#[test]
fn in_the_mode_of_the_process() {
    every_node_is_freed_once_and_none_is_seen_dead(Barrier::of_process());
}

#[test]
fn in_the_fallback() {
    every_node_is_freed_once_and_none_is_seen_dead(Barrier::fenced());
}

/// A slot that was given back is the next one's.
#[test]
fn slots_are_as_many_as_participants_at_a_time() {
    let domain = Global::new(Barrier::of_process());
    assert_eq!(domain.slots(), 0);
    for _ in 0..10 {
        let both = [domain.register(), domain.register()];
        assert_eq!(domain.slots(), 2);
        drop(both);
    }
    assert_eq!(domain.slots(), 2);
}
