//! Models of the backend `asymmetric`: `src/reclaim/backend/asymmetric.rs` as it stands, over words that
//! an engine drives and stand-ins of its neighbours, in both rows of the table of `facade/barrier.rs`.
//!
//! * *Fenced*: both halves are SeqCst fences, in both passes, stale values included.
//! * *Expedited*: `light` is nothing, and `heavy` an explicit step, in interleavings only. What a
//!   processor may do without a fence is played by the reader: it loads what it protects *before* it
//!   pins, as a processor may that delays the pin's store or does later loads early; and loads again
//!   if a heavy barrier fell between, as a processor must whose instructions a full barrier parts.
//! * *Bare*: fenced, but for the pins of who advances, which are no fences in the expedited row either:
//!   there what is read before the heavy barrier may be stale.
//!
//! What this does not prove: that the kernel's barrier is such a step, and that a compiler fence
//! suffices beside it. Nor does *expedited* play what a processor may do with other accesses, nor that
//! a heavy barrier reaches each thread at another moment (docs/ORDERING.md, *A pin that loads late*).

extern crate alloc;

#[path = "../src/reclaim/backend/asymmetric.rs"]
mod asymmetric;

use asymmetric::Global;
use counterpoint::verify::{
    model::{Engine, Model, Outcome, thread},
    shim::{AtomicPtr, AtomicUsize, Ordering, UnsafeCell, heap},
};
use facade::barrier::{Barrier, First};
use garbage::Batch;
use std::{ptr, sync::Arc};

/// What the backend takes from `base`.
mod base {
    use std::ops::Deref;

    /// Nothing is padded here.
    pub(crate) struct CachePadded<T>(T);

    impl<T> CachePadded<T> {
        pub(crate) fn new(value: T) -> Self {
            CachePadded(value)
        }
    }

    impl<T> Deref for CachePadded<T> {
        type Target = T;
        fn deref(&self) -> &T {
            &self.0
        }
    }
}

/// What the backend takes from the facade.
mod facade {
    pub(crate) mod barrier {
        use counterpoint::verify::shim::{AtomicUsize, Ordering, fence};
        use std::{cell::Cell, sync::Arc};

        /// A row of the table.
        #[derive(Clone)]
        pub(crate) enum Barrier {
            Fenced,
            /// Counts the heavy barriers.
            Expedited(Arc<AtomicUsize>),
            Bare(First),
        }

        /// Whether a participant is the first one to be registered.
        pub(crate) struct First(Cell<bool>);

        impl First {
            pub(crate) fn new() -> Self {
                First(Cell::new(true))
            }
        }

        impl Clone for First {
            /// For a participant.
            fn clone(&self) -> Self {
                First(Cell::new(self.0.replace(false)))
            }
        }

        impl Barrier {
            pub(crate) fn expedited() -> Self {
                Barrier::Expedited(Arc::new(AtomicUsize::new(0)))
            }

            /// How many heavy barriers there have been in the caller's thread.
            pub(crate) fn passed(&self) -> usize {
                match self {
                    Barrier::Fenced | Barrier::Bare(_) => 0,
                    Barrier::Expedited(heavy) => heavy.load(Ordering::Relaxed),
                }
            }

            pub(crate) fn light(&self) {
                match self {
                    Barrier::Fenced => fence(Ordering::SeqCst),
                    Barrier::Bare(first) if !first.0.get() => fence(Ordering::SeqCst),
                    Barrier::Expedited(_) | Barrier::Bare(_) => {}
                }
            }

            pub(crate) fn heavy(&self) -> bool {
                match self {
                    Barrier::Fenced | Barrier::Bare(_) => fence(Ordering::SeqCst),
                    Barrier::Expedited(heavy) => drop(heavy.fetch_add(1, Ordering::Relaxed)),
                }
                true
            }
        }
    }

    pub(crate) mod tuning {
        pub(crate) const BAG: usize = 1;
        pub(crate) const BAGS_PER_ADVANCE: usize = 2;
    }

    pub(crate) mod untracked {
        pub(crate) mod words {
            pub(crate) use counterpoint::verify::shim::{AtomicPtr, AtomicUsize, Ordering};
        }
    }
}

/// What the backend takes from `garbage`: a batch of one node. Dropping it frees the node.
mod garbage {
    pub(crate) struct Batch {
        pub(crate) node: *mut super::Node,
        pub(crate) next: Option<Box<Batch>>,
    }

    impl Drop for Batch {
        fn drop(&mut self) {
            // SAFETY: unlinked by who retired it, once; the engine reports a use that comes later.
            unsafe { super::heap::free(self.node) };
        }
    }
}

/// What the backend takes from `runner`.
mod runner {
    pub(crate) fn run<B>(batch: B) {
        drop(batch);
    }
}

/// As in `backend/mod.rs`.
trait Participant {
    const BATCH: usize;
    const SEAL_ON_UNPIN: bool;

    fn pin(&self);
    fn unpin(&self);
    fn repin(&self);
    fn retire(&self, batch: Box<Batch>);
    fn flush(&self);
}

const _: () = assert!(asymmetric::Participant::BATCH == 1);
const _: () = assert!(!asymmetric::Participant::SEAL_ON_UNPIN);

/// A node whose uses an engine checks: read under guards, written when it is freed.
struct Node(UnsafeCell<usize>);

impl Drop for Node {
    fn drop(&mut self) {
        *self.0.get_mut() = 0;
        // SAFETY: owned alone, or the engine reports it.
        self.0.with_mut(|value| unsafe { *value = 0 });
    }
}

/// A domain, and a place for one node.
struct World {
    domain: Global,
    barrier: Barrier,
    place: AtomicPtr<Node>,
}

// SAFETY: the engine reports what races on a node.
unsafe impl Send for World {}
// SAFETY: as above.
unsafe impl Sync for World {}

impl World {
    fn new(barrier: Barrier) -> Arc<Self> {
        let node = heap::alloc(Node(UnsafeCell::new(7)));
        let kept = match &barrier {
            Barrier::Bare(_) => Barrier::Fenced, // Whose cloning is counted.
            barrier => barrier.clone(),
        };
        let domain = Global::new(barrier);
        Arc::new(World { domain, barrier: kept, place: AtomicPtr::new(node) })
    }

    fn register(&self) -> asymmetric::Participant {
        self.domain.register()
    }

    /// Unlinks the node and retires it, pinned.
    fn remove(&self, participant: &asymmetric::Participant) {
        // Release: nothing. Acquire: the node.
        let node = self.place.swap(ptr::null_mut(), Ordering::AcqRel);
        assert!(!node.is_null());
        participant.retire(Box::new(Batch { node, next: None }));
    }

    fn pin_and_remove(&self, participant: &asymmetric::Participant) {
        participant.pin();
        self.remove(participant);
        participant.unpin();
    }

    /// Pins, as a processor may do it that the barriers do not keep from it; what was at the place.
    fn pin_and_load(&self, participant: &asymmetric::Participant) -> *mut Node {
        // Acquire, here and below: the node.
        let load = || self.place.load(Ordering::Acquire);
        if let Barrier::Fenced | Barrier::Bare(_) = self.barrier {
            participant.pin();
            return load();
        }
        let before = self.barrier.passed();
        let early = load();
        participant.pin();
        if self.barrier.passed() == before { early } else { load() }
    }

    /// Reads the node under a pin, if it is there.
    fn read(&self, participant: &asymmetric::Participant) -> Option<usize> {
        let node = self.pin_and_load(participant);
        let value = read(node);
        participant.unpin();
        value
    }

    /// What is left at the place is freed with the world.
    fn end(self: Arc<Self>) {
        let world = Arc::into_inner(self).expect("the threads were joined");
        // Relaxed: as above.
        let node = world.place.load(Ordering::Relaxed);
        drop(world.domain);
        if !node.is_null() {
            // SAFETY: never unlinked, and nobody else is left.
            unsafe { heap::free(node) };
        }
    }
}

/// A participant that the main thread registers, and another one uses.
struct Registered {
    participant: asymmetric::Participant,
    world: Arc<World>,
}

// SAFETY: one thread at a time uses it.
unsafe impl Send for Registered {}

impl Registered {
    fn new(world: &Arc<World>) -> Self {
        Registered { participant: world.register(), world: world.clone() }
    }

    /// As a whole, since closures take what they name, and a part is not `Send`.
    fn parts(&self) -> (&World, &asymmetric::Participant) {
        (&self.world, &self.participant)
    }
}

fn read(node: *mut Node) -> Option<usize> {
    heap::check(node);
    // SAFETY: the memory stays until the execution ends, and the engine reports what races.
    (!node.is_null()).then(|| unsafe { (*node).0.with(|value| *value) })
}

/// So many times: pins, tries to advance, unpins.
fn advance(participant: &asymmetric::Participant, times: usize) {
    for _ in 0..times {
        participant.pin();
        participant.flush();
        participant.unpin();
    }
}

/// Removes the node, and frees it if nobody is behind.
fn remove_and_advance(world: &World) {
    let participant = world.register();
    participant.pin();
    world.remove(&participant);
    participant.flush();
    participant.unpin();
    advance(&participant, 2);
}

/// Checks a model in both rows.
fn check<O: Outcome>(
    model: impl Fn(&str) -> Model,
    expected: &[O],
    body: impl Fn(Barrier) -> O + Clone + Send + Sync + 'static,
) {
    let fenced = body.clone();
    model("fenced").expect(expected).check(move || fenced(Barrier::Fenced));
    let expedited = model("expedited").only(Engine::Interleavings);
    expedited.expect(expected).check(move || body(Barrier::expedited()));
}

/// [I3], [P1], [P2]: a reader that comes at any time, and one who removes, advances and frees.
#[test]
fn a_reader_keeps_what_it_reached() {
    let model = |row: &str| Model::new(format!("asymmetric: read, remove, {row}")).bound(3);
    check(model, &[None, Some(7)], |barrier| {
        let world = World::new(barrier);
        let reader = world.clone();
        let reader = thread::spawn(move || reader.read(&reader.register()));
        remove_and_advance(&world);
        let seen = reader.join().unwrap();
        world.end();
        seen
    });
}

/// [I3], fenced: two epochs are too few for a remover whose tag is stale.
#[test]
fn a_reader_of_the_next_epoch_keeps_what_it_reached() {
    let model =
        |row: &str| Model::new(format!("asymmetric: read in the next epoch, {row}")).bound(3);
    check(model, &[None, Some(7)], |barrier| {
        let world = World::new(barrier);
        let remover = world.clone();
        let remover = thread::spawn(move || remover.pin_and_remove(&remover.register()));
        let [reader, advancer] = [(); 2].map(|()| world.register());
        advance(&advancer, 1);
        let node = world.pin_and_load(&reader);
        advance(&advancer, 1);
        let seen = read(node);
        reader.unpin();
        remover.join().unwrap();
        drop((reader, advancer));
        world.end();
        seen
    });
}

/// [I3], [P2], bare: the slots are looked at after the barrier, or else an advance goes past a remover that
/// has pinned meanwhile, and whose tag is stale.
#[test]
fn a_reader_of_the_epoch_after_keeps_what_it_reached() {
    let model = Model::new("asymmetric: read two epochs later").only(Engine::Weak).weak_bound(3);
    model.expect(&[None, Some(7)]).check(|| {
        let world = World::new(Barrier::Bare(First::new()));
        let [advancer, remover, reader] = [(); 3].map(|()| Registered::new(&world));
        let remover = thread::spawn(move || {
            let (world, participant) = remover.parts();
            world.pin_and_remove(participant);
        });
        advance(advancer.parts().1, 2);
        let node = world.pin_and_load(reader.parts().1);
        advance(advancer.parts().1, 1);
        let seen = read(node);
        reader.parts().1.unpin();
        remover.join().unwrap();
        drop((reader, advancer));
        world.end();
        seen
    });
}

/// [I3], expedited: two epochs are too few for a reader that has loaded what follows its pin before
/// the epoch.
#[test]
fn a_reader_that_loads_early_keeps_what_it_reached() {
    let model = Model::new("asymmetric: early").bound(2).only(Engine::Interleavings);
    model.expect(&[None, Some(7)]).check(|| {
        let world = World::new(Barrier::expedited());
        let [remover, other] = [(); 2].map(|()| world.clone());
        let remover = thread::spawn(move || remover.pin_and_remove(&remover.register()));
        let other = thread::spawn(move || advance(&other.register(), 1));
        let [reader, advancer] = [(); 2].map(|()| world.register());
        let node = world.pin_and_load(&reader);
        advance(&advancer, 1);
        let seen = read(node);
        reader.unpin();
        remover.join().unwrap();
        other.join().unwrap();
        drop((reader, advancer));
        world.end();
        seen
    });
}

/// [I1]: who advances is pinned as any other, and does not leave itself behind.
#[test]
fn who_advances_keeps_what_it_reached() {
    let model = |row: &str| Model::new(format!("asymmetric: read and advance, {row}")).bound(2);
    check(model, &[None, Some(7)], |barrier| {
        let world = World::new(barrier);
        let remover = Registered::new(&world);
        let remover = thread::spawn(move || {
            let (world, participant) = remover.parts();
            world.pin_and_remove(participant);
        });
        let reader = world.register();
        let node = world.pin_and_load(&reader);
        (0..3).for_each(|_| reader.flush());
        let seen = read(node);
        reader.unpin();
        remover.join().unwrap();
        drop(reader);
        world.end();
        seen
    });
}

/// [I1]: what is retired in the epoch that comes is not in the list that is then taken.
#[test]
fn the_list_that_is_taken_takes_no_batch() {
    let model = |row: &str| Model::new(format!("asymmetric: lists, {row}")).bound(2);
    check(model, &[None, Some(7)], |barrier| {
        let world = World::new(barrier);
        let [reader, remover, advancer] = [(); 3].map(|()| Registered::new(&world));
        let remover = thread::spawn(move || {
            let (world, participant) = remover.parts();
            world.pin_and_remove(participant);
        });
        let advancer = thread::spawn(move || advance(advancer.parts().1, 1));
        let (_, participant) = reader.parts();
        let seen = world.read(participant);
        remover.join().unwrap();
        advancer.join().unwrap();
        drop(reader);
        world.end();
        seen
    });
}

/// [I3], [P1]: a section goes on in another thread, which reaches the node there and ends it.
#[test]
fn a_section_that_goes_to_another_thread_keeps_what_it_reaches() {
    let model = |row: &str| Model::new(format!("asymmetric: moved, {row}")).bound(3);
    check(model, &[None, Some(7)], |barrier| {
        let world = World::new(barrier);
        let (reader, remover) = (Registered::new(&world), Registered::new(&world));
        let remover = thread::spawn(move || {
            let (world, participant) = remover.parts();
            world.pin_and_remove(participant);
            advance(participant, 3);
        });
        reader.parts().1.pin();
        let reader = thread::spawn(move || {
            let (world, participant) = reader.parts();
            // Acquire: the node.
            let seen = read(world.place.load(Ordering::Acquire));
            participant.unpin();
            seen
        });
        let seen = reader.join().unwrap();
        remover.join().unwrap();
        world.end();
        seen
    });
}

/// [P1]: who frees comes after a section that it never saw end, since pins followed. (Expedited: the
/// fence of an earlier pin would hand over too.)
#[test]
fn a_later_pin_hands_over_what_was_done_under_earlier_ones() {
    let model = Model::new("asymmetric: read, repin").bound(5).only(Engine::Interleavings);
    model.expect(&[None, Some(7)]).check(|| {
        let world = World::new(Barrier::expedited());
        let (reader, remover) = (Registered::new(&world), Registered::new(&world));
        let reader = thread::spawn(move || {
            let (world, participant) = reader.parts();
            let seen = read(world.pin_and_load(participant));
            participant.repin();
            participant.repin();
            seen
        });
        let (_, participant) = remover.parts();
        participant.pin();
        world.remove(participant);
        participant.flush();
        for _ in 0..2 {
            participant.repin();
            participant.flush();
        }
        let seen = reader.join().unwrap();
        drop(remover);
        world.end();
        seen
    });
}

/// [P5]: who takes a slot comes after all that was done under it, and frees.
#[test]
fn who_takes_a_slot_comes_after_its_last_owner() {
    let model = |row: &str| Model::new(format!("asymmetric: read, go, {row}")).bound(2);
    check(model, &[None, Some(7)], |barrier| {
        let world = World::new(barrier);
        let reader = world.clone();
        let reader = thread::spawn(move || reader.read(&reader.register()));
        remove_and_advance(&world);
        let seen = reader.join().unwrap();
        world.end();
        seen
    });
}

/// [P4]: two who come at once have a slot each, which the one who advances sees.
#[test]
fn two_who_come_at_once_are_both_seen() {
    let model = Model::new("asymmetric: two come").bound(2).only(Engine::Interleavings);
    let expected = [(None, None), (None, Some(7)), (Some(7), None), (Some(7), Some(7))];
    model.expect(&expected).check(|| {
        let world = World::new(Barrier::Fenced);
        let readers = [(); 2].map(|()| {
            let reader = world.clone();
            thread::spawn(move || reader.read(&reader.register()))
        });
        remove_and_advance(&world);
        let [first, second] = readers.map(|reader| reader.join().unwrap());
        world.end();
        (first, second)
    });
}

/// [P5]: of two who find one free slot, one takes it; or else the other one's unpin would be its own.
#[test]
fn two_who_find_a_free_slot_do_not_share_it() {
    let model = Model::new("asymmetric: one free slot").bound(3).only(Engine::Interleavings);
    model.expect(&[None, Some(7)]).check(|| {
        let world = World::new(Barrier::Fenced);
        let (free, remover) = (world.register(), world.register());
        drop(free);
        let reader = world.clone();
        let reader = thread::spawn(move || reader.read(&reader.register()));
        assert_eq!(world.read(&world.register()), Some(7));
        world.pin_and_remove(&remover);
        advance(&remover, 3);
        let seen = reader.join().unwrap();
        drop(remover);
        world.end();
        seen
    });
}

/// [P3]: who pins with an epoch sees what the advance to it has seen the end of. (The gates order
/// nothing, and end at once what would not come to it. Who advances here is not pinned, which [I1] asks
/// for: no list is used twice.)
#[test]
fn who_reads_an_epoch_sees_what_was_unlinked_before() {
    let model = Model::new("asymmetric: three advance").only(Engine::Weak).weak_bound(3);
    model.expect(&[None, Some(7)]).check(|| {
        let world = World::new(Barrier::Fenced);
        let gates = Arc::new([AtomicUsize::new(0), AtomicUsize::new(0)]);
        let [reader, remover, advancer] = [(); 3].map(|()| Registered::new(&world));
        let (first, second) = (gates.clone(), gates.clone());
        let remover = thread::spawn(move || {
            let (world, participant) = remover.parts();
            world.pin_and_remove(participant);
            // Relaxed, here and below: a gate.
            first[0].store(1, Ordering::Relaxed);
        });
        let advancer = thread::spawn(move || {
            let (_, participant) = advancer.parts();
            if second[0].load(Ordering::Relaxed) == 1 {
                participant.flush();
                second[1].store(1, Ordering::Relaxed);
                participant.flush();
            }
        });
        let (_, participant) = reader.parts();
        participant.flush();
        let mut seen = None;
        if gates[1].load(Ordering::Relaxed) == 1 {
            seen = world.read(participant);
        }
        remover.join().unwrap();
        advancer.join().unwrap();
        drop(reader);
        world.end();
        seen
    });
}
