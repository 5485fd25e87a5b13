//! `counterpoint::reclaim`: the implicit `pin()`, and a handle that the thread keeps, of each backend.

use counterpoint::reclaim::{Collector, Guard, Handle, Owned, pin};

use super::Reclaimer;

/// The handle that every thread has.
#[derive(Default)]
pub(super) struct Implicit;

impl Reclaimer for Implicit {
    const NAME: &'static str = "reclaim::pin";
    type Handle<'r> = ();
    type Guard<'h> = Guard<'static>;

    #[inline]
    fn handle(&self) -> Self::Handle<'_> {}

    #[inline]
    fn pin<'h>(_handle: &'h ()) -> Self::Guard<'h> {
        pin()
    }

    #[inline]
    fn flush(guard: &Self::Guard<'_>) {
        guard.flush();
    }

    #[inline]
    fn retire(guard: &Self::Guard<'_>, value: u64) {
        retire(guard, value);
    }
}

/// A handle registered with a collector of its own; with asymmetric fences, or without.
pub(super) struct Handled<const SYMMETRIC: bool>(Collector);

impl<const SYMMETRIC: bool> Default for Handled<SYMMETRIC> {
    fn default() -> Self {
        Handled(if SYMMETRIC { Collector::symmetric() } else { Collector::new() })
    }
}

impl<const SYMMETRIC: bool> Reclaimer for Handled<SYMMETRIC> {
    const NAME: &'static str = if SYMMETRIC { "Collector::symmetric" } else { "Handle::pin" };
    type Handle<'r> = Handle<'static>;
    type Guard<'h> = Guard<'h>;

    #[inline]
    fn handle(&self) -> Self::Handle<'_> {
        self.0.register()
    }

    #[inline]
    fn pin<'h>(handle: &'h Handle<'static>) -> Self::Guard<'h> {
        handle.pin()
    }

    #[inline]
    fn flush(guard: &Self::Guard<'_>) {
        guard.flush();
    }

    #[inline]
    fn retire(guard: &Self::Guard<'_>, value: u64) {
        retire(guard, value);
    }
}

fn retire(guard: &Guard<'_>, value: u64) {
    let node = Owned::new(value).into_shared(guard);
    // SAFETY: the node was never reachable by another thread, is retired once, and is a `u64`,
    // which any thread may drop.
    unsafe { guard.defer_destroy(node) };
}
