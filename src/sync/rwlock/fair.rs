//! Fair release: what is given back goes to who has waited longest to claim the lock, and nobody comes in
//! between.
//!
//! # Algorithm
//! The first claimant of the queue, a writer or an upgradable reader, is given the lock in the step that
//! gives it back, if it is a thread, which was blocked and will run, and could take it now. For a task,
//! which nobody may ever poll, it is a release like any other. Where a release lets in the readers that
//! wait that is what happens: they come first, and are given the lock already.
//!
//! # Invariants
//! Those of [`raw`](super::raw) stay true.
//! * `[I1]` A claimant that goes on without the other's being gone excludes all other claimants. Readers
//!   that wait could not enter before: with a writer they still cannot; an upgradable reader changes
//!   nothing for them, unless a writer was before it, and then they are barred by writers that wait or
//!   come (or the release would have let them in).
//! * `[I2]` `WOKEN`, and what comes with it, is another's, who was told and has yet to come. That one
//!   finds the lock taken, waits again, and clears it. Who is given the lock was told nothing else; if it
//!   gives up it unlocks (`forward`).
//! * `[I3]` `LONG` goes with a thread that may have set it, as when that one takes; `WRITERS` with the last
//!   writer of the queue.

use super::{
    Preference, RwLock,
    raw::RawRwLock,
    word::{
        QUEUED, READ, READER, UPGRADABLE, UPGRADABLE_READ, WRITE, WRITER, given_to, is_claimant,
    },
};
use crate::{
    base::abort_on_panic,
    facade::atomic::Ordering,
    sync::key::{Reader, Unlocks, UpgradableReader, Writer},
    wait::{Notice, Policy},
};

impl<P: Policy, R: Preference> RawRwLock<P, R> {
    /// # Safety
    /// The caller has `given`, which is `READER`, `WRITER` or `UPGRADABLE`.
    #[inline]
    pub(in crate::sync) unsafe fn unlock(&self, given: usize) {
        // SAFETY: as the caller promises.
        unsafe {
            match given {
                READER => self.unlock_read(),
                WRITER => self.unlock_write(),
                _ => self.trade(given, 0),
            }
        }
    }

    /// Gives back `given`, to the first claimant that waits if that is a thread which may take it.
    ///
    /// # Safety
    /// As [`unlock`](RawRwLock::unlock).
    pub(in crate::sync) unsafe fn unlock_fair(&self, given: usize) {
        if self.seen() & QUEUED == 0 || !self.give(given) {
            // SAFETY: as the caller promises; it was not given away.
            unsafe { self.unlock(given) };
        }
    }

    /// Gives back `given` as [`unlock_fair`](RawRwLock::unlock_fair), if somebody waits, and takes it
    /// again.
    ///
    /// # Safety
    /// As there. The caller has it also when this unwinds.
    pub(in crate::sync) unsafe fn bump(&self, given: usize) {
        if self.seen() & QUEUED == 0 {
            return;
        }
        let want = match given {
            READER => READ,
            WRITER => WRITE,
            _ => UPGRADABLE_READ,
        };
        // Also if a waker panics.
        let _again = LockAgain(self, want);
        // SAFETY: as the caller promises.
        unsafe { self.unlock_fair(given) };
    }

    /// Gives `given`, which the caller has, to the first claimant, if that is a thread which can go on
    /// then.
    #[cold]
    fn give(&self, given: usize) -> bool {
        let told = self.queue.exclusive(|ring| {
            let request = ring.find(is_claimant).filter(|request| request.is_thread)?;
            // [P1] AcqRel: what others did who read beside the caller, and what the caller did for readers
            // that come beside the next one.
            self.fetch_change(Ordering::AcqRel, |state| given_to::<R>(state, given, request))
                .ok()?;
            // [P2] The notice hands on what was seen.
            let waiter = ring.notify_first(is_claimant, Notice::Granted);
            self.tidy(ring);
            Some(waiter)
        });
        let is_given = told.is_some();
        if let Some(waiter) = told.flatten() {
            waiter.wake();
        }
        is_given
    }
}

/// What a key holds.
pub(super) trait Side: Copy {
    /// As [`RawRwLock::unlock`] gives it back.
    const HELD: usize;
}

impl Side for Reader {
    const HELD: usize = READER;
}

impl Side for Writer {
    const HELD: usize = WRITER;
}

impl Side for UpgradableReader {
    const HELD: usize = UPGRADABLE;
}

impl<P: Policy, R: Preference, S: Side> Unlocks<S> for RawRwLock<P, R> {
    #[inline]
    unsafe fn release(&self, _: S) {
        // SAFETY: as the caller promises.
        unsafe { self.unlock(S::HELD) }
    }

    unsafe fn release_fair(&self, _: S) {
        // SAFETY: as above.
        unsafe { self.unlock_fair(S::HELD) }
    }

    unsafe fn bump(&self, side: S) -> S {
        // SAFETY: as above.
        unsafe { RawRwLock::bump(self, S::HELD) };
        side
    }
}

/// Its lock's.
impl<T: ?Sized, P: Policy, R: Preference, S: Side> Unlocks<S> for RwLock<T, P, R> {
    #[inline]
    unsafe fn release(&self, _: S) {
        // SAFETY: as the caller promises.
        unsafe { self.raw.unlock(S::HELD) }
    }

    unsafe fn release_fair(&self, _: S) {
        // SAFETY: as above.
        unsafe { self.raw.unlock_fair(S::HELD) }
    }

    unsafe fn bump(&self, side: S) -> S {
        // SAFETY: as above.
        unsafe { self.raw.bump(S::HELD) };
        side
    }
}

/// Locks when it is dropped. A guard is left that says that it has the lock: if that cannot be had
/// the program ends.
struct LockAgain<'a, P: Policy, R: Preference>(&'a RawRwLock<P, R>, usize);

impl<P: Policy, R: Preference> Drop for LockAgain<'_, P, R> {
    fn drop(&mut self) {
        abort_on_panic("a read-write lock could not be locked again", || {
            if !self.0.try_lock(self.1) {
                self.0.lock_contended(self.1);
            }
        });
    }
}
