//! Barriers: so many meet, and who leaves has not arrived.

use crate::common::{Panics, Random, Task, scaled, seed};
use counterpoint::sync::{Barrier, BarrierWait};
use std::{
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll, Wake, Waker},
    thread,
};

#[test]
fn nobody_waits_for_nobody() {
    for parties in [0, 1] {
        let barrier: Barrier = Barrier::new(parties);
        for _ in 0..3 {
            assert!(barrier.wait_blocking().is_leader());
            assert!(
                matches!(Task::new(barrier.wait()).poll(), Poll::Ready(met) if met.is_leader())
            );
        }
        assert_eq!(barrier.parties(), parties);
    }
}

#[test]
fn the_last_one_to_arrive_is_the_leader_and_all_go_on() {
    let barrier: Barrier = Barrier::new(100);
    for _ in 0..3 {
        let mut tasks: Vec<_> = (0..99).map(|_| Task::new(barrier.wait())).collect();
        assert!(tasks.iter_mut().all(|task| task.poll().is_pending()));
        assert!(
            tasks.iter_mut().all(|task| task.poll().is_pending()),
            "polled again, not arrived twice"
        );
        assert!(barrier.wait_blocking().is_leader());
        assert!(tasks.iter().all(Task::is_woken));
        assert!(
            tasks
                .iter_mut()
                .all(|task| matches!(task.poll(), Poll::Ready(met) if !met.is_leader()))
        );
    }
}

#[test]
fn a_waker_that_panics_keeps_nobody_else_waiting() {
    let barrier: Barrier = Barrier::new(50);
    let mut first = Box::pin(barrier.wait());
    let waker = Waker::from(Arc::new(Panics));
    assert!(first.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    let mut others: Vec<_> = (0..48).map(|_| Task::new(barrier.wait())).collect();
    assert!(others.iter_mut().all(|task| task.poll().is_pending()));
    assert!(catch_unwind(AssertUnwindSafe(|| barrier.wait_blocking())).is_err());
    assert!(others.iter_mut().all(|task| task.is_woken() && task.poll().is_ready()));
    assert!(first.as_mut().poll(&mut Context::from_waker(&waker)).is_ready());
}

/// Drops somebody else's future when it is woken.
struct Drops(Mutex<Option<Pin<Box<BarrierWait<'static>>>>>);

impl Wake for Drops {
    fn wake(self: Arc<Self>) {
        drop(self.0.lock().expect("nobody panics").take());
    }
}

/// One that has met the others, and has yet to be told, goes: it withdraws nothing of the next round.
#[test]
fn who_has_met_and_goes_untold_withdraws_nothing() {
    static BARRIER: Barrier = Barrier::new(50);
    let drops = Arc::new(Drops(Mutex::new(None)));
    let mut first = Box::pin(BARRIER.wait());
    let waker = Waker::from(drops.clone());
    assert!(first.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    let mut others: Vec<_> = (0..47).map(|_| Task::new(BARRIER.wait())).collect();
    assert!(others.iter_mut().all(|task| task.poll().is_pending()));
    let mut last = Box::pin(BARRIER.wait());
    assert!(last.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    *drops.0.lock().expect("nobody panics") = Some(last);
    assert!(BARRIER.wait_blocking().is_leader());
    assert!(drops.0.lock().expect("nobody panics").is_none(), "it was dropped");
    assert!(others.iter_mut().all(|task| task.poll().is_ready()));
    // The next round takes as many as the first.
    let mut next: Vec<_> = (0..49).map(|_| Task::new(BARRIER.wait())).collect();
    assert!(next.iter_mut().all(|task| task.poll().is_pending()));
    assert!(
        BARRIER.wait_blocking().is_leader() && next.iter_mut().all(|task| task.poll().is_ready())
    );
}

/// Who is dropped while it waits has not arrived; who is dropped after that has.
#[test]
fn futures_are_dropped_anywhere() {
    let (seed, mut cancelled) = (seed(), 0);
    for round in 0..scaled(2_000) {
        let mut random = Random::new(seed, round);
        let parties = 2 + random.below(4) as usize;
        let barrier: Barrier = Barrier::new(parties);
        // Those who have met and do not know, and those who wait.
        let mut met: Vec<Task<BarrierWait<'_>>> = Vec::new();
        let mut waits: Vec<Task<BarrierWait<'_>>> = Vec::new();
        for step in 0..200 {
            let nth = random.below(waits.len().max(1) as u64) as usize;
            match random.below(6) {
                0..=2 => {
                    let mut task = Task::new(barrier.wait());
                    let is_last = waits.len() + 1 == parties;
                    assert_eq!(task.poll().is_ready(), is_last, "round {round}, step {step}");
                    if is_last {
                        met.append(&mut waits);
                    } else {
                        waits.push(task);
                    }
                }
                3 if nth < waits.len() => {
                    drop(waits.swap_remove(nth));
                    cancelled += 1;
                }
                4 if nth < waits.len() => assert!(waits[nth].poll().is_pending()),
                _ => {
                    if let Some(mut task) = met.pop() {
                        assert!(task.is_woken());
                        assert!(random.below(2) == 0 || task.poll().is_ready());
                    }
                }
            }
            assert!(!waits.iter().any(Task::is_woken) && met.iter().all(Task::is_woken));
        }
    }
    println!("barrier: {cancelled} cancellations, none counted as an arrival");
}

#[test]
fn threads_meet_again_and_again() {
    let barrier: Barrier = Barrier::new(3);
    let rounds = scaled(3_000);
    let leaders: usize = thread::scope(|scope| {
        let run = || (0..rounds).filter(|_| barrier.wait_blocking().is_leader()).count();
        let threads = [scope.spawn(run), scope.spawn(run), scope.spawn(run)];
        threads.map(|thread| thread.join().expect("all meet")).iter().sum()
    });
    assert_eq!(leaders, rounds, "one in each round");
}
