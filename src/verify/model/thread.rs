//! Threads of a model, driven by the engine that runs; outside of a model, threads of std.
//!
//! A model joins every thread that it spawns. loom runs four beside the main one.

pub use crate::facade::engine::thread::{JoinHandle, spawn, yield_now};
