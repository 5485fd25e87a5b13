//! `spin::Mutex`, whose waiters burn their processor for as long as it takes.

use spin::mutex::{Mutex as Inner, MutexGuard};

use super::Lock;

#[derive(Default)]
pub(super) struct Spin(Inner<u64>);

impl Lock for Spin {
    const NAME: &'static str = "spin (never parks)";
    type Guard<'m> = MutexGuard<'m, u64>;

    #[inline]
    fn lock(&self) -> Self::Guard<'_> {
        self.0.lock()
    }
}
