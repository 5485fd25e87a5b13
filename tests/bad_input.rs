//! Bad input: never undefined behaviour, never a hang, and what was given is dropped exactly once.
//!
//! | module | what comes in |
//! |---|---|
//! | `sizes` | no capacity and too much; batches of none and of a million; values of no size, of great alignment, of a megabyte |
//! | `panics` | `Hash`, `Eq` and closures that panic, at each of their calls; keys and hashers that lie |
//! | `bombs` | values whose `Drop` panics |
//! | `reentrancy` | closures, `Hash` and `Drop` that call back into the same structure |
//! | `foreign` | a guard of another collector |
//! | `forgotten` | guards, handles, views and iterators that are forgotten |
//! | `thread_ends` | pins inside destructors of thread-locals |
//! | `clears` | iterators that outlive what they walk |
//! | `depth` | millions of values, dropped on a small stack |
//! | `private` | values that borrow, and values that stay on their thread |

mod common;

#[path = "bad_input/bombs.rs"]
mod bombs;
#[path = "bad_input/clears.rs"]
mod clears;
#[path = "bad_input/depth.rs"]
mod depth;
#[path = "bad_input/foreign.rs"]
mod foreign;
#[path = "bad_input/forgotten.rs"]
mod forgotten;
#[path = "bad_input/fuse.rs"]
mod fuse;
#[path = "bad_input/panics.rs"]
mod panics;
#[path = "bad_input/private.rs"]
mod private;
#[path = "bad_input/reentrancy.rs"]
mod reentrancy;
#[path = "bad_input/sizes.rs"]
mod sizes;
#[path = "bad_input/thread_ends.rs"]
mod thread_ends;
