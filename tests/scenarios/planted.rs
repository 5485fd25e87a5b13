//! A bug of each kind, planted in a small type built on `verify::shim`: each must be found by at
//! least two engines, and shown.

use counterpoint::verify::{
    scenario::{Data, Problem, Runner, Scenario},
    shim::{AtomicPtr, AtomicUsize, Ordering, UnsafeCell, heap},
    spec::{Counter, Register, SequentialSpec, Set, Stack, counter, register, set, stack},
};
use std::{process::Command, ptr};

/// Runs a scenario under each engine of the build, which must find the bug unless it is `blind`.
fn each<S, T>(blind: &[Runner], scenario: impl Fn() -> Scenario<S, T>)
where
    S: SequentialSpec<Operation: Data, Result: Data> + Send + Sync + 'static,
    T: Send + Sync + 'static,
{
    let mut found = 0;
    // Real threads need luck, and are no engine.
    for runner in Runner::ALL.into_iter().filter(|runner| *runner < Runner::Threads) {
        if !runner.is_available() {
            continue;
        }
        let Err(problem) = scenario().only([runner]).run() else {
            assert!(blind.contains(&runner), "{runner} has found nothing");
            continue;
        };
        println!("{problem}\n");
        assert!(!blind.contains(&runner), "{runner} was thought to be blind");
        assert_eq!(problem.runner, Some(runner));
        assert!(problem.run > 0 && problem.table.is_some() && problem.replay.is_some());
        found += 1;
    }
    assert!(found >= 2, "found by {found} engines");
}

/// A counter whose addition is a load and a store.
struct LosesUpdates(AtomicUsize);

impl LosesUpdates {
    fn add(&self, count: usize) -> usize {
        // Relaxed: what is wrong here is not the order.
        let now = self.0.load(Ordering::Relaxed);
        self.0.store(now + count, Ordering::Relaxed);
        now
    }
}

fn counter() -> Scenario<Counter, LosesUpdates> {
    let make = || LosesUpdates(AtomicUsize::new(0));
    Scenario::new("lost update", Counter, make, |counter, operation| match operation {
        counter::Operation::FetchAdd(count) => (counter.add(*count as usize) as i64).into(),
        counter::Operation::Get => (counter.0.load(Ordering::Relaxed) as i64).into(),
        counter::Operation::Add(_) => unreachable!("not asked"),
    })
}

fn lost_update() -> Scenario<Counter, LosesUpdates> {
    use counter::Operation::{FetchAdd, Get};
    counter().thread([FetchAdd(1)]).thread([FetchAdd(1)]).after([Get])
}

#[test]
fn a_lost_update_is_found() {
    each(&[], lost_update);
}

/// A stack whose pop stores where it should exchange, with nodes on the heap that engines watch: to
/// some of them a look at a node is a step.
struct PopsTwice(AtomicPtr<Link>);

struct Link {
    value: u32,
    next: *mut Link,
}

// SAFETY: links are never freed, and not written once they are linked.
unsafe impl Send for PopsTwice {}
// SAFETY: as above.
unsafe impl Sync for PopsTwice {}

impl PopsTwice {
    fn push(&self, value: u32) {
        let link = heap::alloc(Link { value, next: ptr::null_mut() });
        loop {
            let head = self.0.load(Ordering::Acquire);
            // SAFETY: not linked yet.
            unsafe { (*link).next = head };
            if self.0.compare_exchange(head, link, Ordering::AcqRel, Ordering::Relaxed).is_ok() {
                return;
            }
        }
    }

    fn pop(&self) -> Option<u32> {
        let head = self.0.load(Ordering::Acquire);
        heap::check(head);
        // SAFETY: never freed.
        let head = unsafe { head.as_ref() }?;
        // The bug. (swap: loom's plain stores break read-modify-writes.)
        self.0.swap(head.next, Ordering::AcqRel);
        Some(head.value)
    }
}

fn pops_twice() -> Scenario<Stack<u32>, PopsTwice> {
    use stack::Operation::{Pop, Push};
    let make = || PopsTwice(AtomicPtr::new(ptr::null_mut()));
    let scenario = Scenario::new("popped twice", Stack::new(), make, |stack, asked| match asked {
        Push(value) => stack.push(*value).into(),
        Pop => stack.pop().into(),
        _ => unreachable!("not asked"),
    });
    let scenario = scenario.before([Push(1), Push(2)]).thread([Pop]).thread([Push(3), Pop]);
    scenario.after([Pop, Pop]).may_leak()
}

/// What tokens run, when the test below asks for it.
#[test]
fn a_problem_is_shown_again() {
    println!("{}", lost_update().run().expect_err("an update is lost"));
    println!("{}", pops_twice().run().expect_err("a value comes twice"));
}

#[test]
fn a_token_runs_the_same_schedule_again() {
    for runner in Runner::ALL.into_iter().filter(|runner| *runner < Runner::Threads) {
        if runner.is_available() {
            is_shown_again(&lost_update().only([runner]).run().expect_err("an update is lost"));
            is_shown_again(&pops_twice().only([runner]).run().expect_err("a value comes twice"));
        }
    }
}

/// Runs the test above with the problem's token, in a process of its own.
fn is_shown_again(problem: &Problem) {
    let replay = problem.replay.as_ref().expect("a schedule can be run again");
    let (variable, token) = replay.split_once('=').expect("a variable and its value");
    let again = Command::new(std::env::current_exe().expect("this test has a path"))
        .args(["--exact", "planted::a_problem_is_shown_again", "--nocapture"])
        .env(variable, token)
        .output()
        .expect("this test can be started");
    let said = String::from_utf8_lossy(&again.stdout);
    assert!(again.status.success(), "{said}");
    for same in [Some(&problem.message), problem.table.as_ref(), problem.replay.as_ref()] {
        let same = same.expect("an engine gives all of them");
        assert!(said.contains(same.trim_end()), "{same}\n\nis not what {token} gave:\n{said}");
    }
}

/// A register whose reader does not acquire what the writer released.
struct ForgetsAcquire {
    text: UnsafeCell<u32>,
    written: AtomicUsize,
}

// SAFETY: unsound on purpose; the engines report the race.
unsafe impl Sync for ForgetsAcquire {}

impl ForgetsAcquire {
    fn write(&self, text: u32) {
        // SAFETY: one thread writes, once.
        self.text.with_mut(|place| unsafe { *place = text });
        // Release: hands the text over.
        self.written.store(1, Ordering::Release);
    }

    fn read(&self) -> u32 {
        // Relaxed: the bug. Acquire would take the text.
        match self.written.load(Ordering::Relaxed) {
            0 => 0,
            // SAFETY: none; see above.
            _ => self.text.with(|place| unsafe { *place }),
        }
    }
}

#[test]
fn a_missing_acquire_is_found() {
    use register::Operation::{Read, Write};
    let make = || ForgetsAcquire { text: UnsafeCell::new(0), written: AtomicUsize::new(0) };
    let apply = |mailbox: &ForgetsAcquire, operation: &register::Operation<u32>| match operation {
        Write(text) => mailbox.write(*text).into(),
        Read => register::Answer::Value(mailbox.read()),
        _ => unreachable!("not asked"),
    };
    let all = move || {
        let scenario = Scenario::new("missing acquire", Register::new(0), make, apply);
        scenario.thread([Write(7)]).thread([Read])
    };
    each(&[], all);
}

/// A stack of two nodes in an array, which come back as soon as they are popped (ABA). Links are
/// places in the array; 0 ends.
struct ReusesNodes {
    head: AtomicUsize,
    next: [AtomicUsize; 3],
    value: [AtomicUsize; 3],
}

impl ReusesNodes {
    fn new() -> Self {
        let words = || [0, 0, 0].map(AtomicUsize::new);
        ReusesNodes { head: AtomicUsize::new(0), next: words(), value: words() }
    }

    /// The node of a value is `value % 2 + 1`: it is free, since the test has popped it.
    fn push(&self, value: usize) {
        let node = value % 2 + 1;
        // Relaxed, here and below: what is wrong here is not the order. (swap: loom's plain stores
        // break read-modify-writes.)
        self.value[node].swap(value, Ordering::Relaxed);
        loop {
            let head = self.head.load(Ordering::Acquire);
            self.next[node].swap(head, Ordering::Relaxed);
            let linked =
                self.head.compare_exchange(head, node, Ordering::AcqRel, Ordering::Relaxed);
            if linked.is_ok() {
                return;
            }
        }
    }

    fn pop(&self) -> Option<u32> {
        loop {
            let head = self.head.load(Ordering::Acquire);
            if head == 0 {
                return None;
            }
            let next = self.next[head].load(Ordering::Acquire);
            let value = self.value[head].load(Ordering::Acquire);
            // The bug: `head` may have been popped and pushed again, with another successor.
            let popped =
                self.head.compare_exchange(head, next, Ordering::AcqRel, Ordering::Relaxed);
            if popped.is_ok() {
                return Some(value as u32);
            }
        }
    }
}

#[test]
fn a_node_that_comes_back_is_found() {
    use stack::Operation::{Pop, Push};
    let apply = |stack: &ReusesNodes, operation: &stack::Operation<u32>| match operation {
        Push(value) => stack.push(*value as usize).into(),
        Pop => stack.pop().into(),
        _ => unreachable!("not asked"),
    };
    let all = move || {
        let scenario = Scenario::new("node reuse", Stack::new(), ReusesNodes::new, apply);
        // The other thread pops both and pushes 3 into the node of 1.
        let scenario = scenario.before([Push(2), Push(1)]).thread([Pop]);
        scenario.thread([Pop, Pop, Push(3)]).after([Pop, Pop]).schedules(5_000)
    };
    each(&[], all);
}

/// A set of small numbers in an array that grows by being copied.
struct ForgetsInsertions {
    array: AtomicPtr<[AtomicUsize; 4]>,
    old: AtomicPtr<[AtomicUsize; 4]>,
}

impl ForgetsInsertions {
    fn new() -> Self {
        let array = Box::into_raw(Box::new([0, 0, 0, 0].map(AtomicUsize::new)));
        ForgetsInsertions { array: AtomicPtr::new(array), old: AtomicPtr::new(ptr::null_mut()) }
    }

    fn array(&self) -> &[AtomicUsize; 4] {
        // SAFETY: no array is freed before the set is.
        unsafe { &*self.array.load(Ordering::Acquire) }
    }

    fn insert(&self, element: u16) -> bool {
        let element = usize::from(element);
        if element >= 2 && self.old.load(Ordering::Acquire).is_null() {
            self.grow();
        }
        // The bug: the array may have been copied, and this place with it.
        self.array()[element].swap(1, Ordering::AcqRel) == 0
    }

    fn contains(&self, element: u16) -> bool {
        self.array()[usize::from(element)].load(Ordering::Acquire) == 1
    }

    fn grow(&self) {
        let old = self.array.load(Ordering::Acquire);
        let copy = self.array().each_ref().map(|place| place.load(Ordering::Acquire));
        let new = Box::into_raw(Box::new(copy.map(AtomicUsize::new)));
        self.array.swap(new, Ordering::AcqRel);
        self.old.swap(old, Ordering::AcqRel);
    }
}

impl Drop for ForgetsInsertions {
    fn drop(&mut self) {
        for array in [self.array.load_mut(), self.old.load_mut()] {
            if !array.is_null() {
                // SAFETY: made from a box, and the two are different.
                drop(unsafe { Box::from_raw(array) });
            }
        }
    }
}

#[test]
fn an_element_that_is_lost_under_growth_is_found() {
    use set::Operation::{Contains, Insert};
    let apply = |set: &ForgetsInsertions, operation: &set::Operation<u16>| match operation {
        Insert(element) => set.insert(*element).into(),
        Contains(element) => set.contains(*element).into(),
        _ => unreachable!("not asked"),
    };
    let all = move || {
        let scenario = Scenario::new("growth", Set::new(), ForgetsInsertions::new, apply);
        scenario.thread([Insert(1)]).thread([Insert(2)]).after([Contains(1), Contains(2)])
    };
    each(&[], all);
}

/// A Treiber stack that frees a node as soon as it has popped it.
struct FreesEarly(AtomicPtr<Node>);

struct Node {
    value: u32,
    next: *mut Node,
}

// SAFETY: unsound on purpose; the engines report the use after free.
unsafe impl Send for FreesEarly {}
// SAFETY: as above.
unsafe impl Sync for FreesEarly {}

impl FreesEarly {
    fn push(&self, value: u32) {
        let node = heap::alloc(Node { value, next: ptr::null_mut() });
        loop {
            let head = self.0.load(Ordering::Acquire);
            // SAFETY: not linked yet.
            unsafe { (*node).next = head };
            if self.0.compare_exchange(head, node, Ordering::AcqRel, Ordering::Relaxed).is_ok() {
                return;
            }
        }
    }

    fn pop(&self) -> Option<u32> {
        loop {
            let head = self.0.load(Ordering::Acquire);
            if head.is_null() {
                return None;
            }
            heap::check(head);
            // SAFETY: none: the bug. Who popped it has freed it.
            let next = unsafe { (*head).next };
            if self.0.compare_exchange(head, next, Ordering::AcqRel, Ordering::Relaxed).is_ok() {
                // SAFETY: popped by this thread.
                let value = unsafe { (*head).value };
                // SAFETY: made by `alloc`; that others may look at it is the bug.
                unsafe { heap::free(head) };
                return Some(value);
            }
        }
    }
}

impl Drop for FreesEarly {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            while self.pop().is_some() {}
        }
    }
}

#[test]
fn a_node_that_is_freed_early_is_found() {
    use stack::Operation::{Pop, Push};
    let apply = |stack: &FreesEarly, operation: &stack::Operation<u32>| match operation {
        Push(value) => stack.push(*value).into(),
        Pop => stack.pop().into(),
        _ => unreachable!("not asked"),
    };
    let all = move || {
        let make = || FreesEarly(AtomicPtr::new(ptr::null_mut()));
        let scenario = Scenario::new("premature free", Stack::new(), make, apply);
        scenario.before([Push(1), Push(2)]).thread([Pop]).thread([Pop])
    };
    // Brute force does not see the heap.
    each(&[Runner::BruteForce], all);
}
