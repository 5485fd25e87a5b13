//! Locking by shared owners: guards and futures that keep the mutex alive.

use super::Mutex;
use crate::{
    sync::{
        Barging, Fairness,
        key::{Key, Locked, lends_mut},
    },
    wait::{self, Joins, Membership, Policy, Waiting},
};
use alloc::sync::Arc;
use core::{
    fmt,
    future::Future,
    marker::PhantomData,
    pin::Pin,
    task::{Context, Poll},
};

/// Locking, by shared owners.
impl<T: ?Sized, P: Policy, F: Fairness> Mutex<T, P, F> {
    /// As [`try_lock`](Mutex::try_lock).
    pub fn try_lock_owned(self: &Arc<Self>) -> Option<OwnedMutexGuard<T, P, F>> {
        // SAFETY: locked.
        self.raw.try_lock().map(|held| unsafe { OwnedMutexGuard::new(self.clone(), held) })
    }

    /// As [`lock_blocking`](Mutex::lock_blocking).
    pub fn lock_owned_blocking(self: &Arc<Self>) -> OwnedMutexGuard<T, P, F> {
        let held = self.raw.lock();
        // SAFETY: locked.
        unsafe { OwnedMutexGuard::new(self.clone(), held) }
    }

    /// As [`lock`](Mutex::lock), also for tasks that must be `'static`.
    pub fn lock_owned(self: &Arc<Self>) -> LockOwned<T, P, F> {
        LockOwned::new(self.clone())
    }
}

/// As [`MutexGuard`](super::MutexGuard), with an `Arc` of the mutex.
///
/// ```
/// use counterpoint::sync::{Mutex, OwnedMutexGuard};
/// use std::sync::Arc;
///
/// let names: Arc<Mutex<Vec<String>>> = Arc::new(Mutex::new(vec!["one".to_owned()]));
/// let first = OwnedMutexGuard::try_map(names.lock_owned_blocking(), |names| names.first_mut());
/// let mut first = first.expect("there is one");
/// std::thread::spawn(move || first.push('!')).join().unwrap();
/// assert_eq!(names.lock_blocking()[0], "one!");
/// ```
#[must_use = "a guard that is dropped at once unlocks at once"]
pub struct OwnedMutexGuard<T: ?Sized, P: Policy = wait::DefaultPolicy, F: Fairness = Barging> {
    key: Key<Arc<Mutex<T, P, F>>, Locked>,
    /// Shared as the value: not by who may only send it.
    _value: PhantomData<*mut T>,
}

// SAFETY: the value goes with it, and the mutex, which is Send and Sync if the value is Send.
unsafe impl<T: ?Sized + Send, P: Policy, F: Fairness> Send for OwnedMutexGuard<T, P, F> {}
// SAFETY: shared, it gives `&T`, and the mutex, which may be cloned and sent since `T: Send`.
unsafe impl<T: ?Sized + Send + Sync, P: Policy, F: Fairness> Sync for OwnedMutexGuard<T, P, F> {}

impl<T: ?Sized, P: Policy, F: Fairness> OwnedMutexGuard<T, P, F> {
    /// # Safety
    /// The mutex is locked, and nobody else unlocks it.
    pub(in crate::sync) unsafe fn new(mutex: Arc<Mutex<T, P, F>>, held: Locked) -> Self {
        // SAFETY: as the caller promises.
        OwnedMutexGuard { key: unsafe { Key::new(mutex, held) }, _value: PhantomData }
    }

    #[inline]
    fn place(&self) -> *mut T {
        self.key.lock().value.get()
    }

    /// As [`MutexGuard::map`](super::MutexGuard::map).
    pub fn map<U: ?Sized>(
        mut guard: Self,
        part: impl FnOnce(&mut T) -> &mut U,
    ) -> OwnedMappedMutexGuard<T, U, P, F> {
        let part: *mut U = part(&mut guard);
        OwnedMappedMutexGuard { key: guard.key, part }
    }

    /// As [`MutexGuard::try_map`](super::MutexGuard::try_map).
    ///
    /// # Errors
    /// The guard, if there is no such part.
    pub fn try_map<U: ?Sized>(
        mut guard: Self,
        part: impl FnOnce(&mut T) -> Option<&mut U>,
    ) -> Result<OwnedMappedMutexGuard<T, U, P, F>, Self> {
        match part(&mut guard).map(|part| part as *mut U) {
            Some(part) => Ok(OwnedMappedMutexGuard { key: guard.key, part }),
            None => Err(guard),
        }
    }

    /// As [`MutexGuard::unlock_fair`](super::MutexGuard::unlock_fair).
    pub fn unlock_fair(guard: Self) {
        guard.key.release_fair();
    }

    /// As [`MutexGuard::bump`](super::MutexGuard::bump).
    pub fn bump(guard: &mut Self) {
        guard.key.bump();
    }

    /// The mutex.
    pub fn mutex(guard: &Self) -> &Arc<Mutex<T, P, F>> {
        guard.key.lock()
    }
}

/// The right to a part of the value of a locked [`Mutex`], with an `Arc` of the mutex; made by
/// [`OwnedMutexGuard::map`].
///
/// It is sent only if the part may be:
/// ```compile_fail,E0277
/// use counterpoint::sync::OwnedMappedMutexGuard;
/// fn send<T: Send>() {}
/// send::<OwnedMappedMutexGuard<i32, std::rc::Rc<i32>>>();
/// ```
#[must_use = "a guard that is dropped at once unlocks at once"]
pub struct OwnedMappedMutexGuard<
    T: ?Sized,
    U: ?Sized,
    P: Policy = wait::DefaultPolicy,
    F: Fairness = Barging,
> {
    key: Key<Arc<Mutex<T, P, F>>, Locked>,
    /// In the value, or in what lives as long as T or U say. Invariant in U.
    part: *mut U,
}

// SAFETY: it is an exclusive reference to U; and an owner of the mutex, as above.
unsafe impl<T: ?Sized + Send, U: ?Sized + Send, P: Policy, F: Fairness> Send
    for OwnedMappedMutexGuard<T, U, P, F>
{
}
// SAFETY: shared, it gives `&U`.
unsafe impl<T: ?Sized + Send, U: ?Sized + Sync, P: Policy, F: Fairness> Sync
    for OwnedMappedMutexGuard<T, U, P, F>
{
}

impl<T: ?Sized, U: ?Sized, P: Policy, F: Fairness> OwnedMappedMutexGuard<T, U, P, F> {
    #[inline]
    fn place(&self) -> *mut U {
        self.part
    }

    /// A guard of a part of the part. (`U: 'static`: what the part borrows is forgotten by the type.)
    ///
    /// ```compile_fail,E0597
    /// use counterpoint::sync::{Mutex, OwnedMappedMutexGuard, OwnedMutexGuard};
    /// use std::sync::Arc;
    ///
    /// let mutex = Arc::new(Mutex::new(()));
    /// let part: OwnedMappedMutexGuard<(), String>;
    /// {
    ///     let mut name = String::from("gone");
    ///     let mut inner: &mut String = &mut name;
    ///     let borrowed = &mut inner;
    ///     let first = OwnedMutexGuard::map(mutex.lock_owned_blocking(), move |_| borrowed);
    ///     part = OwnedMappedMutexGuard::map(first, |name| &mut **name);
    /// }
    /// println!("{}", *part);
    /// ```
    pub fn map<V: ?Sized>(
        mut guard: Self,
        part: impl FnOnce(&mut U) -> &mut V,
    ) -> OwnedMappedMutexGuard<T, V, P, F>
    where
        U: 'static,
    {
        let part: *mut V = part(&mut guard);
        OwnedMappedMutexGuard { key: guard.key, part }
    }

    /// A guard of a part of the part, if it is there.
    ///
    /// # Errors
    /// The guard, if it is not.
    pub fn try_map<V: ?Sized>(
        mut guard: Self,
        part: impl FnOnce(&mut U) -> Option<&mut V>,
    ) -> Result<OwnedMappedMutexGuard<T, V, P, F>, Self>
    where
        U: 'static,
    {
        match part(&mut guard).map(|part| part as *mut V) {
            Some(part) => Ok(OwnedMappedMutexGuard { key: guard.key, part }),
            None => Err(guard),
        }
    }

    /// As [`MutexGuard::unlock_fair`](super::MutexGuard::unlock_fair).
    pub fn unlock_fair(guard: Self) {
        guard.key.release_fair();
    }
}

lends_mut! {
    [T: ?Sized, P: Policy, F: Fairness] OwnedMutexGuard<T, P, F> => T;
    [T: ?Sized, U: ?Sized, P: Policy, F: Fairness] OwnedMappedMutexGuard<T, U, P, F> => U;
}

/// A future that locks a mutex and keeps it alive; see [`Mutex::lock_owned`].
#[must_use = "futures do nothing unless they are awaited"]
pub struct LockOwned<T: ?Sized, P: Policy = wait::DefaultPolicy, F: Fairness = Barging> {
    mutex: Arc<Mutex<T, P, F>>,
    waiting: Waiting<P>,
}

impl<T: ?Sized, P: Policy, F: Fairness> LockOwned<T, P, F> {
    pub(super) fn new(mutex: Arc<Mutex<T, P, F>>) -> Self {
        LockOwned { mutex, waiting: Waiting::new(0) }
    }
}

impl<T: ?Sized, P: Policy, F: Fairness> Future for LockOwned<T, P, F> {
    type Output = OwnedMutexGuard<T, P, F>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        // SAFETY: `waiting` is pinned with the future; the `Arc` is not moved.
        let this = unsafe { self.get_unchecked_mut() };
        // SAFETY: as above.
        let mut waiting = unsafe { Pin::new_unchecked(&mut this.waiting) };
        let mutex = &this.mutex;
        if let Some(held) = waiting.as_mut().take_at_once(|| mutex.raw.try_lock_at_once()) {
            // SAFETY: locked.
            return Poll::Ready(unsafe { OwnedMutexGuard::new(mutex.clone(), held) });
        }
        // SAFETY: locked.
        let guard = |_| unsafe { OwnedMutexGuard::new(mutex.clone(), Locked::Among) };
        waiting.poll(&mutex.raw, context).map(guard)
    }
}

impl<T: ?Sized, P: Policy, F: Fairness> Joins for LockOwned<T, P, F> {
    fn join(self: Pin<&mut Self>, Membership(member): Membership) {
        // SAFETY: `waiting` is pinned with the future, and leaves before it goes; a member's group outlives
        // that.
        unsafe { self.map_unchecked_mut(|this| &mut this.waiting).join(member) };
    }
}

impl<T: ?Sized, P: Policy, F: Fairness> Drop for LockOwned<T, P, F> {
    fn drop(&mut self) {
        self.waiting.leave(&self.mutex.raw);
    }
}

impl<T: ?Sized, P: Policy, F: Fairness> fmt::Debug for LockOwned<T, P, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LockOwned").finish_non_exhaustive()
    }
}
