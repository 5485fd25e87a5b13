//! Hashers that make a map's life hard.

use std::hash::{BuildHasherDefault, Hasher};

/// An integer is its own hash.
pub(crate) type Identity = BuildHasherDefault<Folding<{ u64::MAX }>>;
/// All keys have one hash.
pub(crate) type Constant = BuildHasherDefault<Folding<0>>;
/// Keys have one of four hashes.
pub(crate) type Colliding = BuildHasherDefault<Folding<3>>;

/// Keeps the last integer written, masked.
#[derive(Default)]
pub(crate) struct Folding<const MASK: u64>(u64);

impl<const MASK: u64> Hasher for Folding<MASK> {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 << 8) | u64::from(*byte);
        }
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }

    fn finish(&self) -> u64 {
        self.0 & MASK
    }
}
