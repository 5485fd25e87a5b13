//! What the targets share: which domain, which guards live, and values that are accounted for.
//!
//! A target runs one thread, so that an input always does the same; what threads do to each other
//! is the business of models and stress tests.

use arbitrary::Arbitrary;
use counterpoint::reclaim::{Collector, Guard, Handle};
use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

/// A shared domain.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub enum Shared {
    Global,
    Own,
    Critical,
}

impl Shared {
    pub fn collector(self) -> Collector {
        match self {
            Shared::Global => Collector::global(),
            Shared::Own => Collector::new(),
            Shared::Critical => Collector::critical_section(),
        }
    }
}

/// What happens to the guards.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub enum Pinning {
    Pin,
    Unpin,
    Repin,
    RepinAfter,
    Flush,
}

/// Guards that live: two of one handle, one each of two others.
pub struct Guards<'h> {
    handles: &'h [Handle<'h>; 3],
    slots: [Option<Guard<'h>>; 4],
}

impl<'h> Guards<'h> {
    pub fn new(handles: &'h [Handle<'h>; 3]) -> Self {
        Guards { handles, slots: [const { None }; 4] }
    }

    fn handle(&self, slot: u8) -> &'h Handle<'h> {
        &self.handles[usize::from(slot % 4) % 3]
    }

    pub fn change(&mut self, slot: u8, how: Pinning) {
        let handle = self.handle(slot);
        let place = &mut self.slots[usize::from(slot % 4)];
        match (how, place) {
            (Pinning::Pin, place) => *place = Some(handle.pin()),
            (Pinning::Unpin, place) => *place = None,
            (Pinning::Repin, Some(guard)) => guard.repin(),
            (Pinning::RepinAfter, Some(guard)) => guard.repin_after(|| handle.pin().flush()),
            (Pinning::Flush, Some(guard)) => guard.flush(),
            (_, None) => {}
        }
        assert_eq!(handle.is_pinned(), self.pins(handle) > 0);
    }

    fn pins(&self, handle: &Handle<'_>) -> usize {
        let from = |slot: usize| std::ptr::eq(self.handle(slot as u8), handle);
        self.slots.iter().enumerate().filter(|(slot, guard)| from(*slot) && guard.is_some()).count()
    }

    /// Runs `f` with the guard in a slot, or with one for this call.
    pub fn with<R>(&self, slot: u8, f: impl FnOnce(&Guard<'_>) -> R) -> R {
        match &self.slots[usize::from(slot % 4)] {
            Some(guard) => f(guard),
            None => f(&self.handle(slot).pin()),
        }
    }
}

/// What a target of a structure with guards runs: steps under the guards in slots, then one with the
/// structure for itself, and again.
#[derive(Arbitrary, Debug)]
pub struct Input<S, O> {
    pub domain: Shared,
    pub chunks: Vec<(Vec<(u8, S)>, O)>,
}

/// A structure and its model.
pub trait Subject {
    /// Under the guard in a slot.
    type Step;
    /// With the structure for itself.
    type Own;

    fn new(domain: Shared) -> Self;
    fn register(&self) -> Handle<'static>;
    fn step(&mut self, step: Self::Step, slot: u8, guards: &mut Guards<'_>, alive: &Alive);
    fn own(&mut self, own: Self::Own, alive: &Alive);
    /// How many values the model has.
    fn count(&self) -> usize;
    /// Takes the structure apart, and compares what was in it.
    fn end(self);
}

/// Runs an input.
pub fn run<T: Subject>(input: Input<T::Step, T::Own>) {
    let alive = Alive::default();
    let mut subject = T::new(input.domain);
    for (steps, own) in input.chunks {
        let handles = [subject.register(), subject.register(), subject.register()];
        let mut guards = Guards::new(&handles);
        for (slot, step) in steps {
            subject.step(step, slot, &mut guards, &alive);
        }
        drop(guards);
        drop(handles);
        subject.own(own, &alive);
        assert_eq!(alive.count(), subject.count());
    }
    subject.end();
    alive.assert_none();
}

/// How many values of this input live.
#[derive(Clone, Default)]
pub struct Alive(Arc<AtomicUsize>);

impl Alive {
    pub fn value(&self, content: u8) -> Value {
        self.0.fetch_add(1, Relaxed);
        Value { content: Box::new(content), alive: self.0.clone() }
    }

    pub fn count(&self) -> usize {
        self.0.load(Relaxed)
    }

    /// Nothing was leaked; a value dropped twice would have been a double free of its box.
    ///
    /// What waits in the global domain is freed first, members that have left included: libFuzzer
    /// searches the whole heap for leaks after each input that frees less than it allocates.
    pub fn assert_none(&self) {
        for _ in 0..1000 {
            (0..8).for_each(|_| counterpoint::reclaim::pin().flush());
            if self.count() == 0 && Collector::global().garbage() == 0 {
                return;
            }
        }
        panic!("{} values leaked", self.count());
    }
}

/// A value on the heap, which sanitizers watch.
pub struct Value {
    content: Box<u8>,
    alive: Arc<AtomicUsize>,
}

impl Value {
    pub fn content(&self) -> u8 {
        *self.content
    }

    pub fn set(&mut self, content: u8) {
        *self.content = content;
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        self.alive.fetch_sub(1, Relaxed);
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.content.fmt(f)
    }
}
