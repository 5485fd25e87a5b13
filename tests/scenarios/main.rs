//! Scenarios: every structure under every runner of the build, planted bugs, and what the runners
//! promise of themselves.
#![allow(clippy::unit_arg, reason = "an answer is made from whatever a method returns")]

#[path = "../common/mod.rs"]
mod common;

mod array_queue;
mod bag;
mod barrier;
mod conditions;
mod condvar;
mod deque;
#[cfg(feature = "proptest")]
mod drawn;
#[cfg(feature = "fuzz")]
mod fuzzed;
mod map;
mod mutex;
mod notify;
mod objects;
mod once;
#[cfg(feature = "engine")]
mod planted;
mod promises;
mod queue;
mod recorded;
mod rwlock;
mod segmented;
mod select;
mod semaphore;
mod set;
mod spsc;
mod stack;
mod tasks;
