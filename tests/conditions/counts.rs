//! Counters, latches, wait groups and events: every form, and what is refused.

use crate::common::{Random, Task, block_on, scaled, seed};
use counterpoint::sync::{
    CounterWait, Event, Until, WaitGroup,
    generic::{Counter, Latch},
};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

const NO_TIME: Duration = Duration::ZERO;

#[test]
fn each_form_waits_for_a_value() {
    let counter: Counter = Counter::new(-1);
    for until in [Until::Equal(0), Until::Not(-1), Until::AtLeast(0), Until::AtMost(-2)] {
        assert!(!counter.try_wait(until), "{until:?}");
        assert!(!counter.wait_timeout(until, NO_TIME));
        assert!(!counter.wait_deadline(until, Instant::now()));
        assert!(Task::new(counter.wait(until)).poll().is_pending());
    }
    assert_eq!(counter.wait_until_timeout(|value| value > 0, NO_TIME), None);
    assert_eq!((counter.increment(), counter.add(2), counter.decrement()), (0, 2, 1));
    for until in [Until::Equal(1), Until::Not(-1), Until::AtLeast(0), Until::AtMost(1)] {
        assert!(counter.try_wait(until), "{until:?}");
        assert!(counter.wait_timeout(until, NO_TIME) && counter.wait_timeout(until, Duration::MAX));
        assert!(counter.wait_deadline(until, Instant::now()));
        counter.wait_blocking(until);
        block_on(counter.wait(until));
    }
    assert_eq!(counter.wait_until_blocking(|value| value > 0), 1);
    assert_eq!(counter.wait_until_timeout(|value| value > 0, NO_TIME), Some(1));
    assert_eq!(counter.wait_until_timeout(|value| value > 0, Duration::MAX), Some(1));
    assert_eq!(block_on(counter.wait_until(|value| value > 0)), 1);
    assert_eq!((counter.swap(7), counter.value()), (1, 7));
    assert_eq!(counter.try_update(|value| (value > 7).then_some(0)), Err(7));
    assert_eq!(counter.try_update(|value| Some(value * 2)), Ok(7));
    assert_eq!(format!("{counter:?}"), "Counter(14)");
    assert_eq!(Counter::<counterpoint::wait::Spin>::default().value(), 0);
}

#[test]
fn a_value_out_of_range_is_refused() {
    let (min, max) =
        (Counter::<counterpoint::wait::Spin>::MIN, Counter::<counterpoint::wait::Spin>::MAX);
    let counter: Counter = Counter::new(max);
    let panics = |what: &dyn Fn()| catch_unwind(AssertUnwindSafe(what)).is_err();
    assert!(panics(&|| _ = Counter::<counterpoint::wait::Spin>::new(max + 1)));
    assert!(panics(&|| _ = counter.increment()));
    assert!(panics(&|| _ = counter.add(isize::MIN)));
    assert!(panics(&|| _ = counter.swap(min - 1)));
    assert!(panics(&|| _ = counter.try_update(|_| Some(isize::MAX))));
    assert!(panics(&|| drop(counter.wait(Until::AtLeast(isize::MAX)))));
    assert!(panics(&|| counter.wait_blocking(Until::Equal(max + 1))));
    assert_eq!(counter.value(), max);
    counter.swap(min);
    assert!(panics(&|| _ = counter.decrement()));
    assert_eq!((counter.value(), counter.increment()), (min, min + 1));
    assert!(counter.try_wait(Until::AtMost(-1)) && !counter.try_wait(Until::AtLeast(0)));
}

/// Who waits when the value comes goes on, though it has gone when it wakes.
#[test]
fn a_value_that_came_while_somebody_waited_counts() {
    let counter: Counter = Counter::new(1);
    let mut waits = Task::new(counter.wait(Until::Equal(0)));
    let mut is_late = Task::new(counter.wait(Until::Equal(0)));
    assert!(waits.poll().is_pending());
    counter.decrement();
    counter.increment();
    assert!(waits.is_woken() && waits.poll().is_ready());
    assert!(is_late.poll().is_pending(), "it had not begun to wait");
    // A predicate is asked about what is there when it runs.
    let mut predicate = Task::new(counter.wait_until(|value| value == 0));
    assert!(predicate.poll().is_pending());
    counter.decrement();
    counter.increment();
    assert!(predicate.is_woken() && predicate.poll().is_pending());
    counter.decrement();
    assert!(predicate.is_woken() && predicate.poll().is_ready());
    assert!(is_late.is_woken() && is_late.poll().is_ready());
}

/// Only those are woken whose condition the new value meets.
#[test]
fn a_change_wakes_whom_it_concerns() {
    let counter: Counter = Counter::new(0);
    let mut waits: Vec<_> =
        (1..=100).map(|value| Task::new(counter.wait(Until::Equal(value)))).collect();
    assert!(waits.iter_mut().all(|task| task.poll().is_pending()));
    counter.add(50);
    let woken: Vec<_> = (1..).zip(&waits).filter(|(_, task)| task.is_woken()).collect();
    assert_eq!(woken.iter().map(|(value, _)| *value).collect::<Vec<_>>(), [50]);
    drop(woken);
    let mut at_most: Vec<_> =
        (1..=100).map(|_| Task::new(counter.wait(Until::AtMost(0)))).collect();
    assert!(at_most.iter_mut().all(|task| task.poll().is_pending()));
    counter.swap(0);
    assert!(at_most.iter().all(Task::is_woken), "more than one batch");
    assert_eq!(waits.iter().filter(|task| task.is_woken()).count(), 1);
    assert!(at_most.iter_mut().all(|task| task.poll().is_ready()));
}

/// Futures are dropped anywhere: whoever is left is woken when its value comes, and nobody else.
#[test]
fn futures_are_dropped_anywhere() {
    let (seed, mut cancelled) = (seed(), 0);
    for round in 0..scaled(2_000) {
        let mut random = Random::new(seed, round);
        let counter: Counter = Counter::new(0);
        // What each waits for, and whether that has been there since.
        let mut waits: Vec<(Until, bool, Task<CounterWait<'_>>)> = Vec::new();
        for step in 0..200 {
            let nth = random.below(waits.len().max(1) as u64) as usize;
            match random.below(6) {
                0 | 1 if waits.len() < 8 => {
                    let value = random.below(7) as isize - 3;
                    let until = match random.below(4) {
                        0 => Until::Equal(value),
                        1 => Until::Not(value),
                        2 => Until::AtLeast(value),
                        _ => Until::AtMost(value),
                    };
                    let mut task = Task::new(counter.wait(until));
                    assert_eq!(task.poll().is_ready(), until.is_met_by(counter.value()));
                    if !until.is_met_by(counter.value()) {
                        waits.push((until, false, task));
                    }
                }
                2 if nth < waits.len() => {
                    drop(waits.swap_remove(nth));
                    cancelled += 1;
                }
                3 if nth < waits.len() => {
                    let (until, has_come, task) = &mut waits[nth];
                    assert_eq!(task.poll().is_ready(), *has_come, "{until:?} in round {round}");
                    if *has_come {
                        drop(waits.swap_remove(nth));
                    }
                }
                _ => {
                    counter.add(random.below(5) as isize - 2);
                    for (until, has_come, _) in &mut waits {
                        *has_come |= until.is_met_by(counter.value());
                    }
                }
            }
            for (until, has_come, task) in &waits {
                assert_eq!(task.is_woken(), *has_come, "round {round}, step {step}: {until:?}");
            }
        }
    }
    println!("counter: {cancelled} cancellations, no wake-up lost");
}

#[test]
fn a_latch_opens_once() {
    let latch: Latch = Latch::new(3);
    assert!(!latch.is_open() && !latch.try_wait() && !latch.wait_timeout(NO_TIME));
    assert!(!latch.wait_deadline(Instant::now()));
    let mut waits = Task::new(latch.wait());
    assert!(waits.poll().is_pending());
    latch.count_down();
    assert!(catch_unwind(AssertUnwindSafe(|| latch.count_down_by(3))).is_err());
    assert_eq!(latch.count(), 2, "nothing was changed");
    let mut arrives = Task::new(latch.arrive_and_wait());
    assert!(arrives.poll().is_pending() && latch.count() == 1);
    thread::scope(|scope| {
        let waiter = scope.spawn(|| latch.wait_blocking());
        latch.arrive_and_wait_blocking();
        waiter.join().expect("it goes on");
    });
    assert!(waits.poll().is_ready() && arrives.poll().is_ready() && latch.is_open());
    assert!(latch.wait_timeout(NO_TIME) && latch.wait_deadline(Instant::now()));
    assert!(catch_unwind(AssertUnwindSafe(|| latch.count_down())).is_err());
    assert!(catch_unwind(AssertUnwindSafe(|| drop(latch.arrive_and_wait()))).is_err());
    assert!(Latch::<counterpoint::wait::Spin>::new(0).is_open());
    assert!(catch_unwind(|| Latch::<counterpoint::wait::Spin>::new(usize::MAX)).is_err());
    assert_eq!(format!("{latch:?}"), "Latch { count: 0 }");
}

#[test]
fn a_wait_group_may_be_used_again() {
    let group: Arc<WaitGroup> = Arc::default();
    assert!(group.try_wait());
    for _ in 0..3 {
        group.add(1);
        let (one, other) = (group.join(), group.join_owned());
        assert_eq!(group.members(), 3);
        assert!(!group.try_wait() && !group.wait_timeout(NO_TIME));
        let mut waits = Task::new(group.wait());
        assert!(waits.poll().is_pending());
        drop((one, other));
        assert!(!waits.is_woken() && !group.wait_deadline(Instant::now()));
        group.done();
        // There is a new member by the time it looks.
        let member = group.join();
        assert!(waits.is_woken() && waits.poll().is_ready());
        drop(member);
        group.wait_blocking();
    }
    assert!(catch_unwind(AssertUnwindSafe(|| group.done())).is_err());
    assert!(catch_unwind(AssertUnwindSafe(|| group.add(usize::MAX))).is_err());
    assert_eq!(format!("{group:?}"), "WaitGroup { members: 0 }");
}

#[test]
fn an_event_is_set_until_it_is_reset() {
    let event: Event = Event::default();
    assert!(!event.is_set() && !event.try_wait() && !event.wait_timeout(NO_TIME));
    let mut waits = Task::new(event.wait());
    assert!(waits.poll().is_pending());
    assert!(!event.set() && event.set(), "whether it was set before");
    assert!(event.reset() && !event.reset());
    assert!(waits.is_woken() && waits.poll().is_ready(), "it waited when it was set");
    assert!(!event.wait_deadline(Instant::now()));
    event.set();
    event.wait_blocking();
    block_on(event.wait());
    assert!(event.wait_timeout(NO_TIME) && event.wait_deadline(Instant::now()));
    assert_eq!(format!("{event:?}"), "Event { is_set: true }");
}
