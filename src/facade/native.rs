//! Backing: the target's own atomics.

pub(crate) use core::sync::atomic::{AtomicPtr, AtomicUsize, fence};
