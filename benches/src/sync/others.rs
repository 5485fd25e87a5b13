//! What else one thread does without anybody else: it reads, writes, acquires, notifies. For tasks a
//! future is made and polled once, with a waker that does nothing and is never told anything.

use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use counterpoint::sync::{FairSemaphore, Notify, RwLock, Semaphore};

use crate::crew::Task;
use crate::workload::Contestant;

pub(super) fn read() -> Vec<Contestant> {
    vec![
        contestant("RwLock", RwLock::new(0), |lock: &RwLock<u64>| {
            black_box(&*lock.read_blocking());
        }),
        contestant("std", std::sync::RwLock::new(0), |lock: &std::sync::RwLock<u64>| {
            black_box(&*lock.read().expect("no operation panics"));
        }),
        contestant(
            "parking_lot",
            parking_lot::RwLock::new(0),
            |lock: &parking_lot::RwLock<u64>| {
                black_box(&*lock.read());
            },
        ),
        contestant("spin (never parks)", spin::RwLock::new(0), |lock: &spin::RwLock<u64>| {
            black_box(&*lock.read());
        }),
        contestant("saa", saa::RwLock::new(0), |lock: &saa::RwLock<u64>| {
            black_box(&*lock.read());
        }),
    ]
}

pub(super) fn write() -> Vec<Contestant> {
    vec![
        contestant("RwLock", RwLock::new(0), |lock: &RwLock<u64>| {
            black_box(&mut *lock.write_blocking());
        }),
        contestant("std", std::sync::RwLock::new(0), |lock: &std::sync::RwLock<u64>| {
            black_box(&mut *lock.write().expect("no operation panics"));
        }),
        contestant(
            "parking_lot",
            parking_lot::RwLock::new(0),
            |lock: &parking_lot::RwLock<u64>| {
                black_box(&mut *lock.write());
            },
        ),
        contestant("spin (never parks)", spin::RwLock::new(0), |lock: &spin::RwLock<u64>| {
            black_box(&mut *lock.write());
        }),
        contestant("saa", saa::RwLock::new(0), |lock: &saa::RwLock<u64>| {
            black_box(&mut *lock.write());
        }),
    ]
}

/// So many that no one is scarce.
const PERMITS: usize = 8;

pub(super) fn acquire() -> Vec<Contestant> {
    vec![
        contestant("Semaphore", Semaphore::new(PERMITS), |semaphore: &Semaphore| {
            black_box(&semaphore.acquire_blocking().expect(OPEN));
        }),
        contestant("FairSemaphore", FairSemaphore::new(PERMITS), |semaphore: &FairSemaphore| {
            black_box(&semaphore.acquire_blocking().expect(OPEN));
        }),
        contestant("saa", saa::Semaphore::with_permits(PERMITS), |semaphore: &saa::Semaphore| {
            semaphore.acquire_sync();
            black_box(semaphore);
            semaphore.release();
        }),
        contestant(
            "async-lock",
            async_lock::Semaphore::new(PERMITS),
            |semaphore: &async_lock::Semaphore| {
                black_box(&semaphore.acquire_blocking());
            },
        ),
        contestant(
            "tokio (try)",
            tokio::sync::Semaphore::new(PERMITS),
            |semaphore: &tokio::sync::Semaphore| {
                black_box(&semaphore.try_acquire().expect(OPEN));
            },
        ),
    ]
}

pub(super) fn acquire_async() -> Vec<Contestant> {
    vec![
        contestant("Semaphore", Semaphore::new(PERMITS), |semaphore: &Semaphore| {
            black_box(&ready(semaphore.acquire()).expect(OPEN));
        }),
        contestant("saa", saa::Semaphore::with_permits(PERMITS), |semaphore: &saa::Semaphore| {
            ready(semaphore.acquire_async());
            black_box(semaphore);
            semaphore.release();
        }),
        contestant(
            "async-lock",
            async_lock::Semaphore::new(PERMITS),
            |semaphore: &async_lock::Semaphore| {
                black_box(&ready(semaphore.acquire()));
            },
        ),
        contestant(
            "tokio",
            tokio::sync::Semaphore::new(PERMITS),
            |semaphore: &tokio::sync::Semaphore| {
                black_box(&ready(semaphore.acquire()).expect(OPEN));
            },
        ),
    ]
}

pub(super) fn notify() -> Vec<Contestant> {
    vec![
        contestant("Notify", Notify::new(), |notify: &Notify| notify.notify_all()),
        contestant(
            "event-listener",
            event_listener::Event::new(),
            |event: &event_listener::Event| {
                event.notify(usize::MAX);
            },
        ),
        contestant("tokio", tokio::sync::Notify::new(), |notify: &tokio::sync::Notify| {
            notify.notify_waiters();
        }),
    ]
}

const OPEN: &str = "there are permits, and nobody closes it";

/// What a future gives that need not wait.
fn ready<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => panic!("a future is pending, and there is nothing to wait for"),
    }
}

/// Each operation is a call.
struct Calls<S, F>(S, F);

impl<S: Send + Sync + 'static, F: Fn(&S) + Send + Sync + 'static> Task for Calls<S, F> {
    fn run(&self, _worker: usize, ops: usize) {
        for _ in 0..ops {
            self.1(&self.0);
        }
    }
}

fn contestant<S, F>(name: &'static str, state: S, call: F) -> Contestant
where
    S: Send + Sync + 'static,
    F: Fn(&S) + Send + Sync + 'static,
{
    Contestant::steady(name, Calls(state, call))
}
