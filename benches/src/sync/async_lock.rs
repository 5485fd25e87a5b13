//! `async_lock::Mutex`, for tasks.

use std::ops::DerefMut;

use async_lock::Mutex as Inner;

use super::AsyncLock;

#[derive(Default)]
pub(super) struct Smol(Inner<u64>);

impl AsyncLock for Smol {
    const NAME: &'static str = "async-lock";

    #[inline]
    fn lock(&self) -> impl Future<Output: DerefMut<Target = u64>> {
        self.0.lock()
    }
}
