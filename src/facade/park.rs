//! Threads that block: std's, or an engine's.
//!
//! In a model a thread's token is a word that an engine sees: `unpark` sets it, `park` waits until
//! it is set and takes it. So a wake-up that is lost leaves a thread waiting for ever, which every
//! engine reports.
//!
//! # Ordering
//! * `[P1]` What came before an `unpark` is seen by the `park` that takes its token.

use super::{
    atomic::{AtomicUsize, Ordering},
    engine, hint,
};
use core::fmt;
use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

/// A thread that may block.
pub(crate) enum Thread {
    /// Of std.
    Native(thread::Thread),
    /// Of a model, with its token.
    Driven(Arc<AtomicUsize>),
}

impl Thread {
    /// The caller. Of a model's thread each call makes a token of its own.
    pub(crate) fn current() -> Self {
        if engine::active() {
            return Thread::Driven(Arc::new(AtomicUsize::new(0)));
        }
        Thread::Native(thread::current())
    }

    /// The same thread, for another to wake.
    pub(crate) fn share(&self) -> Self {
        match self {
            Thread::Native(thread) => Thread::Native(thread.clone()),
            Thread::Driven(token) => Thread::Driven(token.clone()),
        }
    }

    /// Blocks the caller, who must be this thread, until it is unparked; or for no reason at all.
    pub(crate) fn park(&self) {
        match self {
            Thread::Native(_) => thread::park(),
            Thread::Driven(token) => {
                // Relaxed: the swap is who acquires. (One that changes nothing would look to an engine
                // as if there were something new to wait for.)
                while token.load(Ordering::Relaxed) == 0 {
                    hint::spin_loop();
                }
                // [P1] Acquire: what the unparker did.
                token.swap(0, Ordering::Acquire);
            }
        }
    }

    /// As `park`, but no longer than until then. In a model no time passes: it returns at once.
    pub(crate) fn park_until(&self, deadline: Instant) {
        match self {
            Thread::Native(_) => {
                let left = deadline.saturating_duration_since(Instant::now());
                if left > Duration::ZERO {
                    thread::park_timeout(left);
                }
            }
            Thread::Driven(_) => {}
        }
    }

    /// Lets it go on, now or when it parks next.
    pub(crate) fn unpark(&self) {
        match self {
            Thread::Native(thread) => thread.unpark(),
            Thread::Driven(token) => {
                // [P1] Release: for who takes the token.
                token.swap(1, Ordering::Release);
            }
        }
    }
}

impl fmt::Debug for Thread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Thread")
    }
}
