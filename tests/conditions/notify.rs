//! Notifications: who gets them, and that none is lost.

use crate::common::{Panics, Random, Task, block_on, scaled, seed};
use counterpoint::sync::{Notified, Notify};
use std::{
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    sync::Arc,
    task::{Context, Waker},
    thread,
    time::{Duration, Instant},
};

#[test]
fn each_form_takes_the_permit() {
    let notify: Notify = Notify::default();
    let no_time = Duration::ZERO;
    assert!(!notify.try_wait() && !notify.wait_timeout(no_time));
    assert!(!notify.wait_deadline(Instant::now()));
    assert!(Task::new(notify.wait()).poll().is_pending());
    notify.notify_one();
    notify.notify_one();
    assert!(notify.try_wait() && !notify.try_wait(), "there is one permit at most");
    let forms: [&dyn Fn(); 6] = [
        &|| notify.wait_blocking(),
        &|| notify.wait().wait_blocking(),
        &|| block_on(notify.wait()),
        &|| assert!(notify.wait_timeout(no_time)),
        &|| assert!(notify.wait_timeout(Duration::MAX)),
        &|| assert!(notify.wait_deadline(Instant::now())),
    ];
    for form in forms {
        notify.notify_one();
        form();
        assert!(!notify.try_wait());
    }
}

/// Whose wait has begun is told of a notification of all, whether it was polled or not.
#[test]
fn all_are_told_who_have_begun_to_wait() {
    let notify: Notify = Notify::new();
    let mut polled: Vec<_> = (0..100).map(|_| Task::new(notify.wait())).collect();
    assert!(polled.iter_mut().all(|task| task.poll().is_pending()));
    let mut begun = Task::new(notify.wait());
    let blocks = notify.wait();
    notify.notify_all();
    let mut late = Task::new(notify.wait());
    assert!(polled.iter().all(Task::is_woken));
    assert!(polled.iter_mut().all(|task| task.poll().is_ready()) && begun.poll().is_ready());
    blocks.wait_blocking();
    assert!(late.poll().is_pending() && !notify.try_wait(), "nothing is left");
    // Who was told by a notification of all takes no permit besides.
    let mut waits = Task::new(notify.wait());
    notify.notify_all();
    notify.notify_one();
    assert!(late.is_woken() && waits.poll().is_ready() && late.poll().is_ready());
    assert!(notify.try_wait());
}

#[test]
fn who_waits_first_is_told_first() {
    let notify: Notify = Notify::new();
    let mut tasks: Vec<_> = (0..3).map(|_| Task::new(notify.wait())).collect();
    assert!(tasks.iter_mut().all(|task| task.poll().is_pending()));
    notify.notify_one();
    assert_eq!(tasks.iter().map(Task::is_woken).collect::<Vec<_>>(), [true, false, false]);
    // One that was told and goes hands it on; one that was not told does not.
    drop(tasks.remove(1));
    drop(tasks.remove(0));
    assert!(tasks[0].is_woken() && tasks[0].poll().is_ready());
    assert!(!notify.try_wait());
}

#[test]
fn a_notification_that_nobody_uses_becomes_a_permit() {
    let notify: Notify = Notify::new();
    let mut task = Task::new(notify.wait());
    assert!(task.poll().is_pending());
    notify.notify_one();
    drop(task);
    assert!(notify.try_wait());
}

/// Enabled, a wait is in the queue before it looks: each of two notifications reaches one of two.
#[test]
fn who_is_enabled_is_told_of_one() {
    let notify: Notify = Notify::new();
    let (mut first, mut second) = (pin!(notify.wait()), pin!(notify.wait()));
    assert!(!first.as_mut().enable() && !second.as_mut().enable());
    notify.notify_one();
    notify.notify_one();
    assert!(first.as_mut().enable(), "told");
    block_on(first);
    block_on(second);
    assert!(!notify.try_wait());
}

#[test]
fn a_waker_that_panics_keeps_nobody_else_from_being_told() {
    let notify: Notify = Notify::new();
    let mut first = pin!(notify.wait());
    let waker = Waker::from(Arc::new(Panics));
    assert!(first.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    let mut behind: Vec<_> = (0..80).map(|_| Task::new(notify.wait())).collect();
    assert!(behind.iter_mut().all(|task| task.poll().is_pending()));
    assert!(catch_unwind(AssertUnwindSafe(|| notify.notify_all())).is_err());
    assert!(behind.iter_mut().all(|task| task.is_woken() && task.poll().is_ready()));
    assert!(first.as_mut().poll(&mut Context::from_waker(&waker)).is_ready());
}

/// Waits and notifications in any order; waits are dropped anywhere. A notification of one reaches one,
/// or is there as a permit.
#[test]
fn futures_are_dropped_anywhere_and_no_notification_is_lost() {
    let (seed, mut cancelled) = (seed(), 0);
    for round in 0..scaled(5_000) {
        let mut random = Random::new(seed, round);
        let notify: Notify = Notify::new();
        let mut waits: Vec<Task<Notified<'_>>> = Vec::new();
        for step in 0..200 {
            let nth = random.below(waits.len().max(1) as u64) as usize;
            let woken = |waits: &[Task<_>]| waits.iter().filter(|task| task.is_woken()).count();
            let (before, has_all) = (woken(&waits), woken(&waits) == waits.len());
            match random.below(7) {
                0 | 1 if waits.len() < 8 => {
                    let mut task = Task::new(notify.wait());
                    if task.poll().is_pending() {
                        waits.push(task);
                    }
                }
                2 | 3 if nth < waits.len() => {
                    // One that was told by `notify_one` hands it on; if there is nobody it is a permit.
                    drop(waits.swap_remove(nth));
                    cancelled += 1;
                }
                4 if nth < waits.len() => {
                    let is_woken = waits[nth].is_woken();
                    assert_eq!(
                        waits[nth].poll().is_ready(),
                        is_woken,
                        "round {round}, step {step}"
                    );
                    if is_woken {
                        drop(waits.swap_remove(nth));
                    }
                }
                5 => {
                    notify.notify_one();
                    let more = usize::from(!has_all);
                    assert_eq!(woken(&waits), before + more, "round {round}, step {step}");
                    assert!(!has_all || notify.try_wait());
                }
                6 if random.below(8) == 0 => {
                    notify.notify_all();
                    assert_eq!(woken(&waits), waits.len(), "round {round}, step {step}");
                }
                _ => {}
            }
        }
        // Told once by `notify_one`, and never used: it goes from one to the next.
        waits.clear();
        while notify.try_wait() {}
        let mut tasks: Vec<_> = (0..5).map(|_| Task::new(notify.wait())).collect();
        assert!(tasks.iter_mut().all(|task| task.poll().is_pending()));
        notify.notify_one();
        while let Some(nth) = tasks.iter().position(Task::is_woken) {
            drop(tasks.swap_remove(nth));
            cancelled += 1;
        }
        assert!(tasks.is_empty() && notify.try_wait(), "round {round}: a notification was lost");
    }
    println!("notify: {cancelled} cancellations, no notification lost");
}

#[test]
fn a_thread_and_a_task_are_told_by_each_other() {
    let (ping, pong): (Notify, Notify) = (Notify::new(), Notify::new());
    thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..scaled(2_000) {
                ping.wait_blocking();
                pong.notify_one();
            }
        });
        for _ in 0..scaled(2_000) {
            ping.notify_one();
            block_on(pong.wait());
        }
    });
    assert!(!ping.try_wait() && !pong.try_wait());
}
