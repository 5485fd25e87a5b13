//! Backing: the target's own atomics.

pub(super) use core::sync::atomic::{AtomicPtr, AtomicUsize, fence};
