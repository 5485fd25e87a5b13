//! `RwLock`: what it promises to threads and to tasks, for each preference.

#[path = "../common/mod.rs"]
mod common;

mod cancellation;
mod fair_release;
mod fairness;
mod forms;
mod poison;
mod threads;
mod upgrades;
mod wakers;
