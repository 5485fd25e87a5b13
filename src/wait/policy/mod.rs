//! How threads block, and what guards the queue of those that wait.
//!
//! | policy | a queue's lock | a thread that waits | from an interrupt |
//! |---|---|---|---|
//! | [`Threads`] (std) | a bit, spinning, then yielding | is parked by the system | no |
//! | [`Spin`] | a bit, spinning | spins; on Arm it sleeps until an event | no (a Cortex-M panics) |
//! | [`Critical`] (`critical-section`) | the critical section | as `Spin` | yes |
//!
//! With std `Threads` is the [`DefaultPolicy`]; without, `Critical`. Without either a type names its policy:
//! to use it by the default does not compile.

#[cfg(feature = "critical-section")]
mod critical;
#[cfg_attr(feature = "std", path = "default_std.rs")]
#[cfg_attr(all(not(feature = "std"), feature = "critical-section"), path = "default_critical.rs")]
#[cfg_attr(not(any(feature = "std", feature = "critical-section")), path = "default_absent.rs")]
mod default;
mod spin;
#[cfg(feature = "std")]
mod threads;

use crate::facade::{
    atomic::{AtomicPtr, Ordering},
    hint,
};
use core::{
    fmt,
    num::NonZeroUsize,
    task::{Poll, Waker},
    time::Duration,
};

#[cfg(feature = "critical-section")]
pub use critical::Critical;
pub use default::DefaultPolicy;
pub use spin::Spin;
#[cfg(feature = "std")]
pub use threads::Threads;

/// How a thread blocks.
///
/// An implementation that is wrong, or that panics, loses wake-ups, no more: it is safe.
pub trait Park: 'static {
    /// A thread that may block.
    type Thread: Send + Sync;

    /// The caller.
    fn current() -> Self::Thread;

    /// The same thread, for another to wake.
    fn share(thread: &Self::Thread) -> Self::Thread;

    /// Blocks the caller, who is `thread`, until somebody unparks it, or has since it was parked
    /// last. It may also return for no reason.
    fn park(thread: &Self::Thread);

    /// Lets a thread go on, which may long be doing something else.
    fn unpark(thread: &Self::Thread);

    /// Runs a future on the caller, who is `thread`: polls it with a waker until it is ready, and whenever
    /// that has been woken. Meanwhile `pause(true)` parks the thread, `pause(false)` does not; when it says
    /// `false` the caller gives up.
    ///
    /// What is polled may be code of a user, who parks the thread meanwhile and takes its token: whether the
    /// waker was woken is to be seen elsewhere. Unless a policy does better it polls again and again.
    fn drive<R>(
        _thread: &Self::Thread,
        mut poll: impl FnMut(&Waker) -> Poll<R>,
        mut pause: impl FnMut(bool) -> bool,
    ) -> Option<R> {
        loop {
            if let Poll::Ready(output) = poll(Waker::noop()) {
                return Some(output);
            }
            if !pause(false) {
                return None;
            }
            hint::spin_loop();
        }
    }

    /// Passes some time on behalf of a thread that expects something soon; `round` counts up from 0.
    /// `false`: it should park instead.
    fn relax(round: u32) -> bool;

    /// Which thread the caller is, if that can be told: a number that no two threads have at a time.
    /// Its lowest three bits are not looked at.
    ///
    /// Where there is one, a thread that would wait for itself panics instead (an initialiser that asks
    /// for what it initialises). Where there is none it waits for ever. An interrupt handler counts as
    /// the thread that it interrupts, which it would wait for as well.
    fn identity() -> Option<NonZeroUsize> {
        None
    }
}

/// How a thread blocks until some time.
pub trait Clock: Park {
    /// A moment.
    type Instant: Copy + Ord;

    /// This moment.
    fn now() -> Self::Instant;

    /// A moment so much later; `None`: the clock does not go as far.
    fn after(moment: Self::Instant, time: Duration) -> Option<Self::Instant>;

    /// As [`Park::park`], but no longer than until then.
    fn park_until(thread: &Self::Thread, deadline: Self::Instant);
}

/// What guards a queue.
///
/// # Safety
/// For one `bit` no two calls of `exclusive` run their sections at a time, whoever calls, also from
/// an interrupt that the policy allows; and what a section did is seen by the next. Each call runs
/// its section exactly once, and returns: it does not unwind. The bit is released only by the call
/// that acquired it.
pub unsafe trait Exclude: 'static {
    /// Runs a section, which is short, calls no code of a user and does not panic.
    fn exclusive<R>(bit: &Bit, section: impl FnOnce() -> R) -> R;
}

/// How threads block, and what guards the queue of those that wait; see the [module](super).
pub trait Policy: Park + Exclude {}

impl<P: Park + Exclude> Policy for P {}

/// The word of a queue, of which one bit may be its lock, and one is a mark. Only implementations of [`Exclude`] get to see
/// one.
pub struct Bit {
    /// The first node, and the bits.
    word: AtomicPtr<()>,
}

const LOCKED: usize = 1;
const MARKED: usize = 1 << 1;
const BITS: usize = LOCKED | MARKED;

impl Bit {
    pub(super) const fn new() -> Self {
        Bit { word: AtomicPtr::root() }
    }

    /// Takes the bit if nobody has it.
    pub fn try_acquire(&self) -> bool {
        // Relaxed: a guess, which the exchange checks.
        let seen = self.word.load(Ordering::Relaxed);
        let locked = seen.map_addr(|address| address | LOCKED);
        // [P1] Acquire: what the last holder did. Relaxed: nothing was taken.
        seen != locked
            && self
                .word
                .compare_exchange(seen, locked, Ordering::Acquire, Ordering::Relaxed)
                .is_ok()
    }

    /// Gives the bit back.
    pub fn release(&self) {
        // Relaxed: the holder alone changes the word.
        let held = self.word.load(Ordering::Relaxed);
        // [P1] Release: for the next holder. A swap, as every change of this word.
        self.word.swap(held.map_addr(|address| address & !LOCKED), Ordering::Release);
    }

    /// The pointer beside the bits; for who is in a section.
    pub(super) fn pointer(&self) -> *mut () {
        // Relaxed: ordered by the section.
        self.word.load(Ordering::Relaxed).map_addr(|address| address & !BITS)
    }

    /// Sets the pointer; for who is in a section.
    pub(super) fn set_pointer(&self, pointer: *mut ()) {
        // Relaxed: ordered by the section. Whether the bit is used is seen at the bit.
        let bits = self.word.load(Ordering::Relaxed).addr() & BITS;
        self.word.swap(pointer.map_addr(|address| address | bits), Ordering::Relaxed);
    }

    /// Whether there is a pointer, or somebody in a section, and no mark: a guess of who is in none.
    #[inline]
    pub(super) fn is_used_unmarked(&self) -> bool {
        // Relaxed: a guess.
        let word = self.word.load(Ordering::Relaxed).addr();
        word & MARKED == 0 && word != 0
    }

    /// Whether the mark is set; for who is in a section.
    pub(super) fn is_marked(&self) -> bool {
        // Relaxed: ordered by the section.
        self.word.load(Ordering::Relaxed).addr() & MARKED != 0
    }

    /// Sets the mark, or takes it off; for who is in a section.
    pub(super) fn set_marked(&self, is_marked: bool) {
        // Relaxed, both: ordered by the section.
        let word = self.word.load(Ordering::Relaxed);
        let marked = word.map_addr(|it| if is_marked { it | MARKED } else { it & !MARKED });
        if marked != word {
            self.word.swap(marked, Ordering::Relaxed);
        }
    }
}

impl fmt::Debug for Bit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bit").finish_non_exhaustive()
    }
}
