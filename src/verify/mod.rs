//! **Verification**: judge what concurrent code did, and run it on every schedule that an engine
//! distinguishes. (Feature `verify`; `engine` adds exploration, `loom` the engine that shows stale
//! values, `shuttle` random schedules. None needs RUSTFLAGS.)
//!
//! | module | what |
//! |---|---|
//! | [`history`] | what processes asked and were answered, and when: recorded or read |
//! | [`spec`] | what an object does, one operation at a time |
//! | [`linear`] | whether a history is linearizable, and if not, why: in one line and drawn |
//! | [`scenario`] | threads of operations, declared once: run by every engine, and judged |
//! | `model`, `oracle` | a closure under the engines; brute force against the engine that reduces |
//! | [`shim`] | the atomics, cells, fences, hints, threads and nodes that the engines drive |
//!
//! # A type of one's own
//! It takes its atomics from [`shim`], and a specification says what it does. The rest is a
//! declaration: threads of operations. (The structures of this crate run under the engines as they
//! are.)
//!
//! ```
//! use counterpoint::verify::{scenario::Scenario, shim::{AtomicUsize, Ordering}, spec::SequentialSpec};
//!
//! /// One permit.
//! struct Permit(AtomicUsize);
//!
//! impl Permit {
//!     fn try_take(&self) -> bool {
//!         // Acquire, and Release below: who takes it sees what was done before it was given back.
//!         self.0.compare_exchange(0, 1, Ordering::Acquire, Ordering::Relaxed).is_ok()
//!     }
//!
//!     fn give_back(&self) {
//!         self.0.swap(0, Ordering::Release);
//!     }
//! }
//!
//! #[derive(Clone, Debug)]
//! enum Ask { TryTake, GiveBack }
//!
//! struct OnePermit;
//!
//! impl SequentialSpec for OnePermit {
//!     type State = bool; // whether it is taken
//!     type Operation = Ask;
//!     type Result = bool;
//!     fn initial(&self) -> bool { false }
//!     fn step(&self, taken: &bool, ask: &Ask, _: Option<&bool>) -> impl IntoIterator<Item = (bool, bool)> {
//!         match ask {
//!             Ask::TryTake => [(!taken, true)],
//!             Ask::GiveBack => [(true, false)],
//!         }
//!     }
//! }
//!
//! let make = || Permit(AtomicUsize::new(0));
//! Scenario::new("permit", OnePermit, make, |permit, ask| match ask {
//!     Ask::TryTake => permit.try_take(),
//!     Ask::GiveBack => { permit.give_back(); true }
//! })
//! .thread([Ask::TryTake, Ask::GiveBack])
//! .thread([Ask::TryTake])
//! .check();
//! ```
//!
//! With the feature `verify` that runs on real threads; with `loom` and `shuttle` under every engine
//! too. Change the compare-exchange into a load and a store, and every engine objects; real threads
//! do when they happen to meet.

pub mod history;
pub mod linear;
#[cfg(feature = "engine")]
pub mod model;
#[cfg(feature = "engine")]
pub mod oracle;
pub mod scenario;
pub mod shim;
pub mod spec;
