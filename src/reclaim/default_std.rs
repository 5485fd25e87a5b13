//! The implicit door, with std: a handle of the global domain per thread.

use super::{Collector, Guard, Handle};
use crate::facade::{engine, thread::thread_local};

thread_local! {
    static HANDLE: Handle<'static> = Collector::global().register();
}

/// Pins the calling thread in the global domain; see [`Collector::new`] for what its barriers want.
///
/// In the destructor of another thread-local, when the thread's handle may be gone, it registers
/// for this one guard.
///
/// ```
/// let guard = counterpoint::reclaim::pin();
/// guard.defer(|| println!("later, on some thread"));
/// ```
#[inline]
pub fn pin() -> Guard<'static> {
    // The threads of an execution share one thread of the system, but not one participant.
    if engine::active() {
        return Collector::global().register().pin_domain();
    }
    HANDLE
        .try_with(Handle::pin_domain)
        .unwrap_or_else(|_| Collector::global().register().pin_domain())
}

/// Whether a guard of [`pin`] lives on the calling thread.
pub fn is_pinned() -> bool {
    HANDLE.try_with(Handle::is_pinned).unwrap_or(false)
}
