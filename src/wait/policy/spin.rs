//! Processors without a system: who waits spins.

use super::{Bit, Exclude, Park};
use crate::facade::hint;
#[cfg(feature = "std")]
use crate::facade::thread;
#[cfg(feature = "std")]
use core::num::NonZeroUsize;

/// Processors without a system, and without interrupts that use the same objects: who waits spins,
/// on Arm it sleeps until an event; queues are guarded by a bit.
///
/// Without std nothing says on which of several processors the caller runs, so that it has no
/// [identity](Park::identity). (A policy of one's own that knows may have one.)
///
/// Not for interrupt handlers: one that comes while the bit is held waits for ever. `Critical` is
/// for them.
#[derive(Clone, Copy, Debug)]
pub struct Spin;

impl Park for Spin {
    type Thread = ();

    fn current() {}

    fn share((): &()) {}

    fn park((): &()) {
        hint::wait_for_event();
    }

    fn unpark((): &()) {
        hint::send_event();
    }

    fn relax(_: u32) -> bool {
        false
    }

    #[cfg(feature = "std")]
    fn identity() -> Option<NonZeroUsize> {
        thread::identity()
    }
}

// SAFETY: the bit is taken by a compare-exchange, and given back after the section.
unsafe impl Exclude for Spin {
    fn exclusive<R>(bit: &Bit, section: impl FnOnce() -> R) -> R {
        while !bit.try_acquire() {
            hint::spin_loop();
        }
        let result = section();
        bit.release();
        result
    }
}
