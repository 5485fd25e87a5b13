//! `parking_lot::Mutex`: a byte, whose waiters are in a table of the process.

use parking_lot::{Mutex as Inner, MutexGuard};

use super::Lock;

#[derive(Default)]
pub(super) struct ParkingLot(Inner<u64>);

impl Lock for ParkingLot {
    const NAME: &'static str = "parking_lot";
    type Guard<'m> = MutexGuard<'m, u64>;

    #[inline]
    fn lock(&self) -> Self::Guard<'_> {
        self.0.lock()
    }
}
