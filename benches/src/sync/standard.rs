//! `std::sync::Mutex`, which parks in the system and is poisoned by a panic.

use std::sync::{Mutex as Inner, MutexGuard};

use super::Lock;

#[derive(Default)]
pub(super) struct Standard(Inner<u64>);

impl Lock for Standard {
    const NAME: &'static str = "std";
    type Guard<'m> = MutexGuard<'m, u64>;

    #[inline]
    fn lock(&self) -> Self::Guard<'_> {
        self.0.lock().expect("no operation panics")
    }
}
