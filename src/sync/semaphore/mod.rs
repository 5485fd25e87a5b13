//! The semaphore: so many permits, for threads and tasks.
//!
//! `state.rs` is the semaphore itself; here are its forms.

mod error;
mod future;
#[cfg(target_has_atomic = "ptr")]
mod owned;
mod permit;
mod state;

use super::{Barging, Fair, Fairness};
use crate::{
    facade::atomic::AtomicUsize,
    wait::{self, Attempt, Clock, Policy, Queue, Waited, block_until},
};
use core::{fmt, time::Duration};
use state::{Claims, PERMIT};

pub use error::{AcquireError, TimedAcquireError, TryAcquireError};
pub use future::AcquirePermits;
#[cfg(target_has_atomic = "ptr")]
pub use owned::{AcquirePermitsOwned, OwnedSemaphorePermit};
pub use permit::SemaphorePermit;

/// The upper bound of permits. (Half of what the word can hold: what comes back while more are added
/// does not spoil its other bits.)
const MAX_PERMITS: usize = usize::MAX / PERMIT / 2;

/// So many permits, which threads and tasks acquire, one or several at a time, and give back.
///
/// | form | waits as | gives up |
/// |---|---|---|
/// | [`acquire`](Semaphore::acquire), [`acquire_many`](Semaphore::acquire_many) | a future | when it is dropped |
/// | [`acquire_blocking`](Semaphore::acquire_blocking), … | a blocked thread | never |
/// | [`acquire_timeout`](Semaphore::acquire_timeout), [`acquire_deadline`](Semaphore::acquire_deadline), … | a blocked thread | then |
/// | [`try_acquire`](Semaphore::try_acquire), … | not at all | at once |
///
/// All have an `_owned` form, whose permit keeps an `Arc` of the semaphore (on targets that have it:
/// those with compare-and-swap).
///
/// ```
/// use counterpoint::sync::Semaphore;
/// use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
///
/// static CONNECTIONS: Semaphore = Semaphore::new(2);
/// static OPEN: AtomicUsize = AtomicUsize::new(0);
/// std::thread::scope(|scope| {
///     for _ in 0..4 {
///         scope.spawn(|| {
///             let _permit = CONNECTIONS.acquire_blocking().expect("nobody closes it");
///             assert!(OPEN.fetch_add(1, Relaxed) < 2);
///             OPEN.fetch_sub(1, Relaxed);
///         });
///     }
/// });
/// assert_eq!(CONNECTIONS.available_permits(), 2);
/// ```
///
/// # Fairness
/// Who waits is served in order: a large request is not overtaken by smaller ones that wait behind it
/// (but by a future that is polled for another reason: it takes what is there). Who comes new may
/// overtake, unless a thread has waited long: a bound counted in wake-ups, and in releases that were too
/// small for it. (From then on nobody who comes gets any until it has its permits: who holds some and
/// waits for more may then wait for ever, as with any queue.) A future that comes new may give way once,
/// by being pending, to a task that has waited long. No permit is ever given to a future that is not being polled: one that was woken and is not
/// polled keeps no permit from whoever comes, and from those who wait behind it for a bounded number
/// of releases. A [`FairSemaphore`] hands permits over in order, and is never overtaken.
///
/// # Cancellation
/// An [`AcquirePermits`] may be dropped at any time: it loses its place, and whoever can go on because of
/// that does.
///
/// # Closing
/// Who waits for permits of a semaphore that is [closed](Semaphore::close), or comes later, gets an
/// error. Permits that are held are not affected.
///
/// # Panics
/// More than [`MAX_PERMITS`](Semaphore::MAX_PERMITS) can be neither made nor asked for.
pub struct Semaphore<P: Policy = wait::DefaultPolicy, F: Fairness = Barging> {
    state: AtomicUsize,
    queue: Queue<P, Claims>,
    _fairness: core::marker::PhantomData<fn() -> F>,
}

/// A [`Semaphore`] whose permits go to who has waited longest, thread or task.
///
/// It is slower where many want permits: each hand-over waits until the next one runs. And a future that
/// has been given permits keeps them until it is polled or dropped: if whoever holds that future waits
/// for permits by another one, both may wait for ever ("futurelock"). Do not hold such a future unpolled.
pub type FairSemaphore<P = wait::DefaultPolicy> = Semaphore<P, Fair>;

impl<P: Policy, F: Fairness> Semaphore<P, F> {
    /// The most permits that a semaphore has.
    pub const MAX_PERMITS: usize = MAX_PERMITS;

    /// A semaphore with so many permits.
    ///
    /// # Panics
    /// When they are more than [`MAX_PERMITS`](Semaphore::MAX_PERMITS).
    pub const fn new(permits: usize) -> Self {
        assert!(permits <= MAX_PERMITS, "a semaphore has at most MAX_PERMITS permits");
        Semaphore {
            state: AtomicUsize::root_of(permits * PERMIT),
            queue: Queue::new(Claims::new()),
            _fairness: core::marker::PhantomData,
        }
    }

    /// How many permits nobody has, at this moment.
    pub fn available_permits(&self) -> usize {
        self.permits()
    }

    /// Adds permits.
    ///
    /// # Panics
    /// When there would be more than [`MAX_PERMITS`](Semaphore::MAX_PERMITS); nothing was added then.
    /// (Those that are out do not count here. Of what comes back beyond twice as many the count is
    /// wrong.)
    pub fn add_permits(&self, permits: usize) {
        assert!(
            self.add(permits),
            "{permits} permits more than {} are more than MAX_PERMITS ({MAX_PERMITS})",
            self.permits()
        );
    }

    /// Takes permits away for good, as many as nobody has, up to so many; says how many.
    ///
    /// To take away more, acquire them and [`forget`](SemaphorePermit::forget) the permit.
    pub fn forget_permits(&self, most: usize) -> usize {
        self.take_away(most)
    }

    /// From now on nobody gets a permit: who waits, or comes later, gets an error. To close it again does
    /// nothing.
    pub fn close(&self) {
        self.close_now();
    }

    /// Whether it is closed. What was done before that is seen.
    pub fn is_closed(&self) -> bool {
        self.has_closed()
    }

    fn permit(&self, permits: usize) -> SemaphorePermit<'_, P, F> {
        SemaphorePermit::new(self, permits)
    }

    /// The permits of a wait that has ended.
    fn acquired(
        &self,
        permits: usize,
        waited: Waited,
    ) -> Result<SemaphorePermit<'_, P, F>, AcquireError> {
        waited.map(|()| self.permit(permits)).map_err(|_| AcquireError::new())
    }
}

/// Asking for so many is a bug of the caller: nobody would ever get them.
#[track_caller]
fn check(permits: usize) {
    assert!(
        permits <= MAX_PERMITS,
        "{permits} permits were asked for, more than MAX_PERMITS ({MAX_PERMITS})"
    );
}

/// Acquiring.
impl<P: Policy, F: Fairness> Semaphore<P, F> {
    /// Takes a permit if there is one. (There is none for who comes new while permits are kept for a
    /// thread that has waited long, or, in a [`FairSemaphore`], while anybody waits.)
    ///
    /// # Errors
    /// There is none, or the semaphore is closed.
    #[inline]
    pub fn try_acquire(&self) -> Result<SemaphorePermit<'_, P, F>, TryAcquireError> {
        self.try_acquire_many(1)
    }

    /// Takes so many permits if they are there; see [`try_acquire`](Semaphore::try_acquire).
    ///
    /// # Errors
    /// There are fewer, or the semaphore is closed.
    ///
    /// # Panics
    /// When they are more than [`MAX_PERMITS`](Semaphore::MAX_PERMITS).
    #[inline]
    pub fn try_acquire_many(
        &self,
        permits: usize,
    ) -> Result<SemaphorePermit<'_, P, F>, TryAcquireError> {
        check(permits);
        match self.try_take_new(permits) {
            Attempt::Took => Ok(self.permit(permits)),
            refused => Err(TryAcquireError::of(refused)),
        }
    }

    /// Takes all permits that are there, up to so many, if there is any; see
    /// [`try_acquire`](Semaphore::try_acquire).
    ///
    /// # Errors
    /// There is none, or the semaphore is closed.
    ///
    /// # Panics
    /// When `most` is more than [`MAX_PERMITS`](Semaphore::MAX_PERMITS).
    pub fn try_acquire_up_to(
        &self,
        most: usize,
    ) -> Result<SemaphorePermit<'_, P, F>, TryAcquireError> {
        check(most);
        match self.take_up_to(most) {
            Ok(permits) => Ok(self.permit(permits)),
            Err(refused) => Err(TryAcquireError::of(refused)),
        }
    }

    /// Blocks the thread until it has a permit.
    ///
    /// # Errors
    /// The semaphore is closed.
    #[inline]
    pub fn acquire_blocking(&self) -> Result<SemaphorePermit<'_, P, F>, AcquireError> {
        self.acquire_many_blocking(1)
    }

    /// Blocks the thread until it has so many permits.
    ///
    /// # Errors
    /// The semaphore is closed.
    ///
    /// # Panics
    /// When they are more than [`MAX_PERMITS`](Semaphore::MAX_PERMITS).
    #[inline]
    pub fn acquire_many_blocking(
        &self,
        permits: usize,
    ) -> Result<SemaphorePermit<'_, P, F>, AcquireError> {
        check(permits);
        if self.try_take_new(permits) == Attempt::Took {
            return Ok(self.permit(permits));
        }
        self.acquired(permits, self.take_contended(permits))
    }

    /// A future that acquires a permit.
    #[inline]
    pub fn acquire(&self) -> AcquirePermits<'_, P, F> {
        AcquirePermits::new(self, 1)
    }

    /// A future that acquires so many permits.
    ///
    /// # Panics
    /// When they are more than [`MAX_PERMITS`](Semaphore::MAX_PERMITS).
    #[inline]
    pub fn acquire_many(&self, permits: usize) -> AcquirePermits<'_, P, F> {
        check(permits);
        AcquirePermits::new(self, permits)
    }
}

/// Acquiring, for some time.
impl<P: Policy + Clock, F: Fairness> Semaphore<P, F> {
    /// Blocks the thread until it has a permit, or for so long.
    ///
    /// # Errors
    /// The semaphore is closed, or there was none in time.
    pub fn acquire_timeout(
        &self,
        timeout: Duration,
    ) -> Result<SemaphorePermit<'_, P, F>, TimedAcquireError> {
        self.acquire_many_timeout(1, timeout)
    }

    /// Blocks the thread until it has a permit, or until then. If that is over it tries for a moment.
    ///
    /// # Errors
    /// The semaphore is closed, or there was none in time.
    pub fn acquire_deadline(
        &self,
        deadline: P::Instant,
    ) -> Result<SemaphorePermit<'_, P, F>, TimedAcquireError> {
        self.acquire_many_deadline(1, deadline)
    }

    /// Blocks the thread until it has so many permits, or for so long.
    ///
    /// # Errors
    /// The semaphore is closed, or there were too few in time.
    ///
    /// # Panics
    /// When they are more than [`MAX_PERMITS`](Semaphore::MAX_PERMITS).
    pub fn acquire_many_timeout(
        &self,
        permits: usize,
        timeout: Duration,
    ) -> Result<SemaphorePermit<'_, P, F>, TimedAcquireError> {
        match P::after(P::now(), timeout) {
            Some(deadline) => self.acquire_many_deadline(permits, deadline),
            None => self.acquire_many_blocking(permits).map_err(Into::into),
        }
    }

    /// Blocks the thread until it has so many permits, or until then; see
    /// [`acquire_deadline`](Semaphore::acquire_deadline).
    ///
    /// # Errors
    /// The semaphore is closed, or there were too few in time.
    ///
    /// # Panics
    /// When they are more than [`MAX_PERMITS`](Semaphore::MAX_PERMITS).
    pub fn acquire_many_deadline(
        &self,
        permits: usize,
        deadline: P::Instant,
    ) -> Result<SemaphorePermit<'_, P, F>, TimedAcquireError> {
        check(permits);
        let waited = match self.spin(permits) {
            Attempt::Took => Some(Ok(())),
            Attempt::Closed => Some(Err(wait::Closed)),
            Attempt::Blocked => block_until(self, permits, deadline),
        };
        match waited {
            Some(waited) => self.acquired(permits, waited).map_err(Into::into),
            None => Err(TimedAcquireError::TimedOut),
        }
    }
}

impl<P: Policy, F: Fairness> Default for Semaphore<P, F> {
    /// No permits.
    fn default() -> Self {
        Semaphore::new(0)
    }
}

impl<P: Policy, F: Fairness> fmt::Debug for Semaphore<P, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Semaphore")
            .field("available_permits", &self.permits())
            .field("is_closed", &self.has_closed())
            .finish()
    }
}
