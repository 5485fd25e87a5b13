//! Runs batches, with std: one frame for each domain whose batches run on a thread.
//!
//! A destructor may pin, retire and flush, whereupon the backend may hand out further batches, in
//! the midst of the one that runs. Were those of the same domain run there, a long chain of them would
//! overflow the stack; so they are *parked*, and the domain's frame runs them. Those of other domains run
//! at once, in a frame of their own: so there are no more frames than domains.
//!
//! # Invariants
//! * `[I1]` A batch is parked only in the frame of its own domain, and runs before that returns. The frame
//!   is called by a participant, whose owner of the state is there meanwhile; or by the end of the state,
//!   when there is no participant that could park more, here or elsewhere. So a parked batch's ledger is
//!   there. (Were one parked in another domain's frame, its own might end on another thread.)
//! * `[I2]` The frames of a thread are a list, innermost first, and lie on its stack.

use super::garbage::{Batch, Ledger};
use crate::facade::thread::thread_local;
use alloc::boxed::Box;
use core::{cell::Cell, ptr, ptr::NonNull};

/// What a collector needs for it: nothing.
pub(super) struct Seat;

impl Seat {
    pub(super) const fn new() -> Self {
        Seat
    }
}

/// The batches of one domain that run on a thread.
struct Frame {
    ledger: NonNull<Ledger>,
    /// Those that wait; a list.
    parked: Cell<Option<Box<Batch>>>,
    outer: *const Frame,
}

thread_local! {
    /// The innermost frame [I2]. Without a destructor, so that it is there while other thread-locals are
    /// destroyed.
    static FRAMES: Cell<*const Frame> = const { Cell::new(ptr::null()) };
}

/// Runs a batch now, or, where one of its domain runs on this thread, after that.
pub(super) fn run(mut batch: Box<Batch>) {
    let outer = FRAMES.with(Cell::get);
    let mut next = outer;
    // SAFETY: frames in the list are on this thread's stack, of calls that have not returned [I2].
    while let Some(frame) = unsafe { next.as_ref() } {
        if frame.ledger == batch.ledger() {
            batch.next = frame.parked.take();
            frame.parked.set(Some(batch));
            return;
        }
        next = frame.outer;
    }
    let frame = Frame { ledger: batch.ledger(), parked: Cell::new(Some(batch)), outer };
    FRAMES.with(|frames| frames.set(&raw const frame));
    // Destructors that panic are caught where they run: nothing unwinds from here.
    while let Some(mut first) = frame.parked.take() {
        frame.parked.set(first.next.take());
        first.end();
    }
    FRAMES.with(|frames| frames.set(outer));
}

/// Calls `close`, in which the last batches of a domain run: none of them is parked [I1].
pub(super) fn settle(_: NonNull<Ledger>, close: impl FnOnce()) {
    close();
}
