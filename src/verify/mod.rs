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
//! Begin with [`scenario`]. The structures of this crate run under the engines as they are. A type of one's own does when it
//! takes its atomics from [`shim`].

pub mod history;
pub mod linear;
#[cfg(feature = "engine")]
pub mod model;
#[cfg(feature = "engine")]
pub mod oracle;
pub mod scenario;
pub mod shim;
pub mod spec;
