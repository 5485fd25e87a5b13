//! Backing: `portable-atomic`, for targets without compare-and-swap (and, on request, any other).

pub(super) use portable_atomic::{AtomicPtr, AtomicUsize, fence};
