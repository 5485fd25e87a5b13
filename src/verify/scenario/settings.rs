//! How much of each runner a scenario gets.

use super::Runner;
use std::hash::{BuildHasher, RandomState};

/// The environment variable of the seed of random schedules.
const SEED: &str = "COUNTERPOINT_SEED";

#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) runners: Vec<Runner>,
    pub(super) bound: Option<usize>,
    pub(super) limit: Option<usize>,
    pub(super) weak_bound: usize,
    pub(super) brute_force_limit: usize,
    pub(super) loom_limit: usize,
    pub(super) schedules: usize,
    pub(super) rounds: usize,
    pub(super) roots: usize,
    pub(super) may_leak: bool,
    pub(super) seed: u64,
    pub(super) real_time: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            runners: Runner::ALL.to_vec(),
            bound: None,
            limit: None,
            weak_bound: 2,
            brute_force_limit: 20_000,
            loom_limit: 4_000,
            schedules: 500,
            rounds: 500,
            roots: 32,
            may_leak: false,
            seed: seed(),
            real_time: false,
        }
    }
}

/// The seed of the environment, or a new one.
pub(super) fn seed() -> u64 {
    match std::env::var(SEED) {
        Ok(seed) => seed.parse().unwrap_or_else(|_| panic!("{SEED}={seed} is not a number")),
        Err(_) => RandomState::new().hash_one(0),
    }
}
