//! `Mutex` and `FairMutex`: what they promise to threads and to tasks.

#[path = "../common/mod.rs"]
mod common;

mod cancellation;
mod fair_release;
mod forms;
mod poison;
mod threads;
mod wakers;
