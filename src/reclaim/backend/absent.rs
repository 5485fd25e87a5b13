//! In the place of a backend that this build does not have: types without values.

use super::super::{collector::Id, garbage::Batch};
use alloc::boxed::Box;

/// Never made.
pub(in super::super) enum Global {}

/// Never made.
pub(in super::super) enum Participant {}

impl Global {
    #[allow(dead_code, reason = "called for the backend whose place this takes")]
    pub(super) fn new() -> Self {
        unreachable!("a collector asked for a backend that this build does not have")
    }

    #[allow(dead_code, reason = "as above")]
    pub(super) fn register(&self) -> Participant {
        match *self {}
    }
}

/// No engine drives this build.
#[allow(dead_code, reason = "as above")]
#[inline(always)]
pub(super) fn stand_in(_: Id) -> Option<Participant> {
    None
}

/// No engine drives this build.
#[allow(dead_code, reason = "as above")]
#[inline(always)]
pub(super) fn close(_: Id) {}

impl super::Participant for Participant {
    const BATCH: usize = 1;
    const SEAL_ON_UNPIN: bool = false;

    fn pin(&self) {
        match *self {}
    }
    fn unpin(&self) {
        match *self {}
    }
    fn repin(&self) {
        match *self {}
    }
    fn retire(&self, _: Box<Batch>) {
        match *self {}
    }
    fn flush(&self) {
        match *self {}
    }
}
