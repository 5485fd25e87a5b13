//! Systems without a barrier on behalf of other threads, or none that is used here.

/// There is nothing to register for.
pub(super) fn register() -> bool {
    false
}

/// Never called, since nothing was registered; and if it were, there was no barrier.
pub(super) fn interrupt() -> bool {
    false
}
