//! Models of `MsQueue`. [P1]–[P4] and [I1]–[I4] are those of its head.

mod common;

use common::{BACKENDS, Value};
use counterpoint::{
    queue::MsQueue,
    reclaim::Collector,
    verify::{model::thread, oracle},
};
use std::sync::Arc;

type Queue = Arc<MsQueue<Value>>;

fn queue(values: &[u32], collector: fn() -> Collector) -> Queue {
    let queue = Arc::new(MsQueue::new_in(collector()));
    let view = queue.pin();
    values.iter().for_each(|value| view.push(Value::new(*value)));
    drop(view);
    queue
}

fn push(queue: &Queue, value: u32) {
    queue.pin().push(Value::new(value));
}

fn pop(queue: &Queue) -> Option<u32> {
    queue.pin().pop().map(|value| value.get())
}

/// What is left, in order.
fn rest(queue: Queue) -> Vec<u32> {
    let queue = Arc::into_inner(queue).expect("all threads have ended");
    queue.into_iter().map(|value| value.get()).collect()
}

#[test]
fn a_pop_sees_a_push_whole_or_not_at_all() {
    for backend in BACKENDS {
        backend
            .model("queue: push and pop", None)
            .expect(&[(None, vec![1]), (Some(1), vec![])])
            .check(|| {
                let queue = queue(&[], backend.collector);
                let pusher = {
                    let queue = queue.clone();
                    thread::spawn(move || push(&queue, 1))
                };
                let popped = pop(&queue);
                pusher.join().unwrap();
                (popped, rest(queue))
            });
    }
}

/// [P1]: in a new queue `head` itself comes after the first node was made; here only `next` does.
#[test]
fn a_pop_of_a_used_queue_sees_a_push_whole_or_not_at_all() {
    for backend in BACKENDS {
        backend
            .model("queue: push and pop of a used queue", None)
            .expect(&[(None, vec![1]), (Some(1), vec![])])
            .check(|| {
                let queue = queue(&[0], backend.collector);
                assert_eq!(pop(&queue), Some(0));
                let pusher = {
                    let queue = queue.clone();
                    thread::spawn(move || push(&queue, 1))
                };
                let popped = pop(&queue);
                pusher.join().unwrap();
                (popped, rest(queue))
            });
    }
}

#[test]
fn two_first_pushes_share_one_sentinel() {
    for backend in BACKENDS {
        backend
            .model("queue: two pushes into an empty queue", None)
            .expect(&[vec![1, 2], vec![2, 1]])
            .check(|| {
                let queue = queue(&[], backend.collector);
                let pusher = {
                    let queue = queue.clone();
                    thread::spawn(move || push(&queue, 1))
                };
                push(&queue, 2);
                pusher.join().unwrap();
                rest(queue)
            });
    }
}

#[test]
fn a_value_is_popped_once() {
    for backend in BACKENDS {
        backend
            .model("queue: two pops of one value", None)
            .expect(&[(Some(1), None), (None, Some(1))])
            .check(|| {
                let queue = queue(&[1], backend.collector);
                let popper = {
                    let queue = queue.clone();
                    thread::spawn(move || pop(&queue))
                };
                let mine = pop(&queue);
                (mine, popper.join().unwrap())
            });
    }
}

#[test]
fn pairs_of_push_and_pop_lose_and_double_nothing() {
    for backend in BACKENDS {
        backend
            .model("queue: two pairs of push and pop", None)
            .expect(&[(Some(1), Some(2)), (Some(2), Some(1))])
            .check(|| {
                let queue = queue(&[], backend.collector);
                let pair = |queue: &Queue, value| {
                    push(queue, value);
                    pop(queue)
                };
                let other = {
                    let queue = queue.clone();
                    thread::spawn(move || pair(&queue, 1))
                };
                let mine = pair(&queue, 2);
                let theirs = other.join().unwrap();
                assert!(rest(queue).is_empty());
                (mine, theirs)
            });
    }
}

/// [I3]: the pusher of 2 has linked it and not moved the tail; a pop takes the head past the tail's
/// node and retires that; a third thread, pinned only now, must not find it in the tail.
#[test]
fn a_lagging_tail_leads_to_no_retired_node() {
    for backend in BACKENDS {
        backend
            .model("queue: lagging tail", None)
            .expect(&[
                (None, vec![2, 3]),
                (None, vec![3, 2]),
                (Some(2), vec![3]),
                (Some(3), vec![2]),
            ])
            .check(|| {
                let queue = queue(&[], backend.collector);
                let pusher = {
                    let queue = queue.clone();
                    thread::spawn(move || push(&queue, 2))
                };
                let popper = {
                    let queue = queue.clone();
                    thread::spawn(move || pop(&queue))
                };
                push(&queue, 3);
                pusher.join().unwrap();
                let popped = popper.join().unwrap();
                (popped, rest(queue))
            });
    }
}

#[test]
fn emptiness_is_true_of_some_moment() {
    for backend in BACKENDS {
        backend
            .model("queue: emptiness against push and pop", None)
            .expect(&[(false, Some(1)), (true, Some(1))])
            .check(|| {
                let queue = queue(&[], backend.collector);
                let pair = {
                    let queue = queue.clone();
                    thread::spawn(move || {
                        push(&queue, 1);
                        pop(&queue)
                    })
                };
                let empty = queue.pin().is_empty();
                let popped = pair.join().unwrap();
                assert!(queue.pin().is_empty());
                (empty, popped)
            });
    }
}

/// The reducing pass misses nothing that brute force finds.
#[test]
fn the_pass_agrees_with_brute_force() {
    oracle::compare("queue: push and pop", || {
        let queue = queue(&[], Collector::new);
        let pusher = {
            let queue = queue.clone();
            thread::spawn(move || push(&queue, 1))
        };
        let popped = pop(&queue);
        pusher.join().unwrap();
        (popped, rest(queue))
    });
}
