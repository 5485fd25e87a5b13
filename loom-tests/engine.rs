//! The engines themselves: each test plants something that an engine must see, or must not.
//! (These fail when the seam loses an object, a pass loses a dependency, or the heap goes blind.)

use counterpoint::verify::{
    model::{Engine, Model, thread},
    oracle,
    shim::{
        AtomicPtr, AtomicUsize,
        Ordering::{self, Acquire, Relaxed, Release, SeqCst},
        UnsafeCell, fence, heap, hint,
    },
};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    ptr,
    sync::Arc,
};

/// A flag and what it announces.
struct Message {
    text: AtomicUsize,
    sent: AtomicUsize,
}

/// One thread sends, the other looks: what it saw of the flag and of the text.
fn message_passing(send: Ordering, receive: Ordering) -> (usize, usize) {
    let message = Arc::new(Message { text: AtomicUsize::new(0), sent: AtomicUsize::new(0) });
    let sender = message.clone();
    let sender = thread::spawn(move || {
        sender.text.store(1, Relaxed);
        sender.sent.store(1, send);
    });
    let seen = (message.sent.load(receive), message.text.load(Relaxed));
    sender.join().unwrap();
    seen
}

#[test]
fn message_passing_by_release_and_acquire_shows_no_stale_text() {
    Model::new("message passing")
        .expect(&[(0, 0), (0, 1), (1, 1)])
        .check(|| message_passing(Release, Acquire));
}

#[test]
fn message_passing_without_release_shows_a_stale_text_in_the_weak_pass_only() {
    Model::new("message passing, sent Relaxed")
        .expect(&[(0, 0), (0, 1), (1, 1)])
        .weak_only(&[(1, 0)])
        .check(|| message_passing(Relaxed, Acquire));
    Model::new("message passing, received Relaxed")
        .expect(&[(0, 0), (0, 1), (1, 1)])
        .weak_only(&[(1, 0)])
        .check(|| message_passing(Release, Relaxed));
}

/// Each of two threads writes its own word and reads the other's.
fn store_buffering(order: impl Fn() + Copy + Send + 'static) -> (usize, usize) {
    let words = Arc::new([AtomicUsize::new(0), AtomicUsize::new(0)]);
    let side = move |words: &[AtomicUsize; 2], mine: usize| {
        words[mine].store(1, Relaxed);
        order();
        words[1 - mine].load(Relaxed)
    };
    let other = words.clone();
    let other = thread::spawn(move || side(&other, 1));
    let seen = side(&words, 0);
    (seen, other.join().unwrap())
}

#[test]
fn store_buffering_needs_sequentially_consistent_fences() {
    Model::new("store buffering, fenced")
        .expect(&[(0, 1), (1, 0), (1, 1)])
        .check(|| store_buffering(|| fence(SeqCst)));
    Model::new("store buffering, bare")
        .expect(&[(0, 1), (1, 0), (1, 1)])
        .weak_only(&[(0, 0)])
        .check(|| store_buffering(|| ()));
}

/// What each engine calls a race.
const RACES: [(Engine, &str); 3] = [
    (Engine::Interleavings, "data race"),
    (Engine::Weak, "Causality violation"),
    (Engine::LoomInterleavings, "Causality violation"),
];

/// A cell that a flag publishes, in a box that `new` made in the thread that publishes it.
fn publication(order: Ordering) -> Option<usize> {
    struct Node(UnsafeCell<usize>);
    // SAFETY: the publication orders the accesses to the cell; where it does not, the engine says so.
    unsafe impl Sync for Node {}
    // SAFETY: as above.
    unsafe impl Send for Node {}

    static PUBLISHED: AtomicPtr<Node> = AtomicPtr::root();
    let publisher = thread::spawn(move || {
        PUBLISHED.store(heap::alloc(Node(UnsafeCell::new(7))), order);
    });
    let node = PUBLISHED.load(Acquire);
    // SAFETY: a node that was published lives until the end of this function.
    let seen = unsafe { node.as_ref() }.map(|node| node.0.with(|value| unsafe { *value }));
    publisher.join().unwrap();
    // SAFETY: the publisher is gone, and this thread owns the node.
    unsafe { heap::free(PUBLISHED.load(Relaxed)) };
    seen
}

#[test]
fn a_cell_made_by_new_shows_a_publication_race() {
    Model::new("publication by Release").expect(&[None, Some(7)]).check(|| publication(Release));
    for (engine, report) in RACES {
        let model = Model::new("publication by Relaxed").only(engine);
        let race = model.counterexample(|| publication(Relaxed));
        assert!(race.message.contains(report), "{race}");
    }
}

#[test]
fn a_cell_made_by_root_hides_a_publication_race() {
    struct Node(UnsafeCell<usize>);
    // SAFETY: as in `publication`; nobody writes after the publication.
    unsafe impl Sync for Node {}
    // SAFETY: as above.
    unsafe impl Send for Node {}

    Model::new("publication of a root").expect(&[None, Some(7)]).check(|| {
        static PUBLISHED: AtomicPtr<Node> = AtomicPtr::root();
        let publisher = thread::spawn(move || {
            PUBLISHED.store(heap::alloc(Node(UnsafeCell::root(7))), Relaxed);
        });
        let node = PUBLISHED.load(Relaxed);
        // SAFETY: one OS thread runs them all; in truth this is the race that a root hides.
        let seen = unsafe { node.as_ref() }.map(|node| node.0.with(|value| unsafe { *value }));
        publisher.join().unwrap();
        // SAFETY: the publisher is gone, and this thread owns the node.
        unsafe { heap::free(PUBLISHED.load(Relaxed)) };
        seen
    });
}

#[test]
fn two_unordered_writes_of_a_cell_are_a_race() {
    struct Shared(UnsafeCell<usize>);
    // SAFETY: wrong, and planted for the engine to find.
    unsafe impl Sync for Shared {}
    // SAFETY: as above.
    unsafe impl Send for Shared {}

    let two_writes = || {
        let cell = Arc::new(Shared(UnsafeCell::new(0)));
        let other = cell.clone();
        // SAFETY: wrong, see above; one OS thread runs both.
        let write = |cell: &Shared| cell.0.with_mut(|value| unsafe { *value += 1 });
        let other = thread::spawn(move || write(&other));
        write(&cell);
        other.join().unwrap();
    };
    for (engine, report) in RACES {
        let race = Model::new("two writes").only(engine).counterexample(two_writes);
        assert!(race.message.contains(report), "{race}");
    }
}

/// One thread writes a cell and announces it, the other looks and reads the cell if it was announced.
fn announced(announce: fn(&AtomicUsize, &dyn Fn()), look: fn(&AtomicUsize) -> bool) {
    struct Shared {
        cell: UnsafeCell<usize>,
        flag: AtomicUsize,
    }
    // SAFETY: wrong in some cases, and planted for the engines to find.
    unsafe impl Sync for Shared {}
    // SAFETY: as above.
    unsafe impl Send for Shared {}

    let shared = Arc::new(Shared { cell: UnsafeCell::new(0), flag: AtomicUsize::new(0) });
    let writer = shared.clone();
    let writer = thread::spawn(move || {
        // SAFETY: one OS thread runs both; whether it is ordered is the question.
        announce(&writer.flag, &|| writer.cell.with_mut(|value| unsafe { *value = 1 }));
    });
    // Goes on with the announcement, or breaks it, without having seen what was announced.
    let between = shared.clone();
    let between = thread::spawn(move || {
        let seen = between.flag.fetch_add(1, Relaxed) + 1;
        let _ = between.flag.compare_exchange(seen, seen, Relaxed, Relaxed);
    });
    if look(&shared.flag) {
        // SAFETY: as above.
        shared.cell.with(|value| unsafe { *value });
    }
    writer.join().unwrap();
    between.join().unwrap();
}

#[test]
fn races_are_told_from_order_by_the_rules_of_c11() {
    type Announce = fn(&AtomicUsize, &dyn Fn());
    type Look = fn(&AtomicUsize) -> bool;
    let release: Announce = |flag, write| {
        write();
        flag.fetch_add(2, Release);
    };
    let fence_release: Announce = |flag, write| {
        write();
        fence(Release);
        flag.fetch_add(2, Relaxed);
    };
    let relaxed: Announce = |flag, write| {
        write();
        flag.fetch_add(2, Relaxed);
    };
    let fence_too_early: Announce = |flag, write| {
        fence(Release);
        write();
        flag.fetch_add(2, Relaxed);
    };
    let write_too_late: Announce = |flag, write| {
        flag.fetch_add(2, Release);
        write();
    };
    let broken: Announce = |flag, write| {
        write();
        flag.store(2, Release);
        // A plain store ends the release sequence: its own message is empty.
        flag.store(4, Relaxed);
    };
    let acquire: Look = |flag| flag.load(Acquire) >= 2;
    let fence_acquire: Look = |flag| {
        let seen = flag.load(Relaxed) >= 2;
        fence(Acquire);
        seen
    };
    let only_relaxed: Look = |flag| flag.load(Relaxed) >= 2;
    let last_only: Look = |flag| flag.load(Acquire) >= 4;
    let cases: [(&str, Announce, Look, bool); 9] = [
        ("release, acquire", release, acquire, false),
        ("release, acquire fence", release, fence_acquire, false),
        ("release fence, acquire", fence_release, acquire, false),
        ("release fence, acquire fence", fence_release, fence_acquire, false),
        ("relaxed, acquire", relaxed, acquire, true),
        ("release, relaxed", release, only_relaxed, true),
        ("fence too early, acquire", fence_too_early, acquire, true),
        ("write too late, acquire", write_too_late, acquire, true),
        ("release sequence broken, acquire", broken, last_only, true),
    ];
    for (name, announce, look, is_race) in cases {
        for (engine, report) in [RACES[0], RACES[1]] {
            let model = Model::new(name).only(engine);
            let body = move || announced(announce, look);
            if is_race {
                let race = model.counterexample(body);
                assert!(race.message.contains(report), "{race}");
            } else {
                model.expect(&[()]).check(body);
            }
        }
    }
}

/// A Treiber stack, with what its pop does to the node that it has taken.
struct Stack {
    head: AtomicPtr<Node>,
}

struct Node {
    next: AtomicPtr<Node>,
    value: usize,
}

impl Stack {
    fn new() -> Self {
        Stack { head: AtomicPtr::root() }
    }

    fn push(&self, value: usize) {
        let node = heap::alloc(Node { next: AtomicPtr::new(ptr::null_mut()), value });
        let mut head = self.head.load(Relaxed);
        loop {
            // SAFETY: this thread owns the node until it is pushed.
            unsafe { &*node }.next.store(head, Relaxed);
            match self.head.compare_exchange(head, node, Release, Relaxed) {
                Ok(_) => return,
                Err(seen) => head = seen,
            }
        }
    }

    /// The value, and the node, which nobody frees yet.
    fn pop(&self) -> Option<(usize, *mut Node)> {
        let mut head = self.head.load(Acquire);
        loop {
            if head.is_null() {
                return None;
            }
            heap::check(head);
            // SAFETY: the memory of a node stays until the execution ends.
            let Node { next, value } = unsafe { &*head };
            match self.head.compare_exchange(head, next.load(Relaxed), Acquire, Acquire) {
                Ok(_) => return Some((*value, head)),
                Err(seen) => head = seen,
            }
        }
    }

    /// Frees what is left, and what was popped.
    fn clear(&self, popped: impl IntoIterator<Item = Option<(usize, usize)>>) {
        let mut nodes: Vec<*mut Node> = popped
            .into_iter()
            .flatten()
            .map(|(_, node)| ptr::with_exposed_provenance_mut(node))
            .collect();
        nodes.extend(std::iter::from_fn(|| self.pop().map(|(_, node)| node)));
        // SAFETY: every other thread is gone, and each node was taken once.
        nodes.into_iter().for_each(|node| unsafe { heap::free(node) });
    }

    /// `pop`, with the node as a number, which may go from thread to thread.
    fn pop_number(&self) -> Option<(usize, usize)> {
        self.pop().map(|(value, node)| (value, node.expose_provenance()))
    }
}

/// `push || pop`.
fn push_pop() -> Option<usize> {
    let stack = Arc::new(Stack::new());
    let other = stack.clone();
    let other = thread::spawn(move || other.push(1));
    let popped = stack.pop_number();
    other.join().unwrap();
    stack.clear([popped]);
    popped.map(|(value, _)| value)
}

/// Two threads, each `push` and `pop`.
fn two_push_pop() -> [Option<usize>; 2] {
    let stack = Arc::new(Stack::new());
    let side = |stack: &Stack, value| {
        stack.push(value);
        stack.pop_number()
    };
    let others = [1, 2].map(|value| {
        let stack = stack.clone();
        thread::spawn(move || side(&stack, value))
    });
    let popped = others.map(|other| other.join().unwrap());
    stack.clear(popped);
    popped.map(|popped| popped.map(|(value, _)| value))
}

#[test]
fn the_engines_that_reduce_show_every_behaviour_of_a_treiber_stack() {
    for engine in [Engine::Interleavings, Engine::LoomInterleavings] {
        let comparison = oracle::compare_with(engine, Model::new("push and pop"), push_pop);
        assert_eq!(comparison.behaviours, 2);
        let twice = Model::new("twice push and pop");
        assert_eq!(oracle::compare_with(engine, twice, two_push_pop).behaviours, 33);
    }
}

/// Two loads against two increments.
fn two_loads() -> (usize, usize) {
    let count = Arc::new(AtomicUsize::new(0));
    let other = count.clone();
    let other = thread::spawn(move || {
        other.fetch_add(1, Relaxed);
        other.fetch_add(1, Relaxed);
    });
    let seen = (count.load(Relaxed), count.load(Relaxed));
    other.join().unwrap();
    seen
}

#[test]
fn each_preemption_that_a_bound_admits_shows_more() {
    let pass = |name| Model::new(name).only(Engine::Interleavings);
    pass("one preemption").bound(1).expect(&[(0, 0), (0, 2), (2, 2)]).check(two_loads);
    let two = [(0, 0), (0, 1), (0, 2), (1, 1), (2, 2)];
    pass("two preemptions").bound(2).expect(&two).check(two_loads);
    let all = [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)];
    pass("any preemptions").expect(&all).check(two_loads);
}

#[test]
fn a_treiber_stack_shows_its_outcomes_in_both_passes() {
    Model::new("push and pop").expect(&[None, Some(1)]).check(push_pop);
    Model::new("twice push and pop")
        .expect(&[[Some(1), Some(2)], [Some(2), Some(1)]])
        .check(two_push_pop);
}

/// Two pops of one node, where a pop frees at once.
fn free_at_once() {
    let stack = Arc::new(Stack::new());
    stack.push(1);
    stack.push(2);
    let pop = |stack: &Stack| {
        if let Some((_, node)) = stack.pop() {
            // SAFETY: wrong: the other thread may be about to read it. The engine must say so.
            unsafe { heap::free(node) };
        }
    };
    let other = stack.clone();
    let other = thread::spawn(move || pop(&other));
    pop(&stack);
    other.join().unwrap();
}

#[test]
fn a_node_freed_at_once_is_reported_with_its_three_places_in_each_pass() {
    for (engine, _) in RACES {
        let found = Model::new("freed at once").only(engine).counterexample(free_at_once);
        let message = &found.message;
        assert!(message.starts_with("use after free: allocated at "), "{found}");
        let places = message.matches("loom-tests/engine.rs:").count();
        assert_eq!(places, 3, "{found}");
    }
}

#[test]
fn a_node_freed_twice_is_reported() {
    let found = Model::new("freed twice").counterexample(|| {
        let node = heap::alloc(0u64);
        // SAFETY: wrong the second time, where the engine must stop it.
        unsafe {
            heap::free(node);
            heap::free(node);
        }
    });
    assert!(found.message.starts_with("double free: allocated at "), "{found}");
}

#[test]
fn a_node_that_nobody_frees_is_reported_unless_admitted() {
    let leak = || {
        let word = Arc::new(AtomicUsize::new(0));
        let other = word.clone();
        let other = thread::spawn(move || other.load(Relaxed));
        word.store(1, Relaxed);
        drop(Box::new(heap::alloc(0u64)));
        other.join().unwrap()
    };
    let found = Model::new("leak").counterexample(leak);
    assert!(found.message.starts_with("leak: node 1 of the main thread"), "{found}");
    assert!(found.message.contains("loom-tests/engine.rs:"), "{found}");
    Model::new("admitted leak").may_leak().expect(&[0, 1]).check(leak);
}

#[test]
fn roots_are_bound_anew_in_each_execution_also_in_statics() {
    static COUNT: AtomicUsize = AtomicUsize::root();
    COUNT.store(5, Relaxed);
    Model::new("a static root").expect(&[2]).check(|| {
        let other = thread::spawn(|| COUNT.fetch_add(1, Relaxed));
        COUNT.fetch_add(1, Relaxed);
        other.join().unwrap();
        COUNT.load(Relaxed)
    });
    assert_eq!(COUNT.load(Relaxed), 5, "outside of a model the native word is used");
}

#[test]
fn more_roots_than_the_pool_holds_name_the_setting() {
    let found = Model::new("many roots").roots(3).counterexample(|| {
        let words = [const { AtomicUsize::root() }; 4];
        words.iter().for_each(|word| word.store(1, Relaxed));
    });
    assert!(found.message.contains("raise the setting `roots`"), "{found}");
}

#[test]
fn an_object_that_was_made_outside_of_the_model_is_refused() {
    let word = Arc::new(AtomicUsize::new(0));
    let found = Model::new("made outside").counterexample(move || word.load(Relaxed));
    assert!(found.message.contains("made outside of the model's closure"), "{found}");
}

#[test]
fn an_object_of_one_execution_is_refused_in_another_and_outside() {
    use std::sync::Mutex;
    let kept: Arc<Mutex<Option<AtomicUsize>>> = Arc::default();
    let inside = kept.clone();
    let found = Model::new("kept").counterexample(move || {
        let mut kept = inside.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        kept.get_or_insert_with(|| AtomicUsize::new(0)).load(Relaxed);
        drop(kept);
        message_passing(Release, Acquire);
    });
    assert!(found.message.contains("made in one execution"), "{found}");
    let outside = catch_unwind(AssertUnwindSafe(|| {
        let kept = kept.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        kept.as_ref().map(|word| word.load(Relaxed))
    }));
    assert!(outside.is_err(), "an object that belongs to an execution was used outside of it");
}

#[test]
fn a_model_that_one_schedule_runs_is_refused() {
    let refused = catch_unwind(|| Model::new("nothing shared").expect(&[()]).check(|| ()));
    assert!(refused.is_err());
}

#[test]
fn outcomes_must_be_the_declared_ones() {
    let lost = [
        Model::new("outcome not declared").expect(&[None]),
        Model::new("outcome never seen").expect(&[None, Some(1), Some(2)]),
    ];
    for model in lost {
        assert!(catch_unwind(AssertUnwindSafe(|| model.check(push_pop))).is_err());
    }
}

#[test]
fn a_thread_that_is_not_joined_is_refused() {
    let found = Model::new("not joined").counterexample(|| {
        let word = Arc::new(AtomicUsize::new(0));
        let other = word.clone();
        drop(thread::spawn(move || other.store(1, Relaxed)));
        word.load(Relaxed)
    });
    assert!(found.message.contains("thread 1 was not joined"), "{found}");
}

#[test]
fn who_waits_lets_others_run_in_every_engine() {
    for engine in ENGINES {
        Model::new("waiting").only(engine).expect(&[1]).check(|| {
            let message =
                Arc::new(Message { text: AtomicUsize::new(0), sent: AtomicUsize::new(0) });
            let sender = message.clone();
            let sender = thread::spawn(move || {
                sender.text.store(1, Relaxed);
                sender.sent.store(1, Release);
            });
            while message.sent.load(Acquire) == 0 {
                hint::spin_loop();
            }
            let text = message.text.load(Relaxed);
            sender.join().unwrap();
            text
        });
    }
}

/// Load and store instead of one change: one of two increments may be lost.
fn lose_update() -> usize {
    let count = Arc::new(AtomicUsize::new(0));
    let increment = |count: &AtomicUsize| count.store(count.load(Relaxed) + 1, Relaxed);
    let other = count.clone();
    let other = thread::spawn(move || increment(&other));
    increment(&count);
    other.join().unwrap();
    count.load(Relaxed)
}

/// All engines.
const ENGINES: [Engine; 4] =
    [Engine::Interleavings, Engine::Weak, Engine::BruteForce, Engine::LoomInterleavings];

#[test]
fn a_lost_update_is_found_by_every_engine() {
    for engine in ENGINES {
        Model::new("lost update").only(engine).expect(&[1, 2]).check(lose_update);
    }
}

#[test]
fn outside_of_a_model_everything_is_native() {
    let stack = Arc::new(Stack::new());
    let pushers: Vec<_> = (0..4)
        .map(|value| {
            let stack = stack.clone();
            thread::spawn(move || stack.push(value))
        })
        .collect();
    pushers.into_iter().for_each(|pusher| pusher.join().unwrap());
    let popped: Vec<_> = std::iter::from_fn(|| stack.pop_number()).collect();
    let mut values: Vec<usize> = popped.iter().map(|&(value, _)| value).collect();
    values.sort_unstable();
    assert_eq!(values, [0, 1, 2, 3]);
    stack.clear(popped.into_iter().map(Some));
}
