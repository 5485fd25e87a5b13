//! `OnceCell` and `Lazy`: threads and tasks that initialise, fail, give up and watch.
//!
//! A cell is a register: it holds 0 while it is empty. To initialise it is a compare-and-set that
//! expects 0; an initialiser that fails is one that expects what is never there.

use crate::tasks::{block_on, poll_once};
use counterpoint::{
    sync::generic::{Lazy, OnceCell},
    verify::{
        scenario::{
            Runner::{Interleavings, Pct, Random, Threads},
            Scenario,
        },
        shim::UnsafeCell,
        spec::{
            Register,
            register::{
                Answer::{self, Flag, Value},
                Operation::{self, CompareAndSet, Read},
            },
        },
    },
    wait::{self, Policy},
};
use std::{
    future::{pending, ready},
    pin::pin,
};

/// A number whose races engines see.
struct Number(UnsafeCell<i64>);

// SAFETY: it is written when it is made, or by who initialises.
unsafe impl Send for Number {}
// SAFETY: as above.
unsafe impl Sync for Number {}

impl Number {
    fn new(number: i64) -> Self {
        Number(UnsafeCell::new(number))
    }

    fn get(&self) -> i64 {
        // SAFETY: it is not written any more.
        self.0.with(|number| unsafe { *number })
    }

    /// For who initialises, which one does at a time.
    fn increment(&self) {
        // SAFETY: as above.
        self.0.with_mut(|number| unsafe { *number += 1 });
    }
}

/// A cell, and how often an initialiser ran.
struct Object<P: Policy> {
    cell: OnceCell<Number, P>,
    runs: Number,
}

/// What fails.
const NEVER: i64 = -1;
/// Who does: a thread, a task, a task that is dropped.
const THREAD: i64 = 1;
const TASK: i64 = 2;
const DROPPED: i64 = 3;

const FAILS: Operation<i64> = CompareAndSet(NEVER, THREAD);
const TASK_FAILS: Operation<i64> = CompareAndSet(NEVER, TASK);
const IS_DROPPED: Operation<i64> = CompareAndSet(NEVER, DROPPED);

/// A thread initialises it to an odd number, a task to an even one.
const ONE: Operation<i64> = CompareAndSet(0, 1);
const TWO: Operation<i64> = CompareAndSet(0, 2);
const THREE: Operation<i64> = CompareAndSet(0, 3);
const FOUR: Operation<i64> = CompareAndSet(0, 4);

impl<P: Policy> Object<P> {
    fn new() -> Self {
        Object { cell: OnceCell::new(), runs: Number::new(0) }
    }

    fn run(&self, made: Option<i64>) -> Result<Number, ()> {
        self.runs.increment();
        made.map(Number::new).ok_or(())
    }

    fn as_thread(&self, made: Option<i64>) -> Option<i64> {
        self.cell.get_or_try_init_blocking(|| self.run(made)).ok().map(Number::get)
    }

    fn as_task(&self, made: Option<i64>) -> Option<i64> {
        let value = pin!(self.cell.get_or_try_init(|| ready(self.run(made))));
        block_on(value).ok().map(Number::get)
    }

    fn is_dropped(&self) {
        let value = pin!(self.cell.get_or_init(|| {
            self.runs.increment();
            pending()
        }));
        let _is_ready = poll_once(value).is_some();
    }

    /// Who fails has nothing, unless another was faster.
    fn refused(&self, found: Option<i64>) -> Answer<i64> {
        assert!(found.is_none() || found == self.cell.get().map(Number::get), "a value of nobody");
        Flag(false)
    }

    fn apply(&self, asked: &Operation<i64>) -> Answer<i64> {
        match *asked {
            FAILS => self.refused(self.as_thread(None)),
            TASK_FAILS => self.refused(self.as_task(None)),
            IS_DROPPED => {
                self.is_dropped();
                Flag(false)
            }
            CompareAndSet(0, number) if number % 2 == 0 => {
                Flag(self.as_task(Some(number)) == Some(number))
            }
            CompareAndSet(0, number) => Flag(self.as_thread(Some(number)) == Some(number)),
            Read => Value(self.cell.get().map_or(0, Number::get)),
            _ => unreachable!("not asked"),
        }
    }

    /// As `apply`, but who reads waits until it is initialised.
    fn apply_watching(&self, asked: &Operation<i64>, is_task: bool) -> Answer<i64> {
        match asked {
            Read if is_task => Value(block_on(pin!(self.cell.wait())).get()),
            Read => Value(self.cell.wait_blocking().get()),
            _ => self.apply(asked),
        }
    }
}

type Declared<P> = Scenario<Register<i64>, Object<P>>;

/// What is declared of one policy, of every one.
trait Declare {
    fn of<P: Policy>(&self, kind: &str) -> Declared<P>;
}

fn each(declare: impl Declare) {
    declare.of::<wait::Threads>("threads").check();
    #[cfg(feature = "critical-section")]
    declare.of::<wait::Critical>("critical section").check();
}

/// Declares the threads, and how many preemptions are affordable.
struct Run(&'static str, &'static [&'static [Operation<i64>]], Option<usize>);

fn declared<P: Policy>(
    mut scenario: Declared<P>,
    threads: &[&[Operation<i64>]],
    bound: Option<usize>,
) -> Declared<P> {
    for thread in threads {
        scenario = scenario.thread(thread.iter().cloned());
    }
    scenario = scenario.after([Read]);
    match bound {
        Some(bound) if threads.len() > 2 => {
            scenario.bound(bound).only([Interleavings, Random, Pct, Threads])
        }
        Some(bound) => scenario.bound(bound).weak_bound(1).loom_limit(500),
        None => scenario.loom_limit(1_000),
    }
}

impl Declare for Run {
    fn of<P: Policy>(&self, kind: &str) -> Declared<P> {
        let name = format!("once: {}, {kind}", self.0);
        let scenario = Scenario::new(name, Register::new(0), Object::new, Object::<P>::apply);
        declared(scenario, self.1, self.2)
    }
}

#[test]
fn one_of_two_threads_initialises() {
    each(Run("two threads", &[&[ONE], &[THREE]], None));
}

#[test]
fn a_thread_or_a_task_initialises() {
    each(Run("a thread and a task", &[&[ONE], &[TWO]], None));
}

/// The value is seen whole, by who does not initialise too.
#[test]
fn who_finds_the_value_sees_it_whole() {
    each(Run("one initialises, one looks", &[&[ONE], &[Read]], None));
}

#[test]
fn after_a_failure_another_initialises() {
    each(Run("one fails", &[&[FAILS], &[ONE]], Some(3)));
    each(Run("a task fails", &[&[TASK_FAILS], &[TWO]], Some(3)));
}

#[test]
fn after_a_failure_one_of_two_initialises() {
    each(Run("one fails, and a thread and a task", &[&[FAILS], &[ONE], &[TWO]], Some(2)));
}

#[test]
fn who_is_dropped_half_way_hands_over() {
    let threads: &[&[_]] = &[&[IS_DROPPED], &[ONE], &[TWO]];
    each(Run("one is dropped, and a thread and a task", threads, Some(2)));
}

#[test]
fn two_that_fail_hand_over() {
    let threads: &[&[_]] = &[&[FAILS], &[IS_DROPPED], &[ONE]];
    each(Run("one fails, one is dropped, and a thread", threads, Some(2)));
    // It may find it incomplete, and take it after one more failure.
    each(Run("one fails twice", &[&[FAILS, FAILS], &[ONE]], Some(5)));
}

/// Who reads waits: a thread, or a task.
struct Watched(&'static str, &'static [&'static [Operation<i64>]], Option<usize>, bool);

impl Declare for Watched {
    fn of<P: Policy>(&self, kind: &str) -> Declared<P> {
        let is_task = self.3;
        let who = if is_task { "task" } else { "thread" };
        let name = format!("once: {}, a {who} watches, {kind}", self.0);
        let apply = move |object: &Object<P>, asked: &_| object.apply_watching(asked, is_task);
        let scenario = Scenario::new(name, Register::new(0), Object::new, apply);
        // It is 1 whenever somebody has waited for it.
        let answer = |asked: &Operation<i64>| match asked {
            Read => Value(1),
            _ => Flag(*asked == ONE),
        };
        let each = |thread: &&[Operation<i64>]| thread.iter().map(answer).collect();
        let mut outcome: Vec<Vec<_>> = self.1.iter().map(each).collect();
        outcome.push(vec![Value(1)]);
        declared(scenario, self.1, self.2).expect([outcome])
    }
}

#[test]
fn who_watches_sees_the_value() {
    for is_task in [false, true] {
        each(Watched("one initialises", &[&[ONE], &[Read]], None, is_task));
    }
}

#[test]
fn who_watches_sleeps_through_failures() {
    for is_task in [false, true] {
        let threads: &[&[_]] = &[&[FAILS], &[ONE], &[Read]];
        each(Watched("one fails, one initialises", threads, Some(2), is_task));
    }
}

#[test]
fn all_who_watch_are_told() {
    for is_task in [false, true] {
        let threads: &[&[_]] = &[&[ONE], &[Read], &[Read]];
        each(Watched("one initialises, two watch", threads, Some(2), is_task));
    }
}

/// Two ask for one lazy value, whose closure runs once.
fn lazy<P: Policy>(kind: &str) {
    let make = || {
        let mut runs = 0;
        let init = move || {
            runs += 1;
            Number::new(runs)
        };
        Lazy::<_, _, P>::new(init)
    };
    let scenario = Scenario::new(
        format!("once: a lazy value, {kind}"),
        Register::new(1),
        make,
        |lazy: &Lazy<Number, _, P>, asked: &Operation<i64>| match asked {
            Read => Value(lazy.get()),
            _ => Flag(block_on(pin!(Lazy::force(lazy))).get() == 1),
        },
    );
    scenario.thread([Read]).thread([CompareAndSet(1, 1)]).after([Read]).loom_limit(1_000).check();
}

#[test]
fn a_lazy_value_is_made_once() {
    lazy::<wait::Threads>("threads");
    #[cfg(feature = "critical-section")]
    lazy::<wait::Critical>("critical section");
}

struct Many;

impl Declare for Many {
    fn of<P: Policy>(&self, kind: &str) -> Declared<P> {
        let name = format!("once: two threads, two tasks, {kind}");
        let scenario = Scenario::new(name, Register::new(0), Object::new, Object::<P>::apply);
        scenario
            .thread([FAILS, ONE, Read])
            .thread([IS_DROPPED, TWO, Read])
            .thread([TASK_FAILS, FOUR, Read])
            .thread([Read, IS_DROPPED, THREE])
            .after([Read])
            .any_outcome()
            .schedules(2_000)
            .only([Random, Pct, Threads])
    }
}

#[test]
fn many_threads_and_tasks() {
    each(Many);
}
