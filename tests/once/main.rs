//! `Once`, `OnceCell` and `Lazy`: what they promise to threads and to tasks.

#[path = "../common/mod.rs"]
mod common;

mod cancellation;
mod failures;
mod forms;
mod reentrancy;
mod threads;
mod wakers;
