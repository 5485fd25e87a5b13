//! `ArrayQueue`: first in, first out, never more than its capacity, each value once.

mod common;

use common::{Accounts, Counted, Running, THREADS, property, scaled};
use counterpoint::queue::{ArrayQueue, Busy, Full, TryPushError};
use proptest::{collection::vec, prelude::*};
use std::{
    collections::VecDeque,
    error::Error,
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Barrier,
    thread,
};

const CAPACITIES: [usize; 5] = [1, 2, 3, 5, 8];

#[derive(Clone, Debug)]
enum Step {
    Push(u64),
    TryPush(u64),
    Force(u64),
    PushMany(Vec<u64>),
    Pop,
    TryPop,
    PopMany(usize),
    TryIter(usize),
    Drain(usize),
    IntoIter(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let value = 0..100u64;
    prop_oneof![
        8 => value.clone().prop_map(Step::Push),
        2 => value.clone().prop_map(Step::TryPush),
        4 => value.clone().prop_map(Step::Force),
        2 => vec(value, 0..6).prop_map(Step::PushMany),
        6 => Just(Step::Pop),
        2 => Just(Step::TryPop),
        2 => (0..6usize).prop_map(Step::PopMany),
        1 => (0..5usize).prop_map(Step::TryIter),
        1 => (0..5usize).prop_map(Step::Drain),
        1 => (0..5usize).prop_map(Step::IntoIter),
    ]
}

#[test]
fn any_sequence_of_operations_does_what_a_vec_deque_does() {
    for capacity in CAPACITIES {
        property(vec(step(), 0..80), |steps| {
            let accounts = Accounts::new();
            let mut queue = ArrayQueue::new(capacity);
            let mut model = VecDeque::new();
            for step in steps {
                take(step, &mut queue, &mut model, &accounts);
                assert_eq!((queue.len(), queue.capacity()), (model.len(), capacity));
                assert_eq!(queue.is_empty(), model.is_empty());
                assert_eq!(queue.is_full(), model.len() == capacity);
            }
            assert!(queue.into_iter().map(content).eq(model));
            accounts.assert_all_dropped_once();
        });
    }
}

fn content(value: Counted) -> u64 {
    value.content
}

fn take(
    step: Step,
    queue: &mut ArrayQueue<Counted>,
    model: &mut VecDeque<u64>,
    accounts: &Accounts,
) {
    let capacity = queue.capacity();
    let fits = |model: &mut VecDeque<u64>, value| {
        let fits = model.len() < capacity;
        if fits {
            model.push_back(value);
        }
        fits
    };
    match step {
        Step::Push(value) => match queue.push(accounts.value(value)) {
            Ok(()) => assert!(fits(model, value)),
            Err(Full(back)) => assert!(back.content == value && !fits(model, value)),
        },
        Step::TryPush(value) => match queue.try_push(accounts.value(value)) {
            Ok(()) => assert!(fits(model, value)),
            Err(TryPushError::Full(back)) => assert!(back.content == value && !fits(model, value)),
            Err(TryPushError::Busy(_)) => panic!("nobody else is there"),
        },
        Step::Force(value) => {
            let oldest = if model.len() == capacity { model.pop_front() } else { None };
            model.push_back(value);
            assert_eq!(queue.force_push(accounts.value(value)).map(content), oldest);
        }
        Step::PushMany(values) => {
            let room = capacity - model.len();
            match queue.push_many(values.iter().map(|value| accounts.value(*value))) {
                Ok(count) => assert!(count == values.len() && count <= room),
                Err(Full(rest)) => assert!(rest.map(content).eq(values[room..].iter().copied())),
            }
            model.extend(values.into_iter().take(room));
        }
        Step::Pop => assert_eq!(queue.pop().map(content), model.pop_front()),
        Step::TryPop => assert_eq!(queue.try_pop().unwrap().map(content), model.pop_front()),
        Step::PopMany(max) => {
            let mut into = vec![accounts.value(1000)];
            let count = queue.pop_many(&mut into, max);
            assert_eq!(count, max.min(model.len()));
            assert!(into.into_iter().skip(1).map(content).eq(model.drain(..count)));
        }
        Step::TryIter(some) => {
            let some = some.min(model.len());
            assert!(queue.try_iter().take(some).map(content).eq(model.drain(..some)));
        }
        Step::Drain(some) => {
            let all = queue.drain();
            assert_eq!(all.len(), model.len());
            assert!(all.map(content).take(some).eq(model.drain(..).take(some)));
        }
        Step::IntoIter(some) => {
            let all = mem::replace(queue, ArrayQueue::new(capacity)).into_iter();
            assert_eq!(all.len(), model.len());
            assert!(all.map(content).take(some).eq(model.drain(..).take(some)));
        }
    }
}

#[test]
fn a_drain_yields_from_front_to_end_and_drops_the_rest() {
    let accounts = Accounts::new();
    let mut queue = ArrayQueue::new(5);
    for number in 0..7 {
        drop(queue.force_push(accounts.value(number)));
    }
    assert!(queue.drain().map(content).take(2).eq([2, 3]));
    assert!(queue.is_empty() && accounts.dropped() == 7);
    queue.push(accounts.value(7)).unwrap();
    drop(queue);
    accounts.assert_all_dropped_once();
}

#[test]
fn a_full_queue_gives_the_value_back_and_an_empty_one_nothing() {
    for capacity in CAPACITIES {
        let queue = ArrayQueue::new(capacity);
        for _ in 0..3 {
            assert_eq!(queue.pop(), None);
            assert_eq!(queue.push_many(0..capacity).unwrap(), capacity);
            assert_eq!(queue.push(capacity), Err(Full(capacity)));
            assert_eq!(queue.try_push(capacity), Err(TryPushError::Full(capacity)));
            assert!(queue.try_iter().eq(0..capacity));
            assert_eq!(queue.try_pop(), Ok(None));
        }
    }
}

#[test]
fn a_capacity_of_zero_and_one_that_no_memory_has_are_refused_with_words() {
    let refused = |capacity| {
        let panic = catch_unwind(|| ArrayQueue::<u64>::new(capacity)).unwrap_err();
        common::message(&*panic).to_owned()
    };
    assert_eq!(refused(0), "an ArrayQueue has a capacity of at least 1");
    assert!(refused(usize::MAX).starts_with("capacity overflow"));
    assert!(refused(usize::MAX / 16).starts_with("capacity overflow"));
}

#[test]
fn a_capacity_that_no_memory_has_is_an_error_to_who_tries() {
    assert!(ArrayQueue::<u64>::try_new(usize::MAX).is_err());
    assert!(ArrayQueue::<u8>::try_new(isize::MAX as usize).is_err());
    let none = catch_unwind(|| ArrayQueue::<u8>::try_new(0)).expect_err("no slot");
    assert!(common::message(&*none).contains("at least 1"));
    for capacity in [1, 2, 3, 5, 64] {
        let queue = ArrayQueue::try_new(capacity).expect("there is memory");
        assert_eq!(queue.capacity(), capacity);
        for _ in 0..3 {
            assert!(queue.push_many(0..capacity).is_ok_and(|count| count == capacity));
            assert!(queue.push(9).is_err() && queue.try_iter().eq(0..capacity));
        }
    }
}

#[test]
fn errors_say_what_happened_and_show_no_value() {
    struct Mute;
    let errors: [&dyn Error; 4] =
        [&Full(Mute), &TryPushError::Full(Mute), &TryPushError::Busy(Mute), &Busy];
    let shown = errors.map(|error| format!("{error:?}, {error}"));
    assert_eq!(shown[0], "Full(..), not pushed: the queue is full");
    assert_eq!(shown[1], shown[0]);
    assert_eq!(shown[2], "Busy(..), not pushed: another operation is in the middle of the slot");
    assert_eq!(shown[3], "Busy, not popped: another operation is in the middle of the slot");
    let queue = ArrayQueue::new(3);
    queue.push(Mute).unwrap();
    assert_eq!(format!("{queue:?}"), "ArrayQueue { capacity: 3, len: 1, .. }");
    assert!(matches!(TryPushError::Busy(Mute).into_inner(), Mute));
}

#[test]
fn values_of_no_size_and_of_much_alignment_are_counted() {
    #[derive(Debug, PartialEq)]
    #[repr(align(64))]
    struct Wide(u8);
    let queue = ArrayQueue::new(3);
    assert_eq!(queue.push_many([(); 5]).unwrap_err().into_inner().count(), 2);
    assert_eq!((queue.len(), queue.force_push(())), (3, Some(())));
    assert_eq!(queue.try_iter().count(), 3);
    let queue = ArrayQueue::new(2);
    for number in 0..9 {
        common::ignore(queue.force_push(Wide(number)));
    }
    let wide: Vec<_> = queue.into_iter().collect();
    assert_eq!(wide, [Wide(7), Wide(8)]);
    assert!(wide.iter().all(|wide| std::ptr::from_ref(wide).addr() % 64 == 0));
}

#[test]
fn a_large_queue_touches_no_memory_until_it_is_used() {
    // Would take seconds and gigabytes, if it did. (An engine makes each slot.)
    let capacity = if cfg!(feature = "engine") { 1000 } else { 1 << 24 };
    let queue = ArrayQueue::new(capacity);
    queue.push(1).unwrap();
    assert_eq!((queue.pop(), queue.capacity()), (Some(1), capacity));
}

#[test]
fn an_iterator_that_panics_leaves_what_it_gave_and_a_queue_that_works() {
    let accounts = Accounts::new();
    let queue = ArrayQueue::new(3);
    let values = (0..).map(|number| {
        assert!(number < 2, "enough");
        accounts.value(number)
    });
    assert!(catch_unwind(AssertUnwindSafe(|| queue.push_many(values).is_ok())).is_err());
    assert_eq!(queue.len(), 2);
    // Every slot is used again.
    for number in 2..20 {
        queue.push(accounts.value(number)).unwrap();
        assert_eq!(queue.pop().map(content), Some(number - 2));
    }
    drop(queue);
    accounts.assert_all_dropped_once();
}

/// The destructor of one value panics: the others' run, each once.
#[test]
fn a_destructor_that_panics_keeps_no_other_from_running() {
    struct Loud(u64, #[allow(dead_code, reason = "is dropped")] Counted);
    impl Drop for Loud {
        fn drop(&mut self) {
            assert!(self.0 != 1, "the destructor panics");
        }
    }
    let fill = |accounts: &Accounts| {
        let queue = ArrayQueue::new(4);
        for number in [9, 9, 0, 1, 2, 3] {
            let oldest = queue.force_push(Loud(number, accounts.value(number)));
            assert!(oldest.is_none_or(|oldest| oldest.0 == 9));
        }
        queue
    };
    let caught = |run: &mut dyn FnMut()| catch_unwind(AssertUnwindSafe(run)).is_err();

    let accounts = Accounts::new();
    let mut queue = Some(fill(&accounts));
    assert!(caught(&mut || drop(queue.take())));
    accounts.assert_all_dropped_once();

    let accounts = Accounts::new();
    let mut queue = fill(&accounts);
    assert!(caught(&mut || drop(queue.drain())));
    assert!(queue.is_empty());
    accounts.assert_all_dropped_once();

    let accounts = Accounts::new();
    let mut all = Some(fill(&accounts).into_iter());
    assert!(caught(&mut || drop(all.take())));
    accounts.assert_all_dropped_once();
}

#[test]
fn values_may_borrow_and_need_not_be_send() {
    let text = String::from("one two");
    let words = ArrayQueue::new(2);
    text.split(' ').for_each(|word| words.push(word).unwrap());
    assert!(words.into_iter().eq(["one", "two"]));
    let shared = std::rc::Rc::new(());
    let counts = ArrayQueue::new(2);
    counts.push_many([shared.clone(), shared.clone()]).unwrap();
    drop(counts.pop());
    assert_eq!(std::rc::Rc::strong_count(&shared), 2);
}

/// Producers push with `push`; consumers pop with `pop`, which takes one, or more, by their number.
fn transfer(
    capacity: usize,
    pop: impl Fn(usize, &ArrayQueue<(usize, usize)>, &mut Vec<(usize, usize)>) + Sync,
) {
    let (queue, each) = (ArrayQueue::new(capacity), scaled(100_000) / THREADS);
    let (running, start) = (Running::new(THREADS), Barrier::new(2 * THREADS));
    let consume = |consumer| {
        let (mut seen, mut some) = (vec![Vec::new(); THREADS], Vec::new());
        start.wait();
        loop {
            let last = !running.any();
            pop(consumer, &queue, &mut some);
            if some.is_empty() {
                if last {
                    return seen;
                }
                thread::yield_now();
            }
            for (producer, number) in some.drain(..) {
                let seen: &mut Vec<usize> = &mut seen[producer];
                assert!(seen.last().is_none_or(|last| *last < number), "out of order");
                seen.push(number);
            }
            assert!(queue.len() <= capacity);
        }
    };
    let seen: Vec<_> = thread::scope(|scope| {
        for producer in 0..THREADS {
            let (queue, start, running) = (&queue, &start, &running);
            scope.spawn(move || {
                let _shift = running.shift();
                start.wait();
                for number in 0..each {
                    let mut value = (producer, number);
                    while let Err(Full(back)) = queue.push(value) {
                        value = back;
                        thread::yield_now();
                    }
                }
            });
        }
        let consume = &consume;
        let consumers: Vec<_> =
            (0..THREADS).map(|consumer| scope.spawn(move || consume(consumer))).collect();
        consumers.into_iter().map(|consumer| consumer.join().unwrap()).collect()
    });
    for producer in 0..THREADS {
        let mut all: Vec<_> = seen.iter().flat_map(|seen| seen[producer].iter().copied()).collect();
        all.sort_unstable();
        assert!(all.into_iter().eq(0..each), "values of producer {producer} lost or doubled");
    }
    assert!(queue.is_empty());
}

#[test]
fn consumers_see_each_producers_values_in_order_and_each_value_once() {
    for capacity in [1, 2, 3, 64] {
        transfer(capacity, |_, queue, into| into.extend(queue.pop()));
        transfer(capacity, |consumer, queue, into| match consumer % 2 {
            0 => drop(queue.pop_many(into, 5)),
            _ => into.extend(queue.try_pop().ok().flatten()),
        });
    }
}

/// Whoever overwrites takes out what it overwrites: each value ends with one thread.
#[test]
fn what_is_overwritten_is_returned_once() {
    for capacity in [1, 2, 5] {
        let (queue, each) = (ArrayQueue::new(capacity), scaled(25_000));
        let mut all: Vec<usize> = thread::scope(|scope| {
            let workers: Vec<_> = (0..THREADS)
                .map(|thread| {
                    let queue = &queue;
                    scope.spawn(move || {
                        let mut mine = Vec::new();
                        for number in 0..each {
                            mine.extend(queue.force_push(thread * each + number));
                            if number % 3 == thread % 3 {
                                mine.extend(queue.pop());
                            }
                        }
                        mine
                    })
                })
                .collect();
            workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
        });
        assert!(queue.len() <= capacity);
        all.extend(queue);
        all.sort_unstable();
        assert!(all.into_iter().eq(0..THREADS * each), "values lost or doubled");
    }
}

#[test]
fn a_queue_that_holds_a_value_and_has_room_throughout_is_never_seen_empty_or_full() {
    let (queue, running) = (ArrayQueue::new(3), Running::new(1));
    queue.push(0).unwrap();
    thread::scope(|scope| {
        for _ in 1..THREADS {
            scope.spawn(|| {
                while running.any() {
                    assert!(!queue.is_empty() && !queue.is_full());
                    assert!((1..=2).contains(&queue.len()));
                }
            });
        }
        let _shift = running.shift();
        for number in 1..scaled(100_000) {
            queue.push(number).unwrap();
            assert_eq!(queue.pop(), Some(number - 1));
        }
    });
}
