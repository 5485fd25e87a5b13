//! `counterpoint::sync::Mutex`, with its usual policy: for threads and for tasks.

use std::ops::DerefMut;

use counterpoint::sync::{Mutex as Inner, MutexGuard};

use super::{AsyncLock, Lock};

#[derive(Default)]
pub(super) struct Mutex(Inner<u64>);

impl Lock for Mutex {
    const NAME: &'static str = "Mutex";
    type Guard<'m> = MutexGuard<'m, u64>;

    #[inline]
    fn lock(&self) -> Self::Guard<'_> {
        self.0.lock_blocking()
    }
}

impl AsyncLock for Mutex {
    const NAME: &'static str = "Mutex";

    #[inline]
    fn lock(&self) -> impl Future<Output: DerefMut<Target = u64>> {
        self.0.lock()
    }
}
