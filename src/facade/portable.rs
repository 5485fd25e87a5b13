//! Backing: `portable-atomic`, for targets without compare-and-swap (and, on request, any other).

pub(crate) use portable_atomic::{AtomicPtr, AtomicUsize, fence};
