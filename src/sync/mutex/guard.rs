//! Guards: the right to the value, and the duty to unlock.

use super::{Mutex, raw::RawMutex};
use crate::{
    sync::{
        Barging, Fairness,
        key::{Key, Locked, lends_mut},
    },
    wait::{self, Policy},
};
use core::marker::PhantomData;

/// The right to the value of a locked [`Mutex`], which its drop unlocks.
///
/// It may be sent to another thread, and unlocked there. One that is forgotten leaves the mutex
/// locked for ever.
///
/// A guard does not outlive its mutex:
/// ```compile_fail,E0597
/// use counterpoint::sync::{Mutex, MutexGuard};
/// let guard: MutexGuard<'_, i32> = { let mutex = Mutex::new(1); mutex.lock_blocking() };
/// ```
/// and is not shared between threads if the value may not be:
/// ```compile_fail,E0277
/// use counterpoint::sync::MutexGuard;
/// fn sync<T: Sync>() {}
/// sync::<MutexGuard<'_, std::cell::Cell<i32>>>();
/// ```
#[must_use = "a guard that is dropped at once unlocks at once"]
pub struct MutexGuard<'a, T: ?Sized, P: Policy = wait::DefaultPolicy, F: Fairness = Barging> {
    key: Key<&'a Mutex<T, P, F>, Locked>,
    /// Sent as the value, shared as the value.
    _value: PhantomData<&'a mut T>,
}

impl<'a, T: ?Sized, P: Policy, F: Fairness> MutexGuard<'a, T, P, F> {
    /// # Safety
    /// The mutex is locked, and nobody else unlocks it.
    #[inline]
    pub(in crate::sync) unsafe fn new(mutex: &'a Mutex<T, P, F>, held: Locked) -> Self {
        // SAFETY: as the caller promises.
        MutexGuard { key: unsafe { Key::new(mutex, held) }, _value: PhantomData }
    }

    #[inline]
    fn place(&self) -> *mut T {
        self.key.lock().value.get()
    }

    fn part<U: ?Sized>(self, part: *mut U) -> MappedMutexGuard<'a, U, P, F> {
        // SAFETY: it is the lock of the same.
        let key = unsafe { self.key.map_lock(|mutex| &mutex.raw) };
        MappedMutexGuard { key, part, _value: PhantomData }
    }

    /// A guard of a part of the value.
    pub fn map<U: ?Sized>(
        mut guard: Self,
        part: impl FnOnce(&mut T) -> &mut U,
    ) -> MappedMutexGuard<'a, U, P, F> {
        let part: *mut U = part(&mut guard);
        guard.part(part)
    }

    /// A guard of a part of the value, if it is there.
    ///
    /// # Errors
    /// The guard, if it is not.
    pub fn try_map<U: ?Sized>(
        mut guard: Self,
        part: impl FnOnce(&mut T) -> Option<&mut U>,
    ) -> Result<MappedMutexGuard<'a, U, P, F>, Self> {
        match part(&mut guard).map(|part| part as *mut U) {
            Some(part) => Ok(guard.part(part)),
            None => Err(guard),
        }
    }

    /// Unlocks, and gives the mutex to the first that waits, if that is a blocked thread: whoever comes
    /// meanwhile is later.
    ///
    /// If the first is a task it is an ordinary release, after which who waits competes with whoever
    /// comes: a task has the mutex only when it is polled, which perhaps nobody does. So it is as long as
    /// a thread that an ordinary release has woken is on its way. A [`FairMutex`](super::FairMutex) is given
    /// on in any case.
    ///
    /// ```
    /// use counterpoint::sync::{Mutex, MutexGuard};
    ///
    /// let work: Mutex<u32> = Mutex::new(0);
    /// std::thread::scope(|scope| {
    ///     for _ in 0..2 {
    ///         scope.spawn(|| {
    ///             for _ in 0..100 {
    ///                 let mut done = work.lock_blocking();
    ///                 *done += 1;
    ///                 // The other one is next, if it waits.
    ///                 MutexGuard::unlock_fair(done);
    ///             }
    ///         });
    ///     }
    /// });
    /// assert_eq!(work.into_inner(), 200);
    /// ```
    pub fn unlock_fair(guard: Self) {
        guard.key.release_fair();
    }

    /// If somebody waits, and no thread that was woken is on its way: unlocks as
    /// [`unlock_fair`](MutexGuard::unlock_fair) does, and blocks the thread until it has locked the mutex
    /// again. The value may have changed then.
    ///
    /// Others who wait may be later than the caller, who goes to the end of the queue if it waits. (The
    /// program aborts if a policy of one's own panics while it blocks.)
    pub fn bump(guard: &mut Self) {
        guard.key.bump();
    }

    /// The mutex.
    pub fn mutex(guard: &Self) -> &'a Mutex<T, P, F> {
        guard.key.lock()
    }
}

/// The right to a part of the value of a locked [`Mutex`]; made by [`MutexGuard::map`].
///
/// It does not outlive the mutex:
/// ```compile_fail,E0597
/// use counterpoint::sync::{MappedMutexGuard, Mutex, MutexGuard};
/// let part: MappedMutexGuard<'_, i32> = {
///     let mutex: Mutex<(i32, i32)> = Mutex::new((1, 2));
///     MutexGuard::map(mutex.lock_blocking(), |pair| &mut pair.0)
/// };
/// ```
/// nor does the part outlive the guard:
/// ```compile_fail
/// use counterpoint::sync::{Mutex, MutexGuard};
/// let mutex: Mutex<(i32, i32)> = Mutex::new((1, 2));
/// let mut kept = None;
/// let part = MutexGuard::map(mutex.lock_blocking(), |pair| { kept = Some(&mut pair.1); &mut pair.0 });
/// ```
/// It is sent only if the part may be:
/// ```compile_fail,E0277
/// use counterpoint::sync::MappedMutexGuard;
/// fn send<T: Send>() {}
/// send::<MappedMutexGuard<'_, std::rc::Rc<i32>>>();
/// ```
/// and is invariant in it: what is written to it lives as long as what was there.
/// ```compile_fail
/// use counterpoint::sync::MappedMutexGuard;
/// fn shorter<'s>(guard: MappedMutexGuard<'s, &'static str>) -> MappedMutexGuard<'s, &'s str> { guard }
/// ```
#[must_use = "a guard that is dropped at once unlocks at once"]
pub struct MappedMutexGuard<'a, U: ?Sized, P: Policy = wait::DefaultPolicy, F: Fairness = Barging> {
    key: Key<&'a RawMutex<P, F>, Locked>,
    part: *mut U,
    /// Invariant in U.
    _value: PhantomData<&'a mut U>,
}

// SAFETY: it is an exclusive reference to U, and a lock that any thread may unlock.
unsafe impl<U: ?Sized + Send, P: Policy, F: Fairness> Send for MappedMutexGuard<'_, U, P, F> {}
// SAFETY: shared, it gives `&U`.
unsafe impl<U: ?Sized + Sync, P: Policy, F: Fairness> Sync for MappedMutexGuard<'_, U, P, F> {}

impl<'a, U: ?Sized, P: Policy, F: Fairness> MappedMutexGuard<'a, U, P, F> {
    #[inline]
    fn place(&self) -> *mut U {
        self.part
    }

    /// A guard of a part of the part.
    pub fn map<V: ?Sized>(
        mut guard: Self,
        part: impl FnOnce(&mut U) -> &mut V,
    ) -> MappedMutexGuard<'a, V, P, F> {
        let part: *mut V = part(&mut guard);
        MappedMutexGuard { key: guard.key, part, _value: PhantomData }
    }

    /// A guard of a part of the part, if it is there.
    ///
    /// # Errors
    /// The guard, if it is not.
    pub fn try_map<V: ?Sized>(
        mut guard: Self,
        part: impl FnOnce(&mut U) -> Option<&mut V>,
    ) -> Result<MappedMutexGuard<'a, V, P, F>, Self> {
        match part(&mut guard).map(|part| part as *mut V) {
            Some(part) => Ok(MappedMutexGuard { key: guard.key, part, _value: PhantomData }),
            None => Err(guard),
        }
    }

    /// As [`MutexGuard::unlock_fair`].
    pub fn unlock_fair(guard: Self) {
        guard.key.release_fair();
    }
}

lends_mut! {
    ['a, T: ?Sized, P: Policy, F: Fairness] MutexGuard<'a, T, P, F> => T;
    ['a, U: ?Sized, P: Policy, F: Fairness] MappedMutexGuard<'a, U, P, F> => U;
}
