//! A value that is made on first use, by a closure that the value brings along.

use super::cell::OnceCell;
use crate::{
    facade::cell::UnsafeCell,
    wait::{self, Policy},
};
use core::{fmt, ops::Deref};

/// A value that is made on first use, by a thread or by a task.
///
/// ```
/// use counterpoint::sync::Lazy;
///
/// static WORDS: Lazy<Vec<&str>> = Lazy::new(|| "one for all".split(' ').collect());
/// assert_eq!(WORDS.len(), 3);
/// ```
///
/// # The closure
/// It is `FnMut`, and is kept as long as the value, so that it may run again: if it panics nothing is
/// poisoned, and the next who asks runs it once more. (Std's `LazyLock` takes an `FnOnce`, which is gone
/// after its first run: after a panic every use panics. Who wants that returns a `Result`, and keeps
/// it.) It runs no more when it has returned.
///
/// It runs on the thread, or in the task, that first asks. [`force`](Lazy::force) waits as a future while
/// somebody else makes the value; the closure itself is no future, and keeps its task as long as it
/// runs. For a future that makes the value use an [`OnceCell`].
///
/// Re-entrancy and cancellation are as [`Once`](super::Once) says.
///
/// What the closure holds comes to the thread that runs it:
/// ```compile_fail,E0277
/// use counterpoint::sync::Lazy;
/// fn sync<T: Sync>(_: &T) {}
/// let local = std::rc::Rc::new(1);
/// let lazy: Lazy<i32, _> = Lazy::new(move || *local);
/// sync(&lazy);
/// ```
pub struct Lazy<T, F = fn() -> T, P: Policy = wait::DefaultPolicy> {
    cell: OnceCell<T, P>,
    init: UnsafeCell<F>,
}

// SAFETY: the cell is shared, and the closure goes to one thread at a time: who initialises.
unsafe impl<T, F: Send, P: Policy> Sync for Lazy<T, F, P> where OnceCell<T, P>: Sync {}

impl<T, F: FnMut() -> T, P: Policy> Lazy<T, F, P> {
    /// A value that this closure makes when it is used.
    pub const fn new(init: F) -> Self {
        Lazy { cell: OnceCell::new(), init: UnsafeCell::root(init) }
    }

    /// The value; makes it if nobody has, and blocks the thread while somebody else does.
    ///
    /// # Panics
    /// When the closure asks for the value that it makes.
    #[inline]
    pub fn force_blocking(this: &Self) -> &T {
        // SAFETY: the cell calls it as its initialiser.
        this.cell.get_or_init_blocking(|| unsafe { this.make() })
    }

    /// A future of the value: makes it when it is its turn, and waits while somebody else does.
    ///
    /// # Panics
    /// When the closure asks for the value that it makes.
    pub async fn force(this: &Self) -> &T {
        // SAFETY: the cell calls it as its initialiser.
        this.cell.get_or_run(|| unsafe { this.make() }).await
    }

    /// # Safety
    /// The caller initialises the cell.
    unsafe fn make(&self) -> T {
        let init = self.init.with_mut(|init| init);
        // SAFETY: there is one initialiser at a time, and it sees what the one before did.
        unsafe { (*init)() }
    }
}

impl<T, F, P: Policy> Lazy<T, F, P> {
    /// The value, if it was made.
    #[inline]
    pub fn get(this: &Self) -> Option<&T> {
        this.cell.get()
    }

    /// The value, if it was made.
    pub fn get_mut(this: &mut Self) -> Option<&mut T> {
        this.cell.get_mut()
    }

    /// The value.
    ///
    /// # Errors
    /// The closure, if the value was not made.
    pub fn into_inner(this: Self) -> Result<T, F> {
        let Lazy { cell, init } = this;
        cell.into_inner().ok_or_else(|| init.into_inner())
    }
}

/// Makes the value if nobody has, and blocks the thread while somebody else does.
impl<T, F: FnMut() -> T, P: Policy> Deref for Lazy<T, F, P> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        Lazy::force_blocking(self)
    }
}

impl<T: Default, P: Policy> Default for Lazy<T, fn() -> T, P> {
    fn default() -> Self {
        Lazy::new(T::default)
    }
}

/// Makes nothing.
impl<T: fmt::Debug, F, P: Policy> fmt::Debug for Lazy<T, F, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_tuple("Lazy");
        match self.cell.get() {
            Some(value) => shown.field(value),
            None => shown.field(&format_args!("<uninit>")),
        };
        shown.finish()
    }
}
