//! The default hasher, without std: there is none, since there is no source of randomness.

/// In the place of a default hasher, which only a build with std has: name a `BuildHasher`.
#[derive(Clone, Copy, Debug)]
pub enum DefaultHashBuilder {}
