//! Engine: loom (bounded model checking of the C11 memory model), driven in two ways.
//!
//! loom reduces schedules by dependencies, and remembers *one* last access for each atomic: a
//! thread's own load hides another thread's earlier load, so that "load, then compare-exchange", the
//! shape of every lock-free loop, loses behaviours. Both ways go around that, each at a price:
//!
//! * **LoomInterleavings.** A load is a compare-exchange that never succeeds, and a store is a swap, so
//!   that every two accesses of a word depend on each other, and one slot is enough. All
//!   sequentially consistent behaviours, and only those: no value is ever stale.
//! * **Weak.** Before each access a condition variable without waiters is notified: a dependency
//!   that orders no memory. The access itself is then no further place to switch at
//!   (`stop_exploring`), but for loads, whose choice of value loom records at the same place.
//!   Values may be stale. Complete only up to a bound of preemptions that one can afford.
//!
//! Known limits: 5 threads; 7 stores of history; read-modify-writes read the newest store; SeqCst
//! accesses are AcqRel (SeqCst fences are modelled); a weak compare-exchange does not fail
//! spuriously; in the weak pass a plain store that races with a read-modify-write of the same word
//! breaks the latter's atomicity, so do not mix them.

use super::{
    Rmw,
    driver::{DrivenCell, DrivenWord, Driver, Marker},
    explore::{Engine, Settings},
};
use core::{cell::RefCell, sync::atomic::Ordering};
use loom::{
    cell::UnsafeCell,
    sync::{
        Condvar,
        atomic::{AtomicUsize, fence},
    },
};
use std::{collections::BTreeMap, rc::Rc};

/// A value that no word ever holds, so that comparing with it only reads.
const IMPOSSIBLE: usize = usize::MAX - 0x5eed;
/// Words of stack for each thread: a panic's report needs more than loom's default.
const STACK: usize = 0x8000;

/// Runs `once` for each schedule.
pub(super) fn explore(settings: &Settings, once: impl Fn(Rc<dyn Driver>) + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.max_branches = settings.max_branches;
    builder.preemption_bound = settings.preemption_bound;
    builder.checkpoint_interval = settings.checkpoint_interval;
    // Not from the environment: what ends early must not be printed as complete.
    builder.max_permutations = None;
    if let Some(limit) = settings.limit {
        // It looks at the checkpoints, before it runs the next one.
        builder.max_permutations = Some(limit.saturating_add(1));
        builder.checkpoint_interval = 1;
    }
    builder.max_duration = None;
    builder.checkpoint_file = None;
    let weak = settings.engine == Engine::Weak;
    builder.check(move || once(Rc::new(Loom { weak })));
}

/// One of the two ways.
struct Loom {
    weak: bool,
}

impl Driver for Loom {
    fn word(&self, value: usize) -> Rc<dyn DrivenWord> {
        let atomic = RefCell::new(AtomicUsize::new(value));
        if self.weak {
            Rc::new(WeakWord { atomic, dependency: Condvar::new() })
        } else {
            Rc::new(StrongWord { atomic })
        }
    }

    fn cell(&self) -> Rc<dyn DrivenCell> {
        Rc::new(UnsafeCell::new(()))
    }

    fn marker(&self) -> Rc<dyn Marker> {
        Rc::new(Place { writers: Condvar::new(), readers: RefCell::default() })
    }

    fn fence(&self, order: Ordering) {
        fence(order);
    }

    fn wait(&self) {
        loom::thread::yield_now();
    }

    fn spawn(&self, body: Box<dyn FnOnce()>) -> Box<dyn FnOnce()> {
        let builder = loom::thread::Builder::new().stack_size(STACK);
        let thread = builder.spawn(OneOsThread(body).into_closure());
        let thread = thread.expect("loom starts a thread");
        Box::new(move || thread.join().expect("a panic of any thread ends the execution"))
    }

    fn max_threads(&self) -> usize {
        loom::MAX_THREADS
    }
}

/// loom asks for `Send` where it needs none.
struct OneOsThread(Box<dyn FnOnce()>);

// SAFETY: loom's threads are generators which one OS thread creates, resumes and drops.
unsafe impl Send for OneOsThread {}

impl OneOsThread {
    fn into_closure(self) -> impl FnOnce() + Send + 'static {
        move || self.run()
    }

    fn run(self) {
        (self.0)();
    }
}

/// A word of `LoomInterleavings`: every access is a read-modify-write.
struct StrongWord {
    /// Borrowed exclusively only by who owns the word alone: a conflict is a race.
    atomic: RefCell<AtomicUsize>,
}

impl DrivenWord for StrongWord {
    fn load(&self, order: Ordering) -> usize {
        // Relaxed: the comparison never succeeds. `order`: the failure is the load.
        match self.atomic.borrow().compare_exchange(
            IMPOSSIBLE,
            IMPOSSIBLE,
            Ordering::Relaxed,
            order,
        ) {
            Err(seen) => seen,
            Ok(_) => panic!("{IMPOSSIBLE:#x} is a value that no model may store"),
        }
    }

    fn store(&self, value: usize, order: Ordering) {
        self.atomic.borrow().swap(value, order);
    }

    fn rmw(&self, rmw: Rmw, order: Ordering) -> usize {
        change(&self.atomic.borrow(), rmw, order)
    }

    fn compare_exchange(
        &self,
        current: usize,
        new: usize,
        success: Ordering,
        failure: Ordering,
    ) -> Result<usize, usize> {
        self.atomic.borrow().compare_exchange(current, new, success, failure)
    }

    fn order(&self, order: Ordering) {
        unscheduled(&self.atomic, |atomic| atomic.fetch_add(1, order));
    }

    fn load_mut(&self) -> usize {
        load_mut(&self.atomic)
    }

    fn store_mut(&self, value: usize) {
        store_mut(&self.atomic, value);
    }
}

/// A word of the pass `Weak`: before every access, the dependency.
struct WeakWord {
    /// As in `StrongWord`.
    atomic: RefCell<AtomicUsize>,
    dependency: Condvar,
}

impl WeakWord {
    /// Runs an access that is not a load.
    fn write<R>(&self, access: impl FnOnce(&AtomicUsize) -> R) -> R {
        // The place to switch; the access would be a second one.
        self.dependency.notify_one();
        unscheduled(&self.atomic, access)
    }
}

impl DrivenWord for WeakWord {
    fn load(&self, order: Ordering) -> usize {
        self.dependency.notify_one();
        self.atomic.borrow().load(order)
    }

    fn store(&self, value: usize, order: Ordering) {
        self.write(|atomic| atomic.store(value, order));
    }

    fn rmw(&self, rmw: Rmw, order: Ordering) -> usize {
        self.write(|atomic| change(atomic, rmw, order))
    }

    fn compare_exchange(
        &self,
        current: usize,
        new: usize,
        success: Ordering,
        failure: Ordering,
    ) -> Result<usize, usize> {
        self.write(|atomic| atomic.compare_exchange(current, new, success, failure))
    }

    fn order(&self, order: Ordering) {
        unscheduled(&self.atomic, |atomic| atomic.fetch_add(1, order));
    }

    fn load_mut(&self) -> usize {
        load_mut(&self.atomic)
    }

    fn store_mut(&self, value: usize) {
        store_mut(&self.atomic, value);
    }
}

/// An access at which loom does not switch.
fn unscheduled<R>(atomic: &RefCell<AtomicUsize>, access: impl FnOnce(&AtomicUsize) -> R) -> R {
    loom::stop_exploring();
    let result = access(&atomic.borrow());
    loom::explore();
    result
}

fn change(atomic: &AtomicUsize, rmw: Rmw, order: Ordering) -> usize {
    match rmw {
        Rmw::Swap(new) => atomic.swap(new, order),
        Rmw::Add(n) => atomic.fetch_add(n, order),
        Rmw::Sub(n) => atomic.fetch_sub(n, order),
        Rmw::And(mask) => atomic.fetch_and(mask, order),
        Rmw::Or(mask) => atomic.fetch_or(mask, order),
        Rmw::Xor(mask) => atomic.fetch_xor(mask, order),
    }
}

fn load_mut(atomic: &RefCell<AtomicUsize>) -> usize {
    // SAFETY: loom's `unsync_load` touches its own records only, and reports a race as a panic.
    unsafe { atomic.borrow().unsync_load() }
}

fn store_mut(atomic: &RefCell<AtomicUsize>, value: usize) {
    let mut atomic = atomic
        .try_borrow_mut()
        .expect("exclusive access to an atomic that another thread is about to access");
    atomic.with_mut(|place| *place = value);
}

impl DrivenCell for UnsafeCell<()> {
    fn read(&self, f: &mut dyn FnMut()) {
        self.with(|_| f());
    }

    fn write(&self, f: &mut dyn FnMut()) {
        self.with_mut(|_| f());
    }
}

/// A condition variable for those who write, and one for each thread that reads: readers do not
/// depend on each other.
struct Place {
    writers: Condvar,
    readers: RefCell<BTreeMap<usize, Rc<Condvar>>>,
}

impl Marker for Place {
    fn read(&self, thread: usize) {
        let make = || Rc::new(Condvar::new());
        let reader = self.readers.borrow_mut().entry(thread).or_insert_with(make).clone();
        reader.notify_one();
    }

    fn write(&self) {
        self.writers.notify_one();
        let readers: Vec<_> = self.readers.borrow().values().cloned().collect();
        // In one step with the above.
        loom::stop_exploring();
        readers.iter().for_each(|reader| reader.notify_one());
        loom::explore();
    }
}
