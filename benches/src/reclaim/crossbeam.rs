//! `crossbeam_epoch`: the implicit `pin()`, and a `LocalHandle` that the thread keeps.

use crossbeam_epoch::{Collector, Guard, LocalHandle, Owned, pin};

use super::Reclaimer;

/// The handle that every thread has.
#[derive(Default)]
pub(super) struct Implicit;

impl Reclaimer for Implicit {
    const NAME: &'static str = "crossbeam-epoch";
    type Handle<'r> = ();
    type Guard<'h> = Guard;

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

/// A handle registered with a collector of its own.
#[derive(Default)]
pub(super) struct Handled(Collector);

impl Reclaimer for Handled {
    const NAME: &'static str = "crossbeam-epoch";
    type Handle<'r> = LocalHandle;
    type Guard<'h> = Guard;

    #[inline]
    fn handle(&self) -> Self::Handle<'_> {
        self.0.register()
    }

    #[inline]
    fn pin<'h>(handle: &'h LocalHandle) -> Self::Guard<'h> {
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

fn retire<T: Send + 'static>(guard: &Guard, value: T) {
    let node = Owned::new(value).into_shared(guard);
    // SAFETY: the node was never reachable by another thread, is retired once, and any
    // thread may drop it.
    unsafe { guard.defer_destroy(node) };
}
