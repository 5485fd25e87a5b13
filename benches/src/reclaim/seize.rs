//! `seize`: entering a collector, and retiring a box in its default batches.

use seize::{Collector, Guard, LocalGuard, reclaim};

use super::Reclaimer;

#[derive(Default)]
pub(super) struct Seize(Collector);

impl Reclaimer for Seize {
    const NAME: &'static str = "seize";
    type Handle<'r> = &'r Collector;
    type Guard<'h> = LocalGuard<'h>;

    #[inline]
    fn handle(&self) -> Self::Handle<'_> {
        &self.0
    }

    #[inline]
    fn pin<'h>(handle: &'h &Collector) -> Self::Guard<'h> {
        handle.enter()
    }

    /// Its batches keep up by themselves.
    #[inline]
    fn flush(_guard: &Self::Guard<'_>) {}

    #[inline]
    fn retire<T: Send + 'static>(guard: &Self::Guard<'_>, value: T) {
        let node = Box::into_raw(Box::new(value));
        // SAFETY: the node was never reachable by another thread, is retired once, and came from
        // a box of this type.
        unsafe { guard.defer_retire(node, reclaim::boxed) };
    }
}
