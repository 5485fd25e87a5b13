//! Asymmetric fences: a fence in two halves, of which the side that runs often pays nothing, and the
//! side that runs seldom pays for both. Not for two sides that run equally often: use `fence`.
//!
//! # Contract
//! `light` and a `heavy` that said yes are to each other what two SeqCst fences are: either all that
//! came before `light` is seen by what comes after `heavy`, or all that came before `heavy` is seen by
//! what comes after `light`. Two `light`s are nothing to each other.
//!
//! # State
//! One word for the process, decided once, before anybody has a [`Barrier`], and never changed: a
//! thread that still trusts in heavy barriers beside one that issues mere fences would be unordered.
//! Whoever has a `Barrier` thereby knows what was decided.
//!
//! | decided | `light` | `heavy` |
//! |---|---|---|
//! | expedited | a compiler fence | the system interrupts every processor that runs a thread of this process (Linux: membarrier, `PRIVATE_EXPEDITED`); one that runs none has passed a full barrier when it stopped to |
//! | fenced | a SeqCst fence | a SeqCst fence |
//!
//! *Fenced* is where the system has no such call, or refuses it: Linux before 4.14, a filter of system
//! calls, other systems, an interpreter.
//!
//! **After fork** the child has the word of its parent. Should the kernel not know the child as
//! registered, `heavy` registers it again; should it refuse, `heavy` says no, and whoever asked may
//! conclude nothing. No word is changed, so no thread is surprised. (What no barrier heals: threads of
//! the parent that were pinned at the fork are pinned for ever in the child, which frees nothing then.)
//!
//! # What no check proves
//! That the kernel's barrier has this meaning, and that a compiler fence keeps the order of the
//! instructions (the compiler may not move accesses of memory that others can reach across it, but
//! the language's memory model has no word for the rest). Engines are not shown this file: models of
//! a protocol take both rows of the table in its place, each as what the row says, and a litmus test
//! runs the real one on the machine at hand.
//!
//! Rejected: a SeqCst fence by an engine on behalf of all threads: where every load reads the newest
//! value it would order nothing that matters, and hide missing pairs of Release and Acquire.
//!
//! **Checked by**: the tests below; `loom-tests/asymmetric.rs`, for what the contract is used for.

use super::backing::{AtomicUsize, fence};
use core::sync::atomic::{Ordering, compiler_fence};

#[cfg(all(feature = "std", target_os = "linux", not(miri)))]
#[path = "barrier_linux.rs"]
mod system;
#[cfg(not(all(feature = "std", target_os = "linux", not(miri))))]
#[path = "barrier_none.rs"]
mod system;

const UNDECIDED: usize = 0;
const FENCED: usize = 1;
const EXPEDITED: usize = 2;

/// What the process has decided: see the module's head.
static DECIDED: AtomicUsize = AtomicUsize::new(UNDECIDED);

/// The right to `light` and `heavy`: holding it proves that the process has decided.
#[derive(Clone)]
pub(crate) struct Barrier {
    is_expedited: bool,
}

impl Barrier {
    /// What the process has decided; the first caller decides.
    pub(crate) fn of_process() -> Self {
        // Relaxed, here and below: the word says all; the kernel knows who is registered.
        let mut decided = DECIDED.load(Ordering::Relaxed);
        if decided == UNDECIDED {
            let found = if system::register() { EXPEDITED } else { FENCED };
            let (success, failure) = (Ordering::Relaxed, Ordering::Relaxed);
            decided = match DECIDED.compare_exchange(UNDECIDED, found, success, failure) {
                Ok(_) => found,
                Err(winner) => winner,
            };
        }
        Barrier { is_expedited: decided == EXPEDITED }
    }

    /// The fallback, whatever the process has decided: for who keeps to it throughout.
    pub(crate) const fn fenced() -> Self {
        Barrier { is_expedited: false }
    }

    /// Whether the light half is free.
    #[inline(always)]
    pub(crate) fn is_expedited(&self) -> bool {
        self.is_expedited
    }

    /// The cheap half.
    #[inline(always)]
    pub(crate) fn light(&self) {
        if self.is_expedited {
            // SeqCst: no access may move across, in either direction; the processor's part is
            // `heavy`'s.
            compiler_fence(Ordering::SeqCst);
        } else {
            // SeqCst: store before, load after; the other half is the fence of `heavy`.
            fence(Ordering::SeqCst);
        }
    }

    /// The dear half, a microsecond or more. False when there was none: nothing may be concluded.
    #[must_use]
    pub(crate) fn heavy(&self) -> bool {
        // SeqCst: the caller's own part; the other half is `light`.
        fence(Ordering::SeqCst);
        if self.is_expedited {
            if !system::interrupt() {
                return false;
            }
            // SeqCst: as above, after the other threads' part.
            fence(Ordering::SeqCst);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        cell::Cell,
        sync::{Mutex, PoisonError},
        thread,
    };

    #[repr(align(128))]
    struct CachePadded<T>(T);

    /// Store buffering: one of the two sees the other's store. It shows nothing on one processor, and
    /// less on busy ones: without the fence of `light`, or without the system's part of `heavy`, it
    /// fails in some runs, not in all.
    fn one_of_two_sees_the_other(barrier: Barrier) {
        const ROUNDS: usize = if cfg!(miri) { 20 } else { 200_000 };
        // So that each side has a processor.
        static ALONE: Mutex<()> = Mutex::new(());
        let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        // Each on lines of its own: a store that misses stays in its buffer for long.
        let word = || CachePadded(AtomicUsize::new(0));
        let (words, seen, phases) = ([word(), word()], [word(), word()], [word(), word()]);
        let crowd = [(); 2].map(|()| [(); 8].map(|()| word()));
        let meet = |own: usize, phase: usize| {
            // Release and Acquire: what was done in the phase before.
            phases[own].0.store(phase, Ordering::Release);
            let mut spins = 0;
            while phases[1 - own].0.load(Ordering::Acquire) < phase {
                spins += 1;
                if spins % 1_000 == 0 {
                    thread::yield_now();
                }
            }
        };
        let side = |own: usize, half: &dyn Fn(&Barrier)| {
            for round in 1..=ROUNDS {
                meet(own, 2 * round);
                // Every distance of the two is met.
                for _ in 0..if round % 2 == own { round / 2 % 64 } else { 0 } {
                    core::hint::spin_loop();
                }
                // Stores that miss keep a later one in its buffer.
                for word in &crowd[own] {
                    word.0.store(round, Ordering::Relaxed);
                }
                // Relaxed: what is under test orders them.
                words[own].0.store(round, Ordering::Relaxed);
                half(&barrier);
                let other = words[1 - own].0.load(Ordering::Relaxed);
                seen[own].0.store(other, Ordering::Relaxed);
                meet(own, 2 * round + 1);
                for word in &crowd[1 - own] {
                    word.0.load(Ordering::Relaxed);
                }
                let both = [0, 1].map(|side| seen[side].0.load(Ordering::Relaxed));
                assert!(both.contains(&round), "round {round}: {both:?}");
            }
        };
        let refused = Cell::new(false);
        thread::scope(|scope| {
            scope.spawn(|| side(0, &Barrier::light));
            side(1, &|barrier| refused.set(refused.get() | !barrier.heavy()));
        });
        assert!(!refused.get(), "the system refuses what it has granted");
    }

    #[test]
    fn light_and_heavy_order_stores_before_loads() {
        one_of_two_sees_the_other(Barrier::of_process());
    }

    #[test]
    fn the_fallback_orders_stores_before_loads() {
        one_of_two_sees_the_other(Barrier::fenced());
    }

    #[test]
    fn the_process_decides_once() {
        let decided = Barrier::of_process().is_expedited;
        assert_eq!(decided, Barrier::of_process().is_expedited);
        assert_eq!(decided, system::register(), "the system refuses what it has granted");
    }
}
