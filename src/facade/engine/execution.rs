//! The state of one execution of a model: its objects, its threads, its heap, its locals.
//!
//! # Invariants
//! * `[I1]` One OS thread has at most one execution, in its thread-local; the execution ends, or is
//!   abandoned, before the next begins.
//! * `[I2]` `running` is the thread that runs now: every operation that may switch restores it when
//!   it comes back (`switching`), and every thread sets it when it starts.
//! * `[I3]` No `RefCell` is borrowed while an engine may switch.

use super::{
    Access, RealTime, Site,
    driver::{DrivenCell, DrivenWord, Driver, Marker},
    explore::{Engine, Settings},
    heap::Heap,
    record::{Behaviour, Event, Path, Step, Trace, Value},
};
use core::{
    cell::{Cell, OnceCell, RefCell},
    panic::Location,
    sync::atomic::{AtomicUsize, Ordering},
};
use std::{any::Any, mem, rc::Rc, sync::Arc, thread_local};

thread_local! {
    /// Whether `CURRENT` holds an execution: the fast question, free of destructors.
    static ACTIVE: Cell<bool> = const { Cell::new(false) };
    static CURRENT: RefCell<Option<Rc<Execution>>> = const { RefCell::new(None) };
}

/// Whether this OS thread is inside an execution.
#[inline]
pub(super) fn active() -> bool {
    ACTIVE.get()
}

/// One word: the engine's object, and the value written last in the order of the execution, which
/// is what destructors see once the execution is abandoned.
pub(super) struct Slot {
    pub(super) driven: Rc<dyn DrivenWord>,
    pub(super) latest: Cell<usize>,
    /// Threads beside the main one that came here, a bit each, and whether one of them wrote.
    visitors: Cell<usize>,
    is_written: Cell<bool>,
}

/// One thread of the model.
struct Thread {
    /// Its place in the tree of spawns.
    path: Path,
    children: usize,
    allocations: usize,
    finished: bool,
    /// Where its last access stands.
    last: Option<&'static Location<'static>>,
    events: Vec<Event>,
}

impl Thread {
    fn new(path: Path) -> Self {
        let (children, allocations, finished, last) = (0, 0, false, None);
        Thread { path, children, allocations, finished, last, events: Vec::new() }
    }
}

/// One execution of a model.
pub(super) struct Execution {
    /// Different for each execution of the process.
    pub(super) number: usize,
    settings: Arc<Settings>,
    driver: Rc<dyn Driver>,
    /// The first `settings.roots` are the pool.
    words: RefCell<Vec<Rc<Slot>>>,
    roots_taken: Cell<usize>,
    /// The first `settings.cells` are the pool.
    cells: RefCell<Vec<Rc<dyn DrivenCell>>>,
    cells_taken: Cell<usize>,
    threads: RefCell<Vec<Thread>>,
    running: Cell<usize>,
    /// Whether the running thread does what counts as one step with its last one.
    in_one_step: Cell<bool>,
    pub(super) heap: RefCell<Heap>,
    /// What belongs to one execution but not to the seam, by key, in the order of creation.
    locals: RefCell<Vec<(usize, Rc<dyn Any>)>>,
    /// What was done, in order.
    done: RefCell<Vec<Done>>,
    /// Of all operations, where their order counts.
    boundary: OnceCell<Rc<dyn Marker>>,
}

/// One thing that a thread did; made a line of a trace only when the execution fails.
struct Done {
    thread: usize,
    what: What,
}

enum What {
    /// An access, the value it saw, and where.
    Access(Access, usize, Option<&'static Location<'static>>),
    /// A remark of whoever uses the engine.
    Remark(Box<dyn Fn() -> String>),
}

impl Execution {
    /// Begins an execution; the caller is its main thread.
    pub(super) fn begin(settings: &Arc<Settings>, driver: Rc<dyn Driver>) -> Rc<Self> {
        /// The number of the next execution; 0 and `usize::MAX` mean other things to a binding.
        static NEXT: AtomicUsize = AtomicUsize::new(1);
        assert!(!active(), "an execution begins inside another");
        let execution = Rc::new(Execution {
            // Relaxed: only the difference counts.
            number: NEXT.fetch_add(1, Ordering::Relaxed),
            settings: settings.clone(),
            driver,
            words: RefCell::default(),
            roots_taken: Cell::new(0),
            cells: RefCell::default(),
            cells_taken: Cell::new(0),
            threads: RefCell::new(vec![Thread::new(Path::main())]),
            running: Cell::new(0),
            in_one_step: Cell::new(false),
            heap: RefCell::default(),
            locals: RefCell::default(),
            done: RefCell::default(),
            boundary: OnceCell::new(),
        });
        for _ in 0..settings.roots {
            execution.new_word(0);
        }
        for _ in 0..settings.cells {
            execution.new_cell();
        }
        CURRENT.set(Some(execution.clone()));
        ACTIVE.set(true);
        execution
    }

    /// Ends the execution: every thread is joined, and nothing is left on the heap.
    pub(super) fn finish(self: Rc<Self>) -> Behaviour {
        for thread in &self.threads.borrow()[1..] {
            let path = &thread.path;
            assert!(thread.finished, "{path} was not joined: a model joins all that it spawns");
        }
        // Their destructors still belong to the execution, and may make others.
        while !self.locals.borrow().is_empty() {
            drop(mem::take(&mut *self.locals.borrow_mut()));
        }
        if !self.settings.may_leak {
            if let Some(leak) = self.heap.borrow().leak() {
                panic!("{leak}");
            }
        }
        Self::clear();
        self.behaviour()
    }

    /// Clears away what a panic has left; where each thread was last, and what was done.
    pub(super) fn abandon() -> (Vec<String>, Trace) {
        let Some(execution) = Self::current() else { return Default::default() };
        Self::clear();
        // Their destructors would operate on an execution that is over.
        mem::forget(mem::take(&mut *execution.locals.borrow_mut()));
        let threads = execution.threads.borrow();
        let last = |thread: &Thread| Some(format!("{} was last at {}", thread.path, thread.last?));
        (threads.iter().filter_map(last).collect(), execution.trace())
    }

    /// What was done.
    fn trace(&self) -> Trace {
        let heap = self.heap.borrow();
        let text = |what: &What| match what {
            What::Remark(remark) => (remark(), None),
            What::Access(access, value, site) => {
                let value = heap.name(*value).unwrap_or(Value::Plain(*value));
                (Event { access: *access, value }.to_string(), *site)
            }
        };
        let step = |Done { thread, what }: &Done| {
            let (text, site) = text(what);
            Step { thread: *thread, text, site }
        };
        Trace {
            threads: self.threads.borrow().iter().map(|thread| thread.path.to_string()).collect(),
            steps: self.done.borrow().iter().map(step).collect(),
        }
    }

    fn clear() {
        ACTIVE.set(false);
        CURRENT.set(None);
    }

    /// The execution that this OS thread is in.
    #[inline]
    pub(super) fn current() -> Option<Rc<Self>> {
        if !active() {
            return None;
        }
        CURRENT.with_borrow(Option::clone)
    }

    /// Does something inside an execution, or says that there is none. While the execution unwinds
    /// nothing is done.
    pub(super) fn drive(operation: impl FnOnce(&Rc<Self>)) -> bool {
        let Some(execution) = Self::current() else { return false };
        if !std::thread::panicking() {
            operation(&execution);
        }
        true
    }

    /// Runs what may switch threads [I2].
    pub(super) fn switching<R>(&self, operation: impl FnOnce() -> R) -> R {
        self.may_be_seen();
        let me = self.running.get();
        let result = operation();
        self.running.set(me);
        result
    }

    /// Runs what the engine must not see, since it counts as one step with the thread's last one.
    #[cfg(feature = "critical-section")]
    pub(super) fn one_step<R>(&self, operation: impl FnOnce() -> R) -> R {
        /// Ends it, also when the operation panics.
        struct End<'e>(&'e Cell<bool>);
        impl Drop for End<'_> {
            fn drop(&mut self) {
                self.0.set(false);
            }
        }
        self.in_one_step.set(true);
        let _end = End(&self.in_one_step);
        operation()
    }

    /// The running thread reaches what the engine sees. Silent in a thread that unwinds already.
    #[track_caller]
    pub(super) fn may_be_seen(&self) {
        if self.in_one_step.get() && !std::thread::panicking() {
            panic!("a critical section, which models show as one step, reaches what engines see");
        }
    }

    pub(super) fn driver(&self) -> &dyn Driver {
        &*self.driver
    }
}

/// Objects.
impl Execution {
    /// Makes a word; its number.
    pub(super) fn new_word(&self, value: usize) -> usize {
        let slot = Slot {
            driven: self.driver.word(value),
            latest: Cell::new(value),
            visitors: Cell::new(0),
            is_written: Cell::new(false),
        };
        let mut words = self.words.borrow_mut();
        words.push(Rc::new(slot));
        words.len() - 1
    }

    /// Takes a word from the pool; its number.
    pub(super) fn root_word(&self) -> usize {
        take(&self.roots_taken, self.settings.roots, "atomics of container roots", "roots")
    }

    /// The running thread comes to a word.
    pub(super) fn meet(&self, slot: &Slot, writes: bool) {
        if let Some(thread) = self.running.get().checked_sub(1) {
            slot.visitors.set(slot.visitors.get() | 1 << (thread % usize::BITS as usize));
            slot.is_written.set(slot.is_written.get() || writes);
        }
    }

    /// Whether two threads beside the main one met at a word that one of them wrote.
    pub(super) fn is_shared(&self) -> bool {
        let is_met =
            |slot: &Rc<Slot>| slot.is_written.get() && slot.visitors.get().count_ones() > 1;
        self.words.borrow().iter().any(is_met)
    }

    pub(super) fn word(&self, number: usize) -> Rc<Slot> {
        self.words.borrow()[number].clone()
    }

    /// Makes a cell; its number.
    pub(super) fn new_cell(&self) -> usize {
        let cell = self.driver.cell();
        let mut cells = self.cells.borrow_mut();
        cells.push(cell);
        cells.len() - 1
    }

    /// Takes a cell from the pool; its number.
    pub(super) fn root_cell(&self) -> usize {
        take(&self.cells_taken, self.settings.cells, "cells of container roots", "cells")
    }

    pub(super) fn cell(&self, number: usize) -> Rc<dyn DrivenCell> {
        self.cells.borrow()[number].clone()
    }
}

/// The next of a pool's objects.
fn take(taken: &Cell<usize>, pool: usize, what: &str, setting: &str) -> usize {
    let next = taken.get();
    assert!(
        next < pool,
        "the model uses more than {pool} {what}: raise the setting `{setting}` of `Model`"
    );
    taken.set(next + 1);
    next
}

/// Threads, and what they do.
impl Execution {
    /// The number of the thread that runs now; 0 is the main thread.
    pub(super) fn running(&self) -> usize {
        self.running.get()
    }

    /// Starts a thread; what is returned joins it.
    pub(super) fn spawn(self: &Rc<Self>, body: impl FnOnce() + 'static) -> Box<dyn FnOnce()> {
        let number = {
            let mut threads = self.threads.borrow_mut();
            let max = self.driver.max_threads();
            assert!(
                threads.len() < max,
                "the engine runs at most {max} threads, with the main one"
            );
            let parent = &mut threads[self.running.get()];
            let path = parent.path.child(parent.children);
            parent.children += 1;
            threads.push(Thread::new(path));
            threads.len() - 1
        };
        let execution = self.clone();
        let body = Box::new(move || {
            execution.running.set(number); // [I2]
            body();
            execution.threads.borrow_mut()[number].finished = true;
        });
        let join = self.switching(|| self.driver.spawn(body));
        let execution = self.clone();
        Box::new(move || execution.switching(join))
    }

    /// The running thread is at `site`.
    pub(super) fn passes(&self, site: &'static Location<'static>) {
        self.threads.borrow_mut()[self.running.get()].last = Some(site);
    }

    /// The running thread made a node.
    pub(super) fn allocated(&self, address: usize, site: Site) {
        let marker = self.driver.marker();
        let owner = {
            let thread = &mut self.threads.borrow_mut()[self.running.get()];
            thread.allocations += 1;
            (thread.path.clone(), thread.allocations)
        };
        self.heap.borrow_mut().allocated(address, owner, marker, site);
    }

    /// The running thread saw `value`.
    pub(super) fn note(&self, access: Access, value: usize) {
        let (thread, site) = {
            let (threads, running) = (self.threads.borrow(), self.running.get());
            (running, threads[running].last)
        };
        self.done.borrow_mut().push(Done { thread, what: What::Access(access, value, site) });
        if self.settings.record {
            let value = self.heap.borrow().name(value).unwrap_or(Value::Plain(value));
            self.threads.borrow_mut()[self.running.get()].events.push(Event { access, value });
        }
    }

    /// The marker for the boundaries of operations: one of all, or one that depends on nothing.
    pub(super) fn boundary(&self, real_time: RealTime) -> Rc<dyn Marker> {
        match real_time {
            RealTime::Every => self.boundary.get_or_init(|| self.driver.boundary()).clone(),
            RealTime::AsItComes => self.driver.boundary(),
        }
    }

    /// Whoever uses the engine has something to say about the running thread.
    pub(super) fn remark(&self, remark: impl Fn() -> String + 'static) {
        let what = What::Remark(Box::new(remark));
        self.done.borrow_mut().push(Done { thread: self.running.get(), what });
    }

    /// What each thread did.
    fn behaviour(&self) -> Behaviour {
        let mut threads = self.threads.borrow_mut();
        let events = |thread: &mut Thread| (thread.path.clone(), mem::take(&mut thread.events));
        threads.iter_mut().map(events).collect()
    }
}

/// Whether a load may give an older value than the newest, in the execution that runs.
pub(crate) fn shows_stale_values() -> bool {
    Execution::current().is_some_and(|execution| execution.settings.engine == Engine::Weak)
}

/// State of the caller's own that lives as long as the execution: made at the first use of `key`,
/// dropped in the execution's main thread when the closure of the model has returned. Not dropped
/// if the execution fails. `None` outside of an execution.
pub(crate) fn local<T: Any>(key: usize, make: impl FnOnce() -> T) -> Option<Rc<T>> {
    let execution = Execution::current()?;
    let find = |locals: &Vec<(usize, Rc<dyn Any>)>| {
        let found = |(other, local): &(usize, Rc<dyn Any>)| (*other == key).then(|| local.clone());
        locals.iter().find_map(found)
    };
    let found = find(&execution.locals.borrow());
    let local = found.unwrap_or_else(|| {
        let made: Rc<dyn Any> = Rc::new(make());
        execution.locals.borrow_mut().push((key, made.clone()));
        made
    });
    Some(local.downcast().expect("one type for each key"))
}

/// Takes back what `local` keeps for `key`, if there is anything.
pub(crate) fn end_local<T: Any>(key: usize) -> Option<Rc<T>> {
    let execution = Execution::current()?;
    let mut locals = execution.locals.borrow_mut();
    let place = locals.iter().position(|(other, _)| *other == key)?;
    Some(locals.remove(place).1.downcast().expect("one type for each key"))
}
