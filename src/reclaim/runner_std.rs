//! Runs batches, with std: one frame a thread.
//!
//! A destructor may pin, retire and flush, whereupon the backend may hand out further batches, in
//! the midst of the one that runs. Were they run there, a long chain of them would overflow the
//! stack; so they are *parked*, and the outermost frame of the thread runs them.
//!
//! # Invariants
//! * `[I1]` A parked batch runs before the outermost frame returns, or before its collector's state
//!   goes (`settle`): its ledger is there.
//! * `[I2]` While a collector closes, its batches run at once: its state goes next.

use super::garbage::{Batch, Ledger};
use crate::facade::thread::thread_local;
use alloc::boxed::Box;
use core::{cell::Cell, mem, ptr::NonNull};

/// What a collector needs for it: nothing.
pub(super) struct Seat;

impl Seat {
    pub(super) const fn new() -> Self {
        Seat
    }
}

/// What a thread is at.
struct Frame {
    running: Cell<bool>,
    /// A list; never left behind when the outermost frame returns.
    parked: Cell<Option<Box<Batch>>>,
}

thread_local! {
    /// Without a destructor, so that it is there while other thread-locals are destroyed.
    static FRAME: mem::ManuallyDrop<Frame> = const {
        mem::ManuallyDrop::new(Frame { running: Cell::new(false), parked: Cell::new(None) })
    };
}

/// Runs a batch now, or when the frame that runs on this thread is done with its own.
pub(super) fn run(batch: Box<Batch>) {
    FRAME.with(|frame| {
        if frame.running.get() {
            frame.park(batch);
            return;
        }
        frame.running.set(true);
        drop(batch);
        while let Some(mut first) = frame.parked.take() {
            frame.parked.set(first.next.take());
            drop(first);
        }
        frame.running.set(false);
    });
}

/// Runs what is parked of a ledger's batches; then `close`, in which batches run at once.
pub(super) fn settle(ledger: NonNull<Ledger>, close: impl FnOnce()) {
    FRAME.with(|frame| {
        let running = frame.running.replace(false);
        let mut parked = frame.parked.take();
        while let Some(mut batch) = parked {
            parked = batch.next.take();
            if batch.ledger() == ledger {
                run(batch);
            } else {
                frame.park(batch);
            }
        }
        close(); // [I2]
        frame.running.set(running);
    });
}

impl Frame {
    fn park(&self, mut batch: Box<Batch>) {
        batch.next = self.parked.take();
        self.parked.set(Some(batch));
    }
}
