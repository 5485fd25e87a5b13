//! The word of a mutex: what its bits mean, as functions of its value alone. See [`raw`](super::raw), which
//! changes it, for what is said in brackets.
//!
//! | bit | |
//! |---|---|
//! | `LOCKED` | somebody has it |
//! | `QUEUED` | a release looks at the queue: somebody is there, and usually no thread is on its way |
//! | `TASK` | a task was told to try again, and has not tried yet; nobody may ever poll it |
//! | `LONG` | a thread has waited long: who comes new may not take the lock |
//! | `COURTESY` | a task has waited long: tasks that come new give way once |
//! | `PASS`… | how many releases passed by a woken task |

use crate::{facade::tuning, wait::Request};

pub(super) const LOCKED: usize = 1;
pub(super) const QUEUED: usize = 1 << 1;
pub(super) const TASK: usize = 1 << 2;
pub(super) const LONG: usize = 1 << 3;
pub(super) const COURTESY: usize = 1 << 4;
/// The counter is at the top, where it falls off.
pub(super) const PASS: usize = 1 << (usize::BITS - tuning::PASSES_BITS);
pub(super) const FLAGS: usize = PASS - 1;
/// What a task that was told leaves when it comes.
pub(super) const TOLD: usize = TASK | !FLAGS;

/// What a request is kept back by, what it clears when it comes or goes, and what it sets when it takes.
pub(super) struct Bits {
    pub(super) obstacles: usize,
    pub(super) gone: usize,
    pub(super) owed: usize,
}

/// Of somebody who comes new.
pub(super) const NEW: Bits = Bits { obstacles: LONG, gone: 0, owed: 0 };

impl Bits {
    pub(super) fn of(request: Request) -> Self {
        let told = match (request.is_told, request.is_thread) {
            (false, _) => NEW,
            (true, false) => Bits { obstacles: 0, gone: TOLD, owed: 0 },
            // [I2] It does not know whether somebody is in the queue.
            (true, true) => Bits { obstacles: 0, gone: TOLD, owed: QUEUED },
        };
        Bits { gone: told.gone | marks(request).0, ..told }
    }
}

/// The word when the first waiter cannot be told, since somebody has the lock: that one looks at the queue
/// when it unlocks. It has waited in vain once more.
pub(super) fn left_to_the_owner(state: usize, first: Request) -> usize {
    let (mark, over) = marks(Request { rounds: first.rounds.saturating_add(1), ..first });
    (state & !over) | QUEUED | mark
}

/// What somebody sets who has waited long, and what it clears then: nobody is kept from the lock for a
/// thread while a task is to take it. [I3]
pub(super) fn marks(request: Request) -> (usize, usize) {
    let mark = request.mark(LONG, COURTESY);
    (mark, if mark == LONG { TOLD } else { 0 })
}
