//! `select`: one is selected, and the others lose nothing.

#[path = "../common/mod.rs"]
mod common;

mod cancellation;
mod decided;
mod forms;
