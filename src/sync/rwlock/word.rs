//! The word of a read-write lock: what its bits mean, as functions of its value alone. See
//! [`raw`](super::raw), which changes it.
//!
//! | bit | | set and cleared |
//! |---|---|---|
//! | `WRITER` | a writer has it | |
//! | `UPGRADABLE` | an upgradable reader has it, beside the readers | |
//! | `UPGRADING` | that one is in the queue until the readers have left: no reader enters | under the queue's lock, or cleared by its take |
//! | `QUEUED` | somebody is in the queue | under the lock |
//! | `READERS` | readers may be in the queue | under the lock |
//! | `WRITERS` | a writer is in the queue: new readers wait | under the lock |
//! | `WOKEN` | a claimant, a writer or an upgradable reader, was told to try again, and has not tried yet | cleared when it comes, or was passed |
//! | `COMING` | it is a writer: new readers wait | with `WOKEN` |
//! | `TASK` | it is a task, which nobody may ever poll: new readers need not wait | with `WOKEN` |
//! | `LONG` | a claimant, a thread, has waited long: claimants that come new wait | |
//! | `COURTESY` | a task has waited long: tasks that come new give way once | |
//! | `PASS`… | how many releases passed by a woken task | with `WOKEN` |
//! | `READER`… | how many readers have it | |

use super::Preference;
use crate::{facade::tuning, wait::Request};

pub(in crate::sync) const WRITER: usize = 1;
pub(in crate::sync) const UPGRADABLE: usize = 1 << 1;
pub(super) const UPGRADING: usize = 1 << 2;
pub(super) const QUEUED: usize = 1 << 3;
pub(super) const READERS: usize = 1 << 4;
pub(super) const WRITERS: usize = 1 << 5;
pub(super) const WOKEN: usize = 1 << 6;
pub(super) const COMING: usize = 1 << 7;
pub(super) const TASK: usize = 1 << 8;
pub(super) const LONG: usize = 1 << 9;
pub(super) const COURTESY: usize = 1 << 10;

const PASS: usize = 1 << 11;
/// On a small word the readers need the bits.
const PASSES_BITS: u32 = if usize::BITS == 16 { 2 } else { tuning::PASSES_BITS };
const PASSES: usize = ((1 << PASSES_BITS) - 1) * PASS;

/// One reader.
pub(in crate::sync) const READER: usize = PASS << PASSES_BITS;
/// The count of readers.
pub(super) const COUNT: usize = !(READER - 1);

/// What somebody who was told leaves when it comes.
const TOLD: usize = WOKEN | COMING | TASK | PASSES;

// What a request wants.
pub(in crate::sync) const READ: usize = 0;
pub(in crate::sync) const WRITE: usize = 1;
pub(in crate::sync) const UPGRADABLE_READ: usize = 2;
/// Wanted by who has `UPGRADABLE`.
pub(in crate::sync) const UPGRADE: usize = 3;

/// Whether one more reader cannot be counted.
#[inline]
pub(super) fn is_full(state: usize) -> bool {
    state >= COUNT
}

/// Claimants compete, one of the queue at a time.
pub(super) fn is_claimant(request: Request) -> bool {
    matches!(request.want, WRITE | UPGRADABLE_READ)
}

/// Whether a request may take what it wants.
pub(super) fn admits<R: Preference>(state: usize, request: Request) -> bool {
    let held = match request.want {
        // Who reads may read again where readers enter at any time: an upgrade waits for it.
        READ if R::READERS_FIRST => WRITER,
        READ => WRITER | UPGRADING,
        WRITE => WRITER | UPGRADABLE | COUNT,
        UPGRADABLE_READ => WRITER | UPGRADABLE,
        _ => COUNT,
    };
    let bars = match request.want {
        READ => WRITERS | COMING,
        WRITE => LONG,
        // Who reads may go on to this where readers enter at any time.
        UPGRADABLE_READ if R::READERS_FIRST => 0,
        UPGRADABLE_READ => WRITERS | COMING | LONG,
        _ => 0,
    };
    let bars = match (request.is_told, state & TASK != 0) {
        (true, _) => 0,
        (_, true) => bars & LONG,
        _ => bars,
    };
    state & (held | bars) == 0 && (request.want != READ || !is_full(state))
}

/// The word when a request that is admitted has taken.
pub(super) fn taken(state: usize, request: Request) -> usize {
    let state = state & !gone(request);
    match request.want {
        READ => state + READER,
        WRITE => state | WRITER,
        UPGRADABLE_READ => state | UPGRADABLE,
        _ => (state & !(UPGRADABLE | UPGRADING)) | WRITER,
    }
}

/// Whether who gives `given` back lets in the readers that wait: a writer does; for the sake of writers
/// only if none is to come.
pub(super) fn opens<R: Preference>(state: usize, given: usize) -> bool {
    let is_barred = state & (WRITERS | COMING) != 0 && state & TASK == 0;
    given == WRITER && state & READERS != 0 && !(R::WRITERS_FIRST && is_barred)
}

/// The word when `given` has been given to a request of the queue; `None`: that one could not go on, or
/// readers come first, or wait for room.
pub(super) fn given_to<R: Preference>(
    state: usize,
    given: usize,
    request: Request,
) -> Option<usize> {
    let rest = state - given;
    let told = Request { is_told: true, ..request };
    // Readers that wait behind a task that was told wait for so many releases, which count as they are.
    let is_counted = state & (TASK | READERS) == TASK | READERS;
    let is_for_readers = is_counted || opens::<R>(state, given) || is_full(state);
    let may_have_it = admits::<R>(rest, told) && !is_for_readers;
    // It was not told before: nothing is cleared on behalf of one that was.
    may_have_it.then(|| taken(rest, Request { is_told: false, ..request }))
}

/// The word when a request waits.
pub(super) fn announced<R: Preference>(state: usize, request: Request) -> usize {
    let waits = match request.want {
        READ => READERS,
        WRITE if !R::READERS_FIRST => WRITERS,
        UPGRADE => UPGRADING,
        _ => 0,
    };
    (state & !gone(request)) | QUEUED | waits | mark_of(request)
}

/// The word when a claimant is about to be told.
pub(super) fn called<R: Preference>(state: usize, request: Request) -> usize {
    let coming = if request.want == WRITE && !R::READERS_FIRST { COMING } else { 0 };
    // Nobody is kept from the lock for a thread while a task is to take it.
    let (task, long) = if request.is_thread { (0, 0) } else { (TASK, LONG) };
    (state & !long) | WOKEN | coming | task
}

/// The word when a release has passed by a woken task; and whether that is enough: then it is waited
/// for no longer.
pub(super) fn passed(state: usize) -> (usize, bool) {
    let is_enough = state & PASSES == PASSES;
    (if is_enough { state & !(TOLD | COURTESY) } else { state + PASS }, is_enough)
}

/// What a request clears when it comes or goes.
pub(super) fn gone(request: Request) -> usize {
    let told = if request.is_told && is_claimant(request) { TOLD } else { 0 };
    told | mark_of(request)
}

/// What somebody sets who has waited long and waits again. (Readers that are threads bar nobody.)
fn mark_of(request: Request) -> usize {
    request.mark(if is_claimant(request) { LONG } else { 0 }, COURTESY)
}

#[cfg(test)]
mod tests {
    use super::{super::PhaseFair, *};
    use crate::sync::WriterPreferring;

    fn claims(want: usize, rounds: u32) -> Request {
        Request { want, rounds, is_thread: true, is_told: false }
    }

    #[test]
    fn what_is_given_on_keeps_the_marks_of_others() {
        let (new, long) = (claims(WRITE, 0), claims(WRITE, tuning::LONG_WAIT));
        let others = QUEUED | WRITERS | WOKEN | COMING | TASK | PASS | COURTESY;
        for given in [READER, WRITER, UPGRADABLE] {
            let state = given | others | LONG;
            assert_eq!(given_to::<PhaseFair>(state, given, new), Some(WRITER | others | LONG));
            assert_eq!(given_to::<PhaseFair>(state, given, long), Some(WRITER | others));
        }
        let upgradable = claims(UPGRADABLE_READ, 0);
        let state = UPGRADABLE | READER | QUEUED;
        assert_eq!(given_to::<PhaseFair>(state, UPGRADABLE, upgradable), Some(state));
    }

    #[test]
    fn nothing_is_given_on_to_who_could_not_take_it_nor_past_readers() {
        let writer = claims(WRITE, 0);
        let none = |state, given| given_to::<PhaseFair>(state, given, writer).is_none();
        assert!(none((2 * READER) | QUEUED, READER), "another one reads");
        assert!(none(UPGRADABLE | READER | QUEUED, UPGRADABLE), "another one reads");
        assert!(none(UPGRADABLE | READER | QUEUED, READER), "one may become the writer");
        assert!(none(COUNT | QUEUED, READER), "somebody may wait for room");
        let state = WRITER | QUEUED | READERS | WRITERS;
        assert!(none(state, WRITER), "readers come first");
        let behind_a_task = QUEUED | READERS | WOKEN | COMING | TASK;
        assert!(none(UPGRADABLE | behind_a_task, UPGRADABLE), "readers wait behind a task");
        assert_eq!(given_to::<WriterPreferring>(state, WRITER, writer), Some(state));
    }
}
