//! Processors without a system: who waits spins.

use super::{Bit, Exclude, Park};
#[cfg(feature = "std")]
use crate::facade::thread;
use crate::facade::{
    atomic::{AtomicUsize, Ordering},
    hint, interrupt,
};
#[cfg(feature = "std")]
use core::num::NonZeroUsize;
use core::{
    ptr,
    task::{Poll, RawWaker, RawWakerVTable, Waker},
};

/// Processors without a system, and without interrupts that use the same objects: who waits spins,
/// on Arm it sleeps until an event; queues are guarded by a bit.
///
/// Without std nothing says on which of several processors the caller runs, so that it has no
/// [identity](Park::identity). (A policy of one's own that knows may have one.)
///
/// Not for interrupt handlers: one that comes while the bit is held waits for ever. `Critical` is
/// for them. On a Cortex-M, which tells, a handler panics that blocks or reaches a queue; elsewhere
/// nothing notices until it hangs.
#[derive(Clone, Copy, Debug)]
pub struct Spin;

/// How many wake-ups there were of whoever blocks on a future: an event alone may be taken by who waits for
/// another one meanwhile.
static WAKE_UPS: AtomicUsize = AtomicUsize::root();

/// A waker that counts, and sends an event. It has no data.
const WAKER: RawWaker = RawWaker::new(ptr::null(), &VTABLE);
static VTABLE: RawWakerVTable = RawWakerVTable::new(|_| WAKER, wake, wake, |_| ());

fn wake(_: *const ()) {
    // Release: what came before the wake-up is seen by who polls.
    WAKE_UPS.fetch_add(1, Ordering::Release);
    hint::send_event();
}

impl Park for Spin {
    type Thread = ();

    fn current() {}

    fn share((): &()) {}

    fn park((): &()) {
        check();
        hint::wait_for_event();
    }

    fn unpark((): &()) {
        hint::send_event();
    }

    fn drive<R>(
        (): &(),
        mut poll: impl FnMut(&Waker) -> Poll<R>,
        mut pause: impl FnMut(bool) -> bool,
    ) -> Option<R> {
        // SAFETY: the functions may be called on any thread, and do nothing to the data.
        let waker = unsafe { Waker::from_raw(WAKER) };
        loop {
            // Acquire: what came before the wake-up.
            let before = WAKE_UPS.load(Ordering::Acquire);
            if let Poll::Ready(output) = poll(&waker) {
                return Some(output);
            }
            // Relaxed: it is looked at again above.
            while WAKE_UPS.load(Ordering::Relaxed) == before {
                if !pause(true) {
                    return None;
                }
            }
        }
    }

    fn relax(_: u32) -> bool {
        false
    }

    #[cfg(feature = "std")]
    fn identity() -> Option<NonZeroUsize> {
        thread::identity()
    }
}

/// Panics in an interrupt handler, also if the bit happens to be free: another time it is not.
#[inline]
fn check() {
    if interrupt::in_handler() {
        refuse();
    }
}

/// Not Rust's ABI: from here no panic unwinds, as `Exclude` asks, whatever the panic handler is.
#[cold]
extern "C" fn refuse() -> ! {
    panic!("an interrupt handler used the wait policy `Spin`, which may hang there: use `Critical`")
}

// SAFETY: the bit is taken by a compare-exchange, and given back after the section. `check` comes
// before both, and does not unwind.
unsafe impl Exclude for Spin {
    fn exclusive<R>(bit: &Bit, section: impl FnOnce() -> R) -> R {
        check();
        while !bit.try_acquire() {
            hint::spin_loop();
        }
        let result = section();
        bit.release();
        result
    }
}
