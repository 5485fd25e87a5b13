//! **Verification**: run code on every schedule that an engine distinguishes. (Feature `engine`;
//! feature `loom`, which needs no RUSTFLAGS, adds the engine that shows stale values.)
//!
//! | module | what |
//! |---|---|
//! | [`model`] | a closure, its declared outcomes, and two passes that must agree with them |
//! | [`oracle`] | the interleavings pass against brute force, behaviour by behaviour |
//! | [`shim`] | the atomics, cells, fences, hints, threads and nodes that the engines drive |
//!
//! The structures of this crate run under the engines as they are. A type of one's own does when it
//! takes its atomics from [`shim`].

pub mod model;
pub mod oracle;
pub mod shim;
