//! A value that is written once.
//!
//! # Invariants
//! * `[I1]` The value is there if and only if the word says `DONE`, but while its writer is about to
//!   say so.
//! * `[I2]` It is written by who has the [`Running`], and changed through `&mut` alone.
//!
//! # Orderings
//! * `[P1]` Whatever of `raw` says that it is done has seen what the writer did; see there.

use super::raw::{RawOnce, Refused, Running};
use crate::{
    facade::cell::UnsafeCell,
    wait::{self, Clock, Policy},
};
use core::{
    convert::Infallible,
    error::Error,
    fmt,
    future::Future,
    mem::MaybeUninit,
    panic::{RefUnwindSafe, UnwindSafe},
    time::Duration,
};

/// A value that is written once, and then shared: by a thread or by a task.
///
/// | form | empty | somebody initialises | initialised |
/// |---|---|---|---|
/// | [`get`](OnceCell::get) | `None` | `None` | the value |
/// | [`get_or_init`](OnceCell::get_or_init) | runs its future | waits as a future | the value |
/// | [`get_or_init_blocking`](OnceCell::get_or_init_blocking) | runs its closure | blocks | the value |
/// | [`try_set`](OnceCell::try_set), [`try_insert`](OnceCell::try_insert) | writes | fails | fails |
/// | [`set`](OnceCell::set) | writes | waits as a future | fails |
/// | [`set_blocking`](OnceCell::set_blocking) | writes | blocks | fails |
/// | [`wait`](OnceCell::wait) | waits as a future | the same | the value |
/// | [`wait_blocking`](OnceCell::wait_blocking) | blocks | the same | the value |
/// | [`wait_timeout`](OnceCell::wait_timeout), [`wait_deadline`](OnceCell::wait_deadline) | blocks until then | the same | the value |
///
/// `get_or_init` and its blocking form have `try` forms, whose initialisers may fail. A reference costs
/// one load that is ordered (Acquire).
///
/// ```
/// use counterpoint::sync::OnceCell;
///
/// static CONFIG: OnceCell<String> = OnceCell::new();
/// let load = || "by whoever comes first".to_owned();
/// std::thread::scope(|scope| {
///     for _ in 0..4 {
///         scope.spawn(|| CONFIG.get_or_init_blocking(load).len());
///     }
/// });
/// assert_eq!(CONFIG.get().map(String::as_str), Some("by whoever comes first"));
/// ```
///
/// Failure, re-entrancy and cancellation are as [`Once`](super::Once) says: an initialiser that
/// panics, returns an error, or is dropped half-way leaves the cell empty, and the next caller runs its
/// own.
///
/// What is in the cell does not outlive it:
/// ```compile_fail,E0597
/// use counterpoint::sync::OnceCell;
/// let value: &i32 = { let cell: OnceCell<i32> = OnceCell::with_value(1); cell.get().unwrap() };
/// println!("{value}");
/// ```
/// and does not go while somebody looks at it:
/// ```compile_fail,E0502
/// use counterpoint::sync::OnceCell;
/// let mut cell: OnceCell<i32> = OnceCell::with_value(1);
/// let value = cell.get();
/// cell.take();
/// println!("{value:?}");
/// ```
/// Threads share the cell only if they may share the value, and may drop what another has made:
/// ```compile_fail,E0277
/// use counterpoint::sync::OnceCell;
/// fn sync<T: Sync>() {}
/// sync::<OnceCell<std::cell::Cell<i32>>>();
/// ```
/// ```compile_fail,E0277
/// use counterpoint::sync::OnceCell;
/// fn sync<T: Sync>() {}
/// sync::<OnceCell<std::sync::MutexGuard<'static, i32>>>();
/// ```
pub struct OnceCell<T, P: Policy = wait::DefaultPolicy> {
    raw: RawOnce<P>,
    value: UnsafeCell<MaybeUninit<T>>,
}

// SAFETY: it gives `&T` to every thread, and a T that one thread has put in to whoever owns the cell.
unsafe impl<T: Send + Sync, P: Policy> Sync for OnceCell<T, P> {}

/// As std's: a panic of an initialiser leaves the cell empty.
impl<T: RefUnwindSafe + UnwindSafe, P: Policy> RefUnwindSafe for OnceCell<T, P> {}
impl<T: UnwindSafe, P: Policy> UnwindSafe for OnceCell<T, P> {}

impl<T, P: Policy> OnceCell<T, P> {
    /// An empty cell.
    pub const fn new() -> Self {
        OnceCell { raw: RawOnce::new(), value: UnsafeCell::root(MaybeUninit::uninit()) }
    }

    /// A cell that is initialised.
    pub const fn with_value(value: T) -> Self {
        OnceCell { raw: RawOnce::done(), value: UnsafeCell::root(MaybeUninit::new(value)) }
    }

    /// The value, if it is there.
    #[inline]
    pub fn get(&self) -> Option<&T> {
        // SAFETY: it is there.
        self.raw.is_done().then(|| unsafe { self.get_unchecked() })
    }

    /// The value, if it is there: who has the cell for itself waits for nobody.
    pub fn get_mut(&mut self) -> Option<&mut T> {
        let is_done = self.raw.is_done_mut();
        // SAFETY: it is there. [I1]
        is_done.then(|| unsafe { self.value.get_mut().assume_init_mut() })
    }

    /// Takes the value out, and leaves an empty cell.
    pub fn take(&mut self) -> Option<T> {
        core::mem::take(self).into_inner()
    }

    /// The value, if it is there.
    pub fn into_inner(mut self) -> Option<T> {
        if !self.raw.is_done_mut() {
            return None;
        }
        // Without a value in the sense of `drop`. (Those who wait have been told, or are forgotten.)
        self.raw = RawOnce::new();
        // SAFETY: it is there [I1], and from now on it counts as gone.
        Some(unsafe { self.value.get_mut().assume_init_read() })
    }

    /// # Safety
    /// The cell is initialised, as the caller has done, or was told by `raw` [P1].
    #[inline]
    unsafe fn get_unchecked(&self) -> &T {
        // SAFETY: it is there, and stays while the cell is shared. [I1] [I2]
        self.value.with(|value| unsafe { (*value).assume_init_ref() })
    }

    /// Writes the value, and tells everybody.
    fn finish(&self, running: Running<'_, P>, value: T) -> &T {
        assert!(running.is_of(&self.raw), "the right to initialise another cell");
        // SAFETY: nobody else writes [I2], and nobody reads before it is done. [I1]
        self.value.with_mut(|place| unsafe { (*place).write(value) });
        running.complete();
        // SAFETY: it was written above.
        unsafe { self.get_unchecked() }
    }
}

/// Writing.
impl<T, P: Policy> OnceCell<T, P> {
    /// Writes the value, if the cell is empty and nobody initialises it now.
    ///
    /// # Errors
    /// The value, and why it was not written.
    pub fn try_set(&self, value: T) -> Result<(), SetError<T>> {
        self.try_insert(value).map(|_| ())
    }

    /// As [`try_set`](OnceCell::try_set); the value in its place.
    ///
    /// # Errors
    /// The value, and why it was not written.
    pub fn try_insert(&self, value: T) -> Result<&T, SetError<T>> {
        match self.raw.try_begin() {
            Ok(running) => Ok(self.finish(running, value)),
            Err(Refused::Running) => Err(SetError::Initialising(value)),
            Err(Refused::Done) => Err(SetError::Initialised(value)),
        }
    }

    /// Writes the value, if the cell is empty; waits as a future while somebody initialises it.
    ///
    /// # Errors
    /// The value, if the cell was initialised.
    ///
    /// # Panics
    /// When the initialiser itself waits for it.
    pub async fn set(&self, value: T) -> Result<(), T> {
        self.written(self.raw.begin().await, value)
    }

    /// Writes the value, if the cell is empty; blocks the thread while somebody initialises it.
    ///
    /// # Errors
    /// The value, if the cell was initialised.
    ///
    /// # Panics
    /// When the initialiser itself waits for it.
    pub fn set_blocking(&self, value: T) -> Result<(), T> {
        self.written(self.raw.begin_blocking(), value)
    }

    fn written(&self, running: Option<Running<'_, P>>, value: T) -> Result<(), T> {
        match running {
            Some(running) => {
                self.finish(running, value);
                Ok(())
            }
            None => Err(value),
        }
    }
}

/// Initialising.
impl<T, P: Policy> OnceCell<T, P> {
    /// The value; if it is not there, what this future makes.
    ///
    /// # Panics
    /// When the initialiser itself waits for it.
    pub async fn get_or_init<F: Future<Output = T>>(&self, init: impl FnOnce() -> F) -> &T {
        if let Some(value) = self.get() {
            return value;
        }
        match self.raw.begin().await {
            Some(running) => {
                let value = running.run(init).await;
                self.finish(running, value)
            }
            // SAFETY: it is there, as it says.
            None => unsafe { self.get_unchecked() },
        }
    }

    /// The value; if it is not there, what this future makes, unless it fails.
    ///
    /// # Errors
    /// What the future failed with. The cell is as if it had not run, and the next caller runs its own.
    ///
    /// # Panics
    /// When the initialiser itself waits for it.
    pub async fn get_or_try_init<E, F: Future<Output = Result<T, E>>>(
        &self,
        init: impl FnOnce() -> F,
    ) -> Result<&T, E> {
        if let Some(value) = self.get() {
            return Ok(value);
        }
        match self.raw.begin().await {
            Some(running) => {
                let value = running.run(init).await?;
                Ok(self.finish(running, value))
            }
            // SAFETY: it is there, as it says.
            None => Ok(unsafe { self.get_unchecked() }),
        }
    }

    /// The value; if it is not there, what this closure makes. Blocks the thread while somebody else
    /// initialises.
    ///
    /// # Panics
    /// When the initialiser itself waits for it.
    #[inline]
    pub fn get_or_init_blocking(&self, init: impl FnOnce() -> T) -> &T {
        let Ok(value) = self.get_or_try_init_blocking(|| Ok::<_, Infallible>(init()));
        value
    }

    /// The value; if it is not there, what this closure makes, unless it fails. Blocks the thread while
    /// somebody else initialises.
    ///
    /// # Errors
    /// What the closure failed with. The cell is as if it had not run, and the next caller runs its own.
    ///
    /// # Panics
    /// When the initialiser itself waits for it.
    #[inline]
    pub fn get_or_try_init_blocking<E>(
        &self,
        init: impl FnOnce() -> Result<T, E>,
    ) -> Result<&T, E> {
        match self.get() {
            Some(value) => Ok(value),
            None => self.try_init_slow(init),
        }
    }

    #[cold]
    fn try_init_slow<E>(&self, init: impl FnOnce() -> Result<T, E>) -> Result<&T, E> {
        match self.raw.begin_blocking() {
            Some(running) => {
                let value = init()?;
                Ok(self.finish(running, value))
            }
            // SAFETY: it is there, as it says.
            None => Ok(unsafe { self.get_unchecked() }),
        }
    }

    /// As `get_or_init`, of a closure that a task runs when it is its turn.
    pub(super) async fn get_or_run(&self, init: impl FnOnce() -> T) -> &T {
        if let Some(value) = self.get() {
            return value;
        }
        match self.raw.begin().await {
            Some(running) => {
                let value = running.marked(init);
                self.finish(running, value)
            }
            // SAFETY: it is there, as it says.
            None => unsafe { self.get_unchecked() },
        }
    }
}

/// Waiting until somebody else has initialised it.
impl<T, P: Policy> OnceCell<T, P> {
    /// The value, when it is there.
    ///
    /// # Panics
    /// When the initialiser itself waits for it.
    pub async fn wait(&self) -> &T {
        if let Some(value) = self.get() {
            return value;
        }
        self.raw.watch().await;
        // SAFETY: it is there.
        unsafe { self.get_unchecked() }
    }

    /// The value, when it is there; blocks the thread until then.
    ///
    /// # Panics
    /// When the initialiser itself waits for it.
    pub fn wait_blocking(&self) -> &T {
        self.raw.watch_blocking();
        // SAFETY: it is there.
        unsafe { self.get_unchecked() }
    }
}

/// Waiting, for some time.
impl<T, P: Policy + Clock> OnceCell<T, P> {
    /// The value, when it is there; blocks the thread until then, or for so long.
    ///
    /// # Panics
    /// When the initialiser itself waits for it.
    pub fn wait_timeout(&self, timeout: Duration) -> Option<&T> {
        match P::after(P::now(), timeout) {
            Some(deadline) => self.wait_deadline(deadline),
            None => Some(self.wait_blocking()),
        }
    }

    /// The value, when it is there; blocks the thread until then, or until the deadline.
    ///
    /// # Panics
    /// When the initialiser itself waits for it.
    pub fn wait_deadline(&self, deadline: P::Instant) -> Option<&T> {
        // SAFETY: it is there.
        self.raw.watch_until(deadline).then(|| unsafe { self.get_unchecked() })
    }
}

impl<T, P: Policy> Drop for OnceCell<T, P> {
    fn drop(&mut self) {
        if let Some(value) = self.get_mut() {
            // SAFETY: it is there, and nobody uses it after this.
            unsafe { core::ptr::drop_in_place(value) };
        }
    }
}

impl<T, P: Policy> Default for OnceCell<T, P> {
    fn default() -> Self {
        OnceCell::new()
    }
}

impl<T, P: Policy> From<T> for OnceCell<T, P> {
    fn from(value: T) -> Self {
        OnceCell::with_value(value)
    }
}

/// A cell with a clone of the value, if it is there.
impl<T: Clone, P: Policy> Clone for OnceCell<T, P> {
    fn clone(&self) -> Self {
        self.get().cloned().map_or_else(OnceCell::new, OnceCell::with_value)
    }
}

/// Two are equal if both are empty, or have equal values.
impl<T: PartialEq, P: Policy> PartialEq for OnceCell<T, P> {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl<T: Eq, P: Policy> Eq for OnceCell<T, P> {}

impl<T: fmt::Debug, P: Policy> fmt::Debug for OnceCell<T, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_tuple("OnceCell");
        match self.get() {
            Some(value) => shown.field(value),
            None => shown.field(&format_args!("<uninit>")),
        };
        shown.finish()
    }
}

/// A value that was not written, and why.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum SetError<T> {
    /// The cell is initialised.
    Initialised(T),
    /// Somebody initialises it now, and may fail.
    Initialising(T),
}

impl<T> SetError<T> {
    /// The value.
    pub fn into_inner(self) -> T {
        match self {
            SetError::Initialised(value) | SetError::Initialising(value) => value,
        }
    }

    fn text(&self) -> &'static str {
        match self {
            SetError::Initialised(_) => "not written: the cell is initialised",
            SetError::Initialising(_) => "not written: somebody initialises the cell now",
        }
    }
}

impl<T> fmt::Debug for SetError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SetError::Initialised(_) => "Initialised(..)",
            SetError::Initialising(_) => "Initialising(..)",
        })
    }
}

impl<T> fmt::Display for SetError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl<T> Error for SetError<T> {}
