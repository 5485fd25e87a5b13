//! What the machine lacks: a heap, and an end for a panic.

use core::{mem::MaybeUninit, panic::PanicInfo};
use cortex_m_semihosting::{debug, hprintln};
use embedded_alloc::LlffHeap;

/// Half of the memory; the rest is stack.
const HEAP_BYTES: usize = if cfg!(target_has_atomic = "ptr") { 32 * 1024 } else { 8 * 1024 };

#[global_allocator]
static HEAP: LlffHeap = LlffHeap::empty();

/// Gives the heap its memory. To be called once, before anything is allocated.
pub fn start_heap() {
    static mut MEMORY: [MaybeUninit<u8>; HEAP_BYTES] = [MaybeUninit::uninit(); HEAP_BYTES];
    assert_eq!(HEAP.used() + HEAP.free(), 0, "the heap has been started already");
    // SAFETY: once, by the assertion; nobody else names the memory.
    unsafe { HEAP.init((&raw mut MEMORY).addr(), HEAP_BYTES) }
}

/// How many bytes are allocated.
pub fn heap_used() -> usize {
    HEAP.used()
}

#[panic_handler]
fn panic(info: &PanicInfo) -> ! {
    hprintln!("{}", info);
    debug::exit(debug::EXIT_FAILURE);
    loop {
        cortex_m::asm::bkpt();
    }
}
