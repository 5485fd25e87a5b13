//! Spin hints.

use super::engine;

/// Tells the processor (or the engine) that the caller waits for another thread's progress.
#[inline(always)]
#[allow(dead_code, reason = "part of the door; nothing of this floor waits")]
pub fn spin_loop() {
    if !engine::spin() {
        core::hint::spin_loop();
    }
}

/// One turn of a loop that waits for the next few instructions of another thread: spins at first,
/// then, with std, lets others run, among which that one may be.
#[inline]
pub fn relax(turn: u32) {
    if engine::spin() {
        return;
    }
    #[cfg(feature = "std")]
    if turn >= super::tuning::RELAX_SPINS {
        std::thread::yield_now();
        return;
    }
    for _ in 0..1 << turn.min(super::tuning::SPIN_LIMIT) {
        core::hint::spin_loop();
    }
}

/// Slows the caller, who waits for nobody, by about so many spin hints. Nothing to an engine: it
/// takes the caller's next step at any time anyhow, and must not be told to take others' first.
#[inline]
pub fn pause(hints: u32) {
    if !engine::active() {
        for _ in 0..hints {
            core::hint::spin_loop();
        }
    }
}

/// Asks for the cache line of a place that will be needed soon, where the target can. It reads
/// nothing, so any address will do.
#[inline(always)]
pub fn prefetch<T>(place: *const T) {
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    // SAFETY: every x86-64 has the instruction, and it does not fault.
    unsafe {
        core::arch::x86_64::_mm_prefetch::<{ core::arch::x86_64::_MM_HINT_T0 }>(place.cast());
    }
    #[cfg(not(all(target_arch = "x86_64", not(miri))))]
    let _ = place;
}

/// Waits for an event, or for no reason ends: on Arm (a Cortex-M, or one with compare-and-swap, which
/// is what tells those that have the instruction) the processor sleeps until another sends one, or
/// until an interrupt was handled. (What the caller waits for must be looked at after each call: an
/// event that came before the call ends it at once.)
///
/// No interrupt is missed that comes between that look and the sleep: to enter or to leave a handler
/// sets the event register of a Cortex-M (as does `send_event` in the handler, on every Arm), and
/// with it set the instruction does not sleep, but clears it. The caller looks again.
#[inline]
pub fn wait_for_event() {
    if engine::spin() {
        return;
    }
    #[cfg(any(
        cortex_m,
        all(
            any(target_arch = "arm", target_arch = "aarch64"),
            target_os = "none",
            target_has_atomic = "ptr"
        )
    ))]
    // SAFETY: the instruction touches no memory and no register.
    unsafe {
        core::arch::asm!("wfe", options(nomem, nostack, preserves_flags));
    }
    #[cfg(not(any(
        cortex_m,
        all(
            any(target_arch = "arm", target_arch = "aarch64"),
            target_os = "none",
            target_has_atomic = "ptr"
        )
    )))]
    core::hint::spin_loop();
}

/// Ends the waits of [`wait_for_event`] on all processors.
#[inline]
pub fn send_event() {
    #[cfg(any(
        cortex_m,
        all(
            any(target_arch = "arm", target_arch = "aarch64"),
            target_os = "none",
            target_has_atomic = "ptr"
        )
    ))]
    // SAFETY: the instructions touch no register; the barrier completes the writes before the event.
    unsafe {
        core::arch::asm!("dsb sy", "sev", options(nostack, preserves_flags));
    }
}
