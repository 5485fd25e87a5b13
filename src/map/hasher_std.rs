//! The default hasher, with std.

/// What maps and sets hash with unless they are told otherwise: SipHash with random keys, which
/// resists flooding.
pub type DefaultHashBuilder = std::hash::RandomState;
