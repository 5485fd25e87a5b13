//! `tokio::sync::Mutex`, for tasks, outside its runtime.

use std::ops::DerefMut;

use tokio::sync::Mutex as Inner;

use super::AsyncLock;

#[derive(Default)]
pub(super) struct Tokio(Inner<u64>);

impl AsyncLock for Tokio {
    const NAME: &'static str = "tokio";

    #[inline]
    fn lock(&self) -> impl Future<Output: DerefMut<Target = u64>> {
        self.0.lock()
    }
}
