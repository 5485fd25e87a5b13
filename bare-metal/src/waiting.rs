//! The main loop waits, blocked or as a future, for what an interrupt handler does.
//!
//! Each wait gets exactly one tick, after one cycle more than the last: so a tick comes at every
//! instruction of a wait, from before it begins until it sleeps. There is no second tick: whatever
//! loses a wake-up hangs here, and is not saved by the next one.

use crate::machine::heap_used;
use core::{
    cell::Cell,
    pin::pin,
    ptr,
    sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed},
    task::{Context, Poll, RawWaker, RawWakerVTable, Waker},
};
use cortex_m::{
    asm::wfi,
    peripheral::{Peripherals, SCB, SYST, syst::SystClkSource},
};
use cortex_m_semihosting::hprintln;
use counterpoint::sync::{Counter, Event, Mutex, Notify, Semaphore, Until};

/// More than any wait here takes to fall asleep.
const MOST_CYCLES: u32 = 3_000;

static PERMITS: Semaphore = Semaphore::new(0);
static CHANGED: Notify = Notify::new();
static DONE: Counter = Counter::new(0);
static OPEN: Event = Event::new();
static VALUE: Mutex<u32> = Mutex::new(0);

/// What the handler does at the next tick.
static JOB: critical_section::Mutex<Cell<Option<fn()>>> =
    critical_section::Mutex::new(Cell::new(None));
/// How many it has done. Counted by the handler alone, which nothing interrupts: no machine needs
/// a read-modify-write for that, and one of the two has none.
static TICKS: AtomicU32 = AtomicU32::new(0);
/// How often the handler got the mutex, and how often it did not.
static LOCKED: AtomicU32 = AtomicU32::new(0);
static REFUSED: AtomicU32 = AtomicU32::new(0);

fn count(counter: &AtomicU32) {
    counter.store(counter.load(Relaxed) + 1, Relaxed);
}

/// The handler's part of a tick.
pub fn tick() {
    // SAFETY: the main loop leaves the timer alone from when it starts it until this has stopped it.
    let mut machine = unsafe { Peripherals::steal() };
    machine.SYST.disable_counter();
    // A short period may have ended once more meanwhile.
    SCB::clear_pendst();
    if let Some(job) = critical_section::with(|section| JOB.borrow(section).get()) {
        job();
    }
    count(&TICKS);
}

fn start_one_tick(timer: &mut SYST, cycles: u32) {
    timer.set_reload(cycles);
    timer.clear_current();
    timer.enable_counter();
}

/// Runs the program of the main loop once for each time at which the handler's job may come.
fn at_every_cycle(timer: &mut SYST, job: fn(), mut main: impl FnMut(u32)) {
    critical_section::with(|section| JOB.borrow(section).set(Some(job)));
    TICKS.store(0, Relaxed);
    for cycles in 1..=MOST_CYCLES {
        start_one_tick(timer, cycles);
        main(cycles);
        assert_eq!(TICKS.load(Relaxed), cycles, "one tick for each wait");
    }
    critical_section::with(|section| JOB.borrow(section).set(None));
}

/// The handler tells, and main waits: nothing that it tells is lost, and nothing is told twice.
pub fn main_waits_for_handler(timer: &mut SYST) {
    let heap = heap_used();
    timer.set_clock_source(SystClkSource::Core);
    timer.enable_interrupt();

    blocked(timer);
    as_futures(timer);
    tries_a_held_lock(timer);
    tries_a_lock(timer);

    timer.disable_interrupt();
    assert_eq!(heap_used(), heap, "who waits allocates nothing");
}

fn add_permit() {
    PERMITS.add_permits(1);
}

fn notify() {
    DONE.increment();
    CHANGED.notify_one();
}

fn finish() {
    DONE.increment();
}

fn open() {
    OPEN.set();
}

/// What the handler told has been used up: nothing came twice.
fn nothing_is_left(name: &str) {
    assert_eq!(PERMITS.available_permits(), 0);
    assert!(!CHANGED.try_wait());
    assert!(!OPEN.is_set());
    DONE.swap(0);
    hprintln!("  {}: ok, {} interrupts, one for each wait", name, MOST_CYCLES);
}

/// The main loop is a thread that blocks. It parks by WFE, which QEMU lets pass as if it did nothing:
/// that no event is missed between the last look and the sleep is argued in the library, where it
/// parks; what is checked here is that the notice is there whenever main looks again.
fn blocked(timer: &mut SYST) {
    hprintln!("main blocks:");
    at_every_cycle(timer, add_permit, |_| {
        PERMITS.acquire_blocking().expect("nobody closes it").forget();
    });
    nothing_is_left("semaphore");
    at_every_cycle(timer, notify, |so_far| {
        CHANGED.wait_blocking();
        assert_eq!(DONE.value(), so_far as isize, "what came before the notification is seen");
    });
    nothing_is_left("notification");
    at_every_cycle(timer, finish, |so_far| DONE.wait_blocking(Until::AtLeast(so_far as isize)));
    nothing_is_left("counter");
    at_every_cycle(timer, open, |_| {
        OPEN.wait_blocking();
        assert!(OPEN.reset());
    });
    nothing_is_left("event");
}

/// The main loop is an executor. It sleeps by WFI, also in QEMU: a lost wake-up would never end.
fn as_futures(timer: &mut SYST) {
    hprintln!("main runs a task:");
    let mut sleeps = 0;
    at_every_cycle(timer, add_permit, |_| {
        let permit = block_on(PERMITS.acquire(), &mut sleeps);
        permit.expect("nobody closes it").forget();
    });
    nothing_is_left("semaphore");
    at_every_cycle(timer, notify, |so_far| {
        block_on(CHANGED.wait(), &mut sleeps);
        assert_eq!(DONE.value(), so_far as isize, "what came before the notification is seen");
    });
    nothing_is_left("notification");
    at_every_cycle(timer, finish, |so_far| {
        block_on(DONE.wait(Until::AtLeast(so_far as isize)), &mut sleeps);
    });
    nothing_is_left("counter");
    at_every_cycle(timer, open, |_| {
        block_on(OPEN.wait(), &mut sleeps);
        assert!(OPEN.reset());
    });
    nothing_is_left("event");
    assert!((1..4 * MOST_CYCLES).contains(&sleeps), "{sleeps} sleeps: no tick came at some time");
    hprintln!("  executor: ok, asleep in {} of {} waits", sleeps, 4 * MOST_CYCLES);
}

/// Whether the one task was woken.
static WOKEN: AtomicBool = AtomicBool::new(false);

/// An executor of one task. `sleeps` counts the waits in which it slept.
fn block_on<T>(future: impl Future<Output = T>, sleeps: &mut u32) -> T {
    let waker = waker();
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    let mut has_slept = false;
    loop {
        // Before the poll: a wake-up that comes from here on is for the next one.
        // Before the poll: a wake-up that comes from here on is for the next one.
        WOKEN.store(false, Relaxed);
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            *sleeps += u32::from(has_slept);
            return output;
        }
        while !WOKEN.load(Relaxed) {
            // With interrupts off none comes between the look and the sleep. One that is due ends
            // WFI all the same, and is handled as soon as they are on again.
            critical_section::with(|_| {
                if !WOKEN.load(Relaxed) {
                    has_slept = true;
                    wfi();
                }
            });
        }
    }
}

/// It sets a flag, so a handler may wake it. (`task::Wake` needs an `Arc`, which one of the machines
/// does not have.)
fn waker() -> Waker {
    static METHODS: RawWakerVTable = RawWakerVTable::new(
        |_| RawWaker::new(ptr::null(), &METHODS),
        |_| WOKEN.store(true, Relaxed),
        |_| WOKEN.store(true, Relaxed),
        |_| {},
    );
    // SAFETY: the methods use a static alone, which any thread and any handler may.
    unsafe { Waker::from_raw(RawWaker::new(ptr::null(), &METHODS)) }
}

fn try_to_add() {
    match VALUE.try_lock() {
        Some(mut value) => {
            *value += 1;
            count(&LOCKED);
        }
        None => count(&REFUSED),
    }
}

/// A handler that finds the mutex locked is told so at once: it could not wait for who it interrupts.
fn tries_a_held_lock(timer: &mut SYST) {
    hprintln!("the handler tries a lock:");
    at_every_cycle(timer, try_to_add, |so_far| {
        let value = VALUE.lock_blocking();
        // Ticks that came before the lock was there are of the other check.
        while TICKS.load(Relaxed) < so_far {}
        drop(value);
    });
    let (locked, refused) = (LOCKED.load(Relaxed), REFUSED.load(Relaxed));
    assert_eq!(locked + refused, MOST_CYCLES);
    assert!(locked < 1_000, "{locked} times it got what main held");
    hprintln!("  held: ok, refused {} times", refused);
}

/// Main locks and unlocks all the time: the handler comes anywhere in that, and no addition is lost.
fn tries_a_lock(timer: &mut SYST) {
    for counter in [&LOCKED, &REFUSED] {
        counter.store(0, Relaxed);
    }
    *VALUE.lock_blocking() = 0;
    let mut added = 0;
    at_every_cycle(timer, try_to_add, |so_far| {
        while TICKS.load(Relaxed) < so_far {
            *VALUE.lock_blocking() += 1;
            added += 1;
        }
    });
    let (locked, refused) = (LOCKED.load(Relaxed), REFUSED.load(Relaxed));
    assert!(locked > 0 && refused > 0, "locked {locked} times, refused {refused} times");
    assert_eq!(locked + refused, MOST_CYCLES);
    assert_eq!(*VALUE.lock_blocking(), added + locked);
    hprintln!("  in turns: ok, locked {} times, refused {} times", locked, refused);
}
