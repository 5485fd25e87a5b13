//! The monitors agree with brute force, and with the search where that is too slow.

use crate::{
    brute::{self, Rule},
    common::{Random, scaled, seed},
    random_history::{Shape, draw},
    small::{Access, Container},
};
use counterpoint::verify::{
    history::{Call, History},
    linear::{Checker, Verdict},
    spec::SequentialSpec,
};
use std::time::Duration;

/// A history whose values differ.
fn distinct(
    random: &mut Random,
    container: Container,
    shape: Shape,
) -> History<Access, Option<u32>> {
    let mut next = 0;
    draw(random, &container, shape, &mut |random| match random.below(9) {
        0..5 => {
            next += 1;
            Access::Put(next)
        }
        _ => Access::Take,
    })
}

fn compare(
    name: &str,
    container: Container,
    count: usize,
    shape: impl Fn(&mut Random) -> Shape,
    judge: impl Fn(&History<Access, Option<u32>>) -> Option<bool>,
) {
    let seed = seed();
    let (mut right, mut wrong, mut silent) = (0, 0, 0);
    for nth in 0..scaled(count) {
        let mut random = Random::new(seed, nth);
        let shape = shape(&mut random);
        let history = distinct(&mut random, container, shape);
        let Some(answer) = container.monitor(&history) else {
            silent += 1;
            continue;
        };
        let Some(expected) = judge(&history) else { continue };
        assert_eq!(answer.is_ok(), expected, "{name} {nth}: {answer:?} {history:#?}");
        if expected { right += 1 } else { wrong += 1 }
    }
    println!("{name}: {right} right, {wrong} wrong, {silent} not judged");
    let all = right + wrong + silent;
    let both = right > all / 50 && wrong > all / 50;
    assert!(both || all < 1_000, "{name}: one verdict is hardly there");
    assert!(silent < all / 5 || all < 1_000, "{name}: the monitor hardly ever applies");
}

#[test]
fn monitors_say_what_brute_force_says() {
    for (name, container) in [("queue", Container::Queue), ("stack", Container::Stack)] {
        let brute = |history: &_| Some(brute::explains(&container, history, Rule::Time));
        compare(name, container, 30_000, Shape::small, brute);
    }
}

#[test]
fn monitors_say_what_the_search_says() {
    for (name, container) in [("long queue", Container::Queue), ("long stack", Container::Stack)] {
        let shape = |random: &mut Random| Shape {
            processes: 2 + random.below(5),
            calls: 10 + random.below(30),
            pending: random.below(4) == 0,
            coarseness: 1 + random.below(2),
            overlap: 1 + random.below(4),
            bent: random.below(3),
            widened: random.below(4) * random.below(2),
        };
        let checker =
            Checker::new(&container).monitors(false).memory(16 << 20).shrinking(Duration::ZERO);
        compare(name, container, 4_000, shape, |history| match checker.check(history) {
            Verdict::Linearizable(_) => Some(true),
            Verdict::Violation(_) => Some(false),
            Verdict::Unknown(_) => None,
        });
    }
}

fn said(container: Container, calls: &[(usize, Access, u64, u64, Option<u32>)]) -> String {
    let calls = calls.iter().cloned();
    let calls = calls.map(|(process, operation, from, to, answer)| {
        Call::new(process, operation, from, to, answer)
    });
    let history = History::new(calls).expect("well formed");
    assert!(!brute::explains(&container, &history, Rule::Time));
    container.monitor(&history).expect("it is judged").expect_err("it is wrong")
}

#[test]
fn each_fault_is_named() {
    use Access::{Put, Take};
    use Container::{Queue, Stack};
    let put = |process, value, at| (process, Put(value), at, at + 1, None);
    let take = |process, at, value| (process, Take, at, at + 1, value);
    let cases = [
        (
            Queue,
            vec![take(2, 0, Some(9))],
            "process 2 dequeued 9, which nobody had begun to enqueue",
        ),
        (
            Stack,
            vec![take(2, 0, Some(9)), put(1, 9, 4)],
            "process 2 popped 9 before process 1 began to push it",
        ),
        (
            Stack,
            vec![put(0, 5, 0), take(1, 2, Some(5)), take(2, 4, Some(5))],
            "5 was popped twice, by process 1 and by process 2, but pushed once",
        ),
        (
            Queue,
            vec![put(0, 3, 0), put(0, 4, 2), take(1, 4, Some(4)), take(2, 6, Some(3))],
            "3 was enqueued before 4, yet process 1 dequeued 4 before process 2 dequeued 3",
        ),
        (
            Stack,
            vec![put(0, 3, 0), put(0, 4, 2), take(1, 4, Some(3)), take(2, 6, Some(4))],
            "3 was pushed before 4, yet process 1 popped 3 while 4 lay above it",
        ),
        (
            Stack,
            vec![put(0, 7, 0), take(2, 3, None)],
            "process 2 found nothing to pop, although 7 was inside all the while",
        ),
        (
            Queue,
            vec![
                put(0, 7, 0),
                (2, Take, 2, 20, None),
                put(0, 8, 4),
                take(1, 6, Some(7)),
                take(1, 22, Some(8)),
            ],
            "process 2 found nothing to dequeue, although at each moment 7 or 8 was inside",
        ),
    ];
    for (container, calls, expected) in cases {
        assert_eq!(said(container, &calls), expected);
    }
}
