//! The verification tools, judged themselves.

#[path = "../common/mod.rs"]
mod common;

mod brute;
mod history;
mod jepsen;
mod linear;
mod monitor;
mod random_history;
mod ready_specs;
mod report;
mod shrink;
mod specs;
