//! Threads of the system.

use super::{Bit, Clock, Exclude, Park};
use crate::facade::{engine, hint, park, thread, time::Instant, tuning};
use alloc::{sync::Arc, task::Wake};
use core::{num::NonZeroUsize, task::Waker, time::Duration};

/// Threads of the system: who waits is parked, queues are guarded by a bit.
///
/// Not for interrupts and signal handlers: one that comes while its thread holds the bit waits for
/// ever.
#[derive(Clone, Copy, Debug)]
pub struct Threads;

/// A thread of the system; see [`Threads`].
#[derive(Debug)]
pub struct Thread(park::Thread);

impl Wake for Thread {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.unpark();
    }
}

thread::thread_local! {
    /// The thread's waker: made once.
    static WAKER: Waker = Waker::from(Arc::new(Threads::current()));
}

impl Park for Threads {
    type Thread = Thread;

    fn current() -> Thread {
        Thread(park::Thread::current())
    }

    fn share(thread: &Thread) -> Thread {
        Thread(thread.0.share())
    }

    fn park(thread: &Thread) {
        thread.0.park();
    }

    fn unpark(thread: &Thread) {
        thread.0.unpark();
    }

    fn waker(thread: &Thread) -> Waker {
        // A thread of a model has no thread-locals that end with it; nor has one that is about to end.
        let kept = if engine::active() { None } else { WAKER.try_with(Waker::clone).ok() };
        kept.unwrap_or_else(|| Waker::from(Arc::new(Threads::share(thread))))
    }

    fn relax(round: u32) -> bool {
        // An engine takes the other threads' steps at any time anyhow.
        let goes_on = !engine::active() && round < tuning::SPIN_PAUSES + tuning::SPIN_YIELDS;
        if goes_on && round < tuning::SPIN_PAUSES {
            hint::pause(8 << round);
        } else if goes_on {
            thread::yield_now();
        }
        goes_on
    }

    fn identity() -> Option<NonZeroUsize> {
        thread::identity()
    }
}

impl Clock for Threads {
    type Instant = Instant;

    fn now() -> Instant {
        Instant::now()
    }

    fn after(moment: Instant, time: Duration) -> Option<Instant> {
        moment.checked_add(time)
    }

    fn park_until(thread: &Thread, deadline: Instant) {
        thread.0.park_until(deadline);
    }
}

// SAFETY: the bit is taken by a compare-exchange, and given back after the section.
unsafe impl Exclude for Threads {
    fn exclusive<R>(bit: &Bit, section: impl FnOnce() -> R) -> R {
        let mut round = 0;
        while !bit.try_acquire() {
            // A holder needs a few instructions; if it takes longer, its thread does not run.
            if round < tuning::LOCK_SPINS {
                hint::spin_loop();
                round += 1;
            } else {
                thread::yield_now();
            }
        }
        let result = section();
        bit.release();
        result
    }
}
