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
    fn retire<T: Send + 'static>(guard: &Self::Guard<'_>, value: T) {
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
    fn retire<T: Send + 'static>(guard: &Self::Guard<'_>, value: T) {
        retire(guard, value);
    }
}

/// The default backend, with a cap on its garbage.
pub(super) struct Capped(Collector);

impl Default for Capped {
    fn default() -> Self {
        Capped(Collector::builder().garbage_cap(1_000).build())
    }
}

impl Reclaimer for Capped {
    const NAME: &'static str = "garbage_cap(1000)";
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
    fn has_room(guard: &Self::Guard<'_>) -> bool {
        guard.has_room()
    }

    #[inline]
    fn retire<T: Send + 'static>(guard: &Self::Guard<'_>, value: T) {
        retire(guard, value);
    }
}

fn retire<T: Send + 'static>(guard: &Guard<'_>, value: T) {
    let node = Owned::new(value).into_shared(guard);
    // SAFETY: the node was never reachable by another thread, is retired once, and any
    // thread may drop it.
    unsafe { guard.defer_destroy(node) };
}
