//! **L1**: small parts without any policy: padding, backoff, head starts, striped counters, what must not unwind.

mod abort;
mod backoff;
mod cache_padded;
mod counter;
mod head_start;

pub(crate) use abort::abort_on_panic;
pub(crate) use backoff::Backoff;
pub(crate) use cache_padded::CachePadded;
pub(crate) use counter::StripedCounter;
pub(crate) use head_start::HeadStart;
