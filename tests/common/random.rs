//! Randomness that can be repeated: whatever draws from it prints its seed first.

use super::scaled;
use proptest::{
    strategy::Strategy,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use std::hash::{BuildHasher, RandomState};

/// The seed of this run; printed, so that a failure shows it.
pub(crate) fn seed() -> u64 {
    let seed = match std::env::var("COUNTERPOINT_SEED") {
        Ok(seed) => seed.parse().expect("COUNTERPOINT_SEED is a number"),
        Err(_) => RandomState::new().hash_one(0),
    };
    println!("to repeat: COUNTERPOINT_SEED={seed}");
    seed
}

/// A stream of numbers (Steele, Lea, Flood: SplitMix64, OOPSLA 2014).
pub(crate) struct Random(u64);

impl Random {
    /// The stream number `stream` of a seed.
    pub(crate) fn new(seed: u64, stream: usize) -> Self {
        let mut random = Random(seed ^ (stream as u64).wrapping_mul(0xD6E8_FEB8_6659_FD93));
        random.next();
        random
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}

/// Holds `check` against values of a strategy; shrinks and shows what fails.
#[track_caller]
pub(crate) fn property<S: Strategy>(strategy: S, check: impl Fn(S::Value)) {
    let seed = seed();
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let config =
        Config { cases: scaled(256) as u32, failure_persistence: None, ..Config::default() };
    let ran = TestRunner::new_with_rng(config, rng).run(&strategy, |value| {
        check(value);
        Ok(())
    });
    if let Err(failure) = ran {
        panic!("{failure}");
    }
}
