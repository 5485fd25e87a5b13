//! Deques: the owner's end last in first out, the other one first in first out, each value once,
//! whatever panics, grows, or is left.

mod common;

use common::{Accounts, Counted, Observed, Running, THREADS, ignore, message, property, scaled};
use counterpoint::{
    deque::{Steal, Stealer, Worker, bounded},
    reclaim::Collector,
};
use proptest::{collection::vec, prelude::*};
use std::{
    cell::RefCell,
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    thread,
};

#[derive(Clone, Debug)]
enum Step {
    Push(u64),
    Extend(Vec<u64>),
    Pop,
    Oldest,
    Steal,
    /// At most so many, and the first one by itself.
    Batch(usize, bool),
    Reserve(usize),
    Drain(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0..100u64).prop_map(Step::Push),
        2 => vec(0..100u64, 0..9).prop_map(Step::Extend),
        4 => Just(Step::Pop),
        2 => Just(Step::Oldest),
        2 => Just(Step::Steal),
        2 => (0..5usize, any::<bool>()).prop_map(|(limit, pop)| Step::Batch(limit, pop)),
        1 => (0..20usize).prop_map(Step::Reserve),
        1 => (0..5usize).prop_map(Step::Drain),
    ]
}

fn number(value: Option<Counted>) -> Option<u64> {
    value.map(|value| value.content)
}

/// What a batch of at most `limit` takes of so many, with and without the one that is taken at once.
fn half(len: usize, limit: usize, pops: bool) -> usize {
    if pops && len > 0 { len.div_ceil(2).min(limit.max(1)) } else { len.div_ceil(2).min(limit) }
}

#[test]
fn any_sequence_of_operations_does_what_a_vec_deque_does() {
    property((0..9usize, vec(step(), 0..60)), |(capacity, steps)| {
        let accounts = Accounts::new();
        let (mut worker, mut model) = (Worker::with_capacity(capacity), VecDeque::new());
        let (stealer, loot) = (worker.stealer(), Worker::new());
        for step in steps {
            match step {
                Step::Push(value) => {
                    worker.push(accounts.value(value));
                    model.push_back(value);
                }
                Step::Extend(values) => {
                    worker.extend(values.iter().map(|value| accounts.value(*value)));
                    model.extend(values);
                }
                Step::Pop => assert_eq!(number(worker.pop()), model.pop_back()),
                Step::Oldest => assert_eq!(number(worker.pop_oldest()), model.pop_front()),
                Step::Steal => match stealer.pin().steal() {
                    Steal::Success(value) => assert_eq!(Some(value.content), model.pop_front()),
                    other => assert!(other.is_empty() && model.is_empty()),
                },
                Step::Batch(limit, pops) => {
                    let count = half(model.len(), limit, pops);
                    let expected: Vec<u64> = model.drain(..count).collect();
                    let mut taken = Vec::new();
                    if pops {
                        let first = stealer.pin().steal_batch_with_limit_and_pop(&loot, limit);
                        taken.extend(number(first.success()));
                    } else {
                        let moved = stealer.pin().steal_batch_with_limit(&loot, limit);
                        assert_eq!(moved.success().unwrap_or(0), count);
                    }
                    taken.extend(std::iter::from_fn(|| number(loot.pop_oldest())));
                    assert_eq!(taken, expected);
                }
                Step::Reserve(count) => {
                    worker.reserve(count);
                    assert!(worker.capacity() >= worker.len() + count);
                }
                Step::Drain(count) => {
                    let drained = worker.drain().take(count).map(|value| value.content);
                    let expected = model.drain(..).rev().take(count);
                    assert!(drained.eq(expected.collect::<Vec<_>>()));
                }
            }
            assert_eq!((worker.len(), stealer.len()), (model.len(), model.len()));
            assert_eq!(worker.is_empty(), model.is_empty());
        }
        drop((worker, stealer, loot));
        accounts.assert_all_dropped_once();
    });
}

#[test]
fn any_sequence_of_operations_does_what_a_bounded_vec_deque_does() {
    property((1..9usize, vec(step(), 0..60)), |(capacity, steps)| {
        let accounts = Accounts::new();
        let (worker, mut model) = (bounded::Worker::new(capacity), VecDeque::new());
        let (stealer, loot) = (worker.stealer(), bounded::Worker::new(2));
        assert_eq!(worker.capacity(), capacity.next_power_of_two());
        for step in steps {
            match step {
                Step::Push(value) => match worker.push(accounts.value(value)) {
                    Ok(()) => model.push_back(value),
                    Err(refused) => {
                        assert!(refused.is_full() && model.len() == worker.capacity());
                        assert_eq!(refused.into_inner().content, value);
                    }
                },
                Step::Pop => assert_eq!(number(worker.pop()), model.pop_back()),
                Step::Oldest => assert_eq!(number(worker.pop_oldest()), model.pop_front()),
                Step::Steal => match stealer.steal() {
                    Steal::Success(value) => assert_eq!(Some(value.content), model.pop_front()),
                    other => assert!(other.is_empty() && model.is_empty()),
                },
                Step::Batch(limit, pops) => {
                    // There is room for two, and for the one that is taken at once.
                    let room = 2 + usize::from(pops);
                    let count = half(model.len(), limit, pops).min(room);
                    let expected: Vec<u64> = model.drain(..count).collect();
                    let mut taken = Vec::new();
                    if pops {
                        let first = stealer.steal_batch_with_limit_and_pop(&loot, limit);
                        taken.extend(number(first.success()));
                    } else {
                        let moved = stealer.steal_batch_with_limit(&loot, limit);
                        assert_eq!(moved.success().unwrap_or(0), count);
                    }
                    taken.extend(std::iter::from_fn(|| number(loot.pop_oldest())));
                    assert_eq!(taken, expected);
                }
                Step::Extend(_) | Step::Reserve(_) | Step::Drain(_) => {}
            }
            assert_eq!((worker.len(), stealer.len()), (model.len(), model.len()));
            assert_eq!(worker.is_empty(), model.is_empty());
        }
        drop((worker, stealer, loot));
        accounts.assert_all_dropped_once();
    });
}

/// Each value by one thread, and what one thread steals one by one in the order of the pushes.
#[test]
fn thieves_and_the_owner_share_every_value() {
    let count = scaled(200_000) as u64;
    for first in [1, 64] {
        let worker = Worker::with_capacity(first);
        let running = Running::new(1);
        let sum: u64 = thread::scope(|scope| {
            let thieves: Vec<_> = (0..THREADS)
                .map(|number| {
                    let (stealer, running) = (worker.stealer(), &running);
                    scope.spawn(move || steal_all(&stealer, number, running))
                })
                .collect();
            let shift = running.shift();
            let mut own = 0;
            for value in 1..=count {
                worker.push(value);
                // Now it is short, now long.
                match value % 7 {
                    0 | 1 => own += worker.pop().unwrap_or(0),
                    2 if value % 1000 < 500 => own += worker.pop_oldest().unwrap_or(0),
                    3 if value % 1000 > 900 => own += worker.drain_some(),
                    _ => {}
                }
            }
            own += std::iter::from_fn(|| worker.pop()).sum::<u64>();
            drop(shift);
            own + thieves.into_iter().map(|thief| thief.join().unwrap()).sum::<u64>()
        });
        assert_eq!(sum, count * (count + 1) / 2);
    }
}

trait DrainSome {
    fn drain_some(&self) -> u64;
}

impl DrainSome for Worker<u64> {
    fn drain_some(&self) -> u64 {
        std::iter::from_fn(|| self.pop()).take(10).sum()
    }
}

fn steal_all(stealer: &Stealer<u64>, number: usize, running: &Running) -> u64 {
    let (loot, mut sum, mut last) = (Worker::new(), 0, 0);
    loop {
        let was_running = running.any();
        let found = match number % 3 {
            0 => stealer.pin().steal_batch(&loot).map(|_| 0),
            1 => stealer.pin().steal_batch_and_pop(&loot),
            _ => stealer.pin().steal(),
        };
        while let Some(value) = loot.pop_oldest() {
            sum += value;
        }
        match found {
            Steal::Success(value) => {
                if number % 3 == 2 {
                    assert!(value > last, "{value} was stolen after {last}");
                    last = value;
                }
                sum += value;
            }
            Steal::Retry => {}
            Steal::Empty if was_running => thread::yield_now(),
            Steal::Empty => return sum,
        }
    }
}

#[test]
fn thieves_and_the_owner_share_every_value_of_a_bounded_deque() {
    let count = scaled(200_000) as u64;
    for capacity in [1, 2, 64] {
        let worker = bounded::Worker::new(capacity);
        let running = Running::new(1);
        let sum: u64 = thread::scope(|scope| {
            let thieves: Vec<_> = (0..THREADS)
                .map(|number| {
                    let (stealer, running) = (worker.stealer(), &running);
                    scope.spawn(move || steal_all_bounded(&stealer, number, running))
                })
                .collect();
            let shift = running.shift();
            let mut own = 0;
            for value in 1..=count {
                if let Err(refused) = worker.push(value) {
                    own += refused.into_inner();
                    own += worker.pop().unwrap_or(0);
                }
                if value % 7 == 0 {
                    own += worker.pop().unwrap_or(0);
                }
                if value % 11 == 0 {
                    own += worker.pop_oldest().unwrap_or(0);
                }
            }
            own += std::iter::from_fn(|| worker.pop()).sum::<u64>();
            drop(shift);
            own + thieves.into_iter().map(|thief| thief.join().unwrap()).sum::<u64>()
        });
        assert_eq!(sum, count * (count + 1) / 2);
    }
}

fn steal_all_bounded(stealer: &bounded::Stealer<u64>, number: usize, running: &Running) -> u64 {
    let (loot, mut sum) = (bounded::Worker::new(16), 0);
    loop {
        let was_running = running.any();
        let found =
            if number % 2 == 0 { stealer.steal_batch_and_pop(&loot) } else { stealer.steal() };
        while let Some(value) = loot.pop() {
            sum += value;
        }
        match found {
            Steal::Success(value) => sum += value,
            Steal::Retry => {}
            Steal::Empty if was_running => thread::yield_now(),
            Steal::Empty => return sum,
        }
    }
}

/// A thief that has loaded an older ring frees no slot of the newer one: rings are then replaced by
/// others of their size.
#[test]
fn a_deque_that_is_short_stays_small() {
    let count = scaled(300_000) as u64;
    let worker = Worker::with_capacity(4);
    let running = Running::new(1);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            let (stealer, running) = (worker.stealer(), &running);
            scope.spawn(move || steal_all(&stealer, 2, running));
        }
        let shift = running.shift();
        for value in 1..=count {
            while worker.len() >= 4 {
                worker.pop();
            }
            worker.push(value);
        }
        drop(shift);
    });
    assert!(worker.capacity() <= 8, "{} slots for 4 values", worker.capacity());
}

/// What is retired are rings: their values are copied, and dropped elsewhere.
#[test]
fn a_ring_that_is_freed_drops_no_value() {
    let accounts = Accounts::new();
    let collector = Collector::new();
    let worker = Worker::with_capacity_in(1, collector.clone());
    let stealer = worker.stealer();
    let view = stealer.pin();
    for value in 0..100 {
        worker.push(accounts.value(value));
    }
    assert!(collector.garbage() > 0, "the view keeps them");
    assert_eq!(view.steal().success().map(|value| value.content), Some(0));
    drop(view);
    collector.settle();
    assert_eq!((worker.len(), accounts.dropped()), (99, 1));
    assert_eq!((number(worker.pop()), number(worker.pop_oldest())), (Some(99), Some(1)));
    drop((worker, stealer));
    accounts.assert_all_dropped_once();
}

/// Rings outlive what values borrow; they do not look at them.
#[test]
fn values_may_borrow_though_rings_are_freed_later() {
    let collector = Collector::new();
    let guard = collector.pin();
    {
        let text = String::from("short");
        let worker = Worker::with_capacity_in(1, collector.clone());
        worker.push(text.as_str());
        worker.push(&text[1..]);
        assert_eq!(worker.pop_oldest(), Some("short"));
    }
    assert!(collector.garbage() > 0);
    drop(guard);
    collector.settle();
}

/// Whoever is the last to go drops what is left.
#[test]
fn stealers_go_on_when_the_owner_has_left() {
    let accounts = Accounts::new();
    let worker: Worker<_> = (1..=3).map(|value| accounts.value(value)).collect();
    let (stealer, other) = (worker.stealer(), worker.stealer().clone());
    assert!(stealer.is_same(&other) && !stealer.is_same(&Worker::new().stealer()));
    drop(worker);
    assert_eq!(number(stealer.pin().steal().success()), Some(1));
    drop(stealer);
    assert_eq!((other.len(), accounts.dropped()), (2, 1));
    drop(other);
    accounts.assert_all_dropped_once();

    let worker = bounded::Worker::new(4);
    (1..=3).for_each(|value| assert_eq!(worker.push(accounts.value(value)), Ok(())));
    let stealer = worker.stealer();
    drop(worker);
    assert_eq!(number(stealer.steal().success()), Some(1));
    drop(stealer);
    accounts.assert_all_dropped_once();
}

/// Panics when it is dropped, if it is told to; and accounts for it.
struct Fuse(Counted, bool);

impl Drop for Fuse {
    fn drop(&mut self) {
        if self.1 {
            self.1 = false;
            panic!("the fuse of {} blew", self.0.content);
        }
    }
}

fn blown(f: impl FnOnce()) {
    let panic = catch_unwind(AssertUnwindSafe(f)).expect_err("a destructor panics");
    assert!(message(&*panic).contains("blew"), "{}", message(&*panic));
}

#[test]
fn a_destructor_that_panics_loses_and_doubles_nothing() {
    for bad in 0..4 {
        let accounts = Accounts::new();
        let values = || (0..4).map(|at| Fuse(accounts.value(at), at == bad));
        blown(|| drop(Worker::from_iter(values())));
        let mut worker = Worker::from_iter(values());
        blown(|| drop(worker.drain()));
        worker.push(Fuse(accounts.value(9), false));
        assert_eq!(worker.len(), 1);
        blown(|| {
            let worker = bounded::Worker::new(4);
            for value in values() {
                assert!(worker.push(value).is_ok());
            }
        });
        drop(worker);
        accounts.assert_all_dropped_once();
    }
}

/// A value whose destructor pushes to the deque that it was popped from.
#[test]
fn a_destructor_may_push_to_its_own_deque() {
    thread_local! {
        static DEQUE: RefCell<Option<std::rc::Rc<Worker<Again>>>> = const { RefCell::new(None) };
    }
    struct Again(u32);
    impl Drop for Again {
        fn drop(&mut self) {
            let worker = DEQUE.with(|deque| deque.borrow().clone());
            if let Some(worker) = worker.filter(|_| self.0 > 0) {
                worker.push(Again(self.0 - 1));
            }
        }
    }
    let worker = std::rc::Rc::new(Worker::with_capacity(1));
    DEQUE.with(|deque| *deque.borrow_mut() = Some(worker.clone()));
    worker.push(Again(20));
    let popped = std::iter::from_fn(|| worker.pop()).map(drop).count();
    assert_eq!(popped, 21);
    DEQUE.with(|deque| deque.borrow_mut().take());
}

#[test]
fn an_owner_may_steal_from_itself() {
    let worker = Worker::from_iter(1..=5);
    let stealer = worker.stealer();
    assert_eq!(stealer.pin().steal_batch(&worker), Steal::Success(3));
    assert_eq!(worker.len(), 5);
    assert_eq!(stealer.pin().steal_batch_and_pop(&worker), Steal::Success(4));
    assert!(std::iter::from_fn(|| worker.pop_oldest()).eq([2, 3, 5, 1]));
    let worker = bounded::Worker::new(2);
    assert_eq!((worker.push(1), worker.push(2)), (Ok(()), Ok(())));
    assert_eq!(worker.stealer().steal_batch(&worker), Steal::Success(0)); // no room
    assert_eq!(worker.stealer().steal_batch_and_pop(&worker), Steal::Success(1));
}

#[test]
fn a_guard_of_another_collector_is_refused() {
    let worker = Worker::from_iter([1, 2]);
    let (stealer, loot, other) = (worker.stealer(), Worker::new(), Collector::new());
    let guard = other.pin();
    let attempts: [&dyn Fn(); 6] = [
        &|| ignore(stealer.steal(&guard)),
        &|| ignore(stealer.steal_batch(&loot, &guard)),
        &|| ignore(stealer.steal_batch_with_limit(&loot, 1, &guard)),
        &|| ignore(stealer.steal_batch_and_pop(&loot, &guard)),
        &|| ignore(stealer.steal_batch_with_limit_and_pop(&loot, 1, &guard)),
        &|| ignore(stealer.with_guard(other.pin())),
    ];
    for attempt in attempts {
        let panic = catch_unwind(AssertUnwindSafe(attempt)).expect_err("accepted");
        assert!(message(&*panic).contains("another collector"));
    }
    assert_eq!((worker.len(), loot.len()), (2, 0));
}

#[test]
fn so_many_slots_are_refused() {
    let refused = |f: &dyn Fn(), expected: &str| {
        let panic = catch_unwind(AssertUnwindSafe(f)).expect_err("accepted");
        assert!(message(&*panic).contains(expected), "{}", message(&*panic));
    };
    for capacity in [usize::MAX, usize::MAX / 2 + 2, usize::MAX / 2] {
        refused(&|| drop(Worker::<u64>::with_capacity(capacity)), "capacity overflow");
        refused(&|| drop(bounded::Worker::<u64>::new(capacity)), "capacity overflow");
    }
    refused(&|| drop(bounded::Worker::<u64>::new(0)), "at least one slot");
    let worker = Worker::from([1, 2]);
    refused(&|| worker.reserve(usize::MAX), "capacity overflow");
    refused(&|| worker.reserve(usize::MAX - 2), "capacity overflow");
    assert_eq!((worker.pop(), worker.pop()), (Some(2), Some(1)));
}

#[test]
fn values_may_be_without_size_or_over_aligned() {
    #[derive(Debug, PartialEq)]
    struct Nothing;
    let worker: Worker<Nothing> = (0..100).map(|_| Nothing).collect();
    let loot = Worker::new();
    assert_eq!(worker.stealer().pin().steal_batch(&loot), Steal::Success(50));
    assert_eq!((worker.into_iter().count(), loot.into_iter().count()), (50, 50));

    #[repr(align(256))]
    struct Wide(u8);
    let worker: Worker<Wide> = (0..100).map(Wide).collect();
    assert_eq!(worker.pop_oldest().map(|wide| wide.0), Some(0));
    assert!(worker.into_iter().map(|wide| wide.0).eq((1..100).rev()));
}

#[test]
fn attempts_are_joined() {
    let (empty, retry) = (Steal::<u8>::Empty, Steal::<u8>::Retry);
    let first = |attempts: &[Steal<u8>]| attempts.iter().copied().collect::<Steal<u8>>();
    assert_eq!(first(&[]), empty);
    assert_eq!(first(&[empty, empty]), empty);
    assert_eq!(first(&[empty, retry, empty]), retry);
    assert_eq!(first(&[retry, Steal::Success(1), Steal::Success(2)]), Steal::Success(1));
    assert_eq!(retry.or_else(|| Steal::Success(3)).success(), Some(3));
    assert_eq!(Steal::Success(3).or_else(|| unreachable!()).map(|n| n + 1), Steal::Success(4));
    // No attempt is made after the first success.
    let mut attempts = [empty, Steal::Success(1), retry].into_iter();
    assert!(attempts.by_ref().collect::<Steal<u8>>().is_success());
    assert_eq!(attempts.next(), Some(retry));
}
