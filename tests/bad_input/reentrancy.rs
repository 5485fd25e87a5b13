//! Closures, `Hash`, `Eq` and `Drop` that call back into the structure that called them.

use crate::common::{Constant, Identity, ignore};
use counterpoint::{
    deque,
    map::{Compute, Operation, SplitOrderedMap},
    queue::{ArrayQueue, MsQueue, Queue},
    reclaim::{self, Collector},
    stack::TreiberStack,
};
use std::{
    cell::{Cell, RefCell},
    hash::{Hash, Hasher},
    rc::Rc,
    sync::{
        LazyLock,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    thread,
};

/// A closure changes, once, the very entry that it decides about: it is asked again.
#[test]
fn closures_may_change_their_own_entry() {
    let map = SplitOrderedMap::with_hasher(Constant::new());
    let map = map.pin();
    map.insert(1, 1);
    let once = |calls: &mut u32, change: &dyn Fn()| {
        *calls += 1;
        if *calls == 1 {
            change();
        }
    };

    let mut calls = 0;
    let updated = map.update(1, |value| {
        once(&mut calls, &|| ignore(map.insert(1, 10)));
        value + 1
    });
    assert_eq!((updated, calls), (Some(&11), 2));

    calls = 0;
    let removed = map.remove_if(&1, |_, value| {
        once(&mut calls, &|| ignore(map.replace(1, 5)));
        *value >= 5
    });
    assert_eq!((removed, calls), (Ok(Some((&1, &5))), 2));

    calls = 0;
    let made = map.update_or_insert_with(
        1,
        |value| value + 1,
        || {
            once(&mut calls, &|| ignore(map.insert(1, 20)));
            7
        },
    );
    assert_eq!((made, calls), (&21, 1), "the insertion lost, so it became an update");

    assert_eq!(map.get_or_insert_with(2, || *map.get_or_insert(2, 3) + 1), &3);

    calls = 0;
    let computed = map.compute(1, |entry| {
        once(&mut calls, &|| map.clear());
        match entry {
            Some(_) => Operation::Remove,
            None => Operation::Abort("gone"),
        }
    });
    assert_eq!((computed, calls), (Compute::Aborted("gone"), 2));
    assert!(map.is_empty());
}

#[test]
fn closures_may_change_other_entries() {
    let map = SplitOrderedMap::with_hasher(Constant::new());
    let map = map.pin();
    (0..20_u64).for_each(|key| assert!(map.insert(key, key).is_none()));
    let updated = map.update(10, |value| {
        (0..20).filter(|key| *key != 10).for_each(|key| ignore(map.remove(&key)));
        value + 1
    });
    assert_eq!((updated, map.len()), (Some(&11), 1));
    (0..20_u64).for_each(|key| ignore(map.insert(key, key)));
    let mut asked = 0;
    map.retain(|key, _| {
        asked += 1;
        map.remove(&(key + 1));
        true
    });
    assert_eq!((asked, map.len()), (10, 10), "every other entry was gone before it was asked for");
}

/// Looks into the map whenever it is hashed or compared.
#[derive(Clone, Copy)]
struct Nosy(u64);

static NOSY: SplitOrderedMap<Nosy, u64, Constant> = SplitOrderedMap::with_hasher(Constant::new());

impl Nosy {
    fn look(self) {
        if let Some(below) = self.0.checked_sub(1) {
            assert_eq!(NOSY.pin().remove(&Nosy(below)), None, "nobody inserts so low a number");
        }
    }
}

impl Hash for Nosy {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // Three levels: each looks up the number below.
        if self.0 % 4 != 0 {
            self.look();
        }
        state.write_u64(0);
    }
}

impl PartialEq for Nosy {
    fn eq(&self, other: &Self) -> bool {
        if other.0 % 4 == 3 {
            assert!(!NOSY.pin().contains_key(&Nosy(4)));
        }
        self.0 == other.0
    }
}

impl Eq for Nosy {}

#[test]
fn hash_and_eq_may_call_the_map_they_are_called_by() {
    thread::scope(|scope| {
        for thread in 0..2 {
            scope.spawn(move || {
                for number in 0..50 {
                    let key = Nosy((2 * number + thread) * 4 + 3);
                    assert_eq!(NOSY.pin().insert(key, number), None);
                    assert_eq!(NOSY.pin().get(&key), Some(&number));
                    if number % 2 == 0 {
                        assert_eq!(NOSY.pin().remove(&key), Some(&number));
                    }
                }
            });
        }
    });
    assert_eq!(NOSY.len(), 50);
}

static MAP: SplitOrderedMap<u64, Relay, Identity> = SplitOrderedMap::with_hasher(Identity::new());
static QUEUE: MsQueue<Relay> = MsQueue::new();
static SEGMENTED: Queue<Relay> = Queue::new();
static ARRAY: LazyLock<ArrayQueue<Relay>> = LazyLock::new(|| ArrayQueue::new(1));
static STACK: TreiberStack<Relay> = TreiberStack::new();
static ENDED: AtomicUsize = AtomicUsize::new(0);

/// Sends on, when dropped, as many more as it has left, through the structure it was dropped by.
struct Relay {
    left: u64,
    by: By,
}

#[derive(Clone, Copy)]
enum By {
    Map,
    Queue,
    Segmented,
    Array,
    Stack,
}

impl Drop for Relay {
    fn drop(&mut self) {
        let Some(left) = self.left.checked_sub(1) else {
            ENDED.fetch_add(1, Relaxed);
            return;
        };
        send(Relay { left, by: self.by });
    }
}

fn send(relay: Relay) {
    match relay.by {
        By::Map => {
            let (map, key) = (MAP.pin(), relay.left);
            map.insert(key, relay);
            map.remove(&key);
        }
        By::Queue => {
            QUEUE.pin().push(relay);
            drop(QUEUE.pin().pop());
        }
        By::Segmented => {
            assert!(SEGMENTED.pin().push(relay).is_ok());
            drop(SEGMENTED.pin().pop());
        }
        By::Array => {
            // What it displaces, or takes, is dropped when the call has ended.
            drop(ARRAY.force_push(relay));
            drop(ARRAY.pop());
        }
        By::Stack => {
            STACK.pin().push(relay);
            STACK.pin().pop_all().for_each(drop);
        }
    }
}

#[test]
fn drop_may_call_the_structure_it_is_called_by() {
    thread::scope(|scope| {
        for by in [By::Map, By::Queue, By::Segmented, By::Array, By::Stack] {
            scope.spawn(move || (0..50).for_each(|left| send(Relay { left, by })));
        }
    });
    // What the map has retired goes through the domain, generation after generation.
    for _ in 0..1_000_000 {
        if ENDED.load(Relaxed) == 250 {
            break;
        }
        reclaim::pin().flush();
        thread::yield_now();
    }
    assert_eq!(ENDED.load(Relaxed), 250);
    assert!(MAP.is_empty() && QUEUE.pin().is_empty() && STACK.pin().is_empty());
    assert!(SEGMENTED.pin().is_empty() && ARRAY.is_empty());
}

/// What a push runs while it grows, garbage of the domain, may push to the same deque, and may panic.
#[test]
fn garbage_that_a_growing_push_runs_may_use_the_deque() {
    const OWN: u64 = 1000;
    /// So large that each ring that is replaced is handed over at once.
    type Wide = [u64; 64];
    thread_local! {
        static DEQUE: RefCell<Option<Rc<deque::Worker<Wide>>>> = const { RefCell::new(None) };
        static PUSHES: Cell<bool> = const { Cell::new(false) };
        /// How much garbage ran, and how much of it within a push.
        static RAN: Cell<(u64, u64)> = const { Cell::new((0, 0)) };
    }
    let collector = Collector::new();
    let worker = Rc::new(deque::Worker::with_capacity_in(1, collector.clone()));
    DEQUE.set(Some(worker.clone()));
    for value in 0..OWN {
        collector.pin().defer(move || {
            let Some(worker) = DEQUE.with_borrow(Clone::clone) else { return };
            let (all, within) = RAN.get();
            RAN.set((all + 1, within + u64::from(PUSHES.get())));
            worker.push([OWN + value; 64]);
            assert!(value % 2 == 0, "after the push");
        });
        PUSHES.set(true);
        worker.push([value; 64]);
        PUSHES.set(false);
    }
    DEQUE.set(None);
    let (ran, within) = RAN.get();
    assert!(within > 0, "no push ran garbage");
    assert!(collector.panics() > 0, "no garbage panicked");
    let mut all: Vec<u64> = std::iter::from_fn(|| worker.pop_oldest()).map(|[it, ..]| it).collect();
    assert_eq!(all.len() as u64, OWN + ran);
    assert!(all.iter().filter(|value| **value < OWN).copied().eq(0..OWN), "in their order");
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len() as u64, OWN + ran, "each once");
}

/// A destructor that runs while a guard is being made or dropped makes and drops guards itself.
#[test]
fn destructors_may_pin_through_the_handle_that_runs_them() {
    static RAN: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static HANDLE: reclaim::Handle<'static> = reclaim::Collector::global().register();
    }
    for _ in 0..1000 {
        let guard = reclaim::pin();
        guard.defer(|| {
            HANDLE.with(|handle| {
                let (mut guard, _nested) = (handle.pin(), reclaim::pin());
                guard.defer(|| ignore(RAN.fetch_add(1, Relaxed)));
                guard.repin();
                guard.flush();
            });
        });
    }
    for _ in 0..1_000_000 {
        if RAN.load(Relaxed) == 1000 {
            break;
        }
        reclaim::pin().flush();
        HANDLE.with(|handle| handle.pin().flush());
        thread::yield_now();
    }
    assert_eq!(RAN.load(Relaxed), 1000);
}
