//! The guards that one can wait with.

#[cfg(target_has_atomic = "ptr")]
use crate::sync::OwnedMutexGuard;
use crate::{
    sync::{Fairness, MutexGuard, generic::Mutex, key::Locked},
    wait::Policy,
};
#[cfg(target_has_atomic = "ptr")]
use alloc::sync::Arc;
use core::ops::{Deref, DerefMut};

/// A guard that a [`Condvar`](super::Condvar) waits with: [`MutexGuard`], `OwnedMutexGuard`, whose
/// mutex is kept alive while it waits, or that of a mutex in `sync::poison`.
///
/// A guard of a part is none: the part may be gone when the mutex is locked again.
/// ```compile_fail,E0277
/// use counterpoint::sync::{Condvar, Mutex, MutexGuard};
/// let (condvar, mutex): (Condvar, Mutex<Vec<u32>>) = Default::default();
/// let part = MutexGuard::map(mutex.lock_blocking(), |list| &mut list[..]);
/// condvar.wait_blocking(part);
/// ```
pub trait CondvarGuard: DerefMut + Sized + sealed::Sealed {
    /// The policy of the mutex, and of the condition.
    type Policy: Policy;

    /// What there is after a wait: the guard; of a lock that a panic [poisons](crate::sync), a result.
    type Output;

    #[doc(hidden)]
    type Fairness: Fairness;

    /// How the mutex is reached, which keeps it alive.
    #[doc(hidden)]
    type Mutex: Clone + Deref<Target = Mutex<Self::Target, Self::Policy, Self::Fairness>>;

    #[doc(hidden)]
    fn mutex_of(guard: &Self) -> Self::Mutex;

    /// # Safety
    /// The mutex is locked, and nobody else unlocks it.
    #[doc(hidden)]
    unsafe fn locked(mutex: Self::Mutex) -> Self;

    #[doc(hidden)]
    fn into_output(guard: Self) -> Self::Output;

    /// The guard, to wait again; or what ends waiting.
    #[doc(hidden)]
    fn from_output(output: Self::Output) -> Result<Self, Self::Output>;
}

impl<'a, T: ?Sized, P: Policy, F: Fairness> CondvarGuard for MutexGuard<'a, T, P, F> {
    type Policy = P;
    type Output = Self;
    type Fairness = F;
    type Mutex = &'a Mutex<T, P, F>;

    fn mutex_of(guard: &Self) -> Self::Mutex {
        MutexGuard::mutex(guard)
    }

    unsafe fn locked(mutex: Self::Mutex) -> Self {
        // SAFETY: as the caller promises.
        unsafe { MutexGuard::new(mutex, Locked::Among) }
    }

    fn into_output(guard: Self) -> Self {
        guard
    }

    fn from_output(guard: Self) -> Result<Self, Self> {
        Ok(guard)
    }
}

#[cfg(target_has_atomic = "ptr")]
impl<T: ?Sized, P: Policy, F: Fairness> CondvarGuard for OwnedMutexGuard<T, P, F> {
    type Policy = P;
    type Output = Self;
    type Fairness = F;
    type Mutex = Arc<Mutex<T, P, F>>;

    fn mutex_of(guard: &Self) -> Self::Mutex {
        OwnedMutexGuard::mutex(guard).clone()
    }

    unsafe fn locked(mutex: Self::Mutex) -> Self {
        // SAFETY: as the caller promises.
        unsafe { OwnedMutexGuard::new(mutex, Locked::Among) }
    }

    fn into_output(guard: Self) -> Self {
        guard
    }

    fn from_output(guard: Self) -> Result<Self, Self> {
        Ok(guard)
    }
}

pub(crate) mod sealed {
    use super::{Fairness, MutexGuard, Policy};

    /// Of this crate's guards alone: what waits relies on how they reach their mutex.
    pub trait Sealed {}

    impl<T: ?Sized, P: Policy, F: Fairness> Sealed for MutexGuard<'_, T, P, F> {}
    #[cfg(target_has_atomic = "ptr")]
    impl<T: ?Sized, P: Policy, F: Fairness> Sealed for super::OwnedMutexGuard<T, P, F> {}
}
