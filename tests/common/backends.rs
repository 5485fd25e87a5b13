//! The backends of reclamation that models and scenarios run over.

use counterpoint::reclaim::Collector;

/// A backend.
#[derive(Clone, Copy)]
pub(crate) struct Backend {
    pub(crate) name: &'static str,
    pub(crate) collector: fn() -> Collector,
    /// The preemptions that are affordable, in the interleavings and in the weak pass, where not all
    /// are.
    pub(crate) bounds: Option<(usize, usize)>,
}

/// All that differ there. Engines put the adversary in the place of epochs, of those with asymmetric
/// fences too (whose own models are `loom-tests/asymmetric.rs`). Each guard of the critical section
/// takes two steps in one word that all threads share, so what runs over it is bounded more tightly.
pub(crate) const BACKENDS: &[Backend] = &[
    Backend { name: "epoch", collector: Collector::new, bounds: None },
    #[cfg(feature = "critical-section")]
    Backend {
        name: "critical section",
        collector: Collector::critical_section,
        bounds: Some((2, 1)),
    },
];
