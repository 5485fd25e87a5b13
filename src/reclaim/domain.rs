//! What a structure asks of its domain.
//!
//! # Soundness of the signatures
//! [`Reclaims<T>`] stands on the *methods* of structures, not on `Sync` alone: in a shared domain
//! another thread runs the destructor of what is retired, at any later time, so even a structure
//! that one thread uses may not retire an `Rc` or a borrow there. A private domain's destructors
//! run on threads that use the structure (which needs `T: Send` for that) and end with it.

use super::{
    collector::{Collector, Id, PrivateCollector},
    guard::Guard,
    handle::Handle,
    metrics::Metrics,
};

pub(crate) mod sealed {
    use super::{Guard, Id};

    /// Tells domains apart.
    pub trait Identified {
        fn id(&self) -> Id;

        /// A guard that is the only user of a participant which may go to another thread, with the guard.
        ///
        /// # Panics
        /// When participants of this domain may not.
        fn pin_alone(&self) -> Guard<'_>;
    }
}

/// A domain of reclamation: [`Collector`] or [`PrivateCollector`].
pub trait Domain: sealed::Identified {
    /// Makes the calling thread a member. Allocates; keep the handle.
    fn register(&self) -> Handle<'_>;

    /// Pins the calling thread; cheap only for the global domain with std.
    fn pin(&self) -> Guard<'_>;

    /// How much garbage there is, of which kind, and how much there was. Wait-free.
    fn metrics(&self) -> Metrics;
}

/// A domain in which values of type `T` may be retired.
#[diagnostic::on_unimplemented(
    message = "`{T}` cannot be retired in a `{Self}`",
    label = "a shared collector runs destructors on any thread, at any later time",
    note = "values in a shared domain are `Send + 'static`; \
            for others choose `PrivateCollector` as the structure's domain"
)]
pub trait Reclaims<T>: Domain {}

impl sealed::Identified for Collector {
    #[inline(always)]
    fn id(&self) -> Id {
        Collector::id(self)
    }

    #[track_caller]
    fn pin_alone(&self) -> Guard<'_> {
        Collector::pin_alone(self)
    }
}

impl Domain for Collector {
    fn register(&self) -> Handle<'_> {
        Collector::register(self)
    }

    #[inline]
    fn pin(&self) -> Guard<'_> {
        Collector::pin(self)
    }

    fn metrics(&self) -> Metrics {
        Collector::metrics(self)
    }
}

impl<T: Send + 'static> Reclaims<T> for Collector {}

impl sealed::Identified for PrivateCollector {
    #[inline(always)]
    fn id(&self) -> Id {
        PrivateCollector::id(self)
    }

    #[track_caller]
    fn pin_alone(&self) -> Guard<'_> {
        PrivateCollector::pin_alone(self)
    }
}

impl Domain for PrivateCollector {
    fn register(&self) -> Handle<'_> {
        PrivateCollector::register(self)
    }

    fn pin(&self) -> Guard<'_> {
        PrivateCollector::pin(self)
    }

    fn metrics(&self) -> Metrics {
        PrivateCollector::metrics(self)
    }
}

impl<T> Reclaims<T> for PrivateCollector {}
