//! `TreiberStack`: last in, first out, for one thread exactly and for many as far as each can tell.

mod common;

use common::{
    Accounts, Counted, Observed, Random, Running, THREADS, in_every_collector, own_collectors,
    property, scaled, seed,
};
use counterpoint::{reclaim::Collector, stack::TreiberStack};
use proptest::{collection::vec, prelude::*};
use std::{mem, sync::Barrier, thread};

in_every_collector!(
    any_sequence_of_operations_does_what_a_vec_does,
    every_value_comes_out_once_by_pop_or_by_pop_all,
    pop_all_takes_each_threads_values_in_reverse_and_without_gaps,
    values_are_dropped_once_wherever_they_end,
    a_stack_that_holds_a_value_throughout_is_never_seen_empty,
);

#[derive(Clone, Debug)]
enum Step {
    Push(u64),
    Pop,
    PopAll(usize),
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
        1 => (0..5usize).prop_map(Step::PopAll),
        2 => Just(Step::Peek),
        2 => value.clone().prop_map(Step::PeekMut),
        1 => value.clone().prop_map(Step::IterMut),
        1 => (0..5usize).prop_map(Step::Drain),
        1 => vec(value.clone(), 0..5).prop_map(Step::Extend),
        1 => vec(value, 0..5).prop_map(Step::ExtendView),
        1 => (0..5usize).prop_map(Step::IntoIter),
    ]
}

fn any_sequence_of_operations_does_what_a_vec_does(collector: fn() -> Collector) {
    property(vec(step(), 0..60), |steps| {
        let accounts = Accounts::new();
        let mut stack = TreiberStack::new_in(collector());
        let mut model = Vec::new();
        for step in steps {
            take(step, &mut stack, &mut model, &accounts);
            assert_eq!(stack.pin().is_empty(), model.is_empty());
        }
        assert!(stack.into_iter().map(|value| value.content).eq(model.into_iter().rev()));
        accounts.assert_all_dropped_once();
    });
}

fn take(step: Step, stack: &mut TreiberStack<Counted>, model: &mut Vec<u64>, accounts: &Accounts) {
    let contents = |value: Counted| value.content;
    match step {
        Step::Push(value) => {
            stack.pin().push(accounts.value(value));
            model.push(value);
        }
        Step::Pop => assert_eq!(stack.pin().pop().map(contents), model.pop()),
        Step::PopAll(some) => {
            let stack = stack.pin();
            assert!(stack.pop_all().map(contents).take(some).eq(model.drain(..).rev().take(some)));
        }
        Step::Peek => assert_eq!(stack.peek().map(|value| value.content), model.last().copied()),
        Step::PeekMut(value) => {
            if let Some(top) = stack.peek_mut() {
                top.content = value;
            }
            if let Some(top) = model.last_mut() {
                *top = value;
            }
        }
        Step::IterMut(value) => {
            stack.iter_mut().for_each(|each| each.content += value);
            model.iter_mut().for_each(|each| *each += value);
        }
        Step::Drain(some) => {
            assert!(stack.drain().map(contents).take(some).eq(model.drain(..).rev().take(some)));
        }
        Step::Extend(values) => {
            stack.extend(values.iter().map(|value| accounts.value(*value)));
            model.extend(values);
        }
        Step::ExtendView(values) => {
            stack.pin().extend(values.iter().map(|value| accounts.value(*value)));
            model.extend(values);
        }
        Step::IntoIter(some) => {
            let fresh = TreiberStack::new_in(stack.collector().clone());
            let all = mem::replace(stack, fresh).into_iter();
            assert!(all.map(contents).take(some).eq(model.drain(..).rev().take(some)));
        }
    }
}

fn every_value_comes_out_once_by_pop_or_by_pop_all(collector: fn() -> Collector) {
    let (stack, each, seed) = (TreiberStack::new_in(collector()), scaled(100_000), seed());
    let start = Barrier::new(THREADS);
    let work = |thread: usize| {
        let (handle, mut random) = (stack.register(), Random::new(seed, thread));
        let (mut next, mut out) = (thread * each, Vec::new());
        start.wait();
        while next < (thread + 1) * each {
            let guard = handle.pin();
            match random.below(64) {
                0..4 => out.extend(stack.pop_all(&guard)),
                4..24 => out.extend(stack.pop(&guard)),
                _ => {
                    stack.push(next, &guard);
                    next += 1;
                }
            }
        }
        out
    };
    let mut all: Vec<usize> = thread::scope(|scope| {
        let work = &work;
        let workers: Vec<_> =
            (0..THREADS).map(|thread| scope.spawn(move || work(thread))).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    all.extend(stack);
    all.sort_unstable();
    assert!(all.into_iter().eq(0..THREADS * each), "values lost or doubled");
}

/// Nobody pops single values here, so what one `pop_all` gives of a thread is a run of its values
/// in reverse, and the runs that one taker gets follow each other.
fn pop_all_takes_each_threads_values_in_reverse_and_without_gaps(collector: fn() -> Collector) {
    let (stack, each) = (TreiberStack::new_in(collector()), scaled(100_000));
    let running = Running::new(THREADS);
    let mut next = [0; THREADS];
    let mut check = |chain: Vec<(usize, usize)>| {
        for &(thread, number) in chain.iter().rev() {
            assert_eq!(number, next[thread], "of thread {thread}");
            next[thread] += 1;
        }
    };
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (stack, running) = (&stack, &running);
            scope.spawn(move || {
                let (handle, _shift) = (stack.register(), running.shift());
                (0..each).for_each(|number| stack.push((thread, number), &handle.pin()));
            });
        }
        while running.any() {
            check(stack.pin().pop_all().collect());
        }
    });
    check(stack.pin().pop_all().collect());
    assert_eq!(next, [each; THREADS]);
}

/// Values end in a pop, in a `pop_all` that is dropped half-way, in a drain, or with the stack.
fn values_are_dropped_once_wherever_they_end(collector: fn() -> Collector) {
    let accounts = Accounts::new();
    let mut stack = TreiberStack::new_in(collector());
    for _ in 0..4 {
        thread::scope(|scope| {
            for thread in 0..THREADS {
                let (stack, accounts) = (&stack, &accounts);
                scope.spawn(move || {
                    let handle = stack.register();
                    for number in 0..scaled(2_000) as u64 {
                        let guard = handle.pin();
                        stack.push(accounts.value(number), &guard);
                        match thread {
                            0 => drop(stack.pop(&guard)),
                            1 if number % 100 == 0 => drop(stack.pop_all(&guard).next()),
                            _ => {}
                        }
                    }
                });
            }
        });
        stack.drain().take(100).for_each(drop);
        assert_eq!(accounts.dropped(), accounts.made(), "a drain drops what it does not yield");
    }
    stack.extend((0..100).map(|number| accounts.value(number)));
    let mut rest = stack.into_iter();
    rest.next();
    drop(rest);
    accounts.assert_all_dropped_once();
}

fn a_stack_that_holds_a_value_throughout_is_never_seen_empty(collector: fn() -> Collector) {
    let (stack, running) = (TreiberStack::new_in(collector()), Running::new(1));
    stack.pin().push(0);
    thread::scope(|scope| {
        for _ in 1..THREADS {
            scope.spawn(|| {
                let handle = stack.register();
                while running.any() {
                    assert!(!stack.is_empty(&handle.pin()));
                }
            });
        }
        let _shift = running.shift();
        let handle = stack.register();
        for number in 1..scaled(100_000) {
            stack.push(number, &handle.pin());
            assert_eq!(stack.pop(&handle.pin()), Some(number));
        }
    });
}

#[test]
fn what_was_popped_is_freed_when_nobody_is_pinned() {
    for collector in own_collectors() {
        let stack = TreiberStack::new_in(collector.clone());
        let handle = stack.register();
        let guard = handle.pin();
        (0..1000).for_each(|number| stack.push(number, &guard));
        assert_eq!(collector.garbage(), 0);
        (0..500).for_each(|_| assert!(stack.pop(&guard).is_some()));
        stack.pop_all(&guard).for_each(drop);
        let kept = 1000 - collector.garbage();
        assert!(kept <= 32, "{kept} nodes of 1000 wait to be used again");
        drop(guard);
        drop(handle); // An idle handle keeps a bag of its own.
        collector.settle();
    }
}

#[test]
fn a_node_is_used_again() {
    for collector in own_collectors() {
        let stack = TreiberStack::new_in(collector.clone());
        let handle = stack.register();
        for number in 0..1000 {
            stack.push(number, &handle.pin());
            assert_eq!(stack.pop(&handle.pin()), Some(number));
        }
        assert!(collector.garbage() <= 500, "{} nodes for 1000 values", collector.garbage());
        drop(handle);
        collector.settle();
    }
}

/// Nodes pass from one stack to another by the participant that keeps them: of other types too.
#[test]
fn stacks_of_different_types_share_a_participant() {
    for collector in own_collectors() {
        let (words, halves, texts) = (
            TreiberStack::new_in(collector.clone()),
            TreiberStack::new_in(collector.clone()),
            TreiberStack::new_in(collector.clone()),
        );
        let handle = collector.register();
        let guard = handle.pin();
        for number in 0..100_u32 {
            words.push(u64::from(number), &guard);
            halves.push([number, number + 1], &guard);
            texts.push(number.to_string(), &guard);
            words.push(0, &guard);
            assert_eq!(words.pop(&guard), Some(0));
            assert_eq!(halves.pop(&guard), Some([number, number + 1]));
            texts.push(String::from("top"), &guard);
            assert_eq!(texts.pop(&guard).as_deref(), Some("top"));
            assert_eq!(words.pop(&guard), Some(u64::from(number)));
        }
        assert!(texts.into_iter().eq((0..100).rev().map(|number| number.to_string())));
        drop(guard);
        drop(handle);
        collector.settle();
    }
}

#[test]
fn values_may_borrow_and_need_not_be_send() {
    let text = String::from("one two");
    let words = TreiberStack::new();
    text.split(' ').for_each(|word| words.pin().push(word));
    assert!(words.into_iter().eq(["two", "one"]));

    let shared = std::rc::Rc::new(());
    let counts = TreiberStack::from_iter([shared.clone(), shared.clone()]);
    drop(counts.pin().pop());
    assert_eq!(std::rc::Rc::strong_count(&shared), 2, "pop moves the value out at once");
    drop(counts);
    assert_eq!(std::rc::Rc::strong_count(&shared), 1);
}

#[test]
fn a_stack_can_be_a_static() {
    static STACK: TreiberStack<usize> = TreiberStack::new();
    thread::scope(|scope| {
        (0..THREADS).for_each(|thread| drop(scope.spawn(move || STACK.pin().push(thread))));
    });
    let mut all: Vec<_> = STACK.pin().pop_all().collect();
    all.sort_unstable();
    assert!(all.into_iter().eq(0..THREADS));
}
