//! What is done once, and values that are made once, on first use: by a thread or by a task.
//!
//! `raw.rs` is the protocol; here is what is done without a value, in `cell.rs` a value, and in
//! `lazy.rs` a value that knows how it is made.

mod cell;
mod lazy;
mod raw;

use crate::wait::{self, Clock, Policy};
use core::{fmt, future::Future, time::Duration};
use raw::RawOnce;

pub use cell::{OnceCell, SetError};
pub use lazy::Lazy;

/// Something that is done once, by the first thread or task that asks for it.
///
/// | form | who calls first | who comes meanwhile |
/// |---|---|---|
/// | [`call_once`](Once::call_once) | runs a future | waits as a future |
/// | [`call_once_blocking`](Once::call_once_blocking) | runs a closure | blocks |
/// | [`wait`](Once::wait) | waits as a future | the same |
/// | [`wait_blocking`](Once::wait_blocking) | blocks | the same |
/// | [`wait_timeout`](Once::wait_timeout), [`wait_deadline`](Once::wait_deadline) | blocks until then | the same |
///
/// ```
/// use counterpoint::sync::Once;
///
/// static GREETING: Once = Once::new();
/// std::thread::scope(|scope| {
///     for _ in 0..4 {
///         scope.spawn(|| GREETING.call_once_blocking(|| println!("hello, once")));
///     }
/// });
/// assert!(GREETING.is_completed());
/// ```
///
/// # Failure
/// An initialiser that panics, or whose future is dropped before it is ready, poisons nothing: the
/// next caller runs its own. One that was told so as a task, and is not polled, keeps no blocked
/// thread from it, nor anybody who comes later or is polled; other tasks, which nobody polls, wait
/// until it is polled or dropped or somebody else has initialised.
///
/// # Re-entrancy
/// An initialiser that asks for what it initialises would wait for itself: it panics. (The thread that
/// runs the closure, or that polls the future, counts as the initialiser meanwhile, whatever else it runs
/// inside of that, for instance an executor.) A thread is known by its policy's
/// [identity](crate::wait::Park::identity); without std there is none, and it waits for ever. Two
/// that wait for each other's initialisers are not told.
///
/// # Cancellation
/// Every future may be dropped at any time: who waits loses its place, and hands on what it was told.
pub struct Once<P: Policy = wait::DefaultPolicy> {
    raw: RawOnce<P>,
}

impl<P: Policy> Once<P> {
    /// Something that is not done yet.
    pub const fn new() -> Self {
        Once { raw: RawOnce::new() }
    }

    /// Whether it is done.
    #[inline]
    pub fn is_completed(&self) -> bool {
        self.raw.is_done()
    }

    /// Does it by this future, unless somebody else does; ready when it is done.
    ///
    /// # Panics
    /// When the initialiser itself waits for it.
    pub async fn call_once<F: Future<Output = ()>>(&self, init: impl FnOnce() -> F) {
        if self.is_completed() {
            return;
        }
        if let Some(running) = self.raw.begin().await {
            running.run(init).await;
            running.complete();
        }
    }

    /// Does it by this closure, unless somebody else does; blocks the thread until it is done.
    ///
    /// # Panics
    /// When the initialiser itself waits for it.
    #[inline]
    pub fn call_once_blocking(&self, init: impl FnOnce()) {
        if !self.is_completed() {
            self.call_once_slow(init);
        }
    }

    #[cold]
    fn call_once_slow(&self, init: impl FnOnce()) {
        if let Some(running) = self.raw.begin_blocking() {
            init();
            running.complete();
        }
    }

    /// Ready when somebody has done it.
    ///
    /// # Panics
    /// When the initialiser itself waits for it.
    pub async fn wait(&self) {
        if !self.is_completed() {
            self.raw.watch().await;
        }
    }

    /// Blocks the thread until somebody has done it.
    ///
    /// # Panics
    /// When the initialiser itself waits for it.
    pub fn wait_blocking(&self) {
        self.raw.watch_blocking();
    }
}

/// Waiting, for some time.
impl<P: Policy + Clock> Once<P> {
    /// Blocks the thread until somebody has done it, or for so long: `false`.
    ///
    /// # Panics
    /// When the initialiser itself waits for it.
    pub fn wait_timeout(&self, timeout: Duration) -> bool {
        match P::after(P::now(), timeout) {
            Some(deadline) => self.wait_deadline(deadline),
            None => {
                self.wait_blocking();
                true
            }
        }
    }

    /// Blocks the thread until somebody has done it, or until then: `false`.
    ///
    /// # Panics
    /// When the initialiser itself waits for it.
    pub fn wait_deadline(&self, deadline: P::Instant) -> bool {
        self.raw.watch_until(deadline)
    }
}

impl<P: Policy> Default for Once<P> {
    fn default() -> Self {
        Once::new()
    }
}

impl<P: Policy> fmt::Debug for Once<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Once").field("is_completed", &self.is_completed()).finish()
    }
}
