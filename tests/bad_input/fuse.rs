//! A fuse: lets the n-th call of somebody's code panic, on the thread that lit it.

use crate::common::{Counted, message};
use std::{
    cell::Cell,
    hash::{Hash, Hasher},
    panic::{AssertUnwindSafe, catch_unwind},
};

thread_local! {
    static LEFT: Cell<Option<usize>> = const { Cell::new(None) };
}

/// Called by the code that may panic.
pub(crate) fn burn() {
    if let Some(left) = LEFT.get() {
        LEFT.set(left.checked_sub(1));
        assert!(left > 0, "the fuse");
    }
}

/// Runs `f`, whose call number `calls` of `burn` panics; whether it came so far.
pub(crate) fn blows_after<R>(calls: usize, f: impl FnOnce() -> R) -> Result<R, ()> {
    LEFT.set(Some(calls));
    let result = catch_unwind(AssertUnwindSafe(f));
    LEFT.set(None);
    result.map_err(|payload| assert_eq!(message(&*payload), "the fuse"))
}

/// A key whose `Hash` and `Eq` burn.
#[derive(Debug)]
pub(crate) struct Key(pub(crate) Counted);

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        burn();
        self.0 == other.0
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        burn();
        state.write_u64(self.0.content);
    }
}
