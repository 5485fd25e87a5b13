//! Models of `TreiberStack`. [P1] and [I1]–[I3] are those of its head.

mod common;

use common::{BACKENDS, Value};
use counterpoint::{
    reclaim::Collector,
    stack::TreiberStack,
    verify::{model::thread, oracle},
};
use std::sync::Arc;

type Stack = Arc<TreiberStack<Value>>;

fn stack(values: &[u32], collector: fn() -> Collector) -> Stack {
    let stack = Arc::new(TreiberStack::new_in(collector()));
    let view = stack.pin();
    values.iter().for_each(|value| view.push(Value::new(*value)));
    drop(view);
    stack
}

fn push(stack: &Stack, value: u32) {
    stack.pin().push(Value::new(value));
}

fn pop(stack: &Stack) -> Option<u32> {
    stack.pin().pop().map(|value| value.get())
}

/// What is left, from the top.
fn rest(stack: Stack) -> Vec<u32> {
    let stack = Arc::into_inner(stack).expect("all threads have ended");
    stack.into_iter().map(|value| value.get()).collect()
}

#[test]
fn a_pop_sees_a_push_whole_or_not_at_all() {
    for backend in BACKENDS {
        backend
            .model("stack: push and pop", None)
            .expect(&[(None, vec![1]), (Some(1), vec![])])
            .check(|| {
                let stack = stack(&[], backend.collector);
                let pusher = {
                    let stack = stack.clone();
                    thread::spawn(move || push(&stack, 1))
                };
                let popped = pop(&stack);
                pusher.join().unwrap();
                (popped, rest(stack))
            });
    }
}

#[test]
fn a_value_is_popped_once() {
    for backend in BACKENDS {
        backend
            .model("stack: two pops of two values", None)
            .expect(&[(Some(1), Some(2)), (Some(2), Some(1))])
            .check(|| {
                let stack = stack(&[1, 2], backend.collector);
                let popper = {
                    let stack = stack.clone();
                    thread::spawn(move || pop(&stack))
                };
                let mine = pop(&stack);
                (mine, popper.join().unwrap())
            });
    }
}

/// A push that has lost the race leads to the node that won.
#[test]
fn two_pushes_are_both_kept() {
    for backend in BACKENDS {
        backend.model("stack: two pushes", None).expect(&[vec![1, 2], vec![2, 1]]).check(|| {
            let stack = stack(&[], backend.collector);
            let pusher = {
                let stack = stack.clone();
                thread::spawn(move || push(&stack, 1))
            };
            push(&stack, 2);
            pusher.join().unwrap();
            rest(stack)
        });
    }
}

/// [I3]: one thread has seen the top and its successor; the other pops both and pushes anew. Were
/// the node reused, the first would install a successor that is gone (ABA).
#[test]
fn a_node_does_not_come_back_under_a_guard() {
    for backend in BACKENDS {
        backend
            .model("stack: pop against pop, pop, push", None)
            .expect(&[(None, vec![3]), (Some(1), vec![3]), (Some(2), vec![3]), (Some(3), vec![])])
            .check(|| {
                let stack = stack(&[1, 2], backend.collector);
                let popper = {
                    let stack = stack.clone();
                    thread::spawn(move || pop(&stack))
                };
                let mine = [pop(&stack), pop(&stack)];
                push(&stack, 3);
                let theirs = popper.join().unwrap();
                assert!(theirs.is_none() || !mine.contains(&theirs), "{theirs:?} came twice");
                (theirs, rest(stack))
            });
    }
}

#[test]
fn pop_all_takes_a_whole_stack_of_some_moment() {
    for backend in BACKENDS {
        backend
            .model("stack: pop_all against push and pop", None)
            .expect(&[(vec![1], Some(2), vec![]), (vec![2, 1], None, vec![])])
            .check(|| {
                let stack = stack(&[1], backend.collector);
                let other = {
                    let stack = stack.clone();
                    thread::spawn(move || {
                        push(&stack, 2);
                        pop(&stack)
                    })
                };
                let all: Vec<u32> = stack.pin().pop_all().map(|value| value.get()).collect();
                let popped = other.join().unwrap();
                (all, popped, rest(stack))
            });
    }
}

/// The reducing pass misses nothing that brute force finds.
#[test]
fn the_pass_agrees_with_brute_force() {
    oracle::compare("stack: push and pop", || {
        let stack = stack(&[], Collector::new);
        let pusher = {
            let stack = stack.clone();
            thread::spawn(move || push(&stack, 1))
        };
        let popped = pop(&stack);
        pusher.join().unwrap();
        (popped, rest(stack))
    });
}
