//! The verification tools that need no engine.

#[path = "../common/mod.rs"]
mod common;
mod history;
mod jepsen;
mod specs;
