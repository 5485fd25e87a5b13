//! Queue, stack, map and who waits on bare metal: every result is checked, and so is that all memory
//! returns.
//!
//! The same program runs on a Cortex-M3 with compare-and-swap, over epochs and over the critical
//! section, and on a Cortex-M0 with 16 KB of memory and no compare-and-swap, over the latter alone.
//! It ends with exit code 0 after the line `bare metal: all checks passed`; a failed check panics,
//! which ends it with code 1.
#![no_std]
#![no_main]

extern crate alloc;

mod interrupt;
mod machine;
mod structures;
mod waiting;

use cortex_m_semihosting::{debug, hprintln};
use counterpoint::reclaim::Collector;

#[cortex_m_rt::entry]
fn main() -> ! {
    machine::start_heap();
    // Static containers use the global domain, which lives for ever once it is used.
    structures::in_a_static();

    let mut timer = interrupt::timer();
    let domains: [(&str, fn() -> Collector); 2] = [
        ("the target's default", Collector::new),
        ("critical sections", Collector::critical_section),
    ];
    for (name, domain) in domains {
        hprintln!("domain: {}", name);
        nothing_stays("queue", || structures::queue(domain()));
        nothing_stays("stack", || structures::stack(domain()));
        nothing_stays("map", || structures::map(domain()));
        interrupt::main_and_handler_share(&mut timer, domain());
    }

    waiting::main_waits_for_handler(&mut timer);

    hprintln!("bare metal: all checks passed");
    debug::exit(debug::EXIT_SUCCESS);
    unreachable!("the machine has been stopped")
}

/// Runs a check, and checks that it leaves the heap as it found it.
fn nothing_stays(name: &str, check: impl FnOnce() -> usize) {
    let before = machine::heap_used();
    let most = check();
    let after = machine::heap_used();
    assert_eq!(after, before, "{name}: bytes that were never freed: {}", after.abs_diff(before));
    hprintln!("  {}: ok, {} bytes at most, all of them freed", name, most - before);
}
