//! Hashers that make a map's life hard.

use std::hash::{BuildHasher, BuildHasherDefault, Hasher};

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

/// The hasher under which an integer's place in a map's list is chosen: a `u64` is the order itself,
/// a `u16` its highest bits. It undoes the map's multiplication.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Placed;

pub(crate) struct PlacedHasher(u64);

impl BuildHasher for Placed {
    type Hasher = PlacedHasher;
    fn build_hasher(&self) -> PlacedHasher {
        PlacedHasher(0)
    }
}

impl Hasher for PlacedHasher {
    fn write(&mut self, _: &[u8]) {
        unreachable!("a key writes one word")
    }

    fn write_u16(&mut self, place: u16) {
        self.write_u64(u64::from(place) << 48);
    }

    fn write_u64(&mut self, order: u64) {
        // The inverse of an odd number modulo 2^64, by Newton's iteration.
        const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;
        let inverse = (0..6).fold(FACTOR, |inverse, _| {
            inverse.wrapping_mul(2u64.wrapping_sub(FACTOR.wrapping_mul(inverse)))
        });
        self.0 = order.wrapping_mul(inverse);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
