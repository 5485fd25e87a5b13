//! The verification tools, judged themselves.

#[path = "../common/mod.rs"]
mod common;

mod history;
mod jepsen;
mod ready_specs;
