//! A lock that is free whenever it is wanted: an operation locks, touches the value and unlocks.
//! For tasks it makes a future and polls it once, with a waker that does nothing and is never told
//! anything.

use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use super::async_lock::Smol;
use super::ours::Mutex;
use super::parking_lot::ParkingLot;
use super::saa::Saa;
use super::spin::Spin;
use super::standard::Standard;
use super::tokio::Tokio;
use super::{AsyncLock, Lock};
use crate::crew::Task;
use crate::workload::Contestant;

/// The locks that block threads.
pub(super) fn threads() -> Vec<Contestant> {
    vec![
        contestant::<Mutex>(),
        contestant::<Standard>(),
        contestant::<ParkingLot>(),
        contestant::<Spin>(),
        contestant::<Saa>(),
    ]
}

/// The locks for which tasks wait.
pub(super) fn tasks() -> Vec<Contestant> {
    vec![
        async_contestant::<Mutex>(),
        async_contestant::<Saa>(),
        async_contestant::<Smol>(),
        async_contestant::<Tokio>(),
    ]
}

fn contestant<L: Lock>() -> Contestant {
    Contestant::steady(L::NAME, Threads(L::default()))
}

fn async_contestant<L: AsyncLock>() -> Contestant {
    Contestant::steady(L::NAME, Tasks(L::default()))
}

/// Each operation locks and unlocks.
struct Threads<L>(L);

impl<L: Lock> Task for Threads<L> {
    fn run(&self, _worker: usize, ops: usize) {
        for _ in 0..ops {
            black_box(&mut *self.0.lock());
        }
    }
}

/// Each operation polls a future that locks, and unlocks.
struct Tasks<L>(L);

impl<L: AsyncLock> Task for Tasks<L> {
    fn run(&self, _worker: usize, ops: usize) {
        let mut context = Context::from_waker(Waker::noop());
        for _ in 0..ops {
            let Poll::Ready(mut guard) = pin!(self.0.lock()).poll(&mut context) else {
                panic!("{} is pending, and nobody has locked it", L::NAME);
            };
            black_box(&mut *guard);
        }
    }
}
