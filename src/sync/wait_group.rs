//! The wait group: waits until all its members are done.

use super::{CounterWait, Until, generic::Counter};
use crate::wait::{self, Clock, Policy};
#[cfg(target_has_atomic = "ptr")]
use alloc::sync::Arc;
use core::{fmt, time::Duration};

/// Counts members, and waits until there are none. It may be used again and again.
///
/// ```
/// use counterpoint::sync::WaitGroup;
/// use std::sync::Arc;
///
/// let group: Arc<WaitGroup> = Arc::default();
/// for _ in 0..4 {
///     let member = group.join_owned();
///     std::thread::spawn(move || drop(member));
/// }
/// group.wait_blocking();
/// assert_eq!(group.members(), 0);
/// ```
///
/// Who waits (has blocked, or has polled its future) when the last member goes, goes on, also if there
/// is a new one by then. What members did is seen by who finds them gone. A member that is forgotten
/// is a member for ever. A wait that is dropped, or that gives up, changes nothing.
pub struct WaitGroup<P: Policy = wait::DefaultPolicy>(Counter<P>);

const NONE: Until = Until::Equal(0);

impl<P: Policy> WaitGroup<P> {
    /// A group without members.
    pub const fn new() -> Self {
        WaitGroup(Counter::new(0))
    }

    /// How many members there are, at this moment.
    pub fn members(&self) -> usize {
        self.0.value().unsigned_abs()
    }

    /// Adds so many members, each of whom calls [`done`](WaitGroup::done). To be called before they
    /// begin: otherwise somebody who waits may find no members.
    ///
    /// # Panics
    /// When there would be more than [`Counter::MAX`]; nothing was changed.
    #[track_caller]
    pub fn add(&self, members: usize) {
        let after = |value: isize| {
            value.checked_add_unsigned(members).filter(|sum| *sum <= Counter::<P>::MAX)
        };
        if let Err(value) = self.0.try_update(after) {
            panic!("a wait group of {value} members cannot have {members} more");
        }
    }

    /// A member that was [added](WaitGroup::add) is done.
    ///
    /// # Panics
    /// When there is no member.
    #[track_caller]
    pub fn done(&self) {
        let after = |value: isize| (value > 0).then(|| value - 1);
        assert!(self.0.try_update(after).is_ok(), "a wait group without members: who is done?");
    }

    /// A new member, which is done when it is dropped.
    ///
    /// # Panics
    /// As [`add`](WaitGroup::add).
    #[track_caller]
    pub fn join(&self) -> WaitGroupMember<'_, P> {
        self.add(1);
        WaitGroupMember(self)
    }

    /// A new member that keeps the group alive, and is done when it is dropped.
    ///
    /// # Panics
    /// As [`add`](WaitGroup::add).
    #[cfg(target_has_atomic = "ptr")]
    #[track_caller]
    pub fn join_owned(self: &Arc<Self>) -> OwnedWaitGroupMember<P> {
        self.add(1);
        OwnedWaitGroupMember(self.clone())
    }

    /// Whether there are no members, at this moment.
    pub fn try_wait(&self) -> bool {
        self.0.try_wait(NONE)
    }

    /// A future that waits until there are no members.
    pub fn wait(&self) -> CounterWait<'_, P> {
        self.0.wait(NONE)
    }

    /// Blocks the thread until there are no members.
    pub fn wait_blocking(&self) {
        self.0.wait_blocking(NONE);
    }
}

impl<P: Policy + Clock> WaitGroup<P> {
    /// Blocks the thread until there are no members (`true`), or for so long.
    pub fn wait_timeout(&self, timeout: Duration) -> bool {
        self.0.wait_timeout(NONE, timeout)
    }

    /// Blocks the thread until there are no members (`true`), or until then.
    pub fn wait_deadline(&self, deadline: P::Instant) -> bool {
        self.0.wait_deadline(NONE, deadline)
    }
}

impl<P: Policy> Default for WaitGroup<P> {
    /// No members.
    fn default() -> Self {
        WaitGroup::new()
    }
}

impl<P: Policy> fmt::Debug for WaitGroup<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitGroup").field("members", &self.members()).finish()
    }
}

/// A member of a [`WaitGroup`], done when it is dropped.
#[must_use = "a member that is dropped at once is done at once"]
pub struct WaitGroupMember<'a, P: Policy = wait::DefaultPolicy>(&'a WaitGroup<P>);

impl<P: Policy> Drop for WaitGroupMember<'_, P> {
    fn drop(&mut self) {
        self.0.done();
    }
}

impl<P: Policy> fmt::Debug for WaitGroupMember<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitGroupMember").finish_non_exhaustive()
    }
}

/// A member of a [`WaitGroup`] that it keeps alive, done when it is dropped.
#[cfg(target_has_atomic = "ptr")]
#[must_use = "a member that is dropped at once is done at once"]
pub struct OwnedWaitGroupMember<P: Policy = wait::DefaultPolicy>(Arc<WaitGroup<P>>);

#[cfg(target_has_atomic = "ptr")]
impl<P: Policy> Drop for OwnedWaitGroupMember<P> {
    fn drop(&mut self) {
        self.0.done();
    }
}

#[cfg(target_has_atomic = "ptr")]
impl<P: Policy> fmt::Debug for OwnedWaitGroupMember<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnedWaitGroupMember").finish_non_exhaustive()
    }
}
