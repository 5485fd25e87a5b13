//! Models of `TreiberStack`, and of its elimination alone. [P1], [P2] and [I1]–[I3] are those of its head.

mod common;

/// Compiled here as it stands, over stand-ins of its neighbours.
#[path = "../src/stack/treiber/elimination.rs"]
mod elimination;

mod base {
    pub(crate) struct CachePadded<T>(T);

    impl<T> CachePadded<T> {
        pub(crate) const fn new(value: T) -> Self {
            CachePadded(value)
        }
    }

    impl<T> std::ops::Deref for CachePadded<T> {
        type Target = T;
        fn deref(&self) -> &T {
            &self.0
        }
    }
}

mod facade {
    pub(crate) use counterpoint::verify::shim::{self as atomic, hint};

    pub(crate) mod tuning {
        pub(crate) const OFFERS: usize = 1;
        pub(crate) const OFFER_LOOKS: u32 = 1;
        pub(crate) const OFFER_LOOKS_AT_MOST: u32 = 1;
        pub(crate) const OFFER_PAUSES: u32 = 1;
    }
}

use common::{BACKENDS, Value};
use counterpoint::{
    reclaim::{self, Collector, Owned},
    stack::TreiberStack,
    verify::{
        model::{Model, thread},
        oracle,
    },
};
use elimination::{Elimination, Lost};
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

/// [I3]: one thread has seen the top and its successor; the other pops both and pushes anew, with the node
/// of the first under another tag. Were it the same, or were the node freed, the first would install a
/// successor that is gone (ABA).
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
                let (first, second) = (stack.pin(), stack.pin());
                let mine = [first.pop(), second.pop()].map(|value| Some(value?.get()));
                first.push(Value::new(3));
                drop((first, second));
                let theirs = popper.join().unwrap();
                assert!(theirs.is_none() || !mine.contains(&theirs), "{theirs:?} came twice");
                (theirs, rest(stack))
            });
    }
}

/// A stack that somebody has alone frees its nodes at once: it has none that are read in another one.
#[test]
fn a_node_of_one_stack_is_not_freed_by_another() {
    for backend in BACKENDS {
        backend
            .model("stack: pop against pop, and another stack that ends", None)
            .expect(&[None, Some(1)])
            .check(|| {
                let shared = stack(&[1], backend.collector);
                let popper = {
                    let shared = shared.clone();
                    thread::spawn(move || pop(&shared))
                };
                let own = TreiberStack::new_in(shared.collector().clone());
                let guard = shared.collector().pin();
                let mine = shared.pop(&guard).map(|value| value.get());
                own.push(Value::new(3), &guard);
                drop(own);
                drop(guard);
                let theirs = popper.join().unwrap();
                assert!(mine.is_some() != theirs.is_some(), "{mine:?} and {theirs:?}");
                theirs
            });
    }
}

/// A node that was used as often as there are tags is retired, and another one comes.
#[test]
fn a_node_is_used_again_as_often_as_there_are_tags() {
    for backend in BACKENDS {
        backend
            .model("stack: pairs of push and pop against a pop", None)
            .expect(&[None, Some(1), Some(2), Some(3)])
            .check(|| {
                let stack = stack(&[1], backend.collector);
                let popper = {
                    let stack = stack.clone();
                    thread::spawn(move || pop(&stack))
                };
                let view = stack.pin();
                let mut mine = vec![view.pop().map(|value| value.get())];
                for value in 2..=3 {
                    view.push(Value::new(value));
                    mine.push(view.pop().map(|value| value.get()));
                }
                drop(view);
                let theirs = popper.join().unwrap();
                assert!(theirs.is_none() || !mine.contains(&theirs), "{theirs:?} came twice");
                theirs
            });
    }
}

type Slots = Arc<(Elimination<Value>, Collector)>;

fn slots() -> Slots {
    Arc::new((Elimination::new(), Collector::new()))
}

/// Whether that value was taken, as its offerer sees it.
fn offer(slots: &Slots, value: u32) -> bool {
    let guard = slots.1.pin();
    let node = Owned::new(Value::new(value)).into_shared(&guard);
    let taken = slots.0.offer(node, &mut Lost::none(), 0, &guard);
    if !taken {
        // SAFETY: it was withdrawn.
        drop(unsafe { node.into_owned() });
    }
    taken
}

fn take(slots: &Slots) -> Option<u32> {
    let guard = slots.1.pin();
    let node = slots.0.take(&mut Lost::none(), 0, &guard)?;
    // SAFETY: it was taken, and is not null.
    let value = unsafe { node.deref() }.get();
    // SAFETY: taken once, as the engine sees; offerers compare its address as long as they are pinned.
    unsafe { guard.defer_destroy(node) };
    Some(value)
}

/// [P2], [E1].
#[test]
fn an_offer_is_taken_or_withdrawn() {
    Model::new("stack: an offer and a taker").expect(&[(false, None), (true, Some(1))]).check(
        || {
            let slots = slots();
            let taker = {
                let slots = slots.clone();
                thread::spawn(move || take(&slots))
            };
            let taken = offer(&slots, 1);
            (taken, taker.join().unwrap())
        },
    );
}

#[test]
fn an_offer_is_taken_once() {
    Model::new("stack: an offer and two takers")
        .expect(&[(false, None, None), (true, None, Some(1)), (true, Some(1), None)])
        .check(|| {
            let slots = slots();
            let takers = [(); 2].map(|()| {
                let slots = slots.clone();
                thread::spawn(move || take(&slots))
            });
            let taken = offer(&slots, 1);
            let [first, second] = takers.map(|taker| taker.join().unwrap());
            (taken, first, second)
        });
}

/// There is one slot here: who finds it in use has offered nothing.
#[test]
fn an_offer_does_not_touch_another_one() {
    Model::new("stack: two offers and a taker")
        .expect(&[(false, false, None), (false, true, Some(2)), (true, false, Some(1))])
        .check(|| {
            let slots = slots();
            let offerer = {
                let slots = slots.clone();
                thread::spawn(move || offer(&slots, 2))
            };
            let taker = {
                let slots = slots.clone();
                thread::spawn(move || take(&slots))
            };
            let first = offer(&slots, 1);
            (first, offerer.join().unwrap(), taker.join().unwrap())
        });
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
