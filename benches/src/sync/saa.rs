//! `saa::Mutex`: threads and tasks in one queue, served in order.

use std::ops::DerefMut;

use saa::{Mutex as Inner, MutexGuard, lock_async};

use super::{AsyncLock, Lock};

#[derive(Default)]
pub(super) struct Saa(Inner<u64>);

impl Lock for Saa {
    const NAME: &'static str = "saa";
    type Guard<'m> = MutexGuard<'m, u64>;

    #[inline]
    fn lock(&self) -> Self::Guard<'_> {
        self.0.lock()
    }
}

impl AsyncLock for Saa {
    const NAME: &'static str = "saa";

    #[inline]
    fn lock(&self) -> impl Future<Output: DerefMut<Target = u64>> {
        lock_async(&self.0)
    }
}
