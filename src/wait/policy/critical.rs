//! Mutual exclusion against interrupts.

use super::{Bit, Exclude, Park, Spin};
use crate::facade::{critical::exclusive_section, hint};
use core::{
    num::NonZeroUsize,
    task::{Poll, Waker},
};

/// Queues are guarded by the critical section, so that interrupts may notify and try; who waits
/// does as with [`Spin`]. The waker of a task that an interrupt handler wakes runs in that handler,
/// outside of the section.
#[derive(Clone, Copy, Debug)]
pub struct Critical;

impl Park for Critical {
    type Thread = ();

    fn current() {}

    fn share((): &()) {}

    fn park((): &()) {
        // Not `Spin::park`: a handler may wait for one that interrupts it.
        hint::wait_for_event();
    }

    fn unpark((): &()) {
        Spin::unpark(&());
    }

    fn drive<R>(
        (): &(),
        poll: impl FnMut(&Waker) -> Poll<R>,
        pause: impl FnMut(bool) -> bool,
    ) -> Option<R> {
        Spin::drive(&(), poll, pause)
    }

    fn relax(round: u32) -> bool {
        Spin::relax(round)
    }

    fn identity() -> Option<NonZeroUsize> {
        Spin::identity()
    }
}

// SAFETY: sections exclude each other, whoever runs them.
unsafe impl Exclude for Critical {
    fn exclusive<R>(_: &Bit, section: impl FnOnce() -> R) -> R {
        exclusive_section(section)
    }
}
