//! The default policy with std.

/// The policy that types use unless they name one: threads of the system.
pub type DefaultPolicy = super::Threads;
