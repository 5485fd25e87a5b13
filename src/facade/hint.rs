//! Spin hints.

use super::engine;

/// Tells the processor (or the engine) that the caller waits for another thread's progress.
#[inline(always)]
pub(crate) fn spin_loop() {
    if !engine::spin() {
        core::hint::spin_loop();
    }
}
