//! The usual policy, which says when a thread is about to sleep: by then it waits in the queue.

use counterpoint::wait::{Bit, DefaultPolicy, Exclude, Park};
use std::{
    sync::atomic::{AtomicUsize, Ordering::SeqCst},
    task::Waker,
    thread,
};

static SLEEPS: [AtomicUsize; 16] = [const { AtomicUsize::new(0) }; 16];

/// One of them for each test, so that tests do not count each other's threads.
pub(crate) struct Parked<const N: usize>;

impl<const N: usize> Parked<N> {
    /// How often threads have gone to sleep.
    pub(crate) fn sleeps() -> usize {
        SLEEPS[N].load(SeqCst)
    }

    /// Waits until one has, since `before`.
    pub(crate) fn wait(before: usize) {
        while Self::sleeps() == before {
            thread::yield_now();
        }
    }
}

impl<const N: usize> Park for Parked<N> {
    type Thread = <DefaultPolicy as Park>::Thread;

    fn current() -> Self::Thread {
        DefaultPolicy::current()
    }

    fn share(thread: &Self::Thread) -> Self::Thread {
        DefaultPolicy::share(thread)
    }

    fn park(thread: &Self::Thread) {
        SLEEPS[N].fetch_add(1, SeqCst);
        DefaultPolicy::park(thread);
    }

    fn unpark(thread: &Self::Thread) {
        DefaultPolicy::unpark(thread);
    }

    fn relax(_: u32) -> bool {
        false
    }
}

// SAFETY: as the usual policy.
unsafe impl<const N: usize> Exclude for Parked<N> {
    fn exclusive<R>(bit: &Bit, section: impl FnOnce() -> R) -> R {
        DefaultPolicy::exclusive(bit, section)
    }
}
