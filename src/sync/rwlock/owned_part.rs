//! Guards of a part of the value that keep the lock alive.

use super::{OwnedRwLockReadGuard, OwnedRwLockWriteGuard, PhaseFair, Preference, RwLock};
use crate::{
    sync::key::{Key, Reader, Writer, lends, lends_mut},
    wait::{self, Policy},
};
use alloc::sync::Arc;
use core::marker::PhantomData;

impl<T: ?Sized, P: Policy, R: Preference> OwnedRwLockReadGuard<T, P, R> {
    /// As [`RwLockReadGuard::map`](super::RwLockReadGuard::map).
    pub fn map<U: ?Sized>(
        guard: Self,
        part: impl FnOnce(&T) -> &U,
    ) -> OwnedMappedRwLockReadGuard<T, U, P, R> {
        let part: *const U = part(&guard);
        OwnedMappedRwLockReadGuard { key: guard.into_key(), part, _value: PhantomData }
    }

    /// As [`RwLockReadGuard::try_map`](super::RwLockReadGuard::try_map).
    ///
    /// # Errors
    /// The guard, if there is no such part.
    pub fn try_map<U: ?Sized>(
        guard: Self,
        part: impl FnOnce(&T) -> Option<&U>,
    ) -> Result<OwnedMappedRwLockReadGuard<T, U, P, R>, Self> {
        match part(&guard).map(|part| part as *const U) {
            Some(part) => {
                let key = guard.into_key();
                Ok(OwnedMappedRwLockReadGuard { key, part, _value: PhantomData })
            }
            None => Err(guard),
        }
    }
}

impl<T: ?Sized, P: Policy, R: Preference> OwnedRwLockWriteGuard<T, P, R> {
    /// As [`RwLockWriteGuard::map`](super::RwLockWriteGuard::map).
    pub fn map<U: ?Sized>(
        mut guard: Self,
        part: impl FnOnce(&mut T) -> &mut U,
    ) -> OwnedMappedRwLockWriteGuard<T, U, P, R> {
        let part: *mut U = part(&mut guard);
        OwnedMappedRwLockWriteGuard { key: guard.into_key(), part }
    }

    /// As [`RwLockWriteGuard::try_map`](super::RwLockWriteGuard::try_map).
    ///
    /// # Errors
    /// The guard, if there is no such part.
    pub fn try_map<U: ?Sized>(
        mut guard: Self,
        part: impl FnOnce(&mut T) -> Option<&mut U>,
    ) -> Result<OwnedMappedRwLockWriteGuard<T, U, P, R>, Self> {
        match part(&mut guard).map(|part| part as *mut U) {
            Some(part) => Ok(OwnedMappedRwLockWriteGuard { key: guard.into_key(), part }),
            None => Err(guard),
        }
    }
}

/// The right to read a part of the value of an [`RwLock`], with an `Arc` of the lock; made by
/// [`OwnedRwLockReadGuard::map`].
///
/// ```
/// use counterpoint::sync::{OwnedRwLockReadGuard, RwLock};
/// use std::sync::Arc;
///
/// let lock: Arc<RwLock<(u32, String)>> = Arc::new(RwLock::new((1, "one".to_owned())));
/// let name = OwnedRwLockReadGuard::map(lock.read_owned_blocking(), |pair| pair.1.as_str());
/// drop(lock);
/// assert_eq!(&*name, "one");
/// ```
///
/// It is sent only if the part may be shared:
/// ```compile_fail,E0277
/// use counterpoint::sync::OwnedMappedRwLockReadGuard;
/// fn send<T: Send>() {}
/// send::<OwnedMappedRwLockReadGuard<i32, std::cell::Cell<i32>>>();
/// ```
#[must_use = "a guard that is dropped at once unlocks at once"]
pub struct OwnedMappedRwLockReadGuard<
    T: ?Sized,
    U: ?Sized,
    P: Policy = wait::DefaultPolicy,
    R: Preference = PhaseFair,
> {
    key: Key<Arc<RwLock<T, P, R>>, Reader>,
    /// In the value, or in what lives as long as T or U say.
    part: *const U,
    /// Invariant in U.
    _value: PhantomData<*mut U>,
}

// SAFETY: it is a shared reference to U; and an owner of the lock, as `Arc<RwLock<T>>` is one.
unsafe impl<T: ?Sized + Send + Sync, U: ?Sized + Sync, P: Policy, R: Preference> Send
    for OwnedMappedRwLockReadGuard<T, U, P, R>
{
}
// SAFETY: shared, it gives `&U`; and as above.
unsafe impl<T: ?Sized + Send + Sync, U: ?Sized + Sync, P: Policy, R: Preference> Sync
    for OwnedMappedRwLockReadGuard<T, U, P, R>
{
}

impl<T: ?Sized, U: ?Sized, P: Policy, R: Preference> OwnedMappedRwLockReadGuard<T, U, P, R> {
    fn place(&self) -> *const U {
        self.part
    }

    /// A guard of a part of the part. (`U: 'static`: what the part borrows is forgotten by the type.)
    ///
    /// ```compile_fail,E0597
    /// use counterpoint::sync::{OwnedMappedRwLockReadGuard, OwnedRwLockReadGuard, RwLock};
    /// use std::sync::Arc;
    ///
    /// let lock = Arc::new(RwLock::new(()));
    /// let part: OwnedMappedRwLockReadGuard<(), str>;
    /// {
    ///     let name = String::from("gone");
    ///     let borrowed: &str = &name;
    ///     let first = OwnedRwLockReadGuard::map(lock.read_owned_blocking(), |_| &borrowed);
    ///     part = OwnedMappedRwLockReadGuard::map(first, |name| *name);
    /// }
    /// println!("{}", &*part);
    /// ```
    pub fn map<V: ?Sized>(
        guard: Self,
        part: impl FnOnce(&U) -> &V,
    ) -> OwnedMappedRwLockReadGuard<T, V, P, R>
    where
        U: 'static,
    {
        let part: *const V = part(&guard);
        OwnedMappedRwLockReadGuard { key: guard.key, part, _value: PhantomData }
    }

    /// A guard of a part of the part, if it is there.
    ///
    /// # Errors
    /// The guard, if it is not.
    pub fn try_map<V: ?Sized>(
        guard: Self,
        part: impl FnOnce(&U) -> Option<&V>,
    ) -> Result<OwnedMappedRwLockReadGuard<T, V, P, R>, Self>
    where
        U: 'static,
    {
        match part(&guard).map(|part| part as *const V) {
            Some(part) => {
                Ok(OwnedMappedRwLockReadGuard { key: guard.key, part, _value: PhantomData })
            }
            None => Err(guard),
        }
    }

    /// As [`RwLockReadGuard::unlock_fair`](super::RwLockReadGuard::unlock_fair).
    pub fn unlock_fair(guard: Self) {
        guard.key.release_fair();
    }
}

/// The right to write a part of the value of an [`RwLock`], with an `Arc` of the lock; made by
/// [`OwnedRwLockWriteGuard::map`].
///
/// It is sent only if the part may be:
/// ```compile_fail,E0277
/// use counterpoint::sync::OwnedMappedRwLockWriteGuard;
/// fn send<T: Send>() {}
/// send::<OwnedMappedRwLockWriteGuard<i32, std::rc::Rc<i32>>>();
/// ```
#[must_use = "a guard that is dropped at once unlocks at once"]
pub struct OwnedMappedRwLockWriteGuard<
    T: ?Sized,
    U: ?Sized,
    P: Policy = wait::DefaultPolicy,
    R: Preference = PhaseFair,
> {
    key: Key<Arc<RwLock<T, P, R>>, Writer>,
    /// In the value, or in what lives as long as T or U say. Invariant in U.
    part: *mut U,
}

// SAFETY: it is an exclusive reference to U; and an owner of the lock, as `Arc<RwLock<T>>` is one.
unsafe impl<T: ?Sized + Send + Sync, U: ?Sized + Send, P: Policy, R: Preference> Send
    for OwnedMappedRwLockWriteGuard<T, U, P, R>
{
}
// SAFETY: shared, it gives `&U`; and as above.
unsafe impl<T: ?Sized + Send + Sync, U: ?Sized + Sync, P: Policy, R: Preference> Sync
    for OwnedMappedRwLockWriteGuard<T, U, P, R>
{
}

impl<T: ?Sized, U: ?Sized, P: Policy, R: Preference> OwnedMappedRwLockWriteGuard<T, U, P, R> {
    fn place(&self) -> *mut U {
        self.part
    }

    /// A guard of a part of the part. (`U: 'static`: what the part borrows is forgotten by the type.)
    pub fn map<V: ?Sized>(
        mut guard: Self,
        part: impl FnOnce(&mut U) -> &mut V,
    ) -> OwnedMappedRwLockWriteGuard<T, V, P, R>
    where
        U: 'static,
    {
        let part: *mut V = part(&mut guard);
        OwnedMappedRwLockWriteGuard { key: guard.key, part }
    }

    /// A guard of a part of the part, if it is there.
    ///
    /// # Errors
    /// The guard, if it is not.
    pub fn try_map<V: ?Sized>(
        mut guard: Self,
        part: impl FnOnce(&mut U) -> Option<&mut V>,
    ) -> Result<OwnedMappedRwLockWriteGuard<T, V, P, R>, Self>
    where
        U: 'static,
    {
        match part(&mut guard).map(|part| part as *mut V) {
            Some(part) => Ok(OwnedMappedRwLockWriteGuard { key: guard.key, part }),
            None => Err(guard),
        }
    }

    /// As [`RwLockWriteGuard::unlock_fair`](super::RwLockWriteGuard::unlock_fair).
    pub fn unlock_fair(guard: Self) {
        guard.key.release_fair();
    }
}

lends! {
    [T: ?Sized, U: ?Sized, P: Policy, R: Preference] OwnedMappedRwLockReadGuard<T, U, P, R> => U;
}

lends_mut! {
    [T: ?Sized, U: ?Sized, P: Policy, R: Preference] OwnedMappedRwLockWriteGuard<T, U, P, R> => U;
}
