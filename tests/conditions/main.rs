//! `Counter`, `Latch`, `WaitGroup`, `Event`, `Notify` and `Barrier`: what they promise to threads and
//! to tasks.

#[path = "../common/mod.rs"]
mod common;

mod barrier;
mod counts;
mod notify;
mod threads;
