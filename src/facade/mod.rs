//! **L0, the one door** to atomics, cells, fences, spin hints, threads and thread-locals.
//!
//! No other file of the crate names `core::sync::atomic` or a model checker, or starts a thread.
//!
//! # Parts
//! | file | what |
//! |---|---|
//! | `atomic.rs` | the atomic types; each is a native word plus the seam's binding |
//! | `cell.rs` | `UnsafeCell`, accessed in closures so that an engine can see races |
//! | `native.rs`, `portable.rs` | the two backings of the native word |
//! | `no_engine.rs`, `engine/` | the seam: empty, or driven by an exploration engine |
//! | `untracked.rs` | statistics, and other words that engines do not see |
//! | `barrier.rs` | asymmetric fences, by the system where it has them |
//! | `ref_count.rs`, `first_use.rs` | a count of owners, a static made on first use: seen in models of their own |
//! | `often_and_seldom.rs` | two sides, each of which stores and then loads what the other stores; one is rare, and bears the cost |
//! | `store_load.rs` | a store, and a load that must not overtake it |
//! | `park.rs` | threads that block |
//! | `critical.rs` | the critical section, seen by engines |
//! | `interrupt.rs` | whether an interrupt is being handled |
//! | `time.rs`, `ticks.rs`, `uncertainty.rs` | clocks, and how far they contradict what threads saw |
//! | `tuning.rs` | every constant that trades memory, garbage and time |
//!
//! # Two constructors
//! * `new` binds at once and is for **nodes**: an engine sees who made the object, and thereby a
//!   missing publication. It is not `const` in a build with an engine.
//! * `root` is `const` in every build, starts at zero (null; `root_of`: at a value), and is for
//!   **container roots** and statics: an engine binds it at its first access in an execution to an object that the
//!   execution's main thread made at the start. Used in a node it would hide the publication race.
//!
//! # Invariants
//! * `[I1]` In a build without an engine each type has the size of its native word (asserted).
//! * `[I2]` With an engine compiled in, but outside a model, every operation is the native one.

#![allow(unreachable_pub, reason = "`verify::shim` hands these types on, where there is an engine")]

pub(crate) mod atomic;
pub(crate) mod barrier;
pub(crate) mod cell;
#[cfg(feature = "critical-section")]
pub(crate) mod critical;
pub(crate) mod first_use;
pub(crate) mod hint;
pub(crate) mod interrupt;
pub(crate) mod often_and_seldom;
#[cfg(feature = "std")]
pub(crate) mod park;
pub(crate) mod ref_count;
pub(crate) mod store_load;
#[cfg(feature = "std")]
pub(crate) mod thread;
#[cfg(feature = "verify")]
pub(crate) mod ticks;
#[cfg(feature = "std")]
pub(crate) mod time;
pub(crate) mod tuning;
#[cfg(feature = "verify")]
pub(crate) mod uncertainty;
pub(crate) mod untracked;

#[cfg(feature = "engine")]
pub(crate) mod engine;
#[cfg(not(feature = "engine"))]
#[path = "no_engine.rs"]
pub(crate) mod engine;

#[cfg(all(target_has_atomic = "ptr", not(feature = "portable")))]
#[path = "native.rs"]
mod backing;
#[cfg(any(not(target_has_atomic = "ptr"), feature = "portable"))]
#[path = "portable.rs"]
mod backing;
