//! What decides when a batch of garbage may be freed, behind one small trait.
//!
//! | backend | frees | where |
//! |---|---|---|
//! | `asymmetric` | three epochs after the retirement, with asymmetric fences | with std: the default |
//! | `epoch` | two epochs after the retirement (crossbeam-epoch) | targets with compare-and-swap: the default without std, chosen per collector with it |
//! | `critical` | when no guard lives | feature `critical-section`; the only one without compare-and-swap |
//! | `adversary` | at the earliest legal moment | inside executions of a model, in the place of `epoch` and of `asymmetric` |
//!
//! A backend that a build does not have is `absent`, an empty type, so that the choice below costs
//! nothing where there is nothing to choose.
//!
//! # The contract
//! A batch handed to [`Participant::retire`] is freed no earlier than every guard that was live at
//! that moment is gone, and no later than the collector. `pin` and `unpin` alternate; `retire`,
//! `flush` and `repin` come between them. All run on the participant's own thread. Any of them may
//! run destructors, which may call back into the same participant; nobody may hold a borrow across.

#[cfg(all(feature = "std", target_has_atomic = "ptr"))]
use super::runner;
use super::{collector::Id, garbage::Batch};
#[cfg(all(feature = "std", target_has_atomic = "ptr"))]
use crate::facade::barrier::Barrier;
use alloc::boxed::Box;

#[cfg(not(all(feature = "critical-section", target_has_atomic = "ptr", feature = "engine")))]
mod absent;
#[cfg(feature = "engine")]
mod adversary;
#[cfg(all(feature = "std", target_has_atomic = "ptr"))]
mod asymmetric;
#[cfg(all(test, feature = "std", target_has_atomic = "ptr"))]
mod asymmetric_tests;
#[cfg(feature = "critical-section")]
mod critical;
#[cfg(target_has_atomic = "ptr")]
mod epoch;

#[cfg(not(feature = "engine"))]
use absent as adversary;
#[cfg(not(all(feature = "std", target_has_atomic = "ptr")))]
use absent as asymmetric;
#[cfg(not(feature = "critical-section"))]
use absent as critical;
#[cfg(not(target_has_atomic = "ptr"))]
use absent as epoch;

#[cfg(not(any(target_has_atomic = "ptr", feature = "critical-section")))]
compile_error!("this target has no compare-and-swap: turn on the feature `critical-section`");

/// The part of a backend that a handle owns.
pub(super) trait Participant {
    /// How many entries to collect before a batch is worth its cost.
    const BATCH: usize;
    /// Whether the last guard's end hands over what has been collected.
    const SEAL_ON_UNPIN: bool;

    /// From now on, what anybody retires stays.
    fn pin(&self);
    /// Ends what `pin` began.
    fn unpin(&self);
    /// `unpin` and `pin` in one.
    fn repin(&self);
    /// Takes a batch.
    fn retire(&self, batch: Box<Batch>);
    /// Makes what this participant has retired visible to others, and frees what may be freed.
    fn flush(&self);
}

/// Which backend a collector shall have.
#[derive(Clone, Copy)]
pub(super) enum Choice {
    /// Epochs, with asymmetric fences where the system may help; the critical section where there is no
    /// compare-and-swap.
    Default,
    /// Epochs, each of whose pins issues a fence.
    Symmetric,
    #[cfg_attr(not(feature = "critical-section"), allow(dead_code))]
    CriticalSection,
}

/// The part of a backend that a collector owns. Dropping it frees all that waits.
pub(super) enum Global {
    Epoch(epoch::Global),
    #[cfg_attr(not(feature = "std"), allow(dead_code))]
    Asymmetric(asymmetric::Global),
    Critical(critical::Global),
}

#[allow(unreachable_code, reason = "an absent backend's values are never made")]
impl Global {
    pub(super) fn new(choice: Choice) -> Self {
        match choice {
            #[cfg(all(feature = "std", target_has_atomic = "ptr"))]
            Choice::Default => Global::Asymmetric(asymmetric::Global::new(Barrier::of_process())),
            #[cfg(not(feature = "std"))]
            Choice::Default if cfg!(target_has_atomic = "ptr") => {
                Global::Epoch(epoch::Global::new())
            }
            Choice::Symmetric if cfg!(target_has_atomic = "ptr") => {
                Global::Epoch(epoch::Global::new())
            }
            _ => Global::Critical(critical::Global::new()),
        }
    }

    /// Whether it asks the system to interrupt other processors.
    pub(super) fn interrupts(&self) -> bool {
        matches!(self, Global::Asymmetric(_))
    }

    /// Whether a participant that has one user may go to another thread with it: where it is plain data
    /// and words that others read. crossbeam-epoch promises nothing of the kind of its own.
    pub(super) fn lets_participants_move(&self) -> bool {
        !matches!(self, Global::Epoch(_))
    }

    pub(super) fn register(&self, id: Id) -> Member {
        match self {
            Global::Epoch(global) => match adversary::stand_in(id) {
                Some(participant) => Member::Adversary(participant),
                None => Member::Epoch(global.register()),
            },
            Global::Asymmetric(global) => match adversary::stand_in(id) {
                Some(participant) => Member::Adversary(participant),
                None => Member::Asymmetric(global.register()),
            },
            Global::Critical(global) => Member::Critical(global.register()),
        }
    }

    /// Frees all that waits. Nobody is registered, or only participants that were forgotten.
    pub(super) fn close(self, id: Id) {
        adversary::close(id);
        drop(self);
    }
}

/// The part of a backend that a handle owns.
pub(super) enum Member {
    Epoch(epoch::Participant),
    Asymmetric(asymmetric::Participant),
    Critical(critical::Participant),
    Adversary(adversary::Participant),
}

impl Member {
    #[inline(always)]
    pub(super) fn batch(&self) -> usize {
        match self {
            Member::Epoch(_) => epoch::Participant::BATCH,
            Member::Asymmetric(_) => asymmetric::Participant::BATCH,
            Member::Critical(_) => critical::Participant::BATCH,
            Member::Adversary(_) => adversary::Participant::BATCH,
        }
    }

    #[inline(always)]
    pub(super) fn seals_on_unpin(&self) -> bool {
        match self {
            Member::Epoch(_) => epoch::Participant::SEAL_ON_UNPIN,
            Member::Asymmetric(_) => asymmetric::Participant::SEAL_ON_UNPIN,
            Member::Critical(_) => critical::Participant::SEAL_ON_UNPIN,
            Member::Adversary(_) => adversary::Participant::SEAL_ON_UNPIN,
        }
    }

    #[inline(always)]
    pub(super) fn pin(&self) {
        match self {
            Member::Epoch(participant) => participant.pin(),
            Member::Asymmetric(participant) => participant.pin(),
            Member::Critical(participant) => participant.pin(),
            Member::Adversary(participant) => participant.pin(),
        }
    }

    #[inline(always)]
    pub(super) fn unpin(&self) {
        match self {
            Member::Epoch(participant) => participant.unpin(),
            Member::Asymmetric(participant) => participant.unpin(),
            Member::Critical(participant) => participant.unpin(),
            Member::Adversary(participant) => participant.unpin(),
        }
    }

    pub(super) fn repin(&self) {
        match self {
            Member::Epoch(participant) => participant.repin(),
            Member::Asymmetric(participant) => participant.repin(),
            Member::Critical(participant) => participant.repin(),
            Member::Adversary(participant) => participant.repin(),
        }
    }

    pub(super) fn retire(&self, batch: Box<Batch>) {
        match self {
            Member::Epoch(participant) => participant.retire(batch),
            Member::Asymmetric(participant) => participant.retire(batch),
            Member::Critical(participant) => participant.retire(batch),
            Member::Adversary(participant) => participant.retire(batch),
        }
    }

    pub(super) fn flush(&self) {
        match self {
            Member::Epoch(participant) => participant.flush(),
            Member::Asymmetric(participant) => participant.flush(),
            Member::Critical(participant) => participant.flush(),
            Member::Adversary(participant) => participant.flush(),
        }
    }
}
