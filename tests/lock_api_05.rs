//! The raw locks under lock_api 0.5.

#[path = "common/mod.rs"]
mod common;
#[path = "lock_api/shared.rs"]
mod shared;

use lock_api_0_5 as locks;
