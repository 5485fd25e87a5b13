//! Conditions on real threads: everybody goes on.

use crate::common::{THREADS, block_on, scaled};
use counterpoint::{
    sync::{
        Notify, Until, WaitGroup,
        generic::{Counter, Latch},
    },
    wait::{DefaultPolicy, Policy, Spin},
};
use std::{sync::Arc, thread};

/// Each adds one when it is its turn, as a thread or as a task.
fn take_turns<P: Policy>(rounds: usize) {
    let counter: Counter<P> = Counter::new(0);
    thread::scope(|scope| {
        for worker in 0..THREADS {
            let counter = &counter;
            scope.spawn(move || {
                for round in 0..rounds {
                    let turn = (round * THREADS + worker) as isize;
                    if round % 2 == 0 {
                        counter.wait_blocking(Until::Equal(turn));
                    } else {
                        block_on(counter.wait(Until::AtLeast(turn)));
                    }
                    counter.increment();
                }
            });
        }
        let all = (rounds * THREADS) as isize;
        assert_eq!(counter.wait_until_blocking(|value| value == all), all);
    });
}

#[test]
fn threads_and_tasks_take_turns() {
    take_turns::<DefaultPolicy>(scaled(3_000));
}

#[test]
fn threads_take_turns_without_a_system() {
    // Each turn costs a time slice where there are fewer processors than threads.
    take_turns::<Spin>(scaled(30));
}

#[test]
fn members_come_and_go() {
    for _ in 0..scaled(200) {
        let group: Arc<WaitGroup> = Arc::default();
        let open = Arc::new(Latch::<DefaultPolicy>::new(THREADS));
        for _ in 0..THREADS {
            let (member, open) = (group.join_owned(), open.clone());
            thread::spawn(move || {
                open.arrive_and_wait_blocking();
                drop(member);
            });
        }
        group.wait_blocking();
        assert!(open.is_open() && group.members() == 0);
    }
}

/// Each notification of one lets one go on, whoever it is; threads that give up lose none.
#[test]
fn as_many_go_on_as_were_notified() {
    let notify: Notify = Notify::new();
    let (told, rounds) = (Counter::<DefaultPolicy>::new(0), scaled(5_000));
    thread::scope(|scope| {
        scope.spawn(|| {
            for round in 0..rounds {
                notify.notify_one();
                // The next one when this one has arrived: there is one permit at most.
                told.wait_blocking(Until::AtLeast(round as isize + 1));
            }
        });
        for worker in 0..THREADS {
            let (notify, told) = (&notify, &told);
            scope.spawn(move || {
                while told.value() < rounds as isize {
                    let is_told = if worker % 2 == 0 {
                        notify.wait_timeout(std::time::Duration::from_micros(50))
                    } else {
                        let mut task = crate::common::Task::new(notify.wait());
                        task.poll().is_ready()
                    };
                    if is_told {
                        told.increment();
                    }
                    if worker % 2 == 1 {
                        thread::yield_now();
                    }
                }
            });
        }
    });
    assert_eq!(told.value(), rounds as isize);
}
