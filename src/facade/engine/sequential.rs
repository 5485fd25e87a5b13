//! Engine: all sequentially consistent executions, on coroutines of our own.
//!
//! Every interleaving, one by one (no reduction, hence nothing to trust: the oracle), or one of each
//! class of equivalent ones, or those with few preemptions (`path.rs`). Every load reads the newest value; happens-before is
//! kept beside (`clock.rs`), so that accesses to cells which only the schedule orders, and not the
//! program, are reported.

use super::{
    Rmw,
    clock::{Clock, History, THREADS, View},
    coroutine::{Coroutines, Threads},
    driver::{DrivenCell, DrivenWord, Driver, Marker},
    path::{Extent, Path},
};
use core::{cell::Cell, sync::atomic::Ordering};
use std::rc::Rc;

/// Runs `once` for each schedule.
pub(super) fn explore(extent: Extent, max_steps: usize, once: impl Fn(Rc<dyn Driver>) + 'static) {
    let once = Rc::new(once);
    let (mut path, mut coroutines) = (Path::new(extent), Coroutines::default());
    loop {
        let (threads, once) = (Rc::new(Threads::default()), once.clone());
        let driver = Sequential { threads: threads.clone(), extent };
        threads.add(Box::new(move || once(Rc::new(driver))));
        execute(&threads, &mut coroutines, &mut path, max_steps);
        if !path.advance() {
            return;
        }
    }
}

/// One execution.
fn execute(threads: &Threads, coroutines: &mut Coroutines, path: &mut Path, max_steps: usize) {
    for _ in 0..max_steps {
        threads.settle(coroutines);
        let steps = threads.steps();
        if steps.is_empty() {
            assert!(threads.are_over(), "deadlock: every thread waits for another one's end");
            return;
        }
        threads.resume(path.pick(&steps), coroutines);
    }
    panic!("no end after {max_steps} steps: raise `max_branches`, or a thread waits for ever");
}

struct Sequential {
    threads: Rc<Threads>,
    extent: Extent,
}

impl Driver for Sequential {
    fn word(&self, value: usize) -> Rc<dyn DrivenWord> {
        let threads = self.threads.clone();
        let history = Cell::new(self.threads.with_view(|view| History::made(view)));
        let object = threads.object();
        Rc::new(Word {
            threads,
            object,
            value: Cell::new(value),
            message: Cell::default(),
            history,
        })
    }

    fn cell(&self) -> Rc<dyn DrivenCell> {
        let history = Cell::new(self.threads.with_view(|view| History::made(view)));
        Rc::new(Tracked { threads: self.threads.clone(), history })
    }

    fn marker(&self) -> Rc<dyn Marker> {
        Rc::new(Place {
            threads: self.threads.clone(),
            object: self.threads.object(),
            is_seen: self.extent != Extent::Every,
        })
    }

    fn fence(&self, order: Ordering) {
        let mut fences = self.threads.fences().get();
        self.threads.with_view(|view| view.fence(&mut fences, order));
        self.threads.fences().set(fences);
    }

    fn wait(&self) {
        self.threads.wait();
    }

    fn spawn(&self, body: Box<dyn FnOnce()>) -> Box<dyn FnOnce()> {
        let (threads, thread) = (self.threads.clone(), self.threads.add(body));
        Box::new(move || threads.join(thread))
    }

    fn max_threads(&self) -> usize {
        THREADS
    }
}

struct Word {
    threads: Rc<Threads>,
    object: usize,
    value: Cell<usize>,
    /// What comes with the value.
    message: Cell<Clock>,
    /// Atomic accesses are reads, those of an exclusive owner are writes: the latter must be ordered
    /// with all others.
    history: Cell<History>,
}

impl Word {
    /// Stops before the access; the value then.
    fn reach(&self, writes: bool) -> usize {
        self.threads.step(self.object, writes);
        let mut history = self.history.get();
        self.threads.with_view(|view| history.read(view, "an atomic that one of them owns"));
        self.history.set(history);
        self.value.get()
    }

    fn take(&self, order: Ordering) {
        self.threads.with_view(|view| view.load(&self.message.get(), order));
    }

    /// Writes; `earlier` is the message that goes on with the new value.
    fn put(&self, value: usize, order: Ordering, earlier: Clock) {
        let mut message = self.threads.with_view(|view| view.store(order));
        message.join(&earlier);
        self.message.set(message);
        self.value.set(value);
        self.threads.with_view(View::step);
        self.threads.changed();
    }

    fn own(&self) {
        let mut history = self.history.get();
        self.threads.with_view(|view| history.write(view, "an atomic that one of them owns"));
        self.history.set(history);
    }
}

impl DrivenWord for Word {
    fn load(&self, order: Ordering) -> usize {
        let seen = self.reach(false);
        self.take(order);
        seen
    }

    fn store(&self, value: usize, order: Ordering) {
        self.reach(true);
        self.put(value, order, Clock::default());
    }

    fn rmw(&self, rmw: Rmw, order: Ordering) -> usize {
        let seen = self.reach(true);
        self.take(order);
        self.put(rmw.apply(seen), order, self.message.get());
        seen
    }

    fn compare_exchange(
        &self,
        current: usize,
        new: usize,
        success: Ordering,
        failure: Ordering,
    ) -> Result<usize, usize> {
        let seen = self.reach(true);
        if seen != current {
            self.take(failure);
            return Err(seen);
        }
        self.take(success);
        self.put(new, success, self.message.get());
        Ok(seen)
    }

    fn order(&self, order: Ordering) {
        self.take(order);
        let mut message = self.threads.with_view(|view| view.store(order));
        message.join(&self.message.get());
        self.message.set(message);
        self.threads.with_view(View::step);
    }

    fn load_mut(&self) -> usize {
        self.own();
        self.value.get()
    }

    fn store_mut(&self, value: usize) {
        self.own();
        self.value.set(value);
    }
}

struct Tracked {
    threads: Rc<Threads>,
    history: Cell<History>,
}

impl Tracked {
    fn access(&self, record: impl Fn(&mut History), f: &mut dyn FnMut()) {
        let note = || {
            let mut history = self.history.get();
            record(&mut history);
            self.history.set(history);
        };
        note();
        f();
        note();
    }
}

impl DrivenCell for Tracked {
    fn read(&self, f: &mut dyn FnMut()) {
        let record =
            |history: &mut History| self.threads.with_view(|view| history.read(view, "a cell"));
        self.access(record, f);
    }

    fn write(&self, f: &mut dyn FnMut()) {
        let record =
            |history: &mut History| self.threads.with_view(|view| history.write(view, "a cell"));
        self.access(record, f);
    }
}

struct Place {
    threads: Rc<Threads>,
    object: usize,
    /// Not by the oracle, which looks at atomics only.
    is_seen: bool,
}

impl Marker for Place {
    fn read(&self, _: usize) {
        if self.is_seen {
            self.threads.step(self.object, false);
        }
    }

    fn write(&self) {
        if self.is_seen {
            self.threads.step(self.object, true);
        }
    }
}
