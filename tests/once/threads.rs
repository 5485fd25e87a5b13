//! Threads and tasks on real threads.

use crate::common::{Accounts, Random, THREADS, Task, block_on, scaled, seed};
use counterpoint::{
    sync::{Lazy, generic::OnceCell},
    wait::{DefaultPolicy, Policy, Spin},
};
use std::{
    future::{pending, ready},
    sync::{
        Barrier,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    task::Poll,
    thread,
};

/// Every form at once; some fail, some are dropped half-way. All see one value, and one initialiser
/// runs at a time.
fn there_is_one_value<P: Policy>(rounds: usize) {
    let seed = seed();
    for round in 0..rounds {
        let accounts = Accounts::new();
        let cell = OnceCell::<_, P>::new();
        let (running, made) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let begin = Barrier::new(THREADS);
        thread::scope(|scope| {
            for worker in 0..THREADS {
                let (cell, accounts, begin) = (&cell, &accounts, &begin);
                let (running, made) = (&running, &made);
                scope.spawn(move || {
                    let mut random = Random::new(seed, round * THREADS + worker);
                    let run = |succeeds: bool| {
                        assert_eq!(running.fetch_add(1, SeqCst), 0, "two initialise at a time");
                        let value = succeeds.then(|| accounts.value(7)).ok_or(());
                        made.fetch_add(usize::from(succeeds), SeqCst);
                        running.fetch_sub(1, SeqCst);
                        value
                    };
                    begin.wait();
                    for _ in 0..random.below(4) {
                        match random.below(4) {
                            0 => drop(cell.get_or_try_init_blocking(|| run(false))),
                            1 => drop(block_on(cell.get_or_try_init(async || run(false)))),
                            _ => drop(Task::new(cell.get_or_init(pending)).poll().is_ready()),
                        }
                    }
                    let value = match (worker, random.below(4)) {
                        // One at least initialises.
                        (0, _) | (_, 0) => cell.get_or_try_init_blocking(|| run(true)),
                        (_, 1) => block_on(cell.get_or_try_init(async || run(true))),
                        (_, 2) => Ok(cell.wait_blocking()),
                        _ => Ok(block_on(cell.wait())),
                    };
                    assert_eq!(value.map(|value| value.content).ok(), Some(7));
                });
            }
        });
        assert_eq!(made.load(SeqCst), 1);
        drop(cell);
        assert_eq!((accounts.made(), accounts.dropped()), (1, 1));
    }
}

#[test]
fn there_is_one_value_for_all_threads_and_tasks() {
    there_is_one_value::<DefaultPolicy>(scaled(4_000));
}

#[test]
fn there_is_one_value_without_a_system() {
    there_is_one_value::<Spin>(scaled(500));
}

#[test]
#[cfg(feature = "critical-section")]
fn there_is_one_value_with_critical_sections() {
    there_is_one_value::<counterpoint::wait::Critical>(scaled(500));
}

#[test]
fn an_initialising_future_may_go_to_another_thread() {
    let cell: OnceCell<u32> = OnceCell::new();
    let mut is_first = true;
    let init = std::future::poll_fn(move |_| {
        if std::mem::take(&mut is_first) { Poll::Pending } else { Poll::Ready(1) }
    });
    let mut begun = Box::pin(cell.get_or_init(|| init));
    let context = &mut std::task::Context::from_waker(std::task::Waker::noop());
    assert!(begun.as_mut().poll(context).is_pending());
    thread::scope(|scope| {
        let behind = scope.spawn(|| *cell.get_or_init_blocking(|| 2));
        let ended = scope.spawn(|| *block_on(begun));
        assert_eq!(ended.join().expect("it is ready"), 1);
        assert_eq!(behind.join().expect("it is told"), 1);
    });
}

#[test]
fn a_lazy_value_is_made_by_one_thread_or_task() {
    for _ in 0..scaled(1_000) {
        let mut runs = 0;
        let lazy: Lazy<u32, _> = Lazy::new(move || {
            runs += 1;
            runs
        });
        thread::scope(|scope| {
            for worker in 0..THREADS {
                let lazy = &lazy;
                scope.spawn(move || {
                    let value = if worker % 2 == 0 { **lazy } else { *block_on(Lazy::force(lazy)) };
                    assert_eq!(value, 1);
                });
            }
        });
    }
}

/// A static is one too, whose future is ready at once.
#[test]
fn a_static_is_initialised_by_one_thread() {
    static CELL: OnceCell<usize> = OnceCell::new();
    let values: Vec<_> = thread::scope(|scope| {
        let ask = |number| scope.spawn(move || *block_on(CELL.get_or_init(|| ready(number))));
        let asked: Vec<_> = (0..THREADS).map(ask).collect();
        asked.into_iter().map(|asked| asked.join().expect("it ends")).collect()
    });
    assert!(values.iter().all(|value| value == CELL.wait_blocking()), "{values:?}");
}
