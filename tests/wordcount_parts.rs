//! Runs the unit tests that stand in `examples/wordcount`, part by part.
//!
//! `cargo test` builds an example either as a program, which `tests/wordcount.rs` runs, or as a
//! test. This is how it does both. A new part of the example is entered here.

#![allow(dead_code, reason = "the example's `main.rs` and `report.rs` use what is unused here")]

#[path = "../examples/wordcount/arguments.rs"]
mod arguments;
#[path = "../examples/wordcount/check.rs"]
mod check;
#[path = "../examples/wordcount/chunk.rs"]
mod chunk;
#[path = "../examples/wordcount/corpus.rs"]
mod corpus;
#[path = "../examples/wordcount/count.rs"]
mod count;
#[path = "../examples/wordcount/counter.rs"]
mod counter;
#[path = "../examples/wordcount/discover.rs"]
mod discover;
#[path = "../examples/wordcount/measure.rs"]
mod measure;
#[path = "../examples/wordcount/problem.rs"]
mod problem;
#[path = "../examples/wordcount/progress.rs"]
mod progress;
#[path = "../examples/wordcount/words.rs"]
mod words;
