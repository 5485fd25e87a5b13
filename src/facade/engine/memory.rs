//! Memory in which every load reads the newest value, with happens-before kept beside (`clock.rs`), so
//! that accesses which only the schedule orders, and not the program, are reported.
//!
//! The engines that run on it differ in who goes on at each step: their [`Scheduler`].

use super::{
    Rmw,
    clock::{Clock, History, View},
    driver::{DrivenCell, DrivenWord, Marker},
};
use core::{
    cell::{Cell, RefCell},
    sync::atomic::Ordering,
};
use std::rc::Rc;

/// Who decides which thread goes on.
pub(super) trait Scheduler: 'static {
    /// What the threads know.
    fn views(&self) -> &Views;
    /// The running thread stops before a step on that object, until it is picked.
    fn step(&self, object: usize, writes: bool);
    /// Something was changed: who waits for a change may look again.
    fn changed(&self);
}

/// What each thread of an execution knows of the others' steps.
#[derive(Default)]
pub(super) struct Views {
    views: RefCell<Vec<View>>,
    /// What SeqCst fences know.
    fences: Cell<Clock>,
    running: Cell<usize>,
    objects: Cell<usize>,
}

impl Views {
    /// A thread that the running one starts; its number.
    pub(super) fn add(&self) -> usize {
        let mut views = self.views.borrow_mut();
        let number = views.len();
        let view = match views.get_mut(self.running.get()) {
            Some(parent) => View::child(parent, number),
            None => View::default(),
        };
        views.push(view);
        number
    }

    /// The number of the running thread.
    pub(super) fn running(&self) -> usize {
        self.running.get()
    }

    /// Another thread runs.
    pub(super) fn run(&self, thread: usize) {
        self.running.set(thread);
    }

    /// The number of a new object.
    pub(super) fn object(&self) -> usize {
        self.objects.replace(self.objects.get() + 1)
    }

    /// The running thread's view.
    pub(super) fn with<R>(&self, f: impl FnOnce(&mut View) -> R) -> R {
        f(&mut self.views.borrow_mut()[self.running.get()])
    }

    /// The running thread sees all that another one, which is over, has done.
    pub(super) fn join(&self, other: usize) {
        let seen = self.views.borrow()[other].seen;
        self.with(|view| view.seen.join(&seen));
    }

    pub(super) fn fence(&self, order: Ordering) {
        let mut fences = self.fences.get();
        self.with(|view| view.fence(&mut fences, order));
        self.fences.set(fences);
    }
}

/// A word that holds `value`.
pub(super) fn word<S: Scheduler>(scheduler: &Rc<S>, value: usize) -> Rc<dyn DrivenWord> {
    let views = scheduler.views();
    Rc::new(Word {
        object: views.object(),
        value: Cell::new(value),
        message: Cell::default(),
        history: Cell::new(views.with(|view| History::made(view))),
        scheduler: scheduler.clone(),
    })
}

/// A cell.
pub(super) fn cell<S: Scheduler>(scheduler: &Rc<S>) -> Rc<dyn DrivenCell> {
    let history = Cell::new(scheduler.views().with(|view| History::made(view)));
    Rc::new(Tracked { scheduler: scheduler.clone(), history })
}

/// A marker. One that `is_seen` by nobody is no place to switch.
pub(super) fn marker<S: Scheduler>(scheduler: &Rc<S>, is_seen: bool) -> Rc<dyn Marker> {
    Rc::new(Place { scheduler: scheduler.clone(), object: scheduler.views().object(), is_seen })
}

struct Word<S> {
    scheduler: Rc<S>,
    object: usize,
    value: Cell<usize>,
    /// What comes with the value.
    message: Cell<Clock>,
    /// Atomic accesses are reads, those of an exclusive owner are writes: the latter must be ordered
    /// with all others.
    history: Cell<History>,
}

impl<S: Scheduler> Word<S> {
    /// Stops before the access; the value then.
    fn reach(&self, writes: bool) -> usize {
        self.scheduler.step(self.object, writes);
        let mut history = self.history.get();
        self.scheduler.views().with(|view| history.read(view, "an atomic that one of them owns"));
        self.history.set(history);
        self.value.get()
    }

    fn take(&self, order: Ordering) {
        self.scheduler.views().with(|view| view.load(&self.message.get(), order));
    }

    /// Writes; `earlier` is the message that goes on with the new value.
    fn put(&self, value: usize, order: Ordering, earlier: Clock) {
        let mut message = self.scheduler.views().with(|view| view.store(order));
        message.join(&earlier);
        self.message.set(message);
        self.value.set(value);
        self.scheduler.views().with(View::step);
        self.scheduler.changed();
    }

    fn own(&self) {
        let mut history = self.history.get();
        self.scheduler.views().with(|view| history.write(view, "an atomic that one of them owns"));
        self.history.set(history);
    }
}

impl<S: Scheduler> DrivenWord for Word<S> {
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
        let mut message = self.scheduler.views().with(|view| view.store(order));
        message.join(&self.message.get());
        self.message.set(message);
        self.scheduler.views().with(View::step);
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

struct Tracked<S> {
    scheduler: Rc<S>,
    history: Cell<History>,
}

impl<S: Scheduler> Tracked<S> {
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

impl<S: Scheduler> DrivenCell for Tracked<S> {
    fn read(&self, f: &mut dyn FnMut()) {
        let record = |history: &mut History| {
            self.scheduler.views().with(|view| history.read(view, "a cell"))
        };
        self.access(record, f);
    }

    fn write(&self, f: &mut dyn FnMut()) {
        let record = |history: &mut History| {
            self.scheduler.views().with(|view| history.write(view, "a cell"))
        };
        self.access(record, f);
    }
}

struct Place<S> {
    scheduler: Rc<S>,
    object: usize,
    /// Not by the oracle, which looks at atomics only.
    is_seen: bool,
}

impl<S: Scheduler> Marker for Place<S> {
    fn read(&self, _: usize) {
        if self.is_seen {
            self.scheduler.step(self.object, false);
        }
    }

    fn write(&self) {
        if self.is_seen {
            self.scheduler.step(self.object, true);
        }
    }
}
