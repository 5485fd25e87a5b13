//! `Queue`: first in, first out, each value once; closed, it takes no more and gives what it has.

mod common;

use common::{
    Accounts, Counted, Observed, Running, THREADS, forget, in_every_collector, own_collectors,
    property, scaled,
};
use counterpoint::{
    queue::{Closed, Queue},
    reclaim::Collector,
};
use proptest::{collection::vec, prelude::*};
use std::{
    collections::VecDeque,
    error::Error,
    iter, mem,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Barrier,
    thread,
};

in_every_collector!(
    any_sequence_of_operations_does_what_a_vec_deque_does,
    consumers_see_each_producers_values_in_order_and_each_value_once,
    what_a_closed_queue_took_is_popped_and_nothing_else,
    values_are_dropped_once_wherever_they_end,
    a_queue_that_holds_a_value_throughout_is_never_seen_empty,
    threads_that_race_for_the_first_push_lose_nothing,
);

#[derive(Clone, Debug)]
enum Step {
    Push(u64),
    PushMany(Vec<u64>),
    Pop,
    PopMany(usize),
    PeekMut(u64),
    IterMut(u64),
    Drain(usize),
    IntoIter(usize),
    Close,
}

fn step() -> impl Strategy<Value = Step> {
    let value = 0..100u64;
    prop_oneof![
        8 => value.clone().prop_map(Step::Push),
        4 => vec(value.clone(), 0..80).prop_map(Step::PushMany),
        8 => Just(Step::Pop),
        4 => (0..80usize).prop_map(Step::PopMany),
        1 => value.clone().prop_map(Step::PeekMut),
        1 => value.prop_map(Step::IterMut),
        1 => (0..5usize).prop_map(Step::Drain),
        1 => (0..5usize).prop_map(Step::IntoIter),
        1 => Just(Step::Close),
    ]
}

fn content(value: Counted) -> u64 {
    value.content
}

fn any_sequence_of_operations_does_what_a_vec_deque_does(collector: fn() -> Collector) {
    property(vec(step(), 0..60), |steps| {
        let accounts = Accounts::new();
        let mut queue = Queue::new_in(collector());
        let (mut model, mut closed) = (VecDeque::new(), false);
        for step in steps {
            take(step, &mut queue, &mut model, &mut closed, &accounts);
            let (content, queue) = (model.iter().copied().next(), &mut queue);
            assert_eq!(queue.peek().map(|value| value.content), content);
            let queue = queue.pin();
            assert_eq!((queue.is_empty(), queue.len()), (model.is_empty(), model.len()));
            assert_eq!(queue.is_closed(), closed);
        }
        assert!(queue.into_iter().map(content).eq(model));
        accounts.assert_all_dropped_once();
    });
}

fn take(
    step: Step,
    queue: &mut Queue<Counted>,
    model: &mut VecDeque<u64>,
    closed: &mut bool,
    accounts: &Accounts,
) {
    match step {
        Step::Push(value) => match queue.pin().push(accounts.value(value)) {
            Ok(()) => {
                assert!(!*closed);
                model.push_back(value);
            }
            Err(Closed(back)) => assert!(*closed && back.content == value),
        },
        Step::PushMany(values) => {
            let counted = values.iter().map(|value| accounts.value(*value)).collect::<Vec<_>>();
            match queue.pin().push_many(counted) {
                Ok(count) => {
                    assert!(count == values.len() && (!*closed || count == 0));
                    model.extend(values);
                }
                Err(Closed(back)) => {
                    assert!(*closed && back.size_hint() == (values.len(), Some(values.len())));
                    assert!(back.map(content).eq(values));
                }
            }
        }
        Step::Pop => assert_eq!(queue.pin().pop().map(content), model.pop_front()),
        Step::PopMany(max) => {
            let mut into = vec![accounts.value(1000)];
            let count = queue.pin().pop_many(&mut into, max);
            assert_eq!(count, max.min(model.len()));
            assert!(into.into_iter().skip(1).map(content).eq(model.drain(..count)));
        }
        Step::PeekMut(value) => {
            if let (Some(front), Some(model)) = (queue.peek_mut(), model.front_mut()) {
                (front.content, *model) = (value, value);
            }
        }
        Step::IterMut(value) => {
            queue.iter_mut().for_each(|each| each.content += value);
            model.iter_mut().for_each(|each| *each += value);
            assert!(queue.iter_mut().map(|each| each.content).eq(model.iter().copied()));
        }
        Step::Drain(some) => {
            assert!(queue.drain().map(content).take(some).eq(model.drain(..).take(some)));
        }
        Step::IntoIter(some) => {
            let fresh = Queue::new_in(queue.collector().clone());
            let all = mem::replace(queue, fresh).into_iter();
            assert!(all.map(content).take(some).eq(model.drain(..).take(some)));
            *closed = false;
        }
        Step::Close => {
            assert_eq!(queue.pin().close(), !*closed);
            *closed = true;
        }
    }
}

/// By ones, and by many.
fn consumers_see_each_producers_values_in_order_and_each_value_once(collector: fn() -> Collector) {
    let (queue, each) = (Queue::new_in(collector()), scaled(100_000));
    let (running, start) = (Running::new(THREADS), Barrier::new(2 * THREADS));
    let produce = |producer: usize, _shift| {
        let handle = queue.register();
        start.wait();
        let mut values = (0..each).map(|number| (producer, number)).peekable();
        while values.peek().is_some() {
            let guard = handle.pin();
            if producer % 2 == 0 {
                queue.push(values.next().expect("peeked"), &guard).expect("it is open");
            } else {
                queue.push_many(values.by_ref().take(50), &guard).expect("it is open");
            }
        }
    };
    let consume = |consumer: usize| {
        let handle = queue.register();
        let mut seen = vec![Vec::new(); THREADS];
        let mut some: Vec<(usize, usize)> = Vec::new();
        start.wait();
        loop {
            let last = !running.any();
            let guard = handle.pin();
            if consumer % 2 == 0 {
                some.extend(queue.pop(&guard));
            } else {
                queue.pop_many(&mut some, 50, &guard);
            }
            drop(guard);
            if some.is_empty() && last {
                return seen;
            } else if some.is_empty() {
                thread::yield_now();
            }
            for (producer, number) in some.drain(..) {
                let seen: &mut Vec<usize> = &mut seen[producer];
                assert!(seen.last().is_none_or(|last| *last < number), "out of order");
                seen.push(number);
            }
        }
    };
    let seen: Vec<_> = thread::scope(|scope| {
        for producer in 0..THREADS {
            let (produce, shift) = (&produce, running.shift());
            scope.spawn(move || produce(producer, shift));
        }
        let consumers: Vec<_> = (0..THREADS)
            .map(|consumer| {
                let consume = &consume;
                scope.spawn(move || consume(consumer))
            })
            .collect();
        consumers.into_iter().map(|consumer| consumer.join().unwrap()).collect()
    });
    for producer in 0..THREADS {
        let mut all: Vec<_> = seen.iter().flat_map(|seen| seen[producer].iter().copied()).collect();
        all.sort_unstable();
        assert!(all.into_iter().eq(0..each), "values of producer {producer} lost or doubled");
    }
    assert_eq!((queue.pin().is_empty(), queue.pin().len()), (true, 0));
}

/// Who has seen it closed, and then empty, has seen its end.
fn what_a_closed_queue_took_is_popped_and_nothing_else(collector: fn() -> Collector) {
    let collector = collector();
    for round in 0..scaled(200) {
        let queue = Queue::new_in(collector.clone());
        let start = Barrier::new(4);
        let (pushed, popped) = thread::scope(|scope| {
            let produce = || {
                start.wait();
                let mut pushed = 0;
                while queue.pin().push(()).is_ok() {
                    pushed += 1;
                }
                let rest = queue.pin().push_many(iter::repeat_n((), 40));
                assert_eq!(rest.unwrap_err().into_inner().count(), 40);
                pushed
            };
            let consume = || {
                start.wait();
                let mut popped = 0;
                loop {
                    let was_closed = queue.pin().is_closed();
                    while queue.pin().pop().is_some() {
                        popped += 1;
                    }
                    if was_closed {
                        return popped;
                    }
                }
            };
            let (one, other) = (scope.spawn(produce), scope.spawn(produce));
            let consumer = scope.spawn(consume);
            start.wait();
            (0..round % 7).for_each(|_| thread::yield_now());
            assert!(queue.pin().close() && !queue.pin().close());
            let pushed: usize = one.join().unwrap() + other.join().unwrap();
            (pushed, consumer.join().unwrap())
        });
        assert_eq!(pushed, popped);
        assert!(queue.pin().is_empty() && queue.pin().pop().is_none());
    }
}

/// Values end in a pop, in a drain, in an iterator that is dropped half-way, or with the queue.
fn values_are_dropped_once_wherever_they_end(collector: fn() -> Collector) {
    let accounts = Accounts::new();
    let mut queue = Queue::new_in(collector());
    for _ in 0..4 {
        thread::scope(|scope| {
            for thread in 0..THREADS {
                let (queue, accounts) = (&queue, &accounts);
                scope.spawn(move || {
                    let handle = queue.register();
                    for number in 0..scaled(2_000) as u64 {
                        let guard = handle.pin();
                        queue.push(accounts.value(number), &guard).expect("it is open");
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
    queue.pin().push_many((0..100).map(|number| accounts.value(number))).unwrap();
    queue.pin().close();
    drop(queue.pin().push_many((0..100).map(|number| accounts.value(number))));
    let mut rest = queue.into_iter();
    rest.next();
    drop(rest);
    accounts.assert_all_dropped_once();
}

fn a_queue_that_holds_a_value_throughout_is_never_seen_empty(collector: fn() -> Collector) {
    let (queue, running) = (Queue::new_in(collector()), Running::new(1));
    queue.pin().push(0).unwrap();
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
            queue.push(number, &handle.pin()).unwrap();
            assert_eq!(queue.pop(&handle.pin()), Some(number - 1));
        }
    });
}

fn threads_that_race_for_the_first_push_lose_nothing(collector: fn() -> Collector) {
    let collector = collector();
    for _ in 0..scaled(2_000) {
        let queue = Queue::new_in(collector.clone());
        let start = Barrier::new(THREADS);
        let popped: usize = thread::scope(|scope| {
            let workers: Vec<_> = (0..THREADS)
                .map(|thread| {
                    let (queue, start) = (&queue, &start);
                    scope.spawn(move || {
                        start.wait();
                        let queue = queue.pin();
                        queue.push(thread).expect("it is open");
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

/// One entry of garbage for each segment, none for a value.
#[test]
fn segments_that_are_used_up_are_freed_when_nobody_is_pinned() {
    for collector in own_collectors() {
        let queue = Queue::new_in(collector.clone());
        let handle = queue.register();
        let guard = handle.pin();
        (0..10_000).for_each(|number| queue.push(number, &guard).unwrap());
        assert_eq!(collector.garbage(), 0);
        assert!(iter::from_fn(|| queue.pop(&guard)).eq(0..10_000));
        let segments = collector.garbage();
        if !cfg!(feature = "engine") {
            assert!((10..1_000).contains(&segments), "{segments} segments");
        }
        // The last one stays.
        assert_eq!(queue.pop(&guard), None);
        assert_eq!(collector.garbage(), segments);
        drop(guard);
        drop(handle); // An idle handle keeps a bag of its own.
        collector.settle();
    }
}

#[test]
fn a_closed_queue_gives_the_value_back_with_words() {
    struct Mute;
    let error: &dyn Error = &Closed(Mute);
    let shown = format!("{error:?}, {error}");
    assert_eq!(shown, "Closed(..), not pushed: the queue is closed");
    let queue = Queue::new();
    let queue = queue.pin();
    assert!(!queue.is_closed() && queue.close());
    assert_eq!(queue.push('a').map_err(Closed::into_inner), Err('a'));
}

/// It counts no push that comes too late.
#[test]
fn a_closed_queue_stays_closed_however_often_it_is_asked() {
    let queue = Queue::from([1, 2]);
    let queue = queue.pin();
    queue.close();
    for _ in 0..10_000 {
        assert!(queue.push(3).is_err() && queue.push_many([3; 70]).is_err());
        assert!(!queue.close() && queue.len() == 2);
    }
    assert!(iter::from_fn(|| queue.pop()).eq([1, 2]) && queue.is_closed());
}

#[test]
fn an_iterator_that_panics_leaves_what_it_gave_and_a_queue_that_works() {
    let accounts = Accounts::new();
    for given in [0, 1, 5, 100] {
        let queue = Queue::new();
        let values = (0..).map(|number| {
            assert!(number < given, "enough");
            accounts.value(number)
        });
        let push = || queue.pin().push_many(values).is_ok();
        assert!(catch_unwind(AssertUnwindSafe(push)).is_err());
        assert_eq!(queue.pin().len() as u64, given);
        queue.pin().push(accounts.value(given)).unwrap();
        assert!(queue.into_iter().map(content).eq(0..=given));
    }
    accounts.assert_all_dropped_once();
}

/// The destructor of one value panics: the others' run, each once.
#[test]
fn a_destructor_that_panics_keeps_no_other_from_running() {
    struct Loud(Counted);
    impl Drop for Loud {
        fn drop(&mut self) {
            assert!(self.0.content != 10, "the destructor panics");
        }
    }
    let ends: [fn(Queue<Loud>); 4] = [
        |queue| drop(queue),
        |mut queue| drop(queue.drain()),
        |queue| drop(queue.into_iter()),
        |queue| {
            let closed = Queue::new();
            closed.pin().close();
            drop(closed.pin().push_many(queue));
        },
    ];
    for end in ends {
        let accounts = Accounts::new();
        let queue = Queue::from_iter((0..100).map(|number| Loud(accounts.value(number))));
        assert!(catch_unwind(AssertUnwindSafe(|| end(queue))).is_err());
        accounts.assert_all_dropped_once();
    }
}

/// An iterator that comes back to the queue that takes from it.
#[test]
fn an_iterator_may_use_the_queue_that_it_feeds() {
    let queue = Queue::from([0]);
    let queue = queue.pin();
    let mut left = 100;
    let moved = queue.push_many(iter::from_fn(|| {
        left -= 1;
        if left == 0 { None } else { queue.pop().map(|value| value + 1) }
    }));
    assert_eq!(moved.unwrap(), 1, "the queue was empty then");
    assert_eq!(queue.pop(), Some(1));
}

#[test]
fn many_of_nothing_and_more_than_there_are() {
    let queue = Queue::new();
    let queue = queue.pin();
    let mut into = Vec::new();
    assert_eq!((queue.push_many([]).unwrap(), queue.pop_many(&mut into, 0)), (0, 0));
    assert_eq!(queue.pop_many(&mut into, usize::MAX), 0);
    let million = scaled(1_000_000);
    assert_eq!(queue.push_many(0..million).unwrap(), million);
    assert_eq!(queue.len(), million);
    assert_eq!(queue.pop_many(&mut into, usize::MAX), million);
    assert!(into.into_iter().eq(0..million));
}

#[test]
fn values_of_no_size_and_of_much_alignment() {
    #[derive(Clone, Copy, Debug, PartialEq)]
    #[repr(align(256))]
    struct Wide(u8);
    let wide = (0..=255).map(Wide);
    assert!(Queue::from_iter(wide.clone()).into_iter().eq(wide));
    let huge = Queue::from_iter((0..40).map(|number| [number; 10_000]));
    assert!(huge.into_iter().eq((0..40).map(|number| [number; 10_000])));
    assert_eq!(Queue::from_iter(iter::repeat_n((), 10_000)).into_iter().count(), 10_000);
}

#[test]
fn what_is_forgotten_is_lost_and_nothing_else() {
    let accounts = Accounts::new();
    let mut queue = Queue::from_iter((0..100).map(|number| accounts.value(number)));
    let mut drain = queue.drain();
    assert_eq!(drain.next().map(content), Some(0));
    forget(drain);
    forget(queue.iter_mut());
    assert!(queue.into_iter().map(content).eq(1..100));
    accounts.assert_all_dropped_once();
}

#[test]
fn values_may_borrow_and_need_not_be_send() {
    let text = String::from("one two");
    let words = Queue::from_iter(text.split(' '));
    assert!(words.into_iter().eq(["one", "two"]));

    let shared = std::rc::Rc::new(());
    let counts = Queue::from([shared.clone(), shared.clone()]);
    drop(counts.pin().pop());
    assert_eq!(std::rc::Rc::strong_count(&shared), 2, "pop moves the value out at once");
    drop(counts);
    assert_eq!(std::rc::Rc::strong_count(&shared), 1);
}

#[test]
fn a_queue_can_be_a_static() {
    static QUEUE: Queue<usize> = Queue::new();
    thread::scope(|scope| {
        (0..THREADS).for_each(|thread| {
            scope.spawn(move || QUEUE.pin().push(thread).expect("it is open"));
        });
    });
    let queue = QUEUE.pin();
    let mut all: Vec<_> = iter::from_fn(|| queue.pop()).collect();
    all.sort_unstable();
    assert!(all.into_iter().eq(0..THREADS));
}

#[test]
fn who_has_the_queue_alone_needs_no_guard() {
    let accounts = Accounts::new();
    let mut queue = Queue::new();
    assert!(queue.pop_mut().is_none());
    for round in 0..5 {
        (0..1000).for_each(|number| assert!(queue.push_mut(accounts.value(number)).is_ok()));
        assert!((0..1000 - round).all(|number| queue.pop_mut().map(content) == Some(number)));
        assert_eq!(queue.drain().len() as u64, round);
    }
    assert!(queue.pin().close());
    assert!(queue.push_mut(accounts.value(0)).is_err() && queue.pop_mut().is_none());
    drop(queue);
    accounts.assert_all_dropped_once();
}

/// Also after pops that found nothing, over the end of segments, and of a closed queue.
#[test]
fn an_iterator_that_has_the_queue_alone_knows_how_many_come() {
    for count in [0, 1, 31, 32, 33, 600, 5000] {
        let mut queue = Queue::new();
        assert_eq!(queue.drain().len(), 0);
        assert!(queue.pin().push_many(0..count + 3).is_ok());
        (0..3).for_each(|number| assert_eq!(queue.pin().pop(), Some(number)));
        let mut drain = queue.drain();
        for left in (0..count).rev() {
            assert_eq!((drain.next().is_some(), drain.len()), (true, left));
        }
        assert_eq!((drain.next(), drain.size_hint()), (None, (0, Some(0))));
        drop(drain);
        (0..10).for_each(|_| assert_eq!(queue.pin().pop(), None));
        assert!(queue.pin().push_many(0..count).is_ok() && queue.pin().close());
        let mut values = queue.into_iter();
        assert_eq!(values.len(), count);
        assert_eq!((values.next().is_some(), values.len()), (count > 0, count.saturating_sub(1)));
    }
}

/// Also when threads have raced for the last value.
#[test]
fn a_length_is_exact_when_all_have_left() {
    let mut queue = Queue::new();
    for round in 0..scaled(200) {
        thread::scope(|scope| {
            for thread in 0..THREADS {
                let queue = &queue;
                scope.spawn(move || {
                    for number in 0..100 {
                        queue.pin().push(number).expect("it is open");
                        if (number + round) % 3 != thread % 3 {
                            queue.pin().pop();
                        }
                        queue.pin().pop();
                    }
                });
            }
        });
        queue.pin().push_many(0..round % 5).expect("it is open");
        let mut drain = queue.drain();
        let (said, yielded) = (drain.len(), drain.by_ref().count());
        assert_eq!(said, yielded);
    }
}

#[test]
fn who_tries_to_iterate_pops_until_there_is_nothing() {
    let queue = Queue::from([1, 2, 3]);
    let view = queue.pin();
    let mut values = view.try_iter();
    assert_eq!((values.next(), queue.pin().pop(), values.next()), (Some(1), Some(2), Some(3)));
    assert_eq!((values.next(), queue.pin().push(4), values.next()), (None, Ok(()), Some(4)));
    let guard = queue.collector().pin();
    assert!(queue.pin().push_many(5..8).is_ok() && queue.try_iter(&guard).take(2).eq(5..7));
    assert_eq!(view.len(), 1, "what is not asked for stays");
}
