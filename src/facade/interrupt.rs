//! Whether an interrupt is being handled, where the processor tells.

/// Whether the caller is a handler of an interrupt or of another exception. `false` also where that
/// cannot be known: it is known on Cortex-M alone.
#[inline]
pub fn in_handler() -> bool {
    #[cfg(cortex_m)]
    {
        let exception: usize;
        // SAFETY: it reads a register that every mode may read, and touches no memory.
        unsafe {
            core::arch::asm!("mrs {}, ipsr", out(reg) exception, options(nomem, nostack, preserves_flags));
        }
        exception != 0
    }
    #[cfg(not(cortex_m))]
    false
}
