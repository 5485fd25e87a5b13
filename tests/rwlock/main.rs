//! `RwLock`: what it promises to threads and to tasks, for each preference.

#[path = "../common/mod.rs"]
mod common;

mod cancellation;
mod fairness;
mod forms;
mod threads;
mod upgrades;
mod wakers;
