//! The seam towards exploration engines: who drives the atomics of this OS thread now, if anybody.
//!
//! `../no_engine.rs` is the other side; both offer the same names.
//!
//! # Parts
//! | file | what |
//! |---|---|
//! | `driver.rs` | what an engine must offer |
//! | `sequential.rs` | our engine: all sequentially consistent executions, reduced or not |
//! | `coroutine.rs`, `path.rs` | its threads, its schedules |
//! | `loom.rs` | loom, driven in two ways |
//! | `shuttle.rs` | shuttle: random schedules |
//! | `memory.rs`, `clock.rs` | newest values, and happens-before beside, for all engines but loom |
//! | `explore.rs` | runs a body under one engine until every schedule was seen |
//! | `execution.rs` | the state of one execution: objects, pools, threads |
//! | `heap.rs` | the shadow heap: who allocated and who freed each node |
//! | `record.rs` | what each thread did and saw, in names that do not depend on the run |
//! | `thread.rs` | spawn and join |
//!
//! # Bindings
//! A word or a cell is native outside of an execution. Inside one it is bound to an object of the
//! engine, anew in each execution:
//! * made by `new`, when it is made, by the thread that makes it;
//! * made by `root`, at its first access, to an object that the main thread made when the execution
//!   began. The pool of those has a fixed size.
//!
//! # Invariants
//! * `[I1]` A binding is two plain numbers; objects live in the execution, which a thread-local of
//!   one OS thread owns. Hence a word used from another OS thread never meets an engine's object.
//! * `[I2]` An object that was made by `new` outside of the execution that uses it panics: the
//!   engine would not see it.
//! * `[I3]` No borrow of the execution's state is held while an engine may switch threads.
//! * `[I4]` While an execution unwinds nothing is scheduled any more: operations act on the last
//!   value, and cells are not tracked.
//!
//! # Rejected
//! A lazily bound word in a node (made by its first accessor it reports a false race, and from the
//! pool it hides the publication race); an `Rc` in each word (needs `unsafe impl Sync`).

mod clock;
mod coroutine;
mod driver;
mod execution;
mod explore;
pub(crate) mod heap;
#[cfg(feature = "loom")]
mod loom;
mod memory;
mod path;
mod record;
mod sequential;
#[cfg(feature = "shuttle")]
mod shuttle;
pub(crate) mod thread;

use core::{
    panic::Location,
    sync::atomic::{AtomicUsize, Ordering},
};
use execution::{Execution, Slot};
#[cfg(feature = "critical-section")]
use std::cell::Cell;
use std::rc::Rc;

pub(crate) use execution::{end_local, local, shows_stale_values};
pub use explore::Engine;
pub(crate) use explore::{Exploration, Failure, Settings, explore, is_available};
pub(crate) use path::Given;
pub(crate) use record::{Access, Behaviour, Step, Trace};

/// A read-modify-write, as an engine sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Rmw {
    Swap(usize),
    Add(usize),
    Sub(usize),
    And(usize),
    Or(usize),
    Xor(usize),
}

impl Rmw {
    /// What it makes of `value`.
    fn apply(self, value: usize) -> usize {
        match self {
            Rmw::Swap(new) => new,
            Rmw::Add(n) => value.wrapping_add(n),
            Rmw::Sub(n) => value.wrapping_sub(n),
            Rmw::And(mask) => value & mask,
            Rmw::Or(mask) => value | mask,
            Rmw::Xor(mask) => value ^ mask,
        }
    }
}

/// An atomic word that an engine drives.
pub(crate) struct Tracked {
    execution: Rc<Execution>,
    slot: Rc<Slot>,
    /// What the engine's word is less than the value: engines begin a root at zero.
    offset: usize,
}

impl Tracked {
    pub(crate) fn load(&self, order: Ordering) -> usize {
        self.execution.meet(&self.slot, false);
        self.driven(|slot| slot.driven.load(order))
            .unwrap_or_else(|| self.slot.latest.get())
            .wrapping_add(self.offset)
    }

    pub(crate) fn store(&self, value: usize, order: Ordering) {
        let value = value.wrapping_sub(self.offset);
        self.execution.meet(&self.slot, true);
        self.driven(|slot| slot.driven.store(value, order));
        self.slot.latest.set(value);
    }

    pub(crate) fn rmw(&self, rmw: Rmw, order: Ordering) -> usize {
        match rmw {
            Rmw::Swap(new) => self.rmw_below(Rmw::Swap(new.wrapping_sub(self.offset)), order),
            Rmw::And(_) | Rmw::Or(_) | Rmw::Xor(_) if self.offset != 0 => {
                return self.rmw_by_exchange(rmw, order);
            }
            _ => self.rmw_below(rmw, order),
        }
        .wrapping_add(self.offset)
    }

    /// Bits of the engine's word are not those of the value.
    fn rmw_by_exchange(&self, rmw: Rmw, order: Ordering) -> usize {
        // Relaxed: a guess.
        let mut seen = self.load(Ordering::Relaxed);
        loop {
            // Relaxed: a guess again.
            match self.compare_exchange(seen, rmw.apply(seen), order, Ordering::Relaxed) {
                Ok(seen) => return seen,
                Err(other) => seen = other,
            }
        }
    }

    fn rmw_below(&self, rmw: Rmw, order: Ordering) -> usize {
        self.execution.meet(&self.slot, true);
        let seen = self
            .driven(|slot| slot.driven.rmw(rmw, order))
            .unwrap_or_else(|| self.slot.latest.get());
        self.slot.latest.set(rmw.apply(seen));
        seen
    }

    pub(crate) fn compare_exchange(
        &self,
        current: usize,
        new: usize,
        success: Ordering,
        failure: Ordering,
    ) -> Result<usize, usize> {
        let (current, new) = (current.wrapping_sub(self.offset), new.wrapping_sub(self.offset));
        self.execution.meet(&self.slot, true);
        let seen = self
            .driven(|slot| slot.driven.compare_exchange(current, new, success, failure))
            .unwrap_or_else(|| match self.slot.latest.get() {
                latest if latest == current => Ok(latest),
                latest => Err(latest),
            });
        if seen.is_ok() {
            self.slot.latest.set(new);
        }
        let value = |seen: usize| seen.wrapping_add(self.offset);
        seen.map(value).map_err(value)
    }

    /// A read by who owns the word alone; a race is reported.
    pub(crate) fn load_mut(&self) -> usize {
        self.driven(|slot| slot.driven.load_mut())
            .unwrap_or_else(|| self.slot.latest.get())
            .wrapping_add(self.offset)
    }

    /// A write by who owns the word alone; a race is reported.
    pub(crate) fn store_mut(&self, value: usize) {
        let value = value.wrapping_sub(self.offset);
        self.driven(|slot| slot.driven.store_mut(value));
        self.slot.latest.set(value);
    }

    /// Lets the engine do it, unless the execution unwinds [I4].
    fn driven<R>(&self, operation: impl FnOnce(&Slot) -> R) -> Option<R> {
        if std::thread::panicking() {
            return None;
        }
        Some(self.execution.switching(|| operation(&self.slot)))
    }
}

/// In `Binding::execution`: not bound yet.
const UNBOUND: usize = 0;
/// In `Binding::execution`: made outside of any execution, for nodes.
const NATIVE: usize = usize::MAX;

/// To which object of which execution something is bound [I1].
///
/// Only the OS thread that runs the execution writes; others read `execution` when they find
/// themselves outside of one, to tell that the object does not belong there.
struct Binding {
    /// The number of an execution, `UNBOUND` or `NATIVE`.
    execution: AtomicUsize,
    object: AtomicUsize,
    /// Made by `new`.
    eager: bool,
}

impl Binding {
    const fn root() -> Self {
        Binding { execution: AtomicUsize::new(UNBOUND), object: AtomicUsize::new(0), eager: false }
    }

    /// Bound to what `make` makes, if an execution is running.
    fn new(make: impl FnOnce(&Execution) -> usize) -> Self {
        let (execution, object) = match Execution::current() {
            Some(execution) => (execution.number, make(&execution)),
            None => (NATIVE, 0),
        };
        Binding {
            execution: AtomicUsize::new(execution),
            object: AtomicUsize::new(object),
            eager: true,
        }
    }

    /// The object in the execution that runs now; `take` takes one from the pool for a root.
    #[track_caller]
    fn resolve(&self, take: impl FnOnce(&Execution) -> usize) -> Option<(Rc<Execution>, usize)> {
        // Relaxed, here and below: one OS thread writes and reads [I1]; see the type.
        let bound = self.execution.load(Ordering::Relaxed);
        let Some(execution) = Execution::current() else {
            if self.eager && bound != NATIVE {
                stranger("was made inside a model's execution, but is used outside of it");
            }
            return None;
        };
        execution.passes(Location::caller());
        execution.may_be_seen();
        if bound == execution.number {
            return Some((execution, self.object.load(Ordering::Relaxed)));
        }
        if self.eager {
            match bound {
                NATIVE => stranger("was made outside of the model's closure, but is used inside"),
                _ => stranger("was made in one execution of a model, but is used in another"),
            }
            return None;
        }
        let object = take(&execution);
        self.object.store(object, Ordering::Relaxed);
        self.execution.store(execution.number, Ordering::Relaxed);
        Some((execution, object))
    }
}

/// Reports an object that its engine cannot see [I2]. Silent in a thread that unwinds already.
#[track_caller]
fn stranger(what: &str) {
    if !std::thread::panicking() {
        panic!("an atomic or a cell {what}; make it in the closure, or by `root` in a container");
    }
}

/// The binding of one atomic word.
pub(crate) struct Word {
    binding: Binding,
    offset: usize,
}

impl Word {
    /// For a container's root or a static; that value in each execution.
    pub(crate) const fn root(value: usize) -> Self {
        Word { binding: Binding::root(), offset: value }
    }

    /// For a node.
    pub(crate) fn new(value: usize) -> Self {
        Word { binding: Binding::new(|execution| execution.new_word(value)), offset: 0 }
    }

    /// The engine's word, inside an execution.
    #[track_caller]
    pub(crate) fn get(&self) -> Option<Tracked> {
        let (execution, object) = self.binding.resolve(Execution::root_word)?;
        let slot = execution.word(object);
        Some(Tracked { execution, slot, offset: self.offset })
    }
}

/// The binding of one cell.
pub(crate) struct CellBinding(Binding);

impl CellBinding {
    /// For a container's root or a static.
    pub(crate) const fn root() -> Self {
        CellBinding(Binding::root())
    }

    /// For a node.
    pub(crate) fn new() -> Self {
        CellBinding(Binding::new(Execution::new_cell))
    }

    /// A shared access, as long as `f` runs.
    #[track_caller]
    pub(crate) fn read<R>(&self, f: impl FnOnce() -> R) -> R {
        self.access(f, |cell, f| cell.read(f))
    }

    /// An exclusive access, as long as `f` runs.
    #[track_caller]
    pub(crate) fn write<R>(&self, f: impl FnOnce() -> R) -> R {
        self.access(f, |cell, f| cell.write(f))
    }

    #[track_caller]
    fn access<R>(
        &self,
        f: impl FnOnce() -> R,
        tracked: impl FnOnce(&dyn driver::DrivenCell, &mut dyn FnMut()),
    ) -> R {
        if abandoned() {
            return f(); // [I4]
        }
        let Some((execution, object)) = self.0.resolve(Execution::root_cell) else {
            return f();
        };
        let (mut f, mut result) = (Some(f), None);
        let cell = execution.cell(object);
        tracked(&*cell, &mut || result = f.take().map(|f| f()));
        result.expect("the engine runs the access once")
    }
}

/// An edge between threads that a protocol outside of the facade gives: what happened before a
/// `release` is seen after a later `acquire`. It is no scheduling point.
pub(crate) struct Edge(Word);

impl Edge {
    pub(crate) const fn new() -> Self {
        Edge(Word::root(0))
    }

    /// Hands over what the thread has seen.
    #[track_caller]
    pub(crate) fn release(&self) {
        // Release: the edge itself.
        self.order(Ordering::Release);
    }

    /// Takes what earlier releases handed over.
    #[track_caller]
    pub(crate) fn acquire(&self) {
        // Acquire: the edge itself.
        self.order(Ordering::Acquire);
    }

    #[track_caller]
    fn order(&self, order: Ordering) {
        if let Some(word) = self.0.get() {
            word.driven(|slot| slot.driven.order(order));
        }
    }
}

/// A scheduling point for state that an engine does not see: every two turns depend on each other,
/// but order no memory. What a thread does after its turn, up to its next access, is one step with
/// it.
pub(crate) struct Turn(Option<Rc<dyn driver::Marker>>);

impl Turn {
    /// For the execution that runs.
    pub(crate) fn new() -> Self {
        Turn(Execution::current().map(|execution| execution.driver().marker()))
    }

    pub(crate) fn take(&self) {
        if let Some(marker) = &self.0 {
            Execution::drive(|execution| execution.switching(|| marker.write()));
        }
    }
}

/// Which orders of the boundaries of operations an engine tries: how real time is seen inside an
/// execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RealTime {
    /// Those that it happens to show.
    AsItComes,
    /// Every order of an operation's return and another one's invocation.
    Every,
}

/// A scheduling point right before an operation is invoked.
pub(crate) fn invocation(real_time: RealTime) {
    Execution::drive(|execution| {
        let boundary = execution.boundary(real_time);
        execution.switching(|| boundary.read(execution.running()));
    });
}

/// A scheduling point right before an operation returns, where the orders of returns are tried.
pub(crate) fn response(real_time: RealTime) {
    if real_time == RealTime::Every {
        Execution::drive(|execution| {
            let boundary = execution.boundary(real_time);
            execution.switching(|| boundary.write());
        });
    }
}

/// Whether the caller runs inside an execution of a model.
pub(crate) fn active() -> bool {
    execution::active()
}

/// Which thread of an execution the caller is, if it is one; 0 is the main thread.
pub(crate) fn running() -> Option<usize> {
    Execution::current().map(|execution| execution.running())
}

/// Whether the caller unwinds inside an execution, where destructors of containers must do nothing:
/// other threads of the execution will never run again.
pub(crate) fn abandoned() -> bool {
    active() && std::thread::panicking()
}

/// Whether the caller is the thread of the execution that holds what `key` stands for: for locks that
/// their holder may take again.
#[cfg(feature = "critical-section")]
pub(crate) fn is_holder(key: usize) -> bool {
    holder(key).is_some_and(|(holder, caller)| holder.get() == Some(caller))
}

/// The caller holds it now, or nobody does.
#[cfg(feature = "critical-section")]
pub(crate) fn set_holder(key: usize, is_held: bool) {
    if let Some((holder, caller)) = holder(key) {
        holder.set(is_held.then_some(caller));
    }
}

#[cfg(feature = "critical-section")]
fn holder(key: usize) -> Option<(Rc<Cell<Option<usize>>>, usize)> {
    let caller = Execution::current()?.running();
    Some((local(key, || Cell::new(None))?, caller))
}

/// Runs `f` as part of the caller's last step: the engine must see nothing of it.
///
/// # Panics
/// Inside of an execution, when `f` reaches what an engine sees.
#[cfg(feature = "critical-section")]
pub(crate) fn one_step<R>(f: impl FnOnce() -> R) -> R {
    match Execution::current() {
        Some(execution) => execution.one_step(f),
        None => f(),
    }
}

/// Lets the engine drive a fence; false when the caller shall issue the native one.
pub(crate) fn fence(order: Ordering) -> bool {
    Execution::drive(|execution| execution.switching(|| execution.driver().fence(order)))
}

/// Lets the engine run others, since the caller waits for them; false outside of an execution.
pub(crate) fn spin() -> bool {
    Execution::drive(|execution| execution.switching(|| execution.driver().wait()))
}

/// Records an access and the value it saw.
pub(crate) fn note(access: Access, value: usize) {
    if active() {
        Execution::drive(|execution| execution.note(access, value));
    }
}

/// Says something about the running thread, for the trace of an execution that fails.
pub(crate) fn remark(remark: impl Fn() -> String + 'static) {
    Execution::drive(|execution| execution.remark(remark));
}

/// Where in the source an operation stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Site(&'static Location<'static>);

impl Site {
    /// The caller's.
    #[track_caller]
    pub(crate) const fn caller() -> Self {
        Site(Location::caller())
    }
}

impl core::fmt::Display for Site {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0.fmt(f)
    }
}
