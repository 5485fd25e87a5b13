//! `MsQueue`: first in, first out, for one thread exactly and for many as far as each can tell.

mod common;

use common::{
    Accounts, Counted, Observed, Running, THREADS, in_every_collector, own_collectors, property,
    scaled,
};
use counterpoint::{
    queue::MsQueue,
    reclaim::{Collector, Handle},
};
use proptest::{collection::vec, prelude::*};
use std::{collections::VecDeque, mem, sync::Barrier, thread};

in_every_collector!(
    any_sequence_of_operations_does_what_a_vec_deque_does,
    consumers_see_each_producers_values_in_order_and_each_value_once,
    values_are_dropped_once_wherever_they_end,
    a_queue_that_holds_a_value_throughout_is_never_seen_empty,
    threads_that_race_for_the_first_push_lose_nothing,
);

#[derive(Clone, Debug)]
enum Step {
    Push(u64),
    Pop,
    Peek,
    PeekMut(u64),
    IterMut(u64),
    Drain(usize),
    Extend(Vec<u64>),
    ExtendView(Vec<u64>),
    IntoIter(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let value = 0..100u64;
    prop_oneof![
        8 => value.clone().prop_map(Step::Push),
        8 => Just(Step::Pop),
        2 => Just(Step::Peek),
        2 => value.clone().prop_map(Step::PeekMut),
        1 => value.clone().prop_map(Step::IterMut),
        1 => (0..5usize).prop_map(Step::Drain),
        1 => vec(value.clone(), 0..5).prop_map(Step::Extend),
        1 => vec(value, 0..5).prop_map(Step::ExtendView),
        1 => (0..5usize).prop_map(Step::IntoIter),
    ]
}

fn any_sequence_of_operations_does_what_a_vec_deque_does(collector: fn() -> Collector) {
    property(vec(step(), 0..60), |steps| {
        let accounts = Accounts::new();
        let mut queue = MsQueue::new_in(collector());
        let mut model = VecDeque::new();
        for step in steps {
            take(step, &mut queue, &mut model, &accounts);
            assert_eq!(queue.pin().is_empty(), model.is_empty());
        }
        assert!(queue.into_iter().map(|value| value.content).eq(model));
        accounts.assert_all_dropped_once();
    });
}

fn take(step: Step, queue: &mut MsQueue<Counted>, model: &mut VecDeque<u64>, accounts: &Accounts) {
    let contents = |value: Counted| value.content;
    match step {
        Step::Push(value) => {
            queue.pin().push(accounts.value(value));
            model.push_back(value);
        }
        Step::Pop => assert_eq!(queue.pin().pop().map(contents), model.pop_front()),
        Step::Peek => assert_eq!(queue.peek().map(|value| value.content), model.front().copied()),
        Step::PeekMut(value) => {
            if let Some(front) = queue.peek_mut() {
                front.content = value;
            }
            if let Some(front) = model.front_mut() {
                *front = value;
            }
        }
        Step::IterMut(value) => {
            queue.iter_mut().for_each(|each| each.content += value);
            model.iter_mut().for_each(|each| *each += value);
        }
        Step::Drain(some) => {
            assert!(queue.drain().map(contents).take(some).eq(model.drain(..).take(some)));
        }
        Step::Extend(values) => {
            queue.extend(values.iter().map(|value| accounts.value(*value)));
            model.extend(values);
        }
        Step::ExtendView(values) => {
            queue.pin().extend(values.iter().map(|value| accounts.value(*value)));
            model.extend(values);
        }
        Step::IntoIter(some) => {
            let fresh = MsQueue::new_in(queue.collector().clone());
            let all = mem::replace(queue, fresh).into_iter();
            assert!(all.map(contents).take(some).eq(model.drain(..).take(some)));
        }
    }
}

fn consumers_see_each_producers_values_in_order_and_each_value_once(collector: fn() -> Collector) {
    let (queue, each) = (MsQueue::new_in(collector()), scaled(100_000));
    let (running, start) = (Running::new(THREADS), Barrier::new(2 * THREADS));
    let consume = || {
        let handle = queue.register();
        let mut seen = vec![Vec::new(); THREADS];
        start.wait();
        loop {
            let last = !running.any();
            match queue.pop(&handle.pin()) {
                Some((producer, number)) => {
                    let seen: &mut Vec<usize> = &mut seen[producer];
                    assert!(seen.last().is_none_or(|last| *last < number), "out of order");
                    seen.push(number);
                }
                None if last => return seen,
                None => thread::yield_now(),
            }
        }
    };
    let seen: Vec<_> = thread::scope(|scope| {
        for producer in 0..THREADS {
            let (queue, start, running) = (&queue, &start, &running);
            scope.spawn(move || {
                let (handle, _shift) = (queue.register(), running.shift());
                start.wait();
                (0..each).for_each(|number| queue.push((producer, number), &handle.pin()));
            });
        }
        let consumers: Vec<_> = (0..THREADS).map(|_| scope.spawn(consume)).collect();
        consumers.into_iter().map(|consumer| consumer.join().unwrap()).collect()
    });
    for producer in 0..THREADS {
        let mut all: Vec<_> = seen.iter().flat_map(|seen| seen[producer].iter().copied()).collect();
        all.sort_unstable();
        assert!(all.into_iter().eq(0..each), "values of producer {producer} lost or doubled");
    }
    assert!(queue.pin().is_empty());
}

/// Values end in a pop, in a drain, in an iterator that is dropped half-way, or with the queue.
fn values_are_dropped_once_wherever_they_end(collector: fn() -> Collector) {
    let accounts = Accounts::new();
    let mut queue = MsQueue::new_in(collector());
    for _ in 0..4 {
        thread::scope(|scope| {
            for thread in 0..THREADS {
                let (queue, accounts) = (&queue, &accounts);
                scope.spawn(move || {
                    let handle: Handle = queue.register();
                    for number in 0..scaled(2_000) as u64 {
                        let guard = handle.pin();
                        queue.push(accounts.value(number), &guard);
                        if thread % 2 == 0 {
                            queue.pop(&guard);
                        }
                    }
                });
            }
        });
        queue.drain().take(100).for_each(drop);
        assert_eq!(accounts.dropped(), accounts.made(), "a drain drops what it does not yield");
    }
    queue.extend((0..100).map(|number| accounts.value(number)));
    let mut rest = queue.into_iter();
    rest.next();
    drop(rest);
    accounts.assert_all_dropped_once();
}

fn a_queue_that_holds_a_value_throughout_is_never_seen_empty(collector: fn() -> Collector) {
    let (queue, running) = (MsQueue::new_in(collector()), Running::new(1));
    queue.pin().push(0);
    thread::scope(|scope| {
        for _ in 1..THREADS {
            scope.spawn(|| {
                let handle = queue.register();
                while running.any() {
                    assert!(!queue.is_empty(&handle.pin()));
                }
            });
        }
        let _shift = running.shift();
        let handle = queue.register();
        for number in 1..scaled(100_000) {
            queue.push(number, &handle.pin());
            assert_eq!(queue.pop(&handle.pin()), Some(number - 1));
        }
    });
}

fn threads_that_race_for_the_first_push_lose_nothing(collector: fn() -> Collector) {
    let collector = collector();
    for _ in 0..scaled(2_000) {
        let queue = MsQueue::new_in(collector.clone());
        let start = Barrier::new(THREADS);
        let popped: usize = thread::scope(|scope| {
            let workers: Vec<_> = (0..THREADS)
                .map(|thread| {
                    let (queue, start) = (&queue, &start);
                    scope.spawn(move || {
                        start.wait();
                        let queue = queue.pin();
                        queue.push(thread);
                        usize::from(queue.pop().is_some())
                    })
                })
                .collect();
            workers.into_iter().map(|worker| worker.join().unwrap()).sum()
        });
        // Whoever pushes before it pops finds a value: at least its own, or one in its place.
        assert_eq!(popped, THREADS);
        assert!(queue.pin().is_empty());
    }
}

#[test]
fn what_was_popped_is_freed_when_nobody_is_pinned() {
    for collector in own_collectors() {
        let queue = MsQueue::new_in(collector.clone());
        let handle = queue.register();
        let guard = handle.pin();
        (0..1000).for_each(|number| queue.push(number, &guard));
        assert_eq!(collector.garbage(), 0);
        while queue.pop(&guard).is_some() {}
        assert_eq!(collector.garbage(), 1000, "one node for each value");
        drop(guard);
        drop(handle); // An idle handle keeps a bag of its own.
        collector.settle();
    }
}

#[test]
fn values_may_borrow_and_need_not_be_send() {
    let text = String::from("one two");
    let words = MsQueue::new();
    text.split(' ').for_each(|word| words.pin().push(word));
    assert!(words.into_iter().eq(["one", "two"]));

    let shared = std::rc::Rc::new(());
    let counts = MsQueue::from_iter([shared.clone(), shared.clone()]);
    drop(counts.pin().pop());
    assert_eq!(std::rc::Rc::strong_count(&shared), 2, "pop moves the value out at once");
    drop(counts);
    assert_eq!(std::rc::Rc::strong_count(&shared), 1);
}

#[test]
fn a_queue_can_be_a_static() {
    static QUEUE: MsQueue<usize> = MsQueue::new();
    thread::scope(|scope| {
        (0..THREADS).for_each(|thread| drop(scope.spawn(move || QUEUE.pin().push(thread))));
    });
    let queue = QUEUE.pin();
    let mut all: Vec<_> = std::iter::from_fn(|| queue.pop()).collect();
    all.sort_unstable();
    assert!(all.into_iter().eq(0..THREADS));
}
