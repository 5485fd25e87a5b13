//! What must fail: a handler tells somebody who waits by the policy `Spin`, which could hang there.
//!
//! It ends with exit code 1, after a panic that names the policy for handlers.
#![no_std]
#![no_main]

extern crate alloc;

#[path = "../machine.rs"]
#[allow(dead_code, reason = "nothing is allocated here")]
mod machine;

use core::pin::pin;
use cortex_m::peripheral::SCB;
use cortex_m_rt::exception;
use cortex_m_semihosting::{debug, hprintln};
use counterpoint::{sync::generic::Notify, wait::Spin};

static CHANGED: Notify<Spin> = Notify::new();

#[exception]
fn PendSV() {
    CHANGED.notify_one();
}

#[cortex_m_rt::entry]
fn main() -> ! {
    let mut wait = pin!(CHANGED.wait());
    // In the queue from here on: without anybody there the handler would not have to look at it.
    assert!(!wait.as_mut().enable(), "nobody has notified");
    SCB::set_pendsv();
    cortex_m::asm::isb();
    hprintln!("the handler was let through");
    debug::exit(debug::EXIT_SUCCESS);
    unreachable!("the machine has been stopped")
}
