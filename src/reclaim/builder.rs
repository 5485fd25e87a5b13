//! `Builder`: what a domain of one's own shall be like, before there is one. So the cap of its garbage is
//! fixed before its first participant comes, and the global domain, which strangers share, has none.

use super::{
    backend::Choice,
    collector::{Collector, PrivateCollector},
};
use core::fmt;

/// Makes a [`Collector`] or a [`PrivateCollector`] that is other than the usual one.
///
/// ```
/// use counterpoint::{queue::MsQueue, reclaim::Collector};
/// let collector = Collector::builder().garbage_cap(1000).build();
/// let queue = MsQueue::new_in(collector.clone());
/// assert!(queue.pin().push_within(1).is_ok());
/// assert_eq!(collector.metrics().cap, Some(1000));
/// ```
#[derive(Clone, Copy)]
#[must_use = "it makes nothing before `build`"]
pub struct Builder {
    pub(super) choice: Choice,
    /// `usize::MAX` where there is none.
    pub(super) cap: usize,
}

impl Builder {
    pub(super) const fn new(choice: Choice) -> Self {
        Builder { choice, cap: usize::MAX }
    }

    /// With pins that take a locked instruction, as [`Collector::symmetric`].
    pub fn symmetric(self) -> Self {
        Builder { choice: Choice::Symmetric, ..self }
    }

    /// With guards counted in critical sections, as [`Collector::critical_section`].
    #[cfg(feature = "critical-section")]
    pub fn critical_section(self) -> Self {
        Builder { choice: Choice::CriticalSection, ..self }
    }

    /// With a cap on garbage: the forms of operations that end in `_within` refuse to add a node while so
    /// many entries, or more, have been handed over and wait
    /// ([`Metrics::handed_over`](super::Metrics::handed_over)). They try to free some first.
    ///
    /// All other forms, and everything that takes a node out, work as ever, and may exceed the cap:
    /// [`Metrics::excess`](super::Metrics::excess) says by how much.
    ///
    /// # What it bounds
    /// A node is garbage only when somebody takes it out; that is never refused, and takes no memory. So
    /// what waits beyond the cap was there when it was reached. Where all nodes come by `_within` forms, and
    /// each of some threads takes out what it puts in before it puts in the next, as in a loop of push and
    /// pop, whatever other threads do with their guards,
    ///
    /// > what waits < cap + bag × participants
    ///
    /// with all participants (handles, and guards without one) that use the structures: one that only reads
    /// a map may unlink what another one has removed. A stack uses no node again in such a domain. And
    /// a [`bag`](super::Metrics::bag) is what a participant collects before it hands it over: a
    /// sixteenth of the cap, but at least one entry and not more than without a cap. For each value that is
    /// in the structures, it may be one more.
    ///
    /// # Who is refused
    /// Whoever asks when some guard keeps the garbage, and be it the guard that is asked with. End it, or
    /// [`repin`](super::Guard::repin) it, before you try again; once or twice that is no sign that
    /// somebody is stalled, since freeing takes some pins. From half the cap on, each `_within` form that is
    /// admitted tries to free, lest it come to that.
    pub fn garbage_cap(self, entries: usize) -> Self {
        Builder { cap: entries, ..self }
    }

    /// A shared domain.
    pub fn build(self) -> Collector {
        Collector::of(self)
    }

    /// A domain for one structure.
    pub fn build_private(self) -> PrivateCollector {
        PrivateCollector::of(self)
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("garbage_cap", &self.cap).finish_non_exhaustive()
    }
}
