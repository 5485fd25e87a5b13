//! Scenarios: every structure under every runner of the build, planted bugs, and what the runners
//! promise of themselves.

#[path = "../common/mod.rs"]
mod common;

#[cfg(feature = "proptest")]
mod drawn;
#[cfg(feature = "fuzz")]
mod fuzzed;
mod map;
mod objects;
#[cfg(feature = "engine")]
mod planted;
mod queue;
mod recorded;
mod set;
mod stack;
