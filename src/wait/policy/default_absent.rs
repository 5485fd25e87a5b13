//! There is no default policy in this build.

/// No policy: turn the feature `std` or `critical-section` on, or name [`Spin`](super::Spin).
#[derive(Debug)]
pub enum Default {}
