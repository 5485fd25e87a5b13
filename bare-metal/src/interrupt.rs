//! The main loop and an interrupt handler share two queues: the main loop asks, the handler answers
//! at each tick. Nobody masks the interrupt but the domain's own critical sections.

use crate::waiting;
use alloc::boxed::Box;
use core::{cell::Cell, ptr};
use cortex_m::peripheral::{Peripherals, SYST, syst::SystClkSource};
use cortex_m_rt::exception;
use cortex_m_semihosting::hprintln;
use counterpoint::{
    queue::MsQueue,
    reclaim::{Collector, Handle},
};
use critical_section::Mutex;

/// Cycles between two ticks: a few operations' worth, and never twice the same for long, so that
/// ticks fall into the midst of every operation, anywhere.
const TICK_CYCLES: core::ops::Range<u32> = 500..1_500;
const QUESTIONS: u32 = 1_000;

struct Exchange {
    questions: MsQueue<u32>,
    answers: MsQueue<u32>,
}

/// What the handler sees, once it is set.
static EXCHANGE: Mutex<Cell<Option<&'static Exchange>>> = Mutex::new(Cell::new(None));
static TICKS: Mutex<Cell<u32>> = Mutex::new(Cell::new(0));

#[exception]
fn SysTick() {
    static mut MEMBER: Option<(&'static Exchange, Handle<'static>)> = None;
    let exchange = critical_section::with(|section| {
        TICKS.borrow(section).update(|ticks| ticks + 1);
        EXCHANGE.borrow(section).get()
    });
    // No exchange: it is a tick of the checks of `waiting.rs`.
    let Some(exchange) = exchange else { return waiting::tick() };
    if !MEMBER.as_ref().is_some_and(|&(joined, _)| ptr::eq(joined, exchange)) {
        *MEMBER = Some((exchange, exchange.questions.register()));
    }
    let Some((Exchange { questions, answers }, handle)) = MEMBER else { return };
    let guard = handle.pin();
    while let Some(question) = questions.pop(&guard) {
        answers.push(question + 1, &guard);
    }
}

/// Asks everything, and checks that the answers come complete and in order.
pub fn main_and_handler_share(timer: &mut SYST, domain: Collector) {
    let exchange: &Exchange = Box::leak(Box::new(Exchange {
        questions: MsQueue::new_in(domain.clone()),
        answers: MsQueue::new_in(domain.clone()),
    }));
    let handle = domain.register();
    critical_section::with(|section| {
        TICKS.borrow(section).set(0);
        EXCHANGE.borrow(section).set(Some(exchange));
    });
    timer.set_reload(TICK_CYCLES.end);
    timer.set_clock_source(SystClkSource::Core);
    timer.clear_current();
    timer.enable_interrupt();
    timer.enable_counter();

    let (mut asked, mut answered) = (0, 0);
    while answered < QUESTIONS {
        timer.set_reload(TICK_CYCLES.start + (asked + answered) * 37 % TICK_CYCLES.len() as u32);
        let guard = handle.pin();
        // A few at a time: what waits for an answer must fit into the memory.
        if asked < QUESTIONS && asked < answered + 16 {
            exchange.questions.push(asked, &guard);
            asked += 1;
        }
        if let Some(answer) = exchange.answers.pop(&guard) {
            assert_eq!(answer, answered + 1, "answers come in the order of the questions");
            answered += 1;
        }
    }
    timer.disable_interrupt();
    timer.disable_counter();
    let ticks = critical_section::with(|section| {
        EXCHANGE.borrow(section).set(None);
        TICKS.borrow(section).get()
    });
    assert!(ticks > 1, "the handler never ran");
    hprintln!("  interrupt: ok, {} questions answered in {} ticks", answered, ticks);
}

/// The timer; at most one call gets it.
pub fn timer() -> SYST {
    Peripherals::take().expect("the peripherals are taken once").SYST
}
