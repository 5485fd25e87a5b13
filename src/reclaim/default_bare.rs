//! The implicit door, without std: there are no thread-locals, so each guard registers.

use super::{Collector, Guard};

/// Pins the calling context in the global domain.
pub(super) fn pin() -> Guard<'static> {
    Collector::global().register().pin_domain()
}
