//! The default policy without std: the one that interrupts may use.

/// The policy that types use unless they name one: the critical section.
pub type DefaultPolicy = super::Critical;
