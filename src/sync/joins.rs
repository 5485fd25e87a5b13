//! Futures that wait in a group, as `select` makes one, as they wait anywhere: nothing is handed to a task
//! that waits by them. (Those to which something is handed say more, where they are.)

use super::{
    BarrierWait, CondvarGuard, CondvarWait, CondvarWaitWhile, CounterWait, CounterWaitUntil,
    Preference, ReadLock, UpgradableReadLock, Upgrade, WriteLock,
};
#[cfg(target_has_atomic = "ptr")]
use super::{ReadLockOwned, UpgradableReadLockOwned, UpgradeOwned, WriteLockOwned};
use crate::wait::{Joins, Policy};

impl<T: ?Sized, P: Policy, R: Preference> Joins for ReadLock<'_, T, P, R> {}
impl<T: ?Sized, P: Policy, R: Preference> Joins for WriteLock<'_, T, P, R> {}
impl<T: ?Sized, P: Policy, R: Preference> Joins for UpgradableReadLock<'_, T, P, R> {}
impl<T: ?Sized, P: Policy, R: Preference> Joins for Upgrade<'_, T, P, R> {}

#[cfg(target_has_atomic = "ptr")]
impl<T: ?Sized, P: Policy, R: Preference> Joins for ReadLockOwned<T, P, R> {}
#[cfg(target_has_atomic = "ptr")]
impl<T: ?Sized, P: Policy, R: Preference> Joins for WriteLockOwned<T, P, R> {}
#[cfg(target_has_atomic = "ptr")]
impl<T: ?Sized, P: Policy, R: Preference> Joins for UpgradableReadLockOwned<T, P, R> {}
#[cfg(target_has_atomic = "ptr")]
impl<T: ?Sized, P: Policy, R: Preference> Joins for UpgradeOwned<T, P, R> {}

impl<P: Policy> Joins for CounterWait<'_, P> {}
impl<F: FnMut(isize) -> bool, P: Policy> Joins for CounterWaitUntil<'_, F, P> {}
impl<P: Policy> Joins for BarrierWait<'_, P> {}

impl<G: CondvarGuard> Joins for CondvarWait<'_, G> {}
impl<G: CondvarGuard, C: FnMut(&mut G::Target) -> bool> Joins for CondvarWaitWhile<'_, G, C> {}
