//! Threads of the system.

use super::{Bit, Clock, Exclude, Park};
use crate::facade::{
    atomic::{AtomicUsize, Ordering},
    engine, hint, park, thread,
    time::Instant,
    tuning,
};
use alloc::{sync::Arc, task::Wake};
use core::{
    cell::Cell,
    num::NonZeroUsize,
    task::{Poll, Waker},
    time::Duration,
};

/// Threads of the system: who waits is parked, queues are guarded by a bit.
///
/// Not for interrupts and signal handlers: one that comes while its thread holds the bit waits for
/// ever.
#[derive(Clone, Copy, Debug)]
pub struct Threads;

/// A thread of the system; see [`Threads`].
#[derive(Debug)]
pub struct Thread(park::Thread);

/// What a waker rings: a thread that blocks on a future.
struct Alarm {
    thread: Thread,
    has_rung: AtomicUsize,
}

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // Release: what came before the wake-up is seen by who polls.
        self.has_rung.swap(1, Ordering::Release);
        Threads::unpark(&self.thread);
    }
}

thread::thread_local! {
    /// The thread's alarm, made once; not here while it is used.
    static ALARM: Cell<Option<Arc<Alarm>>> = const { Cell::new(None) };
}

/// An alarm that is put back.
struct Borrowed(Arc<Alarm>);

impl Borrowed {
    fn of(thread: &Thread) -> Self {
        // (A thread that is about to end has no thread-locals, and what a model makes ends with it.)
        let kept = if engine::active() { None } else { ALARM.try_with(Cell::take).ok().flatten() };
        Borrowed(kept.unwrap_or_else(|| {
            Arc::new(Alarm { thread: Threads::share(thread), has_rung: AtomicUsize::new(0) })
        }))
    }
}

impl Drop for Borrowed {
    fn drop(&mut self) {
        if !engine::active() {
            let _ = ALARM.try_with(|alarm| alarm.set(Some(self.0.clone())));
        }
    }
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

    fn drive<R>(
        thread: &Thread,
        mut poll: impl FnMut(&Waker) -> Poll<R>,
        mut pause: impl FnMut(bool) -> bool,
    ) -> Option<R> {
        let alarm = Borrowed::of(thread);
        let waker = Waker::from(alarm.0.clone());
        loop {
            if let Poll::Ready(output) = poll(&waker) {
                return Some(output);
            }
            // Acquire: what came before the wake-up.
            while alarm.0.has_rung.swap(0, Ordering::Acquire) == 0 {
                if !pause(true) {
                    return None;
                }
            }
        }
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
